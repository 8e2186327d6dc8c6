//! Runs the tests that stand in a rule: the rule alone, in a home of which only what a test gives is known.
//!
//! Time runs as the steps of the test say, and behind the last one until nothing follows any more from what happened, a
//! day at most. A test whose last step is only a wait ends there. What the rule does by then, in order, is what the test
//! names, and nothing else.

use std::time::Duration;

use hub_model::device::EndpointSelector;
use hub_model::event::Severity;
use hub_model::{AttributeName, AutomationId, DeviceId, EndpointNumber, Said, Timestamp, Value};
use jiff::civil;

use super::{Deed, Replay, SimulatedHome, Site, record_of};
use crate::analysis::CheckFinding;
use crate::compile::{device_named, fit, scene_named};
use crate::document::tests::{Effect, Happening, Test};
use crate::document::written::Enabled;
use crate::document::{Finding, Place};
use crate::{Document, World};

/// What local clocks show where a test does not say: noon of a Monday in winter.
const NOON: civil::DateTime = civil::datetime(2026, 1, 5, 12, 0, 0, 0);
/// How long what a test gives has been so, and how long time runs on at most.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How often a rule may be woken by time in all of its tests, so that they end.
const MOST_WAKES: u32 = 10_000;
/// How many more effects are told than are expected.
const MORE_TOLD: usize = 10;

/// What became of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestOutcome {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Whether the rule did what it must.
    pub passed: bool,
    /// What the rule must do, in words, in order.
    pub expected: Vec<String>,
    /// What it did.
    pub got: Vec<String>,
    /// Why the test could not be run to its end, if so.
    pub problem: Option<String>,
    /// Whether nothing can be said of it here: it did not run.
    pub skipped: bool,
}

impl TestOutcome {
    /// As a finding; none if it passed. An error, or for your information that it did not run.
    pub fn finding(&self, automation: &AutomationId) -> Option<CheckFinding> {
        if self.passed {
            return None;
        }
        if self.skipped {
            let message = format!(
                "the test {:?} was not run: the rule follows the sun, and it is not known where the home lies",
                self.name
            );
            let finding =
                Finding::at(&self.place, "test_not_run", Said::new("no_place", message).with("test", &self.name));
            let finding = Finding { severity: Severity::Info, ..finding };
            return Some(CheckFinding::of(&finding, Some(automation)));
        }
        let told = |effects: &[String]| match effects {
            [] => "nothing".to_owned(),
            effects => effects.join(", then "),
        };
        let message = match &self.problem {
            Some(problem) => Said::new("cannot_run", format!("the test {:?} cannot be run: {problem}", self.name)),
            None => {
                let (expected, got) = (told(&self.expected), told(&self.got));
                Said::new("fails", format!("the test {:?} fails; expected: {expected}; got: {got}", self.name))
            }
        };
        let message = message.with("test", &self.name);
        Some(CheckFinding::of(&Finding::at(&self.place, "test_failed", message), Some(automation)))
    }
}

/// Runs all tests of a rule that can run in this home. What the home knows plays no part.
pub fn run_tests(document: &Document, id: &AutomationId, home: &SimulatedHome, site: &Site) -> Vec<TestOutcome> {
    let tests = &document.rule().tests;
    if tests.is_empty() {
        return Vec::new();
    }
    // A rule that is off is tested all the same.
    let document = document.clone().with_enabled(Enabled::Yes);
    let home = home.at_rest();
    let skipped = site.location.is_none() && document.names_key("sun");
    let mut wakes = MOST_WAKES;
    tests
        .iter()
        .map(|test| {
            let mut outcome = TestOutcome {
                name: test.value.name.clone(),
                place: test.place.clone(),
                passed: false,
                expected: test.value.then.iter().map(|effect| words(&effect.value, &home)).collect(),
                got: Vec::new(),
                problem: None,
                skipped,
            };
            if skipped {
                return outcome;
            }
            match run(&test.value, &document, id, home.clone(), site, &mut wakes) {
                Ok((replay_home, deeds)) => {
                    let effects: Vec<&Deed> = deeds.iter().filter(|deed| deed.is_effect()).collect();
                    outcome.passed = effects.len() == test.value.then.len()
                        && effects
                            .iter()
                            .zip(&test.value.then)
                            .all(|(deed, effect)| is_meant(&effect.value, deed, &replay_home));
                    outcome.got = deeds.iter().map(|deed| deed.in_words(&replay_home)).collect();
                }
                Err(problem) => outcome.problem = Some(problem),
            }
            outcome
        })
        .collect()
}

