use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::{Quota, QuotaError, Reservation};
use crate::BoxError;

/// How often it is looked for subjects of whom nothing is known any more.
const SWEEP: Duration = Duration::from_mins(1);

/// Uploads of one subject that are kept in mind.
const MOST_UPLOADS: usize = 100_000;

/// A [`Quota`] of one process that forgets everything when it ends: for a single server that tells it at its start what is there, and for tests.
///
/// Each upload that is granted is kept in mind for as long as it can be completed, an empty file too, and so that nobody fills the memory with those, at
/// most 100,000 of one subject: whoever has so many is told that there is no room, until the first of them ends. On a [public](crate::Builder::public)
/// mount, where all share one subject, that is so for all together.
///
/// Its clones share one book, so the application keeps one for itself:
///
/// ```
/// use presign_layer::{Credentials, InMemoryQuota, Permit, PresignLayer, Store};
///
/// # let store = Store::builder("http://127.0.0.1:9000", "uploads").credentials(Credentials::new("id", "secret")).build()?;
/// let quota = InMemoryQuota::new(5 << 30); // 5 GiB for each user
/// quota.set_used("42", 1 << 30); // from the application's own table, at its start
/// let layer = PresignLayer::builder(store)
///     .authorize(|_| async { Ok(Permit::new().subject("42")) })
///     .quota(quota.clone())
///     .build()?;
/// quota.free("42", 1 << 20); // whenever the application deletes an object
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct InMemoryQuota(Arc<Inner>);

struct Inner {
    limit: Box<dyn Fn(&str) -> u64 + Send + Sync>,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    accounts: HashMap<String, Account>,
    swept_at: Option<SystemTime>,
}

/// What is known of one subject.
#[derive(Debug, Default)]
struct Account {
    used: u64,
    /// Bytes of the uploads that are not counted yet.
    reserved: u64,
    uploads: HashMap<String, Known>,
    /// When each of them is forgotten.
    ends: BTreeSet<(SystemTime, String)>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    ends_at: SystemTime,
    /// `None`: it has been counted.
    reserved: Option<u64>,
}

impl InMemoryQuota {
    /// Every subject may store so many bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        Self::by(move |_| bytes)
    }

    /// Each subject may store as many bytes as `limit` says, whenever it is asked.
    #[must_use]
    pub fn by(limit: impl Fn(&str) -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            limit: Box::new(limit),
            book: Mutex::default(),
        }))
    }

    /// Bytes that `subject` has stored.
    #[must_use]
    pub fn used(&self, subject: &str) -> u64 {
        let book = self.book();
        book.accounts.get(subject).map_or(0, |account| account.used)
    }

    /// What `subject` has stored is so many bytes, whatever was counted before.
    pub fn set_used(&self, subject: &str, bytes: u64) {
        let mut book = self.book();
        book.account(subject).used = bytes;
    }

    /// So many bytes of `subject` are there no more, because the application has deleted an object.
    pub fn free(&self, subject: &str, bytes: u64) {
        let mut book = self.book();
        if let Some(account) = book.accounts.get_mut(subject) {
            account.used = account.used.saturating_sub(bytes);
        }
    }

    /// Everything under the lock is done in one go, so what a panic leaves is whole.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Quota for InMemoryQuota {
    async fn reserve(&self, upload: Reservation) -> Result<(), QuotaError> {
        let limit = (self.0.limit)(&upload.subject);
        let mut book = self.book();
        book.sweep(upload.now);
        let account = book.account(&upload.subject);
        account.forget(upload.now);
        if account.uploads.contains_key(&upload.id) {
            return Ok(());
        }
        if account.uploads.len() >= MOST_UPLOADS {
            return Err(QuotaError::exceeded(0));
        }
        let taken = account.used.saturating_add(account.reserved);
        let left = limit.saturating_sub(taken);
        if upload.bytes > left {
            return Err(QuotaError::exceeded(left));
        }
        account.know(upload.id, upload.ends_at, Some(upload.bytes));
        Ok(())
    }

    async fn commit(&self, upload: Reservation) -> Result<(), BoxError> {
        let mut book = self.book();
        let account = book.account(&upload.subject);
        let known = account.uploads.get(&upload.id);
        if known.is_some_and(|known| known.reserved.is_none()) {
            return Ok(());
        }
        account.used = account.used.saturating_add(upload.bytes);
        account.know(upload.id, upload.ends_at, None);
        Ok(())
    }

    async fn release(&self, upload: Reservation) -> Result<(), BoxError> {
        let mut book = self.book();
        if let Some(account) = book.accounts.get_mut(&upload.subject) {
            if let Some(known) = account.uploads.get(&upload.id).copied()
                && known.reserved.is_some()
                && upload.ends_at < known.ends_at
            {
                account.know(upload.id, upload.ends_at, known.reserved);
            }
            account.forget(upload.now);
        }
        Ok(())
    }
}

