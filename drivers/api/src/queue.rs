//! What waits for the core when its queue is full: states coalesce per attribute, other events are kept up to a
//! bound, and what had to be dropped is counted.

use std::collections::VecDeque;

use crate::driver::DriverEvent;

/// Events that could not be handed over yet, in order.
#[derive(Debug)]
pub struct EventQueue {
    events: VecDeque<DriverEvent>,
    bound: usize,
    dropped: u64,
}

impl EventQueue {
    /// A queue that holds at most `bound` events.
    pub fn new(bound: usize) -> Self {
        Self { events: VecDeque::new(), bound, dropped: 0 }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// How many events had to be dropped so far.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The next event.
    pub fn pop(&mut self) -> Option<DriverEvent> {
        self.events.pop_front()
    }

    /// Puts an event back to the front.
    pub fn put_back(&mut self, event: DriverEvent) {
        self.events.push_front(event);
    }

    /// Queues an event. A report takes the place of the values that an older waiting report of the same device and
    /// origin has for the same attributes, unless something else of that device, or the progress of a command (which
    /// such a report may confirm), lies between.
    pub fn push(&mut self, event: DriverEvent) {
        if let DriverEvent::Report(new) = &event {
            let waiting = self.events.iter_mut().rev().find(|waiting| {
                matches!(waiting, DriverEvent::Command(_) | DriverEvent::Status(_))
                    || device_of(waiting) == Some(&new.device)
            });
            if let Some(DriverEvent::Report(old)) = waiting
                && old.origin == new.origin
                && old.confirms == new.confirms
            {
                for reading in &new.readings {
                    let same = old
                        .readings
                        .iter_mut()
                        .find(|waiting| waiting.endpoint == reading.endpoint && waiting.attribute == reading.attribute);
                    match same {
                        Some(waiting) => waiting.value = reading.value.clone(),
                        None => old.readings.push(reading.clone()),
                    }
                }
                return;
            }
        }
        if self.events.len() >= self.bound {
            // The oldest report goes first: its values are superseded soonest. Then the oldest happening: outcomes and
            // devices are what nobody tells again.
            let oldest = |wanted: fn(&DriverEvent) -> bool| self.events.iter().position(wanted);
            let victim = oldest(|waiting| matches!(waiting, DriverEvent::Report(_)))
                .or_else(|| oldest(|waiting| matches!(waiting, DriverEvent::Happening { .. })));
            self.events.remove(victim.unwrap_or(0));
            self.dropped += 1;
        }
        self.events.push_back(event);
    }
}

fn device_of(event: &DriverEvent) -> Option<&hub_model::DeviceId> {
    match event {
        DriverEvent::Report(report) => Some(&report.device),
        DriverEvent::Device(device) => Some(&device.id),
        DriverEvent::DeviceRemoved(device)
        | DriverEvent::Happening { device, .. }
        | DriverEvent::Availability { device, .. }
        | DriverEvent::Renamed { device, .. } => Some(device),
        DriverEvent::Status(_)
        | DriverEvent::Command(_)
        | DriverEvent::Pairing(_)
        | DriverEvent::Managed { .. }
        | DriverEvent::Keep { .. } => None,
    }
}
