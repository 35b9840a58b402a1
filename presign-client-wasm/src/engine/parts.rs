//! The parts of one file, and what is known of each. Pure: the time is passed in.

use alloc::vec::Vec;
use core::ops::Range;

use presign_protocol::{Crc, MAX_PARTS};

use crate::checksum;

/// Parts are numbered from 1. `Url` is a presigned URL.
#[derive(Default)]
pub(super) struct Parts<Url> {
    size: u64,
    part_size: u64,
    all: Vec<Part<Url>>,
}

struct Part<Url> {
    state: State,
    url: Option<Url>,
    /// Until when the URL is as good as new.
    fresh_until: f64,
    /// Of its bytes, once it is sent.
    crc: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    /// Somebody is about to send it.
    Taken,
    /// The store has it.
    Sent,
}

impl<Url: Clone> Parts<Url> {
    /// `None` where so many parts of this size are not the file.
    pub(super) fn new(size: u64, part_size: u64, count: u64) -> Option<Self> {
        let expected = size
            .checked_add(part_size)?
            .checked_sub(1)?
            .checked_div(part_size)?;
        let fits = count > 0 && count <= u64::from(MAX_PARTS) && count == expected;
        let missing = || Part {
            state: State::Missing,
            url: None,
            fresh_until: 0.0,
            crc: 0,
        };
        fits.then(|| Self {
            size,
            part_size,
            all: (0..count).map(|_| missing()).collect(),
        })
    }

    /// The part's bytes.
    pub(super) fn range(&self, number: u32) -> Range<u64> {
        let start = self.part_size * u64::from(number.saturating_sub(1));
        start.min(self.size)..(start + self.part_size).min(self.size)
    }

    /// The first part that nobody sends yet.
    pub(super) fn take(&mut self) -> Option<u32> {
        let (number, part) = self
            .numbered()
            .find(|(_, part)| part.state == State::Missing)?;
        part.state = State::Taken;
        Some(number)
    }

    /// The part is to be sent (again).
    pub(super) fn put_back(&mut self, number: u32) {
        if let Some(part) = self.part(number) {
            part.state = State::Missing;
        }
    }

    /// The store has the part.
    pub(super) fn sent(&mut self, number: u32, crc: u64) {
        if let Some(part) = self.part(number) {
            part.state = State::Sent;
            part.url = None;
            part.crc = crc;
        }
    }

    pub(super) fn are_sent(&self) -> bool {
        self.all.iter().all(|part| part.state == State::Sent)
    }

    /// URLs of parts from the one numbered `from` on.
    pub(super) fn sign(&mut self, from: u32, urls: impl Iterator<Item = Url>, fresh_until: f64) {
        let signed = self.numbered().skip_while(|(number, _)| *number < from);
        for ((_, part), url) in signed.zip(urls) {
            part.url = Some(url);
            part.fresh_until = fresh_until;
        }
    }

    /// The part's URL, if it has one that is as good as new.
    pub(super) fn url(&mut self, number: u32, now: f64) -> Option<Url> {
        let part = self.part(number)?;
        part.url.clone().filter(|_| now < part.fresh_until)
    }

    /// The part's URL is of no use any more.
    pub(super) fn forget_url(&mut self, number: u32) {
        if let Some(part) = self.part(number) {
            part.url = None;
        }
    }

    /// The part from which on URLs are to be asked for: the one of this number, which is taken, or the first of those that nobody sends yet, if
    /// fewer than `ahead` of them have one.
    pub(super) fn unsigned(&mut self, taken: u32, now: f64, ahead: usize) -> Option<u32> {
        let open = |number: u32, part: &Part<Url>| number == taken || part.state == State::Missing;
        let mut next = self
            .numbered()
            .filter(|(number, part)| open(*number, part))
            .take(ahead);
        let unsigned = next.find(|(_, part)| part.url.is_none() || now >= part.fresh_until);
        unsigned.map(|(number, _)| number)
    }

    /// The checksum of the whole.
    pub(super) fn crc(&self, kind: Crc) -> u64 {
        let mut whole = 0;
        for (number, part) in (1..).zip(&self.all) {
            let range = self.range(number);
            whole = checksum::combine(kind, whole, part.crc, range.end - range.start);
        }
        whole
    }

