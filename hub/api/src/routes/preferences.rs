//! What the person who asks prefers.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, patch, put};
use hub_model::household::Account;
use serde_json::{Map, Value};

use crate::api::{App, Shared, to_its_end};
use crate::etag;
use crate::extract::Json;
use crate::guard::{Access, Caller};
use crate::preferences::{LONGEST, merge};
use crate::problem::Problem;
use crate::routes;
use crate::table::{AnyObject, Route};

const PATH: &str = "/api/v1/users/me/preferences";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, PATH, Access::Signed, get(show), "Shows what you prefer: your apps know what it means")
            .answers::<AnyObject>(200, "Your own object; empty if nothing was ever said."),
        Route::new(Method::PUT, PATH, Access::Signed, put(replace), "Puts an object in the place of what you prefer")
            .takes_up_to(2 * LONGEST)
            .body::<AnyObject>()
            .if_match()
            .answers::<AnyObject>(200, "It as it is kept; at most 64 KiB, nested at most 32 deep."),
        Route::new(
            Method::PATCH,
            PATH,
            Access::Signed,
            patch(change),
            "Changes what you prefer with a JSON merge patch (RFC 7396)",
        )
        .takes_up_to(2 * LONGEST)
        .body::<AnyObject>()
        .if_match()
        .answers::<AnyObject>(200, "It as it is now."),
    ]
}

fn account(app: &Shared, caller: &Caller) -> Result<Arc<Account>, Problem> {
    caller.account(app).ok_or_else(|| {
        Problem::conflict("not_claimed", "The hub has no owner yet.", "Set it up first (POST /api/v1/setup).")
    })
}

fn answer(document: &Map<String, Value>) -> Response {
    routes::tagged(StatusCode::OK, etag::of(document), document)
}

async fn show(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let account = account(&app, &caller)?;
    Ok(answer(&app.preferences.of(&account.id)))
}

async fn replace(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(wanted): Json<Map<String, Value>>,
) -> Result<Response, Problem> {
    put_on_top(app, &caller, headers, move |_| wanted).await
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(patch): Json<Map<String, Value>>,
) -> Result<Response, Problem> {
    let on_top = move |known: &Map<String, Value>| {
        let mut merged = known.clone();
        merge(&mut merged, patch);
        merged
    };
    put_on_top(app, &caller, headers, on_top).await
}

/// One change at a time, on top of what is there.
async fn put_on_top(
    app: App,
    caller: &Caller,
    headers: HeaderMap,
    change: impl FnOnce(&Map<String, Value>) -> Map<String, Value> + Send + 'static,
) -> Result<Response, Problem> {
    let account = account(&app, caller)?;
    let kept = to_its_end(async move {
        let _alone = app.edits.write().await;
        let known = app.preferences.of(&account.id);
        etag::check(&headers, &etag::of(&*known))?;
        app.preferences.put(&app.core, &account.id, change(&known)).await
    });
    Ok(answer(&*kept.await?))
}
