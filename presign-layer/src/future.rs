use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;

use crate::BoxError;
use crate::body::ResponseBody;
use crate::observe::Observed;

pin_project_lite::pin_project! {
    /// The answer to come of a [`PresignService`](crate::PresignService): of the service within, which is not boxed, or of one of
    /// these endpoints.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, B> {
        #[pin]
        kind: Kind<F, B>,
    }
}

pin_project_lite::pin_project! {
    #[project = KindProjection]
    enum Kind<F, B> {
        Inner { #[pin] future: F },
        Own { work: Box<Observed<B>> },
    }
}

impl<F, B> ResponseFuture<F, B> {
    pub(crate) fn inner(future: F) -> Self {
        Self {
            kind: Kind::Inner { future },
        }
    }

    pub(crate) fn own(work: Observed<B>) -> Self {
        Self {
            // A request that passes through carries none of it.
            kind: Kind::Own {
                work: Box::new(work),
            },
        }
    }
}

impl<F, B, InnerBody, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<InnerBody>, E>>,
    B: Body,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<ResponseBody<InnerBody>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Inner { future } => {
                let response = ready!(future.poll(context))?;
                Poll::Ready(Ok(response.map(ResponseBody::inner)))
            }
            KindProjection::Own { work } => {
                let response = ready!(work.poll(context));
                Poll::Ready(Ok(response.map(ResponseBody::own)))
            }
        }
    }
}

impl<F, B> std::fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ResponseFuture")
    }
}
