//! A blind that takes its time.

use std::time::Duration;

use driver_api::Reading;
use hub_model::command::Setting;
use hub_model::{DeviceId, EndpointNumber, Value};

use crate::home::{Home, Unit};

/// How often a moving blind reports.
pub(crate) const STEP: Duration = Duration::from_secs(1);
/// How far it moves in one step.
const PERCENT_PER_STEP: f64 = 5.0;
/// Where the mechanism is.
const ENDPOINT: EndpointNumber = 1;

/// Where a blind is going.
pub(crate) const FULLY: [(&str, f64); 2] = [("open", 100.0), ("close", 0.0)];

/// Points a blind at what is wished. True = it has to move; false = it only turns its slats, or stays.
pub(crate) fn aim(unit: &mut Unit, setting: &Setting) -> bool {
    let target = match setting.attribute.as_str() {
        "position" => setting.value.as_number(),
        "cover_command" => FULLY.iter().find(|(word, _)| setting.value.as_text() == Some(word)).map(|(_, to)| *to),
        _ => return false,
    };
    // «stop»: the target is where it is.
    unit.target = target.or_else(|| unit.value(ENDPOINT, "position").as_number());
    true
}

/// Moves a blind by one step. True = it goes on.
pub(crate) fn step(home: &mut Home, device: &DeviceId) -> bool {
    let Some(unit) = home.unit_mut(device) else { return false };
    let (Some(target), Some(position)) = (unit.target, unit.value(ENDPOINT, "position").as_number()) else {
        return false;
    };
    let arrived = (target - position).abs() <= PERCENT_PER_STEP;
    let next = if arrived { target } else { position + PERCENT_PER_STEP.copysign(target - position) };
    let motion = match (arrived, target > position) {
        (true, _) => "stopped",
        (false, true) => "opening",
        (false, false) => "closing",
    };
    if arrived {
        unit.target = None;
    }
    let readings = vec![reading("position", Value::number(next)), reading("motion", Value::text(motion))];
    home.take(device, readings);
    !arrived
}

fn reading(attribute: &str, value: Value) -> Reading {
    Reading { endpoint: ENDPOINT, attribute: attribute.into(), value }
}
