//! Why something is as it is, why a rule did not act, and what it did.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use hub_access::{Action, Part};
use hub_automation::rule::AttributeKey;
use hub_core::why::{self, Eyes, RunsQuery, Sources};
use hub_core::{Archive, DeviceView, Snapshot};
use hub_model::device::EndpointSelector;
use hub_model::{AccountId, AttributeName, AutomationId, DeviceId, Timestamp};

use crate::api::App;
use crate::extract::{Ids, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery};
use crate::problem::Problem;
use crate::routes::{self, automations, devices};
use crate::table::Route;
use crate::wire::why::{RunBody, Telling, WhyBody, WhyParams};
use crate::wire::why_not::{WhyNotBody, WhyNotParams};

/// What people look at first, if they do not say.
const LOOKED_AT_FIRST: &[&str] = &[
    "on",
    "locked",
    "position",
    "open",
    "occupancy",
    "presence",
    "water_leak",
    "smoke",
    "heating_setpoint",
    "temperature",
    "power",
];
/// So many traces of one millisecond can be told apart.
const SHOWN_MAX: usize = 100_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/why",
            Access::May(Action::See, Part::Why),
            get(show),
            "Tells why an attribute is as it is, or was at a moment",
        )
        .query::<WhyParams>()
        .problems(&[404])
        .answers::<WhyBody<'static>>(200, "The state, and the chain of causes back to where it began."),
        Route::new(
            Method::GET,
            "/api/v1/automations/{id}/why-not",
            Access::May(Action::See, Part::Rules),
            get(why_not),
            "Tells why a rule did not act just now, or around a moment",
        )
        .query::<WhyNotParams>()
        .answers::<WhyNotBody<'static>>(200, "The reason that came nearest, and how everything else stood."),
        Route::new(
            Method::GET,
            "/api/v1/automations/{id}/runs",
            Access::May(Action::See, Part::Rules),
            get(runs),
            "Lists what a rule did, run by run",
        )
        .query::<PageQuery>()
        .answers::<Page<RunBody<'static>>>(200, "Newest first."),
    ]
}

/// Asks with everything that answers are made of, off the async threads. `eyes`: who asks, if they do not see
/// everything.
async fn ask<T: Send + 'static>(
    app: &App,
    snapshot: Arc<Snapshot>,
    eyes: Option<Eyes>,
    ask: impl FnOnce(&Sources<'_>) -> T + Send + 'static,
) -> Result<T, Problem> {
    let commands = app.core.recent_commands().await;
    let (shared, now) = (Arc::clone(app), app.now());
    app.read_archive(move |archive: &dyn Archive| {
        let person = |account: &AccountId| shared.accounts.get(account).map(|account| account.username.to_string());
        let eyes = eyes.as_ref();
        ask(&Sources { snapshot: &snapshot, archive, commands: &commands, now, person: &person, eyes })
    })
    .await
}

async fn show(State(app): State<App>, caller: Caller, Query(wanted): Query<WhyParams>) -> Result<Response, Problem> {
    if wanted.at.is_some() {
        caller.may(&app, Action::See, Part::History)?;
    }
    let home = caller.home(&app);
    let view = devices::find(&home, &wanted.device)?;
    let key = key(view, &wanted)?;
    let schema = view.record.device.attribute(key.endpoint, key.attribute.as_str());
    if schema.is_some_and(|schema| schema.momentary) {
        return Err(Problem::invalid(
            "momentary",
            format!("The attribute {} is momentary: it happens and is never so.", key.attribute),
            "Ask why something that it set off is as it is.",
        )
        .with("field", "attribute".into()));
    }
    let unit = schema.and_then(|schema| schema.unit.as_deref());
    let (asked, at, eyes) = (key, wanted.at, caller.narrow_eyes(&app));
    let sees_everything = eyes.is_none();
    let found = ask(&app, app.core.snapshot(), eyes, move |sources| why::why(sources, &asked, at)).await??;
    let name = |device: &DeviceId| home.device(device).map_or("", |view| &view.record.name);
    let telling = Telling { name: &name, with_causes: sees_everything };
    Ok(routes::json(StatusCode::OK, &WhyBody::new(&found, unit, &telling)))
}

