use alloc::rc::Rc;
use core::cell::RefCell;
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
pub(super) struct Reply {
    slot: Rc<RefCell<Slot>>,
    abort: Abort,
    /// JavaScript holds no more than a pointer to it.
    _done: Closure<dyn FnMut(JsValue, JsValue)>,
}

#[derive(Default)]
struct Slot {
    answer: Option<Result<JsValue, UploadError>>,
    waker: Option<Waker>,
}

impl Reply {
    pub(super) fn to(request: &JsValue) -> Self {
        let slot = Rc::new(RefCell::new(Slot::default()));
        let filled = Rc::clone(&slot);
        let done: Closure<dyn FnMut(JsValue, JsValue)> =
            Closure::new(move |answer, failure: JsValue| {
                let waker = {
                    let mut slot = filled.borrow_mut();
                    slot.answer = Some(if failure.is_undefined() {
                        Ok(answer)
                    } else {
                        Err(UploadError::from_js(failure))
                    });
                    slot.waker.take()
                };
                if let Some(waker) = waker {
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
        let mut slot = self.slot.borrow_mut();
        if let Some(answer) = slot.answer.take() {
            return Poll::Ready(answer);
        }
        slot.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.abort.call();
    }
}
