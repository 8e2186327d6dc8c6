//! The door to the core, for the API, the command line and the relay.

use std::sync::Arc;
use std::time::Duration;

use driver_api::{ManageAction, ManageError};
use hub_access::approval::{Answer, Approval, ApprovalId};
use hub_access::{Policy, Verdict};
use hub_automation::document::{Enabled, Finding};
use hub_model::attribute::ValueError;
use hub_model::audit::AuditEntry;
use hub_model::device::{DeviceRecord, ResolveError};
use hub_model::event::{Alert, Resource};
use hub_model::household::{Area, Home, Person};
use hub_model::message::{Channel, MessagePreferences};
use hub_model::notification::Notification;
use hub_model::presence::{Fix, StandIn};
use hub_model::record::{AutomationRecord, Change, KeepError, SceneRecord};
use hub_model::{
    AccountId, AreaId, AttributeName, AutomationId, Cause, ChannelId, Command, CommandId, CommandRequest, DeviceId,
    DriverId, Event, NotificationId, Said, SceneId, Value,
};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::approvals::Plea;
use crate::messages::Telling;
use crate::recent_events::RecentEvents;
use crate::scene_edits::SceneDraft;
use crate::scenes::{Activation, ActivationReply, SceneError};
use crate::snapshot::Snapshot;

/// Cheap to clone; all doors lead through it.
#[derive(Clone, Debug)]
pub struct CoreHandle {
    pub(crate) requests: mpsc::Sender<Request>,
    pub(crate) snapshot: watch::Receiver<Arc<Snapshot>>,
    pub(crate) events: broadcast::Sender<Arc<Event>>,
    pub(crate) recent: Arc<RecentEvents>,
}

/// What the core is asked. The reply of a lasting change comes after it is on the disk.
#[derive(Debug)]
pub(crate) enum Request {
    Command {
        cause: Cause,
        request: CommandRequest,
        pin: bool,
        reply: oneshot::Sender<Result<Arc<Command>, CommandError>>,
    },
    FindCommand {
        id: CommandId,
        reply: oneshot::Sender<Option<Arc<Command>>>,
    },
    RecentCommands {
        reply: oneshot::Sender<Vec<Arc<Command>>>,
    },
    Edit {
        cause: Cause,
        edit: Edit,
        audit: Option<Box<AuditEntry>>,
        reply: oneshot::Sender<Result<Edited, EditError>>,
    },
    Manage {
        driver: DriverId,
        action: ManageAction,
        reply: oneshot::Sender<Result<Value, ManageError>>,
    },
    Keep {
        changes: Vec<Change>,
        reply: oneshot::Sender<Result<(), KeepError>>,
    },
    Alert {
        alert: Alert,
    },
    Changed {
        what: Resource,
        id: Arc<str>,
    },
    Tell {
        telling: Telling,
    },
    TellToo {
        id: NotificationId,
        account: AccountId,
    },
    ActivateScene {
        cause: Cause,
        scene: SceneId,
        transition_ms: Option<u64>,
        pin: bool,
        reply: ActivationReply,
    },
    Plead {
        cause: Cause,
        plea: Plea,
        reply: oneshot::Sender<Result<Approval, EditError>>,
    },
    AnswerPlea {
        cause: Cause,
        id: ApprovalId,
        /// None takes back what was allowed.
        answer: Option<Answer>,
        reply: oneshot::Sender<Result<Approval, EditError>>,
    },
    UndoScene {
        cause: Cause,
        scene: SceneId,
        reply: ActivationReply,
    },
    Webhook {
        id: Option<Arc<str>>,
        body: Value,
        reply: oneshot::Sender<bool>,
    },
    /// The clock was set; that the task wakes and looks is all that is wanted.
    LookAtClock,
}

