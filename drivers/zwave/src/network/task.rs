//! What is to be sent, and what becomes of it.

use std::time::Duration;

use hub_model::Monotonic;

use crate::command_class::supervision::Status;
use crate::security::SecurityClass;
use crate::security::s0::Part;
use crate::serial_api::NodeId;

/// Joins a task to its end.
pub type TaskId = u64;

/// How long a report may take.
pub(super) const REPORT_LIMIT: Duration = Duration::from_secs(5);
/// How long it is remembered what was sent with security, in case that the node could not read it.
pub(super) const UNREADABLE_LIMIT: Duration = Duration::from_millis(500);

/// Who goes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Urgency {
    /// Somebody waits for it.
    Person,
    /// A node waits for it.
    Reply,
    /// A rule wants it.
    Rule,
    /// Values are asked for.
    Poll,
    /// It is found out what a node is, so that it can be used.
    Interview,
    /// The rest is found out.
    Details,
    /// Nobody waits for it.
    Background,
}

/// What is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// A command of a command class.
    Command(Vec<u8>),
    /// The question for node information, which is one of the protocol.
    NodeInformation,
}

/// How a command is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protection {
    /// Not at all.
    None,
    /// By a security class.
    Class(SecurityClass),
    /// By the keys of an inclusion.
    Temporary,
    /// By Security 0 with the key that everybody knows, to hand over the network's.
    TemporaryS0,
    /// By a checksum.
    Crc16,
}

/// A report that is waited for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    /// How it begins: class, command, and what else tells it apart.
    pub prefix: Vec<u8>,
}

/// Something to do with a node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// With whom.
    pub node: NodeId,
    /// At which endpoint; 0 is the root device.
    pub endpoint: u8,
    /// What.
    pub what: What,
    /// How soon.
    pub urgency: Urgency,
    /// How it is protected.
    pub protection: Protection,
    /// What is waited for afterwards.
    pub expected: Option<Expected>,
    /// The node is to say what became of it.
    pub supervised: bool,
    /// It is sent once, and says nothing of the node if it is not acknowledged.
    pub once: bool,
    /// Not to be sent before this.
    pub not_before: Option<Monotonic>,
    /// Not to be sent after this.
    pub deadline: Option<Monotonic>,
}

impl Task {
    /// A command without security, of which nothing is waited for.
    pub fn new(node: NodeId, command: Vec<u8>, urgency: Urgency) -> Self {
        Self {
            node,
            endpoint: 0,
            what: What::Command(command),
            urgency,
            protection: Protection::None,
            expected: None,
            supervised: false,
            once: false,
            not_before: None,
            deadline: None,
        }
    }
}

/// What came of a task that worked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Done {
    /// The node's radio acknowledged it.
    Acknowledged,
    /// The report that was waited for.
    Reported(Vec<u8>),
    /// The node says that it worked, or that it did not.
    Supervised(Status),
}

/// Why a task came to nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// The node did not acknowledge it.
    #[error("the node does not answer; check that it has power and is in reach")]
    NotAcknowledged,
    /// It arrived, and the report did not come.
    #[error("the node took it and did not answer")]
    NoReport,
    /// It arrived again and again, and the node could not read it.
    #[error(
        "the device cannot read what this hub sends: it was probably joined with other keys; if this lasts, exclude it and join it again, or restore the keys from a backup"
    )]
    Unreadable,
    /// It was not sent in time.
    #[error("the node sleeps, or others were more urgent, until it was too late")]
    Expired,
    /// The stick could not send it.
    #[error("the stick could not send: its radio is busy or disturbed")]
    NotSent,
    /// The stick failed while it was under way.
    #[error("the stick did not answer while it was under way")]
    StickFailed,
    /// The node has left.
    #[error("the node is not in the network any more")]
    Removed,
    /// Too much is to be done with this node.
    #[error("too much waits for this node already")]
    Busy,
    /// No frame carries it.
    #[error("it is longer than what can be sent at once")]
    TooLong,
    /// The keys for it are not there.
    #[error("the keys for this node are not known to this hub")]
    NoKeys,
}

/// A task that waits to be sent, or for what follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Queued {
    pub(super) id: TaskId,
    pub(super) task: Task,
    /// How often it was not acknowledged.
    pub(super) attempts: u32,
    /// How often the stick could not send it, or failed.
    pub(super) failures: u32,
    /// How often the node did not say what became of it.
    pub(super) repetitions: u32,
    /// How often the node could not read it.
    pub(super) unreadable: u32,
    /// The node said that it cannot read what is on the air just now.
    pub(super) is_unreadable: bool,
    /// The node said that it is at it.
    pub(super) is_working: bool,
    pub(super) not_before: Monotonic,
    pub(super) was_sent: bool,
    /// The second half, where one frame of Security 0 did not carry it all.
    pub(super) rest: Option<Part>,
    /// The session of Supervision in which it was sent.
    pub(super) session: Option<u8>,
}

impl Queued {
    pub(super) fn new(id: TaskId, task: Task) -> Self {
        Self {
            id,
            attempts: 0,
            failures: 0,
            repetitions: 0,
            unreadable: 0,
            is_unreadable: false,
            is_working: false,
            not_before: task.not_before.unwrap_or_default(),
            task,
            was_sent: false,
            rest: None,
            session: None,
        }
    }

    pub(super) fn waits_for_something(&self) -> bool {
        self.task.expected.is_some() || self.task.supervised
    }
}

/// A task that was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Waiting {
    pub(super) queued: Queued,
    /// When it was sent.
    pub(super) since: Monotonic,
    pub(super) until: Monotonic,
}

/// The frame on the air.
#[derive(Debug)]
pub(super) struct OnAir {
    pub(super) node: NodeId,
    pub(super) frame: Frame,
    /// The task that it belongs to; a question for a nonce leaves its task in the queue.
    pub(super) queued: Option<Queued>,
}

/// What the frame is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Frame {
    Task,
    /// A part of a task that no frame carries as a whole; the task itself is kept with the node.
    Segment,
    NonceGet,
    Probe,
    NoMoreInformation,
}
