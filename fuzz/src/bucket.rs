//! A store that has objects and parts as S3 does, and keeps account of what it is told to make and to delete.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::Full;

use crate::env::{BUCKET, PART};
use crate::store::with_status;

const MARK: &str = "x-amz-meta-presign-upload";

/// What every file is granted as.
pub(crate) const TYPE: &str = "image/png";

/// An object. Its bytes are a number: no two files have the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) bytes: u64,
    pub(crate) size: u64,
    pub(crate) content_type: String,
    pub(crate) mark: Option<String>,
    pub(crate) etag: String,
}

/// What is under way to be an object.
#[derive(Debug)]
struct Multipart {
    key: String,
    content_type: String,
    mark: Option<String>,
    /// Bytes and size of each.
    parts: BTreeMap<u64, (u64, u64)>,
}

/// What the layer did.
#[derive(Debug)]
pub(crate) enum Change {
    Made {
        key: String,
        object: Object,
        replaced: Option<Object>,
    },
    Deleted {
        key: String,
    },
}

/// Objects, and what can be done with them.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    pub(crate) objects: BTreeMap<String, Object>,
    pub(crate) changes: Vec<Change>,
    /// Bytes that are not of their type.
    false_ones: BTreeSet<u64>,
    /// Keys and `ETag`s that a HEAD told of.
    shown: BTreeSet<(String, String)>,
    uploads: BTreeMap<String, Multipart>,
    next: u64,
}

impl Bucket {
    /// Bytes that nothing else has.
    pub(crate) fn new_bytes(&mut self, good: bool) -> u64 {
        self.next += 1;
        if !good {
            self.false_ones.insert(self.next);
        }
        self.next
    }

    pub(crate) fn is_good(&self, object: &Object) -> bool {
        !self.false_ones.contains(&object.bytes)
    }

    /// What somebody sends who needs no leave of the layer's.
    pub(crate) fn sent(&mut self, key: &str, size: u64, mark: Option<&str>, good: bool) {
        let bytes = self.new_bytes(good);
        let object = Object {
            bytes,
            size,
            content_type: TYPE.to_owned(),
            mark: mark.map(ToOwned::to_owned),
            etag: format!("e{bytes}"),
        };
        self.objects.insert(key.to_owned(), object);
    }

    /// All parts of the upload to `key`, if it is under way.
    pub(crate) fn sent_in_parts(&mut self, key: &str, size: u64, good: bool) {
        let bytes = self.new_bytes(good);
        let upload = self.uploads.values_mut().find(|upload| upload.key == key);
        if let Some(upload) = upload {
            let part = |number: u64| (number, (bytes, PART.min(size - (number - 1) * PART)));
            upload.parts = (1..=size.div_ceil(PART)).map(part).collect();
        }
    }

    pub(crate) fn answer(&mut self, request: &Request<Full<Bytes>>) -> Response<Full<Bytes>> {
        let key = key_of(request.uri().path().trim_start_matches('/'));
        let query: BTreeMap<_, _> =
            form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let headers = request.headers();
        let upload = query.get("uploadId");
        match (request.method(), upload) {
            (&Method::HEAD, _) => self.head(&key, headers),
            (&Method::GET, Some(id)) => self.list(id),
            (&Method::GET, None) => self.first_bytes(&key, headers),
            (&Method::PUT, Some(id)) => self.copy_part(id, &query["partNumber"], headers),
            (&Method::PUT, None) => self.copy(&key, headers),
            (&Method::POST, None) => self.begin(key, headers),
            (&Method::POST, Some(id)) => self.complete(id, &key, headers),
            (&Method::DELETE, Some(id)) => match self.uploads.remove(id) {
                Some(_) => with_status(204),
                None => error(404, "NoSuchUpload"),
            },
            (&Method::DELETE, None) => {
                if self.objects.remove(&key).is_some() {
                    self.changes.push(Change::Deleted { key });
                }
                with_status(204)
            }
            (other, _) => panic!("{other} is never asked for"),
        }
    }

    fn head(&mut self, key: &str, headers: &HeaderMap) -> Response<Full<Bytes>> {
        let Some(object) = self.objects.get(key) else {
            return with_status(404);
        };
        if !meets(headers, "if-match", object) {
            return with_status(412);
        }
        self.shown.insert((key.to_owned(), object.etag.clone()));
        let mut answer = Response::builder()
            .header("content-length", object.size)
            .header("content-type", &object.content_type)
            .header("etag", format!("\"{}\"", object.etag));
        if let Some(mark) = &object.mark {
            answer = answer.header(MARK, mark);
        }
        answer.body(Full::default()).expect("it is an answer")
    }

    fn first_bytes(&self, key: &str, headers: &HeaderMap) -> Response<Full<Bytes>> {
        let Some(object) = self.objects.get(key) else {
            return error(404, "NoSuchKey");
        };
        if !meets(headers, "if-match", object) {
            return error(412, "PreconditionFailed");
        }
        let mut bytes = if self.is_good(object) {
            b"\x89PNG\r\n\x1a\n".to_vec()
        } else {
            b"<!DOCTYPE HTML>".to_vec()
        };
        let most = usize::try_from(object.size).expect("it fits").min(8192);
        bytes.resize(most, b' ');
        Response::builder()
            .status(206)
            .header("etag", format!("\"{}\"", object.etag))
            .body(Full::from(bytes))
            .expect("it is an answer")
    }

