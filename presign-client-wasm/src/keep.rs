//! A cell that lends nothing.

use core::cell::RefCell;

/// A value that is looked at and changed in its place. There is no guard that could be held for too long, and so no panic, whose words a
/// page would have to load.
///
/// While [`with`](Self::with) runs nothing else gets at the value: what is asked of it meanwhile is not done, and answered with a default. Nobody
/// asks; whatever runs in there is short and calls nothing of the application's.
#[derive(Default)]
pub(crate) struct Keep<T>(RefCell<T>);

impl<T> Keep<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    pub(crate) fn set(&self, value: T) {
        self.with(|kept| *kept = value);
    }

    pub(crate) fn with<R: Default>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        match self.0.try_borrow_mut() {
            Ok(mut value) => work(&mut value),
            Err(_) => R::default(),
        }
    }
}

impl<T: Default> Keep<T> {
    pub(crate) fn take(&self) -> T {
        self.with(core::mem::take)
    }
}

impl<T: Clone + Default> Keep<T> {
    pub(crate) fn get(&self) -> T {
        self.with(|value| value.clone())
    }
}
