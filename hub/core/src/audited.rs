//! What the audit log says of a change that people make.

use std::sync::Arc;

use crate::edits::Prepared;

impl Prepared {
    /// The id of what is changed; the home has none.
    pub(crate) fn what(&self) -> Option<Arc<str>> {
        let id = match self {
            Self::Home { .. } => return None,
            Self::Area(area) => area.id.as_str(),
            Self::RemoveArea { id, .. } => id.as_str(),
            Self::Device(record) => record.device.id.as_str(),
            Self::RemoveDevice(id) => id.as_str(),
            Self::ReplaceDevice { old, .. } => old.as_str(),
            Self::Automation(rule, _) | Self::RemoveAutomation(rule) => rule.id.as_str(),
            Self::Scene(record, _) | Self::RemoveScene(record) => record.scene.id.as_str(),
            Self::Presence(kept) => kept.person.as_str(),
            Self::Reading { told, .. } => told.id.as_str(),
        };
        Some(id.into())
    }
}
