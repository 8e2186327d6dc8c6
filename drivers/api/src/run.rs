//! The one run loop: joins a machine, a link and the queues to the hub.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;

use crate::driver::{DriverContext, DriverError, DriverEvent};
use crate::link::{Link, LinkError};
use crate::machine::{LinkState, Machine};
use crate::queue::EventQueue;

/// What happens when the core's queue is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WhenFull {
    /// The link is not read until there is room: the pressure reaches the radio. For serial links.
    Wait,
    /// The link is read on; states coalesce, events are kept up to a bound. For links that die when they are not read
    /// (an MQTT client that does not read loses its keep-alive).
    Coalesce,
}

/// The most events that wait when the core's queue is full and the link is read on.
const WAITING_EVENTS: usize = 4_096;
/// The first and the longest pause between two attempts to connect.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(30));

/// A link is either usable or on its way to be.
enum LinkSlot<L> {
    Connected(L),
    Connecting(Attempt<L>),
}

/// An attempt to connect. It owns the link and gives it back.
type Attempt<L> = Pin<Box<dyn Future<Output = (L, Result<(), LinkError>)> + Send>>;

/// What the link did.
enum LinkStep<L: Link> {
    Received(Result<L::Received, LinkError>),
    Connected(L, Result<(), LinkError>),
}

/// Runs `machine` over `link` until the context is cancelled or its queues are closed.
pub async fn run_machine<M, L>(
    mut machine: M,
    link: L,
    mut context: DriverContext,
    when_full: WhenFull,
) -> Result<(), DriverError>
where
    M: Machine,
    L: Link<Received = M::Received, Transmit = M::Transmit> + 'static,
{
    let mut queue = EventQueue::new(WAITING_EVENTS);
    let mut slot = connecting(link, Duration::ZERO);
    let mut back_off = BACK_OFF.0;
    let cancel = context.cancel.clone();
    let mut reported_drops = 0;

    loop {
        // Before everything else, because a link that always has something to read would never let a timer ring.
        let now = context.clock.now();
        if machine.poll_timeout().is_some_and(|at| at <= now.mono) {
            machine.handle_timeout(now);
        }
        if !hand_over(&mut machine, &mut queue, &context) {
            return Ok(());
        }
        if queue.dropped() > reported_drops {
            reported_drops = queue.dropped();
            tracing::warn!(driver = %context.id, dropped = reported_drops, "The core is too busy; events of a driver were dropped.");
        }
        slot = match slot {
            LinkSlot::Connected(mut link) => {
                let sent = tokio::select! {
                    biased;
                    // A bus that takes nothing must not hold up the end.
                    () = cancel.cancelled() => return Ok(()),
                    sent = send_all(&mut machine, &mut link) => sent,
                };
                match sent {
                    Ok(()) => LinkSlot::Connected(link),
                    Err(error) => {
                        let pause = error.retry_after.unwrap_or(back_off);
                        back_off = (back_off * 2).min(BACK_OFF.1);
                        machine.handle_link(context.clock.now(), LinkState::Down(error.message));
                        slot = connecting(link, pause);
                        continue;
                    }
                }
            }
            waiting => {
                // Nothing can be sent; what the machine wanted to send is void.
                while machine.poll_transmit().is_some() {}
                waiting
            }
        };

        let timeout = machine.poll_timeout().map(|at| at.since(context.clock.now().mono));
        // What cannot be sent yet stays with the core: there it may still expire, and one more is told «busy».
        let is_full = matches!(&slot, LinkSlot::Connected(link) if link.is_full());
        let may_read = when_full == WhenFull::Coalesce || queue.is_empty() || matches!(slot, LinkSlot::Connecting(_));
        let step = tokio::select! {
            biased;
            () = cancel.cancelled() => return Ok(()),
            permit = context.events.reserve(), if !queue.is_empty() => match permit {
                Ok(permit) => {
                    if let Some(event) = queue.pop() {
                        permit.send(event);
                    }
                    continue;
                }
                Err(_) => return Ok(()),
            },
            request = context.requests.recv(), if !is_full => match request {
                Some(request) => {
                    machine.handle_request(context.clock.now(), request);
                    continue;
                }
                None => return Ok(()),
            },
            step = next_step(&mut slot), if may_read => step,
            () = tokio::time::sleep(timeout.unwrap_or_default()), if timeout.is_some() => continue,
        };
        let now = context.clock.now();
        match step {
            LinkStep::Received(Ok(received)) => {
                // Not on connecting: a link that is made and lost at once is no better than one that cannot be made.
                back_off = BACK_OFF.0;
                machine.handle_received(now, received);
            }
            LinkStep::Received(Err(error)) => {
                let pause = error.retry_after.unwrap_or(back_off);
                back_off = (back_off * 2).min(BACK_OFF.1);
                machine.handle_link(now, LinkState::Down(error.message));
                if let LinkSlot::Connected(link) = slot {
                    slot = connecting(link, pause);
                }
            }
            LinkStep::Connected(link, Ok(())) => {
                slot = LinkSlot::Connected(link);
                machine.handle_link(now, LinkState::Up);
            }
            LinkStep::Connected(link, Err(error)) => {
                let pause = error.retry_after.unwrap_or(back_off);
                back_off = (back_off * 2).min(BACK_OFF.1);
                machine.handle_link(now, LinkState::Down(error.message));
                slot = connecting(link, pause);
            }
        }
    }
}

/// Waits `pause`, then connects. The attempt is one future that is kept until it is done, so that requests which come
/// meanwhile do not start it over.
fn connecting<L: Link + 'static>(mut link: L, pause: Duration) -> LinkSlot<L> {
    LinkSlot::Connecting(Box::pin(async move {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let outcome = link.connect().await;
        (link, outcome)
    }))
}

async fn next_step<L: Link>(slot: &mut LinkSlot<L>) -> LinkStep<L> {
    match slot {
        LinkSlot::Connected(link) => LinkStep::Received(link.receive().await),
        LinkSlot::Connecting(attempt) => {
            let (link, outcome) = attempt.await;
            LinkStep::Connected(link, outcome)
        }
    }
}

/// Moves the machine's events to the core as far as there is room; the rest waits. False = the core is gone.
fn hand_over<M: Machine>(machine: &mut M, queue: &mut EventQueue, context: &DriverContext) -> bool {
    while let Some(event) = queue.pop() {
        match context.events.try_send(event) {
            Ok(()) => {}
            Err(TrySendError::Full(event)) => {
                queue.put_back(event);
                break;
            }
            Err(TrySendError::Closed(_)) => return false,
        }
    }
    while let Some(event) = machine.poll_event() {
        if !queue.is_empty() {
            queue.push(event);
            continue;
        }
        match context.events.try_send(event) {
            Ok(()) => {}
            Err(TrySendError::Full(event)) => queue.push(event),
            Err(TrySendError::Closed(_)) => return false,
        }
    }
    true
}

async fn send_all<M, L>(machine: &mut M, link: &mut L) -> Result<(), LinkError>
where
    M: Machine,
    L: Link<Received = M::Received, Transmit = M::Transmit>,
{
    while !link.is_full()
        && let Some(transmit) = machine.poll_transmit()
    {
        link.transmit(transmit).await?;
    }
    Ok(())
}

/// Drains the events of a machine; for tests and tools that drive a machine by hand.
pub fn drain_events<M: Machine>(machine: &mut M) -> Vec<DriverEvent> {
    std::iter::from_fn(|| machine.poll_event()).collect()
}
