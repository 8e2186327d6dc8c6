//! Why a rule did not do what somebody expected: the one reason that came nearest, and how everything else stands.
//! Pure: from an [`Explanation`] of the moment and the traces around it.

use std::sync::Arc;
use std::time::Duration;

use hub_model::zone::Zone;
use hub_model::{Availability, Timestamp};

use crate::World;
use crate::describe;
use crate::document::written::Enabled;
use crate::engine::{ConditionState, Explanation, TriggerState, WatchedState};
use crate::trace::{Trace, TraceTrigger};

/// How far around the moment traces count.
pub const AROUND: Duration = Duration::from_secs(300);
/// How far around the moment a run counts: it did what was expected.
const RUN_AROUND: Duration = Duration::from_secs(60);
/// How many triggers the sentence names at most.
const MOST_TOLD: usize = 3;

/// When, and how things and times are named.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// When.
    pub at: Timestamp,
    /// The home, then.
    pub world: &'a dyn World,
    /// Times are told in it.
    pub zone: &'a Zone,
    /// It is over: how the rule was then is not known but by its traces.
    pub is_past: bool,
}

/// The one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// A stable word: `cannot_run`, `disabled`, `condition`, `busy`, `failed`, `fuse`, `missed`, `shadow`, `ran`,
    /// `waiting` (the `for` of a trigger counts) or `trigger` (none happened).
    pub code: &'static str,
    /// The trigger, condition or other part of the document that it is about.
    pub path: Option<Arc<str>>,
    /// When it came near, if it did.
    pub at: Option<Timestamp>,
    /// One sentence.
    pub text: String,
}

/// The reason why a rule did not act around a moment, given the traces within [`AROUND`] of it.
pub fn reason(explanation: &Explanation, traces: &[Trace], moment: &Moment<'_>) -> Reason {
    let standing = || standing_reason(explanation, moment);
    let near_miss = || near_miss(explanation, traces, moment);
    let found = if moment.is_past { near_miss().or_else(standing) } else { standing().or_else(near_miss) };
    found.or_else(|| no_trigger(explanation, traces, moment)).unwrap_or_else(|| Reason {
        code: "trigger",
        path: None,
        at: None,
        text: "It did not fire because it has no trigger: nothing but another rule can run it.".to_owned(),
    })
}

/// It cannot act at all, or not with all that it says.
fn standing_reason(explanation: &Explanation, moment: &Moment<'_>) -> Option<Reason> {
    if let Some(finding) = explanation.findings.first() {
        let path = (!finding.path.is_empty()).then(|| Arc::from(finding.path.as_str()));
        return Some(Reason {
            code: "cannot_run",
            path,
            at: None,
            text: sentence(format!("A part of it cannot work: {finding}")),
        });
    }
    (explanation.enabled == Enabled::No).then(|| Reason {
        code: "disabled",
        path: Some("enabled".into()),
        at: Some(explanation.changed_at),
        text: format!(
            "It is switched off; it was last changed at {} (revision {}).",
            moment.time(explanation.changed_at),
            explanation.revision
        ),
    })
}

/// What fired in vain around the moment, the nearest first.
fn near_miss(explanation: &Explanation, traces: &[Trace], moment: &Moment<'_>) -> Option<Reason> {
    let fired = traces.iter().filter(|trace| trace.trigger.is_some() && &*trace.result != "no_match");
    let counts = |trace: &&Trace| match &trace.run {
        Some(_) => moment.distance(trace.at) <= RUN_AROUND,
        None => moment.distance(trace.at) <= AROUND,
    };
    let nearest = fired.filter(counts).min_by_key(|trace| (moment.distance(trace.at), trace.run.is_some()))?;
    reason_of(nearest, explanation, moment)
}

