use alloc::rc::Rc;
use core::cell::RefCell;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::UploadError;

#[wasm_bindgen]
extern "C" {
    /// A function that aborts what has been asked for. Without effect on what has come to its end.
    pub(super) type Abort;

    #[wasm_bindgen(method)]
    fn call(this: &Abort);
}

/// What a function of the folder `js` answers, by calling back. To drop it is to abort what has been asked for.
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
    /// `ask` hands the callback on, and gives what aborts.
    pub(super) fn to(ask: impl FnOnce(&JsValue) -> Abort) -> Self {
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
            abort: ask(done.as_ref()),
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
