use presign_layer::{Disposition, Encryption, KeyStrategy, Policy};
use serde_json::json;

use crate::support::{ask, free, get, get_json, png, post, public, request, send};

#[tokio::test]
async fn the_guides_get_answers_the_url_alone() {
    let policy = free().key(KeyStrategy::FileName);
    let reply = get(public(policy), "/presignedUrl?name=a%20b.png").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("vary"), "accept");
    let url = reply.text();
    assert!(
        url.starts_with("https://s3.test/uploads/a%20b.png?X-Amz-Algorithm=AWS4-HMAC-SHA256&"),
        "{url}"
    );
    assert!(
        url.contains("&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature="),
        "{url}"
    );
}

#[tokio::test]
async fn the_guides_get_answers_a_grant_where_json_is_preferred() {
    let uri = "/presignedUrl?name=a.png&size=5&type=image/png";
    let grant = get_json(public(Policy::new()), uri).await.json();
    assert_eq!(grant["method"], "put");
    assert_eq!(
        grant["headers"],
        json!({ "content-length": "5", "content-type": "image/png", "if-none-match": "*" })
    );
    assert_eq!(grant["expiresIn"], 900);
    assert!(grant["key"].as_str().unwrap().ends_with("/a.png"));
}

#[tokio::test]
async fn what_the_query_declares_is_signed_even_where_nothing_is_demanded() {
    let grant = get_json(public(free()), "/presignedUrl?name=a&size=5")
        .await
        .json();
    assert_eq!(grant["headers"], json!({ "content-length": "5" }));
}

#[tokio::test]
async fn a_bare_url_is_refused_wherever_anything_is_limited() {
    let limited = [
        ("overwriting", Policy::new()),
        ("size", free().max_size(10)),
        ("least size", free().min_size(1)),
        ("type", free().content_types(["image/*"])),
        ("headers", free().cache_control("no-cache")),
        ("disposition", free().disposition(Disposition::Attachment)),
        ("metadata", free().metadata("a", "b")),
        ("encryption", free().encryption(Encryption::S3Managed)),
    ];
    for (what, policy) in limited {
        for query in [
            "name=a.png",
            "name=a.png&size=5",
            "name=a.png&type=image/png",
        ] {
            let reply = get(public(policy.clone()), &format!("/presignedUrl?{query}")).await;
            assert_eq!(reply.status, 400, "{what}: {}", reply.text());
            assert_eq!(reply.json()["code"], "size_and_type_required", "{what}");
        }
        let whole = "/presignedUrl?name=a.png&size=5&type=image/png";
        let reply = get(public(policy), whole).await;
        assert_eq!(reply.status, 200, "{what}: {}", reply.text());
        assert!(
            reply.text().contains("content-length%3Bcontent-type%3B"),
            "{what}: {}",
            reply.text()
        );
    }
}

#[tokio::test]
async fn limits_say_what_a_page_needs() {
    let policy = Policy::new()
        .min_size(1)
        .max_size(1000)
        .content_types(["image/*", "application/pdf"])
        .allow_metadata(["Album"])
        .max_files(7);
    let reply = get(public(policy), "/presignedUrl/limits").await;
    assert_eq!(
        reply.json(),
        json!({
            "minSize": 1, "maxSize": 1000, "types": ["image/*", "application/pdf"],
            "maxFiles": 7, "metadata": ["album"], "expiresIn": 900,
        })
    );
    let open = get(public(Policy::new()), "/presignedUrl/limits")
        .await
        .json();
    assert!(open.get("types").is_none());
}

#[tokio::test]
async fn a_batch_is_answered_in_its_order_and_each_file_for_itself() {
    let service = public(Policy::new().max_size(10));
    let files = json!({ "files": [
        { "name": "a.txt", "size": 1, "type": "text/plain" },
        { "name": "b.txt", "size": 11, "type": "text/plain" },
        { "name": "a.txt", "size": 2 },
    ]});
    let reply = post(service, files.to_string()).await;
    assert_eq!(reply.status, 200);
    let json = reply.json();
    let grants = json["grants"].as_array().unwrap();
    assert_eq!(grants.len(), 3);
    assert_eq!(grants[0]["headers"]["content-length"], "1");
    assert_eq!(grants[1]["error"]["code"], "file_too_large");
    assert_eq!(grants[1]["error"]["maxSize"], 10);
    assert_eq!(
        grants[2]["headers"]["content-type"],
        "application/octet-stream"
    );
}

