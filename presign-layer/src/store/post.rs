//! Forms: uploads by POST, held to a signed policy.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html>

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use super::{Credentials, SigningTime, Store};
use crate::BoxError;
use crate::key::ObjectKey;

/// What begins `${filename}`, which a store puts the name of the sender's file in place of, in every field, before it looks at the policy. AWS has it
/// escaped in policies as `\$`, which JSON does not know, so that no one policy is right at every store.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html#sigv4-HTTPPOSTEscaping>
const VARIABLE: char = '$';

/// One form to sign.
#[derive(Clone, Debug)]
pub(crate) struct Post<'a> {
    pub(crate) key: &'a ObjectKey,
    /// What is stored with the object, by lower-case header name.
    pub(crate) headers: &'a BTreeMap<String, String>,
    /// Bytes that the file may have.
    pub(crate) length: RangeInclusive<u64>,
    pub(crate) expires_in: Duration,
}

/// Where a form goes, and all its fields but the file.
pub(crate) struct Form {
    pub(crate) url: Url,
    pub(crate) fields: BTreeMap<String, String>,
}

/// Whether a form can carry this key and these headers as they are.
pub(crate) fn can_carry(key: &ObjectKey, headers: &BTreeMap<String, String>) -> bool {
    let mut values = headers.values();
    !key.as_str().contains(VARIABLE) && !values.any(|value| value.contains(VARIABLE))
}

impl Store {
    /// The presigned form for browsers. Its policy names every field with its one value, so a form with another value, a field less or a field
    /// more is refused.
    pub(crate) fn presign_post(
        &self,
        post: &Post<'_>,
        credentials: &Credentials,
        time: SigningTime,
    ) -> Result<Form, BoxError> {
        let keys = credentials.inner();
        let now = time.timestamp();
        let ends = now.checked_add(post.expires_in)?;
        let date = now.strftime("%Y%m%d").to_string();
        let scope = [&date, self.public.region(), "s3", "aws4_request"];
        let mut fields = BTreeMap::from([
            ("key".to_owned(), post.key.as_str().to_owned()),
            ("success_action_status".to_owned(), "201".to_owned()),
            ("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()),
            (
                "x-amz-credential".to_owned(),
                format!("{}/{}", keys.key(), scope.join("/")),
            ),
            (
                "x-amz-date".to_owned(),
                now.strftime("%Y%m%dT%H%M%SZ").to_string(),
            ),
        ]);
        for (name, value) in post.headers {
            fields.insert(field_name(name).to_owned(), value.clone());
        }
        if let Some(token) = keys.token() {
            fields.insert("x-amz-security-token".to_owned(), token.to_owned());
        }
        let policy = STANDARD.encode(self.policy(&fields, &post.length, ends).to_string());
        let signature = signature(keys.secret(), &scope, &policy)?;
        fields.insert("policy".to_owned(), policy);
        fields.insert("x-amz-signature".to_owned(), signature);
        Ok(Form {
            url: self.form_url(),
            fields,
        })
    }

    fn policy(
        &self,
        fields: &BTreeMap<String, String>,
        length: &RangeInclusive<u64>,
        ends: Timestamp,
    ) -> Value {
        let mut conditions = vec![
            json!(["content-length-range", length.start(), length.end()]),
            json!(["eq", "$bucket", self.bucket_name()]),
        ];
        let exact = fields
            .iter()
            .map(|(name, value)| json!(["eq", format!("${name}"), value]));
        conditions.extend(exact);
        let expiration = ends.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        json!({ "expiration": expiration, "conditions": conditions })
    }

    /// The bucket, without a slash at its end where it is part of the path.
    fn form_url(&self) -> Url {
        let mut url = self.public.base_url().clone();
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        url
    }
}

/// What the field is called that does what this header does.
fn field_name(header: &str) -> &str {
    match header {
        "cache-control" => "Cache-Control",
        "content-disposition" => "Content-Disposition",
        "content-type" => "Content-Type",
        name => name,
    }
}

/// Of a policy in base64; the scope is date, region, service and `aws4_request`.
fn signature(secret: &str, scope: &[&str], policy: &str) -> Result<String, BoxError> {
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in scope {
        key = hmac(&key, part)?;
    }
    let signature = hmac(&key, policy)?;
    Ok(signature
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")))
}

fn hmac(key: &[u8], message: &str) -> Result<Vec<u8>, BoxError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)?;
    mac.update(message.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::signature;

    /// The example of <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html>, word for word, its line ends included.
    #[test]
    fn aws_published_post_policy() {
        const POLICY: &str = "\
            eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVi\
            dWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3Vj\
            Y2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwN\
            CiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwN\
            CiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0s\
            DQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAg\
            IHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";
        let signed = signature(
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            &["20151229", "us-east-1", "s3", "aws4_request"],
            POLICY,
        );
        assert_eq!(
            signed.unwrap(),
            "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
        );
    }
}
