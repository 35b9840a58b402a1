use alloc::string::String;
#[cfg(feature = "web-sys")]
use alloc::vec::Vec;

use wasm_bindgen::JsValue;

use crate::sys::Blob;
use crate::sys::value::{object, set};

/// Something to upload: bytes that the browser holds, and a name.
#[derive(Clone, Debug)]
pub struct Source {
    pub(crate) name: String,
    pub(crate) blob: Blob,
    /// An object of names and values, or `undefined`.
    pub(crate) metadata: JsValue,
    /// What the browser can find the file by again: a `FileSystemFileHandle`, or `undefined`.
    pub(crate) handle: JsValue,
}

impl Source {
    /// A blob under a name. Its content type is the blob's own.
    #[cfg(feature = "web-sys")]
    pub fn new(name: impl Into<String>, blob: web_sys::Blob) -> Self {
        use wasm_bindgen::JsCast as _;

        Self {
            name: name.into(),
            blob: blob.unchecked_into(),
            metadata: JsValue::UNDEFINED,
            handle: JsValue::UNDEFINED,
        }
    }

    /// Every file of an `<input type="file">` or of a drop, in its order.
    #[cfg(feature = "web-sys")]
    #[must_use]
    pub fn all_of(files: &web_sys::FileList) -> Vec<Self> {
        (0..files.length())
            .filter_map(|index| files.item(index))
            .map(Self::from)
            .collect()
    }

    /// Metadata to store with the object; the server's policy says which names it takes.
    #[must_use]
    pub fn metadata(mut self, name: &str, value: &str) -> Self {
        if self.metadata.is_undefined() {
            self.metadata = object(&[]);
        }
        set(&self.metadata, name, &value.into());
        self
    }

    /// `{name, blob, handle}`.
    pub(crate) fn described(&self) -> JsValue {
        object(&[
            ("name", self.name.as_str().into()),
            ("blob", self.blob.clone().into()),
            ("handle", self.handle.clone()),
        ])
    }

    /// Bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        crate::sys::whole(self.blob.size())
    }
}

#[cfg(feature = "web-sys")]
impl From<web_sys::File> for Source {
    fn from(file: web_sys::File) -> Self {
        Self::new(file.name(), file.into())
    }
}
