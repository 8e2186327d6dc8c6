//! Scenes.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{delete, get, post, put};
use hub_access::{Action, Part};
use hub_core::{Activation, Edit, Edited, Snapshot};
use hub_model::name::slug;
use hub_model::record::SceneRecord;
use hub_model::{AttributeName, Said, SceneId};

use crate::api::{App, Shared};
use crate::auth::pin_came;
use crate::etag;
use crate::extract::{self, Ids, Json, OptionalJson, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::routes;
use crate::routes::commands::duration;
use crate::table::Route;
use crate::wire::command::WaitQuery;
use crate::wire::scene::{ActivationBody, NewScene, SceneActivation, SceneBody, SceneCapture, has_ended};

/// How many devices and attributes a capture may name.
const CAPTURE_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    const ENDED: &str = "Waited for: what became of each device.";
    const UNDER_WAY: &str = "Accepted, or the wait ran out: how far each device is.";
    vec![
        Route::new(
            Method::GET,
            "/api/v1/scenes",
            Access::May(Action::See, Part::Scenes),
            get(list),
            "Lists the scenes",
        )
        .query::<PageQuery>()
        .answers::<Page<SceneBody<'static>>>(200, "By id."),
        Route::new(
            Method::POST,
            "/api/v1/scenes",
            Access::May(Action::Configure, Part::Scenes),
            post(create),
            "Adds a scene",
        )
        .body::<NewScene>()
        .answers::<SceneBody<'static>>(201, "The new scene."),
        Route::new(
            Method::POST,
            "/api/v1/scenes/capture",
            Access::May(Action::Configure, Part::Scenes),
            post(capture),
            "Adds a scene of what devices are now",
        )
        .body::<SceneCapture>()
        .answers::<SceneBody<'static>>(201, "The new scene."),
        Route::new(
            Method::GET,
            "/api/v1/scenes/{id}",
            Access::May(Action::See, Part::Scenes),
            get(show),
            "Shows a scene",
        )
        .answers::<SceneBody<'static>>(200, "The scene."),
        Route::new(
            Method::PUT,
            "/api/v1/scenes/{id}",
            Access::May(Action::Configure, Part::Scenes),
            put(write),
            "Writes a scene anew, or a new one of this id",
        )
        .body::<NewScene>()
        .if_match()
        .answers::<SceneBody<'static>>(200, "The scene as it is now."),
        Route::new(
            Method::DELETE,
            "/api/v1/scenes/{id}",
            Access::May(Action::Configure, Part::Scenes),
            delete(remove),
            "Removes a scene",
        )
        .if_match()
        .answers_nothing(204, "It is gone; rules that name it say so."),
        Route::new(
            Method::POST,
            "/api/v1/scenes/{id}/activate",
            Access::May(Action::Control, Part::Scenes),
            post(activate),
            "Activates a scene; the body may be left out",
        )
        .query::<WaitQuery>()
        .body::<SceneActivation>()
        .answers::<ActivationBody<'static>>(200, ENDED)
        .answers::<ActivationBody<'static>>(202, UNDER_WAY),
        Route::new(
            Method::POST,
            "/api/v1/scenes/{id}/undo",
            Access::May(Action::Control, Part::Scenes),
            post(undo),
            "Brings back what the last activation changed, where nobody has changed it again; within an hour, and not \
             over a restart",
        )
        .query::<WaitQuery>()
        .answers::<ActivationBody<'static>>(200, ENDED)
        .answers::<ActivationBody<'static>>(202, UNDER_WAY),
    ]
}

pub(super) fn find<'a>(snapshot: &'a Snapshot, id: &str) -> Result<&'a SceneRecord, Problem> {
    let found = snapshot.scenes.iter().find(|record| record.scene.id.as_str() == id);
    found.ok_or_else(|| Problem::not_found("scene", id))
}

fn tag(record: &SceneRecord) -> HeaderValue {
    etag::of(record)
}

fn answer(app: &Shared, caller: &Caller, status: StatusCode, record: &SceneRecord) -> Response {
    routes::tagged(status, tag(record), &SceneBody::new(record, &caller.readable(app)))
}

async fn list(State(app): State<App>, caller: Caller, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let readable = caller.readable(&app);
    let snapshot = app.core.snapshot();
    let page =
        page(&snapshot.scenes, &query, |record| record.scene.id.as_str(), |record| SceneBody::new(record, &readable))?;
    Ok(routes::json(StatusCode::OK, &page))
}

