use std::time::Duration;

use presign_protocol::{Crc, MAX_PARTS, StoredPart};
use rusty_s3::Method;
use serde::Deserialize;

use super::{Call, CallError, algorithm, succeeded, unquoted, xml};
use crate::key::ObjectKey;
use crate::store::Store;

/// A part that the store lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedPart {
    pub(crate) part: StoredPart,
    /// The part's own checksum of the upload's kind, where the store keeps one, in base64.
    pub(crate) checksum: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListPartsResult {
    #[serde(default)]
    is_truncated: bool,
    next_part_number_marker: Option<String>,
    checksum_algorithm: Option<String>,
    #[serde(rename = "Part", default)]
    parts: Vec<PartListed>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PartListed {
    part_number: u32,
    #[serde(rename = "ETag")]
    etag: String,
    size: u64,
    #[serde(rename = "ChecksumCRC64NVME")]
    crc64nvme: Option<String>,
    #[serde(rename = "ChecksumCRC32C")]
    crc32c: Option<String>,
    #[serde(rename = "ChecksumCRC32")]
    crc32: Option<String>,
}

impl Store {
    /// Every part that the store has of the upload, over all pages, by number.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>
    pub(crate) async fn list_parts(
        &self,
        now: Duration,
        key: &ObjectKey,
        upload_id: &str,
    ) -> Result<Vec<ListedPart>, CallError> {
        let mut listed = Vec::new();
        let mut after = 0;
        loop {
            let mut call = Call::new("ListParts", Method::Get, key)
                .with_query("max-parts", "1000")
                .with_query("uploadId", upload_id);
            if after > 0 {
                call = call.with_query("part-number-marker", after.to_string());
            }
            let page: ListPartsResult = self
                .call(now, call, |answer| {
                    succeeded(answer)?;
                    xml::read(answer.body(), "ListPartsResult")
                })
                .await?;
            let next = page.next(after)?;
            let kind = page.kind();
            for part in page.parts {
                listed.push(part.checked(kind)?);
            }
            // Pages that repeat themselves would otherwise be kept for as long as they come.
            if listed.len() > MAX_PARTS as usize {
                return Err(CallError::Unreadable("it lists too many parts".to_owned()));
            }
            match next {
                Some(next) => after = next,
                None => return in_order(listed),
            }
        }
    }
}

impl ListPartsResult {
    /// Where the next page begins, if there is one. It begins further on than this one, so there is a last page.
    fn next(&self, after: u32) -> Result<Option<u32>, CallError> {
        if !self.is_truncated {
            return Ok(None);
        }
        let marker = self.next_part_number_marker.as_deref().unwrap_or_default();
        match marker.parse() {
            Ok(next) if next > after && next <= MAX_PARTS => Ok(Some(next)),
            _ => Err(CallError::Unreadable(
                "a page of parts does not say where the next one begins".to_owned(),
            )),
        }
    }

    fn kind(&self) -> Option<Crc> {
        let named = self.checksum_algorithm.as_deref()?;
        let mut all = Crc::ALL.iter().copied();
        all.find(|crc| algorithm(*crc).eq_ignore_ascii_case(named))
    }
}

impl PartListed {
    fn checked(self, kind: Option<Crc>) -> Result<ListedPart, CallError> {
        if self.part_number == 0 || self.part_number > MAX_PARTS {
            return Err(CallError::Unreadable(format!(
                "it lists a part {}",
                self.part_number
            )));
        }
        let etag = unquoted(&self.etag)?;
        let checksum = match kind {
            Some(Crc::Crc64Nvme) => self.crc64nvme,
            Some(Crc::Crc32C) => self.crc32c,
            Some(Crc::Crc32) => self.crc32,
            // A store that does not say which kind it keeps has one at most.
            _ => self.crc64nvme.or(self.crc32c).or(self.crc32),
        };
        Ok(ListedPart {
            part: StoredPart {
                number: self.part_number,
                size: self.size,
                etag,
            },
            checksum: checksum.filter(|checksum| !checksum.is_empty()),
        })
    }
}

/// Not every store lists them in order.
fn in_order(mut listed: Vec<ListedPart>) -> Result<Vec<ListedPart>, CallError> {
    listed.sort_by_key(|listed| listed.part.number);
    let twice = listed
        .windows(2)
        .any(|two| two[0].part.number == two[1].part.number);
    if twice {
        return Err(CallError::Unreadable("it lists a part twice".to_owned()));
    }
    Ok(listed)
}
