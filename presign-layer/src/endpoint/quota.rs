//! The room that an upload takes in the application's books: held when it is granted, counted when its object is there.

use std::time::{Duration, SystemTime};

use futures_util::stream::{self, StreamExt};
use presign_protocol::{ErrorCode, FileError, Problem};

use super::AT_ONCE;
use super::signer::now;
use super::upload::{Sent, Upload};
use crate::authorize::{Ask, Permit};
use crate::core::Core;
use crate::decision::{Decision, Way, permit_is_wrong};
use crate::problem::{Refused, file_error, internal};
use crate::quota::{NoRoom, QuotaError, Reservation, RunningQuota};

/// What is sent can still be on its way when its URL expires, and be copied at the store when its token does.
const UNDER_WAY: Duration = Duration::from_hours(1);

/// Room that is held for one upload.
pub(super) struct Held<'a> {
    core: &'a Core,
    quota: &'a RunningQuota,
    reservation: Reservation,
    /// Whether anybody looks for its object later.
    is_completed: bool,
}

/// Holds room for what is about to be granted. Nothing is held where nothing is counted.
pub(super) async fn hold<'a>(
    core: &'a Core,
    ask: &Ask,
    permit: &Permit,
    decision: &Decision,
) -> Result<Option<Held<'a>>, Refused> {
    let Some(quota) = &core.quota else {
        return Ok(None);
    };
    let bytes = ask.file.size.ok_or_else(size_required)?;
    let now = now(core)?;
    let (id, is_completed) = match &decision.mark {
        Some(mark) => (mark.clone(), true),
        None => (
            core.environment
                .unique(now)
                .map_err(|error| internal(&error))?,
            false,
        ),
    };
    // As long as bytes can come.
    let lives = match &decision.way {
        Way::Put { .. } | Way::Post { .. } => decision.expires_in,
        Way::Parts(_) => core.rules.resumable_for.max(decision.expires_in),
    };
    let held = Held {
        core,
        quota,
        reservation: Reservation {
            subject: subject(core, permit.subject.as_deref())?,
            ends_at: moment(now + lives + UNDER_WAY),
            ..Reservation::new(id, String::new(), bytes, moment(now))
        },
        is_completed,
    };
    held.reserve().await?;
    Ok(Some(held))
}

/// Makes sure of the room of an upload whose object is there, before anything is done with it: it may have ended since.
pub(super) async fn hold_still<'a>(
    core: &'a Core,
    upload: &Upload,
    bytes: u64,
) -> Result<Option<Held<'a>>, Refused> {
    let Some(quota) = &core.quota else {
        return Ok(None);
    };
    let subject = subject(core, upload.subject.as_deref())?;
    let ends_at = Duration::from_secs(upload.claims.ends_at).saturating_add(UNDER_WAY);
    let held = Held {
        core,
        quota,
        reservation: Reservation {
            ends_at: moment(ends_at),
            ..Reservation::new(&upload.claims.mark, subject, bytes, moment(now(core)?))
        },
        is_completed: true,
    };
    held.reserve().await.map_err(in_place)?;
    Ok(Some(held))
}

/// An upload's object is where it is to stay.
pub(super) async fn arrived(held: Option<Held<'_>>) -> Result<(), FileError> {
    match held {
        Some(held) => held.count().await.map_err(to_one),
        None => Ok(()),
    }
}

/// All of a request is granted: what nobody will look for is counted now, because nobody would ever count it.
pub(super) async fn granted(held: Vec<Held<'_>>) -> Result<(), Problem> {
    let counting: Vec<_> = held
        .into_iter()
        .filter(|held| !held.is_completed)
        .map(Held::count)
        .collect();
    let counted: Vec<_> = stream::iter(counting).buffered(AT_ONCE).collect().await;
    counted.into_iter().collect()
}

/// Nothing of a request is granted after all.
pub(super) async fn not_granted(held: Vec<Held<'_>>) {
    let releasing: Vec<_> = held
        .into_iter()
        .map(|mut held| {
            held.reservation.ends_at = held.reservation.now;
            held.release()
        })
        .collect();
    stream::iter(releasing)
        .buffered(AT_ONCE)
        .collect::<()>()
        .await;
}