/// The tests of a rule that fail, as findings.
pub fn failed_tests(document: &Document, id: &AutomationId, home: &SimulatedHome, site: &Site) -> Vec<CheckFinding> {
    run_tests(document, id, home, site).iter().filter_map(|outcome| outcome.finding(id)).collect()
}

/// Runs one; gives the home at its end, and what the rule did.
fn run(
    test: &Test,
    document: &Document,
    id: &AutomationId,
    mut home: SimulatedHome,
    site: &Site,
    wakes: &mut u32,
) -> Result<(SimulatedHome, Vec<Deed>), String> {
    let local = test.given.time.unwrap_or(NOON);
    let start = site.zone.instant(local).ok_or_else(|| format!("{local} is too far from now"))?;
    furnish(&mut home, test, start.minus(DAY))?;
    // Names of the steps are found before, so that a typing error is no silent pass.
    let steps = test.when.iter().map(|(after, happening)| Ok((*after, fitted(&mut home, &happening.value)?)));
    let steps = steps.collect::<Result<Vec<(Duration, Happening)>, String>>()?;
    for effect in &test.then {
        check_effect(&effect.value, &home)?;
    }
    let most = test.then.len() + MORE_TOLD;
    let mut deeds = Vec::new();
    let mut replay = Replay::of_one(home.clone(), record_of(document, id, &home), site.clone());
    replay.begin(start);
    let mut at = start;
    let ends_by_waiting = matches!(steps.last(), Some((_, Happening::Wait)));
    for (after, happening) in steps {
        at = at.plus(after);
        advance(&mut replay, at, wakes)?;
        replay.happen(at, happening);
        gather(&mut replay, most, &mut deeds);
    }
    let end = if ends_by_waiting { at } else { at.plus(DAY) };
    while let Some(next) = replay.next_wait().filter(|next| *next <= end) {
        *wakes = wakes.checked_sub(1).ok_or_else(too_long)?;
        advance(&mut replay, next, wakes)?;
        gather(&mut replay, most, &mut deeds);
    }
    Ok((replay.home, deeds))
}

fn too_long() -> String {
    format!("the rule was woken more than {MOST_WAKES} times; let the test take less time")
}

fn advance(replay: &mut Replay, until: Timestamp, wakes: &mut u32) -> Result<(), String> {
    while replay.advance_step(until) {
        *wakes = wakes.checked_sub(1).ok_or_else(too_long)?;
    }
    Ok(())
}

fn gather(replay: &mut Replay, most: usize, deeds: &mut Vec<Deed>) {
    let room = most.saturating_sub(deeds.len());
    deeds.extend(replay.take_lines().map(|line| line.deed).take(room));
}

