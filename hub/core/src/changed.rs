//! What is said of changes of what is no device: that there is something to be read anew.

use std::sync::Arc;

use hub_automation::document::Finding;
use hub_model::event::Resource;
use hub_model::{AccountId, Cause, EventKind, Now};

use crate::core::Core;
use crate::prepared::Prepared;

/// Something that is to be read anew.
pub(crate) type Changed = (Resource, Option<Arc<str>>);

impl Core {
    /// Says that something is another than before.
    pub(crate) fn changed(&mut self, now: &Now, (what, id): Changed, cause: Cause) {
        self.emit(now, EventKind::Changed { what, id }, cause);
    }

    /// What an edit changes that no other event tells of.
    pub(crate) fn changed_by(&self, edit: &Prepared) -> Vec<Changed> {
        let of = |what: Resource, id: &str| (what, Some(Arc::from(id)));
        let messages = |account: &AccountId| vec![of(Resource::Messages, account.as_str())];
        match edit {
            Prepared::Home { .. } => vec![(Resource::Home, None)],
            Prepared::Area(area) => vec![of(Resource::Area, area.id.as_str())],
            Prepared::RemoveArea { id, .. } => vec![of(Resource::Area, id.as_str())],
            Prepared::ReplaceDevice { automations, scenes, .. } => automations
                .iter()
                .map(|rule| of(Resource::Automation, rule.id.as_str()))
                .chain(scenes.iter().map(|record| of(Resource::Scene, record.scene.id.as_str())))
                .collect(),
            Prepared::Automation(rule, _) | Prepared::RemoveAutomation(rule) => {
                vec![of(Resource::Automation, rule.id.as_str())]
            }
            Prepared::Scene(record, _) | Prepared::RemoveScene(record) => {
                vec![of(Resource::Scene, record.scene.id.as_str())]
            }
            Prepared::Permissions(_) => vec![(Resource::Permissions, None)],
            Prepared::Person(settings) => vec![of(Resource::User, settings.person.as_str())],
            Prepared::Reading { account, .. } => messages(account),
            Prepared::Channel(channel) => messages(&channel.account),
            Prepared::RemoveChannel(id) => {
                let channel = self.table.household.channels.iter().find(|channel| channel.id == *id);
                channel.map_or_else(Vec::new, |channel| messages(&channel.account))
            }
            Prepared::MessagePreferences(wanted) => messages(&wanted.account),
            Prepared::Device(_) | Prepared::RemoveDevice(_) | Prepared::Heard { .. } | Prepared::Unchanged(_) => {
                Vec::new()
            }
        }
    }

    /// Says of which rules something else cannot work than was said last: a device came or went, or a scene, a mode.
    pub(crate) fn tell_of_findings(&mut self, now: &Now) {
        let mut changed = Vec::new();
        for id in self.automations.keys() {
            let findings = self.engine.status(id).map(|status| status.findings).unwrap_or_default();
            let told: &[Finding] = self.told_findings.get(id).map_or(&[], Vec::as_slice);
            if *findings != *told {
                changed.push((id.clone(), findings));
            }
        }
        for (id, findings) in changed {
            self.changed(now, (Resource::Automation, Some(id.as_str().into())), Cause::System);
            self.told_findings.insert(id, findings);
        }
        self.told_findings.retain(|id, findings| !findings.is_empty() && self.automations.contains_key(id));
    }
}
