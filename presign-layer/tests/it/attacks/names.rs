//! Names, types and metadata that are meant to be more than that.

use http::{HeaderName, HeaderValue};
use presign_layer::{Disposition, KeyStrategy, Permit, Policy, PresignService};
use serde_json::{Value, json};
use url::Url;

use crate::fake::FakeStore;
use crate::secrets::logged;
use crate::support::{ask, at, get_json, mount, post, store};

/// A parent folder, in the spellings that have led there somewhere.
const PARENTS: [&str; 18] = [
    "../x",
    "..\\x",
    "%2e%2e/x",
    "%2E%2E%2Fx",
    "..%2fx",
    "..%5cx",
    "%252e%252e%252fx",
    "..%c0%afx",
    "..%ef%bc%8fx",
    "%u002e%u002e/x",
    "..;/x",
    "....//x",
    "\u{ff0e}\u{ff0e}/x",
    "..\u{ff0f}x",
    "..\u{2215}x",
    ".\u{200b}./x",
    "..\0/x",
    "a/../../x",
];

/// Below `users/42`, with every way to make a key.
fn services() -> Vec<PresignService> {
    let joined = KeyStrategy::custom(|naming| format!("in/{}", naming.ask.file.name));
    let safe = KeyStrategy::custom(|naming| format!("in/{}", naming.safe_name));
    [KeyStrategy::UniqueName, KeyStrategy::FileName, joined, safe]
        .into_iter()
        .map(|key| {
            at(store())
                .policy(Policy::new().key(key).single_put_only())
                .authorize(|_| async { Ok(Permit::new().key_prefix("users/42")) })
                .build_service()
                .unwrap()
        })
        .collect()
}

/// A grant is for an object of this user's, however often somebody on the way reads its URL anew.
fn stays_at_home(answer: &Value, what: &str) {
    let Some(url) = answer["url"].as_str() else {
        let code = answer["error"]["code"].as_str().or(answer["code"].as_str());
        assert!(
            matches!(code, Some("invalid_key" | "invalid_request")),
            "{what}: {answer}"
        );
        return;
    };
    let parsed = Url::parse(url).unwrap();
    assert_eq!(parsed.as_str(), url, "{what}: nothing is resolved away");
    let encoded = parsed.path().strip_prefix("/uploads/users/42/").unwrap();
    assert!(!encoded.contains('\\'), "{what}: {url}");
    let key = percent_encoding::percent_decode_str(encoded)
        .decode_utf8()
        .unwrap();
    assert_eq!(format!("users/42/{key}"), answer["key"].as_str().unwrap());
    assert!(
        key.split('/').all(|segment| !matches!(segment, "." | "..")),
        "{what}: {key}"
    );
}

#[tokio::test]
async fn dots_reach_no_other_users_key_in_any_encoding() {
    let mut refused = 0;
    for service in services() {
        for parent in PARENTS {
            for name in [
                parent.to_owned(),
                format!("../{parent}"),
                format!("a/{parent}"),
            ] {
                let file = json!({ "name": name, "size": 1, "type": "" });
                let answer = ask(service.clone(), file).await;
                refused += usize::from(answer.get("error").is_some());
                stays_at_home(&answer, &name);
            }
        }
    }
    assert!(refused > 20, "only {refused}");
}

/// The same in a query, where what is encoded is decoded once, and once more by nobody.
#[tokio::test]
async fn dots_in_a_query_reach_no_other_users_key() {
    for service in services() {
        for parent in PARENTS
            .iter()
            .filter(|name| name.bytes().all(|byte| byte.is_ascii_graphic()))
        {
            for name in [(*parent).to_owned(), parent.replace('%', "%25")] {
                let uri = format!(
                    "/presignedUrl?name={}&size=1&type=",
                    name.replace('\\', "%5c")
                );
                stays_at_home(&get_json(service.clone(), &uri).await.json(), &name);
            }
        }
    }
}

#[tokio::test]
async fn a_name_reaches_no_other_bucket() {
    for service in services() {
        for name in [
            "/avatars/x",
            "//avatars/x",
            "../../avatars/x",
            "https://s3.test/avatars/x",
            "//evil.example/x",
            "@evil.example/x",
            "x?uploadId=1&partNumber=1",
            "x#fragment",
            "x?X-Amz-Expires=604800",
            "x&X-Amz-Signature=0",
        ] {
            let file = json!({ "name": name, "size": 1, "type": "" });
            let answer = ask(service.clone(), file).await;
            stays_at_home(&answer, name);
            let Some(url) = answer["url"].as_str() else {
                continue;
            };
            let url = Url::parse(url).unwrap();
            assert_eq!(
                (url.host_str(), url.fragment()),
                (Some("s3.test"), None),
                "{name}"
            );
            let parameters: Vec<_> = url
                .query_pairs()
                .map(|(name, _)| name.into_owned())
                .collect();
            assert!(
                parameters.iter().all(|name| name.starts_with("X-Amz-")),
                "{parameters:?}"
            );
            let expiry: Vec<_> = parameters
                .iter()
                .filter(|name| *name == "X-Amz-Expires")
                .collect();
            assert_eq!(expiry.len(), 1, "{url}");
        }
    }
}

