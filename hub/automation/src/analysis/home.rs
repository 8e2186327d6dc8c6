//! What rules speak of: the variables of a home, the values that each can have, and their names.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::device::DeviceRecord;
use hub_model::{AccountId, AttributeName, AttributeSchema, Availability, DeviceId, Kind, Value};

use super::facts::{CLOCK, SUN, Variable};
use super::set::{Cut, Set};
use super::sun::{SunDays, WEEK};
use crate::rule::{AWAY, AttributeKey, HOME, NumberRange, Pattern, UNKNOWN};
use crate::{Document, World};

/// What a variable is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Subject {
    Clock,
    Sun,
    /// The value of an attribute.
    Attribute(AttributeKey),
    /// For how many seconds it has had it.
    Since(AttributeKey),
    Mode,
    /// Where a person is.
    Place(AccountId),
    /// For how many seconds they have been there.
    PlaceSince(AccountId),
    /// Whether a device can be reached.
    Reachable(DeviceId),
    /// Whether an expression comes to true.
    Expression(Arc<str>),
    /// Which of its triggers set a rule off.
    Trigger(Arc<str>),
}

/// Bounds of what is measured that hold for any device: the name of an attribute, the least and the greatest.
const NATURAL: &[(&str, f64, f64)] = &[
    ("battery", 0.0, 100.0),
    ("brightness", 0.0, 100.0),
    ("co2", 0.0, f64::INFINITY),
    ("fan_speed", 0.0, 100.0),
    ("humidity", 0.0, 100.0),
    ("illuminance", 0.0, f64::INFINITY),
    ("link_quality", 0.0, f64::INFINITY),
    ("pm25", 0.0, f64::INFINITY),
    ("position", 0.0, 100.0),
    ("pressure", 0.0, f64::INFINITY),
    ("soil_moisture", 0.0, 100.0),
    ("temperature", -273.15, f64::INFINITY),
    ("tilt", 0.0, 100.0),
    ("voc", 0.0, f64::INFINITY),
];

/// The home as the analysis sees it.
pub(super) struct Home<'w> {
    pub(super) world: &'w dyn World,
    pub(super) sun: SunDays,
    subjects: Vec<Subject>,
    universes: Vec<Set>,
    numbers: BTreeMap<Subject, Variable>,
    texts: Vec<Arc<str>>,
    text_numbers: BTreeMap<Arc<str>, usize>,
    /// Who lives here, as far as anybody says.
    pub(super) people: Vec<AccountId>,
    /// Those of them for whom `everyone` does not wait.
    uncounted: Vec<AccountId>,
    modes: Vec<Arc<str>>,
    /// What the value of an expression is made of.
    dependencies: BTreeMap<Variable, Vec<Variable>>,
}

impl<'w> Home<'w> {
    /// `people` and `modes` are those that rules name.
    pub(super) fn new(world: &'w dyn World, people: Vec<AccountId>, modes: Vec<Arc<str>>) -> Self {
        let sun = SunDays::of(world);
        let mut home = Self {
            world,
            universes: vec![Set::half_open(0.0, WEEK), sun.whole()],
            sun,
            subjects: vec![Subject::Clock, Subject::Sun],
            numbers: BTreeMap::from([(Subject::Clock, CLOCK), (Subject::Sun, SUN)]),
            texts: Vec::new(),
            text_numbers: BTreeMap::new(),
            people: world.people().iter().map(|person| person.id.clone()).collect(),
            uncounted: world
                .people()
                .iter()
                .filter(|person| !person.is_waited_for())
                .map(|person| person.id.clone())
                .collect(),
            modes: world.home().modes.clone(),
            dependencies: BTreeMap::new(),
        };
        let nobody_listed = home.people.is_empty();
        for person in people {
            if !home.people.contains(&person) {
                home.people.push(person);
            }
        }
        if nobody_listed && !world.is_complete() {
            // Whoever lives here and is not named.
            home.people.push(AccountId::new("somebody else"));
        }
        for mode in modes {
            if !home.modes.contains(&mode) {
                home.modes.push(mode);
            }
        }
        home
    }

