//! Sending bytes to the store: a whole file, or one part of it.

use alloc::rc::Rc;
use core::cell::Cell;

use wasm_bindgen::closure::Closure;

use super::State;
use super::backoff::Backoff;
use super::file::{File, Permission};
use super::multipart::{self, Multipart};
use crate::event::StoredObject;
use crate::sys::value::get;
use crate::sys::{self, Reply, float, high, low, request, whole};
use crate::{Outcome, UploadError};

/// Sends the part of this number, or all of the file.
pub(super) async fn send(
    state: &Rc<State>,
    file: &Rc<File>,
    part: Option<(&Rc<Multipart>, u32)>,
) -> Result<Option<Outcome>, UploadError> {
    let mut backoff = Backoff::new(state.retry);
    let mut signed_again = false;
    let number = part.map(|(_, number)| number);
    let range = part.map_or(0..file.size(), |(upload, number)| {
        upload.parts.with(|parts| parts.range(number))
    });
    let piece = request::piece(&file.source.0, float(range.start), float(range.end));
    loop {
        let (grant, url) = if let Some((upload, number)) = part {
            let url = state.url(file, upload, number).await;
            (Rc::clone(&upload.grant), url)
        } else {
            let grant = state.grant(file).await?;
            if grant.is_in_parts() {
                return Err(UploadError::incomplete());
            }
            let url = get(&grant.0, "url");
            (grant, url)
        };
        let flow = Rc::new(Flow {
            state: Rc::clone(state),
            file: Rc::clone(file),
            length: range.end - range.start,
            sent: Cell::new(0),
        });
        let told = Rc::clone(&flow);
        let on_progress: Closure<dyn FnMut(f64)> =
            Closure::new(move |bytes| told.progress(whole(bytes)));
        let sent = request::send(
            &state.endpoint.0,
            state.hashes.as_ref(),
            &piece,
            &url,
            &grant.0,
            on_progress.as_ref(),
        );
        let error = match Reply::to(&sent).await {
            Ok(sums) => {
                flow.arrived();
                let Some((upload, number)) = part else {
                    if grant.has_token() {
                        state.begin_upload(file, grant)?;
                        return Ok(None);
                    }
                    let object = StoredObject(sums);
                    return Ok(Some(Outcome::Done { object }));
                };
                upload
                    .parts
                    .with(|parts| parts.sent(number, multipart::crc(&sums)));
                request::part_sent(&upload.grant.0, number.cast_signed(), &sums);
                return Ok(None);
            }
            Err(error) => error,
        };
        drop(flow);
        if error.asks_to_sign_again() && !signed_again {
            signed_again = true;
            match part {
                Some((upload, number)) => upload.parts.with(|parts| parts.forget_url(number)),
                None => file.permission.set(Permission::Unknown),
            }
        } else if part.is_none()
            && error.status() == Some(412)
            && backoff.attempt > 1
            && backoff.is_more_left()
        {
            // The key is taken, on a further attempt: the one before may have arrived although its answer was lost. Whose object it is
            // cannot be told from here, so the file goes under another key, if the server makes another.
            file.permission.set(Permission::Unknown);
            if get(&state.grant(file).await?.0, "key") == get(&grant.0, "key") {
                return Err(error);
            }
            backoff.attempt += 1;
        } else {
            state.try_again(file, number, &mut backoff, error).await?;
            signed_again = false;
        }
    }
}

/// What one attempt sends. Unless all of it arrives, it is lost.
struct Flow {
    state: Rc<State>,
    file: Rc<File>,
    /// Bytes to send.
    length: u64,
    /// Bytes that went out so far.
    sent: Cell<u64>,
}

impl Flow {
    fn progress(&self, bytes: u64) {
        if bytes == 0 {
            return self.state.begin(&self.file);
        }
        let bytes = bytes.min(self.length);
        let new = bytes.saturating_sub(self.sent.get());
        self.sent.set(self.sent.get() + new);
        self.state.count(&self.file, new, false);
    }

    fn arrived(&self) {
        // Perhaps nothing moves for a while after this: it is told in any case.
        self.file.told_at.set(0.0);
        self.progress(self.length);
        self.sent.set(0);
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        let sent = self.sent.get();
        self.file.counted.with(|counted| counted.lost(sent));
    }
}

/// A store that loses parts over and over is not served.
const SHORT: u32 = 3;

/// Makes the upload an object. What became of the file, or `None` where parts are to be sent again.
pub(super) async fn complete(
    state: &Rc<State>,
    file: &Rc<File>,
    upload: &Multipart,
) -> Result<Option<Outcome>, UploadError> {
    let kind = sys::crc(sys::whole_crc(&upload.grant.0));
    let sum = kind.map_or(0, |kind| upload.parts.with(|parts| parts.crc(kind)));
    let ask = || {
        let (endpoint, grant) = (&state.endpoint.0, &upload.grant.0);
        request::complete(endpoint, grant, high(sum), low(sum))
    };
    let error = match state.persist(file, &ask).await {
        Ok(object) => {
            let object = StoredObject(object);
            return Ok(Some(Outcome::Done { object }));
        }
        Err(error) => error,
    };
    let mut missing = error.missing_parts().peekable();
    if missing.peek().is_none() || upload.short.get() >= SHORT {
        return Err(error);
    }
    upload.short.set(upload.short.get() + 1);
    for number in missing {
        upload.parts.with(|parts| parts.put_back(number));
    }
    Ok(None)
}
