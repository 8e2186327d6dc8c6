//! The host's side of the Serial API: one request at a time, each with its response and its callback and the time that
//! they may take; the stick's start-up; and what is done when the stick does not do what it should.
//!
//! What the stick cannot do is the stick's trouble: it is told as [`Event::Trouble`] and [`Event::Lost`], never as the
//! failure of a node.

mod start_up;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use hub_model::Monotonic;

use crate::link::{self, Link, Recovery, Step, Trouble};
use crate::serial_api::send_data::SendDataAbort;
use crate::serial_api::soft_reset::SoftReset;
use crate::serial_api::{Callback, CallbackId, CallbackIds, Function, Message, NodeIdWidth, Request, Response};
use start_up::StartUp;
pub use start_up::Stick;

/// How long a response may take.
pub const RESPONSE_LIMIT: Duration = Duration::from_secs(10);
/// How long a callback may take (INS12350).
pub const CALLBACK_LIMIT: Duration = Duration::from_secs(65);
/// When a transmission is given up by asking the stick to: it holds up everybody else.
pub const TRANSMISSION_LIMIT: Duration = Duration::from_secs(20);
/// What sends one command. Other functions send many frames until they call back, as those for return routes do.
const TRANSMISSIONS: [Function; 4] = [
    Function::SEND_DATA,
    Function::SEND_DATA_BRIDGE,
    Function::SEND_DATA_MULTICAST,
    Function::SEND_DATA_MULTICAST_BRIDGE,
];
/// How long a stick that was reset may take to say that it has started; older ones say nothing.
const STARTED_LIMIT: Duration = Duration::from_secs(5);
/// The most that waits to be taken away.
const QUEUE_LIMIT: usize = 256;

/// Joins a request to its end.
pub type Ticket = u64;

/// What follows a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Nothing: it is done when the stick has it.
    Nothing,
    /// A response.
    Response,
    /// A response, and if that says that it is done, a callback.
    ResponseAndCallback(CallbackId),
    /// A callback; further ones come as [`Event::Unsolicited`].
    Callback(CallbackId),
}

/// How a request ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The stick has it, and nothing was to follow, or nothing that can be read.
    Delivered,
    /// The response, where no callback was to follow or follows.
    Response(Response),
    /// The callback.
    Callback(Callback),
    /// The stick did not do its part: it is worked on, and the request may be made again later.
    StickFailed,
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// The stick is ready for requests, for the first time or again. Everything asked before is void.
    Ready(Box<Stick>),
    /// A request ended.
    Ended {
        /// Which.
        ticket: Ticket,
        /// How.
        outcome: Outcome,
    },
    /// The stick says something by itself.
    Unsolicited(Callback),
    /// The stick does not do what it should, and something is done about it.
    Trouble(Trouble),
    /// It does what it should again.
    Recovered,
    /// Nothing helped so far: people are to unplug the stick and plug it in again.
    Lost {
        /// It does answer, but not who is in its network.
        answers: bool,
    },
    /// The port is to be closed and opened again.
    Reopen,
}

/// The host's side. Bounded: one request, and 256 events.
#[derive(Debug)]
pub struct Controller {
    link: Link,
    recovery: Recovery,
    state: State,
    current: Option<Current>,
    /// A request of the recovery, which does not wait for the current one.
    abort: bool,
    last_ticket: Ticket,
    callback_ids: CallbackIds,
    width: NodeIdWidth,
    is_troubled: bool,
    /// It was asked in vain who is in its network: nothing else that it answers is progress.
    lacks_nodes: bool,
    events: VecDeque<Event>,
}

#[derive(Debug)]
enum State {
    Closed,
    /// The stick is told to restart, and is waited for.
    Resetting {
        until: Monotonic,
        sent: bool,
    },
    Starting(Box<StartUp>),
    Ready,
}

#[derive(Debug)]
struct Current {
    ticket: Ticket,
    function: Function,
    answer: Answer,
    phase: Phase,
    until: Monotonic,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Delivery,
    Response,
    Callback,
}

impl Default for Controller {
    fn default() -> Self {
        Self {
            link: Link::default(),
            recovery: Recovery::default(),
            state: State::Closed,
            current: None,
            abort: false,
            last_ticket: 0,
            callback_ids: CallbackIds::default(),
            width: NodeIdWidth::default(),
            is_troubled: false,
            lacks_nodes: false,
            events: VecDeque::new(),
        }
    }
}

