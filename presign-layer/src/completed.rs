//! The application's own word on each object that has arrived.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use http::request::Parts;
use serde::Serialize;
use serde_json::Value;

use crate::authorize::Refusal;
use crate::hook::{HookFailure, Hooks};
use crate::receipt::Receipt;

type Answer = Pin<Box<dyn Future<Output = Result<Value, Refusal>> + Send>>;

/// The hook that [`Builder::on_complete`](crate::Builder::on_complete) was given.
#[derive(Clone)]
pub(crate) struct OnComplete(Arc<dyn Fn(Completed) -> Answer + Send + Sync>);

impl OnComplete {
    pub(crate) fn hook<H, F, T>(hook: H) -> Self
    where
        H: Fn(Completed) -> F + Send + Sync + 'static,
        F: Future<Output = Result<T, Refusal>> + Send + 'static,
        T: Serialize,
    {
        Self(Arc::new(move |completed| {
            let said = hook(completed);
            Box::pin(async move { Ok(serde_json::to_value(said.await?)?) })
        }))
    }

    pub(crate) async fn tell(
        &self,
        hooks: &Hooks,
        completed: Completed,
    ) -> Result<Result<Value, Refusal>, HookFailure> {
        hooks.run("on_complete", || (self.0)(completed)).await
    }
}

impl fmt::Debug for OnComplete {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("hook")
    }
}

/// An upload whose object the server has seen at the store, whole and as it was granted: what the hook of
/// [`Builder::on_complete`](crate::Builder::on_complete) is told.
///
/// Its `Debug` shows no header, no extension and no subject.
#[derive(Clone)]
#[non_exhaustive]
pub struct Completed {
    /// The head of the request that completes it: method, URI, headers, and the extensions that authentication middleware left. All uploads of
    /// a batch share it.
    pub parts: Arc<Parts>,
    /// The object, in the words of the receipt that the client is about to get. Its [`id`](Receipt::id) is the same however often the
    /// upload is completed.
    pub receipt: Receipt,
    /// Whose upload it is: what [`Permit::subject`](crate::Permit::subject) named, for this request as for the one that granted it.
    pub subject: Option<String>,
    /// The file's name as the browser said it: any text, cut to 255 bytes.
    pub name: String,
}

impl fmt::Debug for Completed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Completed")
            .field("receipt", &self.receipt)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
