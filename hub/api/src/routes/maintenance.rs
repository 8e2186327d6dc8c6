//! Looking after devices: interviews, firmware, options; and restarting a bridge.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{patch, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use driver_api::{Image, ManageAction, ManageError};
use hub_access::{Action, Part};
use hub_core::DeviceView;
use hub_model::device::Abilities;
use hub_model::{Device, DriverId, Said, Value};

use crate::api::{App, Shared};
use crate::audit::action;
use crate::extract::{Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes::{self, commands, devices, drivers};
use crate::table::{AnyObject, Route};
use crate::wire::command::WaitQuery;
use crate::wire::health::HealthCheck;
use crate::wire::maintenance::{FirmwareAction, FirmwareFile, FirmwareRequest, Progress, ProgressStatus};

/// The largest body with a firmware file: as much as one account may send at once.
const FILE_MAX: usize = 2 * 1024 * 1024;
/// How long an answer is waited for if nobody says.
const WAIT: Duration = Duration::from_secs(10);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/devices/{id}/interview",
            Access::May(Action::Configure, Part::Network),
            post(interview),
            "Finds out anew what a device is",
        )
        .query::<WaitQuery>()
        .answers::<Progress>(200, "It is found out.")
        .answers::<Progress>(202, "The wait (10 s if nobody says) ran out; an event device_updated follows.")
        .problems(&[409, 504]),
        Route::new(
            Method::POST,
            "/api/v1/devices/{id}/firmware",
            Access::May(Action::Configure, Part::Network),
            post(firmware),
            "Looks for newer firmware of a device, or installs it",
        )
        .query::<WaitQuery>()
        .body::<FirmwareRequest>()
        .answers::<Progress>(200, "Looked for, or installed.")
        .answers::<Progress>(202, "The wait (10 s if nobody says) ran out; update_state and update_progress follow.")
        .problems(&[409, 504]),
        Route::new(
            Method::POST,
            "/api/v1/devices/{id}/firmware/file",
            Access::May(Action::Configure, Part::Network),
            post(firmware_file),
            "Installs a firmware file on a device",
        )
        .takes_up_to(FILE_MAX)
        .query::<WaitQuery>()
        .body::<FirmwareFile>()
        .answers::<Progress>(200, "The device has it and is asked anew what it is.")
        .answers::<Progress>(
            202,
            "The wait (10 s if nobody says) ran out. This takes minutes, or begins when the device wakes; update_state and update_progress follow.",
        )
        .problems(&[409, 504]),
        Route::new(
            Method::POST,
            "/api/v1/devices/{id}/health",
            Access::May(Action::Control, Part::Network),
            post(health),
            "Tries how well a device is reached",
        )
        .query::<WaitQuery>()
        .answers::<HealthCheck>(200, "What came of it.")
        .answers::<HealthCheck>(202, "The wait (10 s if nobody says) ran out; ask again later, with a longer one.")
        .problems(&[409, 504]),
        Route::new(
            Method::PATCH,
            "/api/v1/devices/{id}/options",
            Access::May(Action::Configure, Part::Network),
            patch(options),
            "Sets options that a bridge keeps for a device",
        )
        .body::<AnyObject>()
        .answers::<Progress>(200, "They are set.")
        .problems(&[409, 504]),
        Route::new(
            Method::POST,
            "/api/v1/drivers/{id}/restart",
            Access::May(Action::Control, Part::Drivers),
            post(restart),
            "Restarts a driver's bridge or stick",
        )
        .answers_nothing(204, "It restarts; events driver_status follow.")
        .problems(&[409, 504]),
    ]
}

async fn interview(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<WaitQuery>,
) -> Result<Response, Problem> {
    let device = able(&app, &caller, &id, "be interviewed", |abilities| abilities.interview)?;
    let action = ManageAction::Interview { device: device.id.clone() };
    look_after(&app, device.driver(), action, wait(&query)?).await
}

async fn firmware(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<WaitQuery>,
    Json(wanted): Json<FirmwareRequest>,
) -> Result<Response, Problem> {
    let device = able(&app, &caller, &id, "have its firmware updated", |abilities| abilities.firmware_update)?;
    let install = wanted.action == FirmwareAction::Update;
    let action = ManageAction::Firmware { device: device.id.clone(), install };
    look_after(&app, device.driver(), action, wait(&query)?).await
}

