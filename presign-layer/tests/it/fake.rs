//! An S3 store in memory: the answers that the server's own calls get, and failures to order.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use md5::{Digest, Md5};
use serde_json::Value;
use tower::Service;
use url::Url;

use crate::sigv4::{param, signature};
use crate::support::SECRET;

/// What goes wrong with one call.
#[derive(Clone, Copy)]
pub(crate) enum Failure {
    /// It is refused, with this status and code.
    Refused(u16, &'static str),
    /// It is done, and answered with this status and code all the same.
    DoneBut(u16, &'static str),
    /// It is done, and nobody hears of it.
    Lost,
}

#[derive(Clone, Default)]
pub(crate) struct FakeStore(Arc<Mutex<State>>);

pub(crate) type Objects = BTreeMap<String, Object>;
type Change = Box<dyn FnOnce(&mut Objects) + Send>;

#[derive(Default)]
struct State {
    uploads: BTreeMap<String, Upload>,
    objects: Objects,
    failures: HashMap<&'static str, VecDeque<Failure>>,
    /// What others do just before a call.
    changes: HashMap<&'static str, VecDeque<Change>>,
    calls: Vec<(&'static str, BTreeMap<String, String>)>,
    /// Where the calls were sent to.
    hosts: Vec<String>,
    /// So many looks find nothing yet.
    hidden: usize,
    /// What the next upload that is complete is replaced by at once, in bytes.
    replaced: Option<u64>,
    /// What the next object that is read is replaced by just before.
    swapped: Option<Vec<u8>>,
    begun: usize,
    in_flight: usize,
    most_in_flight: usize,
}

struct Upload {
    key: String,
    headers: BTreeMap<String, String>,
    parts: BTreeMap<u32, (u64, String)>,
    /// The first bytes of the object, where its first part is copied.
    first: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) size: u64,
    pub(crate) etag: String,
    /// Its first bytes, where anybody is to look at them.
    pub(crate) first: Vec<u8>,
    /// What it is served with.
    pub(crate) headers: BTreeMap<String, String>,
}

impl FakeStore {
    /// The next call of this kind (`create`, `list`, `complete`, `abort`, `head`, `copy`, `copy part`, `delete`) fails.
    pub(crate) fn fail(&self, call: &'static str, failure: Failure) {
        let mut state = self.0.lock().unwrap();
        state.failures.entry(call).or_default().push_back(failure);
    }

    /// Just before the next call of this kind others change the objects.
    pub(crate) fn before(
        &self,
        call: &'static str,
        change: impl FnOnce(&mut Objects) + Send + 'static,
    ) {
        let mut state = self.0.lock().unwrap();
        let changes = state.changes.entry(call).or_default();
        changes.push_back(Box::new(change));
    }

    /// The object that has this key.
    pub(crate) fn object(&self, key: &str) -> Option<Object> {
        self.0.lock().unwrap().objects.get(key).cloned()
    }

    /// What the browser does with a part's URL: it sends exactly as many bytes as are signed.
    pub(crate) fn put_part(&self, url: &str, size: u64) {
        let url = Url::parse(url).unwrap();
        let headers = BTreeMap::from([("content-length".to_owned(), size.to_string())]);
        assert_eq!(
            param(&url, "X-Amz-Signature"),
            signature("PUT", &url, &headers, SECRET),
            "{size} bytes are not what is signed: {url}"
        );
        let number = param(&url, "partNumber").parse().unwrap();
        self.put_unsigned(&param(&url, "uploadId"), number, size);
    }

    /// What the browser does with a PUT that is granted: it sends the headers that are signed, and a body of their length.
    pub(crate) fn put(&self, grant: &Value) {
        let url = Url::parse(grant["url"].as_str().unwrap()).unwrap();
        let headers: BTreeMap<String, String> =
            serde_json::from_value(grant["headers"].clone()).unwrap();
        assert_eq!(
            param(&url, "X-Amz-Signature"),
            signature("PUT", &url, &headers, SECRET),
            "these headers are not what is signed: {headers:?}"
        );
        let size = headers["content-length"].parse().unwrap();
        self.put_as(grant["key"].as_str().unwrap(), size, headers);
    }

    /// An object of any size that is stored with these headers, as a store that does not hold to what is signed would take it.
    pub(crate) fn put_as(&self, key: &str, size: u64, headers: BTreeMap<String, String>) {
        let object = Object {
            size,
            etag: hex(&Md5::digest(size.to_string())),
            first: Vec::new(),
            headers: stored(headers),
        };
        let mut state = self.0.lock().unwrap();
        state.objects.insert(key.to_owned(), object);
    }

    /// What the store says of an object changes: it has another header.
    pub(crate) fn set_header(&self, key: &str, name: &str, value: &str) {
        let mut state = self.0.lock().unwrap();
        let headers = &mut state.objects.get_mut(key).unwrap().headers;
        headers.insert(name.to_owned(), value.to_owned());
    }

    /// The object has these bytes, as many as its size says.
    pub(crate) fn set_bytes(&self, key: &str, bytes: &[u8]) {
        let mut state = self.0.lock().unwrap();
        let object = state.objects.get_mut(key).unwrap();
        assert_eq!(object.size, bytes.len() as u64);
        bytes.clone_into(&mut object.first);
    }

    /// A part of any size, as a store that does not hold to what is signed would take it.
    pub(crate) fn put_unsigned(&self, upload: &str, number: u32, size: u64) {
        let etag = hex(&Md5::digest(format!("{number}: {size}")));
        let mut state = self.0.lock().unwrap();
        let upload = state.uploads.get_mut(upload).unwrap();
        upload.parts.insert(number, (size, etag));
    }

    /// An object that somebody else has put there.
    pub(crate) fn put_object(&self, key: &str, size: u64, etag: &str) {
        let object = Object {
            size,
            etag: etag.to_owned(),
            first: Vec::new(),
            headers: BTreeMap::new(),
        };
        self.0
            .lock()
            .unwrap()
            .objects
            .insert(key.to_owned(), object);
    }

    /// So many looks for an object find nothing yet.
    pub(crate) fn hide_objects(&self, looks: usize) {
        self.0.lock().unwrap().hidden = looks;
    }

    /// The next upload that is complete is replaced at once, by an object of so many bytes.
    pub(crate) fn replace_when_done(&self, size: u64) {
        self.0.lock().unwrap().replaced = Some(size);
    }

    /// The next object that is read is replaced by these bytes just before.
    pub(crate) fn swap_when_read(&self, bytes: &[u8]) {
        self.0.lock().unwrap().swapped = Some(bytes.to_owned());
    }

    pub(crate) fn forget_uploads(&self) {
        self.0.lock().unwrap().uploads.clear();
    }

    pub(crate) fn uploads(&self) -> usize {
        self.0.lock().unwrap().uploads.len()
    }

    pub(crate) fn objects(&self) -> Vec<(String, u64)> {
        let state = self.0.lock().unwrap();
        let objects = state.objects.iter();
        objects
            .map(|(key, object)| (key.clone(), object.size))
            .collect()
    }

    /// The kinds of calls so far.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        let state = self.0.lock().unwrap();
        state.calls.iter().map(|(call, _)| *call).collect()
    }

    /// Where the calls so far were sent to.
    pub(crate) fn hosts(&self) -> Vec<String> {
        self.0.lock().unwrap().hosts.clone()
    }

    /// The headers of the last call of this kind.
    pub(crate) fn headers(&self, wanted: &str) -> BTreeMap<String, String> {
        let state = self.0.lock().unwrap();
        let found = state.calls.iter().rev().find(|(call, _)| *call == wanted);
        found.unwrap().1.clone()
    }

    pub(crate) fn most_in_flight(&self) -> usize {
        self.0.lock().unwrap().most_in_flight
    }
}

impl Service<Request<Full<Bytes>>> for FakeStore {
    type Response = Response<Full<Bytes>>;
    type Error = std::io::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let state = Arc::clone(&self.0);
        // As a store does, it goes on with what it was sent though nobody waits for the answer.
        let answering = tokio::spawn(async move {
            {
                let mut state = state.lock().unwrap();
                state.in_flight += 1;
                state.most_in_flight = state.most_in_flight.max(state.in_flight);
            }
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            // Others get their turn, as they would while a request travels.
            tokio::task::yield_now().await;
            let mut state = state.lock().unwrap();
            state.in_flight -= 1;
            state.answer(&parts, std::str::from_utf8(&body).unwrap())
        });
        Box::pin(async { answering.await.unwrap() })
    }
}

