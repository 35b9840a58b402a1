//! Runs an upload without anybody awaiting it.

use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::task::Wake;
use core::cell::OnceCell;
use core::pin::pin;
use core::task::{Context, Waker};

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::Upload;

#[wasm_bindgen(module = "/js/tasks.js")]
extern "C" {
    fn add(poll: &JsValue) -> i32;
    fn wake(id: i32);
    fn remove(id: i32);
}

/// An upload that goes on until it ends or this is dropped.
pub(super) struct Task {
    id: i32,
    /// JavaScript holds no more than a pointer to it. Of the same type as what is told of progress: each type of its own has glue of its own.
    _poll: Closure<dyn FnMut(f64)>,
}

struct WakeById(i32);

impl Wake for WakeById {
    fn wake(self: Arc<Self>) {
        wake(self.0);
    }
}

impl Task {
    pub(super) fn spawn(upload: Upload) -> Self {
        let waker = Rc::new(OnceCell::new());
        let known = Rc::clone(&waker);
        let mut running = Some(upload);
        let poll: Closure<dyn FnMut(f64)> = Closure::new(move |_| {
            if let (Some(upload), Some(waker)) = (&mut running, known.get())
                && pin!(upload)
                    .poll(&mut Context::from_waker(waker))
                    .is_ready()
            {
                running = None;
            }
        });
        let id = add(poll.as_ref());
        let _ = waker.set(Waker::from(Arc::new(WakeById(id))));
        wake(id);
        Self { id, _poll: poll }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        remove(self.id);
    }
}
