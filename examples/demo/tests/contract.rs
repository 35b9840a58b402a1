//! What whoever starts the demo relies on.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test, and its helpers, may stop at the first thing that is not as it should be"
)]

mod common;

use std::time::Duration;

use common::http::{Answer, request};
use common::{Demo, client, program, refused};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

async fn grant(demo: &Demo, files: &str) -> Answer {
    let body = format!("{{\"files\":[{files}]}}");
    let headers = [("content-type", "application/json")];
    let body = body.as_bytes();
    request(demo.page, "POST", "/presignedUrl", &headers, body).await
}

/// The headers of a grant, as the page sends them.
fn headers(grant: &serde_json::Value) -> Vec<(&str, &str)> {
    let headers = grant["headers"].as_object().unwrap();
    headers
        .iter()
        .map(|(name, value)| (&**name, value.as_str().unwrap()))
        .collect()
}

/// The address and the target of a presigned URL.
fn split(url: &str) -> (std::net::SocketAddr, String) {
    let rest = url.strip_prefix("http://").unwrap();
    let (address, target) = rest.split_once('/').unwrap();
    (address.parse().unwrap(), format!("/{target}"))
}

#[tokio::test]
async fn a_granted_file_arrives_and_is_not_overwritten() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);

    let answer = grant(&demo, r#"{"name":"a b.png","size":5,"type":"image/png"}"#)
        .await
        .json();

    let granted = &answer["grants"][0];
    let (address, target) = split(granted["url"].as_str().unwrap());
    assert_ne!(address, demo.page, "the store has an origin of its own");
    let headers = headers(granted);
    assert!(headers.contains(&("if-none-match", "*")));
    assert_eq!(
        request(address, "PUT", &target, &headers, b"bytes")
            .await
            .status,
        200
    );
    assert_eq!(
        request(address, "PUT", &target, &headers, b"other")
            .await
            .status,
        412
    );
    let key = granted["key"].as_str().unwrap();
    let body = serde_json::json!({ "uploads": [{ "token": granted["token"] }] }).to_string();
    let json = [("content-type", "application/json")];
    let path = "/presignedUrl/complete";
    let completed = request(demo.page, "POST", path, &json, body.as_bytes())
        .await
        .json();
    let object = &completed["results"][0];
    assert_eq!(object["key"], key, "{completed}");
    assert_eq!(
        (&object["size"], &object["type"]),
        (&5.into(), &"image/png".into())
    );
    assert!(!object["receipt"].as_str().unwrap().is_empty());
    assert_eq!(
        std::fs::read(data.path().join("uploads").join(key)).unwrap(),
        b"bytes"
    );
}

/// Grants a file, sends it, completes it, and gives what is answered to that.
async fn uploaded(demo: &Demo, content_type: &str, bytes: &[u8]) -> serde_json::Value {
    let size = bytes.len();
    let file = serde_json::json!({ "name": "a", "size": size, "type": content_type });
    let answer = grant(demo, &file.to_string()).await.json();
    let granted = &answer["grants"][0];
    let (address, target) = split(granted["url"].as_str().unwrap());
    let put = request(address, "PUT", &target, &headers(granted), bytes).await;
    assert_eq!(put.status, 200, "{}", put.text());
    let body = serde_json::json!({ "uploads": [{ "token": granted["token"] }] }).to_string();
    let json = [("content-type", "application/json")];
    let path = "/presignedUrl/complete";
    let completed = request(demo.page, "POST", path, &json, body.as_bytes()).await;
    completed.json()["results"][0].take()
}

#[tokio::test]
async fn content_is_compared_with_its_type_where_the_option_says_so() {
    const PAGE: &[u8] = b"<!DOCTYPE html><script>alert(1)</script>";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &["--check-content"]);
    let refused = uploaded(&demo, "image/png", PAGE).await;
    assert_eq!(refused["error"]["code"], "content_mismatch", "{refused}");
    for (content_type, bytes) in [("image/png", PNG), ("text/html", PAGE), ("text/plain", b"")] {
        let done = uploaded(&demo, content_type, bytes).await;
        assert_eq!(done["type"], content_type, "{done}");
    }
    let mut large = PNG.to_vec();
    large.resize(100_000, 0);
    let done = uploaded(&demo, "image/png", &large).await;
    assert_eq!(done["size"], 100_000, "{done}");
    drop(demo);
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let done = uploaded(&demo, "image/png", PAGE).await;
    assert_eq!(done["size"], PAGE.len(), "{done}");
}

