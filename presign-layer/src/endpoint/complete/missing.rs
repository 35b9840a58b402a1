use presign_protocol::{ErrorCode, FileError};

use crate::plan::Plan;
use crate::problem::file_error;
use crate::store::ListedPart;

/// Part numbers that an error lists; a client sends those and asks again.
const MOST_LISTED: usize = 1000;

/// The parts that make the file, in order, if the store has every one of them in the very size it was granted. One of another size is as
/// good as none.
pub(super) fn check(plan: Plan, listed: Vec<ListedPart>) -> Result<Vec<ListedPart>, FileError> {
    let mut parts: Vec<ListedPart> = listed
        .into_iter()
        .filter(|listed| plan.bytes_of(listed.part.number) == Some(listed.part.size))
        .collect();
    parts.sort_by_key(|listed| listed.part.number);
    parts.dedup_by_key(|listed| listed.part.number);
    let count = u32::from(plan.count());
    let mut there = parts.iter().map(|listed| listed.part.number).peekable();
    let missing: Vec<u32> = (1..=count)
        .filter(|number| there.next_if_eq(number).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(parts);
    }
    let mut error = file_error(
        ErrorCode::PartsMissing,
        format!(
            "The store lacks {} of the {count} parts; send them, then complete the upload.",
            missing.len()
        ),
    );
    error.extensions.missing_parts = Some(missing.into_iter().take(MOST_LISTED).collect());
    Err(error)
}

/// Every part: the store lists them and does not take one of them, without a word on which. At Garage that is so where an attempt that broke
/// off was known to the store later than the one that arrived; once they are sent again, the newest ones are whole.
pub(super) fn all(plan: Plan) -> FileError {
    let count = plan.count().into();
    let mut error = file_error(
        ErrorCode::PartsMissing,
        "The store does not take the parts that it has; send them again, then complete the upload.",
    );
    error.extensions.missing_parts = Some((1..=count).collect());
    error
}

#[cfg(test)]
mod tests {
    use presign_protocol::StoredPart;

    use super::check;
    use crate::plan::Plan;
    use crate::store::ListedPart;

    fn part(number: u32, size: u64) -> ListedPart {
        ListedPart {
            part: StoredPart {
                number,
                size,
                etag: String::new(),
            },
            checksum: None,
        }
    }

    fn missing(plan: Plan, listed: Vec<ListedPart>) -> Option<Vec<u32>> {
        check(plan, listed).unwrap_err().extensions.missing_parts
    }

    #[test]
    fn what_is_not_there_whole_is_missing() {
        let plan = Plan::of(25, 10).unwrap();
        let whole = vec![part(3, 5), part(1, 10), part(2, 10), part(4, 10)];
        let numbers: Vec<u32> = check(plan, whole)
            .unwrap()
            .iter()
            .map(|listed| listed.part.number)
            .collect();
        assert_eq!(numbers, [1, 2, 3], "in order, and none too many");
        assert_eq!(missing(plan, vec![]), Some(vec![1, 2, 3]));
        assert_eq!(
            missing(plan, vec![part(1, 9), part(2, 10), part(3, 10)]),
            Some(vec![1, 3])
        );
    }

    #[test]
    fn of_very_many_a_thousand_are_listed() {
        let plan = Plan::of(2000, 1).unwrap();
        let listed = missing(plan, vec![part(1, 1)]).unwrap();
        assert_eq!((listed.len(), listed[0], listed[999]), (1000, 2, 1001));
    }
}
