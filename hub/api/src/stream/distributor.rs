//! Who gets which event. One task takes the events from the core and puts each into the queues of those who listen to
//! its device, and of those who listen to everything: however many listen, the core wakes one task, and who listens to
//! a quiet device is not woken for what others do.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hub_core::CoreHandle;
use hub_model::{DeviceId, Event};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};

use crate::wire::event::device_of;

/// How many events wait for a listener at most. They are shared: what waits is a pointer each.
const QUEUE: usize = 1_024;

/// Which events somebody wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Interest {
    /// All.
    Everything,
    /// Those of these devices.
    Devices(BTreeSet<DeviceId>),
}

impl Interest {
    /// The devices, if only some are wanted.
    fn devices(&self) -> Option<&BTreeSet<DeviceId>> {
        if let Self::Devices(devices) = self { Some(devices) } else { None }
    }
}

/// Gives events to listeners.
#[derive(Debug, Default)]
pub(crate) struct Distributor {
    listeners: Mutex<Listeners>,
    /// The number of the last event that everybody has who wants it.
    newest: AtomicU64,
}

#[derive(Debug, Default)]
struct Listeners {
    next_number: u64,
    by_number: HashMap<u64, Listener>,
    of_everything: BTreeSet<u64>,
    of_devices: BTreeSet<(DeviceId, u64)>,
    /// Whether the task runs.
    is_served: bool,
}

#[derive(Debug)]
struct Listener {
    queue: mpsc::Sender<Arc<Event>>,
    interest: Interest,
}

/// What a listener wants has come, or it is too late for that.
#[derive(Debug)]
pub(crate) enum Heard {
    /// The next event.
    Event(Arc<Event>),
    /// The listener was too slow; what it missed is gone, and nothing more comes.
    TooSlow,
}

/// The events of one listener.
#[derive(Debug)]
pub(crate) struct Mailbox {
    distributor: Arc<Distributor>,
    number: u64,
    events: mpsc::Receiver<Arc<Event>>,
}

impl Distributor {
    fn listeners(&self) -> MutexGuard<'_, Listeners> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Events from now on: listen first, then look at a snapshot, then skip what is in it.
    pub(crate) fn listen(self: &Arc<Self>, core: &CoreHandle, interest: Interest) -> Mailbox {
        let mut listeners = self.listeners();
        if !listeners.is_served {
            listeners.is_served = true;
            let events = core.subscribe();
            let now = core.snapshot();
            let (epoch, core) = (now.epoch, core.clone());
            tokio::spawn(Arc::clone(self).serve(events, now.seq, move |seq| core.events_since(epoch, seq)));
        }
        self.enter(listeners, interest)
    }

    fn enter(self: &Arc<Self>, mut listeners: MutexGuard<'_, Listeners>, interest: Interest) -> Mailbox {
        let (queue, events) = mpsc::channel(QUEUE);
        let number = listeners.next_number;
        listeners.next_number += 1;
        listeners.add(number, Listener { queue, interest });
        Mailbox { distributor: Arc::clone(self), number, events }
    }

    /// The number of the last event that everybody has who wants it: whose mailbox is empty *afterwards* has nothing
    /// to expect up to it.
    pub(crate) fn newest(&self) -> u64 {
        self.newest.load(Ordering::Acquire)
    }

    /// Goes on as long as somebody listens. `given`: the last event that nobody needs to be given; `since`: the events
    /// behind one, as long as the hub has them.
    async fn serve(
        self: Arc<Self>,
        mut events: broadcast::Receiver<Arc<Event>>,
        mut given: u64,
        since: impl Fn(u64) -> Option<Vec<Arc<Event>>>,
    ) {
        loop {
            let next = match events.recv().await {
                Ok(event) => vec![event],
                Err(RecvError::Lagged(_)) => since(given).unwrap_or_else(|| {
                    tracing::warn!("Events came faster than they were given out; every listener starts over.");
                    self.listeners().clear();
                    Vec::new()
                }),
                Err(RecvError::Closed) => return self.listeners().clear(),
            };
            for event in next.iter().filter(|event| event.seq > given) {
                if !self.give(event) {
                    return;
                }
            }
            given = next.last().map_or(given, |event| event.seq.max(given));
        }
    }