/// What a trace says of why the rule did not act. None if it is not one of something that fired.
fn reason_of(trace: &Trace, explanation: &Explanation, moment: &Moment<'_>) -> Option<Reason> {
    let trigger = trace.trigger.as_ref()?;
    let happened = moment.at_and_what(trace.at, trigger);
    let trigger_path = trigger.path.clone();
    let of = |code, path, text| Some(Reason { code, path, at: Some(trace.at), text });
    let detail = trace.detail.as_deref().unwrap_or("nothing more is known");
    if trace.run.is_some() {
        return if trace.shadow {
            let text = format!("{happened}, and the rule decided what to do, but it is only tried (enabled: shadow).");
            of("shadow", Some("enabled".into()), text)
        } else {
            let ran = format!("{happened}, and the rule ran ({})", came_of(trace));
            of("ran", trigger_path, format!("It did fire: {}.", lower_first(&ran)))
        };
    }
    match &*trace.result {
        "conditions" => {
            let path = trace.wanted.as_ref().map(|wanted| Arc::clone(&wanted.path));
            let text = format!("{happened}, but {}.", what_did_not_hold(explanation, trace, moment));
            of("condition", path, text)
        }
        "busy" => of("busy", Some("mode".into()), format!("{happened}, but {detail}.")),
        "fuse" => of("fuse", trigger_path, format!("{happened}, but {detail}.")),
        "missed" => of("missed", trigger_path, format!("It was missed: {detail}, and its catch_up says to skip it.")),
        "no_match" => {
            let wanted = trace.wanted.as_ref()?;
            let text = format!("{}.", moment.off_target(trace.at, trigger, &wanted.path, &wanted.text));
            of("trigger", Some(Arc::clone(&wanted.path)), text)
        }
        _ => of("failed", failed_path(detail).or(trigger_path), format!("{happened}, but {detail}.")),
    }
}

/// A trace of something that came near, or of a run, in a sentence.
pub fn miss_words(trace: &Trace, explanation: &Explanation, moment: &Moment<'_>) -> String {
    if let Some(trigger) = trace.trigger.as_ref().filter(|_| trace.run.is_some() && !trace.shadow) {
        return format!("{}, and the rule ran ({}).", moment.at_and_what(trace.at, trigger), came_of(trace));
    }
    match reason_of(trace, explanation, moment) {
        Some(reason) => reason.text,
        None => format!("At {} it came to {}.", moment.time(trace.at), trace.result),
    }
}

/// `variables.level: …`: where something failed.
fn failed_path(detail: &str) -> Option<Arc<str>> {
    let (path, _) = detail.split_once(": ")?;
    (!path.contains(' ')).then(|| Arc::from(path))
}

/// The condition that is to blame, what it was and what it wanted.
fn what_did_not_hold(explanation: &Explanation, trace: &Trace, moment: &Moment<'_>) -> String {
    let Some(wanted) = &trace.wanted else { return "its conditions did not hold".to_owned() };
    let of_path = || trace.conditions.iter().filter(|condition| condition.path == wanted.path);
    let looked = of_path().find(|condition| !condition.as_wanted).or_else(|| of_path().next());
    let state = find_condition(&explanation.conditions, &wanted.path);
    if let Some(problem) =
        state.and_then(|state| state.error.as_ref()).filter(|error| trace.detail.as_ref() == Some(error))
    {
        return format!("the condition {} did not hold: {problem}", wanted.path);
    }
    let Some(looked) = looked else {
        return format!("the condition {} did not hold: wanted {}", wanted.path, wanted.text);
    };
    let key = match (&looked.device, looked.endpoint, &looked.attribute) {
        (Some(device), Some(endpoint), Some(attribute)) => Some(describe::key(device, endpoint, attribute)),
        _ => None,
    };
    let about = match &key {
        Some(key) => describe::attribute(key, moment.world),
        None => state.map_or_else(|| "it".to_owned(), |state| state.about.clone()),
    };
    let was = describe::value(&looked.value, key.as_ref(), moment.world);
    let never_told = state.filter(|_| !looked.as_wanted).map(|state| never_told(&state.never_told)).unwrap_or_default();
    format!("the condition {} did not hold: {about} was {was}, wanted {}{never_told}", wanted.path, wanted.text)
}