type Answer = Result<Response<Full<Bytes>>, std::io::Error>;

impl State {
    fn answer(&mut self, request: &http::request::Parts, body: &str) -> Answer {
        let url = Url::parse(&request.uri.to_string()).unwrap();
        self.hosts
            .push(url.host_str().unwrap_or_default().to_owned());
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let key = percent_encoding::percent_decode_str(url.path())
            .decode_utf8()
            .unwrap();
        let key = key.splitn(3, '/').nth(2).unwrap().to_owned();
        let copies = request.headers.contains_key("x-amz-copy-source");
        let call = match (request.method.as_str(), query.contains_key("uploadId")) {
            ("PUT", false) if copies => "copy",
            ("PUT", true) if copies => "copy part",
            ("POST", false) => "create",
            ("GET", true) => "list",
            ("POST", true) => "complete",
            ("DELETE", true) => "abort",
            ("DELETE", false) => "delete",
            ("GET", false) => "get",
            ("HEAD", false) => "head",
            other => panic!("{other:?} is not asked of a store"),
        };
        let headers = request.headers.iter();
        let headers: BTreeMap<String, String> = headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        self.calls.push((call, headers.clone()));
        let upload = query.get("uploadId").cloned().unwrap_or_default();
        let change = self.changes.get_mut(call).and_then(VecDeque::pop_front);
        if let Some(change) = change {
            change(&mut self.objects);
        }
        let failure = self.failures.get_mut(call).and_then(VecDeque::pop_front);
        if let Some(Failure::Refused(status, code)) = failure {
            return Ok(error(status, code));
        }
        let answer = match call {
            "create" => self.create(key, headers.clone()),
            "list" => self.list(&upload),
            "complete" => self.complete(&upload, &headers, body),
            "abort" => self.abort(&upload),
            "copy" => self.copy(key, &headers),
            "copy part" => self.copy_part(&upload, &query["partNumber"], &headers),
            "delete" => self.delete(&key),
            "get" => self.get(&key, &headers),
            _ => self.head(&key),
        };
        match failure {
            Some(Failure::DoneBut(status, code)) => Ok(error(status, code)),
            Some(Failure::Lost) => Err(std::io::Error::other("the connection is reset")),
            _ => Ok(answer),
        }
    }

