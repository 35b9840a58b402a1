//! What an Axum handler takes a form with receipts by.

mod fields;
mod media;
mod reading;
mod rejection;

use std::collections::HashMap;

use axum_core::extract::{FromRef, FromRequest, Request};
use presign_protocol::{ErrorCode, Extensions, Problem};
use serde::de::DeserializeOwned;

pub use rejection::ReceiptRejection;

use crate::observe::Ids;
use crate::problem::problem;
use crate::receipt::{Receipt, ReceiptVerifier};
use fields::Given;
use reading::Read;

/// How many receipts [`ReceivedAll`] takes at once.
pub const MAX_RECEIPTS: usize = 1000;

/// Who sends the request, as [`Permit::subject`](crate::Permit::subject) names users: what the application's own authentication puts into the request's extensions, so that
/// [`Received`] and [`ReceivedAll`] take that user's receipts. Without it they take those that the [`ReceiptVerifier`] takes as it is, which are
/// [bound to nobody](ReceiptVerifier::subject) unless it was told otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptSubject(pub String);

/// A form, or JSON, that has the receipt of one object in its field `receipt`: an Axum extractor. The receipt has been verified when the handler is called.
///
/// ```
/// use axum::{Router, routing::post};
/// use presign_layer::{Credentials, PresignLayer, Received, Store};
/// # use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Document { title: String }
///
/// async fn add(Received { receipt, form }: Received<Document>) -> String {
///     format!("{}: {} with {} bytes", form.title, receipt.key(), receipt.size())
/// }
///
/// # let store = Store::builder("http://127.0.0.1:9000", "uploads").credentials(Credentials::new("id", "secret")).build()?;
/// let uploads = PresignLayer::builder(store).public().build()?;
/// let app: Router = Router::new().route("/documents", post(add)).with_state(uploads.receipts()).layer(uploads);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `T` are the application's own fields, a struct or a map, which see nothing of `receipt`; without any it is `Received`. The [`ReceiptVerifier`] comes from the router's state, by
/// `FromRef` from a larger one, and the user from the request's [`ReceiptSubject`].
///
/// It reads `application/json` and `application/x-www-form-urlencoded`, of which a list is a repeated field, and no `multipart/form-data`: that is how files themselves would travel. A
/// page sends `new URLSearchParams(new FormData(form))`. The body is as long as Axum's `DefaultBodyLimit` lets it be, 2 MiB unless set.
///
/// Anything else is answered by a [`ReceiptRejection`], a problem in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received<T = ()> {
    /// What the server saw at the store.
    pub receipt: Receipt,
    /// The other fields.
    pub form: T,
}

/// The same with any number of receipts, none too, up to [`MAX_RECEIPTS`]: a JSON list in `receipt`, or one form field of that name for each. All are taken or none;
/// the answer says in `receiptIndex` which was not. No two may be of the same upload.
///
/// ```
/// use presign_layer::ReceivedAll;
/// # use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Album { title: String }
///
/// async fn add(ReceivedAll { receipts, form }: ReceivedAll<Album>) -> String {
///     format!("{}: {} pictures", form.title, receipts.len())
/// }
/// # let _: axum::routing::MethodRouter<presign_layer::ReceiptVerifier> = axum::routing::post(add);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedAll<T = ()> {
    /// What the server saw at the store, in the order given.
    pub receipts: Vec<Receipt>,
    /// The other fields.
    pub form: T,
}

impl<S, T> FromRequest<S> for Received<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
    ReceiptVerifier: FromRef<S>,
{
    type Rejection = ReceiptRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        taken(request, state, |receipts, Read { given, form }| {
            let receipt = receipts.verify(only(&given)?).map_err(Problem::from)?;
            Ok(Self { receipt, form })
        })
        .await
    }
}

impl<S, T> FromRequest<S> for ReceivedAll<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
    ReceiptVerifier: FromRef<S>,
{
    type Rejection = ReceiptRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        taken(request, state, |receipts, Read { given, form }| {
            let receipts = verify_all(&receipts, &given)?;
            Ok(Self { receipts, form })
        })
        .await
    }
}

/// Reads the request and has its receipts verified.
async fn taken<S, T: DeserializeOwned, R>(
    request: Request,
    state: &S,
    verify: impl FnOnce(ReceiptVerifier, Read<T>) -> Result<R, ReceiptRejection>,
) -> Result<R, ReceiptRejection>
where
    ReceiptVerifier: FromRef<S>,
{
    let ids = Ids::of(request.headers());
    let receipts = verifier(&request, state);
    let taken = match reading::read(request).await {
        Ok(read) => verify(receipts, read),
        Err(problem) => Err(problem.into()),
    };
    taken.map_err(|rejection| {
        let code = rejection.problem().code.as_str();
        tracing::debug!(code, "a form with receipts is refused");
        rejection.known_by(&ids)
    })
}

/// For whoever sends the request.
fn verifier<S>(request: &Request, state: &S) -> ReceiptVerifier
where
    ReceiptVerifier: FromRef<S>,
{
    let receipts = ReceiptVerifier::from_ref(state);
    match request.extensions().get() {
        Some(ReceiptSubject(subject)) => receipts.subject(subject),
        None => receipts,
    }
}

fn only(given: &Given) -> Result<&str, Problem> {
    match (given.count, given.texts.first()) {
        (1, Some(receipt)) => Ok(receipt),
        (0, _) => Err(problem(
            ErrorCode::ReceiptInvalid,
            "There is no `receipt`; expected that of a completed upload.",
        )),
        (count, _) => Err(problem(
            ErrorCode::InvalidRequest,
            format!("`receipt` has {count} receipts; expected one."),
        )),
    }
}

fn verify_all(receipts: &ReceiptVerifier, given: &Given) -> Result<Vec<Receipt>, ReceiptRejection> {
    if given.count > MAX_RECEIPTS {
        return Err(too_many(given.count).into());
    }
    let mut verified: Vec<Receipt> = Vec::with_capacity(given.texts.len());
    for (index, text) in given.texts.iter().enumerate() {
        let receipt = receipts
            .verify(text)
            .map_err(|error| ReceiptRejection::of(error.into(), index))?;
        verified.push(receipt);
    }
    let mut places = HashMap::with_capacity(verified.len());
    for (index, receipt) in verified.iter().enumerate() {
        if let Some(first) = places.insert(receipt.id(), index) {
            return Err(ReceiptRejection::of(twice(first), index));
        }
    }
    Ok(verified)
}

fn too_many(count: usize) -> Problem {
    let mut extensions = Extensions::default();
    extensions.max_files = Some(MAX_RECEIPTS);
    Problem {
        extensions,
        ..problem(
            ErrorCode::TooManyFiles,
            format!(
                "`receipt` has {count} receipts; one request may hand in at most {MAX_RECEIPTS}."
            ),
        )
    }
}

fn twice(first: usize) -> Problem {
    problem(
        ErrorCode::InvalidRequest,
        format!("The receipt is of the same upload as `receipt[{first}]`."),
    )
}
