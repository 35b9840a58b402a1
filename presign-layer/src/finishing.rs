//! What is not left half done when nobody waits for it any more.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The work on one upload. Given up in the middle of what must come to its end, it goes on in a task of its own: whoever hangs up then
/// gains nothing by it.
pub(crate) struct Finishing<T: Send + 'static> {
    work: Option<Work<T>>,
    under_way: UnderWay,
    unattended: Unattended,
}

/// The upload of which something must come to its end, so long as that is so.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnderWay(Arc<Mutex<Option<String>>>);

/// It must, until this is dropped.
#[derive(Debug)]
pub(crate) struct Begun(UnderWay);

/// The uploads whose work goes on with nobody waiting for it: each in one task, however many have asked for it and gone away.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unattended(Arc<Mutex<HashSet<String>>>);

/// One upload among them.
struct Place {
    all: Unattended,
    upload: String,
}

impl<T: Send + 'static> Finishing<T> {
    pub(crate) fn new<W>(unattended: &Unattended, work: impl FnOnce(UnderWay) -> W) -> Self
    where
        W: Future<Output = T> + Send + 'static,
    {
        let under_way = UnderWay::default();
        Self {
            work: Some(Box::pin(work(under_way.clone()))),
            under_way,
            unattended: unattended.clone(),
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
        let Some(work) = self.work.take() else {
            return;
        };
        let upload = self.under_way.upload().clone();
        if let Some(place) = upload.and_then(|upload| self.unattended.take(upload)) {
            go_on(work, place);
        }
    }
}

impl UnderWay {
    /// From now on the work on this upload is not given up.
    pub(crate) fn begin(&self, upload: &str) -> Begun {
        *self.upload() = Some(upload.to_owned());
        Begun(self.clone())
    }

    fn upload(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        *self.0.upload() = None;
    }
}

impl Unattended {
    fn take(&self, upload: String) -> Option<Place> {
        let is_new = self.uploads().insert(upload.clone());
        is_new.then(|| Place {
            all: self.clone(),
            upload,
        })
    }

    fn uploads(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.uploads().remove(&self.upload);
    }
}

/// Outside a Tokio runtime, and in one that ends, the work ends here, as it would with the process.
#[cfg(feature = "timer")]
fn go_on<T: Send + 'static>(work: Work<T>, place: Place) {
    use tracing::Instrument as _;

    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        tracing::debug!("a copy goes on to its end");
        let going_on = async move {
            work.await;
            drop(place);
        };
        runtime.spawn(going_on.in_current_span());
    }
}

#[cfg(not(feature = "timer"))]
fn go_on<T: Send + 'static>(work: Work<T>, place: Place) {
    drop((work, place));
}
