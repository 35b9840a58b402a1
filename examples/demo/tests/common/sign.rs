//! AWS Signature Version 4, in a query and in headers, written from its documentation and not with the code under test, so that tests can
//! sign what that code would not.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use s3s::crypto::{Checksum as _, Sha256};

/// Signs for one bucket, path style.
pub(crate) struct Signer {
    pub(crate) host: String,
    pub(crate) bucket: String,
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
        let path = self.path(key);
        let mut signed = BTreeMap::from([("host".to_owned(), self.host.as_str())]);
        signed.extend(
            headers
                .iter()
                .map(|(name, value)| (name.to_lowercase(), value.trim())),
        );
        let mut pairs: BTreeMap<&str, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name, value.to_owned()))
            .collect();
        pairs.insert("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned());
        pairs.insert("X-Amz-Credential", format!("{}/{}", self.id, scope(&stamp)));
        pairs.insert("X-Amz-Date", stamp.clone());
        pairs.insert("X-Amz-Expires", expires.to_owned());
        pairs.insert("X-Amz-SignedHeaders", names(&signed));
        let query = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value, false)))
            .collect::<Vec<_>>()
            .join("&");

        let canonical = canonical(method, &path, &query, &signed, "UNSIGNED-PAYLOAD");
        let signature = self.signature(&stamp, &canonical);
        format!("{path}?{query}&X-Amz-Signature={signature}")
    }

    /// The headers of a request that is signed in its headers, as AWS's own tools do it. `payload` is what they send as
    /// `x-amz-content-sha256`: a digest, or how the body is to be read.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
    pub(crate) fn authorize(
        &self,
        method: &str,
        key: &str,
        payload: &str,
        headers: &[(&str, &str)],
    ) -> Vec<(String, String)> {
        let stamp = stamp(SystemTime::now());
        let mut sent = vec![
            ("x-amz-content-sha256".to_owned(), payload.to_owned()),
            ("x-amz-date".to_owned(), stamp.clone()),
        ];
        sent.extend(
            headers
                .iter()
                .map(|(name, value)| (name.to_lowercase(), (*value).to_owned())),
        );
        let mut signed = BTreeMap::from([("host".to_owned(), self.host.as_str())]);
        signed.extend(
            sent.iter()
                .map(|(name, value)| (name.clone(), value.as_str())),
        );
        let canonical = canonical(method, &self.path(key), "", &signed, payload);
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
            self.id,
            scope(&stamp),
            names(&signed),
            self.signature(&stamp, &canonical)
        );
        sent.push(("authorization".to_owned(), authorization));
        sent
    }

    /// A form for `key`: the fields that AWS wants of every one of them, and `fields`. Its policy names them all, and beside them the bucket and
    /// `conditions`.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>
    pub(crate) fn form(
        &self,
        key: &str,
        ends: SystemTime,
        fields: &[(&str, &str)],
        conditions: &[serde_json::Value],
    ) -> Vec<(String, String)> {
        let stamp = stamp(SystemTime::now());
        let credential = format!("{}/{}", self.id, scope(&stamp));
        let common = [
            ("key", key),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
            ("x-amz-credential", &*credential),
            ("x-amz-date", &*stamp),
        ];
        let fields: Vec<_> = common.iter().chain(fields).copied().collect();
        let exact = fields
            .iter()
            .map(|(name, value)| serde_json::json!({ (*name): value }));
        let bucket = serde_json::json!({ "bucket": self.bucket });
        let conditions: Vec<_> = exact
            .chain([bucket])
            .chain(conditions.iter().cloned())
            .collect();
        let ends = long_stamp(ends);
        let policy = serde_json::json!({ "expiration": ends, "conditions": conditions });
        let policy = STANDARD.encode(policy.to_string());
        let signature = self.sign(&stamp, &policy);
        let mut form: Vec<(String, String)> = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        form.push(("policy".to_owned(), policy));
        form.push(("x-amz-signature".to_owned(), signature));
        form
    }

    fn path(&self, key: &str) -> String {
        let path = if key.is_empty() {
            format!("/{}", self.bucket)
        } else {
            format!("/{}/{key}", self.bucket)
        };
        encode(&path, true)
    }

    fn signature(&self, stamp: &str, canonical: &str) -> String {
        let scope = scope(stamp);
        let text = format!(
            "AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}",
            sha256(canonical.as_bytes())
        );
        self.sign(stamp, &text)
    }

    fn sign(&self, stamp: &str, text: &str) -> String {
        let scope = scope(stamp);
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for step in scope.split('/') {
            key = hmac(&key, step.as_bytes()).to_vec();
        }
        hex(&hmac(&key, text.as_bytes()))
    }
}

fn scope(stamp: &str) -> String {
    format!("{}/us-east-1/s3/aws4_request", &stamp[..8])
}

fn names(signed: &BTreeMap<String, &str>) -> String {
    let names: Vec<&str> = signed.keys().map(String::as_str).collect();
    names.join(";")
}

fn canonical(
    method: &str,
    path: &str,
    query: &str,
    signed: &BTreeMap<String, &str>,
    payload: &str,
) -> String {
    let mut canonical = format!("{method}\n{path}\n{query}\n");
    for (name, value) in signed {
        writeln!(canonical, "{name}:{value}").unwrap();
    }
    canonical + "\n" + &names(signed) + "\n" + payload
}

/// A SHA-256 as `x-amz-content-sha256` has it.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::checksum(bytes))
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
    bytes.iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").unwrap();
        digits
    })
}

fn encode(text: &str, keep_slash: bool) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            b'/' if keep_slash => encoded.push('/'),
            _ => write!(encoded, "%{byte:02X}").unwrap(),
        }
        encoded
    })
}

/// `2026-01-31T23:59:59.123Z`.
fn long_stamp(time: SystemTime) -> String {
    let mut text = Vec::new();
    let time = s3s::dto::Timestamp::from(time);
    time.format(s3s::dto::TimestampFormat::DateTime, &mut text)
        .unwrap();
    String::from_utf8(text).unwrap()
}

/// `20260131T235959Z`.
fn stamp(time: SystemTime) -> String {
    let text = long_stamp(time);
    let digits = text[..19].replace(['-', ':'], "");
    format!("{digits}Z")
}
