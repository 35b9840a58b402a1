//! An object under another key: in one go, or by parts where it is too large for that or the store knows conditions at an upload's end alone.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use presign_protocol::StoredPart;

use super::Store;
use super::call::{CallError, Completion, ListedPart, PartCopy, Source};
use crate::key::ObjectKey;
use crate::plan::Plan;

/// What one part copies at most. A store copies many parts at once faster than few large ones.
const PART: u64 = 512 * 1024 * 1024;

/// Parts that are copied at the same time.
const AT_ONCE: usize = 8;

/// One object that is to be another one, too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copying<'a> {
    pub(crate) source: Source<'a>,
    /// Its bytes.
    pub(crate) size: u64,
    pub(crate) to: &'a ObjectKey,
    /// What a copy does not take with it, by lower-case name: storage class, encryption.
    pub(crate) headers: &'a BTreeMap<String, String>,
    pub(crate) forbid_overwrite: bool,
}

impl Store {
    /// Copies an object with all that is stored with it. The same answer lost twice is two copies of the same bytes, so it may be asked for
    /// as often as it takes. `now` tells the time since 1970: large objects take longer than a signature lives.
    ///
    /// # Errors
    ///
    /// [`CallError::Unmet`] where the source is another one by now or the key is taken and may not be overwritten,
    /// [`CallError::NoSuchObject`] where the source is gone. No part stays behind, unless the future is dropped or the store cannot be
    /// reached: then until the bucket's lifecycle rule for uploads that nobody completes removes it.
    pub(crate) async fn copy<E: From<CallError>>(
        &self,
        now: impl Fn() -> Result<Duration, E>,
        copying: Copying<'_>,
    ) -> Result<(), E> {
        let conditions = !copying.forbid_overwrite || self.capabilities.conditional_copy();
        if copying.size <= self.copy_at_most && conditions {
            let Copying {
                source,
                to,
                headers,
                forbid_overwrite,
                ..
            } = copying;
            self.copy_object(now()?, source, to, headers, forbid_overwrite)
                .await?;
            return Ok(());
        }
        self.copy_by_parts(now, copying).await
    }

    async fn copy_by_parts<E: From<CallError>>(
        &self,
        now: impl Fn() -> Result<Duration, E>,
        copying: Copying<'_>,
    ) -> Result<(), E> {
        let mut headers = self.stored_with(now()?, copying.source).await?;
        headers.extend(copying.headers.clone());
        let id = self
            .create_multipart_upload(now()?, copying.to, &headers, None)
            .await?;
        let copied = self.copy_the_parts(&now, copying, &id).await;
        if copied.is_err() {
            let aborted = match now() {
                Ok(now) => self.abort_multipart_upload(now, copying.to, &id).await,
                Err(_) => Ok(()),
            };
            if let Err(error) = aborted {
                tracing::warn!(key = %copying.to, %error, "parts of a copy stay until the bucket's lifecycle rule removes them");
            }
        }
        copied
    }

    async fn copy_the_parts<E: From<CallError>>(
        &self,
        now: &impl Fn() -> Result<Duration, E>,
        copying: Copying<'_>,
        id: &str,
    ) -> Result<(), E> {
        let each = self.copy_at_most.min(PART);
        let parts: Vec<_> = ranges(copying.size, each)
            .into_iter()
            .zip(1_u16..)
            .map(|(bytes, number)| self.one_part(now, copying, id, number, bytes))
            .collect();
        let parts: Vec<ListedPart> = stream::iter(parts).buffered(AT_ONCE).try_collect().await?;
        let completion = Completion {
            forbid_overwrite: copying.forbid_overwrite,
            checksum: None,
        };
        self.complete_multipart_upload(now()?, copying.to, id, &parts, &completion)
            .await
            .map_err(|error| match error {
                CallError::Exists => CallError::Unmet,
                error => error,
            })?;
        Ok(())
    }

    async fn one_part<E: From<CallError>>(
        &self,
        now: &impl Fn() -> Result<Duration, E>,
        copying: Copying<'_>,
        upload_id: &str,
        number: u16,
        bytes: Option<Range<u64>>,
    ) -> Result<ListedPart, E> {
        let size = bytes.as_ref().map_or(copying.size, |b| b.end - b.start);
        let part = PartCopy {
            upload_id,
            number,
            bytes,
        };
        let etag = self
            .copy_part(now()?, copying.source, copying.to, part)
            .await?;
        Ok(ListedPart {
            part: StoredPart {
                number: number.into(),
                size,
                etag,
            },
            checksum: None,
        })
    }
}

/// What each part copies. One part alone copies all there is, which may be nothing: nothing has no range.
fn ranges(size: u64, each: u64) -> Vec<Option<Range<u64>>> {
    match Plan::new(size, each) {
        Some(plan) if plan.count() > 1 => (0..u64::from(plan.count()))
            .map(|before| before * plan.part_size())
            .map(|start| Some(start..(start + plan.part_size()).min(size)))
            .collect(),
        _ => vec![None],
    }
}

#[cfg(test)]
mod tests {
    use presign_protocol::{MAX_OBJECT_SIZE, MAX_PARTS};

    use super::{PART, ranges};

    #[test]
    fn parts_are_equal_and_together_the_whole() {
        assert_eq!(ranges(0, 5), [None]);
        assert_eq!(ranges(5, 5), [None]);
        assert_eq!(ranges(6, 5), [Some(0..5), Some(5..6)]);
        assert_eq!(ranges(15, 5), [Some(0..5), Some(5..10), Some(10..15)]);
        let most = ranges(MAX_OBJECT_SIZE, PART);
        assert!(most.len() <= MAX_PARTS as usize);
        let last = most.last().unwrap().as_ref().unwrap();
        assert_eq!(last.end, MAX_OBJECT_SIZE);
    }
}
