//! The audit log on the wire.

use hub_model::Timestamp;
use hub_model::audit::{AuditCheck, AuditRecord};
use serde::Serialize;
use utoipa::ToSchema;

/// What somebody did, or tried to.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditBody {
    /// Counts up without a gap.
    number: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The id of an account; `local` = whoever sits at the hub itself, `unknown` = a stranger, `several`.
    who: String,
    /// Their user name, if they still have an account.
    name: Option<String>,
    /// `api`, `cli` or `file`.
    via: String,
    /// From which address; null = on the hub itself.
    source: Option<String>,
    /// What was done, a stable word like `login` or `rule_saved`.
    action: String,
    /// To what: the id of a thing.
    what: Option<String>,
    /// `ok` or `refused`.
    outcome: String,
    /// More in words.
    detail: Option<String>,
}

impl AuditBody {
    /// With the name of who did it.
    pub(crate) fn new(record: &AuditRecord, name: Option<&str>) -> Self {
        let entry = &record.entry;
        let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
        Self {
            number: record.number,
            at: entry.at,
            who: entry.who.to_string(),
            name: name.map(str::to_owned),
            via: entry.via.to_string(),
            source: text(&entry.source),
            action: entry.action.to_string(),
            what: text(&entry.what),
            outcome: entry.outcome.to_string(),
            detail: text(&entry.detail),
        }
    }
}

/// What a check of the whole log found.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditCheck)]
pub(crate) struct AuditCheckBody {
    /// Nothing was changed, taken out or put in.
    whole: bool,
    /// How many entries were looked at.
    entries: u64,
    /// The oldest that is kept.
    first: Option<u64>,
    /// The first entry that is not what was written, or is missing.
    broken_at: Option<u64>,
}

impl AuditCheckBody {
    /// In words for clients.
    pub(crate) fn new(check: AuditCheck) -> Self {
        Self {
            whole: check.broken_at.is_none(),
            entries: check.entries,
            first: check.first,
            broken_at: check.broken_at,
        }
    }
}