async fn firmware_file(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<WaitQuery>,
    Json(FirmwareFile { image, target }): Json<FirmwareFile>,
) -> Result<Response, Problem> {
    let device = able(&app, &caller, &id, "have its firmware updated", |abilities| abilities.firmware_update)?;
    let action = ManageAction::InstallFirmware { device: device.id.clone(), image: base64_image(&image)?, target };
    let wait = wait(&query)?;
    // Written down first: it is done also where nobody waits any more, and may end halfway.
    app.audit(caller.entry(&app, action::FIRMWARE_INSTALLED, Some(&id))).await;
    look_after(&app, device.driver(), action, wait).await
}

async fn health(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<WaitQuery>,
) -> Result<Response, Problem> {
    let device = devices::find(&caller.home(&app), &id)?.record.device.clone();
    let action = ManageAction::CheckHealth { device: device.id.clone() };
    match ask(&app, device.driver(), action, wait(&query)?).await? {
        Some(answer) => Ok(routes::json(StatusCode::OK, &HealthCheck::done(&answer)?)),
        None => Ok(routes::json(StatusCode::ACCEPTED, &HealthCheck::under_way())),
    }
}

/// The bytes of a text in Base64.
pub(super) fn base64_image(text: &str) -> Result<Image, Problem> {
    let bytes = STANDARD.decode(text.trim()).map_err(|_| {
        Problem::invalid("bad_image", "The field image is not Base64.", "Give the bytes of the file in Base64.")
            .with("field", "image".into())
    })?;
    Ok(Image(bytes.into()))
}

async fn options(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Json(options): Json<Value>,
) -> Result<Response, Problem> {
    if !matches!(&options, Value::Composite(fields) if !fields.is_empty()) {
        return Err(Problem::invalid(
            "invalid_body",
            "The options are not an object with at least one field.",
            "Give the options as the bridge calls them, for example {\"retain\": true}.",
        ));
    }
    let device = look_up(&app, &caller, &id)?.record.device.clone();
    let answer = app.core.manage(device.driver(), ManageAction::SetOptions { device: device.id, options }).await?;
    Ok(routes::json(StatusCode::OK, &Progress { status: ProgressStatus::Done, answer }))
}

async fn restart(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<StatusCode, Problem> {
    let driver: DriverId = drivers::find(&app.core.snapshot(), &id)?.id.clone();
    app.core.manage(driver, ManageAction::Restart).await?;
    app.audit(caller.entry(&app, action::DRIVER_RESTARTED, Some(&id))).await;
    Ok(StatusCode::NO_CONTENT)
}

/// The device of an id, which they may change.
pub(super) fn look_up(app: &Shared, caller: &Caller, id: &str) -> Result<Arc<DeviceView>, Problem> {
    let view = Arc::clone(devices::find(&caller.home(app), id)?);
    caller.may_configure(app, &view)?;
    Ok(view)
}

/// The device of an id in a path, if its driver can do this with it.
fn able(
    app: &Shared,
    caller: &Caller,
    id: &str,
    what: &str,
    ability: impl Fn(&Abilities) -> bool,
) -> Result<Device, Problem> {
    let record = &look_up(app, caller, id)?.record;
    if ability(&record.device.abilities) {
        return Ok(record.device.clone());
    }
    Err(Problem::conflict(
        "unsupported",
        Said::new("device", format!("{} cannot {what}.", record.name)).with("device", &record.name),
        "Not every device can do it (GET /api/v1/devices has the abilities of each).",
    ))
}

pub(super) fn wait(query: &WaitQuery) -> Result<Duration, Problem> {
    Ok(query.wait.as_deref().map(commands::duration).transpose()?.unwrap_or(WAIT))
}

/// Asks a driver, and waits so long for its answer, which is shown as it is.
pub(super) async fn look_after(
    app: &App,
    driver: DriverId,
    action: ManageAction,
    wait: Duration,
) -> Result<Response, Problem> {
    let (status, progress) = match ask(app, driver, action, wait).await? {
        Some(answer) => (StatusCode::OK, Progress { status: ProgressStatus::Done, answer }),
        None => (StatusCode::ACCEPTED, Progress { status: ProgressStatus::UnderWay, answer: Value::Unknown }),
    };
    Ok(routes::json(status, &progress))
}

/// Asks a driver, and waits so long for its answer. What takes longer goes on without anybody waiting.
async fn ask(app: &App, driver: DriverId, action: ManageAction, wait: Duration) -> Result<Option<Value>, Problem> {
    let core = app.core.clone();
    let asked = tokio::spawn(async move {
        let answer = core.manage(driver.clone(), action).await;
        if let Err(error) = &answer {
            tracing::info!(%driver, reason = error.word(), "A driver could not do what was asked of it.");
        }
        answer
    });
    match tokio::time::timeout(wait, asked).await {
        Ok(answered) => Ok(Some(answered.map_err(|_| ManageError::Offline).flatten()?)),
        Err(_) => Ok(None),
    }
}
