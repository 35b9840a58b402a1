use alloc::string::String;
#[cfg(feature = "web-sys")]
use alloc::vec::Vec;

use wasm_bindgen::JsValue;

use crate::sys::value::{get, get_count, get_string};
#[cfg(feature = "web-sys")]
use crate::sys::value::{object, set};

/// Something to upload: bytes that the browser holds, and a name.
///
/// Within, it is `{name, blob, metadata, handle}` as the folder `js` takes it.
#[derive(Clone, Debug)]
pub struct Source(pub(crate) JsValue);

impl Source {
    /// A blob under a name. Its content type is the blob's own.
    #[cfg(feature = "web-sys")]
    pub fn new(name: impl Into<String>, blob: web_sys::Blob) -> Self {
        Self(object(&[
            ("name", name.into().into()),
            ("blob", blob.into()),
        ]))
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
    #[cfg(feature = "web-sys")]
    #[must_use]
    pub fn metadata(self, name: &str, value: &str) -> Self {
        let metadata = get(&self.0, "metadata");
        if metadata.is_undefined() {
            set(&self.0, "metadata", &object(&[(name, value.into())]));
        } else {
            set(&metadata, name, &value.into());
        }
        self
    }

    /// Bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        get_count(&self.blob(), "size").unwrap_or_default()
    }

    pub(crate) fn name(&self) -> String {
        get_string(&self.0, "name").unwrap_or_default()
    }

    pub(crate) fn blob(&self) -> JsValue {
        get(&self.0, "blob")
    }
}

#[cfg(feature = "web-sys")]
impl From<web_sys::File> for Source {
    fn from(file: web_sys::File) -> Self {
        Self::new(file.name(), file.into())
    }
}