async fn show(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<Response, Problem> {
    let snapshot = app.core.snapshot();
    Ok(answer(&app, &caller, StatusCode::OK, find(&snapshot, &id)?))
}

/// Refuses a change of another version than there is.
pub(super) fn check_version(app: &App, id: &str, headers: &HeaderMap) -> Result<(), Problem> {
    match find(&app.core.snapshot(), id) {
        Ok(before) => etag::check(headers, &tag(before)),
        // To write on top of something that is not there is a mistake; to write something new is not.
        Err(problem) if headers.contains_key(header::IF_MATCH) => Err(problem),
        Err(_) => Ok(()),
    }
}

/// Makes an edit and answers with the scene that it led to.
pub(super) async fn edit(app: &App, caller: &Caller, status: StatusCode, edit: Edit) -> Result<Response, Problem> {
    match app.edit(caller, edit).await? {
        Edited::Scene(record) => {
            let id = record.scene.id.as_str();
            Ok(routes::located(answer(app, caller, status, &record), "/api/v1/scenes", id))
        }
        _ => Err(Problem::busy("The scene was changed meanwhile.")),
    }
}

fn scene_id(id: &str) -> Result<SceneId, Problem> {
    if slug(id).as_deref() == Some(id) {
        return Ok(SceneId::new(id));
    }
    Err(Problem::invalid(
        "bad_value",
        Said::new("id", "The id is one that scenes cannot have."),
        "Give lower-case letters, digits, - and _, or leave id out.",
    )
    .with("field", "id".into()))
}

async fn create(State(app): State<App>, caller: Caller, Json(wanted): Json<NewScene>) -> Result<Response, Problem> {
    let id = wanted.id.as_deref().map(scene_id).transpose()?;
    let _together = app.edits.read().await;
    let wanted = Edit::Scene { id, scene: wanted.draft()?, must_exist: Some(false) };
    edit(&app, &caller, StatusCode::CREATED, wanted).await
}

async fn capture(
    State(app): State<App>,
    caller: Caller,
    Json(wanted): Json<SceneCapture>,
) -> Result<Response, Problem> {
    let name = extract::name("name", &wanted.name)?;
    let attributes = wanted.attributes.as_ref().map_or(0, Vec::len);
    if wanted.devices.len() > CAPTURE_MAX || attributes > CAPTURE_MAX {
        let hint = format!("Name at most {CAPTURE_MAX} of each.");
        return Err(Problem::invalid(
            "bad_value",
            Said::new("too_many", "These are too many devices or attributes."),
            hint,
        ));
    }
    let _together = app.edits.read().await;
    let wanted = Edit::CaptureScene {
        name,
        devices: wanted.devices.into_iter().map(Into::into).collect(),
        attributes: wanted.attributes.map(|names| names.into_iter().map(AttributeName::from).collect()),
    };
    edit(&app, &caller, StatusCode::CREATED, wanted).await
}

async fn write(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
    Json(wanted): Json<NewScene>,
) -> Result<Response, Problem> {
    if wanted.id.as_ref().is_some_and(|own| *own != id) {
        let hint = "Leave id out of the body, or give that of the path.";
        return Err(Problem::invalid("bad_value", Said::new("id_stays", "The id of a scene stays what it is."), hint)
            .with("field", "id".into()));
    }
    let _alone = app.edits.write().await;
    check_version(&app, &id, &headers)?;
    let is_there = find(&app.core.snapshot(), &id).is_ok();
    let id = if is_there { SceneId::new(id) } else { scene_id(&id)? };
    let wanted = Edit::Scene { id: Some(id), scene: wanted.draft()?, must_exist: None };
    edit(&app, &caller, StatusCode::OK, wanted).await
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let _alone = app.edits.write().await;
    etag::check(&headers, &tag(find(&app.core.snapshot(), &id)?))?;
    app.edit(&caller, Edit::RemoveScene(SceneId::new(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn activate(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<WaitQuery>,
    OptionalJson(wanted): OptionalJson<SceneActivation>,
) -> Result<Response, Problem> {
    let wait = query.wait.as_deref().map(duration).transpose()?;
    let pin = pin_came(&app, &caller, wanted.pin.as_ref()).await?;
    let activation = app.core.activate_scene(caller.cause(&app), SceneId::new(id), wanted.transition_ms(), pin).await?;
    Ok(outcome(&app, &caller, activation, wait).await)
}

async fn undo(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<WaitQuery>,
) -> Result<Response, Problem> {
    let wait = query.wait.as_deref().map(duration).transpose()?;
    let activation = app.core.undo_scene(caller.cause(&app), SceneId::new(id)).await?;
    Ok(outcome(&app, &caller, activation, wait).await)
}

/// What became of each device that they see, waited for if that is wanted.
async fn outcome(app: &Shared, caller: &Caller, mut activation: Activation, wait: Option<Duration>) -> Response {
    let home = caller.home(app);
    activation.parts.retain(|part| caller.sees_everything(app) || home.device(&part.device).is_some());
    let mut status = StatusCode::ACCEPTED;
    if let Some(wait) = wait {
        let under_way = activation.parts.iter_mut().filter_map(|part| part.outcome.as_mut().ok());
        let waits = under_way.filter(|command| !command.has_ended()).map(async |command| {
            if let Some(later) = app.core.wait_command(&command.id, wait).await {
                *command = later;
            }
        });
        futures_util::future::join_all(waits).await;
        if has_ended(&activation) {
            status = StatusCode::OK;
        }
    }
    routes::json(status, &ActivationBody::new(&activation))
}
