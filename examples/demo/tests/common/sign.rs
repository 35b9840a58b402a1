//! AWS Signature Version 4 in a query, written from its documentation and not with the code under test, so that tests can sign what that code
//! would not.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::SystemTime;

use s3s::crypto::{Checksum as _, Sha256};

/// Signs for the bucket `uploads`, path style.
pub(crate) struct Signer {
    pub(crate) host: String,
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Signer {
    /// The request target of a presigned request, with these headers signed beside `host`.
    pub(crate) fn presign(
        &self,
        method: &str,
        key: &str,
        query: &str,
        expires: i64,
        headers: &[(&str, &str)],
    ) -> String {
        self.presign_at(
            SystemTime::now(),
            method,
            key,
            query,
            &expires.to_string(),
            headers,
        )
    }

    /// The same, signed at another time and with any text as `X-Amz-Expires`.
    pub(crate) fn presign_at(
        &self,
        time: SystemTime,
        method: &str,
        key: &str,
        query: &str,
        expires: &str,
        headers: &[(&str, &str)],
    ) -> String {
        let stamp = stamp(time);
        let scope = format!("{}/us-east-1/s3/aws4_request", &stamp[..8]);
        let path = if key.is_empty() {
            "/uploads".to_owned()
        } else {
            format!("/uploads/{}", encode(key, true))
        };

        let mut signed = BTreeMap::from([("host".to_owned(), self.host.as_str())]);
        signed.extend(
            headers
                .iter()
                .map(|(name, value)| (name.to_lowercase(), value.trim())),
        );
        let names = signed
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(";");

        let mut pairs: BTreeMap<&str, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name, value.to_owned()))
            .collect();
        pairs.insert("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned());
        pairs.insert("X-Amz-Credential", format!("{}/{scope}", self.id));
        pairs.insert("X-Amz-Date", stamp.clone());
        pairs.insert("X-Amz-Expires", expires.to_owned());
        pairs.insert("X-Amz-SignedHeaders", names.clone());
        let query = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value, false)))
            .collect::<Vec<_>>()
            .join("&");

        let mut canonical = format!("{method}\n{path}\n{query}\n");
        for (name, value) in &signed {
            writeln!(canonical, "{name}:{value}").unwrap();
        }
        write!(canonical, "\n{names}\nUNSIGNED-PAYLOAD").unwrap();
        let text = format!(
            "AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}",
            hex(&Sha256::checksum(canonical.as_bytes()))
        );

        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for step in scope.split('/') {
            key = hmac(&key, step.as_bytes()).to_vec();
        }
        format!(
            "{path}?{query}&X-Amz-Signature={}",
            hex(&hmac(&key, text.as_bytes()))
        )
    }
}

fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    assert!(key.len() <= 64, "longer keys would have to be hashed first");
    let pad = |with: u8| {
        (0..64)
            .map(|at| key.get(at).unwrap_or(&0) ^ with)
            .collect::<Vec<u8>>()
    };
    let inner = Sha256::checksum(&[&pad(0x36), text].concat());
    Sha256::checksum(&[&pad(0x5c)[..], &inner].concat())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn encode(text: &str, keep_slash: bool) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            b'/' if keep_slash => encoded.push('/'),
            _ => write!(encoded, "%{byte:02X}").unwrap(),
        }
        encoded
    })
}

/// `20260131T235959Z`.
fn stamp(time: SystemTime) -> String {
    let mut text = Vec::new();
    let time = s3s::dto::Timestamp::from(time);
    time.format(s3s::dto::TimestampFormat::DateTime, &mut text)
        .unwrap();
    // 2026-01-31T23:59:59.123Z
    let text = String::from_utf8(text).unwrap();
    let digits = text[..19].replace(['-', ':'], "");
    format!("{digits}Z")
}