#[tokio::test]
async fn what_has_arrived_is_handed_in_by_its_receipt_and_is_one_file_however_often() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let hand_in = async |receipt: &str, name: &str| {
        let form = serde_json::json!({ "receipt": receipt, "name": name, "size": 9 });
        let json = [("content-type", "application/json")];
        request(
            demo.page,
            "POST",
            "/files",
            &json,
            form.to_string().as_bytes(),
        )
        .await
    };
    let kept = async || request(demo.page, "GET", "/files", &[], b"").await.json();
    let done = uploaded(&demo, "image/png", b"bytes").await;
    let receipt = done["receipt"].as_str().unwrap();

    let refused = hand_in(&format!("{receipt}x"), "forged.png").await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (400, &"receipt_invalid".into())
    );
    assert_eq!(kept().await, serde_json::json!([]));
    for name in ["a.png", "b.png"] {
        let answer = hand_in(receipt, name).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(kept().await, serde_json::json!([answer.json()]));
    }
    let file = &kept().await[0];
    assert_eq!(file["key"], done["key"]);
    let known = (&file["name"], &file["size"], &file["type"]);
    assert_eq!(known, (&"a.png".into(), &5.into(), &"image/png".into()));
}

#[tokio::test]
async fn the_guides_page_gets_its_bare_url() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);

    let answer = request(demo.page, "GET", "/presignedUrl?name=a%26b.png", &[], b"").await;

    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/plain")
    );
    let (address, target) = split(&answer.text());
    let put = request(
        address,
        "PUT",
        &target,
        &[("content-type", "image/png")],
        b"bytes",
    )
    .await;
    assert_eq!(put.status, 200, "{}", put.text());
}

#[tokio::test]
async fn a_narrower_mount_refuses_what_it_should() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(
        data.path(),
        &[
            "--max-size",
            "10",
            "--types",
            "image/*,text/plain",
            "--expires",
            "60",
        ],
    );

    let limits = request(demo.page, "GET", "/presignedUrl/limits", &[], b"")
        .await
        .json();
    assert_eq!(limits["maxSize"], 10);
    assert_eq!(
        limits["types"],
        serde_json::json!(["image/*", "text/plain"])
    );
    assert_eq!(limits["expiresIn"], 60);

    let bare = request(demo.page, "GET", "/presignedUrl?name=a", &[], b"").await;
    assert_eq!(
        (bare.status, &bare.json()["code"]),
        (400, &"size_and_type_required".into())
    );
    let files = r#"{"name":"a","size":11,"type":"image/png"},{"name":"a","size":1,"type":"text/html"},{"name":"a","size":1,"type":"text/plain"}"#;
    let answer = grant(&demo, files).await.json();
    assert_eq!(answer["grants"][0]["error"]["code"], "file_too_large");
    assert_eq!(answer["grants"][1]["error"]["code"], "type_not_allowed");
    assert_eq!(answer["grants"][2]["expiresIn"], 60);
}

#[tokio::test]
async fn large_files_go_in_parts_as_the_options_say() {
    let data = TempDir::new().unwrap();
    let options = [
        "--multipart-threshold",
        "6000000",
        "--part-size",
        "5242880",
        "--resumable-for",
        "3600",
        "--checksum",
        "md5,crc64nvme",
    ];
    let demo = Demo::start(data.path(), &options);

    let limits = request(demo.page, "GET", "/presignedUrl/limits", &[], b"")
        .await
        .json();
    assert_eq!(limits["maxSize"], 5_u64 << 40);
    assert_eq!(limits["multipartThreshold"], 6_000_000);
    assert_eq!(limits["partSize"], 5_242_880);
    let files =
        r#"{"name":"small","size":5999999,"type":""},{"name":"large","size":6000000,"type":""}"#;
    let answer = grant(&demo, files).await.json();
    assert_eq!(answer["grants"][0]["method"], "put");
    let large = &answer["grants"][1];
    assert_eq!(large["method"], "multipart");
    assert_eq!(
        (&large["partCount"], &large["resumableFor"]),
        (&2.into(), &3600.into())
    );
    assert_eq!(
        large["checksums"],
        serde_json::json!({ "contentMd5": true, "crc": "crc64nvme" })
    );
}