    /// Gives an event to those who want it. False = nobody listens, and the task ends.
    fn give(&self, event: &Arc<Event>) -> bool {
        let mut listeners = self.listeners();
        if listeners.by_number.is_empty() {
            listeners.is_served = false;
            return false;
        }
        let mut too_slow = Vec::new();
        for number in listeners.of(event) {
            let Some(listener) = listeners.by_number.get(&number) else { continue };
            if listener.queue.try_send(Arc::clone(event)).is_err() {
                too_slow.push(number);
            }
        }
        // Their queues end: so they know.
        for number in too_slow {
            listeners.remove(number);
        }
        drop(listeners);
        self.newest.store(event.seq, Ordering::Release);
        true
    }
}

impl Listeners {
    fn of<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = u64> + 'a {
        let of_device = device_of(event).into_iter().flat_map(|device| {
            let numbers = (device.clone(), 0)..=(device.clone(), u64::MAX);
            self.of_devices.range(numbers).map(|(_, number)| *number)
        });
        self.of_everything.iter().copied().chain(of_device)
    }

    fn add(&mut self, number: u64, listener: Listener) {
        self.index(number, None, Some(&listener.interest));
        self.by_number.insert(number, listener);
    }

    fn remove(&mut self, number: u64) {
        if let Some(listener) = self.by_number.remove(&number) {
            self.index(number, Some(&listener.interest), None);
        }
    }

    /// Who was too slow is no longer there, and will see that.
    fn change(&mut self, number: u64, interest: &Interest) {
        let before = self.by_number.get_mut(&number).map(|one| std::mem::replace(&mut one.interest, interest.clone()));
        if let Some(before) = before {
            self.index(number, Some(&before), Some(interest));
        }
    }

    /// Finds somebody by what they want now, and no more by what they wanted. What is in both is left alone: nobody gets
    /// an event meanwhile.
    fn index(&mut self, number: u64, before: Option<&Interest>, after: Option<&Interest>) {
        if matches!(after, Some(Interest::Everything)) {
            self.of_everything.insert(number);
        } else {
            self.of_everything.remove(&number);
        }
        let none = BTreeSet::new();
        let [before, after] = [before, after].map(|one| one.and_then(Interest::devices).unwrap_or(&none));
        for device in before.difference(after) {
            self.of_devices.remove(&(device.clone(), number));
        }
        self.of_devices.extend(after.difference(before).map(|device| (device.clone(), number)));
    }

    fn clear(&mut self) {
        self.by_number.clear();
        self.of_everything.clear();
        self.of_devices.clear();
    }
}

impl Mailbox {
    /// Wants other events from now on. No event comes twice because of it.
    pub(crate) fn want(&self, interest: &Interest) {
        self.distributor.listeners().change(self.number, interest);
    }

    /// The next event. May be dropped while it waits: nothing is lost.
    pub(crate) async fn next(&mut self) -> Heard {
        if self.events.is_closed() {
            return Heard::TooSlow;
        }
        self.events.recv().await.map_or(Heard::TooSlow, Heard::Event)
    }

    /// The next event if it is there already.
    pub(crate) fn next_at_once(&mut self) -> Option<Heard> {
        if self.events.is_closed() {
            return Some(Heard::TooSlow);
        }
        self.events.try_recv().ok().map(Heard::Event)
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty() && !self.events.is_closed()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.distributor.listeners().remove(self.number);
    }
}

#[cfg(test)]
mod tests {
    use hub_model::{Availability, Cause, EventKind};

    use super::*;

