use alloc::string::String;
use alloc::vec::Vec;

/// What `POST P` asks: permission to upload these files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct GrantRequest {
    /// The files, in the order in which the grants are to come.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub files: Vec<FileSpec>,
}

/// One file as the browser describes it. Nothing of it is believed: the size and the type are signed, so the store
/// refuses any other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct FileSpec {
    /// The file's name, as the user's system has it; any Unicode text.
    pub name: String,
    /// Bytes.
    #[cfg_attr(feature = "schema", schemars(range(max = u64::MAX)))]
    pub size: u64,
    /// The media type (`image/png`); empty where the browser does not know it.
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub content_type: String,
    /// Metadata to store with the object; only names that the server allows.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Metadata::is_empty"))]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "alloc::collections::BTreeMap<String, String>", default)
    )]
    pub metadata: Metadata,
}

/// Names and values of user-defined metadata, in the order given. A name that came twice is here twice, so that the
/// server can refuse it instead of losing a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata(pub Vec<(String, String)>);

impl Metadata {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// What `POST P/parts` asks: presigned URLs for further parts of an upload.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct PartsRequest {
    /// The upload's, from its grant.
    pub token: String,
    /// The first part's number, 1 to the number of parts.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = u32::MAX)))]
    pub from: u32,
    /// How many parts; fewer are answered where there are fewer or where that is more than the server signs at once, which
    /// is also what is answered without it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = u32::MAX)))]
    pub count: Option<u32>,
}

/// What `POST P/resume` and `POST P/abort` ask.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct TokenRequest {
    /// The upload's, from its grant.
    pub token: String,
}

/// What `POST P/complete` asks: that these uploads, of which every byte has been sent, are verified; those in parts become objects first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct CompleteRequest {
    /// The uploads, in the order in which the results are to come.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub uploads: Vec<SentUpload>,
}

/// One upload of which every byte has been sent. What the store has, it says itself.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct SentUpload {
    /// The upload's, from its grant.
    pub token: String,
    /// The whole file's checksum in base64, where the grant's [`Checksums::crc`](crate::Checksums::crc) asks for one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub checksum: Option<String>,
    /// The whole file's MD5 in base64, where the grant's [`Checksums::md5_at_complete`](crate::Checksums::md5_at_complete) asks for it.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "contentMd5", skip_serializing_if = "Option::is_none")
    )]
    pub content_md5: Option<String>,
}

#[cfg(feature = "serde")]
mod as_a_map {
    use alloc::vec::Vec;
    use core::fmt;

    use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
    use serde::ser::{Serialize, Serializer};

    use super::Metadata;

    impl Serialize for Metadata {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
        }
    }

    impl<'de> Deserialize<'de> for Metadata {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Pairs)
        }
    }

    struct Pairs;

    impl<'de> Visitor<'de> for Pairs {
        type Value = Metadata;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object whose values are strings")
        }

        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Metadata, M::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(Metadata(pairs))
        }
    }
}

/// Whoever has the token can continue the upload, so it is not shown, here and below.
impl core::fmt::Debug for PartsRequest {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("PartsRequest")
            .field("from", &self.from)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

impl core::fmt::Debug for TokenRequest {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("TokenRequest")
            .finish_non_exhaustive()
    }
}

impl core::fmt::Debug for SentUpload {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("SentUpload")
            .field("checksum", &self.checksum)
            .field("content_md5", &self.content_md5)
            .finish_non_exhaustive()
    }
}