#[tokio::test]
async fn objects_are_downloaded_whole_and_in_ranges_and_what_could_run_is_saved() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &["--downloads"]);
    let bucket = demo.store().await;
    for (key, content_type) in [("a b.png", "image/png"), ("page.html", "text/html")] {
        let headers = [("content-type", content_type)];
        let put = bucket.put(key, &headers, b"0123456789").await;
        assert_eq!(put.status, 200);
    }
    let locate = async |query: &str| {
        let target = format!("/presignedUrl/download?{query}");
        let answer = request(demo.page, "GET", &target, &[], b"").await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        split(answer.header("location").unwrap())
    };

    let (store, target) = locate("key=a%20b.png&disposition=inline&name=my%20%E6%97%A5.png").await;
    assert_ne!(store, demo.page);
    let whole = request(store, "GET", &target, &[], b"").await;
    assert_eq!((whole.status, &*whole.body), (200, &b"0123456789"[..]));
    assert_eq!(whole.header("content-type"), Some("image/png"));
    assert_eq!(
        whole.header("content-disposition"),
        Some("inline; filename=\"my__.png\"; filename*=UTF-8''my%20%E6%97%A5.png")
    );
    let range = request(store, "GET", &target, &[("range", "bytes=2-4")], b"").await;
    assert_eq!((range.status, &*range.body), (206, &b"234"[..]));
    assert_eq!(range.header("content-range"), Some("bytes 2-4/10"));
    let changed = target.replace("inline", "attachment");
    let refused = request(store, "GET", &changed, &[], b"").await.refusal();
    assert_eq!(refused, (403, "SignatureDoesNotMatch".to_owned()));

    let (store, target) = locate("key=page.html&disposition=inline").await;
    let page = request(store, "GET", &target, &[], b"").await;
    assert_eq!(
        page.header("content-disposition"),
        Some("attachment; filename=\"page.html\"; filename*=UTF-8''page.html")
    );
    let missing = "/presignedUrl/download?key=a.png";
    let missing = request(demo.page, "GET", missing, &[], b"").await;
    assert_eq!(missing.json()["code"], "object_not_found");
}

#[tokio::test]
async fn the_page_may_connect_to_itself_and_the_store_only() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);

    let page = request(demo.page, "GET", "/", &[], b"").await;

    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let policy = page.header("content-security-policy").unwrap();
    let (store, _) = split(&(demo.store_origin().await + "/"));
    let expected = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self' http://{store}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    assert_eq!(policy, expected);
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    for (path, content_type) in [
        ("/app.js", "text/javascript; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/presign-client/index.js", "text/javascript"),
        ("/presign-client/presign_client.wasm", "application/wasm"),
    ] {
        let file = request(demo.page, "GET", path, &[], b"").await;
        assert_eq!(
            (file.status, file.header("content-type")),
            (200, Some(content_type)),
            "{path}"
        );
        assert_eq!(
            file.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(file.header("content-security-policy"), None, "{path}");
    }
    assert_eq!(
        request(demo.page, "GET", "/presign-client/../Cargo.toml", &[], b"")
            .await
            .status,
        404
    );
    assert_eq!(
        request(demo.page, "GET", "/nothing", &[], b"").await.status,
        404
    );
}

/// The values of these attributes in HTML.
fn attributes<'a>(html: &'a str, names: &[&str]) -> Vec<&'a str> {
    let after = names.iter().flat_map(|name| {
        html.split(&format!(" {name}=\""))
            .skip(1)
            .collect::<Vec<_>>()
    });
    after.filter_map(|rest| rest.split('"').next()).collect()
}

/// What a module imports statically.
fn imports(script: &str) -> Vec<&str> {
    let statements = script.lines().filter(|line| {
        line.starts_with("import ") || line.starts_with("export ") && line.contains(" from ")
    });
    let paths = statements.map(|line| line.split(['"', '\'']).nth(1));
    paths
        .map(|path| path.unwrap_or_else(|| panic!("an import over several lines in {script}")))
        .collect()
}

