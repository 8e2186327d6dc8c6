//! Whether a device can take the place of another: what rules and scenes do with the old one must work with the new one.

use hub_automation::document::{self, Finding};
use hub_automation::{World, compile};
use hub_model::Said;
use hub_model::device::DeviceRecord;
use hub_model::household::{Area, Home, Person};
use hub_model::record::{AutomationRecord, SceneRecord};
use hub_model::scene::Scene;
use hub_model::{AttributeState, Availability, DeviceId, EndpointNumber};

use crate::core::Core;
use crate::handle::EditError;
use crate::scene_edits::wrong_settings;
use crate::table::Table;

/// How many problems a refusal names.
const MOST_TOLD: usize = 10;

/// The home as it would be.
struct Replaced<'a> {
    table: &'a Table,
    old: &'a DeviceId,
    new: &'a DeviceRecord,
}

impl World for Replaced<'_> {
    fn device(&self, device: &DeviceId) -> Option<&DeviceRecord> {
        if *device == self.new.device.id {
            return Some(self.new);
        }
        self.table.device(device).filter(|record| record.device.id != *self.old)
    }

    fn devices(&self) -> Box<dyn Iterator<Item = &DeviceRecord> + '_> {
        let others = self.table.devices().filter(|record| record.device.id != *self.old);
        Box::new(others.map(|record| if record.device.id == self.new.device.id { self.new } else { record }))
    }

    fn state(&self, device: &DeviceId, endpoint: EndpointNumber, attribute: &str) -> Option<&AttributeState> {
        self.table.state(device, endpoint, attribute)
    }

    fn availability(&self, device: &DeviceId) -> Availability {
        self.table.availability(device)
    }

    fn areas(&self) -> &[Area] {
        World::areas(self.table)
    }

    fn home(&self) -> &Home {
        World::home(self.table)
    }

    fn people(&self) -> &[Person] {
        self.table.people()
    }

    fn scenes(&self) -> &[Scene] {
        self.table.scenes()
    }

    fn is_complete(&self) -> bool {
        self.table.is_complete()
    }
}

/// What is wrong with a rule in a home.
fn problems(rule: &AutomationRecord, home: &dyn World) -> Vec<Finding> {
    document::parse_json(&rule.document).and_then(|document| compile(&document, home)).err().unwrap_or_default()
}

impl Core {
    /// Refuses a replacement after which something that works now would not. `automations` and `scenes` are those that
    /// name the old device, with the new one in its place.
    pub(crate) fn refuse_what_would_not_work(
        &self,
        old: &DeviceId,
        new: &DeviceRecord,
        automations: &[AutomationRecord],
        scenes: &[SceneRecord],
    ) -> Result<(), EditError> {
        let home = Replaced { table: &self.table, old, new };
        let mut told = Vec::new();
        for rule in automations {
            let before = self.automations.get(&rule.id).map(|rule| problems(rule, &self.table)).unwrap_or_default();
            let known = |finding: &Finding| before.iter().any(|before| before.path == finding.path);
            let lost = problems(rule, &home).into_iter().filter(|finding| !known(finding));
            told.extend(lost.map(|finding| format!("rule {}, {finding}", rule.id)));
        }
        for scene in scenes.iter().map(|record| &record.scene) {
            let before = self.table.household.scene(&scene.id).zip(self.table.device(old));
            let before = before.map(|(before, old)| wrong_settings(&before.scene, &old.device)).unwrap_or_default();
            let known = |finding: &Finding| before.iter().any(|before| before.path == finding.path);
            let lost = wrong_settings(scene, &new.device).into_iter().filter(|finding| !known(finding));
            told.extend(lost.map(|finding| format!("scene {}, {finding}", scene.id)));
        }
        if told.is_empty() {
            return Ok(());
        }
        let more = match told.len().saturating_sub(MOST_TOLD) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        told.truncate(MOST_TOLD);
        let used = told.join("; ");
        let text = format!("{} cannot do all that {old} is used for; change these first: {used}{more}", new.device.id,);
        Err(EditError::Invalid(Said::new("used_for_more", text)))
    }
}
