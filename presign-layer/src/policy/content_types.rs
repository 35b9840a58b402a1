use mediatype::{MediaType, MediaTypeBuf, names::_STAR};

/// The content types that are allowed: exact or whole (`image/*`). A whole type is compared as a media type, not as text:
/// `image/*` is not `imagex/png`.
#[derive(Clone, Debug)]
pub(crate) struct ContentTypes(Vec<MediaTypeBuf>);

/// A pattern is neither `type/subtype` nor `type/*`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a content type such as `image/png` or `image/*`")]
pub(crate) struct PatternError(pub(crate) String);

impl ContentTypes {
    /// `None` where a pattern allows everything (`*/*`).
    pub(crate) fn parse(patterns: &[String]) -> Result<Option<Self>, PatternError> {
        let mut types = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            let refused = || PatternError(pattern.clone());
            let media_type = MediaType::parse(pattern.trim()).map_err(|_| refused())?;
            let is_whole = media_type.subty == _STAR;
            if !media_type.params.is_empty()
                || (is_whole && media_type.suffix.is_some())
                || has_part_star(pattern)
            {
                return Err(refused());
            }
            match (media_type.ty == _STAR, is_whole) {
                (true, true) => return Ok(None),
                (true, false) => return Err(refused()),
                _ => types.push(MediaTypeBuf::from(media_type)),
            }
        }
        Ok(Some(Self(types)))
    }

    pub(crate) fn allow(&self, content_type: &MediaType<'_>) -> bool {
        self.0.iter().any(|pattern| {
            pattern.ty() == content_type.ty
                && (pattern.subty() == _STAR || pattern.essence() == content_type.essence())
        })
    }

    /// As they were given, for people and pages.
    pub(crate) fn list(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

/// `imag*/png` is no pattern, and must not become the name of a type that no file has.
fn has_part_star(pattern: &str) -> bool {
    pattern
        .split(['/', '+'])
        .any(|name| name.trim() != "*" && name.contains('*'))
}

#[cfg(test)]
mod tests {
    use mediatype::MediaType;

    use super::ContentTypes;

    fn allows(patterns: &[&str], content_type: &str) -> bool {
        let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
        let types = ContentTypes::parse(&patterns).unwrap();
        let content_type = MediaType::parse(content_type).unwrap();
        types.is_none_or(|types| types.allow(&content_type))
    }

    #[test]
    fn exact_and_whole_types_match_as_media_types() {
        assert!(allows(&["image/png"], "image/png"));
        assert!(allows(&["image/png"], "IMAGE/PNG; q=1"));
        assert!(allows(&["image/*"], "image/svg+xml"));
        assert!(allows(&["image/svg+xml"], "image/svg+xml"));
        assert!(allows(&["*/*"], "a/b"));
        assert!(!allows(&["image/*"], "imagex/png"));
        assert!(!allows(&["image/png"], "image/pngx"));
        assert!(!allows(&["image/svg"], "image/svg+xml"));
        assert!(!allows(&["image/svg+xml"], "image/svg"));
        assert!(!allows(&[], "image/png"), "an empty list allows nothing");
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in [
            "image",
            "",
            "imag*/png",
            "image/p*",
            "*/png",
            "image/png; a=b",
            "a b/c",
            "image/*+xml",
        ] {
            assert!(
                ContentTypes::parse(&[pattern.to_owned()]).is_err(),
                "{pattern}"
            );
        }
    }
}
