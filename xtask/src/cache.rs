//! Tools that are built once and kept outside the checkout: `$PRESIGN_CACHE_DIR`, `$XDG_CACHE_HOME/presign` or
//! `~/.cache/presign`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use crate::error::{Doing, Error, Missing};

/// The folder `name` of the cache, filled by `fill` if it is not there. `fill` works in a folder beside it that takes its
/// place only when all is done, so a build that breaks off leaves nothing half made.
pub(crate) fn folder(
    name: &str,
    fill: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<PathBuf, Error> {
    folder_in(&root()?, name, fill)
}

fn folder_in(
    cache: &Path,
    name: &str,
    fill: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<PathBuf, Error> {
    let place = cache.join(name);
    if place.is_dir() {
        return Ok(place);
    }
    let draft = cache.join(format!(".{name}-{}", process::id()));
    fs::create_dir_all(&draft).doing(|| format!("make {}", draft.display()))?;
    let filled = fill(&draft).and_then(|()| put(&draft, &place));
    if draft.exists() {
        fs::remove_dir_all(&draft).doing(|| format!("remove {}", draft.display()))?;
    }
    filled.map(|()| place)
}

/// Whether the cache has a folder `name`.
pub(crate) fn has(name: &str) -> Result<bool, Error> {
    Ok(root()?.join(name).is_dir())
}

fn put(draft: &Path, place: &Path) -> Result<(), Error> {
    match fs::rename(draft, place) {
        // Another run was faster; its tool is as good as ours.
        Err(_) if place.is_dir() => Ok(()),
        renamed => renamed.doing(|| format!("move {} into place", place.display())),
    }
}

fn root() -> Result<PathBuf, Error> {
    let given = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    given("PRESIGN_CACHE_DIR")
        .or_else(|| given("XDG_CACHE_HOME").map(|folder| folder.join("presign")))
        .or_else(|| env::home_dir().map(|home| home.join(".cache").join("presign")))
        .ok_or_else(|| {
            Missing::new(
                "a place for the cache",
                "tools are built once and kept outside the checkout",
                "set PRESIGN_CACHE_DIR",
            )
            .into()
        })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::folder_in;
    use crate::error::Error;

    #[test]
    fn a_folder_is_filled_once() {
        let cache = tempfile::tempdir().unwrap();
        let place = folder_in(cache.path(), "tool-1", |draft| {
            assert_ne!(draft, cache.path().join("tool-1"));
            fs::write(draft.join("tool"), "").unwrap();
            Ok(())
        });
        assert!(place.unwrap().join("tool").is_file());
        folder_in(cache.path(), "tool-1", |_| panic!("it is there already")).unwrap();
    }

    #[test]
    fn what_breaks_off_leaves_nothing() {
        let cache = tempfile::tempdir().unwrap();
        let broken = folder_in(cache.path(), "tool-1", |draft| {
            fs::write(draft.join("half"), "").unwrap();
            Err(Error::Unexpected("no".to_owned()))
        });
        assert!(broken.is_err());
        assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 0);
    }
}
