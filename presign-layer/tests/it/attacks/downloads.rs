//! Downloads of what is another user's, or that are shown where they could run.

use std::collections::BTreeMap;

use http::Request;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use presign_layer::{Permit, PresignService};
use url::Url;

use crate::fake::FakeStore;
use crate::sigv4::{param, signature};
use crate::support::{Reply, SECRET, at, get, problem, send, store_of};

fn of_users_4(fake: &FakeStore) -> PresignService {
    at(store_of(fake))
        .downloads()
        .authorize(|_| async { Ok(Permit::new().key_prefix("users/4")) })
        .build_service()
        .unwrap()
}

async fn download(service: &PresignService, query: &str) -> Reply {
    get(service.clone(), &format!("/presignedUrl/download?{query}")).await
}

fn encoded(key: &str) -> String {
    utf8_percent_encode(key, NON_ALPHANUMERIC).to_string()
}

/// The user `4` reads nothing of `42`, nor of anybody else whose folder begins or looks like theirs, in any spelling: even where such an object is there.
#[tokio::test]
async fn a_folder_that_looks_like_ones_own_is_not() {
    let fake = FakeStore::default();
    fake.put_object("users/4/a", 1, "etag");
    let service = of_users_4(&fake);
    assert_eq!(download(&service, "key=users/4/a").await.status, 302);
    let looks = fake.calls().len();
    for key in [
        "users/42/a",
        "users/4",
        "users/4 /a",
        "users/4./a",
        "users/4%2Fa",
        "users/4\\a",
        "users/4;/a",
        "users/4?/a",
        "users/4#/a",
        "users/4\u{200b}/a",
        "users/４/a",
        "users/4\u{2215}a",
        "users/4\u{ff0f}a",
        "Users/4/a",
        "USERS/4/a",
        "users//4/a",
        "users/04/a",
        "uſers/4/a",
        "a/users/4/a",
        "users/4\u{301}/a",
        "a",
    ] {
        // Were it there, nobody would be told.
        if !key.contains("//") {
            fake.put_object(key, 1, "etag");
        }
        for query in [encoded(key), encoded(&encoded(key))] {
            let reply = download(&service, &format!("key={query}")).await;
            problem(&reply, 403, "forbidden");
        }
    }
    for key in [
        "users/4/../42/a",
        "users/4/./a",
        "users/4/..",
        "/users/4/a",
        "//users/4/a",
        "users/4/../../users/42/a",
        "users/4/a\0",
        "users/4/\r\nb",
        "\u{feff}users/4/\u{85}",
    ] {
        let reply = download(&service, &format!("key={}", encoded(key))).await;
        problem(&reply, 400, "invalid_key");
    }
    for query in [
        "key=users/4/a&key=users/42/a",
        "key=users/4/a&%6bey=users/42/a",
        "key[]=users/42/a",
        "Key=users/42/a",
        "key=users/4/%ff",
    ] {
        let reply = download(&service, query).await;
        problem(&reply, 400, "invalid_request");
    }
    assert_eq!(fake.calls().len(), looks, "the store is not asked");
}

/// Below one's own folder a key is read as it is spelt: whoever reads the URL anew, the browser above all, comes to that very object.
#[tokio::test]
async fn a_key_that_is_read_anew_leads_nowhere_else() {
    let fake = FakeStore::default();
    let service = of_users_4(&fake);
    for key in [
        "users/4/%2e%2e/%2e%2e/42/a",
        "users/4/..%2f42/a",
        "users/4/%252e%252e/a",
        "users/4/.../a",
        "users/4/..;/42/a",
        "users/4/..\\..\\42\\a",
        "users/4/a?versionId=1",
        "users/4/a?X-Amz-Expires=604800",
        "users/4/a#b",
        "users/4/a&b=c",
        "users/4/@evil.example/a",
        "users/4/https://evil.example/a",
        "users/4/a b+c",
        "users/4/\u{202e}gnp.exe",
    ] {
        fake.put_object(key, 1, "etag");
        let reply = download(&service, &format!("key={}", encoded(key))).await;
        assert_eq!(reply.status, 302, "{key}: {}", reply.text());
        let location = reply.header("location");
        let url = Url::parse(location).unwrap();
        assert_eq!(url.as_str(), location, "{key}: nothing is resolved away");
        assert_eq!((url.host_str(), url.fragment()), (Some("s3.test"), None));
        let path = url.path().strip_prefix("/uploads/").unwrap();
        let path = percent_encoding::percent_decode_str(path)
            .decode_utf8()
            .unwrap();
        assert_eq!(path, key);
        assert_eq!(param(&url, "X-Amz-Expires"), "900", "{key}");
        assert!(url.query_pairs().all(|(name, _)| name != "versionId"));
        let signed = signature("GET", &url, &BTreeMap::new(), SECRET);
        assert_eq!(param(&url, "X-Amz-Signature"), signed);
    }
}

