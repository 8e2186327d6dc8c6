//! Scenes as people make them: written, or captured from what is. Checked against the home, all findings in one go.

use std::collections::BTreeSet;
use std::sync::Arc;

use hub_automation::document::Finding;
use hub_model::attribute::{AttributeSchema, Category};
use hub_model::device::EndpointSelector;
use hub_model::name::{SCENES, nearest, same_name};
use hub_model::record::SceneRecord;
use hub_model::revision::{RevisedKind, RevisionChange};
use hub_model::scene::{Scene, SceneState};
use hub_model::{AttributeName, Cause, Device, DeviceId, EndpointNumber, Now, Said, SceneId, Value};

use crate::core::{Core, PendingCommit};
use crate::edits::refuse_reserved;
use crate::handle::EditError;
use crate::prepared::Prepared;
use crate::revisions::author_of;
use crate::scenes::{coloring, only_off, wished};
use crate::snapshot::DeviceView;

/// How many scenes a home may have.
const MOST_SCENES: usize = 500;
/// How many states a scene may set.
const MOST_STATES: usize = 200;
/// How many attributes one state may set.
const MOST_SETTINGS: usize = 64;
/// How many ids a finding lists.
const LISTED: usize = 10;
/// What is captured where nobody says what. Locks are left out: a scene that was captured by day must not open the
/// door at night.
const CAPTURED: [&str; 9] = [
    "on",
    "brightness",
    "position",
    "tilt",
    "hvac_mode",
    "heating_setpoint",
    "cooling_setpoint",
    "fan_mode",
    "fan_speed",
];

/// A scene as somebody writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneDraft {
    /// What people call it.
    pub name: Arc<str>,
    /// How long the change takes if nobody says.
    pub transition_ms: Option<u64>,
    /// What is set, in order.
    pub states: Vec<DraftState>,
}

/// What a scene sets on a device, as somebody writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftState {
    /// The device's id or name.
    pub device: Arc<str>,
    /// The endpoint; may be left out where each attribute is on one endpoint only.
    pub endpoint: Option<EndpointSelector>,
    /// What to set, in order.
    pub set: Vec<(AttributeName, Value)>,
}

impl Core {
    /// Whether a scene, or one that is on its way to the disk, is like this.
    fn has_scene(&self, is_like: impl Fn(&Scene) -> bool) -> bool {
        let is_coming = |pending: &PendingCommit| match pending {
            PendingCommit::Edit(edit) => {
                matches!(edit.prepared(), Prepared::Scene(record, _) if is_like(&record.scene))
            }
            _ => false,
        };
        self.table.household.scenes().iter().any(&is_like) || self.commits.values().any(is_coming)
    }

    /// Checks a scene that somebody wrote.
    pub(crate) fn prepare_scene(
        &mut self,
        now: &Now,
        cause: &Cause,
        id: Option<SceneId>,
        draft: SceneDraft,
        must_exist: Option<bool>,
    ) -> Result<Prepared, EditError> {
        let id = id.unwrap_or_else(|| {
            SCENES.free_id(&draft.name, |id| self.has_scene(|scene| scene.id.as_str() == id)).into()
        });
        let is_there = self.has_scene(|scene| scene.id == id);
        match (must_exist, is_there) {
            (Some(true), false) => return Err(EditError::NotFound { what: "scene", id: id.to_string() }),
            (Some(false), true) => {
                let text = format!("there is already a scene {id}");
                return Err(EditError::Conflict(Said::new("scene", text).with("id", &id)));
            }
            _ => {}
        }
        let change = if is_there { RevisionChange::Changed } else { RevisionChange::Created };
        self.checked_scene(now, cause, id, draft, change)
    }

    /// Checks a scene that is to be again what it was.
    pub(crate) fn prepare_scene_revert(
        &mut self,
        now: &Now,
        cause: &Cause,
        id: SceneId,
        draft: SceneDraft,
        revision: u64,
    ) -> Result<Prepared, EditError> {
        self.checked_scene(now, cause, id, draft, RevisionChange::Reverted { revision })
    }

