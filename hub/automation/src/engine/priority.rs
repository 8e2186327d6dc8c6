//! Rules that want different things of one attribute at once: the one with the greater priority has it.

use std::collections::BTreeMap;

use hub_model::{AttributeName, AutomationId, CommandRequest, DeviceId, EndpointNumber, RunId};

use super::Action;
use crate::World;

/// Which attribute of which device.
type Key = (DeviceId, Option<EndpointNumber>, AttributeName);

/// Takes from the commands of one turn what another rule of a greater priority sets too, and says so. Commands of
/// equal priority all stay, in their order.
pub(super) fn settle(out: &mut Vec<Action>, world: &dyn World, priority: impl Fn(&AutomationId) -> i32) {
    let mut greatest: BTreeMap<Key, (i32, AutomationId)> = BTreeMap::new();
    let mut contested = false;
    for action in &*out {
        let Action::Command { automation, request, .. } = action else { continue };
        let own = priority(automation);
        for key in keys(request, world) {
            match greatest.get_mut(&key) {
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
            }
        }
    }
    if !contested {
        return;
    }
    let mut settled = Vec::with_capacity(out.len());
    for action in out.drain(..) {
        let Action::Command { automation, run, depth, mut request } = action else {
            settled.push(action);
            continue;
        };
        let own = priority(&automation);
        let mut outranked: Option<(AutomationId, RunId, String)> = None;
        let keys: Vec<Key> = keys(&request, world).collect();
        let mut keys = keys.iter();
        request.set.retain(|(name, _)| {
            let winner = keys.next().and_then(|key| greatest.get(key)).filter(|(greatest, _)| *greatest > own);
            if let Some((_, winner)) = winner {
                let device = world.device(&request.device);
                let device = device.map_or(request.device.as_str(), |record| &record.name);
                let detail = format!("{device} {name} is left to {winner}");
                outranked.get_or_insert((automation.clone(), run.clone(), detail));
            }
            winner.is_none()
        });
        if let Some((automation, run, detail)) = outranked {
            settled.push(Action::Run { automation, run, phase: "outranked", detail: Some(detail.into()) });
        }
        if !request.set.is_empty() {
            settled.push(Action::Command { automation, run, depth, request });
        }
    }
    *out = settled;
}

fn keys<'r>(request: &'r CommandRequest, world: &'r dyn World) -> impl Iterator<Item = Key> + 'r {
    let record = world.device(&request.device);
    request.set.iter().map(move |(name, _)| {
        let endpoint = record.and_then(|record| record.device.resolve(request.endpoint.as_ref(), name.as_str()).ok());
        (request.device.clone(), endpoint, name.clone())
    })
}
