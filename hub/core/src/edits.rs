//! Lasting changes that people make. Each is checked, kept, and only then made: what readers see is on the disk.

use std::collections::BTreeSet;
use std::sync::Arc;

use driver_api::{DriverRequest, ManageAction, ManageError, RequestId};
use hub_automation::document::{self, Document, Enabled};
use hub_model::device::DeviceRecord;
use hub_model::event::DriverState;
use hub_model::household::{Area, Home};
use hub_model::id::slug;
use hub_model::record::{AutomationRecord, Change, KeepError, Record, RecordKey};
use hub_model::zone::Zone;
use hub_model::{AccountId, AreaId, AutomationId, Cause, DeviceId, EventKind, Now, Value};
use tokio::sync::oneshot;

use crate::core::{Core, Output, PendingCommit, PendingManage};
use crate::handle::{Edit, EditError, Edited};

/// A change that is being kept.
#[derive(Debug)]
pub(crate) struct PendingEdit {
    cause: Cause,
    edit: Prepared,
    reply: oneshot::Sender<Result<Edited, EditError>>,
}

/// A checked change: what is to be kept follows from it alone.
#[derive(Clone, Debug)]
pub(crate) enum Prepared {
    Home(Home),
    Area(Area),
    RemoveArea { id: AreaId, residents: Vec<DeviceRecord> },
    Device(DeviceRecord),
    RemoveDevice(DeviceId),
    ReplaceDevice { old: DeviceId, new: DeviceRecord, automations: Vec<AutomationRecord> },
    Automation(AutomationRecord),
    RemoveAutomation(AutomationId),
}

impl Prepared {
    fn changes(&self) -> Vec<Change> {
        let put = |record: Record| Change::Put(record);
        match self {
            Self::Home(home) => vec![put(Record::Home(home.clone()))],
            Self::Area(area) => vec![put(Record::Area(area.clone()))],
            Self::RemoveArea { id, residents } => residents
                .iter()
                .map(|record| put(Record::Device(record.clone())))
                .chain([Change::Remove(RecordKey::Area(id.clone()))])
                .collect(),
            Self::Device(record) => vec![put(Record::Device(record.clone()))],
            Self::RemoveDevice(id) => vec![Change::Remove(RecordKey::Device(id.clone()))],
            Self::ReplaceDevice { old, new, automations } => automations
                .iter()
                .map(|rule| put(Record::Automation(rule.clone())))
                .chain([put(Record::Device(new.clone())), Change::Remove(RecordKey::Device(old.clone()))])
                .collect(),
            Self::Automation(rule) => vec![put(Record::Automation(rule.clone()))],
            Self::RemoveAutomation(id) => vec![Change::Remove(RecordKey::Automation(id.clone()))],
        }
    }
}

fn not_found(what: &'static str, id: &impl ToString) -> EditError {
    EditError::NotFound { what, id: id.to_string() }
}

impl Core {
    pub(crate) fn edit(
        &mut self,
        now: &Now,
        cause: Cause,
        edit: Edit,
        reply: oneshot::Sender<Result<Edited, EditError>>,
        out: &mut Output,
    ) {
        let force = matches!(edit, Edit::RemoveDevice { force: true, .. });
        let prepared = match self.prepare(now, &cause, edit) {
            Ok(prepared) => prepared,
            Err(error) => {
                out.answers.add(reply, Err(error));
                return;
            }
        };
        if let Prepared::RemoveDevice(device) = &prepared
            && self.can_leave_its_network(device)
        {
            let request = self.next_request();
            let device = device.clone();
            let driver = device.driver();
            let pending = PendingManage::Removal(Box::new(PendingEdit { cause, edit: prepared, reply }));
            self.manages.insert(request, (driver.clone(), pending));
            out.sends.push((driver, DriverRequest::Manage { request, action: ManageAction::Remove { device, force } }));
            return;
        }
        let changes = prepared.changes();
        let pending = PendingEdit { cause, edit: prepared, reply };
        self.commit(changes, PendingCommit::Edit(Box::new(pending)), out);
    }

