use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use presign_layer::protocol::{
    CompleteAnswer, CompleteResponse, CompletedUpload, ErrorCode, Grant, GrantAnswer, GrantResponse,
};
use presign_layer::{Capabilities, KeyStrategy, PresignService};
use serde_json::json;

use crate::ask::post;
use crate::bucket::{Bucket, Change, Object, TYPE, error};
use crate::env::{PART, PENDING, THRESHOLD, bucket, mount, policy};
use crate::judge::{Trust, judge, judge_error};
use crate::store::Scripted;
use crate::tokens::said;

/// The only keys that files are to have, so that uploads are in each other's way.
const KEYS: [&str; 2] = ["a.png", "b.png"];
/// Steps of one input that are taken.
const STEPS: usize = 48;

/// What comes between when the store is asked for something.
#[derive(Clone, Copy, Debug)]
enum Between {
    Nothing,
    /// The store fails.
    Fails,
    /// The store does it, and its answer is lost.
    Lost,
    /// The upload's file is sent (again).
    Sent(usize),
    /// Somebody else puts an object under a key.
    Other(usize),
    /// Somebody else deletes what is under a key.
    Deleted(usize),
    /// What is pending is deleted, as by a lifecycle rule.
    Expired(usize),
    /// Another server completes an upload: within one, calls for the same upload wait for each other.
    Completed(usize),
}

/// An upload that was granted.
#[derive(Clone, Debug)]
struct Upload {
    token: String,
    mark: String,
    pending: String,
    key: &'static str,
    size: u64,
}

#[derive(Clone, Copy, Debug)]
struct Rules {
    overwrites: bool,
    checks_content: bool,
}

/// Uploads of a mount where files are pending first, three bytes for each step after one for the mount: what to do, with which upload, and how. Whatever fails, is sent
/// again or comes between: under a key comes nothing but the whole, verified object of an upload that was granted for that key; what is there is never deleted, and where
/// overwriting is forbidden never replaced; what is pending is deleted only once it was promoted, refused or given up.
pub fn promote(input: &[u8]) {
    let Some((mount, steps)) = input.split_first() else {
        return;
    };
    let rules = Rules {
        overwrites: mount & 1 != 0,
        checks_content: mount & 2 != 0,
    };
    let world = Arc::new(Mutex::new(World::new(rules)));
    let service = service(&world, rules, *mount);
    for step in steps.chunks_exact(3).take(STEPS) {
        take(&world, &service, step);
    }
}

fn take(world: &Mutex<World>, service: &PresignService, step: &[u8]) {
    let (which, much) = (usize::from(step[1]), u64::from(step[2]));
    match step[0] % 8 {
        0 => grant(world, service, KEYS[which % 2], much),
        1 => lock(world).send(which, !much.is_multiple_of(4)),
        2 | 3 => {
            complete(world, service, which);
            lock(world).settle();
        }
        4 => {
            give_up(world, service, which);
            lock(world).settle();
        }
        5 if much.is_multiple_of(2) => lock(world).other(which),
        5 => lock(world).delete(which),
        _ => lock(world).plan(step[0] / 8, which, much),
    }
}

fn service(world: &Arc<Mutex<World>>, rules: Rules, mounted: u8) -> PresignService {
    let mut policy = policy()
        .key(KeyStrategy::FileName)
        .pending_prefix(PENDING)
        .no_content_md5();
    if rules.overwrites {
        policy = policy.allow_overwrite();
    }
    if rules.checks_content {
        policy = policy.check_content();
    }
    if mounted & 4 != 0 {
        policy = policy.post_below(1 << 20);
    }
    let (count, asked) = (AtomicU64::new(0), Arc::clone(world));
    let store = bucket(Scripted::answering(move |request| {
        let between = lock(&asked).next();
        match between {
            Between::Fails => return Some(error(503, "SlowDown")),
            Between::Sent(which) => lock(&asked).send(which / 2, which % 2 == 0),
            Between::Other(which) => lock(&asked).other(which),
            Between::Deleted(which) => lock(&asked).delete(which),
            Between::Expired(which) => lock(&asked).expire(which),
            Between::Completed(which) => {
                complete(&asked, &service(&asked, rules, mounted), which);
            }
            Between::Nothing | Between::Lost => {}
        }
        let mut world = lock(&asked);
        let answer = world.bucket.answer(request);
        world.judge_changes();
        (!matches!(between, Between::Lost)).then_some(answer)
    }))
    .copy_at_most(PART)
    .capabilities(Capabilities::default().with_conditional_copy(mounted & 8 == 0));
    mount(store, policy)
        .random(move |bytes| {
            let next = count.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            bytes.fill(0);
            for (byte, next) in bytes.iter_mut().rev().zip(next.iter().rev()) {
                *byte = *next;
            }
            Ok(())
        })
        .build_service()
        .expect("the mount is right")
}