/// Of whom nobody ever said where they are, and how to say it.
fn never_told(people: &[Arc<str>]) -> String {
    let Some(first) = people.first() else { return String::new() };
    let names: Vec<&str> = people.iter().take(MOST_TOLD).map(|name| &**name).collect();
    let more = people.len().saturating_sub(MOST_TOLD);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("; nothing is known of {}{more}: say it with hearth people set {} home", names.join(", "), quoted(first))
}

/// A name as a shell takes it for one word.
fn quoted(name: &str) -> String {
    if name.contains(char::is_whitespace) { format!("'{name}'") } else { name.to_owned() }
}

fn find_condition<'a>(conditions: &'a [ConditionState], path: &str) -> Option<&'a ConditionState> {
    conditions
        .iter()
        .find_map(|state| if *state.path == *path { Some(state) } else { find_condition(&state.parts, path) })
}

/// Nothing set it off: the trigger that something happened to last.
fn no_trigger(explanation: &Explanation, traces: &[Trace], moment: &Moment<'_>) -> Option<Reason> {
    if let Some((trigger, watched, due)) = counting(&explanation.triggers) {
        let text = format!(
            "It waits: {} has been {} since {}, and {} wants {}; it fires at {} if it stays so.",
            watched.about,
            moment.value(watched),
            watched.since.map_or_else(|| "a while".to_owned(), |since| moment.time(since)),
            trigger.path,
            trigger.wants,
            moment.time(due)
        );
        return Some(Reason { code: "waiting", path: Some(Arc::clone(&trigger.path)), at: watched.since, text });
    }
    let off_target = |trigger: &TriggerState| {
        let of_trigger = traces.iter().filter(|trace| {
            &*trace.result == "no_match"
                && trace.trigger.as_ref().is_some_and(|what| what.path.as_ref() == Some(&trigger.path))
        });
        of_trigger.min_by_key(|trace| moment.distance(trace.at))
    };
    let touched = |trigger: &TriggerState| {
        let changed = trigger.watched.iter().filter_map(|watched| watched.since);
        let traced = off_target(trigger).map(|trace| trace.at);
        changed.chain(traced).min_by_key(|at| moment.distance(*at))
    };
    // What nothing was ever heard of comes last; of schedules, the one that is due next.
    let nearness = |trigger: &&TriggerState| {
        let touched = touched(trigger).map_or(Duration::MAX, |at| moment.distance(at));
        (touched, trigger.next_at.map_or(Duration::MAX, |at| moment.distance(at)))
    };
    let trigger = explanation.triggers.iter().min_by_key(nearness)?;
    let path = Some(Arc::clone(&trigger.path));
    let newest = touched(trigger);
    if let Some(trace) = off_target(trigger).filter(|trace| newest == Some(trace.at))
        && let Some(reason) = reason_of(trace, explanation, moment)
    {
        return Some(reason);
    }
    let mut triggers: Vec<&TriggerState> = explanation.triggers.iter().collect();
    triggers.sort_by_key(nearness);
    let told: Vec<String> =
        triggers.iter().take(MOST_TOLD).map(|trigger| trigger_words(trigger, moment, Heard::NotNow)).collect();
    let text = format!("It did not fire because no trigger happened: {}.", told.join("; "));
    Some(Reason { code: "trigger", path, at: None, text })
}

/// With a full stop, if it has no end yet.
fn sentence(mut text: String) -> String {
    if !text.ends_with(['.', '?', '!']) {
        text.push('.');
    }
    text
}

/// What already counts towards a `for`, the one that is due first.
fn counting(triggers: &[TriggerState]) -> Option<(&TriggerState, &WatchedState, Timestamp)> {
    let due = triggers.iter().flat_map(|trigger| trigger.watched.iter().map(move |watched| (trigger, watched)));
    due.filter_map(|(trigger, watched)| Some((trigger, watched, watched.due_at?))).min_by_key(|(.., due)| *due)
}

