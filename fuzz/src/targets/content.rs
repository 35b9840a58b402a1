use std::sync::{LazyLock, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Method, Response};
use http_body_util::Full;
use memchr::memmem;
use presign_layer::PresignService;
use presign_layer::protocol::{
    CompleteAnswer, CompleteResponse, ErrorCode, Grant, GrantAnswer, GrantResponse,
};
use serde_json::json;

use crate::ask::post;
use crate::env::{builder, policy};
use crate::judge::{Trust, judge, judge_error};
use crate::receipts::judge_completed;
use crate::store::{Scripted, cut};
use crate::tokens::mark;

/// Content type and bytes of the object that the store has.
static STORED: Mutex<(Option<HeaderValue>, Bytes)> = Mutex::new((None, Bytes::new()));

static CHECKING: LazyLock<PresignService> = LazyLock::new(|| {
    builder(store(), policy().check_content())
        .build_service()
        .expect("the mount is right")
});

/// What files of a type begin with: what must be there of it, and what is surely one.
const SIGNATURES: [(&str, &[u8], &[u8]); 9] = [
    ("image/png", b"\x89PNG", b"\x89PNG\r\n\x1a\n"),
    (
        "image/jpeg",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    ),
    ("image/gif", b"GIF", b"GIF89a"),
    ("application/pdf", b"%PDF", b"%PDF-1.7"),
    ("application/zip", b"PK", b"PK\x03\x04"),
    ("application/wasm", b"\0asm", b"\0asm\x01\0\0\0"),
    ("application/gzip", b"\x1f\x8b", b"\x1f\x8b\x08"),
    ("font/woff2", b"wOF2", b"wOF2"),
    ("application/rtf", b"{\\rt", b"{\\rtf1"),
];

const HTML: [&[u8]; 3] = [b"<!DOCTYPE HTML>", b"<html>", b"<script>"];

/// A file of which the first line is the content type that it was granted as, and the rest its bytes. What has the signature of its type is taken, what must have one and has
/// not is not, and nothing else than what the type allows can be the reason.
pub fn content(input: &[u8]) {
    let Some((granted, bytes)) = cut(input, b"\n") else {
        return;
    };
    let Ok(granted) = std::str::from_utf8(granted) else {
        return;
    };
    let size = bytes.len() as u64;
    let Some((token, stored)) = grant(granted, size, input) else {
        return;
    };
    let file = Bytes::from(bytes.to_vec());
    *STORED.lock().unwrap_or_else(PoisonError::into_inner) = (Some(stored), file);
    let body = json!({ "uploads": [{ "token": token }] }).to_string();
    let reply = post(&CHECKING, "/complete", body);
    judge(&reply, Trust::Honest, false, input);
    assert_eq!(reply.status, 200);
    let answer: CompleteResponse = reply.json();
    let essence = granted.split(';').next().unwrap_or_default();
    let essence = essence.trim_ascii().to_ascii_lowercase();
    match &answer.results[..] {
        [CompleteAnswer::Completed(completed)] => {
            judge_completed(&CHECKING, completed);
            assert_eq!(completed.size, size);
            assert!(!contradicts(&essence, bytes), "{granted}");
        }
        [CompleteAnswer::Refused { error }] => {
            judge_error(error);
            assert_eq!(error.code, ErrorCode::ContentMismatch);
            assert!(!agrees(&essence, bytes), "{granted}: {}", error.message);
        }
        other => panic!("{other:?}"),
    }
}

/// The token of a file of this type, and the type that its object then has; nothing where it is no type.
fn grant(content_type: &str, size: u64, input: &[u8]) -> Option<(String, HeaderValue)> {
    let file = json!({ "name": "a", "size": size, "type": content_type });
    let reply = post(&CHECKING, "", json!({ "files": [file] }).to_string());
    judge(&reply, Trust::Honest, false, input);
    match reply.json::<GrantResponse>().grants.into_iter().next() {
        Some(GrantAnswer::Granted(Grant::Put(grant))) => {
            let stored = HeaderValue::from_str(&grant.headers["content-type"]);
            Some((grant.token?, stored.expect("it is a header's value")))
        }
        Some(GrantAnswer::Refused { error }) => {
            assert_eq!(error.code, ErrorCode::InvalidType);
            None
        }
        other => panic!("{other:?}"),
    }
}

/// Whether the file is surely not of this type.
fn contradicts(essence: &str, bytes: &[u8]) -> bool {
    if essence == "application/pdf" {
        // Readers let it begin behind something else.
        let first = &bytes[..bytes.len().min(1024)];
        return memmem::find(first, b"%PDF").is_none() || is_html_or_script(bytes);
    }
    let of_type = SIGNATURES.iter().find(|(known, ..)| *known == essence);
    if let Some((_, least, _)) = of_type {
        return !bytes.starts_with(least);
    }
    let media = ["image/", "audio/", "video/", "font/"];
    let is_media = media.iter().any(|media| essence.starts_with(media));
    match essence {
        // XML may begin as a page does.
        _ if essence.ends_with("+xml") || essence.ends_with("+yaml") => false,
        "text/plain" | "text/csv" | "application/json" => is_html(bytes),
        _ => is_media && (bytes.starts_with(b"%PDF-") || is_html_or_script(bytes)),
    }
}

fn is_html(bytes: &[u8]) -> bool {
    HTML.iter().any(|html| bytes.starts_with(html))
}

fn is_html_or_script(bytes: &[u8]) -> bool {
    is_html(bytes) || bytes.starts_with(b"#!/bin/sh\n")
}

/// Whether the file is surely of this type.
fn agrees(essence: &str, bytes: &[u8]) -> bool {
    let of_type = SIGNATURES.iter().find(|(known, ..)| *known == essence);
    if let Some((.., whole)) = of_type {
        return bytes.starts_with(whole);
    }
    match essence {
        "application/octet-stream" => true,
        "text/plain" | "text/csv" | "application/json" => {
            std::str::from_utf8(bytes).is_ok()
                && !bytes
                    .iter()
                    .any(|byte| *byte < b' ' && !byte.is_ascii_whitespace())
                && memmem::find(bytes, b"<").is_none()
        }
        _ => false,
    }
}

fn store() -> Scripted {
    Scripted::answering(|request| {
        let (content_type, bytes) = &*STORED.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = Response::builder()
            .header("content-type", content_type.as_ref().expect("a type"))
            .header("etag", "\"all\"");
        let answer = match *request.method() {
            Method::HEAD => answer
                .header("content-length", bytes.len())
                .header("x-amz-meta-presign-upload", mark())
                .body(Full::default()),
            Method::GET => answer.status(206).body(Full::from(bytes.clone())),
            // An object that is where it stays is never deleted.
            ref other => panic!("{other} is not asked for"),
        };
        Some(answer.expect("it is an answer"))
    })
}