fn grant(world: &Mutex<World>, service: &PresignService, key: &'static str, much: u64) {
    let size = if much.is_multiple_of(4) {
        THRESHOLD - 128 + much
    } else {
        64 + much
    };
    let body = json!({ "files": [{ "name": key, "size": size, "type": TYPE }] });
    // What fails and what comes between is for the calls that complete.
    let planned = std::mem::take(&mut lock(world).planned);
    let reply = post(service, "", body.to_string());
    lock(world).planned = planned;
    judge(&reply, Trust::Honest, false, b"");
    let answer: GrantResponse = reply.json();
    let (token, pending) = match answer.grants.into_iter().next() {
        Some(GrantAnswer::Granted(Grant::Put(grant))) => (grant.token, grant.key),
        Some(GrantAnswer::Granted(Grant::Post(grant))) => (grant.token, grant.key),
        Some(GrantAnswer::Granted(Grant::Multipart(grant))) => (Some(grant.token), grant.key),
        other => panic!("{other:?}"),
    };
    let token = token.expect("what arrives is verified");
    let mut world = lock(world);
    assert!(pending.starts_with(PENDING), "{pending}");
    assert!(world.uploads.iter().all(|other| other.pending != pending));
    let mark = said(&token)["i"].as_str().expect("a mark").to_owned();
    world.uploads.push(Upload {
        token,
        mark,
        pending,
        key,
        size,
    });
}

fn complete(world: &Mutex<World>, service: &PresignService, which: usize) {
    let Some(upload) = lock(world).called(which) else {
        return;
    };
    let touches = lock(world).touches;
    let body = json!({ "uploads": [{ "token": upload.token }] }).to_string();
    let reply = post(service, "/complete", body);
    judge(&reply, Trust::Any, false, b"");
    if reply.status != 200 {
        return;
    }
    let answer: CompleteResponse = reply.json();
    match &answer.results[..] {
        [CompleteAnswer::Completed(completed)] => {
            let receipt = service.receipts().verify(&completed.receipt);
            let receipt = receipt.expect("the receipt is good");
            assert_eq!(receipt.key(), completed.key);
            assert_eq!(receipt.etag(), completed.etag);
            assert_eq!(receipt.id(), upload.mark);
            lock(world).completed(&upload, completed, touches);
        }
        [CompleteAnswer::Refused { error }] => {
            judge_error(error);
            lock(world).refused(&upload, error.code);
        }
        other => panic!("{other:?}"),
    }
}

fn give_up(world: &Mutex<World>, service: &PresignService, which: usize) {
    let Some(upload) = lock(world).called(which) else {
        return;
    };
    let body = json!({ "token": upload.token }).to_string();
    // It is meant to be lost, whatever becomes of the answer.
    lock(world).may_lose.insert(upload.pending);
    let reply = post(service, "/abort", body);
    judge(&reply, Trust::Any, false, b"");
}

struct World {
    rules: Rules,
    bucket: Bucket,
    uploads: Vec<Upload>,
    planned: VecDeque<Between>,
    /// What was promoted, by mark.
    promoted: BTreeMap<String, Vec<Object>>,
    /// What was told of uploads whose object nobody else has touched since, by mark.
    told: BTreeMap<String, String>,
    /// How often anybody else has put or deleted an object under a key.
    touches: usize,
    /// Pending keys of the uploads that the calls under way are for.
    asked_for: BTreeSet<String>,
    /// Pending keys that the layer deleted, and those that it may.
    lost: BTreeSet<String>,
    may_lose: BTreeSet<String>,
}

impl World {
    fn new(rules: Rules) -> Self {
        Self {
            rules,
            bucket: Bucket::default(),
            uploads: Vec::new(),
            planned: VecDeque::new(),
            promoted: BTreeMap::new(),
            told: BTreeMap::new(),
            touches: 0,
            asked_for: BTreeSet::new(),
            lost: BTreeSet::new(),
            may_lose: BTreeSet::new(),
        }
    }

    fn next(&mut self) -> Between {
        self.planned.pop_front().unwrap_or(Between::Nothing)
    }

    /// So many requests later something comes between.
    fn plan(&mut self, what: u8, which: usize, much: u64) {
        let between = match what % 7 {
            0 => Between::Fails,
            1 => Between::Lost,
            2 => Between::Sent(which),
            3 => Between::Other(which),
            4 => Between::Deleted(which),
            5 => Between::Expired(which),
            _ => Between::Completed(which),
        };
        let quiet = (0..much % 8).map(|_| Between::Nothing);
        self.planned.extend(quiet.chain([between]));
    }

    fn pick(&self, which: usize) -> Option<Upload> {
        self.uploads.get(which % self.uploads.len().max(1)).cloned()
    }

