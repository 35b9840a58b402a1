//! How many files a process may have open. Connections are files too, and the demo inherits the limit.

/// What the demo needs at most: a connection from each client, those that its own client keeps to its store with both their ends, and
/// the objects that it writes.
const NEEDED: u64 = 4096;

/// What is enough for everybody, where it can be had.
#[cfg(unix)]
const WANTED: u64 = 16_384;

/// The limit is too low and cannot be raised.
#[derive(Debug, thiserror::Error)]
#[error(
    "a process may have {0} open files here, and with a thousand clients it needs {NEEDED}; raise the limit first: `ulimit -Hn {NEEDED}` as root, or \
     `LimitNOFILE` of whatever started this"
)]
pub(crate) struct TooFew(u64);

/// Raises the limit of this process, and of what it starts, as far as is needed and it may.
#[cfg(unix)]
pub(crate) fn allow() -> Result<(), TooFew> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let Some(now) = limit.current else {
        return Ok(());
    };
    let raised = now.max(limit.maximum.map_or(WANTED, |most| most.min(WANTED)));
    let wanted = Rlimit {
        current: Some(raised),
        maximum: limit.maximum,
    };
    // Where it is refused, what there is may do.
    let has = setrlimit(Resource::Nofile, wanted).map_or(now, |()| raised);
    enough(has)
}

/// No limit stands in the way.
#[cfg(not(unix))]
pub(crate) fn allow() -> Result<(), TooFew> {
    enough(u64::MAX)
}

fn enough(files: u64) -> Result<(), TooFew> {
    if files < NEEDED {
        return Err(TooFew(files));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{NEEDED, enough};

    #[test]
    fn too_few_are_refused_with_what_to_do() {
        assert!(enough(NEEDED).is_ok());
        let error = enough(1024).unwrap_err().to_string();
        assert!(
            error.contains("1024") && error.contains("ulimit"),
            "{error}"
        );
    }
}
