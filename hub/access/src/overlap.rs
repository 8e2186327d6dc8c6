//! Rules that are to limit somebody, and do not: the ready-made ones allow the same without a condition.

use hub_model::DeviceId;
use hub_model::event::Severity;
use hub_model::household::Role;

use crate::action::Action;
use crate::check::Finding;
use crate::device_type::DeviceType;
use crate::document::{PolicyRule, ReadyMadeChoice, Who};
use crate::policy::Subject;
use crate::ready_made;
use crate::request::DeviceFacts;
use crate::rule::{CompiledRule, DeviceQuestion};
use crate::set::Set;

/// What is looked at: what people mostly want to limit.
const USUAL: &[(DeviceType, &str)] = &[
    (DeviceType::Light, "on"),
    (DeviceType::Light, "brightness"),
    (DeviceType::Light, "color"),
    (DeviceType::Light, "color_temperature"),
    (DeviceType::Switch, "on"),
    (DeviceType::Cover, "position"),
    (DeviceType::Cover, "tilt"),
    (DeviceType::Cover, "cover_command"),
    (DeviceType::Fan, "on"),
    (DeviceType::Fan, "fan_mode"),
    (DeviceType::Fan, "fan_speed"),
    (DeviceType::Media, "on"),
    (DeviceType::Thermostat, "heating_setpoint"),
    (DeviceType::Thermostat, "hvac_mode"),
    (DeviceType::Sensor, "temperature"),
    (DeviceType::Sensor, "occupancy"),
];

/// Says so if a rule limits nothing, because the ready-made rules of the role allow what it is about anyway. `role` is
/// that of the people it is for. Rules for single devices are left alone: what these are is not in the rule.
pub fn limits_nothing(rule: &PolicyRule, role: Role, choices: &[ReadyMadeChoice]) -> Option<Finding> {
    let id = match &rule.who {
        Who::Person(person) => person.clone(),
        Who::Role(_) => "".into(),
    };
    let subject = Subject { id, name: "".into(), role, expires_at: None };
    let what = rule.what.clone().unwrap_or_default();
    if what.devices.is_some() || !ready_made::in_force(&subject, choices) {
        return None;
    }
    let compiled = CompiledRule::new(rule)?;
    let others = ready_made::rules().iter().filter(|other| other.is_about(&subject.id, role));
    let others: Vec<CompiledRule> = others.filter_map(CompiledRule::new).collect();
    let (device, area) = (DeviceId::new(""), what.areas.as_ref().and_then(|areas| areas.first()));
    let area = area.map(|area| hub_model::AreaId::new(area.clone()));
    for action in rule.allow.iter().copied().filter(|action| is_limited(rule, *action)) {
        for (device_type, attribute) in USUAL {
            let facts =
                DeviceFacts { id: &device, area: area.as_ref(), types: Set::EMPTY.with(*device_type), through: None };
            let question = DeviceQuestion::new(facts, Some(attribute), None);
            let covers = |rule: &CompiledRule| rule.covers_device(action, &question);
            if covers(&compiled) && others.iter().any(covers) {
                return Some(finding(action, attribute, *device_type));
            }
        }
    }
    None
}

/// Whether a condition of the rule holds for this action.
fn is_limited(rule: &PolicyRule, action: Action) -> bool {
    let always = rule.when.is_some() || rule.only_while_home.is_some();
    let beyond_seeing = rule.approval == Some(true) || rule.pin == Some(true);
    let for_control = rule.limits.is_some() || rule.daily.is_some();
    match action {
        Action::See => always,
        Action::Configure => always || beyond_seeing,
        Action::Control => always || beyond_seeing || for_control,
    }
}

fn finding(action: Action, attribute: &str, device_type: DeviceType) -> Finding {
    let (action, device_type) = (action.as_str(), device_type.as_str());
    Finding {
        severity: Severity::Warning,
        code: "limits_nothing",
        path: String::new(),
        message: format!(
            "the ready-made rules allow some of this anyway (to {action} {attribute} of a {device_type}, say): switch them off for whom this is to limit"
        ),
    }
}