    /// Those for whom `everyone` waits.
    pub(super) fn everyone(&self) -> Vec<AccountId> {
        self.people.iter().filter(|person| !self.uncounted.contains(person)).cloned().collect()
    }

    /// The variable of a subject.
    pub(super) fn variable(&mut self, subject: Subject) -> Variable {
        if let Some(variable) = self.numbers.get(&subject) {
            return *variable;
        }
        let universe = match &subject {
            Subject::Attribute(key) => self.attribute_universe(key),
            Subject::Since(_) | Subject::PlaceSince(_) => Set::of(vec![(Cut::before(0.0), Cut::behind(f64::INFINITY))]),
            Subject::Mode => {
                let modes: Vec<f64> = self.modes.clone().iter().map(|mode| self.text(mode)).collect();
                Set::points(modes)
            }
            Subject::Place(_) => Set::line().with_unknown(true),
            Subject::Reachable(_) => Set::points([0.0, 1.0, 2.0]),
            Subject::Expression(_) => Set::points([0.0, 1.0]),
            Subject::Clock | Subject::Sun => Set::line(),
            Subject::Trigger(_) => Set::line().with_unknown(true),
        };
        let variable = Variable(u32::try_from(self.subjects.len()).unwrap_or(u32::MAX));
        self.subjects.push(subject.clone());
        self.universes.push(universe);
        self.numbers.insert(subject, variable);
        variable
    }

    /// Which trigger set this rule off.
    pub(super) fn trigger_of(&mut self, document: &Document) -> Variable {
        let rule = document.id().unwrap_or_else(|| document.name());
        self.variable(Subject::Trigger(rule.into()))
    }

    /// The variable of a subject that some rule asks for.
    pub(super) fn known(&self, subject: &Subject) -> Option<Variable> {
        self.numbers.get(subject).copied()
    }

    pub(super) fn attribute(&mut self, key: &AttributeKey) -> Variable {
        self.variable(Subject::Attribute(key.clone()))
    }

    pub(super) fn since(&mut self, key: &AttributeKey) -> Variable {
        self.variable(Subject::Since(key.clone()))
    }

    /// What a variable is.
    pub(super) fn subject(&self, variable: Variable) -> &Subject {
        self.subjects.get(variable.0 as usize).unwrap_or(&Subject::Clock)
    }

    /// All values that a variable can have.
    pub(super) fn universe(&self, variable: Variable) -> &Set {
        static NOTHING: std::sync::LazyLock<Set> = std::sync::LazyLock::new(Set::default);
        self.universes.get(variable.0 as usize).unwrap_or(&NOTHING)
    }

    /// Notes what the value of an expression is made of.
    pub(super) fn depends_on(&mut self, expression: Variable, on: Vec<Variable>) {
        self.dependencies.insert(expression, on);
    }

    /// What the value of an expression is made of.
    pub(super) fn dependencies(&self, expression: Variable) -> &[Variable] {
        self.dependencies.get(&expression).map_or(&[], Vec::as_slice)
    }

    /// All values but these.
    pub(super) fn other_than(&self, variable: Variable, set: &Set) -> Set {
        self.universe(variable).without(set)
    }

    /// The number that stands for a text.
    pub(super) fn text(&mut self, text: &str) -> f64 {
        if let Some(number) = self.text_numbers.get(text) {
            return *number as f64;
        }
        // Numbers 0 and 1 are false and true.
        let number = self.texts.len() + 2;
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.text_numbers.insert(text, number);
        number as f64
    }

    /// The text that a number stands for.
    pub(super) fn text_of(&self, number: f64) -> Option<&str> {
        let index = (number >= 2.0 && number.fract() == 0.0).then(|| number as usize - 2)?;
        self.texts.get(index).map(|text| &**text)
    }

    /// The number that stands for a value; none for unknown.
    pub(super) fn number_of(&mut self, value: &Value) -> Option<f64> {
        match value {
            Value::Unknown => None,
            Value::Bool(value) => Some(f64::from(u8::from(*value))),
            Value::Number(number) => Some(*number),
            Value::Text(text) => Some(self.text(text)),
            other => {
                let text = serde_json::to_string(other).unwrap_or_default();
                Some(self.text(&text))
            }
        }
    }

