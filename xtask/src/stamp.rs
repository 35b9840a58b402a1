//! Stamps: what a result was made from and what came out, so that it is made again only when either has changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::error::{Doing, Error};

/// A file that remembers the hash of a result's inputs and outputs.
#[derive(Debug)]
pub(crate) struct Stamp {
    file: PathBuf,
}

impl Stamp {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// Whether inputs and outputs are the very ones that were there at [`put`](Self::put).
    pub(crate) fn holds(&self, inputs: u64, outputs: u64) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|text| text == words(inputs, outputs))
    }

    pub(crate) fn put(&self, inputs: u64, outputs: u64) -> Result<(), Error> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).doing(|| format!("make {}", folder.display()))?;
        }
        fs::write(&self.file, words(inputs, outputs))
            .doing(|| format!("write {}", self.file.display()))
    }
}

fn words(inputs: u64, outputs: u64) -> String {
    format!("{inputs:016x} {outputs:016x}\n")
}

/// The hash of the names and contents of files and whole folders, leaving out what is named `except` anywhere in them. What
/// is not there counts as empty.
pub(crate) fn hash(paths: &[PathBuf], except: &[&str]) -> Result<u64, Error> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        hash_into(&mut hasher, path, except)?;
    }
    Ok(hasher.finish())
}

fn hash_into(hasher: &mut DefaultHasher, path: &Path, except: &[&str]) -> Result<(), Error> {
    path.hash(hasher);
    if path.is_file() {
        let bytes = fs::read(path).doing(|| format!("read {}", path.display()))?;
        bytes.hash(hasher);
    } else if path.is_dir() {
        for entry in entries(path)? {
            let left_out = entry
                .file_name()
                .is_some_and(|name| except.iter().any(|out| name == *out));
            if !left_out {
                hash_into(hasher, &entry, except)?;
            }
        }
    }
    Ok(())
}

/// A folder's entries, always in the same order.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut entries = fs::read_dir(folder)
        .and_then(|found| {
            found
                .map(|entry| Ok(entry?.path()))
                .collect::<Result<Vec<_>, _>>()
        })
        .doing(|| format!("list {}", folder.display()))?;
    entries.sort();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Stamp, hash};

    #[test]
    fn a_stamp_holds_until_an_input_or_an_output_changes() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        fs::create_dir_all(source.join("made")).unwrap();
        fs::write(source.join("a"), "1").unwrap();
        let hashed = || hash(std::slice::from_ref(&source), &["made"]).unwrap();

        let stamp = Stamp::new(folder.path().join("stamps/stamp"));
        assert!(!stamp.holds(hashed(), 7));
        stamp.put(hashed(), 7).unwrap();
        assert!(stamp.holds(hashed(), 7));
        assert!(!stamp.holds(hashed(), 8));

        fs::write(source.join("made/b"), "left out").unwrap();
        assert!(stamp.holds(hashed(), 7));
        fs::rename(source.join("a"), source.join("c")).unwrap();
        assert!(!stamp.holds(hashed(), 7));
        fs::rename(source.join("c"), source.join("a")).unwrap();
        fs::write(source.join("a"), "2").unwrap();
        assert!(!stamp.holds(hashed(), 7));
    }
}