const LINE_BREAKS: [&str; 8] = [
    "a\r\nx-amz-acl: public-read\r\n\r\nb",
    "a\nx-amz-acl:public-read",
    "a\rb",
    "a\0b",
    "a\u{85}b",
    "a\u{2028}b",
    "a%0d%0ax-amz-acl: public-read",
    "a\u{1b}[2J\u{7f}b",
];

/// The headers that an upload under this policy has.
const GRANTED: [&str; 8] = [
    "content-type",
    "content-length",
    "content-disposition",
    "if-none-match",
    "x-amz-meta-presign-upload",
    "x-amz-meta-title",
    "x-amz-meta-x-amz-acl",
    "content-md5",
];

fn has_only_granted_headers(grant: &Value) {
    for (name, value) in grant["headers"].as_object().unwrap() {
        assert!(
            HeaderName::try_from(name).is_ok() && GRANTED.contains(&name.as_str()),
            "{name}"
        );
        let value = value.as_str().unwrap();
        assert!(HeaderValue::from_str(value).is_ok(), "{value:?}");
        assert!(
            value.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{value:?}"
        );
    }
}

fn with_everything(key: KeyStrategy) -> PresignService {
    let policy = Policy::new()
        .single_put_only()
        .key(key)
        .disposition(Disposition::Attachment)
        .allow_metadata(["title", "x-amz-acl"]);
    mount(&FakeStore::default(), policy)
}

#[tokio::test]
async fn a_line_break_in_a_name_makes_no_header() {
    for name in LINE_BREAKS {
        let file = json!({ "name": name, "size": 1, "type": "text/plain" });
        let grant = ask(with_everything(KeyStrategy::UniqueName), file.clone()).await;
        has_only_granted_headers(&grant);
        let url = grant["url"].as_str().unwrap();
        assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{url}");
        let named = ask(with_everything(KeyStrategy::FileName), file).await;
        if named.get("error").is_some() {
            assert_eq!(named["error"]["code"], "invalid_key");
        } else {
            has_only_granted_headers(&named);
            assert!(!named["key"].as_str().unwrap().contains(char::is_control));
        }
    }
}

#[tokio::test]
async fn a_line_break_in_metadata_or_a_type_makes_no_header() {
    let service = with_everything(KeyStrategy::UniqueName);
    for text in LINE_BREAKS {
        let file = json!({ "name": "a", "size": 1, "type": "", "metadata": { "title": text } });
        let answer = ask(service.clone(), file).await;
        if text.contains(char::is_control) {
            assert_eq!(answer["error"]["code"], "invalid_metadata", "{text:?}");
        } else {
            has_only_granted_headers(&answer);
        }
        let file = json!({ "name": "a", "size": 1, "type": "", "metadata": { text: "a" } });
        let answer = ask(service.clone(), file).await;
        assert_eq!(answer["error"]["code"], "invalid_metadata", "{text:?}");
        for kind in [
            text.to_owned(),
            format!("text/{text}"),
            format!("text/plain; a={text}"),
        ] {
            let file = json!({ "name": "a", "size": 1, "type": kind });
            let answer = ask(service.clone(), file).await;
            if answer.get("error").is_some() {
                assert_eq!(answer["error"]["code"], "invalid_type", "{kind:?}");
            } else {
                has_only_granted_headers(&answer);
            }
        }
    }
}

/// What a client may set is below `x-amz-meta-`, and nothing that S3 reads itself.
#[tokio::test]
async fn metadata_names_no_header_of_the_stores_own() {
    let service = with_everything(KeyStrategy::UniqueName);
    for name in [
        "acl",
        "X-Amz-Storage-Class",
        "x-amz-copy-source",
        "../x-amz-acl",
        "content-type",
        "x-amz-meta-title",
        "Host",
    ] {
        let file =
            json!({ "name": "a", "size": 1, "type": "", "metadata": { name: "public-read" } });
        let answer = ask(service.clone(), file).await;
        let code = answer["error"]["code"].as_str().unwrap();
        assert!(
            matches!(code, "metadata_not_allowed" | "invalid_metadata"),
            "{name}: {answer}"
        );
    }
    let file =
        json!({ "name": "a", "size": 1, "type": "", "metadata": { "x-amz-acl": "public-read" } });
    let grant = ask(service, file).await;
    has_only_granted_headers(&grant);
    assert_eq!(grant["headers"]["x-amz-meta-x-amz-acl"], "public-read");
    assert_eq!(grant["headers"].get("x-amz-acl"), None);
}

