//! Drivers, their networks and pairing.

use std::time::Duration;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{delete, get, post};
use driver_api::ManageAction;
use hub_access::{Action, Part};
use hub_core::{DriverView, OpenPairing, Snapshot};
use hub_model::{DriverId, SessionId, Value};

use crate::api::App;
use crate::audit::action;
use crate::extract::{Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::random::{bytes, hex};
use crate::routes;
use crate::table::{AnyObject, Route};
use crate::wire::driver::{DriverBody, NewPairing, OpenPairingBody, Pairing};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/drivers",
            Access::May(Action::See, Part::Drivers),
            get(list),
            "Lists the drivers and how they are",
        )
        .query::<PageQuery>()
        .answers::<Page<DriverBody<'static>>>(200, "In the order of the configuration."),
        Route::new(
            Method::GET,
            "/api/v1/drivers/{id}",
            Access::May(Action::See, Part::Drivers),
            get(show),
            "Shows a driver",
        )
        .answers::<DriverBody<'static>>(200, "The driver."),
        Route::new(
            Method::GET,
            "/api/v1/drivers/{id}/pairing",
            Access::May(Action::See, Part::Network),
            get(pairings),
            "Lists the pairings of a driver that are under way",
        )
        .query::<PageQuery>()
        .answers::<Page<OpenPairingBody<'static>>>(200, "By id; none = its network is closed."),
        Route::new(
            Method::POST,
            "/api/v1/drivers/{id}/pairing",
            Access::May(Action::Configure, Part::Network),
            post(start),
            "Opens a network for new devices",
        )
        .body::<NewPairing>()
        .answers::<Pairing>(201, "The network is open; progress comes as events of the kind pairing."),
        Route::new(
            Method::DELETE,
            "/api/v1/drivers/{id}/pairing/{session}",
            Access::May(Action::Configure, Part::Network),
            delete(stop),
            "Closes a network",
        )
        .answers_nothing(204, "It is closed."),
        Route::new(
            Method::POST,
            "/api/v1/drivers/{id}/pairing/{session}/answer",
            Access::May(Action::Configure, Part::Network),
            post(answer),
            "Answers what a pairing asks",
        )
        .body::<AnyObject>()
        .answers_nothing(204, "The driver has the answer."),
    ]
}

/// The driver of an id in a path.
pub(super) fn find<'a>(snapshot: &'a Snapshot, id: &str) -> Result<&'a DriverView, Problem> {
    snapshot.drivers.iter().find(|driver| driver.id.as_str() == id).ok_or_else(|| Problem::not_found("driver", id))
}

async fn manage(app: &App, id: &str, action: ManageAction) -> Result<Value, Problem> {
    let driver: DriverId = find(&app.core.snapshot(), id)?.id.clone();
    Ok(app.core.manage(driver, action).await?)
}

async fn list(State(app): State<App>, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let snapshot = app.core.snapshot();
    // By id for the cursor; there are few.
    let mut drivers: Vec<&DriverView> = snapshot.drivers.iter().collect();
    drivers.sort_by(|left, right| left.id.cmp(&right.id));
    let page = page(&drivers, &query, |driver| driver.id.as_str(), |driver| DriverBody::new(driver, &snapshot))?;
    Ok(routes::json(StatusCode::OK, &page))
}

async fn show(State(app): State<App>, Ids(id): Ids<String>) -> Result<Response, Problem> {
    let snapshot = app.core.snapshot();
    Ok(routes::json(StatusCode::OK, &DriverBody::new(find(&snapshot, &id)?, &snapshot)))
}

async fn pairings(
    State(app): State<App>,
    Ids(id): Ids<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let snapshot = app.core.snapshot();
    let driver = &find(&snapshot, &id)?.id;
    let now = app.now();
    let is_open = |pairing: &&OpenPairing| pairing.driver == *driver && pairing.until.is_none_or(|until| now < until);
    let mut open: Vec<&OpenPairing> = snapshot.pairings.iter().filter(is_open).collect();
    open.sort_by(|left, right| left.session.cmp(&right.session));
    let page = page(&open, &query, |pairing| pairing.session.as_str(), |pairing| OpenPairingBody::new(pairing))?;
    Ok(routes::json(StatusCode::OK, &page))
}

async fn start(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Json(wanted): Json<NewPairing>,
) -> Result<Response, Problem> {
    let (action, seconds) = wanted.checked()?;
    let session = hex(&bytes::<8>(&*app.random)?);
    let duration = Duration::from_secs(seconds);
    let until = app.now().plus(duration);
    let action = ManageAction::StartPairing { session: SessionId::new(session.as_str()), action, duration };
    manage(&app, &id, action).await?;
    app.audit(caller.entry(&app, action::PAIRING, Some(&id))).await;
    let path = format!("/api/v1/drivers/{}/pairing", routes::url_encoded(&id));
    Ok(routes::located(routes::json(StatusCode::CREATED, &Pairing { id: session.clone(), until }), &path, &session))
}

async fn stop(State(app): State<App>, Ids((id, session)): Ids<(String, String)>) -> Result<StatusCode, Problem> {
    manage(&app, &id, ManageAction::StopPairing { session: SessionId::new(session) }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn answer(
    State(app): State<App>,
    Ids((id, session)): Ids<(String, String)>,
    Json(answer): Json<Value>,
) -> Result<StatusCode, Problem> {
    if !matches!(answer, Value::Composite(_)) {
        return Err(Problem::invalid(
            "invalid_body",
            "The answer is not an object.",
            "Give an object with the fields that were asked for.",
        ));
    }
    manage(&app, &id, ManageAction::AnswerPairing { session: SessionId::new(session), answer }).await?;
    Ok(StatusCode::NO_CONTENT)
}
