use alloc::boxed::Box;
use alloc::string::String;

use presign_protocol::Crc;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use super::number::{high, low};
use super::value::{base64, bytes, object};
use crate::checksum::{self, Hasher, Sums};

/// A function for `js/digest.js` that makes what sums bytes up: `(md5, crc) -> (bytes?) -> sums`.
pub(crate) fn hashes() -> Closure<dyn Fn(bool, Option<String>) -> JsValue> {
    Closure::new(|md5, crc: Option<String>| {
        let crc = crc.and_then(|name| name.parse().ok());
        let mut hasher = Some(Hasher::new(md5, crc));
        let hash: Closure<dyn FnMut(Option<Box<[u8]>>) -> JsValue> =
            Closure::new(move |bytes: Option<Box<[u8]>>| {
                if let (Some(bytes), Some(hasher)) = (bytes, &mut hasher) {
                    hasher.update(&bytes);
                    return JsValue::UNDEFINED;
                }
                let hasher = hasher.take();
                hasher.map_or(JsValue::UNDEFINED, |hasher| sums(&hasher.finish(), crc))
            });
        hash.into_js_value()
    })
}

fn sums(sums: &Sums, kind: Option<Crc>) -> JsValue {
    let md5 = sums.md5.as_ref().map(|md5| bytes(md5));
    let fingerprint = checksum::big_endian(checksum::FINGERPRINT, sums.fingerprint);
    let crc = kind
        .zip(sums.crc)
        .map(|(kind, crc)| base64(&checksum::big_endian(kind, crc)));
    let crc_as_number = sums.crc.unwrap_or_default();
    object(&[
        ("md5", md5.unwrap_or_default()),
        ("fingerprint", base64(&fingerprint).into()),
        ("crc", crc.map_or(JsValue::UNDEFINED, Into::into)),
        ("high", high(crc_as_number).into()),
        ("low", low(crc_as_number).into()),
    ])
}
