//! Records as rows: a kind, an id, a body and a checksum over the three.

use hub_model::record::{Kept, Record, RecordKey};
use rusqlite::{Connection, Row as SqlRow};
use serde::de::DeserializeOwned;

/// The two tables have the same columns; secrets are apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Table {
    Records,
    Secrets,
}

/// Both tables.
pub(crate) const TABLES: [Table; 2] = [Table::Records, Table::Secrets];

impl Table {
    pub(crate) fn put(self) -> &'static str {
        match self {
            Self::Records => "INSERT OR REPLACE INTO records (kind, id, body, checksum) VALUES (?1, ?2, ?3, ?4)",
            Self::Secrets => "INSERT OR REPLACE INTO secrets (kind, id, body, checksum) VALUES (?1, ?2, ?3, ?4)",
        }
    }

    pub(crate) fn remove(self) -> &'static str {
        match self {
            Self::Records => "DELETE FROM records WHERE kind = ?1 AND id = ?2",
            Self::Secrets => "DELETE FROM secrets WHERE kind = ?1 AND id = ?2",
        }
    }

    fn scan(self, backwards: bool) -> &'static str {
        match (self, backwards) {
            (Self::Records, false) => "SELECT kind, id, body, checksum FROM records ORDER BY kind, id",
            (Self::Records, true) => "SELECT kind, id, body, checksum FROM records ORDER BY kind DESC, id DESC",
            (Self::Secrets, false) => "SELECT kind, id, body, checksum FROM secrets ORDER BY kind, id",
            (Self::Secrets, true) => "SELECT kind, id, body, checksum FROM secrets ORDER BY kind DESC, id DESC",
        }
    }
}

/// Kinds of rows.
pub(crate) mod kind {
    pub(crate) const HOME: &str = "home";
    pub(crate) const AREA: &str = "area";
    pub(crate) const DEVICE: &str = "device";
    pub(crate) const AUTOMATION: &str = "automation";
    pub(crate) const SCENE: &str = "scene";
    pub(crate) const ACCOUNT: &str = "account";
    pub(crate) const PRESENCE: &str = "presence";
    pub(crate) const NOTIFICATION: &str = "notification";
    pub(crate) const TOKEN: &str = "token";
    pub(crate) const COMMAND: &str = "command";
    pub(crate) const SECRET: &str = "secret";
    pub(crate) const PERMISSIONS: &str = "permissions";
    pub(crate) const USAGE: &str = "usage";
    pub(crate) const SESSION: &str = "session";
    pub(crate) const LOGIN_ATTEMPTS: &str = "login_attempts";
    pub(crate) const PERSON: &str = "person";
    pub(crate) const PREFERENCES: &str = "preferences";
    pub(crate) const CHANNEL: &str = "channel";
    pub(crate) const MESSAGE_PREFERENCES: &str = "message_preferences";
    pub(crate) const PENDING_MESSAGE: &str = "pending_message";
    pub(crate) const DECISION: &str = "decision";
    pub(crate) const DECIDED_ON: &str = "decided_on";
    pub(crate) const LIFE: &str = "life";
}

/// Names a row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Key {
    pub(crate) table: Table,
    pub(crate) kind: String,
    pub(crate) id: String,
}

/// A row whose checksum agrees.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    pub(crate) key: Key,
    pub(crate) body: Vec<u8>,
}

impl Key {
    pub(crate) fn record(kind: &str, id: &str) -> Self {
        Self { table: Table::Records, kind: kind.to_owned(), id: id.to_owned() }
    }

