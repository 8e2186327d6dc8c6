//! The home's settings.

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, patch};
use hub_core::{Edit, Edited};

use crate::api::App;
use crate::etag;
use crate::extract::Json;
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes;
use crate::table::Route;
use crate::wire::household::{HomeBody, HomeChange};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/home", Access::Signed, get(show), "Shows the home's settings")
            .answers::<HomeBody<'static>>(200, "The settings."),
        Route::new(Method::PATCH, "/api/v1/home", Access::Signed, patch(change), "Changes the home's settings")
            .body::<HomeChange>()
            .if_match()
            .answers::<HomeBody<'static>>(200, "The settings as they are now."),
    ]
}

async fn show(State(app): State<App>) -> Response {
    let snapshot = app.core.snapshot();
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
    let snapshot = app.core.snapshot();
    etag::check(&headers, &etag::of(&HomeBody::new(&snapshot.home)))?;
    let home = change.apply(&snapshot.home)?;
    let now = match app.core.edit(caller.cause(&app), Edit::Home(home.clone())).await? {
        Edited::Home(now) => now,
        _ => std::sync::Arc::new(home),
    };
    let body = HomeBody::new(&now);
    Ok(routes::tagged(StatusCode::OK, etag::of(&body), &body))
}
