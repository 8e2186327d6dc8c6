//! Lasting changes that people make. Each is checked, kept, and only then made: what readers see is on the disk.

use std::collections::BTreeSet;
use std::sync::Arc;

use driver_api::{DriverRequest, ManageAction, ManageError, RequestId};
use hub_automation::document::{self, Document, Enabled};
use hub_model::audit::AuditEntry;
use hub_model::device::DeviceRecord;
use hub_model::event::DriverState;
use hub_model::household::Home;
use hub_model::name::{AUTOMATIONS, Naming};
use hub_model::presence::{Evidence, PersonSettings, Source};
use hub_model::record::{AutomationRecord, Change, KeepError, SceneRecord};
use hub_model::revision::{RevisedKind, RevisionChange};
use hub_model::scene::Scene;
use hub_model::zone::Zone;
use hub_model::{AutomationId, Cause, DeviceId, DriverId, EventKind, Now, Said, Value};
use tokio::sync::oneshot;

use crate::core::{Core, MOST_PENDING, Output, PendingCommit, PendingManage};
use crate::handle::{Edit, EditError, Edited};
use crate::prepared::Prepared;
use crate::revisions;
use crate::sight::as_seen;

/// A change that is being kept.
#[derive(Debug)]
pub(crate) struct PendingEdit {
    cause: Cause,
    edit: Prepared,
    /// What the audit log is to say of it, until it is kept.
    audit: Option<Box<AuditEntry>>,
    reply: oneshot::Sender<Result<Edited, EditError>>,
}

impl PendingEdit {
    /// The change itself.
    pub(crate) fn prepared(&self) -> &Prepared {
        &self.edit
    }

    /// What is to be kept, the entry of the audit log once.
    fn changes(&mut self) -> Vec<Change> {
        let mut changes = self.edit.changes(&self.cause);
        if let Some(mut entry) = self.audit.take() {
            entry.what = entry.what.or_else(|| self.edit.what());
            changes.push(Change::Audit(*entry));
        }
        changes
    }
}

pub(crate) fn not_found(what: &'static str, id: &impl ToString) -> EditError {
    EditError::NotFound { what, id: id.to_string() }
}

