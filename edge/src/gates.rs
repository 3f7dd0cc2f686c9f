//! Who has how much open at once: running operations, sockets and subscriptions per client (B5, B15).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Host;

/// A host with the edge's own counts. Make one per process and clone it into each worker, so that the counts hold for all of them.
#[derive(Clone, Debug)]
pub struct Edge<H> {
    pub(crate) host: H,
    pub(crate) running: Counter,
    pub(crate) sockets: Counter,
    pub(crate) subscriptions: Counter,
}

impl<H: Host> Edge<H> {
    /// An edge before `host`, with nothing open.
    pub fn new(host: H) -> Self {
        Self { host, running: Counter::default(), sockets: Counter::default(), subscriptions: Counter::default() }
    }
}

/// A count per client. Clients with nothing open take no room.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(Arc<Mutex<HashMap<String, usize>>>);

impl Counter {
    /// One more for `client`, unless it has `most` already. Dropping what comes back gives the place free.
    pub(crate) fn enter(&self, client: &str, most: usize) -> Option<Held> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(client).copied().unwrap_or(0);
        if count >= most {
            return None;
        }
        counts.insert(client.to_owned(), count + 1);
        Some(Held { counter: self.clone(), client: client.to_owned() })
    }
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    counter: Counter,
    client: String,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut counts = self.counter.0.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get_mut(&self.client) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                counts.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_per_client_and_given_back() {
        let counter = Counter::default();
        let first = counter.enter("a", 2);
        let second = counter.enter("a", 2);
        assert!(first.is_some() && second.is_some());
        assert!(counter.enter("a", 2).is_none());
        assert!(counter.enter("b", 2).is_some());
        drop(first);
        assert!(counter.enter("a", 2).is_some());
        drop(second);
        assert!(counter.0.lock().expect("not poisoned").is_empty());
    }
}