    fn numbered(&mut self) -> impl Iterator<Item = (u32, &mut Part<Url>)> {
        (1..).zip(&mut self.all)
    }

    fn part(&mut self, number: u32) -> Option<&mut Part<Url>> {
        self.all.get_mut((number as usize).checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use presign_protocol::Crc;

    use super::Parts;
    use crate::checksum::Hasher;

    fn parts(size: u64, part_size: u64, count: u64) -> Option<Parts<&'static str>> {
        Parts::new(size, part_size, count)
    }

    #[test]
    fn parts_are_the_whole_file_and_nothing_else() {
        let parts_of = |size, count| {
            let parts = parts(size, 10, count).unwrap();
            (1..=u32::try_from(count).unwrap())
                .map(|number| parts.range(number))
                .collect::<Vec<_>>()
        };
        assert_eq!(parts_of(25, 3), [0..10, 10..20, 20..25]);
        assert_eq!(parts_of(20, 2), [0..10, 10..20]);
        assert_eq!(parts_of(11, 2), [0..10, 10..11]);
        for (size, part_size, count) in [
            (25, 10, 2),
            (25, 10, 4),
            (0, 10, 0),
            (0, 10, 1),
            (25, 0, 1),
            (0, 0, 0),
            (100_000, 1, 100_000),
            (u64::MAX, 10, 1),
        ] {
            assert!(
                parts(size, part_size, count).is_none(),
                "{size} {part_size} {count}"
            );
        }
    }

    #[test]
    fn each_part_is_taken_once_until_it_is_put_back() {
        let mut parts = parts(30, 10, 3).unwrap();
        assert_eq!([parts.take(), parts.take()], [Some(1), Some(2)]);
        parts.sent(2, 0);
        parts.put_back(1);
        assert_eq!(
            [parts.take(), parts.take(), parts.take()],
            [Some(1), Some(3), None]
        );
        assert!(!parts.are_sent());
        for number in [1, 3] {
            parts.sent(number, 0);
        }
        assert!(parts.are_sent());
        parts.put_back(3);
        assert!(!parts.are_sent());
        assert_eq!(parts.take(), Some(3));
        // There are no such parts.
        parts.sent(0, 0);
        parts.put_back(4);
    }

    #[test]
    fn urls_are_asked_for_before_they_are_needed_and_never_used_stale() {
        let mut parts = parts(100, 10, 10).unwrap();
        assert_eq!(parts.take(), Some(1));
        assert_eq!(parts.unsigned(1, 0.0, 3), Some(1));
        parts.sign(1, ["a", "b", "c", "d"].into_iter(), 100.0);
        assert_eq!(parts.unsigned(1, 0.0, 3), None);
        assert_eq!(parts.url(2, 99.0), Some("b"));
        assert_eq!([parts.take(), parts.take()], [Some(2), Some(3)]);
        assert_eq!(parts.unsigned(3, 0.0, 3), Some(5));
        // Out of date.
        assert_eq!(parts.url(3, 100.0), None);
        assert_eq!(parts.unsigned(3, 100.0, 3), Some(3));
        parts.forget_url(4);
        assert_eq!(parts.url(4, 0.0), None);
        // More URLs than parts do no harm.
        parts.sign(9, ["y", "z", "none", "none"].into_iter(), 100.0);
        assert_eq!(
            [parts.url(9, 0.0), parts.url(10, 0.0)],
            [Some("y"), Some("z")]
        );
    }

    #[test]
    fn the_checksum_of_the_whole_comes_from_the_parts_in_whatever_order_they_were_sent() {
        let bytes: Vec<u8> = (0..25).collect();
        for &kind in Crc::ALL {
            let crc = |bytes: &[u8]| {
                let mut hasher = Hasher::new(false, Some(kind));
                hasher.update(bytes);
                hasher.finish().crc.unwrap()
            };
            let mut parts = parts(25, 10, 3).unwrap();
            for number in [3, 1, 2] {
                let range = parts.range(number);
                let bytes = bytes
                    .iter()
                    .copied()
                    .filter(|&byte| range.contains(&byte.into()));
                parts.sent(number, crc(&bytes.collect::<Vec<_>>()));
            }
            assert_eq!(parts.crc(kind), crc(&bytes), "{kind}");
        }
    }
}
