//! Devices.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post};
use hub_access::{Action, Part};
use hub_core::{DeviceView, Edit, Edited, Snapshot};
use hub_model::device::DeviceRecord;
use hub_model::{AreaId, DeviceId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::App;
use crate::cache::PageKey;
use crate::etag;
use crate::extract::{self, Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::routes;
use crate::table::Route;
use crate::wire::device::DeviceBody;

/// What to change of a device; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct DeviceChange {
    /// A label for people. Where the driver can, its network is given it too; what the network refuses stays as it is
    /// there.
    name: Option<String>,
    /// The id of a room; null = in none.
    #[serde(deserialize_with = "extract::nullable")]
    #[schema(value_type = Option<String>)]
    area: Option<Option<String>>,
}

/// Who takes the place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Replacement {
    /// The id of the device that takes over name, room, history and rules.
    with: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RemoveQuery {
    /// Forget it even if it does not answer, or its driver cannot remove it.
    #[serde(default)]
    force: bool,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/devices", Access::Signed, get(list), "Lists the devices with their states")
            .query::<PageQuery>()
            .answers::<Page<DeviceBody<'static>>>(200, "By id.")
            .answers_nothing(304, "Nothing changed since the version of If-None-Match."),
        Route::new(Method::GET, "/api/v1/devices/{id}", Access::Signed, get(show), "Shows a device with its states")
            .answers::<DeviceBody<'static>>(200, "The device; its ETag is that of its name, room and description."),
        Route::new(Method::PATCH, "/api/v1/devices/{id}", Access::Signed, patch(change), "Changes name or room")
            .body::<DeviceChange>()
            .if_match()
            .answers::<DeviceBody<'static>>(200, "The device as it is now."),
        Route::new(
            Method::DELETE,
            "/api/v1/devices/{id}",
            Access::May(Action::Configure, Part::Network),
            delete(remove),
            "Takes a device out of its network and forgets it",
        )
        .query::<RemoveQuery>()
        .if_match()
        .answers_nothing(204, "It is gone."),
        Route::new(
            Method::POST,
            "/api/v1/devices/{id}/replace",
            Access::May(Action::Configure, Part::Network),
            post(replace),
            "Puts another device in its place",
        )
        .body::<Replacement>()
        .answers::<DeviceBody<'static>>(200, "The device that took over."),
    ]
}

/// The device of an id in a path.
pub(super) fn find<'a>(snapshot: &'a Snapshot, id: &str) -> Result<&'a Arc<DeviceView>, Problem> {
    snapshot.device(&DeviceId::new(id)).ok_or_else(|| Problem::not_found("device", id))
}

/// States change by themselves; what people edit does not.
fn tag(record: &DeviceRecord) -> HeaderValue {
    etag::of(record)
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    if !caller.sees_everything(&app) {
        let home = caller.home(&app);
        let seen: Vec<_> = home.devices.iter().collect();
        let page = page(&seen, &query, |view| view.record.device.id.as_str(), |view| DeviceBody::new(view))?;
        return Ok(routes::json(StatusCode::OK, &page));
    }
    let key = PageKey { after: query.after()?, limit: query.limit()? };
    let page = app.devices.page(&app.core.snapshot(), &key);
    let compressed = if routes::accepts(&headers, &header::ACCEPT_ENCODING, "gzip") { page.gzip() } else { None };
    let [plain_tag, compressed_tag] = &page.tags;
    let tag = if compressed.is_some() { compressed_tag } else { plain_tag };
    let is_known = etag::is_known(&headers, plain_tag) || etag::is_known(&headers, compressed_tag);
    let encoding = compressed.is_some() && !is_known;
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        routes::json_text(StatusCode::OK, compressed.unwrap_or_else(|| page.plain.clone()))
    };
    let answered = response.headers_mut();
    answered.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    answered.insert(header::VARY, HeaderValue::from_static("accept-encoding, authorization, cookie"));
    if encoding {
        answered.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answered.insert(header::ETAG, tag.clone());
    Ok(response)
}

fn answer(view: &DeviceView) -> Response {
    let mut response = routes::json(StatusCode::OK, &DeviceBody::new(view));
    response.headers_mut().insert(header::ETAG, tag(&view.record));
    response
}

async fn show(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<Response, Problem> {
    let home = caller.home(&app);
    let view = find(&home, &id)?;
    if caller.sees_everything(&app) {
        let mut response = routes::json_text(StatusCode::OK, app.devices.device(&home, view));
        response.headers_mut().insert(header::ETAG, tag(&view.record));
        return Ok(response);
    }
    Ok(answer(view))
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
    Json(change): Json<DeviceChange>,
) -> Result<Response, Problem> {
    let _alone = app.edits.write().await;
    let snapshot = caller.home(&app);
    let before = find(&snapshot, &id)?;
    etag::check(&headers, &tag(&before.record))?;
    let name = change.name.map(|name| extract::name("name", &name)).transpose()?;
    let area = change.area.map(|area| area.map(AreaId::new));
    if let Some(Some(area)) = &area
        && !snapshot.areas.iter().any(|known| known.id == *area)
    {
        return Err(Problem::invalid(
            "no_such_area",
            format!("There is no area {area}."),
            "Choose one that is there (GET /api/v1/areas).",
        )
        .with("field", "area".into()));
    }
    let edit = Edit::Device { id: before.record.device.id.clone(), name, area };
    let record = match app.edit(&caller, edit).await? {
        Edited::Device(record) => record,
        _ => Arc::clone(&before.record),
    };
    Ok(changed(&app, &caller, &record, before))
}

/// The answer with what the edit led to, even if the newest picture does not show it yet.
fn changed(app: &App, caller: &Caller, record: &DeviceRecord, before: &DeviceView) -> Response {
    let home = caller.home(app);
    let is_shown = |view: &&Arc<DeviceView>| view.record.name == record.name && view.record.area == record.area;
    match home.device(&record.device.id).filter(is_shown) {
        Some(view) => answer(view),
        None => {
            // With what they saw before of what it is.
            let seen = DeviceRecord { device: before.record.device.clone(), ..record.clone() };
            answer(&DeviceView { record: Arc::new(seen), ..before.clone() })
        }
    }
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<RemoveQuery>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let snapshot = caller.home(&app);
    let before = find(&snapshot, &id)?;
    etag::check(&headers, &tag(&before.record))?;
    let edit = Edit::RemoveDevice { id: before.record.device.id.clone(), force: query.force };
    app.edit(&caller, edit).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn replace(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Json(wanted): Json<Replacement>,
) -> Result<Response, Problem> {
    // It writes the rules anew that speak of the old one.
    let _alone = app.edits.write().await;
    let snapshot = caller.home(&app);
    let old = find(&snapshot, &id)?;
    let new = snapshot.device(&DeviceId::new(wanted.with.as_str())).ok_or_else(|| {
        Problem::invalid(
            "no_such_device",
            format!("There is no device {}.", wanted.with.chars().take(128).collect::<String>()),
            "Pair the new device first, then give its id in the field with.",
        )
        .with("field", "with".into())
    })?;
    let edit = Edit::ReplaceDevice { old: old.record.device.id.clone(), new: new.record.device.id.clone() };
    let record = match app.edit(&caller, edit).await? {
        Edited::Device(record) => record,
        _ => Arc::clone(&new.record),
    };
    Ok(changed(&app, &caller, &record, new))
}