/// How the home is before.
fn furnish(home: &mut SimulatedHome, test: &Test, since: Timestamp) -> Result<(), String> {
    if let Some(mode) = &test.given.mode {
        home.set_mode(mode);
    }
    for (person, place) in &test.given.presence {
        home.put_person(person, Some(place), since);
    }
    for state in &test.given.states {
        match fitted(home, &state.value)? {
            Happening::Report { device, endpoint, attribute, value } => {
                home.know(&device, endpoint.as_ref(), &attribute, &value, since);
            }
            Happening::Availability { device, to } => {
                home.set_availability(&DeviceId::new(device), to);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The same with the ids of what it names, and with the value as the attribute has it.
fn fitted(home: &mut SimulatedHome, happening: &Happening) -> Result<Happening, String> {
    Ok(match happening {
        Happening::Report { device, endpoint, attribute, value } => {
            let (device, number, value) = fitted_value(home, device, endpoint.as_ref(), attribute, value, false)?;
            let (device, endpoint) = (device.as_str().to_owned(), Some(EndpointSelector::Number(number)));
            Happening::Report { device, endpoint, attribute: attribute.clone(), value }
        }
        Happening::Event { device, endpoint, attribute, value } => {
            let (device, number, value) = fitted_value(home, device, endpoint.as_ref(), attribute, value, true)?;
            let (device, endpoint) = (device.as_str().to_owned(), Some(EndpointSelector::Number(number)));
            Happening::Event { device, endpoint, attribute: attribute.clone(), value }
        }
        Happening::Availability { device, to } => {
            Happening::Availability { device: device_named(device, home)?.as_str().to_owned(), to: *to }
        }
        other => other.clone(),
    })
}

fn fitted_value(
    home: &mut SimulatedHome,
    device: &str,
    endpoint: Option<&EndpointSelector>,
    attribute: &str,
    value: &Value,
    momentary: bool,
) -> Result<(DeviceId, EndpointNumber, Value), String> {
    let name = if home.is_open() { device.to_owned() } else { device_named(device, home)?.as_str().to_owned() };
    let Some((device, number)) = home.find(&name, endpoint, attribute, value, momentary) else {
        return Err(resolved(home, &DeviceId::new(name), endpoint, attribute).err().unwrap_or_default());
    };
    let schema = home.device(&device).and_then(|record| record.device.attribute(number, attribute));
    let value = match schema {
        Some(schema) if !value.is_unknown() => fit(schema, value)?,
        _ => value.clone(),
    };
    Ok((device, number, value))
}

fn resolved(
    home: &SimulatedHome,
    device: &DeviceId,
    endpoint: Option<&EndpointSelector>,
    attribute: &str,
) -> Result<EndpointNumber, String> {
    let record = home.device(device).ok_or_else(|| format!("there is no device {device}"))?;
    record.device.resolve(endpoint, attribute).map_err(|error| error.to_string())
}

/// Whether what an effect names is there.
fn check_effect(effect: &Effect, home: &SimulatedHome) -> Result<(), String> {
    let Effect::Command { device, endpoint, set } = effect else { return Ok(()) };
    if home.is_open() {
        return Ok(());
    }
    let device = device_named(device, home)?;
    for (attribute, value) in set {
        let number = resolved(home, &device, endpoint.as_ref(), attribute)?;
        if let Some(schema) = home.device(&device).and_then(|record| record.device.attribute(number, attribute)) {
            fit(schema, value)?;
        }
    }
    Ok(())
}

/// Whether what a rule did is what a test names.
fn is_meant(effect: &Effect, deed: &Deed, home: &SimulatedHome) -> bool {
    match (effect, deed) {
        (Effect::Command { device, endpoint, set }, Deed::Command { device: done, endpoint: at, set: values, .. }) => {
            device_named(device, home).is_ok_and(|device| device == *done)
                && set.iter().all(|(attribute, value)| {
                    is_set(home, done, endpoint.as_ref(), *at, &AttributeName::new(attribute.as_str()), value, values)
                })
        }
        (Effect::Scene(name), Deed::Scene { scene, .. }) => {
            scene_named(name, home).map_or(name.as_str(), |known| &known.name) == &**scene
        }
        (Effect::Notify(None), Deed::Notify { .. }) => true,
        (Effect::Notify(Some(whom)), Deed::Notify { to, .. }) => {
            let named = |person: &hub_model::household::Person| person.name.eq_ignore_ascii_case(whom);
            let id = home.people().iter().find(|person| named(person)).map_or(whom.as_str(), |known| known.id.as_str());
            // Who tells everyone tells this one too.
            to.is_empty() || to.iter().any(|told| **told == *id || **told == *whom.as_str())
        }
        (Effect::SetMode(wanted), Deed::SetMode { mode }) => **mode == *wanted.as_str(),
        _ => false,
    }
}

fn is_set(
    home: &SimulatedHome,
    device: &DeviceId,
    endpoint: Option<&EndpointSelector>,
    at: Option<EndpointNumber>,
    attribute: &AttributeName,
    wanted: &Value,
    set: &[(AttributeName, Value)],
) -> bool {
    let Some((_, value)) = set.iter().find(|(name, _)| name == attribute) else { return false };
    let Some(record) = home.device(device) else { return value == wanted };
    let selected = endpoint.map(|endpoint| record.device.resolve(Some(endpoint), attribute.as_str()));
    let number = match selected {
        Some(Ok(number)) if at.is_none_or(|at| at == number) => number,
        Some(_) => return false,
        None => at.or_else(|| record.device.resolve(None, attribute.as_str()).ok()).unwrap_or_default(),
    };
    match record.device.attribute(number, attribute.as_str()) {
        Some(schema) => fit(schema, wanted).is_ok_and(|wanted| value.confirms(&wanted, 0.0)),
        None => value == wanted,
    }
}

/// What a test names, for people.
fn words(effect: &Effect, home: &SimulatedHome) -> String {
    match effect {
        Effect::Command { device, endpoint, set } => {
            let record = device_named(device, home).ok().and_then(|id| home.device(&id));
            let name = record.map_or(device.as_str(), |record| &record.name);
            let place = match endpoint {
                Some(EndpointSelector::Number(number)) => format!(" ({number})"),
                Some(EndpointSelector::Label(label)) => format!(" ({label})"),
                None => String::new(),
            };
            let set: Vec<String> = set.iter().map(|(name, value)| format!("{name} {value}")).collect();
            format!("sets {name}{place}: {}", set.join(", "))
        }
        Effect::Scene(scene) => format!("activates the scene {scene}"),
        Effect::Notify(None) => "tells somebody".to_owned(),
        Effect::Notify(Some(whom)) => format!("tells {whom}"),
        Effect::SetMode(mode) => format!("sets the mode {mode}"),
    }
}
