use alloc::boxed::Box;

use presign_protocol::Crc;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use super::number::{high, low};
use crate::checksum::Hasher;

#[wasm_bindgen(module = "/js/digest.js")]
extern "C" {
    fn sums(md5: &[u8], mark_high: i32, mark_low: i32, high: i32, low: i32) -> JsValue;

    /// Which CRC the store is told of the whole, as [`crc`] counts them.
    #[wasm_bindgen(js_name = wholeCrc)]
    pub(crate) fn whole_crc(grant: &JsValue) -> usize;
}

/// Makes what sums bytes up.
pub(crate) type Hashes = Closure<dyn FnMut(bool, usize) -> JsValue>;

/// Sums bytes up; called with none, it gives their sums.
type Hash = Closure<dyn FnMut(Option<Box<[u8]>>) -> JsValue>;

/// For `js/digest.js`.
pub(crate) fn hashes() -> Hashes {
    Closure::new(|md5, kind| {
        let mut hasher = Some(Hasher::new(md5, crc(kind)));
        let hash: Hash = Closure::new(move |bytes: Option<Box<[u8]>>| {
            if let Some(bytes) = bytes {
                if let Some(hasher) = &mut hasher {
                    hasher.update(&bytes);
                }
                return JsValue::UNDEFINED;
            }
            let Some(hasher) = hasher.take() else {
                return JsValue::UNDEFINED;
            };
            let found = hasher.finish();
            let md5 = found.md5.as_ref().map_or(&[] as &[u8], |md5| md5);
            let (mark, crc) = (found.fingerprint, found.crc.unwrap_or_default());
            sums(md5, high(mark), low(mark), high(crc), low(crc))
        });
        hash.into_js_value()
    })
}

/// As `js/digest.js` counts them.
pub(crate) fn crc(kind: usize) -> Option<Crc> {
    Crc::ALL.get(kind.checked_sub(1)?).copied()
}