/// The attribute that is meant.
fn key(view: &DeviceView, wanted: &WhyParams) -> Result<AttributeKey, Problem> {
    let device = &view.record.device;
    let selector = wanted.endpoint.as_deref().map(|endpoint| EndpointSelector::Label(endpoint.into()));
    let attribute = match &wanted.attribute {
        Some(attribute) => attribute.as_str(),
        None => looked_at_first(view, selector.as_ref()).ok_or_else(|| {
            Problem::invalid(
                "no_attribute",
                format!("Nothing is known to ask about {}.", view.record.name),
                "Say which attribute: attribute=on.",
            )
            .with("field", "attribute".into())
        })?,
    };
    let endpoint = device.resolve(selector.as_ref(), attribute)?;
    Ok(AttributeKey { device: device.id.clone(), endpoint, attribute: AttributeName::new(attribute) })
}

/// What people look at first; else what changed last.
fn looked_at_first<'v>(view: &'v DeviceView, selector: Option<&EndpointSelector>) -> Option<&'v str> {
    let device = &view.record.device;
    let is_meant = |number| {
        selector.is_none_or(|selector| device.endpoint(number).is_some_and(|endpoint| selector.names(endpoint)))
    };
    let all = || view.attributes().filter(|(number, schema, _)| is_meant(*number) && !schema.momentary);
    let first = LOOKED_AT_FIRST
        .iter()
        .find_map(|name| all().find(|(_, schema, _)| schema.name.as_str() == *name).map(|(_, schema, _)| schema));
    let newest = || all().max_by_key(|(_, _, state)| state.changed_at).map(|(_, schema, _)| schema);
    first.or_else(newest).map(|schema| schema.name.as_str())
}

async fn why_not(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(wanted): Query<WhyNotParams>,
) -> Result<Response, Problem> {
    if wanted.at.is_some() {
        caller.may(&app, Action::See, Part::History)?;
    }
    let snapshot = app.core.snapshot();
    let rule = automations::find(&snapshot, &id)?.clone();
    let eyes = caller.narrow_eyes(&app);
    let found = ask(&app, snapshot, eyes, move |sources| why::why_not(sources, &rule, wanted.at)).await??;
    Ok(routes::json(StatusCode::OK, &WhyNotBody::new(&found)))
}

async fn runs(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    caller.must_see_everything(&app)?;
    let snapshot = app.core.snapshot();
    let automation: AutomationId = automations::find(&snapshot, &id)?.record.id.clone();
    let before = query.after()?.map(|cursor| cursor_of(&cursor)).transpose()?;
    let (limit, now) = (query.limit()?, app.now());
    let asked = RunsQuery { automation, before, limit };
    let page = app.read_archive(move |archive| why::runs(archive, now, &asked)).await??;
    let next_cursor = page.next.map(|(at, shown)| crate::paging::encode(&format!("{}.{shown}", at.milliseconds())));
    let page = Page { items: page.runs.iter().map(RunBody::new).collect(), next_cursor };
    Ok(routes::json(StatusCode::OK, &page))
}

/// Where a page begins: at a time, behind so many traces of this time that were read.
fn cursor_of(text: &str) -> Result<(Timestamp, usize), Problem> {
    let read = || {
        let (at, shown) = text.split_once('.')?;
        let shown = shown.parse().ok().filter(|shown| *shown <= SHOWN_MAX)?;
        Some((Timestamp(at.parse().ok()?), shown))
    };
    read().ok_or_else(|| {
        Problem::invalid("bad_cursor", "The cursor is not one of this list.", "Give next_cursor of the page before.")
    })
}