/// A lasting change that a person wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// The home's settings as a whole.
    Home {
        /// The settings.
        home: Home,
        /// Whether the mode is wanted too; if not, the one in force stays, whatever the settings say.
        sets_mode: bool,
    },
    /// A new room or another name or floor for one.
    Area(Area),
    /// No such room any more; its devices stay, without a room.
    RemoveArea(AreaId),
    /// Another name or room for a device; `None` leaves it, `Some(None)` takes it out of its room.
    Device {
        /// Whose.
        id: DeviceId,
        /// The new name.
        name: Option<Arc<str>>,
        /// The new room.
        area: Option<Option<AreaId>>,
    },
    /// Take a device out of its network and forget it.
    RemoveDevice {
        /// Which.
        id: DeviceId,
        /// Forget it even if it does not answer.
        force: bool,
    },
    /// `new` takes over name, room, history and rules of `old`, which is forgotten.
    ReplaceDevice {
        /// The dead one.
        old: DeviceId,
        /// The one in its place.
        new: DeviceId,
    },
    /// A new rule, or a new revision of one.
    Automation {
        /// Its id; none = made from its name.
        id: Option<AutomationId>,
        /// The document, JSON.
        document: Arc<str>,
        /// Must be new, must exist, or either.
        must_exist: Option<bool>,
    },
    /// Make a rule again what it was, also one that was removed.
    RevertAutomation {
        /// Which.
        id: AutomationId,
        /// The number of the revision.
        revision: u64,
        /// Its document, JSON.
        document: Arc<str>,
    },
    /// Let a rule act, do nothing, or only decide.
    EnableAutomation {
        /// Which.
        id: AutomationId,
        /// Whether it acts.
        enabled: Enabled,
    },
    /// No such rule any more.
    RemoveAutomation(AutomationId),
    /// A new scene, or a new revision of one.
    Scene {
        /// Its id; none = made from its name.
        id: Option<SceneId>,
        /// What it is.
        scene: SceneDraft,
        /// Must be new, must exist, or either.
        must_exist: Option<bool>,
    },
    /// A new scene of what is now.
    CaptureScene {
        /// What people call it.
        name: Arc<str>,
        /// Devices by id or name.
        devices: Vec<Arc<str>>,
        /// Which attributes; none = the usual ones.
        attributes: Option<Vec<AttributeName>>,
    },
    /// Make a scene again what it was, also one that was removed.
    RevertScene {
        /// Which.
        id: SceneId,
        /// The number of the revision.
        revision: u64,
        /// What it was.
        scene: SceneDraft,
    },
    /// No such scene any more.
    RemoveScene(SceneId),
    /// Somebody is somewhere.
    Presence {
        /// Who.
        person: AccountId,
        /// `home`, `away` or a zone.
        place: Arc<str>,
    },
    /// What owners decided of who may do what, as a whole.
    Permissions(Policy),
    /// A phone is somewhere.
    PhoneFix {
        /// Whose.
        person: AccountId,
        /// Where.
        fix: Fix,
    },
    /// Other settings of a person; what is none stays.
    Person {
        /// Whose.
        id: AccountId,
        /// Whether `everyone` waits for them.
        counts: Option<bool>,
        /// The devices that stand for them.
        devices: Option<Vec<StandIn>>,
    },
    /// Somebody has read what they were told.
    ReadNotification {
        /// What.
        id: NotificationId,
        /// Who.
        account: AccountId,
        /// They see to it, too.
        acknowledges: bool,
    },
    /// A new way to a person, or another form of one.
    Channel(Channel),
    /// No such way any more.
    RemoveChannel {
        /// Whose.
        account: AccountId,
        /// Which.
        id: ChannelId,
    },
    /// What a person wants to be told.
    MessagePreferences(MessagePreferences),
}

/// What a lasting change led to.
#[derive(Clone, Debug, PartialEq)]
pub enum Edited {
    /// Done.
    Done,
    /// The home as it is now.
    Home(Arc<Home>),
    /// The room as it is now.
    Area(Area),
    /// The device as it is now.
    Device(Arc<DeviceRecord>),
    /// The rule as it is now.
    Automation(AutomationRecord),
    /// The scene as it is now.
    Scene(SceneRecord),
    /// Where the person is now.
    Person(Person),
    /// The notification as it is now.
    Notification(Arc<Notification>),
    /// Who may do what, as it is now.
    Permissions(Arc<Policy>),
    /// The channel as it is now.
    Channel(Channel),
    /// What the person wants now.
    MessagePreferences(MessagePreferences),
}

