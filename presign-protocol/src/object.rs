//! serde reads a struct from a list of its fields' values too (`["a.png", 123]`). The protocol has objects alone, so that a request
//! has one spelling and keeps its meaning when a field is added.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use crate::{
    CompleteRequest, FileSpec, GrantRequest, Metadata, PartsRequest, SentUpload, TokenRequest,
    number,
};

struct ObjectOnly<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ObjectOnly<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The fields of a [`GrantRequest`] as they are read.
#[derive(Deserialize)]
#[serde(
    remote = "GrantRequest",
    rename_all = "camelCase",
    expecting = "an object with `files`"
)]
struct RequestFields {
    files: Vec<FileSpec>,
}

/// The fields of a [`FileSpec`] as they are read.
#[derive(Deserialize)]
#[serde(
    remote = "FileSpec",
    rename_all = "camelCase",
    expecting = "an object with `name` and `size`"
)]
struct FileFields {
    name: String,
    #[serde(deserialize_with = "number::whole")]
    size: u64,
    #[serde(rename = "type", default)]
    content_type: String,
    #[serde(default)]
    metadata: Metadata,
}

/// The fields of a [`PartsRequest`] as they are read.
#[derive(Deserialize)]
#[serde(
    remote = "PartsRequest",
    rename_all = "camelCase",
    expecting = "an object with `token` and `from`"
)]
struct PartsFields {
    token: String,
    #[serde(deserialize_with = "number::whole")]
    from: u32,
    #[serde(default, deserialize_with = "number::whole_if_any")]
    count: Option<u32>,
}

/// The fields of a [`TokenRequest`] as they are read.
#[derive(Deserialize)]
#[serde(
    remote = "TokenRequest",
    rename_all = "camelCase",
    expecting = "an object with `token`"
)]
struct TokenFields {
    token: String,
}

/// The fields of a [`CompleteRequest`] as they are read.
#[derive(Deserialize)]
#[serde(
    remote = "CompleteRequest",
    rename_all = "camelCase",
    expecting = "an object with `uploads`"
)]
struct CompleteFields {
    uploads: Vec<SentUpload>,
}

/// The fields of a [`SentUpload`] as they are read.
#[derive(Deserialize)]
#[serde(
    remote = "SentUpload",
    rename_all = "camelCase",
    expecting = "an object with `token`"
)]
struct SentFields {
    token: String,
    #[serde(default)]
    checksum: Option<String>,
    #[serde(default, rename = "contentMd5")]
    content_md5: Option<String>,
}

/// Reads a type from the fields that are declared for it above.
macro_rules! from_objects {
    ($($name:ident $fields:ident;)*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $fields::deserialize(ObjectOnly(deserializer))
            }
        }
    )*};
}

from_objects! {
    GrantRequest RequestFields;
    FileSpec FileFields;
    PartsRequest PartsFields;
    TokenRequest TokenFields;
    CompleteRequest CompleteFields;
    SentUpload SentFields;
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use crate::GrantRequest;

    #[test]
    fn a_request_reads_back() {
        let text = r#"{"files":[{"name":"a","size":1,"type":"b/c","metadata":{"d":"e"}}]}"#;
        let request: GrantRequest = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&request).unwrap(), text);
    }

    #[test]
    fn a_list_is_no_object() {
        for (text, says) in [
            ("[]", "expected an object with `files`"),
            ("[[]]", "expected an object with `files`"),
            (
                r#"{"files":[["a",1]]}"#,
                "expected an object with `name` and `size`",
            ),
            (
                r#"{"files":["a"]}"#,
                "expected an object with `name` and `size`",
            ),
        ] {
            let error = serde_json::from_str::<GrantRequest>(text).unwrap_err();
            assert!(error.to_string().contains(says), "{text}: {error}");
        }
    }
}
