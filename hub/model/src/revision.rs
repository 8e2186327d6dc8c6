//! Revisions: what a thing that people write was after each change, and who changed it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::Cause;
use crate::id::AccountId;
use crate::time::Timestamp;

/// What has revisions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisedKind {
    /// A rule.
    Automation,
    /// A scene.
    Scene,
}

impl RevisedKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Automation, Self::Scene];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automation => "automation",
            Self::Scene => "scene",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What was done to a thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RevisionChange {
    /// It was new.
    Created,
    /// It was written anew.
    Changed,
    /// It was switched on.
    Enabled,
    /// It was switched off.
    Disabled,
    /// It decides since, and does nothing.
    Shadowed,
    /// Another device took the place of one that it speaks of.
    DeviceReplaced,
    /// It was removed; the document is what it was last.
    Removed,
    /// It was made again what it had been.
    Reverted {
        /// The number of the revision that was brought back.
        revision: u64,
    },
}

impl RevisionChange {
    /// As it is written, without what it speaks of.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Shadowed => "shadowed",
            Self::DeviceReplaced => "device_replaced",
            Self::Removed => "removed",
            Self::Reverted { .. } => "reverted",
        }
    }
}

/// A change of a thing: everything about it but the document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RevisionEntry {
    /// What kind of thing.
    pub kind: RevisedKind,
    /// Which.
    pub id: Arc<str>,
    /// Counts up with each change, over a removal too. Numbers may be left out: what could not be kept has one.
    pub number: u64,
    /// What people called it then.
    pub name: Arc<str>,
    /// When it was changed.
    pub at: Timestamp,
    /// Who changed it.
    pub author: AccountId,
    /// By which door, or through what.
    pub cause: Cause,
    /// What was done.
    pub change: RevisionChange,
}

/// A thing as it was after a change.
#[derive(Clone, PartialEq, Debug)]
pub struct Revision {
    /// The change.
    pub entry: RevisionEntry,
    /// The whole document, JSON.
    pub document: Arc<str>,
}

/// Which revisions are wanted: the newest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevisionQuery {
    /// Of which kind, and of which thing of it (none = all of the kind); none = of everything.
    pub of: Option<(RevisedKind, Option<Arc<str>>)>,
    /// Only those before this place.
    pub before: Option<u64>,
    /// How many at most.
    pub limit: usize,
}

/// A revision in a list.
#[derive(Clone, PartialEq, Debug)]
pub struct ListedRevision {
    /// Where it stands among all revisions: greater = later.
    pub place: u64,
    /// The change.
    pub entry: RevisionEntry,
}
