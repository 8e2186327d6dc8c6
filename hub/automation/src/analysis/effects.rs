//! What rules do to a home, and what that does in turn.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::device::Capability;
use hub_model::{AreaId, AttributeName, DeviceId, Value};

use super::facts::{Guard, Variable};
use super::home::{Home, Subject};
use super::set::Set;
use super::words::{HEATS, LIGHTS, has_word};
use crate::expression::Template;
use crate::rule::{AttributeKey, NotifyStep};

/// How far apart two colours may lie that look the same.
const COLOR_STEP: f64 = 1.0;

/// Something that a rule does.
#[derive(Clone, Debug)]
pub(super) struct Effect {
    /// The step that does it.
    pub(super) path: Arc<str>,
    pub(super) deed: Deed,
    /// When it comes to it.
    pub(super) guard: Guard,
    /// Effects of one number come in one moment; 0 is the moment in which the rule fires.
    pub(super) moment: u32,
    /// The parallel parts that it is in: which fork, which part, and the moment in which the fork began.
    pub(super) forks: Vec<(usize, usize, u32)>,
    pub(super) role: Role,
    /// What comes of it through the air.
    pub(super) air: Vec<Air>,
}

/// How an effect comes about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// A step sets it.
    Said,
    /// A step sets the group that it is a member of.
    Member,
    /// A device that is a group of others.
    Group,
    /// It shows what another attribute was set to.
    Echo,
    /// A rule that this one runs does it.
    Called,
}

/// What is done.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// An attribute, or the mode, is set.
    Set { variable: Variable, key: Option<AttributeKey>, wish: Wish },
    /// People are told something.
    Told(NotifyStep),
    /// Another rule is run.
    Call(usize),
}

/// What something is set to.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    /// A value, and the values that it is not told apart from.
    Value { value: Value, around: Set },
    /// The opposite of what it is.
    Opposite,
    /// Whatever is worked out when the rule runs.
    Computed(Option<Template>),
    /// The value of something else.
    Copy(Variable),
}

impl Wish {
    /// Whether both set the same.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value { value, around }, Self::Value { value: other, around: others }) => {
                let alike = matches!(value, Value::Composite(_)) && value.confirms(other, COLOR_STEP);
                value == other || alike || around.meets(others)
            }
            (Self::Opposite, Self::Opposite) => true,
            (Self::Computed(Some(left)), Self::Computed(Some(right))) => left == right,
            (Self::Copy(left), Self::Copy(right)) => left == right,
            _ => false,
        }
    }

    /// Whether they surely set different values, or one of them may.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value { .. }, Self::Value { .. }) => !self.agrees(other),
            (Self::Opposite, Self::Value { .. }) | (Self::Value { .. }, Self::Opposite) => true,
            _ => false,
        }
    }
}

/// What an effect does through the air.
#[derive(Clone, Copy, Debug)]
pub(super) struct Air {
    /// What it changes.
    pub(super) variable: Variable,
    pub(super) kind: AirKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum AirKind {
    /// More of it is more light, as much as a lamp gives.
    Lamp,
    /// More of it is more light, as much as the sun gives.
    Shade,
    /// What is off draws no power.
    Power,
}

/// What is where, found once.
pub(super) struct Surroundings {
    /// The groups that a device is in.
    groups: BTreeMap<DeviceId, Vec<DeviceId>>,
    /// Sensors of light by area.
    illuminance: BTreeMap<AreaId, Vec<AttributeKey>>,
}

impl Surroundings {
    pub(super) fn of(home: &Home<'_>) -> Self {
        let mut surroundings = Self { groups: BTreeMap::new(), illuminance: BTreeMap::new() };
        for record in home.world.devices() {
            for member in &record.device.members {
                surroundings.groups.entry(member.clone()).or_default().push(record.device.id.clone());
            }
            let Some(area) = &record.area else { continue };
            for (endpoint, schema) in record.device.attributes() {
                if schema.name.as_str() == "illuminance" {
                    let device = record.device.id.clone();
                    let key = AttributeKey { device, endpoint, attribute: schema.name.clone() };
                    surroundings.illuminance.entry(area.clone()).or_default().push(key);
                }
            }
        }
        surroundings
    }

