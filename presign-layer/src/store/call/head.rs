use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderName, Response, StatusCode};
use presign_protocol::{Crc, ObjectChecksum};
use rusty_s3::Method;

use super::{CHECKSUM_TYPE, Call, CallError, succeeded, unquoted};
use crate::key::ObjectKey;
use crate::store::Store;

/// The object's metadata that names the upload that made it. Size and `ETag` do not: a file may replace another of its size, and an
/// `ETag` need not be made of MD5s.
pub(crate) const MARK: &str = "x-amz-meta-presign-upload";

/// Without it the store does not tell an object's checksum.
const CHECKSUM_MODE: (&str, &str) = ("x-amz-checksum-mode", "ENABLED");

/// What encrypted an object: `AES256`, `aws:kms` or `aws:kms:dsse`.
const ENCRYPTION: &str = "x-amz-server-side-encryption";

/// There where the key was the customer's.
const CUSTOMER_KEY: &str = "x-amz-server-side-encryption-customer-algorithm";

/// What the store says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectHead {
    pub(crate) size: u64,
    /// Without quotes.
    pub(crate) etag: String,
    /// The `ETag` may be an MD5 of the object's bytes: no key of KMS and none of a customer encrypted it.
    pub(crate) etag_may_be_md5: bool,
    /// Empty where the object has none.
    pub(crate) content_type: String,
    /// Of the whole object, where the store has one.
    pub(crate) checksum: Option<ObjectChecksum>,
    /// The upload that made it, where it says so.
    pub(crate) mark: Option<String>,
}

impl Store {
    /// What the store has under `key`, if anything. AWS says so only to those who may list the bucket; to others what is not there is
    /// forbidden.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>
    pub(crate) async fn head_object(
        &self,
        now: Duration,
        key: &ObjectKey,
    ) -> Result<Option<ObjectHead>, CallError> {
        let call = Call::new("HeadObject", Method::Head, key)
            .with_header(CHECKSUM_MODE.0, CHECKSUM_MODE.1);
        self.call(now, call, |answer| {
            if answer.status() == StatusCode::NOT_FOUND {
                return Ok(None);
            }
            succeeded(answer)?;
            read(answer).map(Some)
        })
        .await
    }
}

fn read(answer: &Response<Bytes>) -> Result<ObjectHead, CallError> {
    let header = |name: HeaderName| {
        let value = answer.headers().get(name)?;
        value.to_str().ok()
    };
    let size = header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    Ok(ObjectHead {
        size: size
            .ok_or_else(|| CallError::Unreadable("it does not say the object's size".to_owned()))?,
        etag: unquoted(header(ETAG).unwrap_or_default())?,
        etag_may_be_md5: etag_may_be_md5(answer.headers()),
        content_type: header(CONTENT_TYPE).unwrap_or_default().to_owned(),
        checksum: checksum(answer),
        mark: header(HeaderName::from_static(MARK)).map(ToOwned::to_owned),
    })
}

/// Of what another key than the store's own encrypted, the `ETag` is no MD5, however much it looks like one. What is not known is taken for that.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>
fn etag_may_be_md5(headers: &HeaderMap) -> bool {
    let own = headers
        .get_all(ENCRYPTION)
        .iter()
        .all(|algorithm| algorithm == "AES256");
    own && !headers.contains_key(CUSTOMER_KEY)
}

/// A checksum of the parts' checksums says nothing of the bytes to anybody who does not know how they were cut.
fn checksum(answer: &Response<Bytes>) -> Option<ObjectChecksum> {
    let header = |name: &str| answer.headers().get(name)?.to_str().ok();
    if header(CHECKSUM_TYPE.0).is_some_and(|kind| kind != CHECKSUM_TYPE.1) {
        return None;
    }
    let plain = |value: &str| {
        let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        (1..=64).contains(&value.len()) && value.bytes().all(base64)
    };
    Crc::ALL.iter().find_map(|crc| {
        let value = header(crc.header()).filter(|value| plain(value))?;
        Some(ObjectChecksum {
            crc: *crc,
            value: value.to_owned(),
        })
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{CUSTOMER_KEY, ENCRYPTION, etag_may_be_md5};

    #[test]
    fn an_etag_is_no_md5_where_another_key_than_the_stores_encrypted() {
        for (name, value, may_be) in [
            ("content-type", "image/png", true),
            (ENCRYPTION, "AES256", true),
            (ENCRYPTION, "aws:kms", false),
            (ENCRYPTION, "aws:kms:dsse", false),
            (ENCRYPTION, "some new one", false),
            (CUSTOMER_KEY, "AES256", false),
        ] {
            let headers =
                HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static(value))]);
            assert_eq!(etag_may_be_md5(&headers), may_be, "{name}: {value}");
        }
    }
}
