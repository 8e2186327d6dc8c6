//! Heating that goes on below a temperature and off above the same: at that temperature it never comes to rest.

use hub_model::Said;
use hub_model::event::Severity;
use hub_model::{DeviceId, Value};

use super::CheckFinding;
use super::effects::{Deed, Role, Wish};
use super::facts::Facts;
use super::home::{Home, Subject};
use super::model::{Case, Model, Rules};
use super::triggers::{Change, Signal};
use super::words::{HEATS, has_word, name};

/// A temperature at which a rule turns a heater on or off.
struct Threshold<'m, 'a> {
    model: &'m Model<'a>,
    case: &'m Case,
    change: &'m Change,
    at: f64,
    path: &'m str,
}

pub(super) fn find(rules: &Rules<'_, '_>, findings: &mut Vec<CheckFinding>) {
    let (mut on, mut off) = (Vec::new(), Vec::new());
    for (_, model) in rules.acting() {
        for case in &model.cases {
            let Some(Signal::Change(change)) = model.signal(case) else { continue };
            let Some(range) = &change.range else { continue };
            for effect in &case.effects {
                let Deed::Set { variable, key: Some(key), wish: Wish::Value { value: Value::Bool(is_on), .. } } =
                    &effect.deed
                else {
                    continue;
                };
                let warms = key.attribute.as_str() == "on"
                    && effect.role != Role::Echo
                    && warms(&key.device, change, &rules.home);
                let bound = if *is_on {
                    range.below.filter(|_| range.above.is_none())
                } else {
                    range.above.filter(|_| range.below.is_none())
                };
                if let (true, Some(at)) = (warms, bound) {
                    let threshold = Threshold { model, case, change, at, path: &effect.path };
                    if *is_on { &mut on } else { &mut off }.push((*variable, threshold));
                }
            }
        }
    }
    for (variable, on) in &on {
        for (other, off) in &off {
            let same = variable == other && on.change.variable == off.change.variable && on.at == off.at;
            if !same || !can_be_both(on.case, off.case) {
                continue;
            }
            let text = format!(
                "{:?} turns {} on below {} ({}) and {:?} turns it off above the same ({}): there it never comes to rest; leave a gap between the two",
                on.model.name(),
                name(*variable, &rules.home),
                on.at,
                on.path,
                off.model.name(),
                off.path,
            );
            let message = Said::new("gap", text).with("place", off.path);
            let others: Vec<&Model<'_>> = if on.model.id == off.model.id { Vec::new() } else { vec![off.model] };
            findings.push(on.model.finding(Severity::Warning, "loop", &others, on.path, message));
        }
    }
}

/// Whether a device warms what a sensor measures: it is in the same area and its name says that it heats.
fn warms(device: &DeviceId, change: &Change, home: &Home<'_>) -> bool {
    let Subject::Attribute(sensor) = home.subject(change.variable) else { return false };
    let (Some(heater), Some(sensor_record)) = (home.record(device), home.record(&sensor.device)) else { return false };
    sensor.attribute.as_str() == "temperature"
        && heater.area.is_some()
        && heater.area == sensor_record.area
        && has_word(heater, HEATS)
}

/// Whether the conditions of both can hold at one time.
fn can_be_both(left: &Case, right: &Case) -> bool {
    let without = |case: &Case| -> Vec<Facts> {
        let mut all = case.guard.cases().to_vec();
        for facts in &mut all {
            facts.keep(|variable| variable.0 < 2);
        }
        all
    };
    without(left).iter().any(|left| without(right).iter().any(|right| left.and(right).is_some()))
}
