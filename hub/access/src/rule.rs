//! One rule, made ready to be asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::household::Role;
use hub_model::{Now, Timestamp, Trust, Value};

use crate::action::{Action, Actions};
use crate::device_type::{DeviceType, DeviceTypes};
use crate::document::{Limit, PolicyRule, What};
use crate::part::{self, Part, Parts};
use crate::protection::{self, Protections};
use crate::request::{DeviceFacts, Household, Resident};
use crate::roles;
use crate::set::Set;
use crate::verdict::{Obstacles, ReasonCode};
use crate::window::{Window, next_day};

/// The id of what everybody may.
const EVERYBODY: &str = "everybody";

/// One rule, made ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct CompiledRule {
    pub(crate) id: Arc<str>,
    pub(crate) actions: Actions,
    scope: Scope,
    pub(crate) window: Option<Window>,
    pub(crate) ends_at: Option<Timestamp>,
    pub(crate) home: Option<HomeCondition>,
    pub(crate) limits: BTreeMap<Arc<str>, Limit>,
    pub(crate) daily_minutes: Option<u32>,
    approval: bool,
    pin: bool,
}

/// What a rule is about.
#[derive(Clone, Debug)]
enum Scope {
    /// Everything, protected or not.
    Everything,
    /// Some devices and some parts.
    Some {
        devices: Option<DeviceScope>,
        /// By action: which parts are protected depends on it.
        parts: [Parts; 3],
    },
}

/// Which devices a rule is about, and which of their attributes.
#[derive(Clone, Debug, Default)]
struct DeviceScope {
    areas: Option<Words>,
    devices: Option<Words>,
    attributes: Option<Words>,
    types: Option<DeviceTypes>,
    /// What is protected and named by a type.
    named_by_type: Protections,
    /// What is protected and named by an attribute.
    named_by_attribute: Protections,
}

/// Some words, sorted.
#[derive(Clone, Debug)]
struct Words(Box<[Arc<str>]>);

impl Words {
    fn of(words: &[Arc<str>]) -> Self {
        let mut words = words.to_vec();
        words.sort_unstable();
        Self(words.into())
    }

    fn contain(&self, word: &str) -> bool {
        self.0.binary_search_by(|one| (**one).cmp(word)).is_ok()
    }
}

/// Who must be at home.
#[derive(Clone, Debug)]
pub(crate) struct HomeCondition {
    roles: Set<Role>,
    people: Words,
    /// In words, for reasons.
    pub(crate) words: Arc<[Arc<str>]>,
}

impl HomeCondition {
    fn of(words: &[Arc<str>]) -> Self {
        let roles = words.iter().filter_map(|word| roles::named(word));
        let people: Vec<_> = words.iter().filter(|word| roles::named(word).is_none()).cloned().collect();
        Self {
            roles: roles.map(roles::meant_by).fold(Set::EMPTY, Set::union),
            people: Words::of(&people),
            words: words.into(),
        }
    }

    fn holds(&self, people: &[Resident], now: &Now) -> bool {
        people.iter().any(|resident| {
            resident.is_home(now) && (self.roles.contains(resident.role) || self.people.contain(resident.id.as_str()))
        })
    }
}

/// What is asked of a device, with what is protected about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeviceQuestion<'a> {
    pub(crate) device: DeviceFacts<'a>,
    pub(crate) attribute: Option<&'a str>,
    pub(crate) value: Option<&'a Value>,
    of_attribute: Protections,
    pub(crate) protections: Protections,
}

impl<'a> DeviceQuestion<'a> {
    pub(crate) fn new(device: DeviceFacts<'a>, attribute: Option<&'a str>, value: Option<&'a Value>) -> Self {
        let of_attribute = attribute.map_or(Set::EMPTY, protection::of_attribute);
        let protections = protection::of_types(device.types).union(of_attribute);
        Self { device, attribute, value, of_attribute, protections }
    }

    /// Whether it would switch the device off, which never uses anything up.
    pub(crate) fn switches_off(&self) -> bool {
        match self.value {
            Some(Value::Bool(on)) => !on && self.attribute == Some("on"),
            Some(Value::Text(text)) => &**text == "off",
            _ => false,
        }
    }
}

impl CompiledRule {
    /// The rule, ready; none if something of it cannot be read.
    pub(crate) fn new(rule: &PolicyRule) -> Option<Self> {
        let window = match &rule.when {
            Some(when) => Some(Window::of(when)?),
            None => None,
        };
        Some(Self {
            id: Arc::clone(&rule.id),
            actions: rule.allow.iter().copied().collect(),
            scope: Scope::of(rule.what.as_ref()),
            window,
            ends_at: rule.ends_at(),
            home: rule.only_while_home.as_deref().map(HomeCondition::of),
            limits: rule.limits.clone().unwrap_or_default(),
            daily_minutes: rule.daily.map(|daily| daily.minutes),
            approval: rule.approval == Some(true),
            pin: rule.pin == Some(true),
        })
    }

