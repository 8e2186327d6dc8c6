//! Networks of drivers.

use std::time::Duration;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use driver_api::ManageError;
use hub_access::{Action, Part};
use hub_model::DriverId;

use crate::api::App;
use crate::extract::Ids;
use crate::guard::Access;
use crate::networks::{Drawing, draw};
use crate::problem::Problem;
use crate::routes::{self, drivers};
use crate::table::Route;
use crate::wire::network::NetworkBody;

/// So long the first look at a network waits for it to be measured.
const FIRST_LOOK: Duration = Duration::from_secs(5);
/// So long a wish to measure waits for a refusal.
const AT_ONCE: Duration = Duration::from_millis(500);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/drivers/{id}/network",
            Access::May(Action::See, Part::Network),
            get(show),
            "Shows a driver's network as it was last measured; the first look measures it",
        )
        .answers::<NetworkBody<'static>>(
            200,
            "Nodes and whom they hear. While scanning is true, and nothing was measured before, there are none yet.",
        )
        .problems(&[409]),
        Route::new(
            Method::POST,
            "/api/v1/drivers/{id}/network/scan",
            Access::May(Action::Control, Part::Network),
            post(scan),
            "Measures a driver's network; on large ones this takes minutes and slows it down",
        )
        .answers::<NetworkBody<'static>>(202, "It is being measured; what is shown is the one before.")
        .problems(&[409]),
    ]
}

fn driver(app: &App, id: &str) -> Result<DriverId, Problem> {
    Ok(drivers::find(&app.core.snapshot(), id)?.id.clone())
}

async fn show(State(app): State<App>, Ids(id): Ids<String>) -> Result<Response, Problem> {
    let driver = driver(&app, &id)?;
    let mut drawing = app.networks.watch(&driver);
    let is_first = drawing.borrow().was_never_tried();
    if is_first {
        draw(&app, &driver);
        settled(&mut drawing, FIRST_LOOK).await;
    }
    answer(StatusCode::OK, &drawing.borrow())
}

async fn scan(State(app): State<App>, Ids(id): Ids<String>) -> Result<Response, Problem> {
    let driver = driver(&app, &id)?;
    let mut drawing = app.networks.watch(&driver);
    if !draw(&app, &driver) {
        return Err(Problem::conflict(
            "scanning",
            "The network is being measured already.",
            "Wait until it is done (GET …/network says scanning until then, and an event says when).",
        ));
    }
    if settled(&mut drawing, AT_ONCE).await
        && let Some(error) = drawing.borrow().error.clone()
    {
        return Err(problem(error));
    }
    answer(StatusCode::ACCEPTED, &drawing.borrow())
}

/// Waits until it is no longer being measured. False = it still is.
async fn settled(drawing: &mut tokio::sync::watch::Receiver<Drawing>, most: Duration) -> bool {
    let done = drawing.wait_for(|drawing| drawing.scanning_since.is_none());
    tokio::time::timeout(most, done).await.is_ok_and(|done| done.is_ok())
}

/// Without any network the error is the answer; an older one is better than none.
fn answer(status: StatusCode, drawing: &Drawing) -> Result<Response, Problem> {
    match &drawing.error {
        Some(error) if drawing.drawn.is_none() && drawing.scanning_since.is_none() => Err(problem(error.clone())),
        _ => Ok(routes::json(status, &NetworkBody::new(drawing))),
    }
}

fn problem(error: ManageError) -> Problem {
    match error {
        ManageError::Unsupported => Problem::new(
            StatusCode::NOT_FOUND,
            "no_network",
            "This driver has no network that could be drawn.",
            "Zigbee and Z-Wave have one (GET /api/v1/drivers says which can).",
        ),
        error => error.into(),
    }
}
