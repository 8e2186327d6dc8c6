//! Checks of rules on the wire.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::wire::automation::{AutomationDocument, FindingBody};

/// Rules to check: several, or one rule's document in place of this object.
#[derive(ToSchema)]
#[schema(as = RulesToCheck)]
#[allow(dead_code)]
pub(crate) struct ToCheck {
    /// Their documents. One with the id of a saved rule is checked in its place.
    automations: Vec<AutomationDocument>,
}

/// What was found.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckedRules)]
#[allow(dead_code)]
pub(crate) struct Checked<'a> {
    /// The worst first.
    #[schema(value_type = Vec<FindingBody<'static>>)]
    findings: Vec<&'a Value>,
}
