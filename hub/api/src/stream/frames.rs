//! The messages of the newest events, made once for all listeners: those whose subscriptions have the same id (most
//! use 1) share the very bytes.

use std::sync::{Mutex, PoisonError};

use hub_model::Event;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::wire::event::EventBody;

/// As many as a listener may lag behind.
const KEPT: usize = 1_024;

/// Slots by `seq`; each holds the newest event that fell into it.
#[derive(Debug)]
pub(crate) struct Frames {
    slots: Vec<Mutex<Option<Frame>>>,
}

/// A message as it was made for the first who wanted it.
#[derive(Debug)]
struct Frame {
    seq: u64,
    /// Of whose subscription.
    id: u64,
    text: Utf8Bytes,
    /// Where in it the event begins; it ends before the last brace.
    event_at: usize,
}

impl Default for Frames {
    fn default() -> Self {
        Self { slots: (0..KEPT).map(|_| Mutex::default()).collect() }
    }
}

impl Frame {
    fn new(event: &Event, id: u64) -> Self {
        let json = serde_json::to_string(&EventBody::new(event)).unwrap_or_default();
        let (text, event_at) = message(event.seq, id, &json);
        Self { seq: event.seq, id, text, event_at }
    }

    fn event(&self) -> &str {
        self.text.get(self.event_at..self.text.len() - 1).unwrap_or("null")
    }
}

fn message(seq: u64, id: u64, event: &str) -> (Utf8Bytes, usize) {
    let mut text = format!("{{\"type\":\"event\",\"id\":{id},\"seq\":{seq},\"event\":");
    let event_at = text.len();
    text.reserve_exact(event.len() + 1);
    text.push_str(event);
    text.push('}');
    (text.into(), event_at)
}

impl Frames {
    /// The message of an event for a subscription.
    pub(crate) fn message(&self, event: &Event, id: u64) -> Utf8Bytes {
        let Some(slot) = self.slots.get((event.seq % KEPT as u64) as usize) else { return Frame::new(event, id).text };
        // Who comes second waits for the first: that is shorter than making it again.
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        match &*slot {
            Some(frame) if frame.seq == event.seq && frame.id == id => frame.text.clone(),
            Some(frame) if frame.seq == event.seq => message(event.seq, id, frame.event()).0,
            _ => slot.insert(Frame::new(event, id)).text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use hub_model::{Cause, EventKind};

    use super::*;

    #[test]
    fn equal_subscriptions_share_the_bytes() {
        let event = |seq: u64, mode: &str| Event {
            seq,
            at: "2026-11-20T18:00:05.12Z".parse().unwrap(),
            kind: EventKind::ModeChanged { from: "home".into(), to: mode.into() },
            cause: Cause::Schedule,
        };
        let frames = Frames::default();
        let (first, again) = (frames.message(&event(7, "night"), 1), frames.message(&event(7, "night"), 1));
        expect_test::expect![[r#"{"type":"event","id":1,"seq":7,"event":{"kind":"mode_changed","from":"home","to":"night","at":"2026-11-20T18:00:05.120Z","cause":{"kind":"schedule"}}}"#]]
            .assert_eq(&first);
        assert_eq!(first.as_str().as_ptr(), again.as_str().as_ptr());
        let other = frames.message(&event(7, "night"), 25);
        assert_eq!(other.as_str(), first.replace("\"id\":1", "\"id\":25"));
        // A later one of the same slot takes its place; the earlier one is made anew for who comes late.
        let later = frames.message(&event(7 + KEPT as u64, "away"), 1);
        assert!(later.contains("\"to\":\"away\""));
        assert_eq!(frames.message(&event(7, "night"), 1), first);
    }
}