/// What is known of a trigger that waits for something momentary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It did not happen within a minute of the moment. When it last did is not told.
    NotNow,
    /// It did not happen as far as was looked back.
    Never,
    /// When it last did is told beside.
    ToldBeside,
}

impl Heard {
    /// `nothing was heard of a call of its webhook in the last minute`.
    fn words(self, of: &str, moment: &Moment<'_>) -> String {
        match self {
            Self::NotNow if moment.is_past => format!("nothing was heard of {of} within a minute of then"),
            Self::NotNow => format!("nothing was heard of {of} in the last minute"),
            Self::Never => format!("nothing was heard of {of}"),
            Self::ToldBeside => format!("it waits for {of}"),
        }
    }
}

/// How a trigger stands: `Hallway motion occupancy has been false since 17:00:00, wanted true`.
pub fn trigger_words(trigger: &TriggerState, moment: &Moment<'_>, heard: Heard) -> String {
    const NAMED: usize = 3;
    let schedule = match (trigger.last_at, trigger.next_at) {
        (_, Some(next)) => format!("it is due at {}, next at {}", trigger.wants, moment.time(next)),
        (Some(last), None) => format!("it was due at {}, last at {}", trigger.wants, moment.time(last)),
        (None, None) if trigger.kind == "sun" && moment.world.home().location.is_none() => {
            format!("{} never comes, because the home's place is not known", trigger.wants)
        }
        (None, None) => heard.words(&trigger.wants, moment),
    };
    if trigger.watched.is_empty() {
        return schedule;
    }
    let named: Vec<String> =
        trigger.watched.iter().take(NAMED).map(|watched| watched_words(trigger, watched, moment, heard)).collect();
    let more = trigger.watched.len().saturating_sub(NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    named.join("; ") + &more
}

fn watched_words(trigger: &TriggerState, watched: &WatchedState, moment: &Moment<'_>, heard: Heard) -> String {
    let (about, wants) = (&watched.about, &trigger.wants);
    let reach = match watched.availability {
        Some(Availability::Offline) => " (the device cannot be reached)",
        _ => "",
    };
    let since = watched.since.map(|since| format!(" since {}", moment.time(since))).unwrap_or_default();
    let value = moment.value(watched);
    if trigger.kind == "event" {
        return format!("{}, wanted {wants}{reach}", heard.words(about, moment));
    }
    if watched.value.is_unknown() && trigger.kind == "presence" {
        let whom = quoted(about);
        return format!("nothing is known of {about}, wanted {wants}: say it with hearth people set {whom} home");
    }
    if watched.value.is_unknown() {
        return format!("{about} is not known, wanted {wants}{reach}");
    }
    if watched.matches {
        return format!("{about} has been {value}{since} already, and it fires when that becomes so{reach}");
    }
    format!("{about} has been {value}{since}, wanted {wants}{reach}")
}

/// How a condition stands: `Hallway lamp on is true, wanted false`.
pub fn condition_words(condition: &ConditionState, moment: &Moment<'_>) -> String {
    let holds = match condition.holds {
        Some(true) => "holds",
        Some(false) => "does not hold",
        None => {
            let wants = &condition.wants;
            return format!("is not known here, because it reads trigger or vars of a run: wanted {wants}");
        }
    };
    let shown = condition.looked_at.iter().find(|looked| !looked.as_wanted).or_else(|| condition.looked_at.first());
    let Some(looked) = shown else { return format!("{holds}: wanted {}", condition.wants) };
    let value = describe::value(&looked.value, looked.key.as_ref(), moment.world);
    let since = looked.since.map(|since| format!(" since {}", moment.time(since))).unwrap_or_default();
    let never_told = never_told(&condition.never_told);
    format!("{holds}: {} is {value}{since}, wanted {}{never_told}", looked.about, condition.wants)
}

impl Moment<'_> {
    fn distance(&self, at: Timestamp) -> Duration {
        self.at.since(at).max(at.since(self.at))
    }

    fn time(&self, at: Timestamp) -> String {
        describe::time(at, self.at, self.zone)
    }

    fn value(&self, watched: &WatchedState) -> String {
        describe::value(&watched.value, watched.key.as_ref(), self.world)
    }

    /// `At 18:00:05 Hallway motion reported occupancy true`.
    pub fn at_and_what(&self, at: Timestamp, trigger: &TraceTrigger) -> String {
        format!("At {} {}", self.time(at), self.what(trigger))
    }

    /// `Hallway motion reported occupancy true`.
    pub fn what(&self, trigger: &TraceTrigger) -> String {
        let path = trigger.path.as_deref().unwrap_or("its trigger");
        if let (Some(device), Some(endpoint), Some(attribute)) = (&trigger.device, trigger.endpoint, &trigger.attribute)
        {
            let key = describe::key(device, endpoint, attribute);
            let place = describe::place(&key, self.world);
            let value = if trigger.value.is_unknown() { &trigger.to } else { &trigger.value };
            let value = describe::value(value, Some(&key), self.world);
            return match (trigger.since, trigger.at) {
                (Some(since), Some(at)) => {
                    format!("{place} {attribute} had been {value} for {}", describe::length(at.since(since)))
                }
                _ => format!("{place} reported {attribute} {value}"),
            };
        }
        if let Some(device) = &trigger.device {
            return format!("{} was {}", describe::device(device, self.world), trigger.to);
        }
        match &*trigger.kind {
            "presence" => match &trigger.person {
                Some(person) => format!("{} was {}", describe::person(person, self.world), trigger.to),
                None => "everyone's presence was as wanted".to_owned(),
            },
            "mode" => format!("the mode was {}", trigger.to),
            "start" => "the hub started".to_owned(),
            "webhook" => "its webhook was called".to_owned(),
            "run" => match &trigger.automation {
                Some(automation) => format!("the rule {automation} ran it"),
                None => "another rule ran it".to_owned(),
            },
            _ => match trigger.at {
                Some(at) => format!("its time had come ({path}, {})", self.time(at)),
                None => format!("its time had come ({path})"),
            },
        }
    }

    /// What happened to a trigger that wants something else.
    fn off_target(&self, at: Timestamp, trigger: &TraceTrigger, path: &str, wants: &str) -> String {
        let what = match (&trigger.device, trigger.endpoint, &trigger.attribute) {
            (Some(device), Some(endpoint), Some(attribute)) => {
                let key = describe::key(device, endpoint, attribute);
                let about = describe::attribute(&key, self.world);
                let shown = |value| describe::value(value, Some(&key), self.world);
                if let Some(since) = trigger.since {
                    let stood = describe::length(at.since(since));
                    format!(
                        "{about} had been {} for only {stood} and became {}",
                        shown(&trigger.from),
                        shown(&trigger.to)
                    )
                } else if trigger.value.is_unknown() {
                    format!("{about} changed from {} to {}", shown(&trigger.from), shown(&trigger.to))
                } else {
                    format!("{} reported {attribute} {}", describe::place(&key, self.world), shown(&trigger.value))
                }
            }
            _ => {
                let stood = trigger.since.map(|since| format!(" after only {}", describe::length(at.since(since))));
                format!("{}{}", self.what(trigger), stood.unwrap_or_default())
            }
        };
        let restored = match trigger.source.as_deref() {
            Some("restored") => ", which was no live report",
            _ => "",
        };
        format!("At {} {what}{restored}, but {path} wants {wants}", self.time(at))
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// What came of a run, with what could not be done.
fn came_of(trace: &Trace) -> String {
    match &trace.detail {
        Some(detail) => format!("{}: {}", trace.result, detail.trim_end_matches('.')),
        None => trace.result.to_string(),
    }
}
