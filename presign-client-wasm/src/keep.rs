//! A cell that lends nothing.

use core::cell::Cell;

/// A value that is looked at and changed in its place. There is no guard that could be held for too long, and so no panic, whose words a
/// page would have to load.
///
/// While [`with`](Self::with) runs the default is in its place: nothing that may look at the value again is called from there.
#[derive(Default)]
pub(crate) struct Keep<T>(Cell<T>);

impl<T: Default> Keep<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Cell::new(value))
    }

    pub(crate) fn set(&self, value: T) {
        self.0.set(value);
    }

    pub(crate) fn take(&self) -> T {
        self.0.take()
    }

    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mut value = self.0.take();
        let result = work(&mut value);
        self.0.set(value);
        result
    }
}

impl<T: Default + Clone> Keep<T> {
    pub(crate) fn get(&self) -> T {
        self.with(|value| value.clone())
    }
}
