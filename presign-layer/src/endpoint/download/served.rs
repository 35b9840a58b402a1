//! What a downloaded object is served with.

use mediatype::names::{APPLICATION, AUDIO, CSV, FONT, IMAGE, JSON, PDF, PLAIN, TEXT, VIDEO};
use mediatype::{MediaType, Name};

use crate::decision::UNKNOWN_TYPE;
use crate::policy::Disposition;

/// What the store is told to answer with, whatever the object itself says.
#[derive(Debug)]
pub(crate) struct Served {
    /// `content-disposition`.
    pub(crate) disposition: String,
    /// `content-type`.
    pub(crate) content_type: String,
}

/// What is shown by a viewer of the browser's that runs nothing in the name of the site that it came from.
const SHOWN: [(Name<'static>, Name<'static>); 4] = [
    (TEXT, PLAIN),
    (TEXT, CSV),
    (APPLICATION, PDF),
    (APPLICATION, JSON),
];

impl Served {
    /// The type is that by which the disposition was decided, also if the object is another one by the time it is served. One that has none, or none
    /// that can be read, is left to no browser's guess.
    pub(super) fn new(asked: Disposition, name: &str, stored_type: &str) -> Self {
        let stored = MediaType::parse(stored_type).ok();
        let disposition = match asked {
            Disposition::Inline if stored.as_ref().is_some_and(is_inert) => Disposition::Inline,
            _ => Disposition::Attachment,
        };
        Self {
            disposition: disposition.header(name),
            content_type: stored.map_or(UNKNOWN_TYPE, |_| stored_type).to_owned(),
        }
    }
}

/// HTML, SVG and everything else of XML run scripts; of what is not known, nobody knows. A list of what is harmless forgets nothing.
fn is_inert(media_type: &MediaType<'_>) -> bool {
    if media_type.suffix.is_some() {
        return false;
    }
    [IMAGE, AUDIO, VIDEO, FONT].contains(&media_type.ty)
        || SHOWN.contains(&(media_type.ty, media_type.subty))
}

#[cfg(test)]
mod tests {
    use super::Served;
    use crate::policy::Disposition;

    #[test]
    fn what_could_run_is_saved_even_where_it_is_to_be_shown() {
        for shown in [
            "image/png",
            "IMAGE/JPEG",
            "image/vnd.microsoft.icon",
            "video/mp4; codecs=\"avc1\"",
            "audio/ogg",
            "font/woff2",
            "text/plain;charset=utf-8",
            "application/pdf",
        ] {
            let served = Served::new(Disposition::Inline, "a", shown);
            assert!(served.disposition.starts_with("inline; "), "{shown}");
            assert_eq!(served.content_type, shown);
            let served = Served::new(Disposition::Attachment, "a", shown);
            assert!(served.disposition.starts_with("attachment; "), "{shown}");
        }
        for active in [
            "text/html",
            "Text/HTML; charset=utf-8",
            "image/svg+xml",
            "IMAGE/SVG+XML",
            "image/x+xml",
            "application/xhtml+xml",
            "application/xml",
            "text/xml",
            "text/xsl",
            "text/javascript",
            "application/javascript",
            "multipart/x-mixed-replace",
            "message/rfc822",
            "application/octet-stream",
            "application/x-shockwave-flash",
            "",
            "nonsense",
        ] {
            let served = Served::new(Disposition::Inline, "a", active);
            assert!(served.disposition.starts_with("attachment; "), "{active}");
        }
        for unreadable in ["", "nonsense", "text/html x"] {
            let served = Served::new(Disposition::Inline, "a", unreadable);
            assert_eq!(served.content_type, "application/octet-stream");
        }
    }
}
