//! Scenes at work: activated by people and rules through the one dispatch, and undone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hub_access::Verdict;
use hub_model::device::EndpointSelector;
use hub_model::record::{Change, Record};
use hub_model::scene::Scene;
use hub_model::{
    AttributeName, Cause, Command, CommandRequest, DeviceId, EndpointNumber, Monotonic, Now, SceneId, Value,
};
use tokio::sync::oneshot;

use crate::CommandError;
use crate::core::{Core, MOST_PENDING, Output, PendingCommit, Run};
use crate::snapshot::DeviceView;

/// For how long an activation can be undone.
const UNDO_WITHIN: Duration = Duration::from_secs(3_600);
/// Activated once more within this, as for a PIN that was wanted, it is one activation, which is undone as a whole.
const ACTIVATED_ONCE_MORE: Duration = Duration::from_secs(5 * 60);
/// What makes a light that is off shine.
const SHINING: [&str; 3] = ["brightness", "color", "color_temperature"];

/// What became of a scene that was activated or undone.
#[derive(Debug)]
pub struct Activation {
    /// The scene.
    pub scene: SceneId,
    /// One for each device and endpoint, in the scene's order.
    pub parts: Vec<ActivatedPart>,
}

/// What became of one endpoint of a device.
#[derive(Debug)]
pub struct ActivatedPart {
    /// The device.
    pub device: DeviceId,
    /// The endpoint, where it was said.
    pub endpoint: Option<EndpointNumber>,
    /// The command on its way, or why there is none.
    pub outcome: Result<Arc<Command>, CommandError>,
}

/// A scene was not activated or undone.
#[derive(Debug, thiserror::Error)]
pub enum SceneError {
    /// There is no such scene.
    #[error("there is no scene {0}")]
    NotFound(SceneId),
    /// Who wants it may not.
    #[error("it was not done: {}", crate::asking::first_reason(.0))]
    NotAllowed(Box<Verdict>),
    /// Nothing of it can be undone.
    #[error("{0}")]
    NothingToUndo(&'static str),
    /// The core has too much to do or is stopping.
    #[error("the hub is busy; try again")]
    Busy,
}

/// Who waits for what became of a scene.
pub(crate) type ActivationReply = oneshot::Sender<Result<Activation, SceneError>>;

/// A scene as a rule wants it.
#[derive(Debug)]
pub(crate) struct WantedScene {
    /// Its id or name.
    pub(crate) scene: Arc<str>,
    /// How long the change should take; none = as the scene says.
    pub(crate) transition_ms: Option<u64>,
    /// What is left to another rule: of which state, which attribute.
    pub(crate) left_out: Vec<(usize, AttributeName)>,
}

/// What the last activation of each scene changed. In memory: a restart forgets it.
#[derive(Debug, Default)]
pub(crate) struct Undos(BTreeMap<SceneId, Undo>);

#[derive(Debug)]
struct Undo {
    activated: Monotonic,
    changed: Vec<Changed>,
}

/// Something that a scene changed.
#[derive(Debug)]
struct Changed {
    device: DeviceId,
    endpoint: EndpointNumber,
    set: (AttributeName, Value),
    /// Of a light's colour this may be another attribute than the one that was set.
    was: (AttributeName, Value),
}

impl Undos {
    /// The scene is gone.
    pub(crate) fn forget(&mut self, scene: &SceneId) {
        self.0.remove(scene);
    }

