//! What must hold.

use std::sync::Arc;
use std::time::Duration;

use hub_model::household::Location;
use hub_model::record::DecidedOn;
use hub_model::zone::{TimeOfDay, Weekday, Zone};
use hub_model::{AttributeState, Availability, DeviceId, Now, Timestamp, Value};
use serde_json::{Map, Value as Json};

use super::{AttributeKey, NumberRange, Pattern, Who, any_matches, is_at};
use crate::World;
use crate::expression::{self, Expression};
use crate::sun::{SunTime, between_sun_events};
use crate::wall::WallHistory;

/// What must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Where it stands in the document.
    pub path: Arc<str>,
    /// What it is.
    pub kind: ConditionKind,
    /// Why it cannot be asked in this home (something that it names is gone): then it does not hold.
    pub unresolved: Option<Arc<str>>,
}

/// What a condition is.
#[derive(Clone, Debug, PartialEq)]
pub enum ConditionKind {
    /// All of these attributes have one of these values.
    State {
        /// Which.
        watched: Vec<AttributeKey>,
        /// One of these.
        is: Vec<Pattern>,
        /// For at least this long.
        hold: Option<Duration>,
    },
    /// All of these attributes are numbers in a range.
    Numeric {
        /// Which.
        watched: Vec<AttributeKey>,
        /// This.
        range: NumberRange,
    },
    /// Local clocks show a time between two, on one of some days.
    Time {
        /// At or after this.
        after: Option<TimeOfDay>,
        /// Before this.
        before: Option<TimeOfDay>,
        /// One of these; empty = any.
        weekdays: Vec<Weekday>,
    },
    /// The sun is between two of its moments.
    Sun(SunWindow),
    /// Somebody is at one of these places.
    Presence {
        /// Who.
        who: Who,
        /// `home`, `away` or zones.
        is: Vec<Arc<str>>,
        /// For at least this long.
        hold: Option<Duration>,
    },
    /// The home is in one of these modes.
    Mode(Vec<Arc<str>>),
    /// All of these devices can be reached, or cannot.
    Availability {
        /// Which.
        devices: Vec<DeviceId>,
        /// This.
        is: Availability,
    },
    /// An expression that comes to true.
    If(Expression),
    /// All of them.
    And(Vec<Condition>),
    /// At least one of them.
    Or(Vec<Condition>),
    /// None of them.
    Not(Vec<Condition>),
}

/// Between two moments of the sun.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SunWindow {
    /// After this.
    pub after: Option<SunTime>,
    /// Before this.
    pub before: Option<SunTime>,
}

/// What a condition or an expression may look at.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// What time it is.
    pub now: &'a Now,
    /// What clocks showed before they were set.
    pub wall: &'a WallHistory,
    /// Where clocks show what.
    pub zone: &'a Zone,
    /// Where the sun rises.
    pub location: Option<&'a Location>,
    /// The home.
    pub world: &'a dyn World,
    /// What set the rule off.
    pub trigger: &'a Json,
    /// The rule's variables.
    pub variables: &'a Map<String, Json>,
}

impl<'a> Scope<'a> {
    /// How long something has been so that is so since `since`, however the clock was set meanwhile.
    fn stood(&self, since: Timestamp) -> Duration {
        self.now.time().since(self.wall.by_present_clock(since))
    }

    /// What an expression sees of it.
    pub fn seen(&self) -> expression::Scope<'a> {
        let Self { now, zone, world, trigger, variables, .. } = *self;
        expression::Scope { now, zone, world, trigger, variables }
    }
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// Where the condition stands.
    pub path: Arc<str>,
    /// Which attribute, if it is one.
    pub key: Option<AttributeKey>,
    /// What it was.
    pub value: Value,
    /// Whether that was as wanted.
    pub held: bool,
}

/// What conditions came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// Everything that was looked at, in order.
    pub looked_at: Vec<Looked>,
    /// The values that it was decided on.
    pub decided_on: Vec<DecidedOn>,
    /// An expression could not be worked out, or a condition not be asked.
    pub error: Option<Arc<str>>,
}

impl Verdict {
    fn look(&mut self, condition: &Condition, value: Value, held: bool) -> bool {
        self.looked_at.push(Looked { path: Arc::clone(&condition.path), key: None, value, held });
        held
    }
}

