//! SigV4 once more, sharing no code with what signs, and held to AWS's published examples: the reference that signatures are checked
//! against.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};
use url::Url;

use crate::support::SECRET;

/// What SigV4's `UriEncode` leaves as it is, besides letters and digits.
const URI_ENCODE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn hmac(key: &[u8], data: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(data.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// What is canonically asked, on both of AWS's ways to sign.
struct Canonical<'a> {
    method: &'a str,
    /// Percent-encoded.
    path: &'a str,
    query: &'a str,
    headers: &'a BTreeMap<String, String>,
    /// SHA-256 of the body, or `UNSIGNED-PAYLOAD`.
    payload: &'a str,
}

impl Canonical<'_> {
    fn signed_headers(&self) -> String {
        let names: Vec<&str> = self.headers.keys().map(String::as_str).collect();
        names.join(";")
    }

    /// Written after <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.
    fn signature(&self, date: &str, scope: &str, secret: &str) -> String {
        let headers = self
            .headers
            .iter()
            .fold(String::new(), |text, (name, value)| {
                let words: Vec<&str> = value.split(' ').filter(|word| !word.is_empty()).collect();
                text + &format!("{name}:{}\n", words.join(" "))
            });
        let request = format!(
            "{}\n{}\n{}\n{headers}\n{}\n{}",
            self.method,
            self.path,
            self.query,
            self.signed_headers(),
            self.payload,
        );
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
            hex(&Sha256::digest(request.as_bytes())),
        );
        let key = scope
            .split('/')
            .fold(format!("AWS4{secret}").into_bytes(), |key, part| {
                hmac(&key, part)
            });
        hex(&hmac(&key, &to_sign))
    }
}

/// The signature of a presigned URL, written after
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>. `headers` are those sent, `host` apart.
pub(crate) fn signature(
    method: &str,
    url: &Url,
    headers: &BTreeMap<String, String>,
    secret: &str,
) -> String {
    let encode = |text: &str| utf8_percent_encode(text, URI_ENCODE).to_string();
    let mut query: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| (encode(&name), encode(&value)))
        .collect();
    query.sort();
    let query: Vec<String> = query
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    // A store decodes the path and encodes it again in its own way, so ours must be that way.
    let segments: Vec<String> = url
        .path()
        .split('/')
        .map(|segment| encode(&percent_decode_str(segment).decode_utf8().unwrap()))
        .collect();
    let host = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap()),
        None => url.host_str().unwrap().to_owned(),
    };
    let mut all = headers.clone();
    all.insert("host".to_owned(), host);
    let canonical = Canonical {
        method,
        path: &segments.join("/"),
        query: &query.join("&"),
        headers: &all,
        payload: "UNSIGNED-PAYLOAD",
    };
    assert_eq!(
        param(url, "X-Amz-SignedHeaders"),
        canonical.signed_headers(),
        "what is signed is what is told"
    );
    let credential = param(url, "X-Amz-Credential");
    let (_, scope) = credential.split_once('/').unwrap();
    canonical.signature(&param(url, "X-Amz-Date"), scope, secret)
}

/// The signature of a form's policy in base64, written after
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html>. `credential` is the form's field.
pub(crate) fn post_signature(policy: &str, credential: &str, secret: &str) -> String {
    let (_, scope) = credential.split_once('/').unwrap();
    let key = scope
        .split('/')
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| {
            hmac(&key, part)
        });
    hex(&hmac(&key, policy))
}

pub(crate) fn param(url: &Url, wanted: &str) -> String {
    let found = url.query_pairs().find(|(name, _)| name == wanted);
    found.unwrap().1.into_owned()
}

#[test]
fn the_reference_reproduces_awss_published_example() {
    let url = Url::parse(
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host",
    )
    .unwrap();
    assert_eq!(
        signature("GET", &url, &BTreeMap::new(), SECRET),
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
}

/// The examples of <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>. These endpoints send no `Authorization`
/// header, but canonical headers, paths and queries are the same on both ways, and the presigned example has one header and a plain path.
#[test]
fn the_reference_reproduces_awss_header_examples() {
    let of_nothing = hex(&Sha256::digest(b""));
    let of_body = hex(&Sha256::digest(b"Welcome to Amazon S3."));
    let no_headers: &[(&str, &str)] = &[];
    for (method, path, query, payload, headers, expected) in [
        (
            "GET",
            "/test.txt",
            "",
            &of_nothing,
            &[("range", "bytes=0-9")][..],
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test%24file.text",
            "",
            &of_body,
            &[
                ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ],
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET",
            "/",
            "lifecycle=",
            &of_nothing,
            no_headers,
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "GET",
            "/",
            "max-keys=2&prefix=J",
            &of_nothing,
            no_headers,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ] {
        let date = "20130524T000000Z";
        let common = [
            ("host", "examplebucket.s3.amazonaws.com"),
            ("x-amz-content-sha256", payload),
            ("x-amz-date", date),
        ];
        let headers = common.iter().chain(headers);
        let canonical = Canonical {
            method,
            path,
            query,
            headers: &headers
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            payload,
        };
        let scope = "20130524/us-east-1/s3/aws4_request";
        assert_eq!(canonical.signature(date, scope, SECRET), expected, "{path}");
    }
}

/// The example of <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html>. Its lines end as on Windows.
#[test]
fn the_reference_reproduces_awss_post_example() {
    let policy = r#"{ "expiration": "2015-12-30T12:00:00.000Z",
  "conditions": [
    {"bucket": "sigv4examplebucket"},
    ["starts-with", "$key", "user/user1/"],
    {"acl": "public-read"},
    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},
    ["starts-with", "$Content-Type", "image/"],
    {"x-amz-meta-uuid": "14365123651274"},
    {"x-amz-server-side-encryption": "AES256"},
    ["starts-with", "$x-amz-meta-tag", ""],

    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
    {"x-amz-date": "20151229T000000Z" }
  ]
}"#;
    let policy = STANDARD.encode(policy.replace('\n', "\r\n"));
    let credential = "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request";
    assert_eq!(
        post_signature(&policy, credential, SECRET),
        "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
    );
}
