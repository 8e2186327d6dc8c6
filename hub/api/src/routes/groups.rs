//! Groups that a network knows by itself. A group is a device; it is removed like one.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{delete, post};
use driver_api::driver::GroupAction;
use driver_api::{ManageAction, ManageError};
use hub_access::{Action, Part};
use hub_model::Said;
use hub_model::device::EndpointSelector;
use hub_model::{DeviceId, DriverId, EndpointNumber};

use crate::api::App;
use crate::extract::{self, Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes::{self, devices, drivers};
use crate::table::Route;
use crate::wire::maintenance::{MemberQuery, NewGroup, NewGroupBody, NewMember};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/drivers/{id}/groups",
            Access::May(Action::Configure, Part::Network),
            post(create),
            "Makes a group",
        )
        .body::<NewGroup>()
        .answers::<NewGroupBody>(201, "It is made; an event device_added follows.")
        .problems(&[409, 504]),
        Route::new(
            Method::POST,
            "/api/v1/devices/{id}/members",
            Access::May(Action::Configure, Part::Network),
            post(add),
            "Adds a device to a group",
        )
        .body::<NewMember>()
        .answers_nothing(204, "It is in the group; an event device_updated follows.")
        .problems(&[409, 504]),
        Route::new(
            Method::DELETE,
            "/api/v1/devices/{id}/members/{member}",
            Access::May(Action::Configure, Part::Network),
            delete(remove),
            "Takes a device out of a group",
        )
        .query::<MemberQuery>()
        .answers_nothing(204, "It is out of the group; an event device_updated follows.")
        .problems(&[409, 504]),
    ]
}

async fn create(
    State(app): State<App>,
    Ids(id): Ids<String>,
    Json(wanted): Json<NewGroup>,
) -> Result<Response, Problem> {
    let driver: DriverId = drivers::find(&app.core.snapshot(), &id)?.id.clone();
    let name = extract::name("name", &wanted.name)?;
    let answer = app.core.manage(driver, ManageAction::Group(GroupAction::Create { name })).await?;
    let device = answer.field("device").cloned().unwrap_or_default();
    let response = routes::json(StatusCode::CREATED, &NewGroupBody { device: device.clone() });
    Ok(match device.as_text() {
        Some(id) => routes::located(response, "/api/v1/devices", id),
        None => response,
    })
}

async fn add(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Json(wanted): Json<NewMember>,
) -> Result<StatusCode, Problem> {
    change(&app, &caller, &id, &wanted.device, wanted.endpoint.as_ref(), |group, member, endpoint| {
        GroupAction::AddMember { group, member, endpoint }
    })
    .await
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids((id, member)): Ids<(String, String)>,
    Query(query): Query<MemberQuery>,
) -> Result<StatusCode, Problem> {
    devices::find(&caller.home(&app), &member)?;
    let endpoint = query.endpoint.map(|endpoint| EndpointSelector::Label(endpoint.into()));
    change(&app, &caller, &id, &member, endpoint.as_ref(), |group, member, endpoint| GroupAction::RemoveMember {
        group,
        member,
        endpoint,
    })
    .await
}

async fn change(
    app: &App,
    caller: &Caller,
    group: &str,
    member: &str,
    endpoint: Option<&EndpointSelector>,
    action: impl FnOnce(DeviceId, DeviceId, Option<EndpointNumber>) -> GroupAction,
) -> Result<StatusCode, Problem> {
    let home = caller.home(app);
    let view = devices::find(&home, group)?;
    caller.may_configure(app, view)?;
    let group = &view.record;
    let driver = group.device.driver();
    let not_here = |hint: &str| {
        let shown: String = member.chars().take(128).collect();
        let detail = format!("There is no device {shown} that could be in this group.");
        Problem::invalid("no_such_device", detail, hint).with("field", "device".into())
    };
    let member = home
        .device(&DeviceId::new(member))
        .ok_or_else(|| not_here("Choose one that is there (GET /api/v1/devices)."))?;
    caller.may_configure(app, member)?;
    let member = &member.record.device;
    if member.driver() != driver {
        return Err(not_here("A group holds devices of its own driver; a scene or rule reaches those of all drivers."));
    }
    let endpoint = endpoint.map(|selector| {
        let known = member.endpoints.iter().find(|endpoint| selector.names(endpoint));
        known.map(|endpoint| endpoint.number).ok_or_else(|| {
            Problem::invalid(
                "no_such_endpoint",
                Said::new("endpoint", format!("{} has no endpoint {selector}.", member.id)),
                "Give the id or label of one of its endpoints.",
            )
            .with("field", "endpoint".into())
        })
    });
    let action = action(group.device.id.clone(), member.id.clone(), endpoint.transpose()?);
    match app.core.manage(driver, ManageAction::Group(action)).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(ManageError::NotFound) => Err(Problem::conflict(
            "not_a_group",
            format!("{} is no group of its network, or the device is not there any more.", group.name),
            "Make a group first (POST /api/v1/drivers/{id}/groups).",
        )),
        Err(error) => Err(error.into()),
    }
}
