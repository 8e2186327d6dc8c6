//! What is kept of a node: whether it can be reached, what waits for it and what it owes us.

use std::collections::VecDeque;
use std::time::Duration;

use hub_model::Monotonic;

use super::Network;
use super::datagram::Datagram;
use super::outgoing::key_id;
use super::statistics::NodeStatistics;
use super::task::{Done, Failure, Protection, Queued, REPORT_LIMIT, TaskId, Urgency, Waiting};
use crate::security::SecurityClass;
use crate::security::ckdf::SessionKeys;
use crate::security::s0::S0Nonce;
use crate::security::s2;
use crate::serial_api::NodeId;

/// The most that waits for one node.
const MOST_QUEUED: usize = 128;
/// The most that a node owes us at once.
const MOST_WAITING: usize = 8;
/// Between two probes of a node that does not answer: first, and at most.
const PROBES: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(3_600));
/// How long a node that woke is waited for, after all is done, before it is sent back to sleep.
const QUIET: Duration = Duration::from_millis(300);
/// How long a node that woke stays awake by itself.
const AWAKE: Duration = Duration::from_secs(10);
/// What one waking may be used for beside what is urgent, for the sake of its battery.
const BITE: u32 = 40;
/// How long a node may take to give a nonce.
const NONCE_LIMIT: Duration = Duration::from_secs(5);
/// How often a nonce is asked for, for one task.
const NONCE_ATTEMPTS: u32 = 2;
/// How long a nonce of Security 0 that we were given is good: the least that the specification allows.
const S0_NONCE_LIFETIME: Duration = Duration::from_secs(3);

/// How long a node that was asked something with Security 2 has the word: an answer of ours to something else would take
/// the nonce that it is about to use.
const WORD: Duration = Duration::from_millis(500);

/// When a node listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listening {
    /// Always.
    Always,
    /// At intervals: the stick wakes it.
    Frequent,
    /// When it wakes by itself.
    Sleeping,
}

/// Whether a node can be reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Nobody knows yet.
    Unknown,
    /// It answers.
    Alive,
    /// It does not.
    Dead,
    /// It sleeps, as it should.
    Asleep,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Presence {
    Unknown,
    Alive,
    Dead { probe_at: Monotonic, pause: Duration },
    Asleep,
    Awake { until: Monotonic, quiet_at: Monotonic, taken: u32 },
}

impl Presence {
    fn at_first(listening: Listening) -> Self {
        if listening == Listening::Sleeping { Self::Asleep } else { Self::Unknown }
    }

    pub(super) fn state(self) -> Reach {
        match self {
            Self::Unknown => Reach::Unknown,
            Self::Alive | Self::Awake { .. } => Reach::Alive,
            Self::Dead { .. } => Reach::Dead,
            Self::Asleep => Reach::Asleep,
        }
    }
}

/// A nonce that was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct NonceWanted {
    pub(super) until: Monotonic,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: NodeId,
    pub(super) listening: Listening,
    pub(super) reach: Presence,
    pub(super) queue: VecDeque<Queued>,
    pub(super) waiting: Vec<Waiting>,
    pub(super) s2: s2::Session,
    pub(super) nonce: Option<NonceWanted>,
    pub(super) nonce_attempts: u32,
    pub(super) s0_nonce: Option<(S0Nonce, Monotonic)>,
    pub(super) granted: Option<SecurityClass>,
    pub(super) temporary: Option<SessionKeys>,
    pub(super) supervision: u8,
    /// The last thing that the node wanted to know the end of: how it was protected, session, command and until when it
    /// may come once more.
    pub(super) supervised: Option<(Protection, u8, Vec<u8>, Monotonic)>,
    /// How many answers it was given since when.
    pub(super) replies: (Monotonic, u32),
    /// It puts together what comes in segments.
    pub(super) takes_segments: bool,
    /// What is being sent to it in segments, and how often that was done.
    pub(super) datagram: Option<Datagram>,
    pub(super) datagrams: u8,
    /// Counts the parts of Security 0.
    pub(super) parts: u8,
    /// When it was served last, in turns.
    pub(super) served: u64,
    /// Its last frame took long on the air.
    pub(super) is_slow: bool,
    /// How many questions of its interview it has answered.
    pub(super) answered: u32,
    pub(super) statistics: NodeStatistics,
    /// It is not to be sent to sleep.
    pub(super) is_held: bool,
}