    fn of(seq: u64, device: &str) -> Arc<Event> {
        let kind = EventKind::AvailabilityChanged {
            device: device.into(),
            from: Availability::Unknown,
            to: Availability::Online,
        };
        Arc::new(Event { seq, at: hub_model::Timestamp(0), kind, cause: Cause::Schedule })
    }

    fn heard(mailbox: &mut Mailbox) -> Vec<u64> {
        std::iter::from_fn(|| match mailbox.next_at_once()? {
            Heard::Event(event) => Some(event.seq),
            Heard::TooSlow => None,
        })
        .collect()
    }

    fn devices(ids: &[&str]) -> Interest {
        Interest::Devices(ids.iter().map(|id| DeviceId::new(*id)).collect())
    }

    #[test]
    fn events_go_to_those_who_want_them_and_once() {
        let distributor = Arc::new(Distributor::default());
        let enter = |interest| distributor.enter(distributor.listeners(), interest);
        let (mut all, mut lamp) = (enter(Interest::Everything), enter(devices(&["lamp"])));
        for (seq, device) in [(1, "lamp"), (2, "lock"), (3, "lamp")] {
            assert!(distributor.give(&of(seq, device)));
        }
        assert_eq!((heard(&mut all), heard(&mut lamp), distributor.newest()), (vec![1, 2, 3], vec![1, 3], 3));
        lamp.want(&devices(&["lamp", "lock"]));
        distributor.give(&of(4, "lock"));
        lamp.want(&Interest::Everything);
        distributor.give(&of(5, "lock"));
        lamp.want(&devices(&["lock"]));
        distributor.give(&of(6, "lamp"));
        assert_eq!(heard(&mut lamp), vec![4, 5]);
        drop((all, lamp));
        assert!(!distributor.give(&of(7, "lamp")), "nobody listens");
        let listeners = distributor.listeners();
        assert!(listeners.of_everything.is_empty() && listeners.of_devices.is_empty());
    }

    #[tokio::test]
    async fn what_came_too_fast_is_looked_up_and_if_it_is_gone_everybody_is_told() {
        let distributor = Arc::new(Distributor::default());
        let mut lamp = distributor.enter(distributor.listeners(), devices(&["lamp"]));
        let (sender, events) = broadcast::channel(4);
        let oldest = Arc::new(AtomicU64::new(0));
        let kept = Arc::clone(&oldest);
        let since = move |seq: u64| {
            let behind = || (seq + 1..=20).map(|seq| of(seq, "lamp")).collect();
            (seq >= kept.load(Ordering::Relaxed)).then(behind)
        };
        for seq in 1..=20 {
            sender.send(of(seq, "lamp")).unwrap();
        }
        let task = tokio::spawn(Arc::clone(&distributor).serve(events, 2, since));
        for expected in 3..=20 {
            assert!(matches!(lamp.next().await, Heard::Event(event) if event.seq == expected));
        }
        oldest.store(30, Ordering::Relaxed);
        for seq in 21..=40 {
            sender.send(of(seq, "lamp")).unwrap();
        }
        assert!(matches!(lamp.next().await, Heard::TooSlow));
        drop(sender);
        tokio::time::timeout(std::time::Duration::from_secs(5), task).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn who_is_too_slow_is_told_and_others_go_on() {
        let distributor = Arc::new(Distributor::default());
        let enter = || distributor.enter(distributor.listeners(), devices(&["lamp"]));
        let (mut slow, mut quick) = (enter(), enter());
        for seq in 0..=QUEUE as u64 {
            distributor.give(&of(seq, "lamp"));
            assert_eq!(heard(&mut quick), vec![seq]);
        }
        assert!(matches!(slow.next().await, Heard::TooSlow) && !slow.is_empty());
        distributor.give(&of(9_999, "lamp"));
        assert_eq!(heard(&mut quick), vec![9_999]);
    }
}