#[tokio::test]
async fn everything_that_the_page_loads_is_there() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let base = url::Url::parse(&format!("http://{}/", demo.page)).unwrap();

    let html = request(demo.page, "GET", "/", &[], b"").await.text();
    let mut waiting: Vec<url::Url> = attributes(&html, &["href", "src"])
        .iter()
        .map(|path| base.join(path).unwrap())
        .collect();
    let mut found = std::collections::BTreeSet::new();
    while let Some(url) = waiting.pop() {
        assert_eq!(url.origin(), base.origin(), "{url}");
        if !found.insert(url.path().to_owned()) {
            continue;
        }
        let file = request(demo.page, "GET", url.path(), &[], b"").await;
        assert_eq!(file.status, 200, "{url}");
        let content_type = file.header("content-type").unwrap();
        let content_type = content_type.split(';').next().unwrap();
        let extension = url.path().rsplit_once('.').unwrap().1;
        let expected = match extension {
            "js" => "text/javascript",
            "css" => "text/css",
            "svg" => "image/svg+xml",
            _ => panic!("{url} is of no type that is known here"),
        };
        assert_eq!(content_type, expected, "{url}");
        if extension == "js" {
            let text = file.text();
            waiting.extend(imports(&text).iter().map(|path| url.join(path).unwrap()));
        }
    }

    assert!(found.contains("/presign-client/index.js"), "{found:?}");
    // The other way round: nothing lies in the folder that the page does not load.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let loaded = name == "index.html" || found.contains(&format!("/{name}"));
        assert!(loaded, "{name} is not among {found:?}");
    }
}

#[tokio::test]
async fn signals_end_it_cleanly_and_soon() {
    for signal in ["TERM", "INT"] {
        let data = TempDir::new().unwrap();
        let demo = Demo::start(data.path(), &[]);
        let bucket = demo.store().await;
        // An idle connection, and an upload that stalls.
        let _idle = tokio::net::TcpStream::connect(demo.page).await.unwrap();
        let mut stalled = tokio::net::TcpStream::connect(bucket.address)
            .await
            .unwrap();
        let target = bucket.signer.presign("PUT", "a", "", 900, &[]);
        let head = format!(
            "PUT {target} HTTP/1.1\r\nhost: {}\r\ncontent-length: 100\r\n\r\nhalf",
            bucket.address
        );
        stalled.write_all(head.as_bytes()).await.unwrap();
        while bucket.unfinished() == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }

        let (status, took, rest) = demo.end(signal);

        assert_eq!(status.code(), Some(0), "{signal}");
        assert!(took < Duration::from_secs(5), "{signal}: {took:?}");
        assert_eq!(rest, "", "standard output is for one line");
        assert_eq!(
            (bucket.unfinished(), bucket.files().len()),
            (0, 0),
            "{signal}"
        );
    }
}