impl Node {
    pub(super) fn new(id: NodeId, listening: Listening, sequence: u8) -> Self {
        Self {
            id,
            listening,
            reach: Presence::at_first(listening),
            queue: VecDeque::new(),
            waiting: Vec::new(),
            s2: s2::Session::new(sequence),
            nonce: None,
            nonce_attempts: 0,
            s0_nonce: None,
            granted: None,
            temporary: None,
            supervision: sequence,
            supervised: None,
            replies: (Monotonic::default(), 0),
            takes_segments: false,
            datagram: None,
            datagrams: sequence,
            parts: sequence,
            served: 0,
            is_slow: false,
            answered: 0,
            statistics: NodeStatistics::default(),
            is_held: false,
        }
    }

    /// The stick says when it listens. If that is new, it is not known any more whether it can be reached.
    pub(super) fn set_listening(&mut self, listening: Listening) {
        if self.listening != listening {
            (self.listening, self.reach) = (listening, Presence::at_first(listening));
        }
    }

    pub(super) fn push(&mut self, now: Monotonic, queued: Queued) -> Result<(), Failure> {
        if self.queue.len() >= MOST_QUEUED {
            return Err(Failure::Busy);
        }
        self.push_beyond_limit(now, queued);
        Ok(())
    }

    /// For what can be sent at once, and of which there is one at most.
    pub(super) fn push_beyond_limit(&mut self, now: Monotonic, queued: Queued) {
        self.keep_awake(now);
        self.queue.push_back(queued);
    }

    /// Everything that waits, which comes to nothing.
    pub(super) fn take_all(&mut self) -> Vec<TaskId> {
        let waiting = self.waiting.drain(..).map(|waiting| waiting.queued.id);
        let datagram = self.datagram.take().map(|datagram| datagram.queued.id);
        self.queue.drain(..).map(|queued| queued.id).chain(waiting).chain(datagram).collect()
    }

    pub(super) fn take_waiting(&mut self, wanted: impl Fn(&Queued) -> bool) -> Option<Queued> {
        let place = self.waiting.iter().position(|waiting| wanted(&waiting.queued))?;
        Some(self.waiting.remove(place).queued)
    }

    /// Says whether anything changed.
    pub(super) fn handle_heard(&mut self, now: Monotonic) -> bool {
        match self.reach {
            Presence::Unknown | Presence::Dead { .. } => {
                self.reach = Presence::Alive;
                if self.listening == Listening::Sleeping {
                    self.reach = Presence::Asleep;
                }
                true
            }
            Presence::Alive | Presence::Asleep => false,
            Presence::Awake { .. } => {
                self.keep_awake(now);
                false
            }
        }
    }

    /// It woke, or is known to be awake.
    pub(super) fn handle_awake(&mut self, now: Monotonic) {
        if self.listening == Listening::Sleeping {
            let taken = if let Presence::Awake { taken, .. } = self.reach { taken } else { 0 };
            self.reach = Presence::Awake { until: now.plus(AWAKE), quiet_at: now.plus(QUIET), taken };
        }
    }

    fn keep_awake(&mut self, now: Monotonic) {
        if let Presence::Awake { until, quiet_at, .. } = &mut self.reach {
            *until = now.plus(AWAKE);
            *quiet_at = now.plus(QUIET);
        }
    }

    /// It did not acknowledge something, or was sent to sleep. What it owed us comes to nothing until it wakes.
    pub(super) fn fall_asleep(&mut self) {
        self.reach = Presence::Asleep;
        self.nonce = None;
    }

    pub(super) fn handle_dead(&mut self, now: Monotonic) -> bool {
        let was_dead = matches!(self.reach, Presence::Dead { .. });
        let pause = match self.reach {
            Presence::Dead { pause, .. } => (pause * 2).min(PROBES.1),
            _ => PROBES.0,
        };
        self.reach = Presence::Dead { probe_at: now.plus(pause), pause };
        self.nonce = None;
        !was_dead
    }

