//! What a device does when it is told to.

use std::sync::Arc;
use std::time::Duration;

use driver_api::{DriverCommand, Reading};
use hub_model::command::{FailureReason, Setting};
use hub_model::{EndpointNumber, Value};

use crate::blind;
use crate::home::{Home, Unit, round};
use crate::random::Random;

/// What alarms detect.
const ALARMS: [&str; 2] = ["water_leak", "smoke"];
/// How long after it was asked for a test begins, and how long it lasts.
const TEST_BEGINS: Duration = Duration::from_millis(500);
const TEST_LASTS: Duration = Duration::from_secs(20);

/// What follows from a command.
#[derive(Debug, PartialEq)]
pub(crate) enum Effect {
    /// After so long the device has these values and reports them.
    Take(Duration, Vec<Reading>),
    /// A blind starts to move.
    Move,
}

/// Why a command cannot be sent.
pub(crate) fn refusal(home: &Home, command: &DriverCommand) -> Option<(FailureReason, Arc<str>)> {
    let Some(unit) = home.unit(&command.device) else {
        return Some((FailureReason::Removed, format!("there is no device {} on this bus", command.device).into()));
    };
    command.settings.iter().find_map(|setting| {
        let problem = match unit.device.attribute(setting.endpoint, setting.attribute.as_str()) {
            None => format!("it has no {} on endpoint {}", setting.attribute, setting.endpoint),
            Some(schema) if !schema.access.write => format!("{} cannot be set", setting.attribute),
            Some(schema) => schema.check(&setting.value).err()?.to_string(),
        };
        Some((FailureReason::Refused, problem.into()))
    })
}

/// Carries a command out: what the device does, and when. The first reports come together.
pub(crate) fn carry_out(home: &mut Home, command: &DriverCommand, random: &mut Random) -> Vec<Effect> {
    let Some(unit) = home.unit_mut(&command.device) else { return Vec::new() };
    let mut effects = Vec::new();
    let mut prompt = Vec::new();
    let mut gradual = Vec::new();
    for setting in &command.settings {
        match setting.attribute.as_str() {
            "brightness" => {
                gradual.push(reading(setting.endpoint, "brightness", native_level(&setting.value)));
                prompt.push(reading(setting.endpoint, "on", Value::Bool(true)));
            }
            "color" => {
                let mode = if setting.value.field("hue").is_some() { "hs" } else { "xy" };
                gradual.push(as_set(setting));
                prompt.push(reading(setting.endpoint, "color_mode", Value::text(mode)));
            }
            "color_temperature" => {
                gradual.push(as_set(setting));
                prompt.push(reading(setting.endpoint, "color_mode", Value::text("color_temperature")));
            }
            "locked" => {
                let bolt = if setting.value == Value::Bool(true) { "locked" } else { "unlocked" };
                let readings = vec![as_set(setting), reading(setting.endpoint, "lock_state", Value::text(bolt))];
                effects.push(Effect::Take(random.milliseconds(1_000, 2_000), readings));
            }
            "position" | "tilt" | "cover_command" => {
                if blind::aim(unit, setting) {
                    effects.push(Effect::Move);
                } else if setting.attribute.as_str() != "cover_command" {
                    prompt.push(as_set(setting));
                }
            }
            "self_test" => effects.extend(self_test(unit, setting)),
            "identify" => {}
            _ => prompt.push(as_set(setting)),
        }
    }
    // A later setting of the same command has the last word: {brightness: 40, on: false} ends off.
    let mut last: Vec<Reading> = Vec::new();
    for reading in prompt {
        last.retain(|earlier| (earlier.endpoint, &earlier.attribute) != (reading.endpoint, &reading.attribute));
        last.push(reading);
    }
    if command.transition.is_none() {
        last.append(&mut gradual);
    }
    if !last.is_empty() {
        effects.push(Effect::Take(random.milliseconds(10, 150), last));
    }
    if !gradual.is_empty() {
        let transition = command.transition.unwrap_or_default().min(Duration::from_secs(3_600));
        effects.push(Effect::Take(transition + random.milliseconds(10, 150), gradual));
    }
    effects
}

/// What an alarm detects while it is tested, as its button does: for a while, and then no more.
fn self_test(unit: &Unit, setting: &Setting) -> Vec<Effect> {
    let reported = |is_on: bool| {
        let detected = ALARMS.iter().filter_map(|name| Some((unit.endpoint_of(name)?, *name)));
        let detected = detected.map(|(endpoint, name)| reading(endpoint, name, Value::Bool(is_on)));
        detected.chain([Reading { value: Value::Bool(is_on), ..as_set(setting) }]).collect()
    };
    let is_on = setting.value == Value::Bool(true);
    let begins = Effect::Take(TEST_BEGINS, reported(is_on));
    let ends = is_on.then(|| Effect::Take(TEST_BEGINS + TEST_LASTS, reported(false)));
    [begins].into_iter().chain(ends).collect()
}

fn as_set(setting: &Setting) -> Reading {
    Reading { endpoint: setting.endpoint, attribute: setting.attribute.clone(), value: setting.value.clone() }
}

fn reading(endpoint: EndpointNumber, attribute: &str, value: Value) -> Reading {
    Reading { endpoint, attribute: attribute.into(), value }
}

/// A light counts its brightness in 254 steps; 40 % comes back as 40.2 %.
fn native_level(percent: &Value) -> Value {
    match percent.as_number() {
        Some(percent) => Value::number(round((percent * 2.54).round() / 2.54, 0.1)),
        None => Value::Unknown,
    }
}