    /// A driver answered.
    pub(crate) fn managed(
        &mut self,
        _now: &Now,
        request: RequestId,
        result: Result<Value, ManageError>,
        out: &mut Output,
    ) {
        match self.manages.remove(&request) {
            Some((_, PendingManage::Reply(reply))) => out.answers.add(reply, result),
            Some((_, PendingManage::Removal(pending))) => match result {
                Ok(_) => {
                    let changes = pending.edit.changes();
                    self.commit(changes, PendingCommit::Edit(pending), out);
                }
                Err(error) => out.answers.add(pending.reply, Err(EditError::Driver(error))),
            },
            None => {}
        }
    }

    /// A change is on the disk, or cannot be.
    pub(crate) fn finish_edit(
        &mut self,
        now: &Now,
        pending: PendingEdit,
        result: Result<(), KeepError>,
        out: &mut Output,
    ) {
        if result.is_ok()
            && let Some(edit) = self.renewed(&pending.edit)
        {
            self.commit(edit.changes(), PendingCommit::Edit(Box::new(PendingEdit { edit, ..pending })), out);
            return;
        }
        let answer = match result {
            Ok(()) => Ok(self.make(now, pending.edit, pending.cause, out)),
            Err(error) => Err(EditError::Keep(error)),
        };
        out.answers.add(pending.reply, answer);
    }

    /// The same change on top of what a driver said of the device while the change was being kept: its description
    /// was then kept with the old name and room, which must not be what the next start finds. None = nothing was said.
    fn renewed(&self, edit: &Prepared) -> Option<Prepared> {
        let renew = |record: &DeviceRecord| {
            let device = &self.table.view(&record.device.id)?.record.device;
            (*device != record.device).then(|| DeviceRecord { device: device.clone(), ..record.clone() })
        };
        match edit {
            Prepared::Device(record) => renew(record).map(Prepared::Device),
            Prepared::ReplaceDevice { old, new, automations } => renew(new).map(|new| Prepared::ReplaceDevice {
                old: old.clone(),
                new,
                automations: automations.clone(),
            }),
            Prepared::RemoveArea { id, residents } if residents.iter().any(|record| renew(record).is_some()) => {
                let residents =
                    residents.iter().map(|record| renew(record).unwrap_or_else(|| record.clone())).collect();
                Some(Prepared::RemoveArea { id: id.clone(), residents })
            }
            _ => None,
        }
    }

    /// Whether there is a rule of this id, or will be as soon as it is kept.
    fn has_automation(&self, id: &AutomationId) -> bool {
        let is_coming = |pending: &PendingCommit| matches!(pending, PendingCommit::Edit(edit) if matches!(&edit.edit, Prepared::Automation(rule) if rule.id == *id));
        self.automations.contains_key(id) || self.commits.values().any(is_coming)
    }

