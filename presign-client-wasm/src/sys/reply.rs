use alloc::rc::Rc;
use core::cell::Cell;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::UploadError;

#[wasm_bindgen(module = "/js/answer.js")]
extern "C" {
    /// A function that aborts what has been asked for. Without effect on what has come to its end.
    type Abort;

    fn answer(request: &JsValue, done: &JsValue) -> Abort;

    #[wasm_bindgen(method)]
    fn call(this: &Abort);
}

/// The answer to a request of the folder `js`. To drop it is to abort the request.
pub(crate) struct Reply {
    slot: Rc<Slot>,
    abort: Abort,
    /// JavaScript holds no more than a pointer to it.
    _done: Closure<dyn FnMut(JsValue, JsValue)>,
}

#[derive(Default)]
struct Slot {
    answer: Cell<Option<Result<JsValue, UploadError>>>,
    waker: Cell<Option<Waker>>,
}

impl Reply {
    pub(crate) fn to(request: &JsValue) -> Self {
        let slot = Rc::new(Slot::default());
        let filled = Rc::clone(&slot);
        let done: Closure<dyn FnMut(JsValue, JsValue)> =
            Closure::new(move |answer, failure: JsValue| {
                filled.answer.set(Some(if failure.is_undefined() {
                    Ok(answer)
                } else {
                    Err(UploadError::from_js(failure))
                }));
                if let Some(waker) = filled.waker.take() {
                    waker.wake();
                }
            });
        Self {
            abort: answer(request, done.as_ref()),
            slot,
            _done: done,
        }
    }
}

impl Future for Reply {
    type Output = Result<JsValue, UploadError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(answer) = self.slot.answer.take() {
            return Poll::Ready(answer);
        }
        self.slot.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.abort.call();
    }
}