    fn unconditional(id: &str, scope: Scope) -> Self {
        Self {
            id: id.into(),
            actions: Set::all(),
            scope,
            window: None,
            ends_at: None,
            home: None,
            limits: BTreeMap::new(),
            daily_minutes: None,
            approval: false,
            pin: false,
        }
    }

    /// What everybody with an account may.
    pub(crate) fn for_everybody() -> Self {
        let may = |action: Action| part::parts_where(|row| row.everybody.contains(&action));
        let parts = [may(Action::See), may(Action::Control), may(Action::Configure)];
        Self::unconditional(EVERYBODY, Scope::Some { devices: None, parts })
    }

    /// What owners may.
    pub(crate) fn for_owners() -> Self {
        Self::unconditional("owner", Scope::Everything)
    }

    /// How much it asks for: the freest rules are asked first, so that nobody is asked for a PIN, and nothing is used
    /// up, where another rule allows the same for nothing.
    pub(crate) fn price(&self) -> u8 {
        if matches!(self.scope, Scope::Everything) {
            return 0;
        }
        let asks = [
            (self.is_bound_to_time(), 1_u8),
            (self.home.is_some() || !self.limits.is_empty(), 1),
            (self.daily_minutes.is_some(), 4),
            (self.pin, 8),
            (self.approval, 16),
        ];
        1 + asks.iter().filter(|(asked, _)| *asked).map(|(_, price)| *price).sum::<u8>()
    }

    /// Whether it depends on what time it is.
    pub(crate) fn is_bound_to_time(&self) -> bool {
        self.window.is_some() || self.ends_at.is_some()
    }

    /// Whether it is about this part.
    pub(crate) fn covers_part(&self, action: Action, part: Part) -> bool {
        let is_covered = match &self.scope {
            Scope::Everything => true,
            Scope::Some { parts, .. } => parts.get(action as usize).is_some_and(|parts| parts.contains(part)),
        };
        self.actions.contains(action) && is_covered
    }

    /// Whether it is about this device and attribute.
    pub(crate) fn covers_device(&self, action: Action, question: &DeviceQuestion<'_>) -> bool {
        let is_covered = match &self.scope {
            Scope::Everything => true,
            Scope::Some { devices, .. } => devices.as_ref().is_some_and(|devices| devices.cover(action, question)),
        };
        self.actions.contains(action) && is_covered
    }

    /// What keeps it from allowing what it is about. `question` is none for a part of the hub.
    pub(crate) fn obstacles(
        &self,
        action: Action,
        question: Option<&DeviceQuestion<'_>>,
        needs_pin: bool,
        person: &str,
        household: &Household<'_>,
    ) -> Obstacles {
        let noted = |code: ReasonCode, holds: bool| if holds { Set::EMPTY } else { Set::EMPTY.with(code) };
        let is_home = self.home.as_ref().is_none_or(|home| home.holds(household.people, household.now));
        let seen = self.obstacles_of_time(household).union(noted(ReasonCode::NobodyHome, is_home));
        if action == Action::See {
            return seen;
        }
        let used = seen
            .union(noted(ReasonCode::NeedsApproval, !self.approval))
            .union(noted(ReasonCode::NeedsPin, household.pin || !(self.pin || needs_pin)));
        let Some(question) = question.filter(|_| action == Action::Control) else { return used };
        let has_time_left = self.daily_minutes.is_none_or(|minutes| {
            question.switches_off() || household.allowances.left(person, &self.id, minutes, household).is_some()
        });
        used.union(noted(ReasonCode::ValueOutOfLimits, self.is_within_limits(question)))
            .union(noted(ReasonCode::UsedUp, has_time_left))
    }

    fn obstacles_of_time(&self, household: &Household<'_>) -> Obstacles {
        let time = household.now.time();
        if self.ends_at.is_some_and(|ends_at| ends_at <= time) {
            return Set::EMPTY.with(ReasonCode::Expired);
        }
        if self.is_bound_to_time() && household.now.wall.trust == Trust::Persisted {
            return Set::EMPTY.with(ReasonCode::ClockNotTrusted);
        }
        if self.window.as_ref().is_some_and(|window| !window.contains(time, household.zone)) {
            return Set::EMPTY.with(ReasonCode::OutsideWindow);
        }
        Set::EMPTY
    }

