//! Places for connections: so many altogether, and so many for one source, so that one cannot keep all others out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedSemaphorePermit;

use crate::guard::source_of;

/// What a connection holds as long as it is there: a place among all, and one among those of its source.
#[derive(Debug)]
pub(crate) struct Seat {
    _among_all: OwnedSemaphorePermit,
    _of_source: Option<Place>,
}

impl Seat {
    pub(crate) fn new(among_all: OwnedSemaphorePermit, of_source: Option<Place>) -> Self {
        Self { _among_all: among_all, _of_source: of_source }
    }
}

/// How many connections each source has. Bounded by the connections that there are.
#[derive(Debug)]
pub(crate) struct Places {
    per_source: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// The place of one connection, free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    source: IpAddr,
}

impl Places {
    pub(crate) fn new(per_source: usize) -> Arc<Self> {
        Arc::new(Self { per_source: per_source.max(1), taken: Mutex::default() })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection from this address; none = its source has enough.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let source = source_of(address);
        let mut taken = self.taken();
        let count = taken.entry(source).or_insert(0);
        // Behind this machine may stand everybody: a proxy on it is one source for all of them.
        if *count >= self.per_source && !address.to_canonical().is_loopback() {
            return None;
        }
        *count += 1;
        Some(Place { places: Arc::clone(self), source })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(count) = taken.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_gets_so_many_and_takes_none_from_others() {
        let places = Places::new(3);
        let take = |address: &str| places.take(address.parse().unwrap());
        let mut held: Vec<Place> = (0..3).filter_map(|_| take("192.0.2.1")).collect();
        assert_eq!(held.len(), 3);
        // The same, as a socket for both families sees it.
        assert!(take("192.0.2.1").is_none() && take("::ffff:192.0.2.1").is_none());
        assert!(take("192.0.2.2").is_some());
        held.pop();
        held.extend(take("192.0.2.1"));
        assert_eq!(held.len(), 3);
        // A network of IPv6 is one source.
        let network: Vec<Place> = (1..9).filter_map(|host| take(&format!("2001:db8::{host}"))).collect();
        assert_eq!(network.len(), 3);
        assert!(take("2001:db8:0:1::1").is_some());
        // This machine is not counted out.
        let own: Vec<Place> = (0..9).filter_map(|_| take("127.0.0.1")).collect();
        assert_eq!(own.len(), 9);
        drop((held, network, own));
        assert!(places.taken().is_empty());
    }
}