/// A lasting change was not made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Who wants it may not.
    #[error("it was not done: {}", crate::asking::first_reason(.0))]
    NotAllowed(Box<Verdict>),
    /// There is no such thing.
    #[error("there is no {what} {id}")]
    NotFound {
        /// `device`, `area`, `automation`, `scene`, `person`, `notification`, `channel`.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// Something stands in the way.
    #[error("{0}")]
    Conflict(Said),
    /// What was given is not valid.
    #[error("{0}")]
    Invalid(Said),
    /// A rule has errors.
    #[error("the rule has errors")]
    Rule(Vec<Finding>),
    /// A scene has errors.
    #[error("the scene has errors")]
    Scene(Vec<Finding>),
    /// The driver could not do its part.
    #[error(transparent)]
    Driver(#[from] ManageError),
    /// It could not be kept.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The core has too much to do or is stopping.
    #[error("the hub is busy; try again")]
    Busy,
}

/// A command was not taken on.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Who wants it may not.
    #[error("it was not done: {}", crate::asking::first_reason(.0))]
    NotAllowed(Box<Verdict>),
    /// There is no such device.
    #[error("there is no device {0}")]
    NoSuchDevice(DeviceId),
    /// The endpoint or attribute is not there, or not clear.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The value does not fit.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The attribute cannot be set.
    #[error("{attribute} of {device} can only be read")]
    NotWritable {
        /// Whose.
        device: DeviceId,
        /// Which.
        attribute: hub_model::AttributeName,
    },
    /// Nothing to set, or more than one command may hold.
    #[error("{0}")]
    Invalid(String),
    /// The core has too much to do or is stopping.
    #[error("the hub is busy; try again")]
    Busy,
}

