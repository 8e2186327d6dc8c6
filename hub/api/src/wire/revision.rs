//! Revisions on the wire.

use hub_automation::document::difference::Difference;
use hub_model::revision::{RevisedKind, RevisionChange, RevisionEntry};
use hub_model::{Timestamp, Value};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::paging::PageQuery;
use crate::wire::event::CauseBody;

/// A change of something that people write.
#[derive(Serialize, ToSchema)]
#[schema(as = Revision)]
pub(crate) struct RevisionBody<'a> {
    /// What was changed: `automation` or `scene`.
    kind: &'a str,
    /// Which.
    id: &'a str,
    /// Its number: counts up with each change, over a removal too; numbers may be left out.
    revision: u64,
    /// What people called it then.
    name: &'a str,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who changed it.
    author: &'a str,
    /// By which door, or through what.
    cause: CauseBody<'a>,
    /// `created`, `changed`, `enabled`, `disabled`, `shadowed`, `device_replaced`, `removed` or `reverted`.
    change: &'a str,
    /// The revision that was brought back, if it was reverted.
    #[serde(skip_serializing_if = "Option::is_none")]
    reverted_to: Option<u64>,
}

/// What the latest changes are wanted of.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LatestQuery {
    /// How many items at most (1 to 1,000).
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Only changes of this; left out = of all.
    #[serde(default)]
    #[param(inline)]
    pub(crate) kind: Option<Kind>,
}

/// What has revisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Automation,
    Scene,
}

impl Kind {
    pub(crate) fn kind(self) -> RevisedKind {
        match self {
            Self::Automation => RevisedKind::Automation,
            Self::Scene => RevisedKind::Scene,
        }
    }
}

impl LatestQuery {
    /// Which page is wanted.
    pub(crate) fn page(&self) -> PageQuery {
        PageQuery::new(self.limit, self.cursor.clone())
    }
}

/// A change with the document that it led to.
#[derive(Serialize, ToSchema)]
#[schema(as = RevisionWithDocument)]
#[allow(dead_code)]
pub(crate) struct RevisionWithDocument<'a> {
    #[serde(flatten)]
    revision: RevisionBody<'a>,
    /// The document, in JSON; of a removal, what it was last. A token that may only look does not see the ids of webhooks.
    #[schema(value_type = Object)]
    document: serde_json::Value,
}

/// How a document is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    Json,
    Yaml,
}

/// How a revision is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RevisionParams {
    /// `yaml` gives the document alone, as people write it; so does `Accept: application/yaml`.
    #[serde(default)]
    #[param(inline)]
    pub(crate) format: Option<Format>,
}

/// What a revision is compared with.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DiffParams {
    /// The number of the revision to compare with; left out = the one before.
    #[serde(default)]
    pub(crate) against: Option<u64>,
}

/// What differs between two revisions.
#[derive(Serialize, ToSchema)]
#[schema(as = RevisionDiff)]
pub(crate) struct DiffBody {
    /// The older side; null = there is none before.
    pub(crate) from: Option<u64>,
    /// The newer side.
    pub(crate) to: u64,
    /// The documents in YAML, as a unified diff; empty = they are equal.
    pub(crate) diff: String,
    /// Where the documents differ.
    pub(crate) changes: Vec<DifferenceBody>,
}

/// A place where two documents differ.
#[derive(Serialize, ToSchema)]
#[schema(as = DocumentDifference)]
pub(crate) struct DifferenceBody {
    /// `actions[1].command.set.brightness`; empty = the document as a whole.
    path: String,
    /// What stood there; left out = nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    from: Option<Value>,
    /// What stands there; left out = nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    to: Option<Value>,
}

/// Which revision to bring back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revert {
    /// Its number.
    pub(crate) revision: u64,
}

impl<'a> RevisionBody<'a> {
    pub(crate) fn new(entry: &'a RevisionEntry) -> Self {
        Self {
            kind: entry.kind.as_str(),
            id: &entry.id,
            revision: entry.number,
            name: &entry.name,
            at: entry.at,
            author: entry.author.as_str(),
            cause: CauseBody::new(&entry.cause),
            change: entry.change.as_str(),
            reverted_to: match entry.change {
                RevisionChange::Reverted { revision } => Some(revision),
                _ => None,
            },
        }
    }
}

impl From<Difference> for DifferenceBody {
    fn from(difference: Difference) -> Self {
        Self { path: difference.path, from: difference.from, to: difference.to }
    }
}
