//! A rule tried on what the home has recorded, before it is trusted with it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::post;
use hub_access::{Action, Part};
use hub_automation::compile;
use hub_automation::document::words::parse_duration;
use hub_automation::document::{self, Document, Enabled, Finding};
use hub_automation::replay::{Recorded, RecordedReplay, SimulatedHome, Trial, record_of};
use hub_core::{Archive, ArchiveError, Snapshot};
use hub_model::history::{HistoryEntry, HistoryRecord};
use hub_model::name::AUTOMATIONS;
use hub_model::record::AutomationRecord;
use hub_model::zone::Zone;
use hub_model::{AutomationId, Clock, DeviceId, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::api::App;
use crate::extract::Json;
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes;
use crate::simulation::{home_at, home_of, site_of};
use crate::table::Route;
use crate::wire::replay::{ReplayBody, ReplayRequest};

/// How long a replay may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The clock is looked at once in so many steps.
const STEPS_BETWEEN_LOOKS: u32 = 256;
const LINES_DEFAULT: usize = 100;
const LINES_MAX: usize = 1_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/automations/replay",
            Access::May(Action::See, Part::Rules),
            post(replay),
            "Tries a rule on what the home has recorded, beside its current version, without saving it",
        )
        .body::<ReplayRequest>()
        .answers::<ReplayBody<'static>>(200, "What it would have done."),
    ]
}

/// Which rule is tried in whose place.
struct Tried {
    id: AutomationId,
    draft: AutomationRecord,
    current: Option<AutomationRecord>,
}

async fn replay(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<ReplayRequest>,
) -> Result<Response, Problem> {
    caller.must_see_everything(&app)?;
    let limit = request.limit.unwrap_or(LINES_DEFAULT);
    if !(1..=LINES_MAX).contains(&limit) {
        let detail = format!("The limit {limit} is out of range.");
        return Err(Problem::invalid("bad_limit", detail, format!("Give a limit of 1 to {LINES_MAX}.")));
    }
    let snapshot = app.core.snapshot();
    let site = site_of(&snapshot);
    let now = app.now();
    let from = time("from", &request.from, now, &site.zone)?;
    let to = request.to.as_deref().map_or(Ok(now), |to| time("to", to, now, &site.zone))?.min(now);
    if from >= to {
        let detail = "The time from is not before the time to, or lies in the future.";
        return Err(Problem::invalid("bad_parameter", detail, "Give from before to.").with("field", "from".into()));
    }
    let Tried { id, draft, current } = tried(&request, &snapshot)?;
    let turn = app.simulations.replay()?;
    let trial = Trial { home: home_at(&snapshot, from), site, current, draft, from, limit };
    let successors = successors(&snapshot);
    // Who does not wait for the answer ends it.
    let given_up = CancellationToken::new();
    let guard = given_up.clone().drop_guard();
    let (archive, clock) = (Arc::clone(&app.archive), Arc::clone(&app.clock));
    let work = tokio::task::spawn_blocking(move || {
        let done = run(&*archive, &*clock, trial, &successors, to, &given_up);
        drop(turn);
        done
    });
    let (result, complete) = work.await.map_err(|_| Problem::busy("The replay could not be run."))??;
    drop(guard);
    let body = ReplayBody::new(&id, complete, &result, &home_of(&snapshot));
    Ok(routes::json(StatusCode::OK, &body))
}

/// Runs it; also says whether it came to its end.
fn run(
    archive: &dyn Archive,
    clock: &dyn Clock,
    trial: Trial,
    successors: &HashMap<DeviceId, DeviceId>,
    to: Timestamp,
    given_up: &CancellationToken,
) -> Result<(Recorded, bool), ArchiveError> {
    let from = trial.from;
    let until = clock.now().mono.plus(PATIENCE);
    let (mut steps, mut complete) = (0_u32, true);
    let mut goes_on = || {
        steps = steps.wrapping_add(1);
        !steps.is_multiple_of(STEPS_BETWEEN_LOOKS) || (!given_up.is_cancelled() && clock.now().mono < until)
    };
    let mut replay = RecordedReplay::new(trial);
    archive.recorded(from, to, &mut |mut record| {
        succeed(&mut record, successors);
        complete = goes_on() && replay.take(&record, &mut goes_on);
        complete
    })?;
    complete = complete && replay.advance_to(to, &mut goes_on);
    Ok((replay.finish(), complete))
}

