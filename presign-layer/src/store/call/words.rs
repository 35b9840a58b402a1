//! Words of others, before they stand in an error.

use std::error::Error;

/// Characters of them that are repeated.
const MAX: usize = 300;

/// What only a presigned URL has in it. Some clients repeat the URL in their errors, and a store may repeat it in its own.
const SIGNED: [&str; 3] = [
    "x-amz-signature=",
    "x-amz-credential=",
    "x-amz-security-token=",
];

/// On one line, not too many, and never a signed URL.
pub(super) fn bounded(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if SIGNED.iter().any(|signed| lower.contains(signed)) {
        return "[withheld: it holds a signed URL]".to_owned();
    }
    let mut bounded: String = text.chars().take(MAX).collect();
    bounded = bounded.replace(char::is_control, " ");
    if text.chars().nth(MAX).is_some() {
        bounded.push('…');
    }
    bounded
}

/// An error with its causes: what hyper says of itself is only that it failed.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words = bounded(&error.to_string());
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&bounded(&error.to_string()));
        cause = error.source();
    }
    bounded(&words)
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    fn words_are_cut_and_stay_on_their_line() {
        assert_eq!(bounded("a\nb\u{1b}[1m"), "a b [1m");
        assert_eq!(bounded(&"ü".repeat(300)), "ü".repeat(300));
        assert_eq!(bounded(&"ü".repeat(301)), "ü".repeat(300) + "…");
    }

    #[test]
    fn a_signed_url_is_withheld_and_the_names_of_its_parts_are_not() {
        for url in [
            "error for https://s3.test/a?x-amz-date=1&X-Amz-Signature=0123",
            "https://s3.test/?X-AMZ-SECURITY-TOKEN=t",
        ] {
            assert_eq!(bounded(url), "[withheld: it holds a signed URL]");
        }
        let words = "expected X-Amz-Signature and X-Amz-Date";
        assert_eq!(bounded(words), words);
    }
}
