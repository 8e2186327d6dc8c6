//! What a rule did, run by run, from its traces.

use std::collections::HashMap;
use std::sync::Arc;

use hub_automation::trace::{Trace, TraceAction, TraceCondition, TraceTrigger};
use hub_model::history::{TraceQuery, TraceRecord};
use hub_model::{AutomationId, RunId, Timestamp};

use super::behind;
use crate::ports::{Archive, ArchiveError};

/// How many runs one page may have.
pub const MOST_RUNS: usize = 1_000;
/// How many traces are read at once.
const AT_ONCE: usize = 500;
/// How many traces are read for one page at most; a longer search goes on with the next page.
const MOST_TRACES: usize = 20_000;
/// How many runs may be under way at once, and so reach behind the end of a page.
const MOST_OPEN: usize = 32;

/// A question for runs, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct RunsQuery {
    /// Whose.
    pub automation: AutomationId,
    /// Those that started before this; none = all.
    pub before: Option<(Timestamp, usize)>,
    /// At most so many.
    pub limit: usize,
}

/// Some runs.
#[derive(Clone, Debug, PartialEq)]
pub struct RunsPage {
    /// Newest first.
    pub runs: Vec<RuleRun>,
    /// Where the next page begins; none = there is no more.
    pub next: Option<(Timestamp, usize)>,
}

/// A run of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleRun {
    /// Its id.
    pub run: RunId,
    /// Which revision of the rule it was.
    pub revision: u64,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended; none = nobody said that it did.
    pub ended_at: Option<Timestamp>,
    /// How far it came: `queued`, `waiting`, `finished`, `stopped`, `failed`, `fuse`.
    pub phase: Arc<str>,
    /// Why it ended so.
    pub detail: Option<Arc<str>>,
    /// It was only tried.
    pub shadow: bool,
    /// What set it off.
    pub trigger: TraceTrigger,
    /// What its conditions were.
    pub conditions: Vec<TraceCondition>,
    /// What it did, in order.
    pub actions: Vec<TraceAction>,
}

/// The runs of a rule, newest first.
pub fn runs(archive: &dyn Archive, now: Timestamp, query: &RunsQuery) -> Result<RunsPage, ArchiveError> {
    let limit = query.limit.clamp(1, MOST_RUNS);
    // The traces of runs whose start was not met yet, the newest first.
    let mut later: HashMap<RunId, Vec<Trace>> = HashMap::new();
    let mut found: Vec<RuleRun> = Vec::new();
    // How far it was read, and how many traces of that time were.
    let (mut at, mut shown) = query.before.unwrap_or((now, 0));
    let mut read = 0;
    let mut next = None;
    'reading: loop {
        let ask = TraceQuery {
            automation: query.automation.clone(),
            run: None,
            from: Timestamp(i64::MIN),
            to: behind(at),
            limit: shown + AT_ONCE,
            oldest_first: false,
        };
        let records = archive.traces(&ask)?;
        let is_last = records.len() < ask.limit;
        let fresh: &[TraceRecord] = records.get(shown..).unwrap_or_default();
        for record in fresh {
            shown = if record.at == at { shown + 1 } else { 1 };
            at = record.at;
            read += 1;
            let Some(trace) = Trace::read(&record.text) else { continue };
            let Some(run) = trace.run.clone() else { continue };
            let is_start = trace.is_start();
            later.entry(run.clone()).or_default().push(trace);
            if is_start && let Some(traces) = later.remove(&run) {
                found.extend(run_of(run, traces));
                if found.len() == limit {
                    next = Some((at, shown));
                    break 'reading;
                }
            }
        }
        if is_last || fresh.is_empty() {
            break;
        }
        if read >= MOST_TRACES {
            next = Some((at, shown));
            break;
        }
    }
    if let Some((before, _)) = query.before {
        finish_open(archive, now, &query.automation, before, &mut found)?;
    }
    Ok(RunsPage { runs: found, next })
}

/// Runs that were under way where the page begins go on behind it.
fn finish_open(
    archive: &dyn Archive,
    now: Timestamp,
    automation: &AutomationId,
    before: Timestamp,
    found: &mut [RuleRun],
) -> Result<(), ArchiveError> {
    for run in found.iter_mut().filter(|run| run.ended_at.is_none()).take(MOST_OPEN) {
        let ask = TraceQuery {
            automation: automation.clone(),
            run: Some(run.run.clone()),
            from: behind(before),
            to: behind(now),
            limit: AT_ONCE,
            oldest_first: false,
        };
        let records = archive.traces(&ask)?;
        for trace in records.iter().rev().filter_map(|record| Trace::read(&record.text)) {
            if trace.run.as_ref() == Some(&run.run) && !trace.is_start() {
                run.go_on(trace);
            }
        }
    }
    Ok(())
}

fn run_of(id: RunId, newest_first: Vec<Trace>) -> Option<RuleRun> {
    let mut traces = newest_first.into_iter().rev();
    let start = traces.next()?;
    let mut run = RuleRun {
        run: id,
        revision: start.revision,
        started_at: start.at,
        ended_at: None,
        phase: Arc::clone(&start.result),
        detail: None,
        shadow: start.shadow,
        trigger: start.trigger.clone()?,
        conditions: start.conditions.clone(),
        actions: Vec::new(),
    };
    run.go_on(start);
    traces.for_each(|trace| run.go_on(trace));
    Some(run)
}

impl RuleRun {
    fn go_on(&mut self, trace: Trace) {
        self.ended_at = trace.is_end().then_some(trace.at);
        self.phase = trace.result;
        self.detail = trace.detail.or(self.detail.take());
        self.actions.extend(trace.actions);
    }
}