/// Who took whose place: what was recorded of a device that was replaced counts for the one that replaced it.
fn successors(snapshot: &Snapshot) -> HashMap<DeviceId, DeviceId> {
    let records = snapshot.devices.iter().map(|view| &view.record);
    let pairs =
        records.flat_map(|record| record.predecessors.iter().map(|old| (old.clone(), record.device.id.clone())));
    pairs.collect()
}

fn succeed(record: &mut HistoryRecord, successors: &HashMap<DeviceId, DeviceId>) {
    if successors.is_empty() {
        return;
    }
    let device = match &mut record.entry {
        HistoryEntry::State(state) => &mut state.device,
        HistoryEntry::DeviceEvent { device, .. } | HistoryEntry::Availability { device, .. } => device,
        _ => return,
    };
    if let Some(successor) = successors.get(device) {
        *device = successor.clone();
    }
}

fn tried(request: &ReplayRequest, snapshot: &Snapshot) -> Result<Tried, Problem> {
    let find = |id: &str| snapshot.automations.get(id).map(|view| &**view);
    let named =
        request.id.as_deref().map(|id| find(id).ok_or_else(|| Problem::not_found("automation", id))).transpose()?;
    let home = home_of(snapshot);
    let (document, current) = match (&request.automation, &request.draft, named) {
        (Some(_), Some(_), _) => {
            let detail = "automation and draft are two words for the same.";
            return Err(Problem::invalid("invalid_body", detail, "Give one of them."));
        }
        (None, None, None) => {
            let detail = "There is nothing to try.";
            return Err(Problem::invalid("invalid_body", detail, "Give id, or the document of a rule as automation."));
        }
        (None, None, Some(view)) => {
            let document = document::parse_json(&view.record.document).map_err(|findings| wrong(&findings))?;
            let id = view.record.id.clone();
            let draft = drafted(&document, &id, &home)?;
            return Ok(Tried { id, draft, current: None });
        }
        (Some(text), None, named) | (None, Some(text), named) => {
            let document = document::parse_json(text.get()).map_err(|findings| wrong(&findings))?;
            let current = named.or_else(|| match document.id() {
                Some(id) => find(id),
                None => of_name(snapshot, document.name()),
            });
            (document, current)
        }
    };
    let id = match (current, document.id()) {
        (Some(view), _) => view.record.id.clone(),
        (None, Some(id)) => AutomationId::from(id),
        (None, None) => AUTOMATIONS.free_id(document.name(), |id| snapshot.automations.get(id).is_some()).into(),
    };
    let draft = drafted(&document, &id, &home)?;
    Ok(Tried { id, draft, current: current.map(|view| view.record.clone()) })
}

/// The only rule of this name.
fn of_name<'a>(snapshot: &'a Snapshot, name: &str) -> Option<&'a hub_core::AutomationView> {
    let mut named = snapshot.automations.iter().filter(|view| *view.status.name == *name);
    named.next().filter(|_| named.next().is_none()).map(|view| &**view)
}

/// The rule as it would run: one that is off or in shadow acts here too.
fn drafted(document: &Document, id: &AutomationId, home: &SimulatedHome) -> Result<AutomationRecord, Problem> {
    compile(document, home).map_err(|findings| wrong(&findings))?;
    let document = document.clone().with_enabled(Enabled::Yes);
    Ok(record_of(&document, id, home))
}

fn wrong(findings: &[Finding]) -> Problem {
    hub_core::EditError::Rule(findings.to_vec()).into()
}

/// A time, a local time, or how long ago.
fn time(field: &'static str, text: &str, now: Timestamp, zone: &Zone) -> Result<Timestamp, Problem> {
    let instant = || text.parse::<Timestamp>().ok();
    let ago = || parse_duration(text).map(|ago| now.minus(ago));
    let local = || zone.instant(text.parse().ok()?);
    instant().or_else(ago).or_else(local).ok_or_else(|| {
        let shown: String = text.chars().take(64).collect();
        Problem::invalid(
            "bad_parameter",
            format!("{shown:?} is no time."),
            "Write it like 2026-11-20T18:00:00Z, 2026-11-20T18:00 (the home's clocks), or 7d (so long ago).",
        )
        .with("field", field.into())
    })
}
