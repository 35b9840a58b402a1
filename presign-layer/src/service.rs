use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use presign_protocol::ErrorCode;
use tower_service::Service;

use crate::answer;
use crate::body::ResponseBody;
use crate::core::Core;
use crate::future::ResponseFuture;
use crate::observe::{Ids, Observed};
use crate::problem::problem;
use crate::{BoxError, Builder, ReceiptVerifier, Store};

/// Answers at its path and below. Every other request goes to the service within: the application, where a
/// [`PresignLayer`](crate::PresignLayer) made it, otherwise [`NotFound`].
///
/// Alone it is for `nest_service`, hyper or Lambda:
///
/// ```
/// use axum::Router;
/// use presign_layer::{Credentials, PresignService, Store};
///
/// let store = Store::builder("http://127.0.0.1:9000", "uploads")
///     .credentials(Credentials::new("an access key ID", "a secret access key"))
///     .build()?;
/// let uploads = PresignService::builder(store).public().path("/").build_service()?;
/// let app: Router = Router::new().nest_service("/presignedUrl", uploads);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PresignService<S = NotFound> {
    inner: S,
    core: Arc<Core>,
}

impl PresignService {
    /// Configures a mount that signs for `store`; the same as [`PresignLayer::builder`](crate::PresignLayer::builder).
    pub fn builder(store: Store) -> Builder {
        Builder::new(store)
    }

    pub(crate) fn alone(core: Arc<Core>) -> Self {
        Self::around(NotFound(()), core)
    }
}

impl<S> PresignService<S> {
    /// Checks the receipts that these endpoints give out.
    pub fn receipts(&self) -> ReceiptVerifier {
        self.core.receipts()
    }

    pub(crate) fn around(inner: S, core: Arc<Core>) -> Self {
        Self { inner, core }
    }
}

impl<S, RequestBody, InnerBody> Service<Request<RequestBody>> for PresignService<S>
where
    S: Service<Request<RequestBody>, Response = Response<InnerBody>>,
    RequestBody: Body,
    RequestBody::Error: Into<BoxError>,
{
    type Response = Response<ResponseBody<InnerBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, RequestBody>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        match self.core.mount.route(request.uri().path()) {
            None => ResponseFuture::inner(self.inner.call(request)),
            Some(route) => ResponseFuture::own(Observed::start(&self.core, route, request)),
        }
    }
}

/// The service within a [`PresignService`] that stands alone: 404 to everything.
#[derive(Clone, Copy, Debug)]
pub struct NotFound(());

impl<B> Service<Request<B>> for NotFound {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let answer = answer::problem(&problem(ErrorCode::NotFound, "Nothing is mounted here."));
        let (answer, _) = Ids::of(request.headers()).on_answer(answer);
        ready(Ok(answer::to_method(request.method(), answer)))
    }
}