    fn create(&mut self, key: String, headers: BTreeMap<String, String>) -> Response<Full<Bytes>> {
        self.begun += 1;
        let id = format!("upload-{}", self.begun);
        let parts = BTreeMap::new();
        let upload = Upload {
            key,
            headers: stored(headers),
            parts,
            first: Vec::new(),
        };
        self.uploads.insert(id.clone(), upload);
        xml(
            "InitiateMultipartUploadResult",
            &format!("<UploadId>{id}</UploadId>"),
        )
    }

    fn list(&self, upload: &str) -> Response<Full<Bytes>> {
        let Some(upload) = self.uploads.get(upload) else {
            return error(404, "NoSuchUpload");
        };
        let parts = upload.parts.iter().map(|(number, (size, etag))| {
            format!(
                "<Part><PartNumber>{number}</PartNumber><LastModified>2013-05-24T00:00:00Z</LastModified>\
                 <ETag>&quot;{etag}&quot;</ETag><Size>{size}</Size></Part>"
            )
        });
        let parts: String = parts.collect();
        xml(
            "ListPartsResult",
            &format!("<MaxParts>1000</MaxParts><IsTruncated>false</IsTruncated>{parts}"),
        )
    }

    fn complete(
        &mut self,
        id: &str,
        headers: &BTreeMap<String, String>,
        body: &str,
    ) -> Response<Full<Bytes>> {
        let Some(upload) = self.uploads.get(id) else {
            return error(404, "NoSuchUpload");
        };
        if headers.contains_key("if-none-match") && self.objects.contains_key(&upload.key) {
            return error(412, "PreconditionFailed");
        }
        let mut hash = Md5::new();
        for (number, (_, etag)) in &upload.parts {
            let listed = format!("<PartNumber>{number}</PartNumber>");
            if !body.contains(&listed) || !body.contains(etag) {
                return error(400, "InvalidPart");
            }
            hash.update(Md5::digest(format!("{number}: {}", upload.parts[number].0)));
        }
        let etag = format!("{}-{}", hex(&hash.finalize()), upload.parts.len());
        let size = upload.parts.values().map(|(size, _)| size).sum();
        let size = self.replaced.take().unwrap_or(size);
        let object = Object {
            size,
            etag: etag.clone(),
            first: upload.first.clone(),
            headers: upload.headers.clone(),
        };
        self.objects.insert(upload.key.clone(), object);
        self.uploads.remove(id);
        xml(
            "CompleteMultipartUploadResult",
            &format!("<ETag>&quot;{etag}&quot;</ETag>"),
        )
    }

    fn abort(&mut self, upload: &str) -> Response<Full<Bytes>> {
        if self.uploads.remove(upload).is_none() {
            return error(404, "NoSuchUpload");
        }
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = http::StatusCode::NO_CONTENT;
        answer
    }

    fn copy(&mut self, key: String, headers: &BTreeMap<String, String>) -> Response<Full<Bytes>> {
        let mut object = match self.source(headers) {
            Ok(object) => object,
            Err(error) => return error,
        };
        if headers.contains_key("if-none-match") && self.objects.contains_key(&key) {
            return error(412, "PreconditionFailed");
        }
        // The one of the source is not taken along.
        object.headers.remove("x-amz-storage-class");
        object.headers.extend(stored(headers.clone()));
        let etag = format!("<ETag>&quot;{}&quot;</ETag>", object.etag);
        self.objects.insert(key, object);
        xml("CopyObjectResult", &etag)
    }

