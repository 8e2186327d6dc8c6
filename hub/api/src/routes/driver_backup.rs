//! What a stick remembers, taken out and put back.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{post, put};
use driver_api::{ManageAction, ManageError};
use hub_access::{Action, Part};
use hub_model::{DriverId, Value};

use crate::api::App;
use crate::audit::action;
use crate::extract::{Ids, Json};
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes::{self, drivers, maintenance};
use crate::table::Route;
use crate::wire::maintenance::StickImage;

/// The largest body with a backup.
const IMAGE_MAX: usize = 2 * 1024 * 1024;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/drivers/{id}/backup",
            Access::May(Action::Control, Part::Backups),
            post(back_up),
            "Reads everything that a driver's stick remembers; its radio is silent meanwhile, for up to a minute or two",
        )
        .answers::<StickImage>(200, "The memory of the stick.")
        .problems(&[409, 504]),
        Route::new(
            Method::PUT,
            "/api/v1/drivers/{id}/backup",
            Access::May(Action::Configure, Part::Backups),
            put(restore),
            "Writes a backup into a driver's stick, which then restarts",
        )
        .takes_up_to(IMAGE_MAX)
        .body::<StickImage>()
        .answers_nothing(204, "It is written; events driver_status follow.")
        .problems(&[409, 504]),
    ]
}

async fn back_up(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<Response, Problem> {
    let Value::Text(image) = manage(&app, &id, ManageAction::Backup).await? else {
        return Err(ManageError::NotPossible("the driver answered with something else".into()).into());
    };
    app.audit(caller.entry(&app, action::DRIVER_BACKED_UP, Some(&id))).await;
    Ok(routes::json(StatusCode::OK, &StickImage { image: image.to_string() }))
}

async fn restore(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Json(StickImage { image }): Json<StickImage>,
) -> Result<StatusCode, Problem> {
    let image = maintenance::base64_image(&image)?;
    drivers::find(&app.core.snapshot(), &id)?;
    // Written down first: it is done also where nobody waits any more, and may end halfway.
    app.audit(caller.entry(&app, action::DRIVER_RESTORED, Some(&id))).await;
    manage(&app, &id, ManageAction::Restore { image }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks the driver, and goes on also when nobody waits any more: a stick is not to be left halfway.
async fn manage(app: &App, id: &str, action: ManageAction) -> Result<Value, Problem> {
    let driver: DriverId = drivers::find(&app.core.snapshot(), id)?.id.clone();
    let core = app.core.clone();
    let asked = tokio::spawn(async move { core.manage(driver, action).await });
    Ok(asked.await.map_err(|_| ManageError::Offline).flatten()?)
}
