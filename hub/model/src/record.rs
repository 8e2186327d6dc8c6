//! What the hub keeps for good. A change of these is promised: it is on the disk before anybody is told that it is.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::audit::AuditEntry;
use crate::command::Command;
use crate::device::DeviceRecord;
use crate::household::{Account, Area, Home, KeptPresence, LoginAttempts, Preferences, Secret, Session, Token};
use crate::id::{
    AccountId, AreaId, AttributeName, AutomationId, ChannelId, CommandId, DeviceId, EndpointNumber, NotificationId,
    RunId, SceneId, TokenId,
};
use crate::message::{Channel, MessagePreferences, PendingMessage};
use crate::notification::Notification;
use crate::presence::PersonSettings;
use crate::revision::{RevisedKind, Revision};
use crate::scene::Scene;
use crate::state::Availability;
use crate::time::Timestamp;
use crate::value::Value;

/// One thing to keep.
#[derive(Clone, PartialEq, Debug)]
pub enum Record {
    /// The home's settings.
    Home(Home),
    /// A room.
    Area(Area),
    /// A device.
    Device(DeviceRecord),
    /// A rule.
    Automation(AutomationRecord),
    /// A scene.
    Scene(SceneRecord),
    /// A person's account.
    Account(Account),
    /// Where a person is.
    Presence(KeptPresence),
    /// Something that people were told.
    Notification(Notification),
    /// A token.
    Token(Token),
    /// A command that a person gave.
    Command(Command),
    /// A secret: a hash of a password or token, the set-up code. Its own table, never mirrored.
    Secret {
        /// What it belongs to, e.g. `account/…/password`.
        name: Arc<str>,
        /// The secret.
        value: Secret,
    },
    /// Who may do what: one document, JSON.
    Permissions(Arc<str>),
    /// What was used of daily allowances and asked of adults: one document, JSON.
    Usage(Arc<str>),
    /// A session of a person.
    Session(Session),
    /// What is remembered of failed logins.
    LoginAttempts(LoginAttempts),
    /// What people have set of a person.
    Person(PersonSettings),
    /// What a person prefers: of their apps, not of the home.
    Preferences(Preferences),
    /// A way to a person.
    Channel(Channel),
    /// What a person wants to be told.
    MessagePreferences(MessagePreferences),
    /// A message that is not yet where it should be.
    PendingMessage(PendingMessage),
}

/// Names one kept thing.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum RecordKey {
    /// The home's settings.
    Home,
    /// A room.
    Area(AreaId),
    /// A device.
    Device(DeviceId),
    /// A rule.
    Automation(AutomationId),
    /// A scene.
    Scene(SceneId),
    /// A person's account.
    Account(AccountId),
    /// Where a person is.
    Presence(AccountId),
    /// Something that people were told.
    Notification(NotificationId),
    /// A token.
    Token(TokenId),
    /// A command.
    Command(CommandId),
    /// A secret.
    Secret(Arc<str>),
    /// Who may do what.
    Permissions,
    /// What was used and asked for.
    Usage,
    /// A session of a person.
    Session(Arc<str>),
    /// What is remembered of failed logins.
    LoginAttempts,
    /// What people have set of a person.
    Person(AccountId),
    /// What a person prefers.
    Preferences(AccountId),
    /// A way to a person.
    Channel(ChannelId),
    /// What a person wants to be told.
    MessagePreferences(AccountId),
    /// A message that is not yet where it should be.
    PendingMessage(NotificationId),
}

/// A change to what is kept.
#[allow(clippy::large_enum_variant, reason = "it lives only on its way to the store")]
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// New or another.
    Put(Record),
    /// Gone.
    Remove(RecordKey),
    /// What a thing was after a change. Only the newest of each thing are kept.
    Revision(Revision),
    /// Something for the audit log, which chains it to what is there.
    Audit(AuditEntry),
}

/// A rule as it is kept.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AutomationRecord {
    /// Its id.
    pub id: AutomationId,
    /// The document, JSON.
    pub document: Arc<str>,
    /// Counts up with each change.
    pub revision: u64,
    /// Who wrote it: the rule acts with this person's rights.
    pub author: AccountId,
    /// When this revision was made.
    pub changed_at: Timestamp,
}

/// A scene as it is kept.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SceneRecord {
    /// What it sets.
    pub scene: Scene,
    /// Counts up with each change.
    pub revision: u64,
    /// Who made this revision.
    pub author: AccountId,
    /// When.
    pub changed_at: Timestamp,
}

