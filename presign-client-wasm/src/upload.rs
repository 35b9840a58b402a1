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

/// An upload under way; its output is what became of each file, in the order given. To drop it is to stop; what was sent in part can be
/// resumed.
#[must_use = "nothing is uploaded unless this is awaited"]
#[derive(Debug)]
pub struct Upload {
    engine: Engine,
    state: Rc<State>,
}

impl Upload {
    /// What pauses, resumes and cancels files while the upload itself is being awaited.
    #[must_use]
    pub fn controls(&self) -> Controls {
        Controls {
            state: Rc::clone(&self.state),
        }
    }

    #[cfg(feature = "js")]
    pub(crate) fn state(&self) -> Rc<State> {
        Rc::clone(&self.state)
    }
}

impl Future for Upload {
    type Output = Vec<UploadResult>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.engine.poll(context).map(|()| self.state.results())
    }
}

/// Pauses, resumes and cancels files of one [`Upload`]. A file that has ended stays as it is.
#[derive(Clone, Debug)]
pub struct Controls {
    state: Rc<State>,
}

impl Controls {
    /// Stops sending, all files that have not ended: what is on its way is broken off and sent again later, but parts that the store has
    /// stay there.
    pub fn pause(&self) {
        self.state.pause(None);
    }

    /// Stops sending the file at `index` in the order given.
    pub fn pause_file(&self, index: usize) {
        self.state.pause(Some(index));
    }

    /// Goes on with all files that were paused.
    pub fn resume(&self) {
        self.state.resume(None);
    }

    /// Goes on with the file at `index` in the order given.
    pub fn resume_file(&self, index: usize) {
        self.state.resume(Some(index));
    }

    /// Cancels all files that have not ended. What was sent in part is given up at the store. One that the server
    /// says has arrived just as it is cancelled ends as done.
    pub fn cancel(&self) {
        self.state.cancel(None);
    }

    /// Cancels the file at `index` in the order given.
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
