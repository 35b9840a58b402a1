//! What a mount consists of once it is built; shared by all its clones.

use std::sync::Arc;
use std::time::Duration;

use crate::authorize::Authorizer;
use crate::completed::OnComplete;
use crate::environment::Environment;
use crate::hook::Hooks;
use crate::mount::Mount;
use crate::one_by_one::OneByOne;
use crate::origin::AllowedOrigins;
use crate::policy::Rules;
use crate::quota::RunningQuota;
use crate::receipt::{ReceiptKeys, ReceiptVerifier};
use crate::store::Store;
use crate::token::TokenKeys;

#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) mount: Mount,
    pub(crate) store: Store,
    pub(crate) rules: Rules,
    pub(crate) authorizer: Authorizer,
    pub(crate) on_complete: Option<OnComplete>,
    pub(crate) environment: Environment,
    pub(crate) token_keys: TokenKeys,
    pub(crate) receipt_keys: ReceiptKeys,
    /// The most part URLs that one answer has.
    pub(crate) parts_per_request: u16,
    /// Bytes that a request's body may have.
    pub(crate) max_body: usize,
    #[cfg(feature = "openapi")]
    pub(crate) openapi: crate::openapi::Document,
    /// How long it may take to arrive.
    pub(crate) body_timeout: Duration,
    /// How the application's own code is run.
    pub(crate) hooks: Hooks,
    /// The uploads that are becoming objects under their own keys, or are being given up, by their marks.
    pub(crate) completing: OneByOne,
    /// `None`: nothing is counted.
    pub(crate) quota: Option<RunningQuota>,
    /// Whether objects can be downloaded.
    pub(crate) downloads: bool,
    /// `None`: those of any origin.
    pub(crate) origins: Option<AllowedOrigins>,
}

impl Core {
    /// For the receipts that this mount makes.
    pub(crate) fn receipts(&self) -> ReceiptVerifier {
        ReceiptVerifier::of(
            self.receipt_keys.clone(),
            &self.mount,
            self.store.bucket_name().to_owned(),
            Some(Arc::clone(&self.environment.clock)),
        )
    }
}