    fn called(&mut self, which: usize) -> Option<Upload> {
        let upload = self.pick(which)?;
        self.asked_for.insert(upload.pending.clone());
        Some(upload)
    }

    /// The URL that was granted, used once or once more; its bytes may be another type's.
    fn send(&mut self, which: usize, good: bool) {
        let Some(upload) = self.pick(which) else {
            return;
        };
        let Upload {
            pending,
            size,
            mark,
            ..
        } = &upload;
        if *size >= THRESHOLD {
            self.bucket.sent_in_parts(pending, *size, good);
        } else {
            self.bucket.sent(pending, *size, Some(mark), good);
        }
    }

    fn other(&mut self, which: usize) {
        self.bucket.sent(KEYS[which % 2], 100, None, true);
        self.touched(KEYS[which % 2]);
    }

    fn delete(&mut self, which: usize) {
        self.bucket.objects.remove(KEYS[which % 2]);
        self.touched(KEYS[which % 2]);
    }

    fn expire(&mut self, which: usize) {
        if let Some(upload) = self.pick(which) {
            self.bucket.objects.remove(&upload.pending);
        }
    }

    fn touched(&mut self, key: &str) {
        self.touches += 1;
        for upload in self.uploads.iter().filter(|upload| upload.key == key) {
            self.told.remove(&upload.mark);
        }
    }

    fn judge_changes(&mut self) {
        for change in std::mem::take(&mut self.bucket.changes) {
            match change {
                Change::Made {
                    key,
                    object,
                    replaced,
                } => self.made(&key, object, replaced.as_ref()),
                Change::Deleted { key } => {
                    assert!(!KEYS.contains(&&*key), "{key} is not the layer's to delete");
                    assert!(self.asked_for.contains(&key), "{key} is another upload's");
                    self.lost.insert(key);
                }
            }
        }
    }

    fn made(&mut self, key: &str, object: Object, replaced: Option<&Object>) {
        let mark = object.mark.clone().expect("it has its mark");
        let upload = self.uploads.iter().find(|upload| upload.mark == mark);
        let upload = upload.expect("an upload that was granted");
        assert_eq!((object.size, &*object.content_type), (upload.size, TYPE));
        if !KEYS.contains(&key) {
            assert_eq!(key, upload.pending);
            return;
        }
        assert_eq!(key, upload.key);
        let good = !self.rules.checks_content || self.bucket.is_good(&object);
        assert!(good, "{object:?} is not of its type");
        assert!(
            self.rules.overwrites || replaced.is_none(),
            "{object:?} replaces {replaced:?}"
        );
        if replaced.is_some() {
            self.touched(key);
        }
        self.promoted.entry(mark).or_default().push(object);
    }

    /// `touches`: how often others had touched something when the call began.
    fn completed(&mut self, upload: &Upload, completed: &CompletedUpload, touches: usize) {
        assert_eq!(completed.key, upload.key);
        assert_eq!(completed.size, upload.size);
        assert_eq!(completed.content_type, TYPE);
        let promoted = self
            .promoted
            .get(&upload.mark)
            .map_or(&[][..], Vec::as_slice);
        let one = promoted.iter().any(|object| object.etag == completed.etag);
        assert!(one, "{completed:?} of {promoted:?}");
        let stays = self
            .bucket
            .objects
            .get(upload.key)
            .is_some_and(|object| object.mark.as_ref() == Some(&upload.mark));
        // What others deleted during the call may have been seen by it, and be there anew.
        if self.rules.overwrites || !stays || touches != self.touches {
            return;
        }
        let etag = completed.etag.clone();
        let told = self.told.entry(upload.mark.clone()).or_insert(etag);
        assert_eq!(*told, completed.etag, "what is complete does not change");
    }

    fn refused(&mut self, upload: &Upload, code: ErrorCode) {
        let lost = match code {
            ErrorCode::ObjectMismatch | ErrorCode::ContentMismatch => true,
            ErrorCode::ObjectExists => {
                assert!(!self.rules.overwrites);
                true
            }
            ErrorCode::ObjectMissing
            | ErrorCode::PartsMissing
            | ErrorCode::UploadGone
            | ErrorCode::StoreFailed => false,
            other => panic!("{other:?}"),
        };
        if lost {
            self.may_lose.insert(upload.pending.clone());
        }
    }

    /// After a call and all that came between.
    fn settle(&mut self) {
        for key in std::mem::take(&mut self.lost) {
            let upload = self.uploads.iter().find(|upload| upload.pending == key);
            let mark = &upload.expect("an upload that was granted").mark;
            let may = self.may_lose.contains(&key) || self.promoted.contains_key(mark);
            assert!(
                may,
                "{key} is deleted, and was neither promoted nor refused"
            );
        }
        self.asked_for.clear();
        self.may_lose.clear();
    }
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}