impl Controller {
    /// The port was opened: the stick is asked what it is.
    pub fn handle_open(&mut self, now: Monotonic) {
        self.end_current(Outcome::StickFailed);
        self.link.handle_open();
        self.abort = false;
        self.width = NodeIdWidth::default();
        self.state = State::Starting(Box::new(StartUp::new(true)));
        self.proceed(now);
    }

    /// The port was closed, or lost.
    pub fn handle_close(&mut self) {
        self.end_current(Outcome::StickFailed);
        self.state = State::Closed;
    }

    /// Whether [`Controller::request`] takes something.
    pub fn is_free(&self) -> bool {
        matches!(self.state, State::Ready) && self.current.is_none() && self.link.is_ready()
    }

    /// The id for a request that wants a callback.
    pub fn next_callback_id(&mut self) -> CallbackId {
        self.callback_ids.next_id()
    }

    /// Makes a request; one [`Event::Ended`] follows. Only when [`Controller::is_free`]: otherwise it ends as if the
    /// stick had failed.
    pub fn request(&mut self, now: Monotonic, request: &dyn Request, answer: Answer) -> Ticket {
        self.last_ticket += 1;
        let ticket = self.last_ticket;
        if !self.is_free() || !self.begin(now, ticket, request, answer) {
            self.push(Event::Ended { ticket, outcome: Outcome::StickFailed });
        }
        ticket
    }

    /// The stick's radio is jammed, as far as several transmissions tell.
    pub fn handle_jammed(&mut self, now: Monotonic) {
        self.handle_trouble(now, Trouble::Jammed);
        self.proceed(now);
    }

    /// People want the stick restarted.
    pub fn restart(&mut self, now: Monotonic) {
        if !matches!(self.state, State::Closed) {
            self.reset(now);
            self.proceed(now);
        }
    }

    /// Bytes came in.
    pub fn handle_bytes(&mut self, now: Monotonic, bytes: &[u8]) {
        self.link.handle_bytes(now, bytes);
        self.proceed(now);
    }