/// An archive that is unpacked at the store is many objects under keys that nobody granted: the orders to do that are in no grant, whoever would have them there.
#[tokio::test]
async fn no_metadata_has_the_store_unpack_an_archive() {
    for name in [
        "snowball-auto-extract",
        "SNOWBALL-Auto-Extract",
        "minio-snowball-prefix",
        "minio-snowball-ignore-errors",
        "Minio-Snowball-Anything",
    ] {
        for policy in [
            Policy::new().allow_metadata([name]),
            Policy::new().metadata(name, "true"),
        ] {
            let built = at(store()).policy(policy).public().build_service();
            let error = built.unwrap_err().to_string();
            assert!(error.contains("MinIO"), "{error}");
        }
        let permitted = at(store())
            .authorize(move |_| async move { Ok(Permit::new().metadata(name, "true")) })
            .build_service()
            .unwrap();
        let file = json!({ "name": "a.tar", "size": 1, "type": "application/x-tar" });
        let answer = ask(permitted, file.clone()).await;
        assert_eq!(answer["error"]["code"], "internal", "{name}");
        let mut with = file;
        with["metadata"] = json!({ name: "true" });
        let answer = ask(with_everything(KeyStrategy::UniqueName), with).await;
        assert_eq!(answer["error"]["code"], "invalid_metadata", "{name}");
    }
}

/// By the mark in its metadata the server knows an upload's object. A client that could choose it would have another object taken for its own, and an
/// application that did would find its own value gone.
#[tokio::test]
async fn the_mark_of_an_upload_is_not_the_clients_to_choose() {
    const OTHERS: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
    for name in ["presign-upload", "Presign-Upload"] {
        for policy in [
            Policy::new().allow_metadata([name]),
            Policy::new().metadata(name, OTHERS),
        ] {
            let built = at(store()).policy(policy).public().build_service();
            let error = built.unwrap_err().to_string();
            assert!(error.contains("`presign-upload`"), "{error}");
        }
        let permitted = at(store())
            .authorize(move |_| async move { Ok(Permit::new().metadata(name, OTHERS)) })
            .build_service()
            .unwrap();
        let answer = ask(permitted, json!({ "name": "a", "size": 1 })).await;
        assert_eq!(answer["error"]["code"], "internal", "{name}");
        let file = json!({ "name": "a", "size": 9, "metadata": { name: OTHERS } });
        let answer = ask(with_everything(KeyStrategy::UniqueName), file).await;
        assert_eq!(answer["error"]["code"], "invalid_metadata", "{name}");
    }
    let fake = FakeStore::default();
    let service = mount(&fake, Policy::new().multipart_threshold(1));
    let grant = ask(service, json!({ "name": "a", "size": 9, "type": "" })).await;
    assert_eq!(grant["method"], "multipart", "{grant}");
    let mark = &fake.headers("create")["x-amz-meta-presign-upload"];
    assert_eq!(mark.len(), 36);
}

/// A log is read line by line, and on terminals.
#[test]
fn a_name_writes_no_line_of_its_own_into_the_log() {
    const FORGED: &str = "2013-05-24T00:00:00Z ERROR forged: everything is deleted";
    let (log, ()) = logged(async || {
        let by_name = mount(
            &FakeStore::default(),
            Policy::new().key(KeyStrategy::FileName),
        );
        let unique = mount(&FakeStore::default(), Policy::new());
        for service in [by_name, unique] {
            for size in [1, 40 << 20] {
                let name = format!("a\r\n{FORGED}\n\u{1b}[31mred");
                let file = json!({ "name": name, "size": size, "type": name, "metadata": { &name: name } });
                let plain = json!({ "name": name, "size": size, "type": "a/b" });
                let files = json!({ "files": [file, plain] }).to_string();
                assert_eq!(post(service.clone(), files).await.status, 200);
            }
        }
    });
    assert!(log.contains("granted"), "{log}");
    assert!(log.lines().all(|line| !line.starts_with(FORGED)), "{log}");
    assert!(!log.contains("\u{1b}[31mred"), "{log}");
}
