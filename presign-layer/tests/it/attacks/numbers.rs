//! Numbers that one reader takes for another than the next.

use std::collections::BTreeMap;

use presign_layer::Policy;
use serde_json::{Value, json};
use url::Url;

use crate::fake::FakeStore;
use crate::sigv4::{param, signature};
use crate::support::{SECRET, free, get_json, mount, post, post_to, problem};

const MIB: u64 = 1 << 20;

/// Written so that some readers see a smaller number, or any at all.
const NO_NUMBERS: [&str; 29] = [
    "-1",
    "-1.0",
    "-1e0",
    "1.5",
    "0.1",
    "1e-1",
    "25e-1",
    "1e400",
    "-1e400",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x10",
    "0b1",
    "010",
    "+1",
    "1.",
    ".5",
    "1_000",
    "1,000",
    "1e",
    "1e+",
    "\"1\"",
    "[1]",
    "{\"$numberLong\":\"1\"}",
    "true",
    "null",
    "१",
    "18446744073709551616",
];

/// Whole numbers, and what they are.
const WHOLE: [(&str, u64); 9] = [
    ("1", 1),
    ("1.0", 1),
    ("1e3", 1000),
    ("1E3", 1000),
    ("10000e-1", 1000),
    ("1.000000000000000000000000", 1),
    ("-0", 0),
    ("9007199254740993", (1 << 53) + 1),
    ("18446744073709551615", u64::MAX),
];

fn one(size: &str) -> String {
    format!(r#"{{"files":[{{"name":"a.png","size":{size},"type":"image/png"}}]}}"#)
}

/// A size that is not a whole number is refused; one that is, is signed as that very number, or refused for being too large.
#[tokio::test]
async fn a_size_is_the_number_that_is_signed_or_none() {
    let service = mount(&FakeStore::default(), Policy::new().single_put_only());
    for size in NO_NUMBERS {
        let reply = post(service.clone(), one(size)).await;
        problem(&reply, 400, "invalid_json");
    }
    let with_nothing = r#"{"files":[{"name":"a.png","type":"image/png"}]}"#;
    problem(
        &post(service.clone(), with_nothing).await,
        400,
        "invalid_json",
    );
    for (written, size) in WHOLE {
        let reply = post(service.clone(), one(written)).await;
        let grant = reply.json()["grants"][0].take();
        if size > 5 << 30 {
            assert_eq!(
                grant["error"]["code"], "file_too_large",
                "{written}: {grant}"
            );
            continue;
        }
        assert_eq!(
            grant["headers"]["content-length"],
            size.to_string(),
            "{written}"
        );
        let url = Url::parse(grant["url"].as_str().unwrap()).unwrap();
        let headers: BTreeMap<String, String> =
            serde_json::from_value(grant["headers"].clone()).unwrap();
        assert_eq!(
            param(&url, "X-Amz-Signature"),
            signature("PUT", &url, &headers, SECRET),
            "{written}"
        );
    }
}

/// In a query only digits are a number.
#[tokio::test]
async fn a_size_in_a_query_is_digits() {
    let service = mount(&FakeStore::default(), free());
    for size in NO_NUMBERS
        .iter()
        .filter(|size| size.is_ascii() && **size != "010")
        .chain(&["", "1.0", "1e3", "-0", "+1", "%2B1", "1%00", "1%20", "0x1"])
    {
        let size = size.replace(['"', '{', '}', '$', '[', ']'], "%22");
        let reply = get_json(
            service.clone(),
            &format!("/presignedUrl?name=a&type=a/b&size={size}"),
        )
        .await;
        problem(&reply, 400, "invalid_request");
    }
}

/// Nor do the numbers of parts overflow into ones that were granted.
#[tokio::test]
async fn a_part_number_is_one_that_was_granted_or_none() {
    let fake = FakeStore::default();
    let service = mount(
        &fake,
        Policy::new().multipart_threshold(1).part_size(5 * MIB),
    );
    let file = json!({ "name": "a.bin", "size": 15 * MIB, "type": "a/b" });
    let reply = post(service.clone(), json!({ "files": [file] }).to_string()).await;
    let token: Value = reply.json()["grants"][0]["token"].take();
    let ask = async |from: &str, count: &str| {
        let body = format!(r#"{{"token":{token},"from":{from},"count":{count}}}"#);
        post_to(service.clone(), "/presignedUrl/parts", body).await
    };
    for number in NO_NUMBERS {
        problem(&ask(number, "1").await, 400, "invalid_json");
        if number != "null" {
            problem(&ask("1", number).await, 400, "invalid_json");
        }
    }
    for number in [
        "4294967296",
        "4294967297",
        "4294967299",
        "18446744073709551615",
        "1e300",
    ] {
        problem(&ask(number, "1").await, 400, "invalid_json");
        problem(&ask("1", number).await, 400, "invalid_json");
    }
    for (from, count, code) in [
        ("0", "1", "invalid_part"),
        ("-0", "1", "invalid_part"),
        ("4", "1", "invalid_part"),
        ("10001", "1", "invalid_part"),
        ("65537", "1", "invalid_part"),
        ("4294967295", "4294967295", "invalid_part"),
    ] {
        problem(&ask(from, count).await, 400, code);
    }
    let all = ask("1.0", "4294967295").await;
    let urls = all.json()["parts"].take();
    assert_eq!(urls.as_array().unwrap().len(), 3, "{urls}");
}
