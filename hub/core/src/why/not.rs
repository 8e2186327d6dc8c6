//! Why a rule did not act around a moment.

use std::sync::Arc;

use hub_automation::Settings;
use hub_automation::describe::localized;
use hub_automation::engine::{Explanation, explain, looks_at};
use hub_automation::trace::Trace;
use hub_automation::why_not::{self, AROUND, Heard, Moment, Reason};
use hub_model::history::TraceQuery;
use hub_model::time::Wall;
use hub_model::zone::Zone;
use hub_model::{Monotonic, Now, Timestamp, Trust};

use super::picture::Picture;
use super::{Sources, behind};
use crate::ports::ArchiveError;
use crate::snapshot::AutomationView;

/// How many traces around the moment are looked at.
const MOST_TRACES: usize = 1_000;
/// How many near misses are told.
const MOST_MISSES: usize = 50;
/// How many older traces are looked at for what was last.
const OLDER: usize = 100;

/// Why a rule did not act.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyNot {
    /// The moment that was asked about.
    pub at: Timestamp,
    /// The reason that came nearest.
    pub reason: Reason,
    /// How the rule stood then.
    pub explanation: Explanation,
    /// For each trigger, when it last fired or nearly did.
    pub last_near: Vec<Option<NearMiss>>,
    /// What fired in vain around the moment, newest first.
    pub misses: Vec<NearMiss>,
    /// When a run last began before the moment, or soon after it.
    pub last_run: Option<Trace>,
    /// The same in sentences; the first names the reason.
    pub text: Vec<String>,
}

/// Something that came near.
#[derive(Clone, Debug, PartialEq)]
pub struct NearMiss {
    /// What was left of it.
    pub trace: Trace,
    /// In a sentence.
    pub text: String,
}

/// Why a rule did not act just now, or around a moment.
pub fn why_not(sources: &Sources<'_>, rule: &AutomationView, at: Option<Timestamp>) -> Result<WhyNot, ArchiveError> {
    let asked = at.map_or(sources.now, |at| at.min(sources.now));
    let is_past = asked < sources.now;
    let zone = sources.zone();
    let present = Picture::now(sources.snapshot);
    let picture = if is_past { Picture::then(sources, asked, &looks_at(&rule.record, &present))? } else { present };
    let settings =
        Settings { zone: zone.clone(), location: sources.snapshot.home.location, schedules_on_untrusted_clock: true };
    let now = Now { wall: Wall { time: asked, trust: Trust::Ntp }, mono: Monotonic::default() };
    let active_runs = if is_past { 0 } else { rule.status.active_runs };
    let mut explanation = explain(&rule.record, active_runs, &settings, &now, &picture);
    if !is_past {
        explanation.findings.clone_from(&rule.status.findings);
    }
    let moment = Moment { at: asked, world: &picture, zone: &zone, is_past };
    let around = traces(sources, rule, asked.minus(AROUND), behind(asked.plus(AROUND)), MOST_TRACES)?;
    let older = traces(sources, rule, Timestamp(i64::MIN), behind(asked), OLDER)?;
    let mut reason = why_not::reason(&explanation, &around, &moment);
    reason.text = localized(&reason.text, asked, &zone);
    let is_miss = |trace: &&Trace| trace.run.is_none();
    let misses = around.iter().filter(is_miss).take(MOST_MISSES).map(|trace| near_miss(trace, &explanation, &moment));
    let last_near = explanation.triggers.iter().map(|trigger| {
        let of_trigger =
            |trace: &&Trace| trace.trigger.as_ref().is_some_and(|what| what.path.as_ref() == Some(&trigger.path));
        older.iter().find(of_trigger).map(|trace| near_miss(trace, &explanation, &moment))
    });
    let mut found = WhyNot {
        at: asked,
        reason,
        misses: misses.collect(),
        last_near: last_near.collect(),
        last_run: older.iter().find(|trace| trace.is_start()).cloned(),
        explanation,
        text: Vec::new(),
    };
    found.text = lines(&found, &moment, &zone);
    Ok(found)
}

/// The traces of a stretch of time, newest first.
fn traces(
    sources: &Sources<'_>,
    rule: &AutomationView,
    from: Timestamp,
    to: Timestamp,
    limit: usize,
) -> Result<Vec<Trace>, ArchiveError> {
    let query = TraceQuery { automation: rule.record.id.clone(), run: None, from, to, limit, oldest_first: false };
    Ok(sources.archive.traces(&query)?.iter().filter_map(|record| Trace::read(&record.text)).collect())
}

fn near_miss(trace: &Trace, explanation: &Explanation, moment: &Moment<'_>) -> NearMiss {
    NearMiss {
        trace: trace.clone(),
        text: localized(&why_not::miss_words(trace, explanation, moment), moment.at, moment.zone),
    }
}

fn lines(found: &WhyNot, moment: &Moment<'_>, zone: &Zone) -> Vec<String> {
    let mut lines = vec![found.reason.text.clone()];
    let explanation = &found.explanation;
    if found.at < explanation.changed_at {
        let changed_at = hub_automation::describe::time(explanation.changed_at, found.at, zone);
        let since = match explanation.revision {
            0 | 1 => format!("The rule was made only later, at {changed_at}"),
            revision => format!("The rule was changed since, at {changed_at} (revision {revision})"),
        };
        lines.push(format!("{since}: its triggers and conditions are told as they are now."));
    }
    for (trigger, last) in explanation.triggers.iter().zip(&found.last_near) {
        let heard = if last.is_some() { Heard::ToldBeside } else { Heard::Never };
        let last = last.as_ref().map(|last| format!(" Last: {}", last.text)).unwrap_or_default();
        let words = why_not::trigger_words(trigger, moment, heard);
        lines.push(format!("{} ({}): {words}.{last}", trigger.path, trigger.kind));
    }
    for condition in &explanation.conditions {
        lines.push(format!("{} ({}) {}.", condition.path, condition.kind, why_not::condition_words(condition, moment)));
    }
    lines.push(match &found.last_run {
        Some(run) => {
            let at = hub_automation::describe::time(run.at, found.at, zone);
            let revision: Arc<str> = format!("revision {}", run.revision).into();
            format!("It last ran at {at} ({revision}).")
        }
        None => "It has not run as far as history goes back.".to_owned(),
    });
    lines
}
