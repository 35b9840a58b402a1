//! Work that is done once at a time for each name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::lock::{Mutex as Lock, OwnedMutexGuard};

/// Who is at it, and who waits, by name. What nobody is at and nobody waits for takes no room.
#[derive(Clone, Debug, Default)]
pub(crate) struct OneByOne(Arc<Mutex<HashMap<String, Queue>>>);

#[derive(Debug, Default)]
struct Queue {
    lock: Arc<Lock<()>>,
    /// Whoever is at it is one of them.
    waiting: usize,
}

/// Nobody else is at it until this is dropped.
#[derive(Debug)]
pub(crate) struct Alone {
    _lock: OwnedMutexGuard<()>,
    _place: Place,
}

#[derive(Debug)]
struct Place {
    all: OneByOne,
    name: String,
}

impl OneByOne {
    pub(crate) async fn alone(&self, name: &str) -> Alone {
        let (lock, place) = self.queue_up(name);
        Alone {
            _lock: lock.lock_owned().await,
            _place: place,
        }
    }

    fn queue_up(&self, name: &str) -> (Arc<Lock<()>>, Place) {
        let mut queues = self.queues();
        let queue = queues.entry(name.to_owned()).or_default();
        queue.waiting += 1;
        let place = Place {
            all: self.clone(),
            name: name.to_owned(),
        };
        (Arc::clone(&queue.lock), place)
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<String, Queue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut queues = self.all.queues();
        if let Some(queue) = queues.get_mut(&self.name) {
            queue.waiting -= 1;
            if queue.waiting == 0 {
                queues.remove(&self.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;

    use super::OneByOne;

    #[test]
    fn of_one_name_there_is_one_and_of_others_too() {
        let all = OneByOne::default();
        let first = all.alone("a").now_or_never().unwrap();
        let other = all.alone("b").now_or_never().unwrap();
        let mut second = pin!(all.alone("a"));
        assert!(second.as_mut().now_or_never().is_none());
        // One that goes away while it waits is in nobody's way.
        assert!(all.alone("a").now_or_never().is_none());
        drop(first);
        let second = second.now_or_never().unwrap();
        assert!(all.alone("a").now_or_never().is_none());
        assert_eq!(all.queues().len(), 2);
        drop((second, other));
        assert!(all.queues().is_empty());
    }
}