    /// What was brought back is over. What was not, by who may not do it, is left for who may.
    fn undone(&mut self, activation: &Activation) {
        let Some(undo) = self.0.get_mut(&activation.scene) else { return };
        let is_left = |changed: &Changed| {
            let mut parts = activation.parts.iter();
            let part = parts.find(|part| part.device == changed.device && part.endpoint == Some(changed.endpoint));
            part.is_some_and(|part| part.outcome.is_err())
        };
        undo.changed.retain(is_left);
        if undo.changed.is_empty() {
            self.forget(&activation.scene);
        }
    }
}

/// What an attribute is, or is about to be; none = unknown.
pub(crate) fn wished(view: &DeviceView, endpoint: EndpointNumber, attribute: &str) -> Option<Value> {
    let state = view.state(endpoint, attribute)?;
    let value = state.desired.as_ref().unwrap_or(&state.value);
    (!value.is_unknown()).then(|| value.clone())
}

/// The colour or the colour temperature of a light, whichever is in force.
pub(crate) fn coloring(view: &DeviceView, endpoint: EndpointNumber) -> Option<(AttributeName, Value)> {
    let known = |name: &str| Some((AttributeName::new(name), wished(view, endpoint, name)?));
    let mode = view.state(endpoint, "color_mode").and_then(|state| state.value.as_text().map(ToOwned::to_owned));
    match mode.as_deref() {
        Some(mode) if mode.contains("temp") => known("color_temperature"),
        Some(_) => known("color").or_else(|| known("color_temperature")),
        None => known("color_temperature").or_else(|| known("color")),
    }
}

/// Whether an attribute is now what a scene made of it.
fn is_as_set(view: &DeviceView, endpoint: EndpointNumber, (attribute, set): &(AttributeName, Value)) -> bool {
    let tolerance = view.record.device.attribute(endpoint, attribute.as_str()).map_or(0.0, |schema| schema.tolerance());
    wished(view, endpoint, attribute.as_str()).is_some_and(|now| now.confirms(set, tolerance))
}

/// What a command is going to change.
fn changes_of(view: &DeviceView, request: &CommandRequest) -> Vec<Changed> {
    let device = &view.record.device;
    let mut changed = Vec::new();
    for (attribute, value) in &request.set {
        let Ok(endpoint) = device.resolve(request.endpoint.as_ref(), attribute.as_str()) else { continue };
        let set = (attribute.clone(), value.clone());
        let was = match attribute.as_str() {
            "color" | "color_temperature" => coloring(view, endpoint),
            name => wished(view, endpoint, name).map(|was| (attribute.clone(), was)),
        };
        let is_off = wished(view, endpoint, "on") == Some(Value::Bool(false));
        let sets_on = request.set.iter().any(|(name, _)| name.as_str() == "on");
        if is_off && !sets_on && SHINING.contains(&attribute.as_str()) {
            let [set, was] = [true, false].map(|on| (AttributeName::new("on"), Value::Bool(on)));
            changed.push(Changed { device: device.id.clone(), endpoint, set, was });
        }
        if let Some(was) = was
            && (was.0 != set.0 || !is_as_set(view, endpoint, &set))
        {
            changed.push(Changed { device: device.id.clone(), endpoint, set, was });
        }
    }
    changed
}

impl Core {
    /// A person wants a scene.
    pub(crate) fn scene_requested(
        &mut self,
        now: &Now,
        cause: Cause,
        id: &SceneId,
        (transition_ms, pin): (Option<u64>, bool),
        reply: ActivationReply,
        out: &mut Output,
    ) {
        let Some(scene) = self.table.household.scene(id).map(|record| record.scene.clone()) else {
            out.answers.add(reply, Err(SceneError::NotFound(id.clone())));
            return;
        };
        if let Err(verdict) = self.may_use_scenes(now, &cause) {
            out.answers.add(reply, Err(SceneError::NotAllowed(verdict)));
            return;
        }
        let activation = self.activate(now, &cause, &scene, (transition_ms, pin), out);
        self.answer_when_kept(activation, reply, out);
    }

    /// A rule wants a scene. What cannot be done is said of its run; the rest is done.
    pub(crate) fn scene_of_rule(&mut self, now: &Now, run: &Run, depth: u32, wanted: &WantedScene, out: &mut Output) {
        if !self.author_may_or_say(now, run, hub_access::Action::Control, hub_access::Part::Scenes) {
            return;
        }
        let scene = &wanted.scene;
        let known = self.table.household.scene_named(scene);
        let Some(found) = known.map(|record| record.scene.without(&wanted.left_out)) else {
            self.run_failed(now, run, format!("there is no scene {scene:?} any more; name another one"));
            return;
        };
        let activation = self.activate(now, &self.cause_of(run, depth), &found, (wanted.transition_ms, false), out);
        for part in activation.parts {
            if let Err(error) = part.outcome {
                self.run_failed(now, run, format!("scene {:?}: {error}", found.name));
            }
        }
    }

    fn activate(
        &mut self,
        now: &Now,
        cause: &Cause,
        scene: &Scene,
        (transition_ms, pin): (Option<u64>, bool),
        out: &mut Output,
    ) -> Activation {
        let mut changed = Vec::new();
        let mut parts = Vec::new();
        for (state, request) in scene.states.iter().zip(scene.commands(transition_ms)) {
            let changes = self.table.view(&state.device).map(|view| changes_of(view, &request)).unwrap_or_default();
            let outcome = self.dispatch(now, cause.clone(), request, pin, out);
            if outcome.is_ok() {
                changed.extend(changes);
            }
            parts.push(ActivatedPart { device: state.device.clone(), endpoint: state.endpoint, outcome });
        }
        // Pressed twice, the second time changes nothing: what the first one did can still be undone.
        if !changed.is_empty() {
            let before = self.undos.0.remove(&scene.id);
            let left = before.map(|undo| self.still_as_set(now, undo, &changed)).unwrap_or_default();
            changed.extend(left);
            self.undos.0.insert(scene.id.clone(), Undo { activated: now.mono, changed });
        }
        Activation { scene: scene.id.clone(), parts }
    }

    /// What of an activation shortly before is as the scene has set it then, and was not changed anew.
    fn still_as_set(&self, now: &Now, undo: Undo, anew: &[Changed]) -> Vec<Changed> {
        if now.mono.since(undo.activated) > ACTIVATED_ONCE_MORE {
            return Vec::new();
        }
        let place = |changed: &Changed| (changed.device.clone(), changed.endpoint, changed.set.0.clone());
        let is_left = |changed: &Changed| {
            let is_set = |view| is_as_set(view, changed.endpoint, &changed.set);
            anew.iter().all(|other| place(other) != place(changed))
                && self.table.view(&changed.device).is_some_and(|view| is_set(view))
        };
        undo.changed.into_iter().filter(is_left).collect()
    }

