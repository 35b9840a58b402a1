//! Errors in the protocol's words.

use std::borrow::Cow;

use presign_protocol::{ErrorCode, Extensions, FileError, Problem};

pub(crate) fn problem(code: ErrorCode, detail: impl Into<String>) -> Problem {
    Problem {
        title: code.title().to_owned(),
        status: code.status(),
        code,
        detail: detail.into(),
        extensions: Extensions::default(),
    }
}

pub(crate) fn file_error(code: ErrorCode, message: impl Into<String>) -> FileError {
    FileError {
        code,
        message: message.into(),
        extensions: Extensions::default(),
    }
}

/// Where one file is all that was asked for, its refusal is the whole answer.
pub(crate) fn whole(error: FileError) -> Problem {
    Problem {
        extensions: error.extensions,
        ..problem(error.code, error.message)
    }
}

/// A no: to one file of a batch, in its place, or to the request as a whole.
#[derive(Debug)]
pub(crate) enum Refused {
    InPlace(FileError),
    Whole(Problem),
}

impl Refused {
    /// Of a request for one file, where either is the whole answer.
    pub(crate) fn into_problem(self) -> Problem {
        match self {
            Self::InPlace(error) => whole(error),
            Self::Whole(problem) => problem,
        }
    }

    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::InPlace(error) => error.code,
            Self::Whole(problem) => problem.code,
        }
    }

    /// What goes into the place of a file in a batch; a problem of the whole request is still one.
    pub(crate) fn split<T>(result: Result<T, Self>) -> Result<Result<T, FileError>, Problem> {
        match result {
            Ok(value) => Ok(Ok(value)),
            Err(Self::InPlace(error)) => Ok(Err(error)),
            Err(Self::Whole(problem)) => Err(problem),
        }
    }
}

impl From<FileError> for Refused {
    fn from(error: FileError) -> Self {
        Self::InPlace(error)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Whole(problem)
    }
}

/// The server's own failure. What failed is for the log, not for strangers.
pub(crate) fn internal(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "a request for presigned URLs failed");
    problem(
        ErrorCode::Internal,
        "The server failed; its log says why. Try again later.",
    )
}

/// A stranger's text, or a message that repeats it, as an error shows it: of a long one the beginning and the end, where a parser says
/// at which line it stopped.
pub(crate) fn excerpt(text: &str) -> Cow<'_, str> {
    const BEGINNING: usize = 160;
    const END: usize = 80;
    if text.len() <= BEGINNING + END {
        return Cow::Borrowed(text);
    }
    let beginning = &text[..text.floor_char_boundary(BEGINNING)];
    let end = &text[text.ceil_char_boundary(text.len() - END)..];
    Cow::Owned(format!("{beginning} … {end}"))
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn long_texts_are_cut_in_the_middle() {
        assert_eq!(excerpt("short"), "short");
        let text = format!("begin{}at line 1", "é".repeat(100_000));
        let cut = excerpt(&text);
        assert!(cut.starts_with("beginé") && cut.ends_with("éat line 1"));
        assert!(cut.len() < 260, "{cut}");
    }
}
