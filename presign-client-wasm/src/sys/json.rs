//! Reading and making JavaScript values. JSON is the browser's own here: serde would double the size of the client.

use alloc::string::String;
use alloc::vec::Vec;
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use super::whole;

/// The property, or `undefined` where there is none or `of` is no object.
pub(crate) fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}

pub(crate) fn get_string(of: &JsValue, name: &str) -> Option<String> {
    get(of, name).as_string()
}

/// A whole number, 0 or more.
pub(crate) fn get_count(of: &JsValue, name: &str) -> Option<u64> {
    let number = get(of, name).as_f64()?;
    (number >= 0.0 && number.is_finite()).then(|| whole(number))
}

/// A list of texts, if it is one.
pub(crate) fn get_strings(of: &JsValue, name: &str) -> Option<Vec<String>> {
    let list = get(of, name);
    if !js_sys::Array::is_array(&list) {
        return None;
    }
    js_sys::Array::from(&list)
        .iter()
        .map(|item| item.as_string())
        .collect()
}

/// `{name: value, …}`.
pub(crate) fn object<'a>(properties: impl IntoIterator<Item = (&'a str, JsValue)>) -> JsValue {
    let object = Object::new();
    for (name, value) in properties {
        // It fails only on frozen objects.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}
