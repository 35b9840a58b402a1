//! Reading and making JavaScript values. JSON is the browser's own here: serde would double the size of the client.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::whole;

#[wasm_bindgen(module = "/js/values.js")]
extern "C" {
    /// The property, or `undefined` where there is none or `of` is no object.
    pub(crate) fn get(of: &JsValue, name: &str) -> JsValue;

    fn item(list: &JsValue, index: i32) -> JsValue;

    fn append(list: &JsValue, value: &JsValue) -> JsValue;

    #[wasm_bindgen(js_name = object)]
    fn new_object() -> JsValue;

    pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue);
}

pub(crate) fn get_string(of: &JsValue, name: &str) -> Option<String> {
    get(of, name).as_string()
}

/// A whole number, 0 or more.
pub(crate) fn get_count(of: &JsValue, name: &str) -> Option<u64> {
    let number = get(of, name).as_f64()?;
    (number >= 0.0).then(|| whole(number))
}

/// The items of a list; none of anything else.
pub(crate) fn items(list: &JsValue) -> impl Iterator<Item = JsValue> + use<> {
    let length = get_count(list, "length").unwrap_or_default();
    let list = list.clone();
    (0..i32::try_from(length).unwrap_or_default()).map(move |index| item(&list, index))
}

/// `[value, …]`; `undefined` of nothing.
pub(crate) fn list(values: impl Iterator<Item = JsValue>) -> JsValue {
    values.fold(JsValue::UNDEFINED, |list, value| append(&list, &value))
}

/// A list of texts, if it is one.
pub(crate) fn texts(list: &JsValue) -> Option<Vec<String>> {
    if !list.is_array() {
        return None;
    }
    items(list).map(|item| item.as_string()).collect()
}

/// `{name: value, …}`.
pub(crate) fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = new_object();
    for (name, value) in properties {
        set(&object, name, value);
    }
    object
}
