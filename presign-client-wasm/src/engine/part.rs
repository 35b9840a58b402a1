//! Sending bytes to the store: a whole file, or one part of it.

use alloc::rc::Rc;
use core::cell::Cell;

use presign_protocol::ErrorCode;
use wasm_bindgen::closure::Closure;

use super::State;
use super::backoff::Backoff;
use super::file::{File, Permission};
use super::multipart::{self, Multipart};
use crate::endpoint::{Method, incomplete};
use crate::progress::Sent;
use crate::sys::value::{get, get_string};
use crate::sys::{Reply, float, request, whole};
use crate::{Outcome, UploadError};

/// Sends the part of this number, or all of the file.
pub(super) async fn send(
    state: &Rc<State>,
    file: &Rc<File>,
    part: Option<(&Rc<Multipart>, u32)>,
) -> Result<Option<Outcome>, UploadError> {
    let mut backoff = Backoff::new(state.retry);
    let mut signed_again = false;
    let mut piece = None;
    let number = part.map(|(_, number)| number);
    let range = part.map_or(0..file.size(), |(upload, number)| {
        upload.parts.with(|parts| parts.range(number))
    });
    loop {
        let (grant, url) = match part {
            Some((upload, number)) => {
                let url = state.url(file, upload, number).await;
                (upload.grant.clone(), url)
            }
            None => {
                let grant = state.grant(file).await?;
                if grant.method != Method::Put {
                    return Err(incomplete());
                }
                (grant.answer.clone(), get(&grant.answer, "url"))
            }
        };
        let piece = piece.get_or_insert_with(|| {
            request::piece(
                &file.source.blob,
                float(range.start),
                float(range.end),
                &get(&grant, "checksums"),
            )
        });
        let flow = Rc::new(Flow {
            state: Rc::clone(state),
            file: Rc::clone(file),
            sent: Cell::new(Sent::of(range.end - range.start)),
        });
        let told = Rc::clone(&flow);
        let on_progress: Closure<dyn FnMut(f64)> =
            Closure::new(move |bytes| told.progress(whole(bytes)));
        let headers = get(&grant, "headers");
        let sent = request::send(&state.line, piece, &url, &headers, on_progress.as_ref());
        let error = match Reply::to(&sent).await {
            Ok(sums) => {
                flow.arrived(range.end - range.start);
                let Some((upload, number)) = part else {
                    return Ok(Some(Outcome::Done {
                        key: get_string(&grant, "key").unwrap_or_default(),
                        etag: get_string(&sums, "etag"),
                    }));
                };
                upload
                    .parts
                    .with(|parts| parts.sent(number, multipart::crc(&sums)));
                request::part_sent(&upload.grant, number, &sums);
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
        } else if error.status() == Some(412) && backoff.attempt > 1 && backoff.is_more_left() {
            // The key is taken, on a further attempt: the one before may have arrived although its answer was lost. Whose object it is
            // cannot be told from here, so the file goes under another key, if the server makes another.
            file.permission.set(Permission::Unknown);
            if get(&state.grant(file).await?.answer, "key") == get(&grant, "key") {
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
    sent: Cell<Sent>,
}

impl Flow {
    fn progress(&self, bytes: u64) {
        if bytes == 0 {
            self.state.begin(&self.file);
        } else {
            let sent = self.state.sent(&self.file, self.sent.get(), bytes);
            self.sent.set(sent);
        }
    }

    fn arrived(&self, bytes: u64) {
        self.state.sent(&self.file, self.sent.get(), bytes);
        self.sent.set(Sent::of(0));
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        self.file.lost(self.sent.get());
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
    let sum = upload.crc().map(|kind| {
        let sum = upload.parts.with(|parts| parts.crc(kind));
        crate::sys::value::base64(&crate::checksum::big_endian(kind, sum))
    });
    let token = get_string(&upload.grant, "token").unwrap_or_default();
    let ask = || request::complete(&state.endpoint.0, &token, sum.clone());
    let error = match state.persist(file, &ask).await {
        Ok(object) => {
            return Ok(Some(Outcome::Done {
                key: get_string(&object, "key").unwrap_or_default(),
                etag: get_string(&object, "etag"),
            }));
        }
        Err(error) => error,
    };
    if !error.is(ErrorCode::PartsMissing) || upload.short.get() >= SHORT {
        return Err(error);
    }
    upload.short.set(upload.short.get() + 1);
    for number in error.missing_parts() {
        upload.parts.with(|parts| parts.put_back(number));
    }
    Ok(None)
}