impl Condition {
    /// Whether it holds. What was looked at is added to `verdict`.
    pub fn holds(&self, scope: &Scope<'_>, verdict: &mut Verdict) -> bool {
        if let Some(problem) = &self.unresolved {
            verdict.error.get_or_insert_with(|| Arc::clone(problem));
            return verdict.look(self, Value::Unknown, false);
        }
        match &self.kind {
            ConditionKind::And(inner) => inner.iter().all(|condition| condition.holds(scope, verdict)),
            ConditionKind::Or(inner) => inner.iter().any(|condition| condition.holds(scope, verdict)),
            ConditionKind::Not(inner) => !inner.iter().any(|condition| condition.holds(scope, verdict)),
            ConditionKind::State { watched, is, hold } => {
                self.each_state(watched, scope, verdict, |state| state_holds(state, is, *hold, scope))
            }
            ConditionKind::Numeric { watched, range } => {
                self.each_state(watched, scope, verdict, |state| range.contains(&state.value))
            }
            ConditionKind::Time { after, before, weekdays } => {
                let local = scope.zone.local(scope.now.time());
                let time = TimeOfDay {
                    hour: local.hour().unsigned_abs(),
                    minute: local.minute().unsigned_abs(),
                    second: local.second().unsigned_abs(),
                };
                let held = (weekdays.is_empty() || weekdays.contains(&Weekday::of(local.date())))
                    && time_between(time, *after, *before);
                verdict.look(self, Value::text(time.to_string()), held)
            }
            ConditionKind::Sun(window) => {
                let held = scope.location.is_some_and(|location| window.contains(scope, location));
                let local = scope.zone.local(scope.now.time());
                // Without a place it is not the time that keeps it from holding.
                let shown = scope.location.map(|_| format!("{:02}:{:02}", local.hour(), local.minute()));
                verdict.look(self, shown.map(Value::text).unwrap_or_default(), held)
            }
            ConditionKind::Presence { who, is, hold } => {
                let (value, held) = presence_holds(who, is, *hold, scope);
                verdict.look(self, value, held)
            }
            ConditionKind::Mode(is) => {
                let mode = &scope.world.home().mode;
                verdict.look(self, Value::text(Arc::clone(mode)), is.contains(mode))
            }
            ConditionKind::Availability { devices, is } => {
                !devices.is_empty()
                    && devices.iter().all(|device| {
                        let availability = scope.world.availability(device);
                        verdict.look(self, Value::text(availability.as_str()), availability == *is)
                    })
            }
            ConditionKind::If(expression) => {
                let expression::Evaluated { result, read } = expression.holds(&scope.seen());
                for key in read.iter().map(|read| &read.key) {
                    verdict.decided_on.extend(key.state(scope.world).and_then(|state| key.decided_on(state)));
                }
                match result {
                    Ok(holds) => verdict.look(self, Value::Bool(holds), holds),
                    Err(error) => {
                        verdict.error.get_or_insert_with(|| Arc::from(error.to_string()));
                        verdict.look(self, Value::Unknown, false)
                    }
                }
            }
        }
    }

    fn each_state(
        &self,
        watched: &[AttributeKey],
        scope: &Scope<'_>,
        verdict: &mut Verdict,
        holds: impl Fn(&AttributeState) -> bool,
    ) -> bool {
        !watched.is_empty()
            && watched.iter().all(|key| {
                let state = key.state(scope.world);
                let held = state.is_some_and(&holds);
                let value = state.map(|state| state.value.clone()).unwrap_or_default();
                verdict.looked_at.push(Looked { path: Arc::clone(&self.path), key: Some(key.clone()), value, held });
                verdict.decided_on.extend(state.and_then(|state| key.decided_on(state)));
                held
            })
    }
}

impl SunWindow {
    /// Whether it is between the two moments now.
    pub fn contains(&self, scope: &Scope<'_>, location: &Location) -> bool {
        between_sun_events(self.after, self.before, location, scope.zone, scope.now.time())
    }
}

/// Whether a time of day is at or after `after` and before `before`; a window that ends before it begins goes over
/// midnight.
pub(super) fn time_between(time: TimeOfDay, after: Option<TimeOfDay>, before: Option<TimeOfDay>) -> bool {
    match (after, before) {
        (Some(after), Some(before)) if after > before => time >= after || time < before,
        (after, before) => after.is_none_or(|after| time >= after) && before.is_none_or(|before| time < before),
    }
}

/// Whether a state is one of `is` and has been for as long as is wanted. Unknown never is.
fn state_holds(state: &AttributeState, is: &[Pattern], hold: Option<Duration>, scope: &Scope<'_>) -> bool {
    !state.value.is_unknown()
        && any_matches(is, &state.value)
        && hold.is_none_or(|hold| state.changed_at.is_some_and(|changed_at| scope.stood(changed_at) >= hold))
}

fn presence_holds(who: &Who, is: &[Arc<str>], hold: Option<Duration>, scope: &Scope<'_>) -> (Value, bool) {
    let mut places = Vec::new();
    let (mut all, mut any) = (true, false);
    for person in scope.world.people() {
        if !who.includes(person) {
            continue;
        }
        let Some(presence) = &person.presence else {
            all = false;
            continue;
        };
        places.push(format!("{} {}", person.name, presence.place));
        let held = is.iter().any(|wanted| is_at(wanted, &presence.place))
            && hold.is_none_or(|hold| scope.stood(presence.since) >= hold);
        all &= held;
        any |= held;
    }
    let held = if *who == Who::Everyone { all && any } else { any };
    let value = if places.is_empty() { Value::Unknown } else { Value::text(places.join(", ")) };
    (value, held)
}