    /// Checks a change against what is there.
    fn prepare(&mut self, now: &Now, cause: &Cause, edit: Edit) -> Result<Prepared, EditError> {
        match edit {
            Edit::Home(home) => {
                Zone::named(&home.time_zone).map_err(|error| EditError::Invalid(error.to_string()))?;
                if !home.modes.contains(&home.mode) {
                    return Err(EditError::Invalid(format!("the mode {} is not one of the home's modes", home.mode)));
                }
                Ok(Prepared::Home(home))
            }
            Edit::Area(area) => {
                let taken = self.table.areas.iter().any(|other| other.id != area.id && other.name == area.name);
                if taken {
                    return Err(EditError::Conflict(format!("there is already an area {}", area.name)));
                }
                Ok(Prepared::Area(area))
            }
            Edit::RemoveArea(id) => {
                self.table.area(&id).ok_or_else(|| not_found("area", &id))?;
                let residents = self
                    .table
                    .views()
                    .filter(|view| view.record.area.as_ref() == Some(&id))
                    .map(|view| DeviceRecord { area: None, ..(*view.record).clone() })
                    .collect();
                Ok(Prepared::RemoveArea { id, residents })
            }
            Edit::Device { id, name, area } => {
                let view = self.table.view(&id).ok_or_else(|| not_found("device", &id))?;
                let mut record = (*view.record).clone();
                if let Some(name) = name {
                    record.name = name;
                    record.named_by_person = true;
                }
                if let Some(area) = area {
                    if let Some(area) = &area {
                        self.table.area(area).ok_or_else(|| not_found("area", area))?;
                    }
                    record.area = area;
                }
                Ok(Prepared::Device(record))
            }
            Edit::RemoveDevice { id, .. } => {
                self.table.view(&id).ok_or_else(|| not_found("device", &id))?;
                Ok(Prepared::RemoveDevice(id))
            }
            Edit::ReplaceDevice { old, new } => self.prepare_replacement(now, &old, &new),
            Edit::Automation { id, document, must_exist } => {
                let document = document::parse_json(&document).map_err(EditError::Rule)?;
                let id = match id.or_else(|| document.id().map(AutomationId::from)) {
                    Some(id) => id,
                    None => self.free_automation_id(document.name()),
                };
                match (must_exist, self.has_automation(&id)) {
                    (Some(true), false) => return Err(not_found("automation", &id)),
                    (Some(false), true) => {
                        return Err(EditError::Conflict(format!("there is already an automation {id}")));
                    }
                    _ => {}
                }
                self.prepare_automation(now, cause, &document.with_id(&id), id)
            }
            Edit::EnableAutomation { id, enabled } => {
                let record = self.automations.get(&id).ok_or_else(|| not_found("automation", &id))?;
                let document = document::parse_json(&record.document).map_err(EditError::Rule)?;
                let document = document.with_enabled(if enabled { Enabled::Yes } else { Enabled::No });
                if enabled {
                    return self.prepare_automation(now, cause, &document, id);
                }
                // A rule whose device is gone can still be switched off.
                Ok(Prepared::Automation(self.revision(now, cause, id, document.to_json())))
            }
            Edit::RemoveAutomation(id) => {
                self.automations.get(&id).ok_or_else(|| not_found("automation", &id))?;
                Ok(Prepared::RemoveAutomation(id))
            }
        }
    }

    fn prepare_automation(
        &mut self,
        now: &Now,
        cause: &Cause,
        document: &Document,
        id: AutomationId,
    ) -> Result<Prepared, EditError> {
        let resolved = document.resolved(&self.table);
        hub_automation::compile(&resolved, &self.table).map_err(EditError::Rule)?;
        Ok(Prepared::Automation(self.revision(now, cause, id, resolved.to_json())))
    }

    fn revision(&self, now: &Now, cause: &Cause, id: AutomationId, document: String) -> AutomationRecord {
        let author = match cause {
            Cause::Person { account, .. } => account.clone(),
            _ => AccountId::new("hub"),
        };
        let revision = self.automations.get(&id).map_or(1, |old| old.revision + 1);
        AutomationRecord { id, document: document.into(), revision, author, changed_at: now.time() }
    }

    fn free_automation_id(&self, name: &str) -> AutomationId {
        let base = slug(name).unwrap_or_else(|| "rule".to_owned());
        let candidates = std::iter::once(base.clone()).chain((2_u32..).map(|number| format!("{base}-{number}")));
        candidates
            .map(AutomationId::from)
            .find(|id| !self.has_automation(id))
            .unwrap_or_else(|| AutomationId::new(base))
    }

