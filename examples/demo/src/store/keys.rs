//! From an object's key to its file's name, and back.
//!
//! Most keys are their file's name. S3 takes keys that no file can have, though (longer than a name may be, `a//b`, control
//! characters), and s3s-fs keeps each object's metadata in a file whose name is the whole key in base64. Those keys get a name that is still
//! readable, `photos/a very long na~DIGEST.jpg`, with a digest of the whole key, so no two keys share a file.
//! A listing gives whole keys again, but filters by prefix, and sorts, by these names.

use std::borrow::Cow;

use s3s::crypto::{Checksum, Sha256};
use s3s::{S3Result, s3_error};

use super::hex::hex;

/// Bytes that a file's name may have, on every usual file system.
const MAX_FILE_NAME: usize = 255;

/// What s3s-fs adds to bucket and key in the longest name that it makes: `.bucket-B.object-K.upload-UUID.metadata.json`.
const METADATA_NAME: usize = ".bucket-.object-.upload-.metadata.json".len() + 36;

/// Hexadecimal digits of the digest: 128 bits.
const DIGEST: usize = 32;

/// A key of the store, and where it is kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StoredKey<'a> {
    /// Relative to the bucket's folder.
    pub(super) name: Cow<'a, str>,
    /// The digest in `name`, where that is not the key itself.
    pub(super) digest: Option<String>,
}

/// Where `key` is kept.
///
/// # Errors
///
/// `InvalidURI` for a key with a `.` or `..` segment, as AWS answers where such a key would leave its bucket.
pub(super) fn stored<'a>(bucket: &str, key: &'a str) -> S3Result<StoredKey<'a>> {
    if key.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(s3_error!(
            InvalidURI,
            "An object key cannot have `.` or `..` as a segment"
        ));
    }
    let room = room(bucket);
    let plain = key.len() <= room
        && !key.contains(char::is_control)
        && key.split('/').all(|segment| !segment.is_empty())
        && digest_in(key).is_none();
    if plain {
        return Ok(StoredKey {
            name: Cow::Borrowed(key),
            digest: None,
        });
    }
    let digest = digest_of(key);
    let extension = extension(key)
        .map(|extension| format!(".{extension}"))
        .unwrap_or_default();
    let readable = readable(key, room - 1 - DIGEST - extension.len());
    Ok(StoredKey {
        name: Cow::Owned(format!("{readable}~{digest}{extension}")),
        digest: Some(digest),
    })
}

impl StoredKey<'_> {
    pub(super) fn into_owned(self) -> StoredKey<'static> {
        StoredKey {
            name: Cow::Owned(self.name.into_owned()),
            digest: self.digest,
        }
    }
}

/// The digest in a name that [`stored`] made for a key that is not its own name.
pub(super) fn digest_in(name: &str) -> Option<&str> {
    let (_, tail) = name.rsplit_once('~')?;
    let (digest, extension) = tail.split_at_checked(DIGEST)?;
    let hexadecimal = digest
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let complete = extension.is_empty() || extension.strip_prefix('.').is_some_and(is_extension);
    (hexadecimal && complete).then_some(digest)
}

/// Bytes that a key may have to be its file's name.
fn room(bucket: &str) -> usize {
    let bucket = (bucket.len() * 4).div_ceil(3);
    (MAX_FILE_NAME - METADATA_NAME - bucket) * 3 / 4
}

fn digest_of(key: &str) -> String {
    let digest = Sha256::checksum(key.as_bytes());
    hex(&digest[..DIGEST / 2])
}

/// So that the file still opens with what its kind opens with.
fn extension(key: &str) -> Option<&str> {
    let (_, extension) = key.rsplit_once('.')?;
    is_extension(extension).then_some(extension)
}

fn is_extension(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The beginning of `key`, at most `room` bytes, as a path.
fn readable(key: &str, room: usize) -> String {
    let segments: Vec<&str> = key
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let path = segments.join("/").replace(char::is_control, "_");
    let end = path.floor_char_boundary(room);
    path[..end].trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use super::{digest_in, stored};

    fn name(key: &str) -> String {
        stored("uploads", key).unwrap().name.into_owned()
    }

    #[test]
    fn a_usual_key_is_its_own_name() {
        for key in [
            "a",
            "0190/日本 50%&+#'\".png",
            "~",
            ".hidden",
            "a..b/...",
            &"x".repeat(128),
        ] {
            let stored = stored("uploads", key).unwrap();
            assert_eq!((&*stored.name, stored.digest), (key, None));
        }
    }

    #[test]
    fn every_other_key_has_a_name_of_its_own_that_a_file_can_have() {
        let buckets = ["abc".to_owned(), "b".repeat(63)];
        let keys = [
            "x".repeat(200),
            "x".repeat(1024),
            "日".repeat(341),
            format!("{}/{}.jpeg", "d".repeat(300), "f".repeat(300)),
            format!("{}.{}", "d".repeat(300), "f".repeat(300)),
            "/a".to_owned(),
            "a/".to_owned(),
            "a//b".to_owned(),
            "/".to_owned(),
            "a\0b".to_owned(),
            "a\nb".to_owned(),
            // Cut off in the middle of `..b`, it must not become `..`.
            format!("{}/..{}", "x".repeat(60), "b".repeat(200)),
            format!("{}/..{}", "x".repeat(88), "b".repeat(200)),
        ];
        for bucket in &buckets {
            let mut names = std::collections::HashSet::new();
            for key in &keys {
                let stored = stored(bucket, key).unwrap();
                assert_eq!(digest_in(&stored.name), stored.digest.as_deref(), "{key:?}");
                assert!(stored.digest.is_some(), "{key:?}");
                let metadata = (bucket.len() * 4).div_ceil(3) + (stored.name.len() * 4).div_ceil(3);
                assert!(
                    metadata + super::METADATA_NAME <= super::MAX_FILE_NAME,
                    "{key:?}"
                );
                let mut components = Path::new(&*stored.name).components();
                assert!(
                    components.all(|component| matches!(component, Component::Normal(_))),
                    "{key:?}"
                );
                assert!(!stored.name.contains(char::is_control), "{key:?}");
                assert!(names.insert(stored.name.into_owned()), "{key:?}");
            }
        }
    }

    #[test]
    fn a_shortened_name_is_readable_and_keeps_its_extension() {
        let name = name(&format!("holiday/{}.JPG", "sea ".repeat(100)));
        assert!(name.starts_with("holiday/sea sea "), "{name}");
        assert_eq!(Path::new(&name).extension(), Some("JPG".as_ref()), "{name}");
    }

    #[test]
    fn a_key_that_looks_like_a_shortened_name_is_not_taken_for_it() {
        let shortened = name(&"x".repeat(300));
        assert_ne!(name(&shortened), shortened);
    }

    #[test]
    fn dots_are_refused() {
        for key in ["..", ".", "../a", "a/../b", "a/..", "a/./b", "./a"] {
            assert_eq!(
                stored("uploads", key).unwrap_err().code().as_str(),
                "InvalidURI",
                "{key}"
            );
        }
    }
}