    fn list(&self, id: &str) -> Response<Full<Bytes>> {
        let Some(upload) = self.uploads.get(id) else {
            return error(404, "NoSuchUpload");
        };
        let part = |(number, (bytes, size)): (&u64, &(u64, u64))| {
            format!(
                "<Part><PartNumber>{number}</PartNumber><ETag>\"{bytes}\"</ETag><Size>{size}</Size></Part>"
            )
        };
        let parts: String = upload.parts.iter().map(part).collect();
        xml(format!(
            "<ListPartsResult><IsTruncated>false</IsTruncated>{parts}</ListPartsResult>"
        ))
    }

    fn begin(&mut self, key: String, headers: &HeaderMap) -> Response<Full<Bytes>> {
        self.next += 1;
        let id = format!("u{}", self.next);
        let upload = Multipart {
            key,
            content_type: text(headers, "content-type").unwrap_or_default().to_owned(),
            mark: text(headers, MARK).map(ToOwned::to_owned),
            parts: BTreeMap::new(),
        };
        self.uploads.insert(id.clone(), upload);
        xml(format!(
            "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        ))
    }

    fn complete(&mut self, id: &str, key: &str, headers: &HeaderMap) -> Response<Full<Bytes>> {
        if !self.uploads.contains_key(id) {
            return error(404, "NoSuchUpload");
        }
        if self.is_taken(key, headers) {
            return error(412, "PreconditionFailed");
        }
        let upload = self.uploads.remove(id).expect("it was there");
        assert_eq!(upload.key, key);
        let (bytes, _) = upload.parts[&1];
        let one = upload.parts.values().all(|part| part.0 == bytes);
        assert!(one, "bytes of several objects in one: {upload:?}");
        let object = Object {
            bytes,
            size: upload.parts.values().map(|part| part.1).sum(),
            content_type: upload.content_type,
            mark: upload.mark,
            etag: format!("p{bytes}-{}", upload.parts.len()),
        };
        let told = told("CompleteMultipartUploadResult", &object.etag);
        self.make(key, object);
        told
    }

    fn copy(&mut self, key: &str, headers: &HeaderMap) -> Response<Full<Bytes>> {
        let source = match self.source(headers) {
            Ok(source) => source,
            Err(refused) => return refused,
        };
        assert!(source.size <= PART, "{source:?} is too large for one copy");
        assert_eq!(text(headers, "x-amz-metadata-directive"), Some("COPY"));
        if self.is_taken(key, headers) {
            return error(412, "PreconditionFailed");
        }
        let told = told("CopyObjectResult", &source.etag);
        self.make(key, source);
        told
    }

    fn copy_part(&mut self, id: &str, number: &str, headers: &HeaderMap) -> Response<Full<Bytes>> {
        let source = match self.source(headers) {
            Ok(source) => source,
            Err(refused) => return refused,
        };
        let size = match text(headers, "x-amz-copy-source-range") {
            None => source.size,
            Some(range) => {
                let (first, last) = range
                    .strip_prefix("bytes=")
                    .and_then(|range| range.split_once('-'))
                    .expect("a range");
                let number = |text: &str| text.parse::<u64>().expect("a number");
                assert!(number(last) < source.size, "{range} of {source:?}");
                number(last) + 1 - number(first)
            }
        };
        let Some(upload) = self.uploads.get_mut(id) else {
            return error(404, "NoSuchUpload");
        };
        let number = number.parse().expect("a number");
        upload.parts.insert(number, (source.bytes, size));
        told("CopyPartResult", &source.bytes.to_string())
    }

    /// What is to be copied: by a condition alone, for what was looked at.
    fn source(&self, headers: &HeaderMap) -> Result<Object, Response<Full<Bytes>>> {
        let key = key_of(text(headers, "x-amz-copy-source").expect("a source"));
        let Some(object) = self.objects.get(&key) else {
            return Err(error(404, "NoSuchKey"));
        };
        let condition = "x-amz-copy-source-if-match";
        assert!(headers.contains_key(condition), "whatever is there");
        if !meets(headers, condition, object) {
            return Err(error(412, "PreconditionFailed"));
        }
        assert!(self.shown.contains(&(key, object.etag.clone())));
        Ok(object.clone())
    }

    fn is_taken(&self, key: &str, headers: &HeaderMap) -> bool {
        headers.contains_key("if-none-match") && self.objects.contains_key(key)
    }

    fn make(&mut self, key: &str, object: Object) {
        let replaced = self.objects.insert(key.to_owned(), object.clone());
        self.changes.push(Change::Made {
            key: key.to_owned(),
            object,
            replaced,
        });
    }
}

/// The key in `BUCKET/KEY`. Nobody here has a key that needs escapes.
fn key_of(path: &str) -> String {
    let key = path
        .strip_prefix(BUCKET)
        .and_then(|key| key.strip_prefix('/'));
    key.expect("our bucket").to_owned()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(name)
        .map(|value| value.to_str().expect("it is text"))
}

fn meets(headers: &HeaderMap, condition: &str, object: &Object) -> bool {
    text(headers, condition).is_none_or(|etag| etag.trim_matches('"') == object.etag)
}

fn told(result: &str, etag: &str) -> Response<Full<Bytes>> {
    xml(format!("<{result}><ETag>\"{etag}\"</ETag></{result}>"))
}

fn xml(text: String) -> Response<Full<Bytes>> {
    Response::new(Full::from(text))
}

/// An answer that something is not so.
pub(crate) fn error(status: u16, code: &str) -> Response<Full<Bytes>> {
    let mut answer = xml(format!("<Error><Code>{code}</Code></Error>"));
    *answer.status_mut() = StatusCode::from_u16(status).expect("it is a status");
    answer
}