impl Book {
    fn account(&mut self, subject: &str) -> &mut Account {
        self.accounts.entry(subject.to_owned()).or_default()
    }

    fn sweep(&mut self, now: SystemTime) {
        let is_due = self
            .swept_at
            .is_none_or(|last| now.duration_since(last).is_ok_and(|since| since >= SWEEP));
        if !is_due {
            return;
        }
        self.swept_at = Some(now);
        self.accounts.retain(|_, account| {
            account.forget(now);
            account.used > 0 || !account.uploads.is_empty()
        });
    }
}

impl Account {
    /// In the place of what was known of this upload.
    fn know(&mut self, id: String, ends_at: SystemTime, reserved: Option<u64>) {
        self.drop_upload(&id);
        self.reserved = self.reserved.saturating_add(reserved.unwrap_or(0));
        self.ends.insert((ends_at, id.clone()));
        self.uploads.insert(id, Known { ends_at, reserved });
    }

    fn drop_upload(&mut self, id: &str) {
        if let Some((id, known)) = self.uploads.remove_entry(id) {
            self.reserved = self.reserved.saturating_sub(known.reserved.unwrap_or(0));
            self.ends.remove(&(known.ends_at, id));
        }
    }

    /// What has ended.
    fn forget(&mut self, now: SystemTime) {
        while let Some((ends_at, id)) = self.ends.first()
            && *ends_at <= now
        {
            let id = id.clone();
            self.drop_upload(&id);
        }
    }
}

impl fmt::Debug for InMemoryQuota {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subjects = self.book().accounts.len();
        formatter
            .debug_struct("InMemoryQuota")
            .field("subjects", &subjects)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn at(second: u64) -> SystemTime {
        NOW + Duration::from_secs(second)
    }

    fn upload(id: &str, bytes: u64, now: u64, ends_at: u64) -> Reservation {
        Reservation {
            ends_at: at(ends_at),
            ..Reservation::new(id, "42", bytes, at(now))
        }
    }

    /// What is left, if there is no room.
    fn reserve(quota: &InMemoryQuota, upload: Reservation) -> Option<u64> {
        let reserved = quota.reserve(upload).now_or_never().unwrap();
        reserved.err().map(|error| error.left().unwrap())
    }

    fn commit(quota: &InMemoryQuota, upload: Reservation) {
        quota.commit(upload).now_or_never().unwrap().unwrap();
    }

    fn release(quota: &InMemoryQuota, upload: Reservation) {
        quota.release(upload).now_or_never().unwrap().unwrap();
    }

    #[test]
    fn what_is_held_and_what_is_counted_leave_no_room() {
        let quota = InMemoryQuota::new(10);
        assert_eq!(reserve(&quota, upload("a", 6, 0, 100)), None);
        assert_eq!(reserve(&quota, upload("b", 5, 0, 100)), Some(4));
        assert_eq!(reserve(&quota, upload("b", 4, 0, 100)), None);
        commit(&quota, upload("a", 6, 1, 100));
        assert_eq!(reserve(&quota, upload("c", 1, 1, 100)), Some(0));
        assert_eq!(quota.used("42"), 6, "held is not stored");
        let other = Reservation::new("d", "43", 10, NOW);
        assert_eq!(reserve(&quota, other), None, "each has their own");
    }