/// An upload is given up. No URL is taken back by that: of what goes in one request the room is held until the last of them has expired.
pub(super) async fn given_up(core: &Core, upload: &Upload) -> Result<(), Problem> {
    let (Some(quota), Ok(subject)) = (&core.quota, named(core, upload.subject.as_deref())) else {
        return Ok(());
    };
    let now = now(core)?;
    let ends_at = match upload.sent {
        Sent::Whole => now + core.rules.expires_in,
        Sent::InParts(_) => now,
    };
    let held = Held {
        core,
        quota,
        reservation: Reservation {
            ends_at: moment(ends_at),
            ..Reservation::new(
                &upload.claims.mark,
                subject,
                upload.claims.size,
                moment(now),
            )
        },
        is_completed: true,
    };
    held.release().await;
    Ok(())
}

/// A pending object is refused and deleted: as good as given up. One under its final key is left there, and so is its room, until it ends.
pub(super) async fn discarded(core: &Core, upload: &Upload) -> Result<(), Problem> {
    match upload.claims.final_key {
        Some(_) => given_up(core, upload).await,
        None => Ok(()),
    }
}

impl Held<'_> {
    async fn reserve(&self) -> Result<(), Refused> {
        let reservation = self.reservation.clone();
        let bytes = reservation.bytes;
        let reserved = self.quota.reserve(&self.core.hooks, reservation).await;
        match reserved.map_err(Problem::from)? {
            Ok(()) => Ok(()),
            Err(QuotaError(NoRoom::Exceeded { left })) => Err(exceeded(bytes, left).into()),
            Err(QuotaError(NoRoom::Failed(error))) => Err(internal(&error).into()),
        }
    }

    /// Its object is there, or nobody will ever say so.
    async fn count(self) -> Result<(), Problem> {
        let counted = self.quota.commit(&self.core.hooks, self.reservation).await;
        counted
            .map_err(Problem::from)?
            .map_err(|error| internal(&error))
    }

    /// There will be no object. Room that is not given back ends by itself, so nobody is held up by that.
    async fn release(self) {
        let released = self.quota.release(&self.core.hooks, self.reservation).await;
        if let Ok(Err(error)) = released {
            tracing::error!(%error, "the room of an upload is not given back");
        }
    }
}

/// Others of the batch have arrived all the same.
fn in_place(refused: Refused) -> FileError {
    match refused {
        Refused::InPlace(error) => error,
        Refused::Whole(problem) => to_one(problem),
    }
}

fn to_one(problem: Problem) -> FileError {
    file_error(problem.code, problem.detail)
}

fn exceeded(bytes: u64, left: u64) -> FileError {
    let mut error = file_error(
        ErrorCode::QuotaExceeded,
        format!("The file has {bytes} bytes; there is room for {left} more."),
    );
    error.extensions.quota_left = Some(left);
    error
}

fn size_required() -> FileError {
    file_error(
        ErrorCode::SizeAndTypeRequired,
        "The bytes of uploads are counted here, so a name alone is not enough: add `size` (bytes) and `type` (the content type, may be \
         empty) to the query, with `Accept: application/json` to be told the headers to send, or use `POST`.",
    )
}

/// Whose room it is. A hook that names nobody is a mistake: all its users would share the room of one.
fn subject(core: &Core, subject: Option<&str>) -> Result<String, FileError> {
    named(core, subject).map_err(|Nobody| {
        permit_is_wrong(&"it names no subject, and the quota has room for each subject")
    })
}

struct Nobody;

fn named(core: &Core, subject: Option<&str>) -> Result<String, Nobody> {
    match subject {
        Some(subject) if !subject.is_empty() => Ok(subject.to_owned()),
        None if core.authorizer.is_public() => Ok(String::new()),
        _ => Err(Nobody),
    }
}

/// The end of the year 9999, beyond which nothing is signed: not every system has times far after it.
const LAST: Duration = Duration::from_secs(253_402_300_799);

fn moment(since_1970: Duration) -> SystemTime {
    SystemTime::UNIX_EPOCH + since_1970.min(LAST)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LAST, moment};

    #[test]
    fn no_token_lives_so_long_that_its_end_cannot_be_told() {
        assert_eq!(moment(Duration::MAX), moment(LAST));
        assert!(moment(Duration::from_secs(1)) < moment(LAST));
    }
}
