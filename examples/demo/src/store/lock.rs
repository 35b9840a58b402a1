//! One lock for each key that is being written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// What names an object: its bucket and its file's name.
type Name = (String, String);

/// Locks by bucket and name. A name costs memory only while somebody holds or waits for its lock.
#[derive(Debug, Default)]
pub(super) struct Locks {
    names: Mutex<HashMap<Name, Weak<AsyncMutex<()>>>>,
}

impl Locks {
    /// Waits until nobody else holds this name.
    pub(super) async fn lock(&self, bucket: &str, name: &str) -> OwnedMutexGuard<()> {
        self.of(bucket, name).lock_owned().await
    }

    fn of(&self, bucket: &str, name: &str) -> Arc<AsyncMutex<()>> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.retain(|_, lock| lock.strong_count() > 0);
        let name = (bucket.to_owned(), name.to_owned());
        if let Some(lock) = names.get(&name).and_then(Weak::upgrade) {
            return lock;
        }
        let lock = Arc::default();
        names.insert(name, Arc::downgrade(&lock));
        lock
    }
}
