//! The JSON of the newest events, made once for all listeners.

use std::sync::{Arc, Mutex, PoisonError};

use hub_model::Event;

use crate::wire::event::EventBody;

/// As many as a listener may lag behind.
const KEPT: usize = 1_024;

/// Slots by `seq`; each holds the newest event that fell into it.
#[derive(Debug)]
pub(crate) struct Frames {
    slots: Vec<Mutex<Slot>>,
}

type Slot = Option<(u64, Arc<str>)>;

impl Default for Frames {
    fn default() -> Self {
        Self { slots: (0..KEPT).map(|_| Mutex::default()).collect() }
    }
}

impl Frames {
    /// The JSON of an event.
    pub(crate) fn json(&self, event: &Event) -> Arc<str> {
        let make = || -> Arc<str> { serde_json::to_string(&EventBody::new(event)).unwrap_or_default().into() };
        let Some(slot) = self.slots.get((event.seq % KEPT as u64) as usize) else { return make() };
        // Who comes second waits for the first: that is shorter than making it again.
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        match &*slot {
            Some((seq, json)) if *seq == event.seq => Arc::clone(json),
            _ => {
                let json = make();
                *slot = Some((event.seq, Arc::clone(&json)));
                json
            }
        }
    }
}