    /// The time of [`Controller::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Monotonic) {
        self.link.handle_timeout(now);
        self.recovery.handle_timeout(now);
        if let Some(current) = self.current.take_if(|current| current.phase != Phase::Delivery && current.until <= now)
        {
            let trouble = match current.phase {
                Phase::Callback => Trouble::CallbackMissing,
                Phase::Delivery | Phase::Response => Trouble::ResponseMissing,
            };
            // A transmission that hangs is waited for on: the stick calls back when it aborts it.
            let hangs = current.phase == Phase::Callback && !self.recovery_is_under_way();
            let is_list = self.asks_for_nodes();
            if hangs {
                self.current = Some(Current { until: now.plus(CALLBACK_LIMIT), ..current });
            } else {
                self.finish(current.ticket, Outcome::StickFailed);
            }
            if is_list { self.handle_no_nodes(now, trouble) } else { self.handle_trouble(now, trouble) }
        }
        if let State::Resetting { until, sent: true } = self.state
            && until <= now
        {
            // Older sticks do not say that they have started.
            self.state = State::Starting(Box::new(StartUp::new(false)));
        }
        self.proceed(now);
    }

    /// The next bytes for the wire.
    pub fn poll_transmit(&mut self) -> Option<Bytes> {
        self.link.poll_transmit()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`Controller::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Monotonic> {
        let current = self.current.as_ref().filter(|current| current.phase != Phase::Delivery);
        let resetting = match self.state {
            State::Resetting { until, sent: true } => Some(until),
            _ => None,
        };
        let times = [self.link.poll_timeout(), self.recovery.poll_timeout(), current.map(|current| current.until)];
        times.into_iter().chain([resetting]).flatten().min()
    }

    /// What was seen on the link since it was opened.
    pub fn statistics(&self) -> link::Statistics {
        self.link.statistics()
    }

    fn recovery_is_under_way(&self) -> bool {
        self.recovery.poll_timeout().is_some()
    }

    /// Takes what the link has, and goes on with what is to be done.
    fn proceed(&mut self, now: Monotonic) {
        loop {
            while let Some(event) = self.link.poll_event() {
                self.handle_link_event(now, event);
            }
            while let Some(step) = self.recovery.poll_step() {
                self.take(now, step);
            }
            if !self.send_own(now) {
                return;
            }
        }
    }

    /// Sends what the controller wants by itself. Says whether something was sent.
    fn send_own(&mut self, now: Monotonic) -> bool {
        if !self.link.is_ready() {
            return false;
        }
        if std::mem::take(&mut self.abort) {
            return self.link.send(now, &SendDataAbort.data(self.width)).is_ok();
        }
        match &mut self.state {
            State::Resetting { sent, .. } if !*sent => {
                *sent = true;
                self.link.send(now, &SoftReset.data(self.width)).is_ok()
            }
            State::Starting(start_up) if self.current.is_none() => match start_up.poll_request() {
                Some((request, answer)) => {
                    self.last_ticket += 1;
                    let ticket = self.last_ticket;
                    start_up.ticket = ticket;
                    self.begin(now, ticket, &*request, answer)
                }
                None if start_up.wants_reset() => {
                    self.state = State::Resetting { until: now.plus(STARTED_LIMIT), sent: false };
                    true
                }
                None => {
                    let stick = start_up.finish();
                    self.state = State::Ready;
                    self.push(Event::Ready(Box::new(stick)));
                    false
                }
            },
            _ => false,
        }
    }

    fn begin(&mut self, now: Monotonic, ticket: Ticket, request: &dyn Request, answer: Answer) -> bool {
        let until = now.plus(RESPONSE_LIMIT);
        let sent = self.link.send(now, &request.data(self.width)).is_ok();
        if sent {
            self.current =
                Some(Current { ticket, function: request.function(), answer, phase: Phase::Delivery, until });
        }
        sent
    }

    fn handle_link_event(&mut self, now: Monotonic, event: link::Event) {
        match event {
            link::Event::Delivered => self.handle_delivered(now),
            link::Event::Undelivered(link::Undelivered::Reopened) => {}
            link::Event::Undelivered(_) => {
                let is_list = self.asks_for_nodes();
                self.end_current(Outcome::StickFailed);
                if is_list {
                    return self.handle_no_nodes(now, Trouble::Undelivered);
                }
                self.lacks_nodes = false;
                self.handle_trouble(now, Trouble::Undelivered);
            }
            link::Event::Received(data) => match Message::decode(&data, self.width) {
                Ok(Message::Response(response)) => self.handle_response(now, Function(data.function), response),
                Ok(Message::Callback(callback)) => self.handle_callback(callback),
                Ok(Message::Unknown(_)) => {
                    tracing::debug!(function = data.function, "The stick sent an unknown frame.");
                }
                Err(error) => {
                    tracing::debug!(%error, "A frame of the stick could not be read.");
                    // It has answered all the same: waiting for it would be in vain.
                    if data.kind == link::Kind::Response {
                        self.handle_unreadable(now, Function(data.function));
                    }
                }
            },
            link::Event::Garbage(bytes) | link::Event::Corrupt(bytes) => {
                tracing::debug!(length = bytes.len(), "Bytes of the stick were skipped.");
            }
        }
    }

    fn handle_delivered(&mut self, now: Monotonic) {
        let Some(current) = &mut self.current else { return };
        if current.phase != Phase::Delivery {
            return;
        }
        current.phase = match current.answer {
            Answer::Nothing => {
                let ticket = current.ticket;
                self.current = None;
                self.finish(ticket, Outcome::Delivered);
                return;
            }
            Answer::Response | Answer::ResponseAndCallback(_) => Phase::Response,
            Answer::Callback(_) => Phase::Callback,
        };
        current.until = now.plus(RESPONSE_LIMIT);
    }

    fn handle_response(&mut self, now: Monotonic, function: Function, response: Response) {
        let Some(current) = self.current.take_if(|current| {
            current.function == function
                && current.phase != Phase::Callback
                && matches!(current.answer, Answer::Response | Answer::ResponseAndCallback(_))
        }) else {
            return;
        };
        self.lacks_nodes &= function != Function::GET_INIT_DATA;
        if !self.lacks_nodes {
            self.handle_progress();
        }
        match current.answer {
            Answer::ResponseAndCallback(_) if says_yes(&response) => {
                let is_transmission = TRANSMISSIONS.contains(&function);
                let limit = if is_transmission { TRANSMISSION_LIMIT } else { CALLBACK_LIMIT };
                self.current = Some(Current { phase: Phase::Callback, until: now.plus(limit), ..current });
            }
            _ => self.finish(current.ticket, Outcome::Response(response)),
        }
    }

    fn handle_unreadable(&mut self, now: Monotonic, function: Function) {
        let Some(current) =
            self.current.take_if(|current| current.function == function && current.phase != Phase::Callback)
        else {
            return;
        };
        if self.asks_for_nodes() {
            self.finish(current.ticket, Outcome::StickFailed);
            self.handle_no_nodes(now, Trouble::ResponseMissing);
        } else {
            self.finish(current.ticket, Outcome::Delivered);
        }
    }

    fn asks_for_nodes(&self) -> bool {
        matches!(&self.state, State::Starting(start_up) if start_up.needs_answer())
    }

    /// It did not say who is in its network. If that was so after the last step too, the next one is due; after the last
    /// of them it is left alone until its port is opened anew.
    fn handle_no_nodes(&mut self, now: Monotonic, trouble: Trouble) {
        self.lacks_nodes = true;
        let is_lost = self.recovery.is_lost();
        let is_tried = self.recovery_is_under_way();
        self.handle_trouble(now, trouble);
        if is_lost {
            self.state = State::Closed;
        } else if is_tried {
            self.recovery.handle_failed_step(now);
        }
    }

    fn handle_callback(&mut self, callback: Callback) {
        if let Callback::Started(_) = callback {
            self.handle_started();
            return;
        }
        let Some(id) = callback.callback_id() else {
            self.push(Event::Unsolicited(callback));
            return;
        };
        let awaited = |current: &mut Current| match current.answer {
            Answer::ResponseAndCallback(awaited) | Answer::Callback(awaited) => awaited == id,
            Answer::Nothing | Answer::Response => false,
        };
        match self.current.take_if(awaited) {
            Some(current) => {
                self.handle_progress();
                self.finish(current.ticket, Outcome::Callback(callback));
            }
            // What takes long and with people calls back several times; a transmission that is called back again, or
            // too late, is over.
            None if !matches!(callback, Callback::Transmitted { .. }) => self.push(Event::Unsolicited(callback)),
            None => {}
        }
    }

    /// The stick has started: because it was told to, or by itself, and then it has forgotten what it was doing.
    fn handle_started(&mut self) {
        match &self.state {
            State::Closed => return,
            State::Starting(start_up) if !start_up.has_begun() => return,
            State::Starting(_) | State::Ready | State::Resetting { .. } => {}
        }
        self.end_current(Outcome::StickFailed);
        self.width = NodeIdWidth::default();
        self.state = State::Starting(Box::new(StartUp::new(false)));
    }

    fn handle_progress(&mut self) {
        self.recovery.handle_progress();
        if std::mem::take(&mut self.is_troubled) {
            self.push(Event::Recovered);
        }
    }

    fn handle_trouble(&mut self, now: Monotonic, trouble: Trouble) {
        self.recovery.handle_trouble(now, trouble);
        self.is_troubled = true;
        self.push(Event::Trouble(trouble));
    }

    fn take(&mut self, now: Monotonic, step: Step) {
        match step {
            Step::Abort => self.abort = true,
            Step::SoftReset => self.reset(now),
            Step::Reopen => {
                self.handle_close();
                self.push(Event::Reopen);
            }
            Step::Report => self.push(Event::Lost { answers: self.lacks_nodes }),
        }
    }

    fn reset(&mut self, now: Monotonic) {
        self.end_current(Outcome::StickFailed);
        self.state = State::Resetting { until: now.plus(STARTED_LIMIT), sent: false };
    }

    fn end_current(&mut self, outcome: Outcome) {
        if let Some(current) = self.current.take() {
            self.finish(current.ticket, outcome);
        }
    }

    fn finish(&mut self, ticket: Ticket, outcome: Outcome) {
        if let State::Starting(start_up) = &mut self.state
            && start_up.ticket == ticket
        {
            start_up.handle_outcome(outcome);
            self.width = start_up.width();
            return;
        }
        self.push(Event::Ended { ticket, outcome });
    }

    /// What a stick floods us with is dropped; ends of requests are one at a time and always fit.
    fn push(&mut self, event: Event) {
        if self.events.len() < QUEUE_LIMIT || !matches!(event, Event::Unsolicited(_)) {
            self.events.push_back(event);
        }
    }
}

/// Whether a callback follows a response.
fn says_yes(response: &Response) -> bool {
    match response {
        Response::Accepted { accepted, .. } => *accepted,
        Response::FailedNodeStart { start, .. } => start.has_begun(),
        _ => true,
    }
}
