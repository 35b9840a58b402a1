//! Signed requests that AWS refuses and s3s does not.

use std::borrow::Cow;

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use s3s::{S3Result, s3_error};

use super::error_response;

/// The longest that a presigned URL lives: 7 days.
const MAX_EXPIRES: u32 = 7 * 24 * 60 * 60;

/// Middleware. The signature itself is s3s's to check, afterwards.
pub(super) async fn refuse_what_aws_refuses(request: Request, next: Next) -> Response {
    let query = Query::of(request.uri().query().unwrap_or_default());
    match query
        .check_expiry()
        .and_then(|()| check_headers(request.headers(), &query))
    {
        Ok(()) => next.run(request).await,
        Err(error) => error_response(error),
    }
}

/// What a presigned URL says of itself.
#[derive(Default)]
struct Query<'a> {
    presigned: bool,
    expires: Option<Cow<'a, str>>,
    signed_headers: Option<Cow<'a, str>>,
}

impl<'a> Query<'a> {
    fn of(query: &'a str) -> Self {
        let mut found = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "X-Amz-Signature" => found.presigned = true,
                "X-Amz-Expires" => found.expires = Some(value),
                "X-Amz-SignedHeaders" => found.signed_headers = Some(value),
                _ => {}
            }
        }
        found
    }

    fn check_expiry(&self) -> S3Result<()> {
        let Some(expires) = self.expires.as_deref().filter(|_| self.presigned) else {
            // s3s refuses a presigned URL without it.
            return Ok(());
        };
        match expires.parse::<u32>() {
            Ok(1..=MAX_EXPIRES) => Ok(()),
            Ok(0) => Err(s3_error!(
                AuthorizationQueryParametersError,
                "X-Amz-Expires must be at least 1 second"
            )),
            Ok(_) => Err(s3_error!(
                AuthorizationQueryParametersError,
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than {MAX_EXPIRES} seconds"
            )),
            Err(_) => Err(s3_error!(
                AuthorizationQueryParametersError,
                "X-Amz-Expires should be a number"
            )),
        }
    }
}

fn check_headers(headers: &HeaderMap, query: &Query<'_>) -> S3Result<()> {
    let authorization = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let signed = match (&query.signed_headers, authorization) {
        (Some(signed), _) if query.presigned => signed,
        (_, Some(authorization)) => signed_headers_of(authorization).unwrap_or_default(),
        // No header is signed: s3s refuses the request as a whole, unless its form is signed.
        _ => "",
    };
    let is_signed = |name: &str| {
        signed
            .split(';')
            .any(|signed| signed.eq_ignore_ascii_case(name))
    };
    let unsigned: Vec<&str> = headers
        .keys()
        .map(axum::http::HeaderName::as_str)
        .filter(|name| name.starts_with("x-amz-") && !is_signed(name))
        .collect();
    if unsigned.is_empty() {
        return Ok(());
    }
    let unsigned = unsigned.join(", ");
    Err(s3_error!(
        AccessDenied,
        "There were headers present in the request which were not signed: {unsigned}"
    ))
}

fn signed_headers_of(authorization: &str) -> Option<&str> {
    let (_, rest) = authorization.split_once("SignedHeaders=")?;
    rest.split([',', ' ']).next()
}