#[tokio::test]
async fn a_restart_keeps_objects_and_credentials_and_tells_nobody() {
    let data = TempDir::new().unwrap();
    let first = Demo::start(data.path(), &[]);
    let bucket = first.store().await;
    let long = "k".repeat(700);
    for key in ["a", &long] {
        assert_eq!(
            bucket
                .put(key, &[("content-type", "text/x-a")], key.as_bytes())
                .await
                .status,
            200
        );
    }
    let (id, secret) = (bucket.signer.id.clone(), bucket.signer.secret.clone());
    let target = bucket.signer.presign("PUT", "logged", "", 900, &[]);
    assert_eq!(
        request(bucket.address, "PUT", &target, &[], b"1")
            .await
            .status,
        200
    );
    let said = first.log();
    let signature = target.rsplit_once('=').unwrap().1;
    assert!(said.contains("logged"), "{said}");
    assert!(
        !said.contains(signature) && !said.contains(&secret),
        "{said}"
    );
    assert_eq!(first.end("TERM").0.code(), Some(0));

    let second = Demo::start(data.path(), &[]);

    let bucket = second.store().await;
    assert_eq!((&bucket.signer.id, &bucket.signer.secret), (&id, &secret));
    for key in ["a", &long] {
        let stored = bucket.get(key).await;
        assert_eq!(
            (stored.text(), stored.header("content-type")),
            (key.to_owned(), Some("text/x-a"))
        );
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = data.path().join(".presign-demo/credentials");
        assert_eq!(
            std::fs::metadata(file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

#[tokio::test]
async fn with_an_s3_endpoint_there_is_no_embedded_store() {
    let data = TempDir::new().unwrap();
    let untouched = data.path().join("none");
    let mut command = program();
    command
        .env("AWS_ACCESS_KEY_ID", "id")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_SESSION_TOKEN", "token");
    command
        .env("PRESIGN_S3_ENDPOINT", "http://store.internal:9000")
        .arg("--data")
        .arg(&untouched);
    command.args([
        "--s3-public-endpoint",
        "https://S3.example.com/",
        "--s3-region",
        "eu-1",
        "--s3-bucket",
        "media",
    ]);
    command.arg("--s3-virtual-host");
    let demo = Demo::run(command, &untouched);

    assert_eq!(demo.store_origin().await, "https://media.s3.example.com");
    let url = request(demo.page, "GET", "/presignedUrl?name=a", &[], b"")
        .await
        .text();
    assert!(url.starts_with("https://media.s3.example.com/"), "{url}");
    assert!(
        url.contains("%2Feu-1%2Fs3%2Faws4_request") && url.contains("X-Amz-Security-Token=token"),
        "{url}"
    );
    assert!(!untouched.exists());
}

#[tokio::test]
async fn any_other_store_takes_the_uploads() {
    let (data, untouched) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let store = Demo::start(data.path(), &["--s3-bucket", "media"]);
    let signer = store.store().await.signer;
    let mut command = program();
    command
        .env("AWS_ACCESS_KEY_ID", &signer.id)
        .env("AWS_SECRET_ACCESS_KEY", &signer.secret)
        .args(["--s3-endpoint", &format!("http://{}", signer.host)])
        .args(["--s3-bucket", "media", "--s3-region", "eu-central-1"])
        .env("PRESIGN_S3_VIRTUAL_HOST", "0")
        .arg("--data")
        .arg(untouched.path());
    let demo = Demo::run(command, untouched.path());

    let answer = grant(&demo, r#"{"name":"a.txt","size":5,"type":"text/plain"}"#).await;

    let answer = answer.json();
    let granted = &answer["grants"][0];
    let (address, target) = split(granted["url"].as_str().unwrap());
    assert_eq!(address.to_string(), signer.host);
    let put = request(address, "PUT", &target, &headers(granted), b"bytes").await;
    assert_eq!(put.status, 200, "{}", put.text());
    let file = data
        .path()
        .join("media")
        .join(granted["key"].as_str().unwrap());
    assert_eq!(std::fs::read(file).unwrap(), b"bytes");
    assert_eq!(std::fs::read_dir(untouched.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_store_that_was_killed_opens_again() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    assert_eq!(bucket.put("whole", &[], b"bytes").await.status, 200);
    let target = bucket.signer.presign("PUT", "half", "", 900, &[]);
    let head = format!(
        "PUT {target} HTTP/1.1\r\nhost: {}\r\ncontent-length: 100\r\n\r\nhalf",
        bucket.address
    );
    let mut stalled = tokio::net::TcpStream::connect(bucket.address)
        .await
        .unwrap();
    stalled.write_all(head.as_bytes()).await.unwrap();
    while bucket.unfinished() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(demo.end("KILL").0.code(), None);

    let demo = Demo::start(data.path(), &[]);

    let bucket = demo.store().await;
    assert_eq!(bucket.get("whole").await.text(), "bytes");
    assert_eq!((bucket.files().len(), bucket.unfinished()), (1, 0));
}

#[test]
fn help_names_everything() {
    let output = program().arg("--help").output().unwrap();
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for word in [
        "--listen",
        "--data",
        "--store-listen",
        "--s3-endpoint",
        "--s3-public-endpoint",
        "--s3-region",
        "--s3-bucket",
        "--s3-virtual-host",
        "--expires",
        "--max-size",
        "--types",
        "--multipart-threshold",
        "--post-below",
        "--pending-prefix",
        "--copy-at-most",
        "--part-size",
        "--parts-per-request",
        "--resumable-for",
        "--checksum",
        "--client",
        "[default: 127.0.0.1:3000]",
        "PRESIGN_LISTEN",
        "PRESIGN_DATA",
        "PRESIGN_STORE_LISTEN",
        "PRESIGN_S3_ENDPOINT",
        "PRESIGN_S3_PUBLIC_ENDPOINT",
        "PRESIGN_S3_REGION",
        "PRESIGN_S3_BUCKET",
        "PRESIGN_S3_VIRTUAL_HOST",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "RUST_LOG",
        "Listening on",
        "MinIO",
        "CORS",
    ] {
        assert!(help.contains(word), "{word} is not in {help}");
    }
}

/// A demo that is given these arguments does not start, and says so in these words.
fn is_refused(arguments: &[&str], words: &str) {
    let mut command = program();
    if arguments.contains(&"nowhere") || arguments.contains(&"--s3-engine") {
        command
            .env("AWS_ACCESS_KEY_ID", "id")
            .env("AWS_SECRET_ACCESS_KEY", "secret");
    }
    if !arguments.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.args(arguments);
    let (code, output, said) = refused(command);
    assert_eq!(code, Some(1), "{arguments:?}: {said}");
    assert!(said.contains(words), "{arguments:?}: {said}");
    assert_eq!(output, "", "{arguments:?}");
}

#[test]
fn what_the_policy_cannot_be_is_said_by_the_option() {
    let client = client();
    let data = TempDir::new().unwrap();
    let place = [
        "--client",
        client.path().to_str().unwrap(),
        "--data",
        data.path().to_str().unwrap(),
    ];
    let elsewhere = "--s3-endpoint=http://127.0.0.1:9000";
    for (arguments, words) in [
        (vec!["--expires", "700000"], "--expires is not right: "),
        (vec!["--types", "image"], "--types is not right: "),
        (
            vec!["--parts-per-request", "0"],
            "--parts-per-request is not right: one answer has 1 to 10000 part URLs, not 0",
        ),
        (
            vec!["--part-size", "1000"],
            "--part-size is not right: the policy cannot be kept: a part has 5 MiB to 5 GiB, not 1000 bytes",
        ),
        (
            vec!["--pending-prefix", "../pending"],
            "--pending-prefix is not right: the policy cannot be kept: `../pending` cannot be the prefix",
        ),
        (vec!["--copy-at-most", "5"], "--copy-at-most is not right: "),
        (
            vec!["--resumable-for", "59"],
            "--resumable-for is not right: ",
        ),
        (
            vec!["--post-below", "67108866"],
            "--post-below is at most 67108865 with the embedded store",
        ),
        (
            vec![elsewhere, "--s3-engine", "r2", "--post-below", "1"],
            "--post-below is not for this store, by --s3-engine: the policy has small files sent as forms",
        ),
        (
            vec![elsewhere, "--s3-engine", "garage", "--checksum", "crc32c"],
            "--checksum asks for more than the store can, by --s3-engine: the policy asks for a crc32c",
        ),
    ] {
        is_refused(&[&place[..], &arguments].concat(), words);
    }
}

#[test]
fn what_is_wrong_is_said_in_words() {
    let data = TempDir::new().unwrap();
    let client = client();
    let running = Demo::start(data.path(), &[]);
    let broken = TempDir::new().unwrap();
    std::fs::create_dir(broken.path().join(".presign-demo")).unwrap();
    std::fs::write(broken.path().join(".presign-demo/credentials"), "hello").unwrap();
    let (taken, broken) = (
        data.path().to_str().unwrap(),
        broken.path().to_str().unwrap(),
    );
    let (client, empty) = (client.path().to_str().unwrap(), TempDir::new().unwrap());
    let empty = empty.path().to_str().unwrap();
    let data = TempDir::new().unwrap();
    let data = data.path().to_str().unwrap();
    let address = running.page.to_string();
    for (arguments, words) in [
        (vec!["--client", empty], "cargo xtask build"),
        (
            vec!["--client", client, "--data", taken],
            "another presign-demo already uses",
        ),
        (
            vec!["--client", client, "--data", broken],
            "aws_secret_access_key",
        ),
        (
            vec!["--client", client, "--data", data, "--listen", &address],
            "cannot listen on 127.0.0.1:",
        ),
        (
            vec!["--client", client, "--data", data, "--s3-bucket", "No"],
            "`No` cannot be the embedded store's bucket",
        ),
        (
            vec!["--client", client, "--data", data, "--s3-bucket", ".."],
            "bucket",
        ),
        (
            vec![
                "--client",
                client,
                "--data",
                data,
                "--s3-bucket",
                ".presign-demo",
            ],
            "bucket",
        ),
        (
            vec!["--client", client, "--data", data, "--s3-region", ""],
            "region",
        ),
        (
            vec!["--client", client, "--s3-endpoint", "http://127.0.0.1:9000"],
            "AWS_ACCESS_KEY_ID",
        ),
        (
            vec!["--client", client, "--s3-endpoint", "nowhere"],
            "endpoint",
        ),
        (
            vec!["--client", client, "--data", data, "--s3-virtual-host"],
            "--s3-endpoint",
        ),
    ] {
        is_refused(&arguments, words);
    }
}
