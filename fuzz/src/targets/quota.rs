use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use presign_layer::protocol::{
    CompleteAnswer, CompleteResponse, ErrorCode, FileError, Grant, GrantAnswer, GrantResponse,
    Problem,
};
use presign_layer::{InMemoryQuota, PostLength, PresignService};
use serde_json::json;

use crate::ask::{post, send};
use crate::env::{MOUNT, NOW, PART, builder, policy};
use crate::judge::{Trust, judge, judge_error};
use crate::store::{Scripted, with_status};

/// Bytes that there is room for.
const ROOM: u64 = 20 << 20;
/// Files are so many times as large as a step says: some are forms, some PUTs, some go in parts.
const UNIT: u64 = 128 << 10;
/// Seconds that a presigned URL lives, that an upload can be completed, and that its room is held beyond.
const URL: u64 = 900;
const TOKEN: u64 = 7 * 24 * 60 * 60;
const UNDER_WAY: u64 = 60 * 60;
/// Steps of one input that are taken.
const STEPS: usize = 48;

/// What becomes of an upload at the store, by its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stored {
    /// So many bytes are sent, and are an object.
    Object(u64),
    /// So many bytes are sent in parts.
    Parts(u64),
}

type Bucket = Arc<Mutex<HashMap<String, Stored>>>;

/// An upload that was granted.
#[derive(Debug)]
struct Upload {
    token: String,
    mark: String,
    size: u64,
    in_parts: bool,
    /// Whether its room is counted already.
    counted: bool,
    granted_at: u64,
    /// When its room is held no more.
    held_until: u64,
}

/// Uploads of a mount that counts what is stored, three bytes for each step: what to do, with which upload, and how much of it. What is counted is what was completed, each
/// upload once; it is never more than there is room for; and room is refused where there is none, and only there.
pub fn quota(input: &[u8]) {
    let mut world = World::new();
    for step in input.chunks_exact(3).take(STEPS) {
        let (which, much) = (usize::from(step[1]), u64::from(step[2]));
        match step[0] % 8 {
            0 | 1 => world.grant(&[much * UNIT]),
            2 => world.grant(&[u64::from(step[1]) * UNIT, much * UNIT + 1]),
            3 => world.send(which, much),
            4 => world.complete(which),
            5 => world.give_up(which),
            6 => world.guide(much * UNIT),
            _ => world.wait(u64::from(step[1]) << (much % 13)),
        }
        assert_eq!(world.quota.used(""), world.used);
        assert!(world.used <= ROOM);
    }
}

struct World {
    service: PresignService,
    quota: InMemoryQuota,
    clock: Arc<AtomicU64>,
    bucket: Bucket,
    uploads: Vec<Upload>,
    used: u64,
}

impl World {
    fn new() -> Self {
        let (quota, bucket) = (InMemoryQuota::new(ROOM), Bucket::default());
        let clock = Arc::new(AtomicU64::new(NOW));
        let (time, count) = (Arc::clone(&clock), AtomicU64::new(0));
        let policy = policy()
            .post_below(1 << 20)
            .post_length(PostLength::Ranged)
            .allow_overwrite()
            .no_content_md5();
        let service = builder(store(Arc::clone(&bucket)), policy)
            .quota(quota.clone())
            .clock(move || {
                SystemTime::UNIX_EPOCH + Duration::from_secs(time.load(Ordering::Relaxed))
            })
            .random(move |bytes| {
                let next = count.fetch_add(1, Ordering::Relaxed).to_be_bytes();
                bytes.fill(0);
                for (byte, next) in bytes.iter_mut().rev().zip(next.iter().rev()) {
                    *byte = *next;
                }
                Ok(())
            })
            .build_service()
            .expect("the mount is right");
        Self {
            service,
            quota,
            clock,
            bucket,
            uploads: Vec::new(),
            used: 0,
        }
    }

    fn now(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }

    /// Bytes that are neither counted nor held.
    fn left(&self) -> u64 {
        let now = self.now();
        let held = |upload: &&Upload| !upload.counted && upload.held_until > now;
        let held: u64 = self.uploads.iter().filter(held).map(|it| it.size).sum();
        ROOM.saturating_sub(self.used + held)
    }

    fn grant(&mut self, sizes: &[u64]) {
        let file = |size: &u64| json!({ "name": format!("{size}.bin"), "size": size });
        let files: Vec<_> = sizes.iter().map(file).collect();
        let reply = post(&self.service, "", json!({ "files": files }).to_string());
        judge(&reply, Trust::Honest, false, b"");
        let answer: GrantResponse = reply.json();
        for (size, answer) in sizes.iter().zip(answer.grants) {
            let left = self.left();
            match answer {
                GrantAnswer::Granted(grant) => {
                    assert!(*size <= left, "{size} of {left}");
                    self.granted(*size, grant);
                }
                GrantAnswer::Refused { error } => no_room(&error, *size, left),
            }
        }
    }

    fn granted(&mut self, size: u64, grant: Grant) {
        let (token, key, lives) = match grant {
            Grant::Put(grant) => (grant.token, grant.key, URL),
            Grant::Post(grant) => (grant.token, grant.key, URL),
            Grant::Multipart(grant) => (Some(grant.token), grant.key, TOKEN),
            other => panic!("{other:?}"),
        };
        let (mark, _) = key.split_once('/').expect("a key of its own");
        assert!(self.uploads.iter().all(|other| other.mark != mark));
        self.uploads.push(Upload {
            token: token.expect("what arrives is verified"),
            mark: mark.to_owned(),
            size,
            in_parts: lives == TOKEN,
            counted: false,
            granted_at: self.now(),
            held_until: self.now() + lives + UNDER_WAY,
        });
    }

    /// A form may have fewer bytes than it was granted.
    fn send(&mut self, which: usize, much: u64) {
        let Some(upload) = pick(&mut self.uploads, which) else {
            return;
        };
        let is_form = upload.size < 1 << 20;
        let stored = match upload.in_parts {
            true => Stored::Parts(upload.size),
            false if is_form => Stored::Object(upload.size.saturating_sub(much)),
            false => Stored::Object(upload.size),
        };
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let may = !upload.in_parts || !bucket.contains_key(&upload.mark);
        if may {
            bucket.insert(upload.mark.clone(), stored);
        }
    }

    fn complete(&mut self, which: usize) {
        let (now, left) = (self.now(), self.left());
        let Some(upload) = pick(&mut self.uploads, which) else {
            return;
        };
        let body = json!({ "uploads": [{ "token": upload.token }] }).to_string();
        let reply = post(&self.service, "/complete", body);
        judge(&reply, Trust::Honest, false, b"");
        let answer: CompleteResponse = reply.json();
        let holds = upload.counted || upload.held_until > now;
        match &answer.results[..] {
            [CompleteAnswer::Completed(completed)] => {
                assert!(now < upload.granted_at + TOKEN);
                assert!(holds || completed.size <= left, "{completed:?} of {left}");
                if !upload.counted {
                    self.used += completed.size;
                    upload.counted = true;
                }
            }
            [CompleteAnswer::Refused { error }] => {
                judge_error(error);
                let room = error.code == ErrorCode::QuotaExceeded;
                assert!(!room || (!holds && error.extensions.quota_left == Some(left)));
                let others = [
                    ErrorCode::ObjectMissing,
                    ErrorCode::PartsMissing,
                    ErrorCode::UploadGone,
                    ErrorCode::TokenExpired,
                ];
                assert!(room || others.contains(&error.code), "{error:?}");
            }
            other => panic!("{other:?}"),
        }
    }

