//! An upload that is to be completed: one in parts, of which the store knows, or one that was sent whole.

use alloc::rc::Rc;
use core::cell::Cell;

use wasm_bindgen::JsValue;

use super::parts::Parts;
use crate::endpoint::Grant;
use crate::keep::Keep;
use crate::sys::value::{get, get_count, items};

pub(super) struct Multipart {
    pub(super) grant: Rc<Grant>,
    pub(super) parts: Keep<Parts<JsValue>>,
    /// URLs have been asked for.
    pub(super) asked: Cell<bool>,
    pub(super) completing: Cell<bool>,
    /// How often the store lacked parts at the end.
    pub(super) short: Cell<u32>,
}

impl Multipart {
    /// `None` where the grant is not one of a file of `size` bytes. Parts may have been sent already.
    pub(super) fn of(grant: Rc<Grant>, size: u64) -> Option<Self> {
        let of = &grant.0;
        // What was sent whole has none that are still to be sent.
        let mut parts = Parts::default();
        if grant.is_in_parts() {
            parts = Parts::new(
                size,
                get_count(of, "partSize")?,
                get_count(of, "partCount")?,
            )?;
            parts.sign(1, items(&get(of, "parts")), grant.fresh_until());
            for sent in items(&get(of, "sent")) {
                let number = get_count(&sent, "number")?;
                parts.sent(number.try_into().ok()?, crc(&sent));
            }
        }
        Some(Self {
            grant,
            parts: Keep::new(parts),
            asked: Cell::new(false),
            completing: Cell::new(false),
            short: Cell::new(0),
        })
    }

    pub(super) fn are_parts_sent(&self) -> bool {
        self.parts.with(|parts| parts.are_sent())
    }

    /// Whether what the store has may still be of use: it can go on after the page was closed, or may be complete already.
    pub(super) fn is_of_use(&self) -> bool {
        !self.grant.is_in_parts() || !get(&self.grant.0, "memory").is_undefined()
    }
}

/// The CRC among a part's sums.
pub(super) fn crc(sums: &JsValue) -> u64 {
    let half = |name| get_count(sums, name).unwrap_or_default();
    half("high") << 32 | half("low")
}
