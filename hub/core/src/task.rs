//! The core task: gives the truth its queues. It waits for nothing but its inputs.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use driver_api::{DriverEvent, DriverRequest};
use hub_model::command::FailureReason;
use hub_model::history::{HistoryEntry, HistoryRecord};
use hub_model::record::{KeepError, Kept};
use hub_model::{Clock, DriverId, Monotonic, Now};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock_trust::{CLOCK_JUMP, drift};
use crate::core::{CommitToken, Core, Input, Output, Randomness};
use crate::handle::{CoreHandle, Request};
use crate::ports::Journal;
use crate::recent_events::RecentEvents;
use crate::snapshot::Snapshot;
use crate::supervisor::{Control, DriverSpec, Supervisor};

/// Events of one driver that wait for the core at most.
const DRIVER_EVENTS: usize = 256;
/// Requests that wait for the core at most; one more is told to try again.
const REQUESTS: usize = 64;
/// How far a subscriber may lag behind.
const SUBSCRIBERS: usize = 1_024;
/// How many inputs are taken in before readers get a new picture.
const INPUTS_PER_PICTURE: usize = 256;
/// How long drivers get to finish at a stop.
const DRIVERS_STOP_WITHIN: Duration = Duration::from_secs(3);
/// How often the journal is told how far the clock is.
const ALIVE_EVERY: Duration = Duration::from_secs(60);

/// Told regularly by the core loop that it runs, e.g. to feed the system's watchdog.
pub struct Heartbeat {
    /// How often.
    pub every: Duration,
    /// What to call.
    pub beat: Box<dyn Fn() + Send>,
}

/// What the core is made of.
pub struct CoreParts {
    /// Everything that was kept.
    pub kept: Kept,
    /// Where to keep more.
    pub journal: Box<dyn Journal>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes, unguessable.
    pub random: Randomness,
    /// The drivers of the configuration.
    pub drivers: Vec<DriverSpec>,
    /// Whether schedules run on a clock that nobody confirmed.
    pub schedules_on_untrusted_clock: bool,
    /// Who is told that the loop runs.
    pub heartbeat: Option<Heartbeat>,
}

impl std::fmt::Debug for CoreParts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CoreParts").field("drivers", &self.drivers).finish_non_exhaustive()
    }
}

/// A core that runs.
#[derive(Debug)]
pub struct RunningCore {
    /// The door to it.
    pub handle: CoreHandle,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl RunningCore {
    /// Stops the drivers, takes in what they still say, and hands everything to the journal.
    pub async fn stop(self) {
        self.cancel.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "The core did not stop cleanly.");
        }
    }
}

/// Starts the core and its drivers. Waits for no driver: the home as it was kept can be read, and rules run, at once.
pub fn start(mut parts: CoreParts) -> RunningCore {
    let now = parts.clock.now();
    let (requests_sender, requests) = mpsc::channel(REQUESTS);
    let (events, _) = broadcast::channel(SUBSCRIBERS);
    let (control_sender, control) = mpsc::channel(16);
    let recent = Arc::new(RecentEvents::new(parts.kept.epoch));
    let kinds = parts.drivers.iter().map(|spec| (spec.id.clone(), Arc::clone(&spec.driver_type), spec.abilities));
    let kinds = kinds.collect();
    let mut seed = [0_u8; 8];
    (parts.random)(&mut seed);

    let mut output = Output::default();
    let mut core =
        Core::restore(&now, &parts.kept, kinds, parts.schedules_on_untrusted_clock, parts.random, &mut output);
    let (snapshot_sender, snapshot) = watch::channel(Arc::new(core.snapshot()));
    let cancel = CancellationToken::new();
    let mut drivers = Vec::new();
    for (index, spec) in parts.drivers.into_iter().enumerate() {
        let (event_sender, event_receiver) = mpsc::channel(DRIVER_EVENTS);
        drivers.push(DriverPort { id: spec.id.clone(), events: event_receiver, requests: None });
        let supervisor = Supervisor {
            spec,
            clock: Arc::clone(&parts.clock),
            seed: u64::from_le_bytes(seed).wrapping_add(index as u64 * 1_000_003),
            events: event_sender,
            control: control_sender.clone(),
            snapshot: snapshot.clone(),
            memory: core.driver_memory.clone(),
            cancel: cancel.child_token(),
        };
        tokio::spawn(supervisor.run());
    }
    let handle =
        CoreHandle { requests: requests_sender, snapshot, events: events.clone(), recent: Arc::clone(&recent) };
    let task = Task {
        core,
        clock: parts.clock,
        journal: parts.journal,
        committed: Arc::default(),
        requests,
        control,
        drivers,
        next_driver: 0,
        events,
        recent,
        snapshot: snapshot_sender,
        cancel: cancel.clone(),
        heartbeat: parts.heartbeat,
        next_beat: Monotonic::default(),
        next_alive: Monotonic::default(),
        seen: now,
    };
    RunningCore { handle, cancel, task: tokio::spawn(task.run(output)) }
}

