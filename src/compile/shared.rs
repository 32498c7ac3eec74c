//! Messages that are equal in several versions are one value in all of them: most are, and a schema
//! is the largest part of what is held.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::schema::{FullName, Message};

/// The messages of versions that are compiled together, each as the first that had it declares it.
#[derive(Default)]
pub(super) struct Shared(Mutex<Messages>);

type Messages = HashMap<FullName, Arc<Message>, foldhash::fast::RandomState>;

impl Shared {
    /// The message, or the one that is equal to it.
    pub(super) fn message(&self, message: Message) -> Arc<Message> {
        match self.known(&message.name) {
            Some(known) if *known == message => known,
            Some(_) => Arc::new(message),
            None => {
                let message = Arc::new(message);
                // Another version may have been faster; then each keeps its own.
                self.lock().entry(message.name.clone()).or_insert(message.clone());
                message
            }
        }
    }

    fn known(&self, name: &FullName) -> Option<Arc<Message>> {
        self.lock().get(name).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Messages> {
        // A worker that panicked left what it had put in.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