#[tokio::test]
async fn two_files_of_one_name_get_two_keys() {
    let service = presign_layer::PresignService::builder(crate::support::store())
        .public()
        .build_service()
        .unwrap();
    let files = json!({ "files": [png(1), png(1)] });
    let grants = post(service, files.to_string()).await.json();
    assert_ne!(grants["grants"][0]["key"], grants["grants"][1]["key"]);
}

#[tokio::test]
async fn everything_the_policy_stores_with_an_object_is_signed_and_told() {
    let policy = Policy::new()
        .cache_control("public, max-age=31536000, immutable")
        .disposition(Disposition::Attachment)
        .metadata("Source", "web")
        .allow_metadata(["title"])
        .storage_class("STANDARD_IA")
        .encryption(Encryption::Kms {
            key_id: Some("alias/uploads".to_owned()),
        });
    let file =
        json!({ "name": "é.png", "size": 3, "type": "image/png", "metadata": { "Title": "日本" } });
    let grant = ask(public(policy), file).await;
    assert_eq!(
        grant["headers"],
        json!({
            "cache-control": "public, max-age=31536000, immutable",
            "content-disposition": "attachment; filename=\"_.png\"; filename*=UTF-8''%C3%A9.png",
            "content-length": "3",
            "content-type": "image/png",
            "if-none-match": "*",
            "x-amz-meta-presign-upload": "013ed3d5-bc00-7707-8707-070707070707",
            "x-amz-meta-source": "web",
            "x-amz-meta-title": "=?UTF-8?B?5pel5pys?=",
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": "alias/uploads",
            "x-amz-storage-class": "STANDARD_IA",
        })
    );
}

#[tokio::test]
async fn keys_are_made_as_the_policy_says() {
    let file = || json!({ "name": "../日 本.png", "size": 1, "type": "" });
    let unique = ask(public(Policy::new()), file()).await;
    assert_eq!(
        unique["key"],
        "013ed3d5-bc00-7707-8707-070707070707/.._日 本.png"
    );

    let custom = KeyStrategy::custom(|naming| {
        format!(
            "{}/{}/{}",
            naming.ask.file.size.unwrap_or(0),
            naming.unique.len(),
            naming.safe_name
        )
    });
    let custom = ask(public(Policy::new().key(custom)), file()).await;
    assert_eq!(custom["key"], "1/36/.._日 本.png");

    let by_name = ask(public(Policy::new().key(KeyStrategy::FileName)), file()).await;
    assert_eq!(by_name["error"]["code"], "invalid_key");
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    for uri in [
        "/presignedUrl?name=a",
        "/presignedUrl/limits",
        "/presignedUrl/none",
        "/presignedUrl?x=1",
        "/elsewhere",
    ] {
        let get = get(public(free()), uri).await;
        let head = send(public(free()), request("HEAD", uri)).await;
        assert_eq!(head.status, get.status, "{uri}");
        assert_eq!(head.headers, get.headers, "{uri}");
        assert_eq!(
            head.header("content-length"),
            get.body.len().to_string(),
            "{uri}"
        );
        assert!(head.body.is_empty(), "{uri}");
    }
}

#[tokio::test]
async fn a_head_that_is_refused_has_no_body_either() {
    for path in ["parts", "resume", "complete", "abort"] {
        let uri = format!("/presignedUrl/{path}");
        let head = send(public(free()), request("HEAD", &uri)).await;
        assert_eq!((head.status.as_u16(), &head.body[..]), (405, &b""[..]));
        assert_eq!(head.header("allow"), "POST, OPTIONS");
    }
}

#[tokio::test]
async fn options_lists_the_methods() {
    let reply = send(public(free()), request("OPTIONS", "/presignedUrl")).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("allow")),
        (204, "GET, HEAD, POST, OPTIONS")
    );
    let reply = send(public(free()), request("OPTIONS", "/presignedUrl/limits")).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("allow")),
        (204, "GET, HEAD, OPTIONS")
    );
    for endpoint in ["parts", "resume", "complete", "abort"] {
        let uri = format!("/presignedUrl/{endpoint}");
        let reply = send(public(free()), request("OPTIONS", &uri)).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("allow")),
            (204, "POST, OPTIONS")
        );
    }
}