impl CoreHandle {
    /// The home as it is now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.borrow())
    }

    /// Pictures as they come; the newest wins.
    pub fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshot.clone()
    }

    /// Events from now on. Subscribe first, then take a snapshot, then skip events up to the snapshot's `seq`. A
    /// subscriber that lags 1,024 events behind is told so and starts over.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }

    /// The smallest `seq` of a cursor that the hub still has the events for, with this picture as the newest.
    pub fn oldest_seq(&self, now: &Snapshot) -> u64 {
        self.recent.oldest().map_or(now.seq, |oldest| oldest.min(now.seq))
    }

    /// The events behind a cursor; none if the hub does not have them (any more).
    pub fn events_since(&self, epoch: u64, seq: u64) -> Option<Vec<Arc<Event>>> {
        let now = self.snapshot();
        if epoch == now.epoch && seq == now.seq {
            return Some(Vec::new());
        }
        self.recent.since(epoch, seq)
    }

    /// Commands a device. `pin`: the person's right PIN came with it. The answer comes when the command is accepted and kept (or cannot be kept: the light is
    /// switched all the same).
    pub async fn command(
        &self,
        cause: Cause,
        request: CommandRequest,
        pin: bool,
    ) -> Result<Arc<Command>, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.requests.try_send(Request::Command { cause, request, pin, reply }).map_err(|_| CommandError::Busy)?;
        answer.await.map_err(|_| CommandError::Busy)?
    }

    /// A command as it is now; the newest are remembered.
    pub async fn find_command(&self, id: &CommandId) -> Option<Arc<Command>> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::FindCommand { id: id.clone(), reply }).await.ok()?;
        answer.await.ok().flatten()
    }

    /// All commands that are remembered: those under way and the newest of those that ended. In no order.
    pub async fn recent_commands(&self) -> Vec<Arc<Command>> {
        let (reply, answer) = oneshot::channel();
        if self.requests.send(Request::RecentCommands { reply }).await.is_err() {
            return Vec::new();
        }
        answer.await.unwrap_or_default()
    }

    /// Waits until a command has ended, at most `limit`; gives it back as it is then.
    pub async fn wait_command(&self, id: &CommandId, limit: Duration) -> Option<Arc<Command>> {
        let mut events = self.subscribe();
        let ended = async {
            loop {
                let current = self.find_command(id).await?;
                if current.has_ended() {
                    return Some(current);
                }
                loop {
                    match events.recv().await {
                        Ok(event) => {
                            if let hub_model::EventKind::Command(command) = &event.kind
                                && command.id == *id
                                && command.has_ended()
                            {
                                return Some(Arc::clone(command));
                            }
                        }
                        Err(broadcast::error::RecvError::Lagged(_)) => break,
                        Err(broadcast::error::RecvError::Closed) => return None,
                    }
                }
            }
        };
        match tokio::time::timeout(limit, ended).await {
            Ok(command) => command,
            Err(_) => self.find_command(id).await,
        }
    }

    /// Makes a lasting change. The answer comes after it is on the disk.
    pub async fn edit(&self, cause: Cause, edit: Edit) -> Result<Edited, EditError> {
        self.ask_for_edit(cause, edit, None).await
    }

    /// The same with an entry of the audit log, which is kept with the change and says what was changed: the core adds
    /// the id. A change that is not made leaves none.
    pub async fn audited_edit(&self, cause: Cause, edit: Edit, entry: AuditEntry) -> Result<Edited, EditError> {
        self.ask_for_edit(cause, edit, Some(Box::new(entry))).await
    }

    async fn ask_for_edit(
        &self,
        cause: Cause,
        edit: Edit,
        audit: Option<Box<AuditEntry>>,
    ) -> Result<Edited, EditError> {
        let (reply, answer) = oneshot::channel();
        self.requests.try_send(Request::Edit { cause, edit, audit, reply }).map_err(|_| EditError::Busy)?;
        answer.await.map_err(|_| EditError::Busy)?
    }

    /// Asks for an adult's word.
    pub async fn plead(&self, cause: Cause, plea: Plea) -> Result<Approval, EditError> {
        let (reply, answer) = oneshot::channel();
        self.requests.try_send(Request::Plead { cause, plea, reply }).map_err(|_| EditError::Busy)?;
        answer.await.map_err(|_| EditError::Busy)?
    }

    /// Answers who asked for an adult's word; none takes back what was allowed.
    pub async fn answer_plea(
        &self,
        cause: Cause,
        id: ApprovalId,
        answer: Option<Answer>,
    ) -> Result<Approval, EditError> {
        let (reply, answered) = oneshot::channel();
        self.requests.try_send(Request::AnswerPlea { cause, id, answer, reply }).map_err(|_| EditError::Busy)?;
        answered.await.map_err(|_| EditError::Busy)?
    }

    /// Lets a driver do something to its network.
    pub async fn manage(&self, driver: DriverId, action: ManageAction) -> Result<Value, ManageError> {
        let (reply, answer) = oneshot::channel();
        self.requests.try_send(Request::Manage { driver, action, reply }).map_err(|_| ManageError::Offline)?;
        answer.await.map_err(|_| ManageError::Offline)?
    }

    /// Keeps accounts, tokens and the like. The answer comes after they are on the disk.
    pub async fn keep(&self, changes: Vec<Change>) -> Result<(), KeepError> {
        let (reply, answer) = oneshot::channel();
        self.requests.try_send(Request::Keep { changes, reply }).map_err(|_| KeepError::Busy)?;
        answer.await.map_err(|_| KeepError::Busy)?
    }

    /// Activates a scene. The answer comes when its commands are accepted and kept (or cannot be kept: lights are
    /// switched all the same).
    pub async fn activate_scene(
        &self,
        cause: Cause,
        scene: SceneId,
        transition_ms: Option<u64>,
        pin: bool,
    ) -> Result<Activation, SceneError> {
        let (reply, answer) = oneshot::channel();
        let request = Request::ActivateScene { cause, scene, transition_ms, pin, reply };
        self.requests.try_send(request).map_err(|_| SceneError::Busy)?;
        answer.await.map_err(|_| SceneError::Busy)?
    }

    /// Brings back what the last activation of a scene changed.
    pub async fn undo_scene(&self, cause: Cause, scene: SceneId) -> Result<Activation, SceneError> {
        let (reply, answer) = oneshot::channel();
        self.requests.try_send(Request::UndoScene { cause, scene, reply }).map_err(|_| SceneError::Busy)?;
        answer.await.map_err(|_| SceneError::Busy)?
    }

    /// Somebody called the webhook of this id; none = one that there is not: nothing happens, but it takes as long.
    /// Says whether rules were told; none = the hub has too much to do.
    pub async fn webhook(&self, id: Option<Arc<str>>, body: Value) -> Option<bool> {
        let (reply, answer) = oneshot::channel();
        self.requests.try_send(Request::Webhook { id, body, reply }).ok()?;
        answer.await.ok()
    }

    /// The clock was set: schedules follow it now, not at the next look.
    pub async fn look_at_clock(&self) {
        self.tell_core(Request::LookAtClock).await;
    }

    /// Says that something needs a person, or (`resolved`) no longer does. Alerts go by their code.
    pub async fn alert(&self, alert: Alert) {
        self.tell_core(Request::Alert { alert }).await;
    }

    /// Says that something which the core does not keep itself is another than before.
    pub async fn changed(&self, what: Resource, id: &str) {
        self.tell_core(Request::Changed { what, id: id.into() }).await;
    }

    /// Tells people something that no rule told them.
    pub async fn tell(&self, telling: Telling) {
        self.tell_core(Request::Tell { telling }).await;
    }

    /// Puts what others were told into the list of one more person.
    pub async fn tell_too(&self, id: NotificationId, account: AccountId) {
        self.tell_core(Request::TellToo { id, account }).await;
    }

    /// A core that has stopped has nobody to tell, and no schedules.
    async fn tell_core(&self, request: Request) {
        let _ = self.requests.send(request).await;
    }
}
