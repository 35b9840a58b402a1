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

/// The object's checksums, as far as s3s-fs knows them.
pub(super) fn checksum(folder: &Folder, bucket: &str, name: &str) -> Checksum {
    let mut checksum = Checksum::default();
    let text = fs::read(path(folder, bucket, name, "internal")).unwrap_or_default();
    let internal: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
    for algorithm in Algorithm::ALL {
        let sum = internal.get(field(algorithm));
        *algorithm.sum(&mut checksum) = sum.and_then(|sum| sum.as_str().map(str::to_owned));
    }
    checksum
}

/// The file of the headers that the object is served with, as it is, for another object; `{}` for a file that somebody else put there.
pub(super) fn attributes(folder: &Folder, bucket: &str, name: &str) -> io::Result<Vec<u8>> {
    match fs::read(path(folder, bucket, name, "metadata")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(b"{}".to_vec()),
        read => read,
    }
}

/// Removes both files of an object that is not there any more.
pub(super) fn remove(folder: &Folder, bucket: &str, name: &str) {
    for kind in ["metadata", "internal"] {
        // Mostly both are there; a file that somebody else put into the bucket's folder has none.
        let _ = fs::remove_file(path(folder, bucket, name, kind));
    }
}

/// Writes both files for an object that is about to be there; `attributes` are [`Attributes`] in JSON.
pub(super) fn write(
    (folder, scratch): (&Folder, &ScratchFolder),
    (bucket, name): (&str, &str),
    attributes: &[u8],
    etag: &str,
    mut checksum: Checksum,
) -> io::Result<()> {
    let mut internal = serde_json::Map::new();
    internal.insert("e_tag".to_owned(), etag.into());
    for algorithm in Algorithm::ALL {
        if let Some(sum) = algorithm.sum(&mut checksum).take() {
            internal.insert(field(algorithm), sum.into());
        }
    }
    scratch.write(&path(folder, bucket, name, "metadata"), attributes)?;
    scratch.write(
        &path(folder, bucket, name, "internal"),
        &serde_json::to_vec(&internal)?,
    )
}

fn field(algorithm: Algorithm) -> String {
    format!("checksum_{}", algorithm.name().to_lowercase())
}

fn path(folder: &Folder, bucket: &str, name: &str, kind: &str) -> PathBuf {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let (bucket, name) = (encode(bucket), encode(name));
    folder
        .root()
        .join(format!(".bucket-{bucket}.object-{name}.{kind}.json"))
}
