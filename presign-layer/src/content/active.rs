use mediatype::MediaType;

/// Types, apart from those of XML, whose files a browser runs scripts of when it opens them, with the rights of the page's origin.
///
/// The unknown ones are those that browsers look into for HTML, as if the object had no type at all
/// (<https://mimesniff.spec.whatwg.org/#determining-the-computed-mime-type-of-a-resource>); the multipart ones and `message/rfc822` wrap pages.
/// Scripts do not run when they are opened, but nobody opens one to read it, and other pages that load it are not kept from it by a
/// disposition.
const ACTIVE: [&str; 30] = [
    "application/ecmascript",
    "application/javascript",
    "application/unknown",
    "application/x-ecmascript",
    "application/x-javascript",
    "application/xml",
    "application/xml-dtd",
    "application/xml-external-parsed-entity",
    "message/rfc822",
    "multipart/mixed",
    "multipart/related",
    "multipart/x-mixed-replace",
    "text/cache-manifest",
    "text/ecmascript",
    "text/html",
    "text/javascript",
    "text/javascript1.0",
    "text/javascript1.1",
    "text/javascript1.2",
    "text/javascript1.3",
    "text/javascript1.4",
    "text/javascript1.5",
    "text/jscript",
    "text/livescript",
    "text/x-ecmascript",
    "text/x-javascript",
    "text/xml",
    "text/xml-external-parsed-entity",
    "text/xsl",
    "unknown/unknown",
];

/// Whether a browser that opens a file of this type may run what is written in it: HTML, SVG and all other XML (a stylesheet or an element of
/// another namespace makes any of it a page), scripts, and what browsers take for a page by looking into it. What cannot be read as a type counts as such.
pub(crate) fn is_active(content_type: &str) -> bool {
    let Ok(media_type) = MediaType::parse(content_type) else {
        return true;
    };
    let essence = media_type.essence().to_string().to_ascii_lowercase();
    essence.ends_with("+xml") || ACTIVE.contains(&essence.as_str())
}

#[cfg(test)]
mod tests {
    use super::{ACTIVE, is_active};

    #[test]
    fn what_runs_is_told_from_what_is_shown() {
        assert!(ACTIVE.is_sorted(), "so that a reader finds a type");
        for content_type in [
            "text/html",
            "TEXT/HTML; charset=utf-8",
            "image/svg+xml",
            "application/xhtml+xml",
            "application/atom+xml",
            "application/x.y+XML;q=1",
            "text/xml",
            "text/javascript",
            "unknown/unknown",
            "multipart/x-mixed-replace; boundary=a",
            "nonsense",
            "",
        ] {
            assert!(is_active(content_type), "{content_type}");
        }
        for content_type in [
            "application/octet-stream",
            "text/plain",
            "text/css",
            "image/png",
            "image/svg",
            "application/pdf",
            "application/json",
            "text/htmlx",
            "application/xmlx",
        ] {
            assert!(!is_active(content_type), "{content_type}");
        }
    }
}
