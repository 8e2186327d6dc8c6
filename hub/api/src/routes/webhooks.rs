//! Webhooks: whoever knows the id of one may call it. The id is the secret.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::post;
use hub_model::Value;

use crate::api::App;
use crate::auth::{Subject, token_hash};
use crate::bodies::{BodyRoom, read_body};
use crate::extract::{Ids, parse};
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes;
use crate::table::{AnyObject, Route};

/// The largest body.
const BODY_MAX: usize = 64 * 1024;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/webhooks/{id}",
            Access::Entry,
            post(call),
            "Calls a webhook of a rule; needs no token: the id is the secret. The body is JSON of at most 64 KiB, or \
             empty",
        )
        .takes_up_to(BODY_MAX)
        .body::<AnyObject>()
        .answers::<AnyObject>(202, "The rules that listen to it have been told.")
        .problems(&[404]),
    ]
}

async fn call(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Extension(room): Extension<BodyRoom>,
    Ids(id): Ids<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let source = caller.source.map(Subject::webhook);
    let now = app.clock.now().mono;
    if let Some(wait) = source.as_ref().and_then(|source| app.attempts.wait(source, now)) {
        return Err(Problem::too_many("Webhooks that there are not were called too often from here.", wait));
    }
    let bytes = read_body(Some(&room), &headers, body).await?;
    let body = if bytes.is_empty() { Value::Unknown } else { parse::<Value>(&bytes)? };
    // The same work whether there is one or not: all hashes are compared, and the core is asked either way.
    let given = token_hash(&id);
    let snapshot = app.core.snapshot();
    let known = snapshot.webhooks.iter().fold(None, |found, id: &Arc<str>| {
        let is_it = token_hash(id) == given;
        if is_it { Some(Arc::clone(id)) } else { found }
    });
    match app.core.webhook(known, body).await {
        Some(true) => Ok(routes::json_text(StatusCode::ACCEPTED, "{}")),
        Some(false) => {
            if let Some(source) = source {
                app.attempts.failed(source, now);
            }
            Err(Problem::new(
                StatusCode::NOT_FOUND,
                "not_found",
                "There is no such webhook.",
                "Call one that a rule which is switched on has as a trigger, by its exact id.",
            ))
        }
        None => Err(Problem::busy("The hub has too much to do.")),
    }
}