    fn checked_scene(
        &mut self,
        now: &Now,
        cause: &Cause,
        id: SceneId,
        draft: SceneDraft,
        change: RevisionChange,
    ) -> Result<Prepared, EditError> {
        if !self.has_scene(|scene| scene.id == id) {
            refuse_reserved(&SCENES, id.as_str())?;
            self.refuse_too_many_scenes()?;
        }
        self.refuse_taken_name(&draft.name, Some(&id))?;
        let states = self.check_states(now, cause, &draft.states)?;
        let scene = Scene { id, name: draft.name, transition_ms: draft.transition_ms, states };
        Ok(Prepared::Scene(self.scene_revision(now, cause, scene), change))
    }

    fn refuse_too_many_scenes(&self) -> Result<(), EditError> {
        if self.table.household.scenes().len() >= MOST_SCENES {
            let text = format!("a home has at most {MOST_SCENES} scenes; remove some");
            return Err(EditError::Conflict(Said::new("scenes", text).with("most", MOST_SCENES)));
        }
        Ok(())
    }

    /// Makes a scene of what is now.
    pub(crate) fn prepare_capture(
        &mut self,
        now: &Now,
        cause: &Cause,
        name: Arc<str>,
        devices: &[Arc<str>],
        attributes: Option<&[AttributeName]>,
    ) -> Result<Prepared, EditError> {
        self.refuse_taken_name(&name, None)?;
        let (mut findings, mut states, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (index, device) in devices.iter().enumerate() {
            let path = format!("devices[{index}]");
            match self.device_named(now, cause, device) {
                Err(message) => findings.push(Finding::new("unknown_name", path, None, message)),
                Ok(view) => {
                    let captured = capture(&view, attributes);
                    if captured.is_empty() {
                        let text = format!(
                            "nothing is known of {} that a scene could set{}",
                            view.record.name,
                            if attributes.is_some() { "; leave attributes out for the usual ones" } else { "" }
                        );
                        let message = Said::new("nothing_to_set", text).with("device", &view.record.name);
                        findings.push(Finding::new("bad_value", path, None, message));
                    }
                    if seen.insert(view.record.device.id.clone()) {
                        states.extend(captured);
                    }
                }
            }
        }
        if devices.is_empty() {
            findings.push(Finding::new("missing", "devices", None, Said::new("device", "give at least one device")));
        }
        if states.len() > MOST_STATES {
            findings.push(too_many_states("devices"));
        }
        if !findings.is_empty() {
            return Err(EditError::Scene(findings));
        }
        let id = SCENES.free_id(&name, |id| self.has_scene(|scene| scene.id.as_str() == id)).into();
        self.refuse_too_many_scenes()?;
        let scene = Scene { id, name, transition_ms: None, states };
        Ok(Prepared::Scene(self.scene_revision(now, cause, scene), RevisionChange::Created))
    }

    /// A scene under the number of its next revision.
    pub(crate) fn scene_revision(&mut self, now: &Now, cause: &Cause, scene: Scene) -> SceneRecord {
        let revision = self.revisions.next(RevisedKind::Scene, scene.id.as_str());
        SceneRecord { scene, revision, author: author_of(cause), changed_at: now.time() }
    }

    /// Scenes that name a device name the one in its place.
    pub(crate) fn scenes_with_device_replaced(
        &mut self,
        now: &Now,
        old: &DeviceId,
        new: &DeviceId,
    ) -> Vec<SceneRecord> {
        let concerned = |record: &&SceneRecord| record.scene.states.iter().any(|state| state.device == *old);
        let records = Arc::clone(&self.table.household.records);
        let replaced = records.iter().filter(concerned).map(|record| {
            let revision = self.revisions.next(RevisedKind::Scene, record.scene.id.as_str());
            let mut record = SceneRecord { revision, changed_at: now.time(), ..record.clone() };
            for state in record.scene.states.iter_mut().filter(|state| state.device == *old) {
                state.device = new.clone();
            }
            record
        });
        replaced.collect()
    }

    /// People tell scenes apart by their names.
    fn refuse_taken_name(&self, name: &str, own: Option<&SceneId>) -> Result<(), EditError> {
        match self.has_scene(|other| Some(&other.id) != own && same_name(&other.name, name)) {
            true => {
                let text = format!("there is already a scene of the name {name:?}");
                Err(EditError::Conflict(Said::new("scene_name", text).with("name", name)))
            }
            false => Ok(()),
        }
    }

    fn check_states(&self, now: &Now, cause: &Cause, drafts: &[DraftState]) -> Result<Vec<SceneState>, EditError> {
        let (mut findings, mut states, mut seen) = (Vec::new(), Vec::<SceneState>::new(), BTreeSet::new());
        if drafts.is_empty() {
            findings.push(Finding::new("missing", "states", None, Said::new("state", "give at least one state")));
        }
        for (index, draft) in drafts.iter().enumerate().take(MOST_STATES + 1) {
            let path = format!("states[{index}]");
            let view = match self.device_named(now, cause, &draft.device) {
                Ok(view) => view,
                Err(message) => {
                    findings.push(Finding::new("unknown_name", format!("{path}.device"), None, message));
                    continue;
                }
            };
            let device = &view.record.device;
            if draft.set.is_empty() || draft.set.len() > MOST_SETTINGS {
                let text = format!("set 1 to {MOST_SETTINGS} attributes");
                let message = Said::new("settings", text).with("most", MOST_SETTINGS);
                findings.push(Finding::new("missing", format!("{path}.set"), None, message));
            }
            // One state for each endpoint: a device may get another one with the same attribute later.
            let first = states.len();
            for (attribute, value) in draft.set.iter().take(MOST_SETTINGS) {
                match check_setting(device, draft.endpoint.as_ref(), attribute, value) {
                    Err((code, message)) => {
                        findings.push(Finding::new(code, format!("{path}.set.{attribute}"), None, message));
                    }
                    Ok(endpoint) if !seen.insert((device.id.clone(), endpoint, attribute.clone())) => {
                        let text = format!("{attribute} of {} is set twice; leave one out", device.id);
                        let message = Said::new("set_twice", text).with("attribute", attribute);
                        let message = message.with("device", &view.record.name);
                        findings.push(Finding::new("bad_value", format!("{path}.set.{attribute}"), None, message));
                    }
                    Ok(endpoint) => {
                        let setting = (attribute.clone(), value.clone());
                        let known = states.iter_mut().skip(first).find(|state| state.endpoint == Some(endpoint));
                        match known {
                            Some(state) => state.set.push(setting),
                            None => states.push(SceneState {
                                device: device.id.clone(),
                                endpoint: Some(endpoint),
                                set: vec![setting],
                            }),
                        }
                    }
                }
            }
        }
        if drafts.len() > MOST_STATES || states.len() > MOST_STATES {
            findings.push(too_many_states("states"));
        }
        if findings.is_empty() { Ok(states) } else { Err(EditError::Scene(findings)) }
    }

    /// The device of this id, or else the only one of this name, as who wants something sees it. What they do not see
    /// is not there.
    fn device_named(&self, now: &Now, cause: &Cause, name: &str) -> Result<Arc<DeviceView>, Said> {
        let seen = |view: &Arc<DeviceView>| self.seen_by_cause(now, cause, view);
        if let Some(view) = self.table.view(&DeviceId::new(name)).and_then(seen) {
            return Ok(view);
        }
        let named = self.table.views().filter(|view| same_name(&view.record.name, name));
        let named: Vec<Arc<DeviceView>> = named.filter_map(seen).take(LISTED + 1).collect();
        match named.as_slice() {
            [only] => Ok(Arc::clone(only)),
            [] => {
                let all: Vec<Arc<DeviceView>> = self.table.views().filter_map(seen).collect();
                let known = all.iter().flat_map(|view| [&*view.record.name, view.record.device.id.as_str()]);
                let near = nearest(name, known);
                let hint = near.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
                let said = Said::new("device", format!("there is no device {name:?}{hint}")).with("name", name);
                Err(said.with_some("near", near))
            }
            several => {
                let ids: Vec<&str> = several.iter().take(LISTED).map(|view| view.record.device.id.as_str()).collect();
                let ids = ids.join(", ");
                let text = format!("{name:?} is the name of several devices; write one of their ids: {ids}");
                Err(Said::new("several_devices", text).with("name", name).with("ids", ids))
            }
        }
    }
}

fn too_many_states(path: &str) -> Finding {
    let text = format!("a scene sets at most {MOST_STATES} states; make several of it");
    Finding::new("too_large", path, None, Said::new("states", text).with("most", MOST_STATES))
}

/// What of a scene a device cannot do, in words that name the place.
pub(crate) fn wrong_settings(scene: &Scene, device: &Device) -> Vec<Finding> {
    let states = scene.states.iter().enumerate().filter(|(_, state)| state.device == device.id);
    let settings = states.flat_map(|(index, state)| state.set.iter().map(move |setting| (index, state, setting)));
    let wrong = settings.filter_map(|(index, state, (attribute, value))| {
        let endpoint = state.endpoint.map(EndpointSelector::Number);
        let (code, message) = check_setting(device, endpoint.as_ref(), attribute, value).err()?;
        Some(Finding::new(code, format!("states[{index}].set.{attribute}"), None, message))
    });
    wrong.collect()
}

/// The endpoint that is meant, if the value can be set there.
fn check_setting(
    device: &Device,
    endpoint: Option<&EndpointSelector>,
    attribute: &AttributeName,
    value: &Value,
) -> Result<EndpointNumber, (&'static str, Said)> {
    let about = |case, text| Said::new(case, text).with("attribute", attribute).with("device", &device.id);
    let unknown = |text: String| ("unknown_name", about("setting", text));
    let endpoint = device.resolve(endpoint, attribute.as_str()).map_err(|error| unknown(error.to_string()))?;
    let Some(schema) = device.attribute(endpoint, attribute.as_str()) else {
        return Err(unknown(format!("{} has no attribute {attribute}", device.id)));
    };
    if !schema.access.write {
        let text = format!("{attribute} of {} can only be read; leave it out", device.id);
        return Err(("bad_value", about("read_only", text)));
    }
    schema.check(value).map_err(|error| ("bad_value", error.said()))?;
    Ok(endpoint)
}

/// Whether an attribute has a state that a scene can bring back.
fn can_be_captured(schema: &AttributeSchema) -> bool {
    schema.access.write && (schema.access.read || schema.access.notify) && !schema.momentary
}

/// What a scene would set to bring a device back to how it is now.
fn capture(view: &DeviceView, attributes: Option<&[AttributeName]>) -> Vec<SceneState> {
    let device = &view.record.device;
    let mut states = Vec::new();
    for endpoint in &device.endpoints {
        let mut set: Vec<(AttributeName, Value)> = Vec::new();
        let mut take = |name: &str, value: Option<Value>| {
            let schema = endpoint.attribute(name).filter(|schema| can_be_captured(schema));
            if let (Some(schema), Some(value)) = (schema, value)
                && schema.check(&value).is_ok()
            {
                set.push((schema.name.clone(), value));
            }
        };
        match attributes {
            Some(names) => {
                for name in names {
                    take(name.as_str(), wished(view, endpoint.number, name.as_str()));
                }
            }
            None => {
                let is_setting = |name: &str| {
                    endpoint.attribute(name).is_some_and(|schema| schema.category == Some(Category::Config))
                };
                for name in CAPTURED.into_iter().filter(|name| !is_setting(name)) {
                    take(name, wished(view, endpoint.number, name));
                }
                if let Some((name, value)) = coloring(view, endpoint.number) {
                    take(name.as_str(), Some(value));
                }
                only_off(&mut set);
            }
        }
        if !set.is_empty() {
            states.push(SceneState { device: device.id.clone(), endpoint: Some(endpoint.number), set });
        }
    }
    states
}