    /// Everything that is set where a step sets `key`.
    pub(super) fn spread(&self, key: AttributeKey, wish: Wish, home: &mut Home<'_>) -> Vec<Spread> {
        let (key, wish) = canonical(key, wish, home);
        let mut spread = Vec::new();
        let members = home.record(&key.device).map(|record| record.device.members.clone()).unwrap_or_default();
        let mut has_members = false;
        for member in members {
            if let Some(member) = same_attribute(&member, &key, home) {
                has_members = true;
                self.one(member, wish.clone(), Role::Member, home, &mut spread);
            }
        }
        for group in self.groups.get(&key.device).into_iter().flatten() {
            if let Some(group) = same_attribute(group, &key, home) {
                // A group is on as long as any of its members is.
                let is_on = matches!(&wish, Wish::Value { value: Value::Bool(true), .. });
                let shown = if is_on { wish.clone() } else { Wish::Computed(None) };
                self.one(group, shown, Role::Echo, home, &mut spread);
            }
        }
        self.one(key, wish, if has_members { Role::Group } else { Role::Said }, home, &mut spread);
        spread
    }

    fn one(&self, key: AttributeKey, wish: Wish, role: Role, home: &mut Home<'_>, spread: &mut Vec<Spread>) {
        for (name, shown) in echoes(&key, &wish, home) {
            if let Some(other) = home.beside(&key, name) {
                let variable = home.attribute(&other);
                spread.push(Spread { variable, key: other, wish: shown, role: Role::Echo, air: Vec::new() });
            }
        }
        let air = self.air(&key, home);
        let variable = home.attribute(&key);
        spread.push(Spread { variable, key, wish, role, air });
    }

    fn air(&self, key: &AttributeKey, home: &mut Home<'_>) -> Vec<Air> {
        let mut air = Vec::new();
        let name = key.attribute.as_str();
        let Some(record) = home.record(&key.device) else { return air };
        let endpoint = record.device.endpoint(key.endpoint);
        let is = |wanted| endpoint.is_some_and(|endpoint| endpoint.capabilities.contains(&wanted));
        if name == "on"
            && let Some(power) = home.beside(key, "power")
            && let Some(variable) = home.known(&Subject::Attribute(power))
        {
            air.push(Air { variable, kind: AirKind::Power });
        }
        let lamp =
            is(Capability::Light) || (is(Capability::Switch) && has_word(record, LIGHTS) && !has_word(record, HEATS));
        let kind = match name {
            "on" | "brightness" if lamp => AirKind::Lamp,
            "position" if is(Capability::Cover) => AirKind::Shade,
            _ => return air,
        };
        for sensor in record.area.as_ref().and_then(|area| self.illuminance.get(area)).into_iter().flatten() {
            if let Some(variable) = home.known(&Subject::Attribute(sensor.clone())) {
                air.push(Air { variable, kind });
            }
        }
        air
    }
}

/// One attribute that a step sets.
pub(super) struct Spread {
    pub(super) variable: Variable,
    pub(super) key: AttributeKey,
    pub(super) wish: Wish,
    pub(super) role: Role,
    pub(super) air: Vec<Air>,
}

/// The attribute of that name on another device.
fn same_attribute(device: &DeviceId, key: &AttributeKey, home: &Home<'_>) -> Option<AttributeKey> {
    let record = home.record(device)?;
    let on_same = record.device.attribute(key.endpoint, key.attribute.as_str()).map(|_| key.endpoint);
    let endpoint = on_same.or_else(|| record.device.resolve(None, key.attribute.as_str()).ok())?;
    Some(AttributeKey { device: device.clone(), endpoint, attribute: key.attribute.clone() })
}

/// A cover that is told to open or close is told a position.
fn canonical(key: AttributeKey, wish: Wish, home: &Home<'_>) -> (AttributeKey, Wish) {
    let Wish::Value { value: Value::Text(text), .. } = &wish else { return (key, wish) };
    let position = match (key.attribute.as_str(), &**text) {
        ("cover_command", "open") => 100.0,
        ("cover_command", "close") => 0.0,
        _ => return (key, wish),
    };
    let key = AttributeKey { attribute: AttributeName::from("position"), ..key };
    let tolerance = home.tolerance(&key).max(0.5);
    let around = Set::closed(position - tolerance, position + tolerance);
    (key, Wish::Value { value: Value::number(position), around })
}

/// What other attributes of the endpoint show then.
fn echoes(key: &AttributeKey, wish: &Wish, home: &mut Home<'_>) -> Vec<(&'static str, Wish)> {
    let bool_of =
        |value: bool| Wish::Value { value: Value::Bool(value), around: Set::point(f64::from(u8::from(value))) };
    match (key.attribute.as_str(), wish) {
        ("position", Wish::Value { value: Value::Number(position), .. }) => vec![("open", bool_of(*position > 0.0))],
        ("locked", Wish::Value { value: Value::Bool(locked), .. }) => {
            let word = if *locked { "locked" } else { "unlocked" };
            let around = Set::point(home.text(word));
            vec![("lock_state", Wish::Value { value: Value::text(word), around })]
        }
        _ => Vec::new(),
    }
}