/// What of an object is served, whoever uploaded it and whatever they called it.
async fn served(kind: &str, query: &str) -> (String, String) {
    let fake = FakeStore::default();
    fake.put_object("a", 1, "etag");
    fake.set_header("a", "content-type", kind);
    // What the uploader would have it shown as counts for nothing.
    fake.set_header("a", "content-disposition", "inline");
    let service = at(store_of(&fake)).downloads().public().build_service();
    let reply = download(&service.unwrap(), &format!("key=a&{query}")).await;
    assert_eq!(reply.status, 302, "{kind}: {}", reply.text());
    let url = Url::parse(reply.header("location")).unwrap();
    let of = |name| param(&url, name);
    (
        of("response-content-disposition"),
        of("response-content-type"),
    )
}

/// Everything that browsers run, or look into to see whether they should, in every spelling, is saved.
#[tokio::test]
async fn what_could_run_is_never_shown() {
    for kind in [
        "text/html",
        "TEXT/HTML",
        "text/html;charset=utf-8",
        "text/html ; charset=utf-8",
        " text/html",
        "text/html,text/plain",
        "image/png, text/html",
        "text/plain,text/html",
        "image/png\ttext/html",
        "text/html;image/png",
        "image/svg+xml",
        "image/SVG+XML;x=y",
        "image/svg+xml;image/png",
        "image/png+xml",
        "application/xhtml+xml",
        "application/rss+xml",
        "application/mathml+xml",
        "application/pdf+xml",
        "text/xml",
        "application/xml",
        "text/xsl",
        "text/javascript",
        "text/vbscript",
        "text/x-component",
        "text/cache-manifest",
        "text/markdown",
        "application/javascript",
        "application/wasm",
        "application/x-shockwave-flash",
        "application/java-archive",
        "application/hta",
        "application/xaml",
        "application/octet-stream",
        "application/unknown",
        "multipart/related",
        "multipart/x-mixed-replace; boundary=a",
        "message/rfc822",
        "unknown/unknown",
        "*/*",
        "image",
        "image/",
        "/png",
        "",
    ] {
        for query in [
            "disposition=inline",
            "disposition=inline&name=a.png",
            "name=a.html",
        ] {
            let (disposition, _) = served(kind, query).await;
            assert!(
                disposition.starts_with("attachment"),
                "{kind}: {disposition}"
            );
        }
    }
}

/// The type that an object is shown with is one line, one type, and the one by which it was decided; a name cannot make it another disposition.
#[tokio::test]
async fn a_name_or_a_type_changes_no_disposition() {
    for name in [
        "\";inline;filename=\"a.html",
        "a\r\nContent-Type: text/html",
        "a.png\"; filename*=UTF-8''a.html",
        "../../a",
        "..",
        ".htaccess",
        "a;b",
        "a%22",
        "\u{202e}gnp.html",
        &"a".repeat(5000),
    ] {
        let (disposition, kind) = served("text/html", &format!("name={}", encoded(name))).await;
        let rest = disposition.strip_prefix("attachment; filename=\"").unwrap();
        let (plain, rest) = rest.split_once('"').unwrap();
        let extended = rest.strip_prefix("; filename*=UTF-8''").unwrap_or(rest);
        assert!(!plain.contains(['/', '\\', '\r', '\n']), "{plain}");
        assert!(
            !extended.contains(['/', '\\', '\r', '\n', ';', '"', ' ']),
            "{extended}"
        );
        assert!(disposition.len() < 2000, "{}", disposition.len());
        assert_eq!(kind, "text/html");
    }
    for unreadable in ["text/html, image/png", "text/html\timage/png", "image", ""] {
        let (disposition, kind) = served(unreadable, "disposition=inline").await;
        assert!(disposition.starts_with("attachment"));
        assert_eq!(kind, "application/octet-stream", "{unreadable}");
    }
}

/// No header or method has it read for somebody else, or read more than one object.
#[tokio::test]
async fn only_the_query_says_what_is_downloaded() {
    let fake = FakeStore::default();
    fake.put_object("users/42/a", 1, "etag");
    let service = of_users_4(&fake);
    for (name, value) in [
        ("x-original-url", "/presignedUrl/download?key=users/42/a"),
        ("x-rewrite-url", "/presignedUrl/download?key=users/42/a"),
        ("referer", "https://your.site/?key=users/42/a"),
        ("cookie", "key=users/42/a"),
        ("range", "bytes=0-"),
    ] {
        for query in [
            "",
            "?name=users/42/a",
            "?path=users/42/a",
            "?list-type=2&prefix=users",
        ] {
            let asked = Request::get(format!("/presignedUrl/download{query}"));
            let asked = asked.header(name, value).body(axum::body::Body::empty());
            let reply = send(service.clone(), asked.unwrap()).await;
            problem(&reply, 400, "invalid_request");
        }
    }
    assert_eq!(fake.calls(), Vec::<&str>::new());
}