    fn copy_part(
        &mut self,
        upload: &str,
        number: &str,
        headers: &BTreeMap<String, String>,
    ) -> Response<Full<Bytes>> {
        let object = match self.source(headers) {
            Ok(object) => object,
            Err(error) => return error,
        };
        let size = headers
            .get("x-amz-copy-source-range")
            .map_or(object.size, |range| {
                let (first, last) = range["bytes=".len()..].split_once('-').unwrap();
                let (first, last): (u64, u64) = (first.parse().unwrap(), last.parse().unwrap());
                assert!(first <= last && last < object.size, "{range}");
                last + 1 - first
            });
        let Some(upload) = self.uploads.get_mut(upload) else {
            return error(404, "NoSuchUpload");
        };
        let etag = hex(&Md5::digest(format!("{number}: {size}")));
        let listed = format!("<ETag>&quot;{etag}&quot;</ETag>");
        if number == "1" {
            upload.first = object.first;
        }
        upload.parts.insert(number.parse().unwrap(), (size, etag));
        xml("CopyPartResult", &listed)
    }

    /// What is to be copied, if it is still the one that was looked at.
    fn source(&self, headers: &BTreeMap<String, String>) -> Result<Object, Response<Full<Bytes>>> {
        let source = percent_encoding::percent_decode_str(&headers["x-amz-copy-source"])
            .decode_utf8()
            .unwrap();
        let (bucket, key) = source.split_once('/').unwrap();
        assert_eq!(bucket, "uploads");
        let Some(object) = self.objects.get(key) else {
            return Err(error(404, "NoSuchKey"));
        };
        if headers["x-amz-copy-source-if-match"] != format!("\"{}\"", object.etag) {
            return Err(error(412, "PreconditionFailed"));
        }
        Ok(object.clone())
    }

    fn delete(&mut self, key: &str) -> Response<Full<Bytes>> {
        self.objects.remove(key);
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = http::StatusCode::NO_CONTENT;
        answer
    }

    fn get(&mut self, key: &str, headers: &BTreeMap<String, String>) -> Response<Full<Bytes>> {
        if let Some(first) = self.swapped.take() {
            let object = self.objects.get_mut(key).unwrap();
            object.etag = hex(&Md5::digest(&first));
            object.first = first;
        }
        let Some(object) = self.objects.get(key) else {
            return error(404, "NoSuchKey");
        };
        let etag = format!("\"{}\"", object.etag);
        if headers
            .get("if-match")
            .is_some_and(|wanted| *wanted != etag)
        {
            return error(412, "PreconditionFailed");
        }
        let range = headers["range"].strip_prefix("bytes=0-").unwrap();
        let last: usize = range.parse().unwrap();
        let first = object.first.get(..=last).unwrap_or(&object.first);
        Response::builder()
            .status(206)
            .header("etag", etag)
            .body(Full::new(Bytes::copy_from_slice(first)))
            .unwrap()
    }

    fn head(&mut self, key: &str) -> Response<Full<Bytes>> {
        let hidden = self.hidden > 0;
        self.hidden = self.hidden.saturating_sub(1);
        let answer = Response::builder();
        let answer = match self.objects.get(key).filter(|_| !hidden) {
            None => answer.status(404),
            Some(object) => object.headers.iter().fold(
                answer
                    .header("content-length", object.size)
                    .header("etag", format!("\"{}\"", object.etag)),
                |answer, (name, value)| answer.header(name, value),
            ),
        };
        answer.body(Full::default()).unwrap()
    }
}

/// What of an upload's headers is stored with the object.
fn stored(mut headers: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let served = [
        "cache-control",
        "content-disposition",
        "content-type",
        "x-amz-server-side-encryption",
        "x-amz-storage-class",
    ];
    headers.retain(|name, _| served.contains(&&**name) || name.starts_with("x-amz-meta-"));
    headers
}

fn error(status: u16, code: &str) -> Response<Full<Bytes>> {
    let mut answer = xml(
        "Error",
        &format!("<Code>{code}</Code><Message>No.</Message>"),
    );
    *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
    answer
}

fn xml(root: &str, content: &str) -> Response<Full<Bytes>> {
    let namespace = if root == "Error" {
        ""
    } else {
        " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""
    };
    let text = format!("<?xml version=\"1.0\"?><{root}{namespace}>{content}</{root}>");
    Response::new(Full::new(Bytes::from(text)))
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}