    pub(crate) fn of(key: &RecordKey) -> Self {
        match key {
            RecordKey::Home => Self::record(kind::HOME, ""),
            RecordKey::Area(id) => Self::record(kind::AREA, id.as_str()),
            RecordKey::Device(id) => Self::record(kind::DEVICE, id.as_str()),
            RecordKey::Automation(id) => Self::record(kind::AUTOMATION, id.as_str()),
            RecordKey::Scene(id) => Self::record(kind::SCENE, id.as_str()),
            RecordKey::Account(id) => Self::record(kind::ACCOUNT, id.as_str()),
            RecordKey::Presence(person) => Self::record(kind::PRESENCE, person.as_str()),
            RecordKey::Notification(id) => Self::record(kind::NOTIFICATION, id.as_str()),
            RecordKey::Token(id) => Self::record(kind::TOKEN, id.as_str()),
            RecordKey::Command(id) => Self::record(kind::COMMAND, id.as_str()),
            RecordKey::Permissions => Self::record(kind::PERMISSIONS, ""),
            RecordKey::Usage => Self::record(kind::USAGE, ""),
            RecordKey::Session(id) => Self::record(kind::SESSION, id),
            RecordKey::LoginAttempts => Self::record(kind::LOGIN_ATTEMPTS, ""),
            RecordKey::Person(person) => Self::record(kind::PERSON, person.as_str()),
            RecordKey::Preferences(account) => Self::record(kind::PREFERENCES, account.as_str()),
            // An address of a person is theirs alone, and who knows a subscription or a webhook can use it.
            RecordKey::Channel(id) => Self { table: Table::Secrets, ..Self::record(kind::CHANNEL, id.as_str()) },
            RecordKey::MessagePreferences(person) => Self::record(kind::MESSAGE_PREFERENCES, person.as_str()),
            RecordKey::PendingMessage(id) => Self::record(kind::PENDING_MESSAGE, id.as_str()),
            RecordKey::Secret(name) => Self { table: Table::Secrets, ..Self::record(kind::SECRET, name) },
        }
    }
}

impl Row {
    /// The row of a record.
    pub(crate) fn of(record: &Record) -> serde_json::Result<Self> {
        let (key, body) = match record {
            Record::Home(home) => (RecordKey::Home, serde_json::to_vec(home)?),
            Record::Area(area) => (RecordKey::Area(area.id.clone()), serde_json::to_vec(area)?),
            Record::Device(device) => (RecordKey::Device(device.device.id.clone()), serde_json::to_vec(device)?),
            Record::Automation(rule) => (RecordKey::Automation(rule.id.clone()), serde_json::to_vec(rule)?),
            Record::Scene(scene) => (RecordKey::Scene(scene.scene.id.clone()), serde_json::to_vec(scene)?),
            Record::Account(account) => (RecordKey::Account(account.id.clone()), serde_json::to_vec(account)?),
            Record::Presence(kept) => (RecordKey::Presence(kept.person.clone()), serde_json::to_vec(kept)?),
            Record::Notification(told) => (RecordKey::Notification(told.id.clone()), serde_json::to_vec(told)?),
            Record::Token(token) => (RecordKey::Token(token.id.clone()), serde_json::to_vec(token)?),
            Record::Command(command) => (RecordKey::Command(command.id.clone()), serde_json::to_vec(command)?),
            Record::Permissions(document) => (RecordKey::Permissions, serde_json::to_vec(document)?),
            Record::Usage(document) => (RecordKey::Usage, serde_json::to_vec(document)?),
            Record::Session(session) => (RecordKey::Session(session.id.clone()), serde_json::to_vec(session)?),
            Record::LoginAttempts(attempts) => (RecordKey::LoginAttempts, serde_json::to_vec(attempts)?),
            Record::Person(settings) => (RecordKey::Person(settings.person.clone()), serde_json::to_vec(settings)?),
            Record::Preferences(own) => (RecordKey::Preferences(own.account.clone()), serde_json::to_vec(own)?),
            Record::Channel(channel) => (RecordKey::Channel(channel.id.clone()), serde_json::to_vec(channel)?),
            Record::MessagePreferences(wanted) => {
                (RecordKey::MessagePreferences(wanted.account.clone()), serde_json::to_vec(wanted)?)
            }
            Record::PendingMessage(message) => {
                (RecordKey::PendingMessage(message.id.clone()), serde_json::to_vec(message)?)
            }
            Record::Secret { name, value } => (RecordKey::Secret(name.clone()), serde_json::to_vec(value)?),
        };
        Ok(Self { key: Key::of(&key), body })
    }

    pub(crate) fn checksum(&self) -> u32 {
        checksum(&self.key.kind, &self.key.id, &self.body)
    }

    pub(crate) fn put(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(self.key.table.put())?;
        statement.execute((&self.key.kind, &self.key.id, &self.body, self.checksum()))?;
        Ok(())
    }
}

fn checksum(kind: &str, id: &str, body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in [kind.as_bytes(), id.as_bytes(), body] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize()
}