    /// The session of Supervision for the next command.
    pub(super) fn next_session(&mut self) -> u8 {
        self.supervision = (self.supervision.wrapping_add(1)) & 0x3F;
        self.supervision
    }

    /// A nonce was asked for.
    pub(super) fn want_nonce(&mut self, now: Monotonic) {
        self.nonce = Some(NonceWanted { until: now.plus(NONCE_LIMIT) });
    }

    pub(super) fn keep_s0_nonce(&mut self, now: Monotonic, nonce: S0Nonce) {
        self.s0_nonce = Some((nonce, now.plus(S0_NONCE_LIFETIME)));
        self.handle_nonce();
    }

    /// A nonce came.
    pub(super) fn handle_nonce(&mut self) {
        self.nonce = None;
        self.nonce_attempts = 0;
    }

    /// Puts a task that is to be sent again where it was; before all others if half of it was sent.
    pub(super) fn put_back(&mut self, queued: Queued) {
        let later = self.queue.iter().position(|other| queued.rest.is_some() || other.id > queued.id);
        self.queue.insert(later.unwrap_or(self.queue.len()), queued);
    }

    pub(super) fn wait_for(&mut self, now: Monotonic, queued: Queued, limit: Duration) -> Option<Queued> {
        let forgotten = (self.waiting.len() >= MOST_WAITING).then(|| self.waiting.remove(0).queued);
        self.waiting.push(Waiting { queued, since: now, until: now.plus(limit) });
        forgotten
    }

    /// What ended because its time is up.
    pub(super) fn handle_timeout(&mut self, now: Monotonic) -> Vec<(Queued, Result<Done, Failure>)> {
        let mut ended = Vec::new();
        let (over, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|one: &Waiting| one.until <= now);
        self.waiting = waiting;
        for Waiting { mut queued, .. } in over {
            if queued.task.expected.is_some() {
                ended.push((queued, Err(Failure::NoReport)));
            } else if queued.task.supervised && queued.repetitions == 0 && self.listening != Listening::Sleeping {
                // It, or what the node said of it, was lost.
                queued.repetitions += 1;
                self.put_back(queued);
            } else if queued.task.supervised && queued.unreadable > 0 {
                // It could not read it before, and now it says nothing.
                ended.push((queued, Err(Failure::Unreadable)));
            } else {
                ended.push((queued, Ok(Done::Acknowledged)));
            }
        }
        let (late, queue) = std::mem::take(&mut self.queue)
            .into_iter()
            .partition(|queued: &Queued| queued.task.deadline.is_some_and(|deadline| deadline <= now));
        self.queue = queue;
        let late: VecDeque<Queued> = late;
        ended.extend(late.into_iter().map(|queued| (queued, Err(Failure::Expired))));
        if self.nonce.take_if(|wanted| wanted.until <= now).is_some() && self.nonce_attempts >= NONCE_ATTEMPTS {
            // Without a nonce this one cannot be sent; the next may have more luck.
            self.nonce_attempts = 0;
            if let Some(place) = self.most_urgent(|queued| is_secure(queued.task.protection)) {
                ended.extend(self.queue.remove(place).map(|queued| (queued, Err(Failure::NoReport))));
            }
        }
        if let Presence::Awake { until, .. } = self.reach
            && until <= now
        {
            self.fall_asleep();
        }
        if let Some(datagram) = &mut self.datagram {
            datagram.sender.handle_timeout(now);
        }
        ended
    }

    pub(super) fn poll_timeout(&self, now: Monotonic) -> Option<Monotonic> {
        let reach = match self.reach {
            // What is due waits for the radio, and not for a time.
            Presence::Dead { probe_at, .. } => Some(probe_at).filter(|at| *at > now),
            Presence::Awake { until, quiet_at, .. } => Some(if quiet_at > now { quiet_at } else { until }),
            _ => None,
        };
        // Most nodes of a large network have nothing to do, and all are asked after each frame.
        if self.waiting.is_empty() && self.queue.is_empty() && self.nonce.is_none() && self.datagram.is_none() {
            return reach;
        }
        let waiting = self.waiting.iter().map(|waiting| waiting.until);
        let queued = self.queue.iter().flat_map(|queued| {
            let later = (queued.not_before > now).then_some(queued.not_before);
            [queued.task.deadline, later].into_iter().flatten()
        });
        let nonce = self.nonce.map(|wanted| wanted.until);
        let datagram = self.datagram.as_ref().and_then(|datagram| datagram.sender.poll_timeout());
        // What is due waits for the radio.
        let datagram = datagram.filter(|at| *at > now);
        let word = self.word_until().filter(|until| *until > now);
        waiting.chain(queued).chain(reach).chain(nonce).chain(datagram).chain(word).min()
    }

