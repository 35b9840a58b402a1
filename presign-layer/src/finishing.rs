//! What is not left half done when nobody waits for it any more.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Work that, given up in the middle of what must come to its end, goes on in a task of its own: whoever hangs up then gains nothing by it.
pub(crate) struct Finishing<T: Send + 'static> {
    work: Option<Work<T>>,
    under_way: UnderWay,
}

/// Whether something of it must come to its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnderWay(Arc<AtomicBool>);

/// It must, until this is dropped.
#[derive(Debug)]
pub(crate) struct Begun(UnderWay);

impl<T: Send + 'static> Finishing<T> {
    pub(crate) fn new<W>(work: impl FnOnce(UnderWay) -> W) -> Self
    where
        W: Future<Output = T> + Send + 'static,
    {
        let under_way = UnderWay::default();
        Self {
            work: Some(Box::pin(work(under_way.clone()))),
            under_way,
        }
    }
}

impl<T: Send + 'static> Future for Finishing<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(work) = &mut self.work else {
            return Poll::Pending;
        };
        let done = ready!(work.as_mut().poll(context));
        self.work = None;
        Poll::Ready(done)
    }
}

impl<T: Send + 'static> Drop for Finishing<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take()
            && self.under_way.0.load(Ordering::Relaxed)
        {
            go_on(work);
        }
    }
}

impl UnderWay {
    pub(crate) fn begin(&self) -> Begun {
        self.0.store(true, Ordering::Relaxed);
        Begun(self.clone())
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        (self.0).0.store(false, Ordering::Relaxed);
    }
}

/// Outside a Tokio runtime, and in one that ends, the work ends here, as it would with the process.
#[cfg(feature = "timer")]
fn go_on<T: Send + 'static>(work: Work<T>) {
    use tracing::Instrument as _;

    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let going_on = async move {
            tracing::debug!("what has begun goes on to its end");
            work.await;
        };
        runtime.spawn(going_on.in_current_span());
    }
}

#[cfg(not(feature = "timer"))]
fn go_on<T: Send + 'static>(work: Work<T>) {
    drop(work);
}