impl Core {
    pub(crate) fn edit(
        &mut self,
        now: &Now,
        (cause, edit, audit): (Cause, Edit, Option<Box<AuditEntry>>),
        reply: oneshot::Sender<Result<Edited, EditError>>,
        out: &mut Output,
    ) {
        let force = matches!(edit, Edit::RemoveDevice { force: true, .. });
        let prepared = self.may_edit(now, &cause, &edit).and_then(|()| self.prepare(now, &cause, edit));
        let prepared = match prepared.and_then(|prepared| self.may_keep(now, &cause, &prepared).map(|()| prepared)) {
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
            let edit = Box::new(PendingEdit { cause, edit: prepared, audit, reply });
            let pending = PendingManage::Removal { edit, force };
            self.manages.insert(request, (driver.clone(), pending));
            out.sends.push((driver, DriverRequest::Manage { request, action: ManageAction::Remove { device, force } }));
            return;
        }
        let mut pending = PendingEdit { cause, edit: prepared, audit, reply };
        let changes = pending.changes();
        if changes.is_empty() {
            let edited = self.make(now, pending.edit, pending.cause, out);
            out.answers.add(pending.reply, Ok(edited));
            return;
        }
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
        if result.is_err() {
            self.pairings.refused(request);
        }
        match self.manages.remove(&request) {
            Some((_, PendingManage::Reply(reply))) => out.answers.add(reply, result),
            Some((driver, PendingManage::Removal { edit: mut pending, force })) => {
                if let Err(error) = result {
                    // What its network does not know has left it.
                    if !force && error != ManageError::NotFound {
                        out.answers.add(pending.reply, Err(EditError::Driver(error)));
                        return;
                    }
                    tracing::info!(%driver, reason = error.word(), "A device is forgotten that its driver could not remove.");
                }
                let changes = pending.changes();
                self.commit(changes, PendingCommit::Edit(pending), out);
            }
            Some((_, PendingManage::Name(device))) => {
                if let Err(error) = result {
                    tracing::info!(%device, reason = error.word(), "A device keeps its old name in its own network.");
                }
            }
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
            && let Some(edit) = self.renewed(now, &pending.edit)
        {
            self.commit(
                edit.changes(&pending.cause),
                PendingCommit::Edit(Box::new(PendingEdit { edit, ..pending })),
                out,
            );
            return;
        }
        let answer = match result {
            Ok(()) => Ok(self.make(now, pending.edit, pending.cause, out)),
            Err(error) => Err(EditError::Keep(error)),
        };
        out.answers.add(pending.reply, answer);
    }

    /// The same change on top of what changed while it was being kept: a driver's description of the device was then
    /// kept with the old name and room, a rule's mode with the old settings, which must not be what the next start
    /// finds. None = nothing changed.
    fn renewed(&self, now: &Now, edit: &Prepared) -> Option<Prepared> {
        let renew = |record: &DeviceRecord| {
            let device = &self.table.view(&record.device.id)?.record.device;
            (*device != record.device).then(|| DeviceRecord { device: device.clone(), ..record.clone() })
        };
        match edit {
            Prepared::Device(record) => renew(record).map(Prepared::Device),
            Prepared::Home { home, base, sets_mode } if !Arc::ptr_eq(base, &self.table.home) => {
                Some(self.home_edit(home.clone(), *sets_mode))
            }
            Prepared::Reading { account, acknowledges, base, .. } => {
                self.renewed_reading(now, base, account, *acknowledges)
            }
            Prepared::ReplaceDevice { old, new, automations, scenes } => {
                renew(new).map(|new| Prepared::ReplaceDevice {
                    old: old.clone(),
                    new,
                    automations: automations.clone(),
                    scenes: scenes.clone(),
                })
            }
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
        let is_coming = |pending: &PendingCommit| matches!(pending, PendingCommit::Edit(edit) if matches!(&edit.edit, Prepared::Automation(rule, _) if rule.id == *id));
        self.automations.contains_key(id) || self.commits.values().any(is_coming)
    }

    /// Checks a change against what is there.
    fn prepare(&mut self, now: &Now, cause: &Cause, edit: Edit) -> Result<Prepared, EditError> {
        match edit {
            Edit::Home { home, sets_mode } => {
                Zone::named(&home.time_zone)
                    .map_err(|error| EditError::Invalid(Said::new("time_zone", error.to_string())))?;
                let prepared = self.home_edit(home, sets_mode);
                if let Prepared::Home { home, .. } = &prepared
                    && !home.modes.contains(&home.mode)
                {
                    let text = format!("the mode {} is not one of the home's modes", home.mode);
                    return Err(EditError::Invalid(Said::new("mode", text).with("mode", &home.mode)));
                }
                Ok(prepared)
            }
            Edit::Area(area) => {
                let taken = self.table.areas.iter().any(|other| other.id != area.id && other.name == area.name);
                if taken {
                    let text = format!("there is already an area {}", area.name);
                    return Err(EditError::Conflict(Said::new("area", text).with("name", &area.name)));
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
                        let text = format!("there is already an automation {id}");
                        return Err(EditError::Conflict(Said::new("rule", text).with("id", &id)));
                    }
                    _ => {}
                }
                let change = if self.has_automation(&id) { RevisionChange::Changed } else { RevisionChange::Created };
                self.prepare_automation(now, cause, &document.with_id(&id), id, change)
            }
            Edit::RevertAutomation { id, revision, document } => {
                let document = document::parse_json(&document).map_err(EditError::Rule)?.with_id(&id);
                self.prepare_automation(now, cause, &document, id, RevisionChange::Reverted { revision })
            }
            Edit::EnableAutomation { id, enabled } => {
                let record = self.automations.get(&id).ok_or_else(|| not_found("automation", &id))?;
                let document = document::parse_json(&record.document).map_err(EditError::Rule)?;
                let document = document.with_enabled(enabled);
                // Who switches a rule has not written it.
                let author = record.author.clone();
                let change = match enabled {
                    Enabled::Yes => RevisionChange::Enabled,
                    Enabled::Shadow => RevisionChange::Shadowed,
                    // A rule whose device is gone can still be switched off.
                    Enabled::No => {
                        let rule = self.revision(now, cause, id, document.to_json());
                        let rule = AutomationRecord { author, ..rule };
                        return Ok(Prepared::Automation(rule, RevisionChange::Disabled));
                    }
                };
                let document = self.checked_as_it_is(cause, &document)?;
                let rule = AutomationRecord { author, ..self.revision(now, cause, id, document) };
                Ok(Prepared::Automation(rule, change))
            }
            Edit::RemoveAutomation(id) => {
                let last = self.automations.get(&id).ok_or_else(|| not_found("automation", &id))?;
                let document = last.document.to_string();
                Ok(Prepared::RemoveAutomation(self.revision(now, cause, id, document)))
            }
            Edit::Scene { id, scene, must_exist } => self.prepare_scene(now, cause, id, scene, must_exist),
            Edit::RevertScene { id, revision, scene } => self.prepare_scene_revert(now, cause, id, scene, revision),
            Edit::CaptureScene { name, devices, attributes } => {
                self.prepare_capture(now, cause, name, &devices, attributes.as_deref())
            }
            Edit::RemoveScene(id) => {
                let last = self.table.household.scene(&id).ok_or_else(|| not_found("scene", &id))?;
                let scene = last.scene.clone();
                Ok(Prepared::RemoveScene(self.scene_revision(now, cause, scene)))
            }
            Edit::Presence { person, place } => {
                let at = now.time();
                self.prepare_sign(now, &person, |_| {
                    Some(Evidence { source: Source::Manual, says: place, at, heard_at: at })
                })
            }
            Edit::PhoneFix { person, fix } => self.prepare_sign(now, &person, |known| self.sign_of_phone(known, &fix)),
            Edit::Person { id, counts, devices } => self.prepare_person(id, counts, devices),
            Edit::Permissions(policy) => Ok(Prepared::Permissions(policy)),
            Edit::ReadNotification { id, account, acknowledges } => {
                self.prepare_reading(now, &id, &account, acknowledges)
            }
            Edit::Channel(channel) => self.prepare_channel(channel),
            Edit::RemoveChannel { account, id } => self.prepare_removal_of_channel(&account, id),
            Edit::MessagePreferences(wanted) => self.prepare_message_preferences(wanted),
        }
    }

    fn home_edit(&self, home: Home, sets_mode: bool) -> Prepared {
        let base = Arc::clone(&self.table.home);
        let mode = if sets_mode { Arc::clone(&home.mode) } else { Arc::clone(&base.mode) };
        Prepared::Home { home: Home { mode, ..home }, base, sets_mode }
    }

    fn prepare_automation(
        &mut self,
        now: &Now,
        cause: &Cause,
        document: &Document,
        id: AutomationId,
        change: RevisionChange,
    ) -> Result<Prepared, EditError> {
        document::check_id(id.as_str()).map_err(|finding| EditError::Rule(vec![finding]))?;
        if !self.has_automation(&id) {
            refuse_reserved(&AUTOMATIONS, id.as_str())?;
        }
        let sight = self.sight_of(cause);
        let document = self.checked(&*as_seen(sight.as_ref(), &self.table), document)?;
        Ok(Prepared::Automation(self.revision(now, cause, id, document), change))
    }

    fn revision(&mut self, now: &Now, cause: &Cause, id: AutomationId, document: String) -> AutomationRecord {
        let revision = self.revisions.next(RevisedKind::Automation, id.as_str());
        let author = revisions::author_of(cause);
        AutomationRecord { id, document: document.into(), revision, author, changed_at: now.time() }
    }

    fn free_automation_id(&self, name: &str) -> AutomationId {
        AUTOMATIONS.free_id(name, |id| self.has_automation(&AutomationId::from(id))).into()
    }

    fn prepare_replacement(&mut self, now: &Now, old: &DeviceId, new: &DeviceId) -> Result<Prepared, EditError> {
        if old == new {
            return Err(EditError::Invalid(Said::new("own_place", "a device cannot take its own place")));
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
        let automations: Vec<AutomationRecord> = self
            .automations
            .values()
            .filter_map(|rule| {
                let document = document::parse_json(&rule.document).ok()?.with_device_replaced(old, new).to_json();
                (document != *rule.document).then(|| AutomationRecord {
                    document: document.into(),
                    revision: self.revisions.next(RevisedKind::Automation, rule.id.as_str()),
                    changed_at: now.time(),
                    ..rule.clone()
                })
            })
            .collect();
        let scenes = self.scenes_with_device_replaced(now, old, new);
        self.refuse_what_would_not_work(old, &record, &automations, &scenes)?;
        Ok(Prepared::ReplaceDevice { old: old.clone(), new: record, automations, scenes })
    }

    /// Makes a change that is kept.
    fn make(&mut self, now: &Now, edit: Prepared, cause: Cause, out: &mut Output) -> Edited {
        let changed = self.changed_by(&edit);
        let edited = self.make_it(now, edit, cause.clone(), out);
        for changed in changed {
            self.changed(now, changed, cause.clone());
        }
        edited
    }

    fn make_it(&mut self, now: &Now, edit: Prepared, cause: Cause, out: &mut Output) -> Edited {
        match edit {
            Prepared::Home { home, base, .. } => {
                let mode = Arc::clone(&home.mode);
                // What follows the sun never happens while nobody knows where the home is.
                let means_other = home.modes != base.modes || home.location.is_some() != base.location.is_some();
                self.table.home = Arc::new(Home { mode: Arc::clone(&base.mode), ..home });
                self.mode_becomes(now, mode, cause);
                self.settings_changed(now, out);
                if means_other {
                    self.refresh_rules(now, out);
                }
                Edited::Home(Arc::clone(&self.table.home))
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
                let Some(view) = self.table.view(&record.device.id) else { return Edited::Done };
                if view.record.name != record.name {
                    self.name_in_its_network(&record, out);
                }
                Edited::Device(self.put_record(now, record, cause))
            }
            Prepared::RemoveDevice(id) => {
                self.forget(now, &id, cause, out);
                Edited::Done
            }
            Prepared::ReplaceDevice { old, new, automations, scenes } => {
                self.forget(now, &old, cause.clone(), out);
                for scene in scenes {
                    self.undos.forget(&scene.scene.id);
                    self.table.household.put_scene(scene);
                }
                let record = self.put_record(now, new, cause);
                for rule in automations {
                    self.install(now, rule, out);
                }
                Edited::Device(record)
            }
            Prepared::Automation(rule, _) => {
                self.install(now, rule.clone(), out);
                Edited::Automation(rule)
            }
            Prepared::RemoveAutomation(AutomationRecord { id, .. }) => {
                self.rule_is_another(now, &id);
                self.automations.remove(&id);
                self.say_what_authors_do_not_see(now);
                self.webhooks_changed = true;
                self.revisions.removed(RevisedKind::Automation, id.as_str());
                let mut actions = Vec::new();
                self.engine.remove(now, &id, &mut actions);
                self.changed_automations.insert(id);
                self.act(now, actions, out);
                Edited::Done
            }
            Prepared::Scene(record, _) => {
                self.table.household.put_scene(record.clone());
                self.refresh_rules(now, out);
                Edited::Scene(record)
            }
            Prepared::RemoveScene(SceneRecord { scene: Scene { id, .. }, .. }) => {
                self.table.household.remove_scene(&id);
                self.revisions.removed(RevisedKind::Scene, id.as_str());
                self.undos.forget(&id);
                self.refresh_rules(now, out);
                Edited::Done
            }
            Prepared::Permissions(policy) => {
                Arc::make_mut(&mut self.permissions).put_policy(policy);
                self.note_what_is_in_force(now);
                self.sights_changed(now, out);
                Edited::Permissions(Arc::clone(self.permissions.policy()))
            }
            Prepared::Heard { sign, kept, .. } => {
                // Something else may have been heard while it was being kept.
                self.takes_in(now, &kept.person, sign, cause);
                self.edited_person(&kept.person)
            }
            Prepared::Unchanged(id) => self.edited_person(&id),
            Prepared::Person(PersonSettings { person, counts, devices }) => {
                self.table.household.set_settings(&person, counts, devices);
                self.left_over.is_over(&person);
                self.refresh_rules(now, out);
                self.look_at_person(now, &person, cause, out);
                self.edited_person(&person)
            }
            Prepared::Reading { told, .. } => {
                self.table.household.put_notification(Arc::clone(&told));
                Edited::Notification(told)
            }
            Prepared::Channel(channel) => {
                self.table.household.put_channel(channel.clone());
                Edited::Channel(channel)
            }
            Prepared::RemoveChannel(id) => {
                self.table.household.remove_channel(&id);
                Edited::Done
            }
            Prepared::MessagePreferences(wanted) => {
                self.table.household.put_message_preferences(wanted.clone());
                Edited::MessagePreferences(wanted)
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
        self.author_looks(&rule.author);
        self.engine.put(now, &rule, &self.table, &mut actions);
        // It was checked before it was kept; a device may have gone since.
        if let Some(status) = self.engine.status(&rule.id).filter(|status| !status.findings.is_empty()) {
            // What is found names devices, people and places.
            let codes: BTreeSet<&str> = status.findings.iter().map(|finding| finding.code).collect();
            tracing::warn!(?codes, "Not all of a rule can work; what is wrong with it stands in the list of rules.");
        }
        self.rule_is_another(now, &rule.id);
        self.changed_automations.insert(rule.id.clone());
        self.automations.insert(rule.id.clone(), rule);
        self.say_what_authors_do_not_see(now);
        self.webhooks_changed = true;
        self.act(now, actions, out);
    }

    /// Other programs and a network that is taken in anew know the device by the same name then. It is no harm where
    /// that does not work: for the hub a name is a label.
    fn name_in_its_network(&mut self, record: &DeviceRecord, out: &mut Output) {
        let device = &record.device;
        let has_it = device.native_name.as_ref() == Some(&record.name);
        let can = device.abilities.rename && !device.unlisted && self.is_online(&device.driver());
        if has_it || !can || self.manages.len() >= MOST_PENDING {
            return;
        }
        let request = self.next_request();
        self.manages.insert(request, (device.driver(), PendingManage::Name(device.id.clone())));
        let action = ManageAction::Rename { device: device.id.clone(), name: Arc::clone(&record.name) };
        out.sends.push((device.driver(), DriverRequest::Manage { request, action }));
    }

    fn is_online(&self, driver: &DriverId) -> bool {
        self.drivers.iter().any(|view| view.id == *driver && view.status.state == DriverState::Online)
    }

    fn can_leave_its_network(&self, device: &DeviceId) -> bool {
        let can = self.table.view(device).is_some_and(|view| view.record.device.abilities.remove);
        can && self.is_online(&device.driver())
    }
}

/// Refuses an id under which nobody could reach what has it.
pub(crate) fn refuse_reserved(naming: &Naming, id: &str) -> Result<(), EditError> {
    if naming.is_reserved(id) {
        let message = format!("the id {id:?} has another meaning in the API; give another one, or leave it out");
        return Err(EditError::Invalid(Said::new("reserved_id", message).with("id", id)));
    }
    Ok(())
}