    fn is_within_limits(&self, question: &DeviceQuestion<'_>) -> bool {
        let (Some(attribute), Some(value)) = (question.attribute, question.value) else { return true };
        self.limits.get(attribute).is_none_or(|limit| {
            value.as_number().is_some_and(|number| {
                limit.min.is_none_or(|min| min <= number) && limit.max.is_none_or(|max| number <= max)
            })
        })
    }

    /// The next instant at which time alone may change what it says.
    pub(crate) fn changes_after(&self, person: &str, household: &Household<'_>) -> Option<Timestamp> {
        let left =
            self.daily_minutes.and_then(|minutes| household.allowances.left(person, &self.id, minutes, household));
        let used_up = left.map(|left| household.now.time().plus(left));
        [self.turns_at(household), used_up].into_iter().flatten().min()
    }

    /// The next instant at which it may begin or end, whatever people do until then.
    pub(crate) fn turns_at(&self, household: &Household<'_>) -> Option<Timestamp> {
        let (time, zone) = (household.now.time(), household.zone);
        let end = self.ends_at.filter(|ends_at| *ends_at > time);
        let window = self.window.as_ref().and_then(|window| window.changes_after(time, zone));
        let day = self.daily_minutes.and_then(|_| next_day(time, zone));
        [end, window, day].into_iter().flatten().min()
    }

    /// Whether it may begin or end without anybody changing it.
    pub(crate) fn comes_and_goes(&self) -> bool {
        self.is_bound_to_time() || self.home.is_some() || self.daily_minutes.is_some()
    }

    /// Whether it is in force: it is its time, who must be at home is, and of the day's allowance something is left.
    pub(crate) fn is_in_force(&self, person: &str, household: &Household<'_>) -> bool {
        self.obstacles_of_time(household).is_empty()
            && self.home.as_ref().is_none_or(|home| home.holds(household.people, household.now))
            && self
                .daily_minutes
                .is_none_or(|minutes| household.allowances.left(person, &self.id, minutes, household).is_some())
    }
}

impl Scope {
    fn of(what: Option<&What>) -> Self {
        let everything = What::default();
        let what = what.unwrap_or(&everything);
        let named = what.parts.as_ref().map(|words| words.iter().filter_map(|word| Part::named(word)).collect());
        let parts = match named {
            Some(named) => [named; 3],
            None if what.narrows_devices() => [Set::EMPTY; 3],
            None => [Action::See, Action::Control, Action::Configure]
                .map(|action| Parts::all().without(part::protected_for(action))),
        };
        let is_about_devices = what.narrows_devices() || what.parts.is_none();
        Self::Some { devices: is_about_devices.then(|| DeviceScope::of(what)), parts }
    }
}

impl DeviceScope {
    fn of(what: &What) -> Self {
        let words = |words: &Option<Vec<Arc<str>>>| words.as_deref().map(Words::of);
        let types: Option<DeviceTypes> =
            what.types.as_ref().map(|words| words.iter().filter_map(|word| DeviceType::named(word)).collect());
        let attributes = what.capabilities.iter().flatten();
        Self {
            areas: words(&what.areas),
            devices: words(&what.devices),
            attributes: words(&what.capabilities),
            types,
            named_by_type: types.map_or(Set::EMPTY, protection::of_types),
            named_by_attribute: attributes.map(|name| protection::of_attribute(name)).fold(Set::EMPTY, Set::union),
        }
    }

    fn cover(&self, action: Action, question: &DeviceQuestion<'_>) -> bool {
        let DeviceQuestion { device, attribute, .. } = question;
        let is_in_area = |areas: &Words| device.area.is_some_and(|area| areas.contain(area.as_str()));
        let is_listed = |devices: &Words| devices.contain(device.id.as_str());
        let has_attribute = |attributes: &Words| match attribute {
            Some(attribute) => attributes.contain(attribute),
            // Some attributes are something to see or control, but not the device as a whole.
            None => action != Action::Configure && !attributes.0.is_empty(),
        };
        let is_meant = self.areas.as_ref().is_none_or(is_in_area)
            && self.devices.as_ref().is_none_or(is_listed)
            && self.types.is_none_or(|types| types.meets(device.types))
            && self.attributes.as_ref().is_none_or(has_attribute);
        let named_by_attribute = match (&self.attributes, attribute) {
            (None, _) => Set::EMPTY,
            (Some(_), Some(_)) => question.of_attribute,
            (Some(_), None) => self.named_by_attribute,
        };
        let named = self.named_by_type.union(named_by_attribute);
        is_meant && (self.devices.is_some() || question.protections.is_within(named))
    }
}
