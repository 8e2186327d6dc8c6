//! Rules that want different things of one attribute at once: the one with the greater priority has it.

use std::collections::BTreeMap;

use hub_model::{AttributeName, AutomationId, CommandRequest, DeviceId, EndpointNumber, RunId, Value};

use super::Action;
use crate::World;
use crate::compile::scene_named;

/// What makes a light that is off shine.
const SHINING: [&str; 3] = ["brightness", "color", "color_temperature"];

/// Which attribute of which device.
type Key = (DeviceId, Option<EndpointNumber>, AttributeName);

/// Of each attribute, the greatest priority with which it is set, and by whom.
type Greatest = BTreeMap<Key, (i32, AutomationId)>;

/// Takes from the commands and scenes of one turn what another rule of a greater priority sets too, and says so. What
/// is of equal priority all stays, in its order.
pub(super) fn settle(out: &mut Vec<Action>, world: &dyn World, priority: impl Fn(&AutomationId) -> i32) {
    let acting = out.iter().filter_map(|action| match action {
        Action::Command { automation, .. } | Action::Scene { automation, .. } => Some(priority(automation)),
        _ => None,
    });
    let mut acting = acting.peekable();
    let first = acting.peek().copied();
    // What happens most often costs least.
    if acting.all(|other| Some(other) == first) {
        return;
    }
    let mut greatest = Greatest::new();
    let mut contested = false;
    let mut claim =
        |greatest: &mut Greatest, key: Key, own: i32, automation: &AutomationId| match greatest.get_mut(&key) {
            Some((other, _)) if *other == own => {}
            Some(other) => {
                contested = true;
                if own > other.0 {
                    *other = (own, automation.clone());
                }
            }
            None => {
                greatest.insert(key, (own, automation.clone()));
            }
        };
    for (automation, settings) in out.iter().filter_map(|action| sets(action, world)) {
        settings.into_iter().for_each(|setting| claim(&mut greatest, setting.key, priority(automation), automation));
    }
    for (automation, settings) in out.iter().filter_map(|action| sets(action, world)) {
        let own = priority(automation);
        for setting in settings.iter().filter(|setting| setting.turns_off) {
            if greatest.get(&setting.key).is_some_and(|(greatest, _)| *greatest == own) {
                shining(&setting.key).for_each(|key| claim(&mut greatest, key, own, automation));
            }
        }
    }
    if !contested {
        return;
    }
    let mut settled = Vec::with_capacity(out.len());
    for mut action in out.drain(..) {
        let Some((automation, keys)) = sets(&action, world) else {
            settled.push(action);
            continue;
        };
        let (own, all) = (priority(automation), keys.len());
        let mut outranked: Option<String> = None;
        let mut lost: Vec<(usize, AttributeName)> = Vec::new();
        for Setting { place, key, .. } in keys {
            if let Some((_, winner)) = greatest.get(&key).filter(|(greatest, _)| *greatest > own) {
                let (device, _, name) = key;
                let known = world.device(&device).map_or(device.as_str(), |record| &record.name);
                outranked.get_or_insert_with(|| format!("{known} {name} is left to {winner}"));
                lost.push((place, name));
            }
        }
        let nothing_is_left = all > 0 && lost.len() == all;
        if let Some((automation, run)) = leave_out(&mut action, lost).filter(|_| outranked.is_some()) {
            let detail = outranked.map(Into::into);
            settled.push(Action::Run { automation, run, phase: "outranked", detail });
        }
        if !nothing_is_left {
            settled.push(action);
        }
    }
    *out = settled;
}

/// Something that an action sets.
struct Setting {
    /// The place of its command in the action.
    place: usize,
    key: Key,
    turns_off: bool,
}

/// What would switch on a light that is turned off: who turns it off has these too.
fn shining((device, endpoint, _): &Key) -> impl Iterator<Item = Key> {
    SHINING.iter().map(move |name| (device.clone(), *endpoint, AttributeName::new(*name)))
}

/// What an action sets; none = nothing.
fn sets<'a>(action: &'a Action, world: &dyn World) -> Option<(&'a AutomationId, Vec<Setting>)> {
    match action {
        Action::Command { automation, request, .. } => Some((automation, keys(0, request, world).collect())),
        Action::Scene { automation, scene, .. } => {
            let scene = scene_named(scene, world)?;
            let requests: Vec<CommandRequest> = scene.commands(None).collect();
            let requests = requests.iter().enumerate();
            Some((automation, requests.flat_map(|(place, request)| keys(place, request, world)).collect()))
        }
        _ => None,
    }
}

fn keys<'r>(place: usize, request: &'r CommandRequest, world: &'r dyn World) -> impl Iterator<Item = Setting> + 'r {
    let record = world.device(&request.device);
    request.set.iter().map(move |(name, value)| {
        let endpoint = record.and_then(|record| record.device.resolve(request.endpoint.as_ref(), name.as_str()).ok());
        let turns_off = name.as_str() == "on" && *value == Value::Bool(false);
        Setting { place, key: (request.device.clone(), endpoint, name.clone()), turns_off }
    })
}

/// Takes settings from an action; gives whose it is.
fn leave_out(action: &mut Action, lost: Vec<(usize, AttributeName)>) -> Option<(AutomationId, RunId)> {
    match action {
        Action::Command { automation, run, request, .. } => {
            request.set.retain(|(name, _)| !lost.iter().any(|(_, lost)| lost == name));
            Some((automation.clone(), run.clone()))
        }
        Action::Scene { automation, run, left_out, .. } => {
            left_out.extend(lost);
            Some((automation.clone(), run.clone()))
        }
        _ => None,
    }
}