    fn prepare_replacement(&self, now: &Now, old: &DeviceId, new: &DeviceId) -> Result<Prepared, EditError> {
        if old == new {
            return Err(EditError::Invalid("a device cannot take its own place".to_owned()));
        }
        let old_record = &self.table.view(old).ok_or_else(|| not_found("device", old))?.record;
        let new_record = &self.table.view(new).ok_or_else(|| not_found("device", new))?.record;
        let mut record = (**new_record).clone();
        record.name = Arc::clone(&old_record.name);
        record.named_by_person = true;
        record.area.clone_from(&old_record.area);
        let mut predecessors = vec![old.clone()];
        predecessors.extend(old_record.predecessors.iter().chain(&new_record.predecessors).cloned());
        let mut seen = BTreeSet::new();
        predecessors.retain(|id| seen.insert(id.clone()));
        record.predecessors = predecessors;
        let automations = self
            .automations
            .values()
            .filter_map(|rule| {
                let document = document::parse_json(&rule.document).ok()?.with_device_replaced(old, new).to_json();
                let revision = rule.revision + 1;
                let changed = document != *rule.document;
                changed.then(|| AutomationRecord {
                    document: document.into(),
                    revision,
                    changed_at: now.time(),
                    ..rule.clone()
                })
            })
            .collect();
        Ok(Prepared::ReplaceDevice { old: old.clone(), new: record, automations })
    }

    /// Makes a change that is kept.
    fn make(&mut self, now: &Now, edit: Prepared, cause: Cause, out: &mut Output) -> Edited {
        match edit {
            Prepared::Home(home) => {
                let from = Arc::clone(&self.table.home.mode);
                let home = Arc::new(home);
                self.table.home = Arc::clone(&home);
                self.settings_changed(now, out);
                if from != home.mode {
                    self.emit(now, EventKind::ModeChanged { from, to: Arc::clone(&home.mode) }, cause);
                }
                Edited::Home(home)
            }
            Prepared::Area(area) => {
                self.table.put_area(area.clone());
                Edited::Area(area)
            }
            Prepared::RemoveArea { id, residents } => {
                self.table.remove_area(&id);
                for record in residents {
                    // One that has left meanwhile stays away.
                    if self.table.view(&record.device.id).is_some() {
                        self.put_record(now, record, cause.clone());
                    }
                }
                Edited::Done
            }
            Prepared::Device(record) => {
                let id = record.device.id.clone();
                if self.table.view(&id).is_none() {
                    return Edited::Done;
                }
                Edited::Device(self.put_record(now, record, cause))
            }
            Prepared::RemoveDevice(id) => {
                self.forget(now, &id, cause, out);
                Edited::Done
            }
            Prepared::ReplaceDevice { old, new, automations } => {
                self.forget(now, &old, cause.clone(), out);
                let record = self.put_record(now, new, cause);
                for rule in automations {
                    self.install(now, rule, out);
                }
                Edited::Device(record)
            }
            Prepared::Automation(rule) => {
                self.install(now, rule.clone(), out);
                Edited::Automation(rule)
            }
            Prepared::RemoveAutomation(id) => {
                self.automations.remove(&id);
                let mut actions = Vec::new();
                self.engine.remove(now, &id, &mut actions);
                self.changed_automations.insert(id);
                self.act(now, actions, out);
                Edited::Done
            }
        }
    }

    fn put_record(&mut self, now: &Now, record: DeviceRecord, cause: Cause) -> Arc<DeviceRecord> {
        self.table.put(record.clone());
        let record = Arc::new(record);
        self.emit(now, EventKind::DeviceUpdated(Arc::clone(&record)), cause);
        record
    }

    fn install(&mut self, now: &Now, rule: AutomationRecord, out: &mut Output) {
        let mut actions = Vec::new();
        if let Err(findings) = self.engine.put(now, &rule, &self.table, &mut actions) {
            // It was checked before it was kept; a device may have gone since. The rule's status says so.
            tracing::warn!(automation = %rule.id, ?findings, "A rule cannot run.");
        }
        self.changed_automations.insert(rule.id.clone());
        self.automations.insert(rule.id.clone(), rule);
        self.act(now, actions, out);
    }

    fn can_leave_its_network(&self, device: &DeviceId) -> bool {
        let driver = device.driver();
        let online = self.drivers.iter().any(|view| view.id == driver && view.status.state == DriverState::Online);
        online && self.table.view(device).is_some_and(|view| view.record.device.abilities.remove)
    }
}
