use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{BufMut, Bytes, BytesMut};
use http::Request;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http_body::Body;
use http_body_util::{LengthLimitError, Limited};
use presign_protocol::{ErrorCode, Problem};

use super::media;
use crate::BoxError;
use crate::core::Core;
use crate::problem::problem;
use crate::timer::Deadline;

pin_project_lite::pin_project! {
    /// A JSON body that is being read, up to the cap and to the end of its time.
    pub(crate) struct Reading<B> {
        core: Arc<Core>,
        parts: Option<Parts>,
        #[pin]
        body: Limited<B>,
        deadline: Deadline,
        buffer: BytesMut,
    }
}

/// A request that has been read whole.
pub(crate) struct Read {
    pub(crate) core: Arc<Core>,
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
}

impl<B> Reading<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    /// Refuses what need not be read: another media type, or a declared length over the cap.
    pub(crate) fn start(core: &Arc<Core>, request: Request<B>) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        media::require_json(&parts.headers)?;
        let declared = parts
            .headers
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if declared.is_some_and(|length| length > core.max_body as u64) {
            return Err(too_large(core));
        }
        Ok(Self {
            core: Arc::clone(core),
            parts: Some(parts),
            body: Limited::new(body, core.max_body),
            deadline: Deadline::new(&core.hooks.timer, core.body_timeout),
            buffer: BytesMut::new(),
        })
    }

    pub(crate) fn poll(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<Read, Problem>> {
        let mut this = self.project();
        loop {
            let Poll::Ready(frame) = this.body.as_mut().poll_frame(context) else {
                ready!(this.deadline.poll(context));
                return Poll::Ready(Err(too_slow(this.core)));
            };
            match frame {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        this.buffer.put(data);
                    }
                }
                Some(Err(error)) => return Poll::Ready(Err(unread(this.core, &*error))),
                None => break,
            }
        }
        let Some(parts) = this.parts.take() else {
            return Poll::Pending;
        };
        let body = this.buffer.split().freeze();
        Poll::Ready(Ok(Read {
            core: Arc::clone(this.core),
            parts,
            body,
        }))
    }
}

fn unread(core: &Core, error: &(dyn std::error::Error + Send + Sync + 'static)) -> Problem {
    if error.is::<LengthLimitError>() {
        return too_large(core);
    }
    tracing::debug!(error, "a request's body could not be read");
    problem(
        ErrorCode::BodyUnreadable,
        "The request's body broke off before its end.",
    )
}

fn too_slow(core: &Core) -> Problem {
    problem(
        ErrorCode::BodyTooSlow,
        format!(
            "The body of this request did not arrive within {:?}.",
            core.body_timeout
        ),
    )
}

fn too_large(core: &Core) -> Problem {
    problem(
        ErrorCode::BodyTooLarge,
        format!(
            "The body of this request has at most {} bytes. Files themselves go to the store, not here.",
            core.max_body
        ),
    )
}
