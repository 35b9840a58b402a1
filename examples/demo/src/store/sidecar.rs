//! What s3s-fs keeps beside an object: two files, whose form is its own.
//!
//! `.bucket-B.object-K.metadata.json` has the headers that the object is served with, `.bucket-B.object-K.internal.json` its `ETag` and
//! checksums; B and K are bucket and file name in base64. s3s-fs writes them for a PUT; for an object made of parts they are written here.

use std::fs;
use std::io;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::dto::{Checksum, Metadata};
use serde::{Deserialize, Serialize};

use super::algorithm::Algorithm;
use super::folder::Folder;
use super::scratch::ScratchFolder;

/// The headers that an object is served with. The names are s3s-fs's.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Attributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_metadata: Option<Metadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<s3s::dto::Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) website_redirect_location: Option<String>,
}

/// An object's `ETag` without its quotes, if s3s-fs knows it: not for a file that somebody else put there.
pub(super) fn etag(folder: &Folder, bucket: &str, name: &str) -> Option<String> {
    let text = fs::read(path(folder, bucket, name, "internal")).ok()?;
    let internal: serde_json::Value = serde_json::from_slice(&text).ok()?;
    internal.get("e_tag")?.as_str().map(str::to_owned)
}

/// Writes both files for an object that is about to be there.
pub(super) fn write(
    (folder, scratch): (&Folder, &ScratchFolder),
    (bucket, name): (&str, &str),
    attributes: &Attributes,
    etag: &str,
    mut checksum: Checksum,
) -> io::Result<()> {
    let mut internal = serde_json::Map::new();
    internal.insert("e_tag".to_owned(), etag.into());
    for algorithm in Algorithm::ALL {
        if let Some(sum) = algorithm.sum(&mut checksum).take() {
            let name = format!("checksum_{}", algorithm.name().to_lowercase());
            internal.insert(name, sum.into());
        }
    }
    scratch.write(
        &path(folder, bucket, name, "metadata"),
        &serde_json::to_vec(attributes)?,
    )?;
    scratch.write(
        &path(folder, bucket, name, "internal"),
        &serde_json::to_vec(&internal)?,
    )
}

fn path(folder: &Folder, bucket: &str, name: &str, kind: &str) -> PathBuf {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let (bucket, name) = (encode(bucket), encode(name));
    folder
        .root()
        .join(format!(".bucket-{bucket}.object-{name}.{kind}.json"))
}
