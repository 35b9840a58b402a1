//! What the application keeps of the files that were handed in, at `/files`. It believes their receipts, and nothing that a page says of them but a name.
//!
//! A real application has a database in place of [`Kept`], with [`Receipt::id`] in a column with a unique index, and its authentication says by a
//! [`ReceiptSubject`](presign_layer::ReceiptSubject) whose receipts are taken.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{DefaultBodyLimit, FromRef, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use presign_layer::{Receipt, ReceiptVerifier, Received};
use serde::{Deserialize, Serialize};

/// The latest so many are kept.
const MOST: usize = 1000;

/// A receipt and a name have a few kilobytes.
const MAX_BODY: usize = 16 * 1024;

/// `receipts` is what the mount that gives them out checks them with.
pub(crate) fn router(receipts: ReceiptVerifier) -> Router {
    let application = Application {
        receipts,
        kept: Arc::default(),
    };
    Router::new()
        .route("/files", get(list).post(hand_in))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(application)
}

#[derive(Clone)]
struct Application {
    receipts: ReceiptVerifier,
    kept: Arc<Kept>,
}

/// Where [`Received`] finds what it checks receipts with.
impl FromRef<Application> for ReceiptVerifier {
    fn from_ref(application: &Application) -> Self {
        application.receipts.clone()
    }
}

/// What the page says beside the receipt: the application's own fields, and nobody has proven them.
#[derive(Deserialize)]
struct Form {
    name: String,
}

/// What the application knows of a file: its name is the page's word, the rest is proven.
#[derive(Clone, Serialize)]
struct File {
    id: String,
    name: String,
    key: String,
    size: u64,
    #[serde(rename = "type")]
    content_type: String,
}

impl File {
    fn new(name: String, receipt: &Receipt) -> Self {
        Self {
            id: receipt.id().to_owned(),
            name,
            key: receipt.key().to_owned(),
            size: receipt.size(),
            content_type: receipt.content_type().to_owned(),
        }
    }
}

/// The files that were handed in, the latest last.
#[derive(Default)]
struct Kept(Mutex<VecDeque<File>>);

impl Kept {
    /// Keeps it, unless it is there: a page whose answer was lost hands its file in once more.
    fn keep(&self, file: File) -> File {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.iter().find(|known| known.id == file.id) {
            return known.clone();
        }
        if kept.len() == MOST {
            kept.pop_front();
        }
        kept.push_back(file.clone());
        file
    }

    fn list(&self) -> Vec<File> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }
}

/// Whoever hands in what is no receipt of this mount's is refused before.
async fn hand_in(
    State(application): State<Application>,
    Received { receipt, form }: Received<Form>,
) -> (StatusCode, Json<File>) {
    let file = application.kept.keep(File::new(form.name, &receipt));
    (StatusCode::CREATED, Json(file))
}

async fn list(State(application): State<Application>) -> Json<Vec<File>> {
    Json(application.kept.list())
}