/// The core's ends of the queues to one driver.
struct DriverPort {
    id: DriverId,
    events: mpsc::Receiver<DriverEvent>,
    requests: Option<mpsc::Sender<DriverRequest>>,
}

/// Answers of the journal. Bounded by the number of changes that wait for it.
#[derive(Default)]
struct Committed {
    answers: Mutex<Vec<(CommitToken, Result<(), KeepError>)>>,
    arrived: Notify,
}

/// A commit that the journal has. It is answered exactly once: dropping it unanswered (the journal's thread died) says
/// that it was not kept.
struct Commit {
    token: CommitToken,
    committed: Arc<Committed>,
    answered: bool,
}

impl Commit {
    fn answer(mut self, result: Result<(), KeepError>) {
        self.give(result);
    }

    fn give(&mut self, result: Result<(), KeepError>) {
        self.answered = true;
        self.committed.answers.lock().unwrap_or_else(PoisonError::into_inner).push((self.token, result));
        self.committed.arrived.notify_one();
    }
}

impl Drop for Commit {
    fn drop(&mut self) {
        if !self.answered {
            self.give(Err(KeepError::Busy));
        }
    }
}

struct Task {
    core: Core,
    clock: Arc<dyn Clock>,
    journal: Box<dyn Journal>,
    committed: Arc<Committed>,
    requests: mpsc::Receiver<Request>,
    control: mpsc::Receiver<Control>,
    drivers: Vec<DriverPort>,
    next_driver: usize,
    events: broadcast::Sender<Arc<hub_model::Event>>,
    recent: Arc<RecentEvents>,
    snapshot: watch::Sender<Arc<Snapshot>>,
    cancel: CancellationToken,
    heartbeat: Option<Heartbeat>,
    next_beat: Monotonic,
    next_alive: Monotonic,
    seen: Now,
}

/// What woke the task.
#[allow(clippy::large_enum_variant, reason = "it lives for one turn only")]
enum Wake {
    Stop,
    Input(Input),
    Control(Control),
    Committed,
    Tick,
}

impl Task {
    async fn run(mut self, mut output: Output) {
        self.send_all(&mut output);
        self.keep_and_tell(&mut output);
        loop {
            let wake = self.next().await;
            if matches!(wake, Wake::Stop) {
                break;
            }
            self.handle(wake, &mut output);
            let mut sent = self.send_all(&mut output);
            // What else is already there is taken in before readers get a new picture.
            for _ in 0..INPUTS_PER_PICTURE {
                if sent {
                    // Drivers send what they were just given before the core goes on.
                    tokio::task::yield_now().await;
                }
                let Some(input) = self.next_ready() else { break };
                self.step(input, &mut output);
                sent = self.send_all(&mut output);
            }
            self.mind_time(&mut output);
            if self.send_all(&mut output) {
                // What is due is sent before it is kept that it was.
                tokio::task::yield_now().await;
            }
            self.keep_and_tell(&mut output);
        }
        self.drain(&mut output).await;
    }