    /// A person wants the states from before the last activation back: of what it changed, and only where nobody has
    /// changed it again since.
    pub(crate) fn undo_requested(
        &mut self,
        now: &Now,
        cause: &Cause,
        id: &SceneId,
        reply: ActivationReply,
        out: &mut Output,
    ) {
        let Some(transition_ms) = self.table.household.scene(id).map(|record| record.scene.transition_ms) else {
            out.answers.add(reply, Err(SceneError::NotFound(id.clone())));
            return;
        };
        if let Err(verdict) = self.may_use_scenes(now, cause) {
            out.answers.add(reply, Err(SceneError::NotAllowed(verdict)));
            return;
        }
        let requests = match self.undos.0.get(id) {
            None => Err("it was not activated since the hub started, changed nothing, or was undone already"),
            Some(undo) if now.mono.since(undo.activated) > UNDO_WITHIN => Err("it was activated more than an hour ago"),
            Some(undo) => match self.requests_of(undo, transition_ms) {
                requests if requests.is_empty() => Err("all that it changed was changed again since"),
                requests => Ok(requests),
            },
        };
        let requests = match requests {
            Ok(requests) => requests,
            Err(why) => {
                self.undos.forget(id);
                out.answers.add(reply, Err(SceneError::NothingToUndo(why)));
                return;
            }
        };
        let parts = requests.into_iter().map(|((device, endpoint), request)| {
            let outcome = self.dispatch(now, cause.clone(), request, false, out);
            ActivatedPart { device, endpoint: Some(endpoint), outcome }
        });
        let activation = Activation { scene: id.clone(), parts: parts.collect() };
        self.undos.undone(&activation);
        self.answer_when_kept(activation, reply, out);
    }

    /// One command for each endpoint.
    fn requests_of(
        &self,
        undo: &Undo,
        transition_ms: Option<u64>,
    ) -> BTreeMap<(DeviceId, EndpointNumber), CommandRequest> {
        let mut requests: BTreeMap<_, CommandRequest> = BTreeMap::new();
        for Changed { device, endpoint, set, was } in &undo.changed {
            if !self.table.view(device).is_some_and(|view| is_as_set(view, *endpoint, set)) {
                continue;
            }
            let request = requests.entry((device.clone(), *endpoint)).or_insert_with(|| CommandRequest {
                device: device.clone(),
                endpoint: Some(EndpointSelector::Number(*endpoint)),
                set: Vec::new(),
                transition_ms,
                ttl_ms: None,
            });
            request.set.push(was.clone());
        }
        for request in requests.values_mut() {
            only_off(&mut request.set);
        }
        requests
    }

    /// The answer comes once the commands are on the disk, all together; they are carried out at once.
    fn answer_when_kept(&mut self, activation: Activation, reply: ActivationReply, out: &mut Output) {
        let commands = || activation.parts.iter().filter_map(|part| part.outcome.as_ref().ok());
        let changes: Vec<Change> =
            commands().map(|command| Change::Put(Record::Command((**command).clone()))).collect();
        if changes.is_empty() {
            out.answers.add(reply, Ok(activation));
        } else if self.commits.len() >= MOST_PENDING {
            commands().for_each(|command| self.commands.mark_not_kept(&command.id));
            let activation = self.with_newest_commands(activation);
            out.answers.add(reply, Ok(activation));
        } else {
            self.commit(changes, PendingCommit::Activation { activation, reply }, out);
        }
    }

    /// The commands of an activation are on the disk, or cannot be.
    pub(crate) fn activation_kept(
        &mut self,
        activation: Activation,
        kept: bool,
        reply: ActivationReply,
        out: &mut Output,
    ) {
        if !kept {
            let commands = activation.parts.iter().filter_map(|part| part.outcome.as_ref().ok());
            commands.for_each(|command| self.commands.mark_not_kept(&command.id));
        }
        let activation = self.with_newest_commands(activation);
        out.answers.add(reply, Ok(activation));
    }

    fn with_newest_commands(&self, mut activation: Activation) -> Activation {
        for command in activation.parts.iter_mut().filter_map(|part| part.outcome.as_mut().ok()) {
            if let Some(newest) = self.commands.find(&command.id) {
                *command = newest;
            }
        }
        activation
    }
}

/// A light that is off is off: to set anything else of it would switch it on.
pub(crate) fn only_off(set: &mut Vec<(AttributeName, Value)>) {
    let is_off = |(name, value): &(AttributeName, Value)| name.as_str() == "on" && *value == Value::Bool(false);
    if set.iter().any(is_off) {
        set.retain(is_off);
    }
}
