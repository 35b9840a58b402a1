use alloc::rc::Rc;
use alloc::vec::Vec;
use core::pin::Pin;
use core::task::{Context, Poll};

use presign_protocol::Limits;

use crate::engine::{Engine, State};
use crate::{Options, Source, UploadError, UploadResult};

/// Uploads all of `files`. See the [crate's page](crate) for an example.
///
/// Nothing happens before the [`Upload`] is awaited (or polled).
pub fn upload(files: impl IntoIterator<Item = impl Into<Source>>, options: Options) -> Upload {
    let sources = files.into_iter().map(Into::into);
    let state = Rc::new(State::new(sources, options));
    Upload {
        engine: Engine::new(&state),
        state,
    }
}

/// An upload under way; its output is what became of each file, in the order given. To drop it is to cancel what has not
/// arrived.
#[must_use = "nothing is uploaded unless this is awaited"]
#[derive(Debug)]
pub struct Upload {
    engine: Engine,
    state: Rc<State>,
}

impl Upload {
    /// What cancels files while the upload itself is being awaited.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller {
            state: Rc::clone(&self.state),
        }
    }
}

impl Future for Upload {
    type Output = Vec<UploadResult>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.engine.poll(context).map(|()| self.state.results())
    }
}

/// Cancels files of one [`Upload`]. A file that is cancelled before all of it was sent leaves nothing behind in the store;
/// one that has ended stays as it is.
#[derive(Clone, Debug)]
pub struct Canceller {
    state: Rc<State>,
}

impl Canceller {
    /// Cancels all files that have not ended.
    pub fn cancel(&self) {
        self.state.cancel(None);
    }

    /// Cancels the file at `index` in the order given, if there is one and it has not ended.
    pub fn cancel_file(&self, index: usize) {
        self.state.cancel(Some(index));
    }
}

/// What may be uploaded, so that a page can say so before files are chosen. The server decides on each file all the same.
///
/// # Errors
///
/// As for an upload's own requests to the endpoint; nothing is tried again.
///
/// ```no_run
/// # async fn example() -> Result<(), presign_client_wasm::UploadError> {
/// let limits = presign_client_wasm::limits(&presign_client_wasm::Options::new()).await?;
/// println!("up to {} bytes each", limits.max_size);
/// # Ok(())
/// # }
/// ```
pub async fn limits(options: &Options) -> Result<Limits, UploadError> {
    options.endpoint.limits().await
}
