//! The newest events: who comes back goes on where they were.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use hub_model::Event;

/// The newest events, for clients that come back.
#[derive(Debug)]
pub(crate) struct RecentEvents {
    epoch: u64,
    events: RwLock<VecDeque<Arc<Event>>>,
}

/// How many events are kept for clients that come back.
const RECENT_EVENTS: usize = 4_096;

impl RecentEvents {
    pub(crate) fn new(epoch: u64) -> Self {
        Self { epoch, events: RwLock::new(VecDeque::new()) }
    }

    pub(crate) fn extend(&self, new: &[Arc<Event>]) {
        let mut events = self.events.write().unwrap_or_else(PoisonError::into_inner);
        for event in new {
            if events.len() >= RECENT_EVENTS {
                events.pop_front();
            }
            events.push_back(Arc::clone(event));
        }
    }

    /// The number behind which all events are here; none if there are no events.
    pub(crate) fn oldest(&self) -> Option<u64> {
        let events = self.events.read().unwrap_or_else(PoisonError::into_inner);
        events.front().map(|event| event.seq.saturating_sub(1))
    }

    /// The events behind `seq`, in order; none if they are no longer here or never were.
    pub(crate) fn since(&self, epoch: u64, seq: u64) -> Option<Vec<Arc<Event>>> {
        if epoch != self.epoch {
            return None;
        }
        let events = self.events.read().unwrap_or_else(PoisonError::into_inner);
        let (first, last) = (events.front()?.seq, events.back()?.seq);
        if seq.saturating_add(1) < first || seq > last {
            return None;
        }
        Some(events.iter().filter(|event| event.seq > seq).cloned().collect())
    }
}
