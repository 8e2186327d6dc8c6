//! Rules on the wire.

use std::borrow::Cow;

use hub_automation::analysis::CheckFinding;
use hub_automation::document::secrets::without_secrets;
use hub_automation::document::{Enabled, Finding};
use hub_core::AutomationView;
use hub_model::{AutomationId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::WhichBody;
use crate::seen::Readable;

/// A rule and how it is.
#[derive(Serialize, ToSchema)]
#[schema(as = Automation)]
pub(crate) struct AutomationBody<'a> {
    id: &'a str,
    name: &'a str,
    /// true, false or `shadow`.
    #[schema(value_type = serde_json::Value)]
    enabled: Value,
    /// Counts up with each change.
    revision: u64,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// Who wrote it: the rule acts with this person's rights.
    author: &'a str,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_fired_at: Option<Timestamp>,
    /// How many runs are under way.
    active_runs: usize,
    /// What of it cannot work; in the answer to saving it also what is to be known of it (warnings, infos). Empty = nothing.
    #[schema(value_type = Vec<FindingBody<'static>>)]
    findings: Vec<Value>,
    /// True = something is named in it that you do not see: what it does, has done and says is not shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hidden: bool,
}

/// A rule with its document.
#[derive(Serialize, ToSchema)]
#[schema(as = AutomationWithDocument)]
#[allow(dead_code)]
pub(crate) struct AutomationWithDocument<'a> {
    #[serde(flatten)]
    automation: AutomationBody<'a>,
    /// The rule as it was written, in JSON; left out where it is `hidden`. A token that may only look does not see the
    /// ids of webhooks.
    #[schema(value_type = Option<Object>)]
    document: Option<Value>,
}

/// A problem of a rule.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct FindingBody<'a> {
    /// `error`, `warning` or `info`.
    #[schema(value_type = String)]
    severity: hub_model::event::Severity,
    /// A stable word for programs.
    code: &'a str,
    /// Where: `actions[1].command.set`; empty = the rule as a whole.
    path: &'a str,
    /// What is wrong and what to write instead.
    message: &'a str,
    #[serde(flatten)]
    which: WhichBody<'a>,
    /// Where in the text, if the rule came as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    /// The rules that it is about, the one with `path` first; left out where that is clear.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    automations: Vec<&'a str>,
    /// A situation in which it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<&'a str>,
}

/// What to change of a rule without writing it anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AutomationChange {
    /// true, false or `shadow`: it decides and leaves traces, but does nothing.
    #[schema(value_type = serde_json::Value)]
    enabled: WantedEnabled,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged, expecting = "enabled is true, false or \"shadow\"")]
enum WantedEnabled {
    Acts(bool),
    Only(OnlyDecides),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OnlyDecides {
    Shadow,
}

impl AutomationChange {
    /// Whether the rule is to act.
    pub(crate) fn enabled(&self) -> Enabled {
        match self.enabled {
            WantedEnabled::Acts(true) => Enabled::Yes,
            WantedEnabled::Acts(false) => Enabled::No,
            WantedEnabled::Only(OnlyDecides::Shadow) => Enabled::Shadow,
        }
    }
}

/// A rule as a client writes it: `triggers`, `conditions`, `actions` and more, see the documentation of rules.
#[derive(ToSchema)]
#[schema(as = AutomationDocument)]
#[allow(dead_code)]
pub(crate) struct AutomationDocument {
    /// Left out = made from the name.
    id: Option<String>,
    name: Option<String>,
    /// true, false or `shadow`.
    #[schema(value_type = Option<serde_json::Value>)]
    enabled: Option<Value>,
    #[schema(value_type = Vec<Object>)]
    triggers: Vec<Value>,
    #[schema(value_type = Option<Vec<Object>>)]
    conditions: Option<Vec<Value>>,
    #[schema(value_type = Vec<Object>)]
    actions: Vec<Value>,
}

/// A problem of a rule as JSON.
pub(crate) fn finding_value(finding: &Finding) -> Value {
    let body = FindingBody {
        severity: finding.severity,
        code: finding.code,
        path: &finding.path,
        message: &finding.message.text,
        which: WhichBody::new(finding.message.case, &finding.message.params),
        line: finding.position.map(|position| u64::from(position.line)),
        column: finding.position.map(|position| u64::from(position.column)),
        automations: Vec::new(),
        example: None,
    };
    serde_json::to_value(body).unwrap_or_default()
}

/// A finding of a check as JSON.
pub(crate) fn check_finding_value(finding: &CheckFinding) -> Value {
    let body = FindingBody {
        severity: finding.severity,
        code: finding.code,
        path: &finding.path,
        message: &finding.message.text,
        which: WhichBody::new(finding.message.case, &finding.message.params),
        line: finding.position.map(|position| u64::from(position.line)),
        column: finding.position.map(|position| u64::from(position.column)),
        automations: finding.automations.iter().map(AutomationId::as_str).collect(),
        example: finding.example.as_deref(),
    };
    serde_json::to_value(body).unwrap_or_default()
}

impl<'a> AutomationBody<'a> {
    /// As who reads such documents sees it.
    pub(crate) fn new(view: &'a AutomationView, readable: &Readable) -> Self {
        let hidden = !readable.rule(&view.record.document);
        let enabled = match &*view.status.enabled {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            other => Value::String(other.to_owned()),
        };
        Self {
            id: view.record.id.as_str(),
            name: &view.status.name,
            enabled,
            revision: view.record.revision,
            changed_at: view.record.changed_at,
            author: view.record.author.as_str(),
            last_fired_at: view.status.last_fired_at.filter(|_| !hidden),
            active_runs: if hidden { 0 } else { view.status.active_runs },
            findings: view.status.findings.iter().filter(|_| !hidden).map(finding_value).collect(),
            hidden,
        }
    }
}

/// The JSON of a rule with its document, which goes out as it was written (order and numbers included). `findings` are
/// shown beside those of the rule by itself. `hides_secrets`: for those who may not call its webhooks.
pub(crate) fn with_document(
    view: &AutomationView,
    findings: Vec<Value>,
    hides_secrets: bool,
    readable: &Readable,
) -> String {
    let mut body = AutomationBody::new(view, readable);
    if body.hidden {
        return serde_json::to_string(&body).unwrap_or_default();
    }
    // A check finds again what the rule says of itself, and knows more of it.
    let is_same = |one: &Value, other: &Value| ["code", "path", "message"].iter().all(|key| one[key] == other[key]);
    body.findings.retain(|own| !findings.iter().any(|found| is_same(own, found)));
    body.findings.extend(findings);
    let mut json = serde_json::to_string(&body).unwrap_or_default();
    json.pop();
    json.push_str(",\"document\":");
    json.push_str(&shown(&view.record.document, hides_secrets));
    json.push('}');
    json
}

/// A document as it may be seen.
pub(crate) fn shown(document: &str, hides_secrets: bool) -> Cow<'_, str> {
    if hides_secrets {
        // One that cannot be read is not shown: nobody knows what is a secret in it.
        return Cow::Owned(without_secrets(document).unwrap_or_else(|| "null".to_owned()));
    }
    Cow::Borrowed(document)
}