    /// The values that a value is not told apart from.
    pub(super) fn around(&mut self, value: &Value, tolerance: f64) -> Set {
        match (value, self.number_of(value)) {
            (_, None) => Set::unknown(),
            (Value::Number(_), Some(number)) => Set::closed(number - tolerance, number + tolerance),
            (_, Some(number)) => Set::point(number),
        }
    }

    pub(super) fn any_of(&mut self, patterns: &[Pattern]) -> Set {
        patterns.iter().fold(Set::default(), |set, pattern| set.union(&self.around(&pattern.value, pattern.tolerance)))
    }

    pub(super) fn range(range: &NumberRange) -> Set {
        let low = range.above.map_or(Cut::before(f64::NEG_INFINITY), Cut::behind);
        let high = range.below.map_or(Cut::behind(f64::INFINITY), Cut::before);
        Set::of(vec![(low, high)])
    }

    /// Where `place` is: whoever is known not to be at home is away.
    pub(super) fn place(&mut self, place: &str) -> Set {
        if place == AWAY {
            let others = vec![self.text(HOME), self.text(UNKNOWN)];
            return Set::line().without(&Set::points(others));
        }
        Set::point(self.text(place))
    }

    pub(super) fn places(&mut self, places: &[Arc<str>]) -> Set {
        places.iter().fold(Set::default(), |set, place| set.union(&self.place(place)))
    }

    pub(super) fn modes(&mut self, modes: &[Arc<str>]) -> Set {
        let modes: Vec<f64> = modes.iter().map(|mode| self.text(mode)).collect();
        Set::points(modes)
    }

    pub(super) fn availability(is: Availability) -> f64 {
        match is {
            Availability::Unknown => 0.0,
            Availability::Offline => 1.0,
            Availability::Online => 2.0,
        }
    }

    fn attribute_universe(&mut self, key: &AttributeKey) -> Set {
        let name = key.attribute.as_str();
        let Some(schema) = self.schema(key) else { return Set::line().with_unknown(true) };
        let (kind, values) = (schema.kind, schema.values.clone());
        let (mut low, mut high) = (schema.min.unwrap_or(f64::NEG_INFINITY), schema.max.unwrap_or(f64::INFINITY));
        let known = match kind {
            Kind::Bool => Set::points([0.0, 1.0]),
            Kind::Enum if !values.is_empty() => {
                let values: Vec<f64> = values.iter().map(|value| self.text(value)).collect();
                Set::points(values)
            }
            Kind::Number => {
                if low >= high {
                    (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
                }
                if let Some((_, least, greatest)) = NATURAL.iter().find(|(natural, ..)| *natural == name) {
                    (low, high) = (low.max(*least), high.min(*greatest));
                }
                Set::closed(low, high)
            }
            _ => Set::line(),
        };
        known.with_unknown(true)
    }

    pub(super) fn record(&self, device: &DeviceId) -> Option<&'w DeviceRecord> {
        self.world.device(device)
    }

    pub(super) fn schema(&self, key: &AttributeKey) -> Option<&'w AttributeSchema> {
        self.record(&key.device)?.device.attribute(key.endpoint, key.attribute.as_str())
    }

    /// How far apart two values may lie that the device does not tell apart.
    pub(super) fn tolerance(&self, key: &AttributeKey) -> f64 {
        self.schema(key).map_or(0.0, AttributeSchema::tolerance)
    }

    /// What people call a device.
    pub(super) fn device_name(&self, device: &DeviceId) -> &'w str {
        self.world.device(device).map_or("?", |record| &*record.name)
    }

    /// The attribute of this name on the same endpoint, if the device has it.
    pub(super) fn beside(&self, key: &AttributeKey, name: &str) -> Option<AttributeKey> {
        let other = AttributeKey { attribute: AttributeName::from(name), ..key.clone() };
        self.schema(&other).map(|_| other)
    }
}