    /// The place of the most urgent task of those that are wanted, the oldest of them.
    pub(super) fn most_urgent(&self, wanted: impl Fn(&Queued) -> bool) -> Option<usize> {
        let places = self.queue.iter().enumerate().filter(|(_, queued)| wanted(queued));
        places.min_by_key(|(place, queued)| (queued.task.urgency, *place)).map(|(place, _)| place)
    }

    /// Until when it has the word, because it was asked something with Security 2.
    fn word_until(&self) -> Option<Monotonic> {
        let asked = self
            .waiting
            .iter()
            .filter(|waiting| waiting.queued.waits_for_something() && key_id(waiting.queued.task.protection).is_some());
        asked.map(|waiting| waiting.since.plus(WORD)).max()
    }

    /// The place of the task that can be sent now.
    pub(super) fn next_task(&self, now: Monotonic) -> Option<usize> {
        // Beside what is urgent, one thing at a time: a node that is asked much at once forgets.
        let owes = self.waiting.iter().any(|waiting| waiting.queued.waits_for_something());
        let has_word = self.word_until().is_some_and(|until| until > now);
        let listens_to_segments = self.datagram.is_some();
        self.most_urgent(|queued| {
            let urgency = queued.task.urgency;
            let protection = queued.task.protection;
            // Nonces are used up in the order in which they arrive.
            if listens_to_segments && (urgency != Urgency::Reply || is_secure(protection))
                || has_word && urgency == Urgency::Reply && key_id(protection).is_some()
            {
                return false;
            }
            let may = match self.reach {
                // It sent something by itself, and waits for the answer before it sleeps again.
                Presence::Asleep => urgency == Urgency::Reply,
                Presence::Dead { .. } => urgency <= Urgency::Rule,
                Presence::Awake { taken, .. } => urgency <= Urgency::Rule || taken < BITE,
                Presence::Unknown | Presence::Alive => true,
            };
            let can = !is_secure(protection) || self.nonce.is_none();
            let is_timely = queued.not_before <= now && queued.task.deadline.is_none_or(|deadline| deadline > now);
            may && can && is_timely && (urgency <= Urgency::Rule || !owes)
        })
    }

    /// Whether it is time to ask whether it is there again.
    pub(super) fn wants_probe(&self, now: Monotonic) -> bool {
        matches!(self.reach, Presence::Dead { probe_at, .. } if probe_at <= now)
    }

    /// Whether it may sleep again.
    pub(super) fn may_sleep(&self, now: Monotonic) -> bool {
        matches!(self.reach, Presence::Awake { quiet_at, .. } if quiet_at <= now)
            && !self.is_held
            && self.waiting.is_empty()
            && self.datagram.is_none()
            && self.nonce.is_none()
            && !self.queue.iter().any(|queued| Network::is_good_night(&queued.task.what))
            && self.next_task(now).is_none()
    }

    /// A task of its queue was sent while it is awake.
    pub(super) fn count_bite(&mut self, now: Monotonic, urgency: Urgency) {
        self.keep_awake(now);
        if let Presence::Awake { taken, .. } = &mut self.reach
            && urgency > Urgency::Rule
        {
            *taken += 1;
        }
    }
}

/// Whether it needs a nonce.
pub(super) fn is_secure(protection: Protection) -> bool {
    matches!(protection, Protection::Class(_) | Protection::Temporary | Protection::TemporaryS0)
}

/// How long is waited for what follows a task.
pub(super) fn limit_of(queued: &Queued) -> Duration {
    match queued.waits_for_something() {
        true => REPORT_LIMIT,
        false => super::task::UNREADABLE_LIMIT,
    }
}