/// A decision of a rule that acted or waits: kept promptly, so that a restarted engine neither forgets a wait nor
/// decides twice on one change.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Decision {
    /// The rule.
    pub automation: AutomationId,
    /// The run; none for what the rule remembers beside its runs (armed deadlines).
    pub run: Option<RunId>,
    /// When it was decided.
    pub at: Timestamp,
    /// The engine's own state of it, to resume from; none = it ended.
    pub state: Option<Arc<[u8]>>,
    /// The values it was decided on.
    pub decided_on: Vec<DecidedOn>,
}

/// A value that a decision was made on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DecidedOn {
    /// Whose.
    pub device: DeviceId,
    /// Where.
    pub endpoint: EndpointNumber,
    /// Which.
    pub attribute: AttributeName,
    /// The value.
    pub value: Value,
    /// Since when it was so.
    pub changed_at: Timestamp,
}

/// A last known value.
#[derive(Clone, PartialEq, Debug)]
pub struct KnownState {
    /// Whose.
    pub device: DeviceId,
    /// Where.
    pub endpoint: EndpointNumber,
    /// Which.
    pub attribute: AttributeName,
    /// The value.
    pub value: Value,
    /// Since when it was so.
    pub changed_at: Timestamp,
}

/// Everything that was kept, as it is found at a start.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Names this stretch of life: another one after every unclean stop, so that a cursor never names two histories.
    pub epoch: u64,
    /// The number of the last event before a clean stop; 0 after an unclean one.
    pub last_seq: u64,
    /// The last stop was clean.
    pub clean: bool,
    /// The latest time that was written down.
    pub last_known_time: Timestamp,
    /// When the hub was last alive before this start; none at the first start.
    pub stopped_at: Option<Timestamp>,
    /// The home's settings; none = never set up.
    pub home: Option<Home>,
    /// Rooms.
    pub areas: Vec<Area>,
    /// Devices.
    pub devices: Vec<DeviceRecord>,
    /// Rules.
    pub automations: Vec<AutomationRecord>,
    /// Scenes.
    pub scenes: Vec<SceneRecord>,
    /// The number of the newest revision of each thing that has any, removed ones too, in the order of these changes.
    pub revisions: Vec<(RevisedKind, Arc<str>, u64)>,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Where people are.
    pub presences: Vec<KeptPresence>,
    /// What people were told, oldest first.
    pub notifications: Vec<Notification>,
    /// Tokens.
    pub tokens: Vec<Token>,
    /// The newest commands of people.
    pub commands: Vec<Command>,
    /// Secrets.
    pub secrets: Vec<(Arc<str>, Secret)>,
    /// Who may do what, a document, JSON; none = as it comes ready-made.
    pub permissions: Option<Arc<str>>,
    /// What was used of daily allowances and asked of adults, a document, JSON.
    pub usage: Option<Arc<str>>,
    /// Sessions of people.
    pub sessions: Vec<Session>,
    /// What is remembered of failed logins.
    pub login_attempts: LoginAttempts,
    /// What people have set of persons.
    pub people: Vec<PersonSettings>,
    /// What people prefer.
    pub preferences: Vec<Preferences>,
    /// Last known values, history overlaid by what decisions were made on.
    pub states: Vec<KnownState>,
    /// Last known reachability.
    pub availability: Vec<(DeviceId, Availability)>,
    /// What rules wait for.
    pub decisions: Vec<Decision>,
    /// What was found wrong and mended, in words for people.
    pub findings: Vec<Arc<str>>,
    /// Ways to people.
    pub channels: Vec<Channel>,
    /// What people want to be told.
    pub message_preferences: Vec<MessagePreferences>,
    /// Messages that are not yet where they should be.
    pub pending_messages: Vec<PendingMessage>,
}

/// How the store is, for status pages.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StoreStatus {
    /// Bytes written to the disk since local midnight, as far as the program can count them.
    pub bytes_written_today: u64,
    /// Size of all files.
    pub size_bytes: u64,
    /// What is wrong now, in words; empty = all is well.
    pub troubles: Vec<StoreTrouble>,
}

/// Something wrong with the store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreTrouble {
    /// A stable word: `storage_full`, `storage_read_only`, `storage_gone`, `history_damaged`, `core_restored`.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub text: Arc<str>,
}

/// A change could not be kept.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeepError {
    /// No room is left.
    #[error("the disk is full; free some room, then try again")]
    Full,
    /// The data folder cannot be written.
    #[error("the data folder is read-only; check the card and its mount, then try again")]
    ReadOnly,
    /// The disk is gone or broken.
    #[error("the data folder cannot be used ({detail}); check the card and its mount")]
    Unusable {
        /// What the system said.
        detail: Arc<str>,
    },
    /// The store has too much to do or is stopping.
    #[error("the store is busy or stopping; try again")]
    Busy,
}
