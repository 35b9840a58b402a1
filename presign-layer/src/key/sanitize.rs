//! A file's name as the last segment of a key.

use std::borrow::Cow;

/// The most bytes of a name that a key keeps: what file systems allow, so that objects can be downloaded under it.
const MAX_NAME_BYTES: usize = 255;

/// The longest extension, with its dot, that is kept when a name is cut.
const MAX_EXTENSION_BYTES: usize = 32;

/// Makes `name` one harmless segment. Unicode, spaces and punctuation are kept; separators, control characters and the
/// invisible characters that turn the direction of text (they make `gpj.exe` read as `exe.jpg`) become `_`.
pub(crate) fn sanitize(name: &str) -> String {
    let clean: String = name
        .trim()
        .chars()
        .map(|character| {
            if is_harmful(character) {
                '_'
            } else {
                character
            }
        })
        .collect();
    let short = shorten(&clean);
    if matches!(short.as_ref(), "" | "." | "..") {
        return short.replace('.', "_") + "_";
    }
    short.into_owned()
}

fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '/' | '\\')
        || matches!(character, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

/// Cuts the stem, not the extension.
fn shorten(name: &str) -> Cow<'_, str> {
    if name.len() <= MAX_NAME_BYTES {
        return Cow::Borrowed(name);
    }
    let extension = name
        .rfind('.')
        .map(|dot| &name[dot..])
        .filter(|extension| extension.len() <= MAX_EXTENSION_BYTES)
        .unwrap_or_default();
    let stem = &name[..name.floor_char_boundary(MAX_NAME_BYTES - extension.len())];
    // The cut may have been before a space, and a name has none at its end.
    Cow::Owned(format!("{}{extension}", stem.trim_end()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_NAME_BYTES, sanitize};
    use crate::key::ObjectKey;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in [
            "a.png",
            "日本 + 50% & 'é' #1.tar.gz",
            ".profile",
            "..a",
            "naïve",
        ] {
            assert_eq!(sanitize(name), name);
        }
    }

    #[test]
    fn harmful_names_become_harmless() {
        for (name, expected) in [
            ("../../etc/passwd", ".._.._etc_passwd"),
            (r"C:\temp\a.txt", "C:_temp_a.txt"),
            ("a\r\nb\0.txt", "a__b_.txt"),
            ("..", "___"),
            (".", "__"),
            ("", "_"),
            ("gpj\u{202e}exe.jpg", "gpj_exe.jpg"),
            ("a\u{61c}b\u{2066}c", "a_b_c"),
        ] {
            assert_eq!(sanitize(name), expected, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = sanitize(&format!("{}.jpeg", "日".repeat(200)));
        assert!(
            name.len() <= MAX_NAME_BYTES && name.ends_with("日.jpeg"),
            "{name}"
        );
        // No space is left where the cut was, nor what a URL would resolve away.
        let spaces = " ".repeat(300);
        assert_eq!(sanitize(&format!("a{spaces}b")), "a");
        assert_eq!(sanitize(&format!("..{spaces}b")), "___");
        assert_eq!(sanitize(&format!("a{spaces}.png")), "a.png");
    }

    proptest! {
        #[test]
        fn any_text_makes_one_segment_of_a_key(name in prop_oneof![any::<String>(), "[. ]{0,3}[ ]{0,300}[a .日]{0,100}"]) {
            let clean = sanitize(&name);
            prop_assert!(ObjectKey::new(clean.clone()).is_ok());
            prop_assert!(!clean.contains('/') && clean.len() <= MAX_NAME_BYTES);
            prop_assert_eq!(sanitize(&clean), clean, "a clean name stays");
        }
    }
}
