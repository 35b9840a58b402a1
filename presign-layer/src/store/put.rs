use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rusty_s3::S3Action;
use rusty_s3::actions::PutObject;
use url::Url;

use super::{Credentials, Store};
use crate::key::ObjectKey;

/// One PUT to sign.
#[derive(Clone, Debug)]
pub(crate) struct Put<'a> {
    pub(crate) key: &'a ObjectKey,
    /// Every header to sign except `host`, by lower-case name. The client must send exactly these.
    pub(crate) headers: &'a BTreeMap<String, String>,
    pub(crate) expires_in: Duration,
}

/// When a request is signed: whole seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SigningTime(Timestamp);

impl SigningTime {
    /// `None` where no calendar reaches that far.
    pub(crate) fn new(since_1970: Duration) -> Option<Self> {
        let seconds = i64::try_from(since_1970.as_secs()).ok()?;
        Timestamp::from_second(seconds).ok().map(Self)
    }

    pub(super) fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl Store {
    /// The presigned URL for browsers.
    pub(crate) fn presign(
        &self,
        put: &Put<'_>,
        credentials: &Credentials,
        time: SigningTime,
    ) -> Url {
        let action = PutObject::new(&self.public, Some(credentials.inner()), put.key.as_str());
        sign(action, put.headers, put.expires_in, time)
    }
}

/// Presigns any action together with `headers`.
pub(super) fn sign<'a>(
    mut action: impl S3Action<'a>,
    headers: &'a BTreeMap<String, String>,
    expires_in: Duration,
    time: SigningTime,
) -> Url {
    let signed = action.headers_mut();
    for (name, value) in headers {
        signed.insert(name.as_str(), value.as_str());
    }
    action.sign_with_time(expires_in, &time.0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use rusty_s3::actions::GetObject;

    use super::{SigningTime, sign};
    use crate::{Credentials, Store};

    /// The example of <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>, word for word. It is a GET,
    /// so the action is another one; bucket, credentials, time and signing are those of every upload.
    #[test]
    fn aws_published_presigned_url() {
        let credentials = Credentials::new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        );
        let store = Store::builder("https://s3.amazonaws.com", "examplebucket")
            .virtual_host()
            .credentials(credentials.clone())
            .build()
            .unwrap();
        let action = GetObject::new(&store.public, Some(credentials.inner()), "test.txt");
        // 2013-05-24T00:00:00Z.
        let time = SigningTime::new(Duration::from_hours(380_376)).unwrap();
        let url = sign(action, &BTreeMap::new(), Duration::from_hours(24), time);
        assert_eq!(
            url.as_str(),
            "https://examplebucket.s3.amazonaws.com/test.txt\
             ?X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }
}
