//! Why a rule did not act around a moment. A rule reads the home as its author sees it, and is explained by that.

use std::sync::Arc;

use hub_automation::describe::localized;
use hub_automation::document::Enabled;
use hub_automation::engine::{Explanation, explain, looks_at};
use hub_automation::trace::Trace;
use hub_automation::why_not::{self, AROUND, Heard, Moment, Reason};
use hub_automation::{Settings, World};
use hub_model::history::TraceQuery;
use hub_model::time::Wall;
use hub_model::zone::Zone;
use hub_model::{Monotonic, Now, Timestamp, Trust};

use super::picture::Picture;
use super::{Sources, behind};
use crate::ports::ArchiveError;
use crate::sight::{Sight, as_seen};
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

/// Why a rule did not act just now, or around a moment. Who does not see all that is named in the rule is told only
/// whether it is switched on.
pub fn why_not(sources: &Sources<'_>, rule: &AutomationView, at: Option<Timestamp>) -> Result<WhyNot, ArchiveError> {
    let asked = at.map_or(sources.now, |at| at.min(sources.now));
    if sources.eyes.is_some_and(|eyes| !(eyes.reads)(&rule.record.document)) {
        return Ok(untold(sources, rule, asked));
    }
    let is_past = asked < sources.now;
    let zone = sources.zone();
    let sight = Sight::of(&rule.record.author, &sources.snapshot.permissions, sources.shown().devices.iter());
    let present = Picture::now(sources.shown());
    let picture = if is_past {
        let looks_at = looks_at(&rule.record, &*as_seen(sight.as_ref(), &present));
        Picture::then(sources, asked, &looks_at)?
    } else {
        present
    };
    let mut explanation = explanation(sources, rule, asked, &*as_seen(sight.as_ref(), &picture));
    if !is_past {
        explanation.findings.clone_from(&rule.status.findings);
    }
    let moment = Moment { at: asked, world: &picture, zone: &zone, is_past };
    let around = traces(sources, &explanation, (asked.minus(AROUND), behind(asked.plus(AROUND))), MOST_TRACES)?;
    let older = traces(sources, &explanation, (Timestamp(i64::MIN), behind(asked)), OLDER)?;
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

/// How the rule stands in this home.
fn explanation(sources: &Sources<'_>, rule: &AutomationView, at: Timestamp, world: &dyn World) -> Explanation {
    let location = sources.snapshot.home.location;
    let settings = Settings { zone: sources.zone(), location, schedules_on_untrusted_clock: true };
    let now = Now { wall: Wall { time: at, trust: Trust::Ntp }, mono: Monotonic::default() };
    let active_runs = if at < sources.now { 0 } else { rule.status.active_runs };
    explain(&rule.record, active_runs, &settings, &now, world)
}

/// What is told of a rule in which something is named that is not for who asks.
fn untold(sources: &Sources<'_>, rule: &AutomationView, at: Timestamp) -> WhyNot {
    let explanation = Explanation {
        active_runs: 0,
        findings: Vec::new(),
        triggers: Vec::new(),
        conditions: Vec::new(),
        ..explanation(sources, rule, at, &Picture::now(sources.shown()))
    };
    let text = match explanation.enabled {
        Enabled::No => "It is switched off.",
        Enabled::Shadow => "It is only tried (enabled: shadow): it decides what to do and does nothing.",
        Enabled::Yes => {
            "It depends on something that you may not see, so what kept it from acting is not told. Ask somebody who \
             sees it."
        }
    };
    let (code, path) = match explanation.enabled {
        Enabled::No => ("disabled", Some("enabled".into())),
        Enabled::Shadow => ("shadow", Some("enabled".into())),
        Enabled::Yes => ("hidden", None),
    };
    let reason = Reason { code, path, at: None, text: text.to_owned() };
    WhyNot {
        at,
        text: vec![reason.text.clone()],
        reason,
        explanation,
        last_near: Vec::new(),
        misses: Vec::new(),
        last_run: None,
    }
}

/// The traces of a stretch of time, newest first.
fn traces(
    sources: &Sources<'_>,
    explanation: &Explanation,
    (from, to): (Timestamp, Timestamp),
    limit: usize,
) -> Result<Vec<Trace>, ArchiveError> {
    let automation = explanation.automation.clone();
    let query = TraceQuery { automation, run: None, from, to, limit, oldest_first: false };
    let records = sources.archive.traces(&query)?;
    let traces = records.iter().filter_map(|record| Trace::read(&record.text));
    Ok(match sources.eyes {
        Some(eyes) => traces.filter_map(|trace| eyes.trace(trace, explanation)).collect(),
        None => traces.collect(),
    })
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