    fn give_up(&mut self, which: usize) {
        let now = self.now();
        let Some(upload) = pick(&mut self.uploads, which) else {
            return;
        };
        let body = json!({ "token": upload.token }).to_string();
        let reply = post(&self.service, "/abort", body);
        judge(&reply, Trust::Honest, false, b"");
        if reply.status != 204 {
            assert_eq!(reply.json::<Problem>().code, ErrorCode::TokenExpired);
            return;
        }
        // What has one URL may be sent to it until that has expired.
        let ends = if upload.in_parts { now } else { now + URL };
        upload.held_until = upload.held_until.min(ends);
    }

    fn guide(&mut self, size: u64) {
        let request = Request::get(format!("{MOUNT}?name={size}.bin&size={size}&type="))
            .body(Full::<Bytes>::default())
            .expect("it is a request");
        let left = self.left();
        let reply = send(self.service.clone(), request);
        judge(&reply, Trust::Honest, false, b"");
        if reply.status == 200 {
            // Nobody will ever say that it has arrived.
            assert!(size <= left, "{size} of {left}");
            self.used += size;
        } else {
            let problem: Problem = reply.json();
            assert_eq!(problem.code, ErrorCode::QuotaExceeded);
            assert_eq!(problem.extensions.quota_left, Some(left));
            assert!(size > left);
        }
    }

    fn wait(&mut self, seconds: u64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }
}

fn pick(uploads: &mut [Upload], which: usize) -> Option<&mut Upload> {
    let place = which % uploads.len().max(1);
    uploads.get_mut(place)
}

fn no_room(error: &FileError, size: u64, left: u64) {
    judge_error(error);
    assert_eq!(error.code, ErrorCode::QuotaExceeded);
    assert_eq!(error.extensions.quota_left, Some(left));
    assert!(size > left, "{size} of {left}");
}

/// A store that has what was sent.
fn store(bucket: Bucket) -> Scripted {
    Scripted::answering(move |request| {
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let mark = request.uri().path().split('/').nth(2).unwrap_or_default();
        let stored = bucket.get(mark).copied();
        let of_upload = request
            .uri()
            .query()
            .unwrap_or_default()
            .contains("uploadId=");
        Some(match (request.method(), of_upload, stored) {
            (&Method::POST, false, _) => xml(
                "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
                    .to_owned(),
            ),
            (&Method::GET, true, Some(Stored::Parts(size))) => xml(parts(size)),
            (&Method::GET, true, None) => xml(parts(0)),
            (&Method::POST, true, Some(Stored::Parts(size))) => {
                bucket.insert(mark.to_owned(), Stored::Object(size));
                xml("<CompleteMultipartUploadResult><ETag>\"a\"</ETag></CompleteMultipartUploadResult>".to_owned())
            }
            (&Method::DELETE, true, Some(Stored::Parts(_))) => {
                bucket.remove(mark);
                with_status(204)
            }
            (&Method::DELETE, true, None) => with_status(204),
            (&Method::HEAD, _, Some(Stored::Object(size))) => Response::builder()
                .header("content-length", size)
                .header("content-type", "application/octet-stream")
                .header("etag", "\"a\"")
                .header("x-amz-meta-presign-upload", mark)
                .body(Full::default())
                .expect("it is an answer"),
            (&Method::HEAD, ..) => with_status(404),
            _ => {
                let mut gone = xml("<Error><Code>NoSuchUpload</Code></Error>".to_owned());
                *gone.status_mut() = http::StatusCode::NOT_FOUND;
                gone
            }
        })
    })
}

fn xml(text: String) -> Response<Full<Bytes>> {
    Response::new(Full::from(text))
}

fn parts(size: u64) -> String {
    let count = size.div_ceil(PART);
    let part = |number| {
        let bytes = PART.min(size - (number - 1) * PART);
        format!(
            "<Part><PartNumber>{number}</PartNumber><ETag>\"{number}\"</ETag><Size>{bytes}</Size></Part>"
        )
    };
    let parts: String = (1..=count).map(part).collect();
    format!("<ListPartsResult><IsTruncated>false</IsTruncated>{parts}</ListPartsResult>")
}
