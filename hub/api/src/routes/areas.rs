//! Rooms.

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{delete, get, patch, post};
use hub_access::{Action, Part};
use hub_core::{Edit, Snapshot};
use hub_model::AreaId;
use hub_model::Said;
use hub_model::household::Area;
use hub_model::name::{AREAS, slug};

use crate::api::App;
use crate::etag;
use crate::extract::{self, Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::routes;
use crate::table::Route;
use crate::wire::household::{AreaBody, AreaChange, NewArea};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/areas", Access::May(Action::See, Part::Areas), get(list), "Lists the rooms")
            .query::<PageQuery>()
            .answers::<Page<AreaBody<'static>>>(200, "By id."),
        Route::new(
            Method::POST,
            "/api/v1/areas",
            Access::May(Action::Configure, Part::Areas),
            post(create),
            "Adds a room",
        )
        .body::<NewArea>()
        .answers::<AreaBody<'static>>(201, "The new room."),
        Route::new(Method::GET, "/api/v1/areas/{id}", Access::May(Action::See, Part::Areas), get(show), "Shows a room")
            .answers::<AreaBody<'static>>(200, "The room."),
        Route::new(
            Method::PATCH,
            "/api/v1/areas/{id}",
            Access::May(Action::Configure, Part::Areas),
            patch(change),
            "Changes a room",
        )
        .body::<AreaChange>()
        .if_match()
        .answers::<AreaBody<'static>>(200, "The room as it is now."),
        Route::new(
            Method::DELETE,
            "/api/v1/areas/{id}",
            Access::May(Action::Configure, Part::Areas),
            delete(remove),
            "Removes a room; its devices stay",
        )
        .if_match()
        .answers_nothing(204, "It is gone."),
    ]
}

fn find<'a>(snapshot: &'a Snapshot, id: &str) -> Result<&'a Area, Problem> {
    snapshot.areas.iter().find(|area| area.id.as_str() == id).ok_or_else(|| Problem::not_found("area", id))
}

async fn list(State(app): State<App>, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let snapshot = app.core.snapshot();
    let page = page(&snapshot.areas, &query, |area| area.id.as_str(), AreaBody::new)?;
    Ok(routes::json(StatusCode::OK, &page))
}

async fn show(State(app): State<App>, Ids(id): Ids<String>) -> Result<Response, Problem> {
    let snapshot = app.core.snapshot();
    let body = AreaBody::new(find(&snapshot, &id)?);
    Ok(routes::tagged(StatusCode::OK, etag::of(&body), &body))
}

async fn create(State(app): State<App>, caller: Caller, Json(wanted): Json<NewArea>) -> Result<Response, Problem> {
    let name = extract::name("name", &wanted.name)?;
    let floor = wanted.floor.map(|floor| extract::name("floor", &floor)).transpose()?;
    let _alone = app.edits.write().await;
    let snapshot = app.core.snapshot();
    let is_taken = |id: &str| snapshot.areas.iter().any(|area| area.id.as_str() == id);
    let id = match wanted.id {
        Some(id) if slug(&id).as_ref() != Some(&id) => {
            return Err(Problem::invalid(
                "bad_value",
                Said::new("id", "The id has characters that ids have not."),
                "Give lower-case letters, digits, - and _, or leave id out.",
            )
            .with("field", "id".into()));
        }
        Some(id) if is_taken(&id) => {
            return Err(Problem::conflict(
                "exists",
                Said::new("area", format!("There is an area {id} already.")).with("id", &id),
                "Give another id, or leave it out.",
            ));
        }
        Some(id) => id,
        None => AREAS.free_id(&name, is_taken),
    };
    let area = Area { id: AreaId::new(id), name, floor, position: wanted.position };
    app.edit(&caller, Edit::Area(area.clone())).await?;
    let body = AreaBody::new(&area);
    let response = routes::tagged(StatusCode::CREATED, etag::of(&body), &body);
    Ok(routes::located(response, "/api/v1/areas", area.id.as_str()))
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
    Json(change): Json<AreaChange>,
) -> Result<Response, Problem> {
    let _alone = app.edits.write().await;
    let snapshot = app.core.snapshot();
    let mut area = find(&snapshot, &id)?.clone();
    etag::check(&headers, &etag::of(&AreaBody::new(&area)))?;
    if let Some(name) = change.name {
        area.name = extract::name("name", &name)?;
    }
    if let Some(floor) = change.floor {
        area.floor = floor.map(|floor| extract::name("floor", &floor)).transpose()?;
    }
    if let Some(position) = change.position {
        area.position = position;
    }
    app.edit(&caller, Edit::Area(area.clone())).await?;
    let body = AreaBody::new(&area);
    Ok(routes::tagged(StatusCode::OK, etag::of(&body), &body))
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let _alone = app.edits.write().await;
    let snapshot = app.core.snapshot();
    let area = find(&snapshot, &id)?;
    etag::check(&headers, &etag::of(&AreaBody::new(area)))?;
    app.edit(&caller, Edit::RemoveArea(area.id.clone())).await?;
    Ok(StatusCode::NO_CONTENT)
}