    #[test]
    fn an_upload_is_counted_once_with_the_bytes_that_it_has() {
        let quota = InMemoryQuota::new(10);
        reserve(&quota, upload("a", 6, 0, 100));
        for now in 1..4 {
            assert_eq!(reserve(&quota, upload("a", 5, now, 10)), None, "its own");
            commit(&quota, upload("a", 5, now, 100));
        }
        release(&quota, upload("a", 6, 4, 4));
        assert_eq!(quota.used("42"), 5);
        assert_eq!(reserve(&quota, upload("b", 6, 5, 100)), Some(5));
        quota.free("42", 3);
        assert_eq!(reserve(&quota, upload("b", 6, 5, 100)), None);
        quota.free("42", 100);
        assert_eq!(quota.used("42"), 0);
    }

    #[test]
    fn room_ends_and_is_needed_anew() {
        let quota = InMemoryQuota::new(10);
        reserve(&quota, upload("a", 10, 0, 100));
        assert_eq!(reserve(&quota, upload("b", 1, 99, 200)), Some(0));
        assert_eq!(reserve(&quota, upload("b", 1, 100, 200)), None);
        assert_eq!(reserve(&quota, upload("a", 10, 100, 200)), Some(9));
        commit(&quota, upload("a", 10, 100, 200));
        assert_eq!(
            quota.used("42"),
            10,
            "what is there is counted all the same"
        );
    }

    #[test]
    fn what_is_given_up_ends_when_it_is_said_to_and_never_later() {
        let quota = InMemoryQuota::new(10);
        reserve(&quota, upload("a", 10, 0, 100));
        release(&quota, upload("a", 10, 1, 200));
        release(&quota, upload("a", 10, 1, 50));
        assert_eq!(reserve(&quota, upload("b", 1, 49, 200)), Some(0));
        release(&quota, upload("a", 10, 49, 49));
        assert_eq!(reserve(&quota, upload("b", 1, 49, 200)), None);
        release(&quota, upload("unknown", 10, 49, 49));
        release(&quota, Reservation::new("a", "unknown", 1, NOW));
    }

    #[test]
    fn nothing_is_kept_of_what_has_ended() {
        let quota = InMemoryQuota::new(10);
        for subject in ["41", "43"] {
            for second in 0..100 {
                let mut upload = upload(&second.to_string(), 1, second, second + 1);
                upload.subject = subject.to_owned();
                assert_eq!(reserve(&quota, upload.clone()), None);
                if subject == "43" && second < 5 {
                    commit(&quota, upload);
                }
            }
        }
        assert_eq!(reserve(&quota, upload("a", 1, 1000, 1001)), None);
        let book = quota.book();
        let mut left: Vec<_> = book
            .accounts
            .iter()
            .map(|(subject, account)| {
                (
                    subject.as_str(),
                    account.uploads.len(),
                    account.ends.len(),
                    account.reserved,
                )
            })
            .collect();
        left.sort_unstable();
        assert_eq!(
            left,
            [("42", 1, 1, 1), ("43", 0, 0, 0)],
            "43 has something stored"
        );
    }

    /// Empty files need no room, and could be asked for without an end.
    #[test]
    fn no_subject_is_kept_in_mind_without_bounds() {
        let quota = InMemoryQuota::new(10);
        for second in 1..=MOST_UPLOADS as u64 {
            let upload = upload(&second.to_string(), 0, 0, second);
            assert_eq!(reserve(&quota, upload), None);
        }
        assert_eq!(reserve(&quota, upload("more", 0, 0, 1)), Some(0));
        assert_eq!(reserve(&quota, upload("7", 0, 0, 7)), None, "its own");
        let other = Reservation::new("other", "43", 10, NOW);
        assert_eq!(reserve(&quota, other), None, "each has their own");
        assert_eq!(reserve(&quota, upload("more", 0, 1, 9)), None, "one ended");
        assert_eq!(reserve(&quota, upload("again", 0, 1, 9)), Some(0));
    }

    #[test]
    fn a_limit_can_be_each_subjects_own() {
        let quota = InMemoryQuota::by(|subject| subject.parse().unwrap_or(0));
        assert_eq!(reserve(&quota, upload("a", 43, 0, 1)), Some(42));
        quota.set_used("42", 50);
        assert_eq!(
            reserve(&quota, upload("a", 1, 0, 1)),
            Some(0),
            "lowered since"
        );
        assert_eq!(reserve(&quota, upload("a", 0, 0, 1)), None);
    }
}
