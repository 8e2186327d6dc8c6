//! Devices that may join by themselves, and the routes of those that have joined.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{delete, get, post};
use driver_api::provisioning::from_value;
use driver_api::{ManageAction, ManageError, ProvisionAction};
use hub_access::{Action, Part};
use hub_model::DriverId;

use crate::api::{App, Shared};
use crate::audit::action;
use crate::extract::{Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes::{self, drivers, maintenance};
use crate::table::Route;
use crate::wire::command::WaitQuery;
use crate::wire::maintenance::Progress;
use crate::wire::provisioning::{NewProvisioned, Provisioning};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/drivers/{id}/provisioning",
            Access::May(Action::Configure, Part::Network),
            get(list),
            "Lists the devices that may join a network by themselves",
        )
        .answers::<Provisioning>(200, "Those that wait and those that have joined.")
        .problems(&[409, 504]),
        Route::new(
            Method::POST,
            "/api/v1/drivers/{id}/provisioning",
            Access::May(Action::Configure, Part::Network),
            post(add),
            "Lets a device join a network by itself, as soon as it has power",
        )
        .body::<NewProvisioned>()
        .answers::<Provisioning>(
            200,
            "The list as it now is; how the device joins is told by events of the kind pairing.",
        )
        .problems(&[409, 504]),
        Route::new(
            Method::DELETE,
            "/api/v1/drivers/{id}/provisioning/{key}",
            Access::May(Action::Configure, Part::Network),
            delete(remove),
            "Takes a device off the list; one that has joined stays in the network",
        )
        .answers_nothing(204, "It is off the list.")
        .problems(&[409, 504]),
        Route::new(
            Method::POST,
            "/api/v1/drivers/{id}/routes",
            Access::May(Action::Configure, Part::Network),
            post(repair_all),
            "Has all devices of a driver find their routes anew, one after the other",
        )
        .query::<WaitQuery>()
        .answers::<Progress>(200, "They are found; the answer says of which devices.")
        .answers::<Progress>(
            202,
            "The wait (10 s if nobody says) ran out; how far it is stands in the detail of the driver.",
        )
        .problems(&[409, 504]),
        Route::new(
            Method::POST,
            "/api/v1/devices/{id}/routes",
            Access::May(Action::Configure, Part::Network),
            post(repair),
            "Has a device find its routes anew",
        )
        .query::<WaitQuery>()
        .answers::<Progress>(200, "They are found.")
        .answers::<Progress>(
            202,
            "The wait (10 s if nobody says) ran out; how far it is stands in the detail of the driver.",
        )
        .problems(&[409, 504]),
    ]
}

/// What the driver says of its list after an action.
async fn provision(app: &Shared, id: &str, action: ProvisionAction) -> Result<Provisioning, Problem> {
    let driver: DriverId = drivers::find(&app.core.snapshot(), id)?.id.clone();
    let answer = app.core.manage(driver, ManageAction::Provision(action)).await?;
    let entries =
        from_value(&answer).ok_or_else(|| ManageError::NotPossible("the driver's answer is no list".into()))?;
    Ok(Provisioning::new(entries))
}

async fn list(State(app): State<App>, Ids(id): Ids<String>) -> Result<Response, Problem> {
    Ok(routes::json(StatusCode::OK, &provision(&app, &id, ProvisionAction::List).await?))
}

async fn add(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Json(new): Json<NewProvisioned>,
) -> Result<Response, Problem> {
    let action = ProvisionAction::Add { code: Arc::from(new.code), name: new.name.map(Arc::from) };
    let list = provision(&app, &id, action).await?;
    app.audit(caller.entry(&app, action::PROVISIONING_CHANGED, Some(&id))).await;
    Ok(routes::json(StatusCode::OK, &list))
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids((id, key)): Ids<(String, String)>,
) -> Result<StatusCode, Problem> {
    let driver: DriverId = drivers::find(&app.core.snapshot(), &id)?.id.clone();
    let action = ManageAction::Provision(ProvisionAction::Remove { key: Arc::from(&*key) });
    app.core.manage(driver, action).await.map_err(|error| match error {
        ManageError::NotFound => Problem::not_found("entry", &key),
        other => other.into(),
    })?;
    app.audit(caller.entry(&app, action::PROVISIONING_CHANGED, Some(&id))).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn repair_all(
    State(app): State<App>,
    Ids(id): Ids<String>,
    Query(query): Query<WaitQuery>,
) -> Result<Response, Problem> {
    let driver: DriverId = drivers::find(&app.core.snapshot(), &id)?.id.clone();
    let wait = maintenance::wait(&query)?;
    maintenance::look_after(&app, driver, ManageAction::RepairRoutes { device: None }, wait).await
}

async fn repair(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<WaitQuery>,
) -> Result<Response, Problem> {
    let device = maintenance::look_up(&app, &caller, &id)?.record.device.clone();
    let wait = maintenance::wait(&query)?;
    let action = ManageAction::RepairRoutes { device: Some(device.id.clone()) };
    maintenance::look_after(&app, device.driver(), action, wait).await
}