/// What a database gave.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Rows whose checksum agrees.
    pub(crate) rows: Vec<Row>,
    /// Rows that are there but damaged; their names may be damaged too.
    pub(crate) damaged: Vec<Key>,
    /// Reading stopped at an error: there may be rows that were not seen.
    pub(crate) broken: Option<rusqlite::Error>,
    /// So many revisions are damaged; they are read when they are asked for.
    pub(crate) damaged_revisions: usize,
}

impl Scan {
    /// Whether everything could be read and agrees.
    pub(crate) fn is_sound(&self) -> bool {
        self.damaged.is_empty() && self.broken.is_none() && self.damaged_revisions == 0
    }
}

/// Reads every row that can be read; past a broken page from the other end.
pub(crate) fn scan(connection: &Connection) -> Scan {
    let mut found = Scan::default();
    for table in TABLES {
        if let Err(error) = scan_table(connection, table, false, &mut found) {
            found.broken = Some(error);
            if scan_table(connection, table, true, &mut found).is_err() {
                tracing::debug!(?table, "Stopped reading a damaged table from its end too.");
            }
        }
    }
    found.rows.sort_by(|left, right| left.key.cmp(&right.key));
    found.rows.dedup_by(|left, right| left.key == right.key);
    found
}

fn scan_table(connection: &Connection, table: Table, backwards: bool, found: &mut Scan) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(table.scan(backwards))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        match read(table, row) {
            Ok(row) => found.rows.push(row),
            Err(key) => found.damaged.push(key),
        }
    }
    Ok(())
}

fn read(table: Table, row: &SqlRow<'_>) -> Result<Row, Key> {
    let (kind, id) = (row.get::<_, String>(0).unwrap_or_default(), row.get::<_, String>(1).unwrap_or_default());
    let key = Key { table, kind, id };
    match (row.get::<_, Vec<u8>>(2), row.get::<_, u32>(3)) {
        (Ok(body), Ok(stored)) if checksum(&key.kind, &key.id, &body) == stored => Ok(Row { key, body }),
        _ => Err(key),
    }
}

/// Puts records into what a start finds. A row that this version cannot read is kept in the database and reported.
pub(crate) fn gather(rows: &[Row], kept: &mut Kept) {
    for row in rows {
        if let Err(error) = gather_one(row, kept) {
            let text = format!("the {} {:?} could not be read and is left out ({error})", row.key.kind, row.key.id);
            // An id may be made of a name, and the error quotes the record.
            let (kind, line, column) = (&row.key.kind, error.line(), error.column());
            tracing::warn!(kind, line, column, "Left out a record that could not be read; an alert names it.");
            kept.findings.push(text.into());
        }
    }
    kept.commands.sort_by_key(|command| command.accepted_at);
}

fn gather_one(row: &Row, kept: &mut Kept) -> serde_json::Result<()> {
    fn body<T: DeserializeOwned>(row: &Row) -> serde_json::Result<T> {
        serde_json::from_slice(&row.body)
    }
    match row.key.kind.as_str() {
        kind::HOME => kept.home = Some(body(row)?),
        kind::AREA => kept.areas.push(body(row)?),
        kind::DEVICE => kept.devices.push(body(row)?),
        kind::AUTOMATION => kept.automations.push(body(row)?),
        kind::SCENE => kept.scenes.push(body(row)?),
        kind::ACCOUNT => kept.accounts.push(body(row)?),
        kind::PRESENCE => kept.presences.push(body(row)?),
        kind::NOTIFICATION => kept.notifications.push(body(row)?),
        kind::PERSON => kept.people.push(body(row)?),
        kind::PREFERENCES => kept.preferences.push(body(row)?),
        kind::TOKEN => kept.tokens.push(body(row)?),
        kind::SESSION => kept.sessions.push(body(row)?),
        kind::LOGIN_ATTEMPTS => kept.login_attempts = body(row)?,
        kind::COMMAND => kept.commands.push(body(row)?),
        kind::PERMISSIONS => kept.permissions = Some(body(row)?),
        kind::USAGE => kept.usage = Some(body(row)?),
        kind::CHANNEL => kept.channels.push(body(row)?),
        kind::MESSAGE_PREFERENCES => kept.message_preferences.push(body(row)?),
        kind::PENDING_MESSAGE => kept.pending_messages.push(body(row)?),
        kind::SECRET => kept.secrets.push((row.key.id.as_str().into(), body(row)?)),
        _ => {}
    }
    Ok(())
}
