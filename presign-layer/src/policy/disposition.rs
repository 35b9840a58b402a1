use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a browser does with an object that it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Save it under the file's name. The safe choice for files from strangers: HTML and SVG do not run.
    Attachment,
    /// Show it if it can.
    Inline,
}

/// `attr-char` of [RFC 8187](https://www.rfc-editor.org/rfc/rfc8187#section-3.2.1) stays as it is.
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

impl Disposition {
    /// The value of `Content-Disposition` for a file of this name, after
    /// [RFC 6266](https://www.rfc-editor.org/rfc/rfc6266): an ASCII name for old readers, the whole one for the others.
    pub(crate) fn header(self, name: &str) -> String {
        let kind = match self {
            Self::Attachment => "attachment",
            Self::Inline => "inline",
        };
        let plain: String = name
            .chars()
            .map(|character| {
                // Spaces too: two in a row would be one in the signature.
                let harmless =
                    character.is_ascii_graphic() && !matches!(character, '"' | '\\' | '%');
                if harmless { character } else { '_' }
            })
            .collect();
        let encoded = utf8_percent_encode(name, NOT_ATTR_CHAR);
        format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
    }
}

#[cfg(test)]
mod tests {
    use super::Disposition;

    #[test]
    fn any_name_makes_a_plain_ascii_header() {
        assert_eq!(
            Disposition::Attachment.header("a  \"b\"\r\n日.txt"),
            "attachment; filename=\"a___b____.txt\"; filename*=UTF-8''a%20%20%22b%22%0D%0A%E6%97%A5.txt"
        );
        assert_eq!(
            Disposition::Inline.header("a.txt"),
            "inline; filename=\"a.txt\"; filename*=UTF-8''a.txt"
        );
    }
}