    /// Waits for the next thing.
    async fn next(&mut self) -> Wake {
        let now = self.clock.now();
        let mut deadline = self.core.poll_timeout(&now);
        let alive = if self.heartbeat.is_some() { self.next_beat.min(self.next_alive) } else { self.next_alive };
        deadline = Some(deadline.map_or(alive, |at| at.min(alive)));
        let pause = deadline.map_or(ALIVE_EVERY, |at| at.since(now.mono));
        let drivers = &mut self.drivers;
        let next_driver = &mut self.next_driver;
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Wake::Stop,
            Some(control) = self.control.recv() => Wake::Control(control),
            Some(request) = self.requests.recv() => Wake::Input(Input::Request(request)),
            () = self.committed.arrived.notified() => Wake::Committed,
            input = poll_fn(|context| {
                let count = drivers.len();
                for offset in 0..count {
                    let index = (*next_driver + offset) % count;
                    if let Some(port) = drivers.get_mut(index)
                        && let Poll::Ready(Some(event)) = port.events.poll_recv(context)
                    {
                        *next_driver = (index + 1) % count;
                        return Poll::Ready(Input::Driver(port.id.clone(), event));
                    }
                }
                Poll::Pending
            }) => Wake::Input(input),
            () = tokio::time::sleep(pause) => Wake::Tick,
        }
    }

    /// The next input that is there without waiting, people first, then the drivers in turn.
    fn next_ready(&mut self) -> Option<Input> {
        if let Ok(request) = self.requests.try_recv() {
            return Some(Input::Request(request));
        }
        let count = self.drivers.len();
        for offset in 0..count {
            let index = (self.next_driver + offset) % count;
            if let Some(port) = self.drivers.get_mut(index)
                && let Ok(event) = port.events.try_recv()
            {
                self.next_driver = (index + 1) % count;
                return Some(Input::Driver(port.id.clone(), event));
            }
        }
        None
    }

    fn handle(&mut self, wake: Wake, output: &mut Output) {
        match wake {
            Wake::Input(input) => self.step(input, output),
            Wake::Control(Control::Started(id, requests)) => {
                if let Some(port) = self.drivers.iter_mut().find(|port| port.id == id) {
                    port.requests = Some(requests);
                }
            }
            Wake::Control(Control::Ended(id, status)) => {
                if let Some(port) = self.drivers.iter_mut().find(|port| port.id == id) {
                    port.requests = None;
                }
                self.step(Input::Supervisor(id, status), output);
            }
            Wake::Committed => {
                let answers =
                    std::mem::take(&mut *self.committed.answers.lock().unwrap_or_else(PoisonError::into_inner));
                for (token, result) in answers {
                    self.step(Input::Committed(token, result), output);
                }
            }
            Wake::Tick | Wake::Stop => {}
        }
    }

    /// Does what is due. After every turn, so that a flood of inputs holds up no deadline.
    fn mind_time(&mut self, output: &mut Output) {
        let now = self.clock.now();
        self.tick(&now);
        let due = self.core.poll_timeout(&now).is_some_and(|deadline| deadline <= now.mono);
        if self.clock_changed(&now) || due {
            self.step(Input::Timeout, output);
        }
    }

    /// Shows that the loop runs.
    fn tick(&mut self, now: &Now) {
        if let Some(heartbeat) = &self.heartbeat
            && self.next_beat <= now.mono
        {
            (heartbeat.beat)();
            self.next_beat = now.mono.plus(heartbeat.every);
        }
        if self.next_alive <= now.mono {
            self.journal.alive(now.time(), self.core.seq());
            self.next_alive = now.mono.plus(ALIVE_EVERY);
        }
    }

    fn step(&mut self, input: Input, output: &mut Output) {
        let now = self.clock.now();
        self.core.step(&now, input, output);
    }

    /// Hands everything to the drivers that is for them; says whether there was anything.
    fn send_all(&mut self, output: &mut Output) -> bool {
        let mut sent = false;
        while !output.sends.is_empty() {
            sent = true;
            for (driver, request) in std::mem::take(&mut output.sends) {
                if let Some((request, reason)) = self.send(&driver, request) {
                    self.step(Input::NotSent(request, reason), output);
                }
            }
        }
        sent
    }

    /// Hands to the journal what is to be kept, then tells what happened. The picture comes before the events and the
    /// answers: who hears of something sees it there.
    fn keep_and_tell(&mut self, output: &mut Output) {
        for (token, changes) in output.commits.drain(..) {
            let pending = Commit { token, committed: Arc::clone(&self.committed), answered: false };
            self.journal.commit(changes, Box::new(move |result| pending.answer(result)));
        }
        for decision in output.decisions.drain(..) {
            self.journal.decide(decision);
        }
        for record in output.records.drain(..) {
            self.journal.record(record);
        }
        for (at, trace) in output.traces.drain(..) {
            self.journal.record(HistoryRecord { at, entry: HistoryEntry::Trace(trace.to_json().to_string().into()) });
        }
        self.recent.extend(&output.events);
        self.publish();
        for event in output.events.drain(..) {
            // Nobody listening is fine.
            let _ = self.events.send(event);
        }
        output.answers.give();
    }

    /// Hands a request to a driver; gives it back if that cannot be.
    fn send(&mut self, driver: &DriverId, request: DriverRequest) -> Option<(DriverRequest, FailureReason)> {
        let port = self.drivers.iter().find(|port| port.id == *driver);
        match port.and_then(|port| port.requests.as_ref()) {
            None => Some((request, FailureReason::DriverOffline)),
            Some(requests) => match requests.try_send(request) {
                Ok(()) => None,
                Err(TrySendError::Full(request)) => Some((request, FailureReason::Busy)),
                Err(TrySendError::Closed(request)) => Some((request, FailureReason::DriverOffline)),
            },
        }
    }

    fn publish(&mut self) {
        self.snapshot.send_replace(Arc::new(self.core.snapshot()));
    }

    /// Whether the wall clock jumped, or is trusted more or less than before: schedules follow it.
    fn clock_changed(&mut self, now: &Now) -> bool {
        let before = std::mem::replace(&mut self.seen, *now);
        before.wall.trust != now.wall.trust || drift(now, &before) > CLOCK_JUMP
    }

    /// Takes in what the drivers still say, until all of them have stopped.
    async fn drain(&mut self, output: &mut Output) {
        let drained = async {
            for index in 0..self.drivers.len() {
                while let Some(event) = match self.drivers.get_mut(index) {
                    Some(port) => {
                        port.requests = None;
                        port.events.recv().await
                    }
                    None => None,
                } {
                    let id = self.drivers.get(index).map(|port| port.id.clone());
                    if let Some(id) = id {
                        self.step(Input::Driver(id, event), output);
                        self.send_all(output);
                    }
                }
            }
        };
        if tokio::time::timeout(DRIVERS_STOP_WITHIN, drained).await.is_err() {
            tracing::warn!("A driver did not stop in time; it is left behind.");
        }
        self.keep_and_tell(output);
        let now = self.clock.now();
        self.journal.alive(now.time(), self.core.seq());
    }
}
