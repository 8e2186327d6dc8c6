//! The home's settings.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use hub_access::{Action, Part};
use hub_automation::{compile, document};
use hub_core::{AutomationView, Edit, Edited, Snapshot};
use hub_model::household::Home;
use hub_model::{DeviceId, Said};

use crate::api::App;
use crate::audit::action;
use crate::etag;
use crate::extract::Json;
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes;
use crate::simulation::home_of;
use crate::table::Route;
use crate::wire::household::{HomeBody, HomeChange};
use crate::wire::people::{NewTime, TimeBody};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/home",
            Access::May(Action::See, Part::Home),
            get(show),
            "Shows the home's settings",
        )
        .answers::<HomeBody<'static>>(200, "The settings."),
        Route::new(Method::PATCH, "/api/v1/home", Access::Signed, patch(change), "Changes the home's settings")
            .body::<HomeChange>()
            .if_match()
            .answers::<HomeBody<'static>>(200, "The settings as they are now.")
            .answers_nothing(204, "The same, for who may not see the settings."),
        Route::new(
            Method::POST,
            "/api/v1/home/clock",
            Access::May(Action::Configure, Part::Clock),
            post(set_clock),
            "Says what time it is, where no time server does: for the owner; the machine's own clock stays as it is",
        )
        .body::<NewTime>()
        .answers::<TimeBody>(200, "The time by which schedules run now."),
    ]
}

async fn show(State(app): State<App>, caller: Caller) -> Response {
    let snapshot = caller.home(&app);
    let body = HomeBody::new(&snapshot.home);
    routes::tagged(StatusCode::OK, etag::of(&body), &body)
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(change): Json<HomeChange>,
) -> Result<Response, Problem> {
    let _alone = app.edits.write().await;
    let (snapshot, seen) = (app.core.snapshot(), caller.home(&app));
    etag::check(&headers, &etag::of(&HomeBody::new(&seen.home)))?;
    let sets_mode = change.sets_mode();
    let mut home = change.apply(&seen.home)?;
    let seen_meters = std::mem::take(&mut home.energy_meters);
    home.energy_meters = with_what_is_not_seen(&seen_meters, &snapshot.home, &seen.home);
    // Before anything is told of what would be in the way.
    for (action, part) in hub_core::parts_of_home(&snapshot.home, &home, sets_mode) {
        caller.may(&app, action, part)?;
    }
    knows_its_meters(&seen, &seen_meters)?;
    keeps_used_modes(&app, &snapshot, &home).await?;
    let now = match app.edit(&caller, Edit::Home { home: home.clone(), sets_mode }).await? {
        Edited::Home(now) => now,
        _ => std::sync::Arc::new(home),
    };
    // Who may set the mode, or wants nothing changed, does not see where the home is for that.
    if caller.may(&app, Action::See, Part::Home).is_err() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let shown = Home { energy_meters: seen_meters, ..(*now).clone() };
    let body = HomeBody::new(&shown);
    Ok(routes::tagged(StatusCode::OK, etag::of(&body), &body))
}

/// These meters, and those of the home that somebody does not see: they stay. What is named already keeps its place.
fn with_what_is_not_seen(meters: &[DeviceId], whole: &Home, seen: &Home) -> Vec<DeviceId> {
    if meters == seen.energy_meters {
        return whole.energy_meters.clone();
    }
    let hidden = whole.energy_meters.iter().filter(|id| !seen.energy_meters.contains(id) && !meters.contains(id));
    meters.iter().chain(hidden).cloned().collect()
}

/// Refuses a meter that is no device for who names it. One that is named already may be gone.
fn knows_its_meters(seen: &Snapshot, meters: &[DeviceId]) -> Result<(), Problem> {
    let known = &seen.home.energy_meters;
    let unknown = meters.iter().find(|id| !known.contains(id) && seen.device(id).is_none());
    unknown.map_or(Ok(()), |id| {
        let shown: String = id.as_str().chars().take(128).collect();
        let detail = format!("There is no device {shown}.");
        let hint = "Give the ids of devices (GET /api/v1/devices).";
        Err(Problem::invalid("no_such_device", detail, hint).with("field", "energy_meters".into()))
    })
}

/// Refuses to take a mode away that rules name: they could not run any more.
async fn keeps_used_modes(app: &App, snapshot: &Arc<Snapshot>, home: &Home) -> Result<(), Problem> {
    let gone: Vec<Arc<str>> = snapshot.home.modes.iter().filter(|mode| !home.modes.contains(mode)).cloned().collect();
    if gone.is_empty() {
        return Ok(());
    }
    let (snapshot, home, taken) = (Arc::clone(snapshot), home.clone(), gone.join(", "));
    let users = app
        .simulations
        .check(move || {
            let (before, after) = (home_of(&snapshot).complete(), home_of(&snapshot).complete().with_settings(home));
            let needs = |view: &AutomationView| {
                let document = document::parse_json(&view.record.document).ok()?;
                let is_broken = compile(&document, &before).is_ok() && compile(&document, &after).is_err();
                is_broken.then(|| format!("{:?}", view.status.name))
            };
            snapshot.automations.iter().filter_map(|view| needs(view)).collect::<Vec<_>>()
        })
        .await?;
    if users.is_empty() {
        return Ok(());
    }
    let users = users.join(", ");
    let text = format!("Rules use what would be gone of {taken}: {users}.");
    let detail = Said::from(text).with("modes", &taken).with("rules", users);
    Err(Problem::conflict("mode_in_use", detail, "Change these rules first, or keep the mode in `modes`."))
}

async fn set_clock(State(app): State<App>, caller: Caller, Json(wanted): Json<NewTime>) -> Result<Response, Problem> {
    app.settable_clock.set(wanted.time)?;
    app.audit(caller.entry(&app, action::CLOCK_SET, None)).await;
    app.core.look_at_clock().await;
    let wall = app.clock.now().wall;
    tracing::info!(time = %wall.time, "A person has set the clock.");
    Ok(routes::json(StatusCode::OK, &TimeBody { time: wall.time, time_trust: wall.trust }))
}
