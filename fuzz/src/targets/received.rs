use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum_core::body::Body;
use axum_core::extract::{FromRef, FromRequest, Request};
use futures_util::FutureExt as _;
use http::HeaderValue;
use presign_layer::protocol::ErrorCode;
use presign_layer::{ReceiptRejection, ReceiptVerifier, Received, ReceivedAll};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::env::ORDINARY;
use crate::receipts::RECEIPT;
use crate::store::cut;
use crate::tokens::PUT;

/// What the application's state is, of which the verifier is a part.
#[derive(Clone)]
struct State(ReceiptVerifier);

impl FromRef<State> for ReceiptVerifier {
    fn from_ref(state: &State) -> Self {
        state.0.clone()
    }
}

static STATE: LazyLock<State> = LazyLock::new(|| State(ORDINARY.receipts()));

/// Fields of an application that takes no others.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Titled {
    title: String,
}

/// A form with receipts. The first line is the content type; in the body, `@RECEIPT@` is a real receipt and `@PUT@` a token. A handler is called with the receipt that is there, and
/// with every other field as it is.
pub fn received(input: &[u8]) {
    let Some((media_type, body)) = cut(input, b"\n") else {
        return;
    };
    let (Ok(media_type), Ok(body)) = (
        HeaderValue::from_bytes(media_type),
        std::str::from_utf8(body),
    ) else {
        return;
    };
    let body = body.replace("@RECEIPT@", &RECEIPT).replace("@PUT@", &PUT);
    as_it_is(&media_type, &body);
    if media_type == "application/json"
        && let Ok(Value::Object(fields)) = serde_json::from_str(&body)
    {
        each_once(&media_type, fields);
    }
}

fn as_it_is(media_type: &HeaderValue, body: &str) {
    let is_json = media_type
        .as_bytes()
        .to_ascii_lowercase()
        .starts_with(b"application/json");
    if !is_json {
        return form(media_type, body);
    }
    let said = || serde_json::from_str::<Map<String, Value>>(body).ok();
    if let Some(taken) = taken::<Received<Map<String, Value>>>(media_type, body) {
        is_real(&taken.receipt);
        if let Some(mut said) = said() {
            let receipt = said.remove("receipt").expect("it is there");
            // Of more fields of that name the others are empty.
            assert!(listed(&receipt).is_none_or(|listed| listed.len() <= 1));
            assert_eq!(taken.form, said);
        }
    }
    if let Some(taken) = taken::<Received<Titled>>(media_type, body)
        && let Some(said) = said()
    {
        assert_eq!(said["title"], taken.form.title);
        assert_eq!(said.len(), 2, "no other is taken");
    }
    if let Some(taken) = taken::<ReceivedAll>(media_type, body) {
        assert!(taken.receipts.len() <= 1, "no upload is there twice");
        taken.receipts.iter().for_each(is_real);
    }
}

/// Where every field is there once, it is known what is to be said.
fn each_once(media_type: &HeaderValue, mut fields: Map<String, Value>) {
    let body = Value::Object(fields.clone()).to_string();
    let listed = match fields.remove("receipt") {
        None => Some(Vec::new()),
        Some(receipt) => listed(&receipt),
    };
    let real = |text: &String| *text == *RECEIPT;
    let one = matches!(listed.as_deref(), Some([text]) if real(text));
    let all = listed.is_some_and(|listed| listed.len() <= 1 && listed.iter().all(real));
    let taken_one = taken::<Received<Map<String, Value>>>(media_type, &body);
    assert_eq!(
        taken_one.map(|taken| taken.form),
        one.then(|| fields.clone())
    );
    let taken_all = taken::<ReceivedAll<Map<String, Value>>>(media_type, &body);
    assert_eq!(taken_all.map(|taken| taken.form), all.then_some(fields));
}

/// The receipts in the field of that name; nothing where it can have none.
fn listed(field: &Value) -> Option<Vec<String>> {
    match field {
        Value::Null => Some(Vec::new()),
        Value::String(receipt) => Some(vec![receipt.clone()]),
        Value::Array(receipts) => receipts
            .iter()
            .map(|receipt| receipt.as_str().map(ToOwned::to_owned))
            .collect(),
        _ => None,
    }
}

fn form(media_type: &HeaderValue, body: &str) {
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(body.as_bytes()) {
        let values = fields.entry(name.into_owned()).or_default();
        values.push(value.into_owned());
    }
    let receipts = fields.remove("receipt").unwrap_or_default();
    let real = || receipts.iter().all(|text| *text == *RECEIPT);
    let one = receipts.len() == 1 && real();
    let all = receipts.len() <= 1 && real();
    let is_form = media_type == "application/x-www-form-urlencoded";
    let taken_one = taken::<Received<BTreeMap<String, Vec<String>>>>(media_type, body);
    assert!(!is_form || taken_one.is_some() == one, "{body}");
    let taken_all = taken::<ReceivedAll<BTreeMap<String, Vec<String>>>>(media_type, body);
    assert!(!is_form || taken_all.is_some() == all, "{body}");
    if let Some(taken) = taken_one {
        is_real(&taken.receipt);
        assert_eq!(taken.form, fields);
    }
    if let Some(taken) = taken_all {
        assert!(all);
        taken.receipts.iter().for_each(is_real);
        assert_eq!(taken.form, fields);
    }
    if let Some(taken) = taken::<Received<Titled>>(media_type, body) {
        assert_eq!(
            fields,
            BTreeMap::from([("title".to_owned(), vec![taken.form.title])])
        );
    }
}

fn is_real(receipt: &presign_layer::Receipt) {
    assert_eq!(Ok(receipt), STATE.0.verify(&RECEIPT).as_ref());
}

/// What a handler would be called with. What it is refused for is the request's own fault, and says nothing of a receipt.
fn taken<T>(media_type: &HeaderValue, body: &str) -> Option<T>
where
    T: FromRequest<State, Rejection = ReceiptRejection>,
{
    let request = Request::post("/documents")
        .header("content-type", media_type)
        .body(Body::from(body.to_owned()))
        .expect("it is a request");
    let extracting = T::from_request(request, &STATE);
    let error = match extracting.now_or_never().expect("nothing is waited for") {
        Ok(taken) => return Some(taken),
        Err(error) => error,
    };
    let problem = error.problem();
    let expected = [
        ErrorCode::InvalidJson,
        ErrorCode::InvalidRequest,
        ErrorCode::ReceiptInvalid,
        ErrorCode::UnsupportedMediaType,
        ErrorCode::TooManyFiles,
    ];
    assert!(expected.contains(&problem.code), "{problem:?}");
    assert_eq!(problem.status, problem.code.status());
    assert!(!problem.detail.is_empty() && problem.detail.len() <= 2000);
    None
}
