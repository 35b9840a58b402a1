//! Which pages may use the endpoints, as their browsers say.

use http::HeaderMap;
use http::header::{HeaderName, ORIGIN};
use presign_protocol::{ErrorCode, Problem};
use url::Url;

use crate::problem::{excerpt, problem};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origins that [`Builder::allowed_origins`](crate::Builder::allowed_origins) was given.
#[derive(Clone, Debug)]
pub(crate) struct AllowedOrigins(Vec<String>);

/// What is not an origin as a browser sends it, and what would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotAnOrigin {
    pub(crate) given: String,
    pub(crate) expected: String,
}

impl AllowedOrigins {
    pub(crate) fn new(origins: Vec<String>) -> Result<Self, NotAnOrigin> {
        for given in &origins {
            check(given)?;
        }
        Ok(Self(origins))
    }

    /// Whether a request with these headers may be of a page that may.
    ///
    /// A browser names the page's origin in `Origin` with every `POST` and with every request whose answer a page of another origin could read.
    /// Without it there are three: what is no browser; a `GET` of a page of this origin; and a `GET` that some other page makes the browser send
    /// without seeing the answer (an image, a frame, a link), which `Sec-Fetch-Site` gives away.
    ///
    /// Sources: <https://fetch.spec.whatwg.org/#origin-header>, <https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header>
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if !headers.contains_key(ORIGIN) {
            return check_site(headers);
        }
        self.check_named(headers)
    }

    /// The same without a look at `Sec-Fetch-Site`, for what any page may link to.
    pub(crate) fn check_named(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let stranger = headers.get_all(ORIGIN).iter().find(|origin| {
            !self
                .0
                .iter()
                .any(|allowed| allowed.as_bytes() == origin.as_bytes())
        });
        match stranger {
            None => Ok(()),
            Some(origin) => Err(problem(
                ErrorCode::OriginNotAllowed,
                format!(
                    "Pages of `{}` may not use these endpoints.",
                    excerpt(&String::from_utf8_lossy(origin.as_bytes()))
                ),
            )),
        }
    }
}

fn check_site(headers: &HeaderMap) -> Result<(), Problem> {
    let own = headers
        .get_all(SEC_FETCH_SITE)
        .iter()
        .all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    if own {
        return Ok(());
    }
    Err(problem(
        ErrorCode::OriginNotAllowed,
        "A page of another origin had the browser send this, without saying which; expected a request that names its `Origin`, as `fetch` \
         makes it.",
    ))
}

/// An origin as browsers send it, for one that gives no hint of which was meant.
const EXAMPLE: &str = "https://your.site";

/// Browsers send scheme, host and port, in lower case, without the scheme's own port and with nothing behind; compared is byte for byte, so
/// anything else would never be met.
fn check(given: &str) -> Result<(), NotAnOrigin> {
    let refuse = |expected: &str| NotAnOrigin {
        given: given.to_owned(),
        expected: expected.to_owned(),
    };
    let url = Url::parse(given).map_err(|_| refuse(EXAMPLE))?;
    let origin = url.origin();
    if origin.is_tuple() {
        let expected = origin.ascii_serialization();
        return if given == expected {
            Ok(())
        } else {
            Err(refuse(&expected))
        };
    }
    // Those of apps and extensions: `capacitor://localhost`.
    let (Some(host), None) = (url.host_str(), url.port()) else {
        return Err(refuse(EXAMPLE));
    };
    let expected = format!("{}://{host}", url.scheme());
    if given == expected {
        Ok(())
    } else {
        Err(refuse(&expected))
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::AllowedOrigins;

    #[test]
    fn origins_are_as_browsers_send_them() {
        for good in [
            "https://your.site",
            "http://localhost:5173",
            "http://[::1]:8080",
            "https://xn--bcher-kva.example",
            "capacitor://localhost",
            "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        ] {
            assert!(AllowedOrigins::new(vec![good.to_owned()]).is_ok(), "{good}");
        }
        for (given, expected) in [
            ("", "https://your.site"),
            ("*", "https://your.site"),
            ("null", "https://your.site"),
            ("your.site", "https://your.site"),
            ("file:///tmp", "https://your.site"),
            ("https://your.site/", "https://your.site"),
            ("https://your.site/page?a#b", "https://your.site"),
            ("https://Your.Site", "https://your.site"),
            ("https://your.site:443", "https://your.site"),
            ("https://user@your.site", "https://your.site"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("HTTP://a:80", "http://a"),
            (" https://a", "https://a"),
            ("capacitor://localhost/", "capacitor://localhost"),
        ] {
            let refused = AllowedOrigins::new(vec![given.to_owned()]).unwrap_err();
            assert_eq!(refused.expected, expected, "{given}");
        }
    }

    fn passes(headers: &[(&'static str, &'static str)]) -> bool {
        let allowed = ["https://your.site", "http://localhost:5173"].map(str::to_owned);
        let allowed = AllowedOrigins::new(allowed.to_vec()).unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        allowed.check(&map).is_ok()
    }

    #[test]
    fn only_those_pass_that_are_listed_to_the_letter() {
        for origin in ["https://your.site", "http://localhost:5173"] {
            assert!(passes(&[("origin", origin)]), "{origin}");
            // What the page's origin may do does not hang on where the endpoints are.
            assert!(passes(&[
                ("origin", origin),
                ("sec-fetch-site", "cross-site")
            ]));
        }
        for origin in [
            "null",
            "",
            "*",
            "http://your.site",
            "https://your.site:444",
            "https://your.site.evil.test",
            "https://evil.test/https://your.site",
            "https://sub.your.site",
            "https://your.sit",
            "HTTPS://your.site",
            "https://your.site https://evil.test",
        ] {
            assert!(!passes(&[("origin", origin)]), "{origin}");
            assert!(!passes(&[
                ("origin", "https://your.site"),
                ("origin", origin)
            ]));
        }
    }

    #[test]
    fn without_an_origin_another_site_shows_all_the_same() {
        assert!(passes(&[]), "no browser");
        assert!(passes(&[("sec-fetch-site", "same-origin")]));
        assert!(passes(&[("sec-fetch-site", "none")]), "typed by the user");
        for site in ["cross-site", "same-site", "", "nonsense"] {
            assert!(!passes(&[("sec-fetch-site", site)]), "{site}");
        }
        assert!(!passes(&[
            ("sec-fetch-site", "none"),
            ("sec-fetch-site", "cross-site")
        ]));
    }
}
