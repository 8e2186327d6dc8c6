//! What the journal holds for `core.db`: it is put there when the journal is sealed, many things with one commit.

use std::collections::BTreeMap;

use hub_model::Command;

use crate::decisions::Decisions;
use crate::rows::{Key, Row, kind};

/// Everything of the journal that belongs into `core.db`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unsealed {
    pub(crate) decisions: Decisions,
    pub(crate) commands: EndedCommands,
}

impl Unsealed {
    /// From the rows of `core.db`; also how many of them could not be read.
    pub(crate) fn of(rows: &[Row]) -> (Self, usize) {
        let (decisions, unreadable) = Decisions::of(rows);
        (Self { decisions, commands: EndedCommands::default() }, unreadable)
    }

    /// After it was put into `core.db`.
    pub(crate) fn settle(&mut self) {
        self.decisions.settle();
        self.commands = EndedCommands::default();
    }
}

/// How a command ended, as its row in `core.db` says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndedCommand {
    /// The command.
    pub id: String,
    /// The body of its row.
    pub body: Vec<u8>,
}

impl EndedCommand {
    pub(crate) fn of(command: &Command) -> serde_json::Result<Self> {
        Ok(Self { id: command.id.as_str().to_owned(), body: serde_json::to_vec(command)? })
    }
}

/// Commands that have ended since the journal was begun.
#[derive(Clone, Debug, Default)]
pub(crate) struct EndedCommands {
    bodies: BTreeMap<String, Vec<u8>>,
}

impl EndedCommands {
    /// Takes the next one.
    pub(crate) fn take(&mut self, ended: EndedCommand) {
        self.bodies.insert(ended.id, ended.body);
    }

    /// Puts the ends in the place of what `core.db` says. A command that is no longer there stays away.
    pub(crate) fn overlay(&self, rows: &mut [Row]) {
        for row in rows.iter_mut().filter(|row| row.key.kind == kind::COMMAND) {
            if let Some(body) = self.bodies.get(&row.key.id) {
                row.body.clone_from(body);
            }
        }
    }

    /// The rows of those that `core.db` has.
    pub(crate) fn rows(&self, is_kept: impl Fn(&str) -> bool) -> impl Iterator<Item = Row> {
        let kept = self.bodies.iter().filter(move |(id, _)| is_kept(id));
        kept.map(|(id, body)| Row { key: Key::record(kind::COMMAND, id), body: body.clone() })
    }
}
