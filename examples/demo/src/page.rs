//! The upload page, built into the program.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;

const HTML: &str = include_str!("../page/index.html");

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What the page loads, by path, with its content type.
const FILES: [(&str, &str, &str); 14] = [
    ("/app.js", SCRIPT, include_str!("../page/app.js")),
    ("/dom.js", SCRIPT, include_str!("../page/dom.js")),
    ("/dropzone.js", SCRIPT, include_str!("../page/dropzone.js")),
    ("/format.js", SCRIPT, include_str!("../page/format.js")),
    ("/hand-in.js", SCRIPT, include_str!("../page/hand-in.js")),
    ("/list.js", SCRIPT, include_str!("../page/list.js")),
    ("/messages.js", SCRIPT, include_str!("../page/messages.js")),
    ("/overall.js", SCRIPT, include_str!("../page/overall.js")),
    ("/picker.js", SCRIPT, include_str!("../page/picker.js")),
    ("/results.js", SCRIPT, include_str!("../page/results.js")),
    ("/transfer.js", SCRIPT, include_str!("../page/transfer.js")),
    (
        "/unfinished.js",
        SCRIPT,
        include_str!("../page/unfinished.js"),
    ),
    (
        "/style.css",
        "text/css; charset=utf-8",
        include_str!("../page/style.css"),
    ),
    (
        "/icon.svg",
        "image/svg+xml",
        include_str!("../page/icon.svg"),
    ),
];

/// `origin` is the store's: beside its own, the only one that the page connects to.
pub(crate) fn router(origin: &str) -> Router {
    let policy = content_security_policy(origin);
    let page = Router::new().route("/", get(move || async move { page(policy) }));
    FILES
        .into_iter()
        .fold(page, |router, (path, content_type, text)| {
            let file = ([(header::CONTENT_TYPE, content_type)], text);
            router.route(path, get(move || async move { file }))
        })
}

fn page(policy: HeaderValue) -> impl IntoResponse {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::CONTENT_SECURITY_POLICY, policy),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ];
    (headers, HTML)
}

/// `wasm-unsafe-eval` is what compiling WebAssembly takes; JavaScript is not evaluated by it.
fn content_security_policy(origin: &str) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self' {origin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    // An origin is plain ASCII, so this never falls back.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
