//! What phones say of where their people are: the HTTP mode of OwnTracks.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_core::Edit;
use hub_model::household::Account;
use hub_model::{Cause, Timestamp};

use crate::api::{App, Shared};
use crate::auth::Subject;
use crate::bodies::{BodyRoom, read_body};
use crate::extract;
use crate::guard::{Access, Caller};
use crate::owntracks::{Message, Refusal};
use crate::problem::Problem;
use crate::routes;
use crate::table::{AnyObject, Route};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/presence/owntracks",
            Access::Entry,
            post(report),
            "Takes what the app OwnTracks says in its HTTP mode; Basic authentication with the user name and a token of \
             the scope presence. Positions are made into places at once and never kept",
        )
        .body::<AnyObject>()
        .answers::<Vec<String>>(200, "An empty list: there is nothing to tell the phone.")
        .problems(&[401, 409]),
    ]
}

async fn report(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Extension(room): Extension<BodyRoom>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let source = caller.source.map(Subject::webhook);
    let now = app.clock.now();
    if let Some(wait) = source.as_ref().and_then(|source| app.attempts.wait(source, now.mono)) {
        return Err(Problem::too_many("Wrong passwords came too often from here.", wait));
    }
    let Some(account) = sender(&app, &headers, now.time()) else {
        if let Some(source) = source {
            app.attempts.failed(source, now.mono);
        }
        let hint = "Give your user name, and as the password a token: hearth token create PHONE --scope presence.";
        return Err(Problem { hint: hint.to_owned(), ..Problem::unauthorized("The user name or the token is wrong.") });
    };
    let bytes = read_body(Some(&room), &headers, body).await?;
    let message: Message = extract::parse(&bytes)?;
    if let Some(fix) = message.fix(now.time())? {
        if app.core.snapshot().home.location.is_none() {
            let hint = "Say it in the settings of the home (PATCH /api/v1/home with location).";
            return Err(Problem::conflict("no_location", "Nobody has said where the home is.", hint));
        }
        let cause = Cause::Person { account: account.id.clone(), via: "owntracks".into() };
        app.core.edit(cause, Edit::PhoneFix { person: account.id.clone(), fix }).await?;
    }
    Ok(routes::json_text(StatusCode::OK, "[]"))
}

/// Whose phone it is: the user name and the token must belong together.
fn sender(app: &Shared, headers: &HeaderMap, now: Timestamp) -> Option<Arc<Account>> {
    let (scheme, encoded) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    let (username, token) = decoded.split_once(':')?;
    let grant = app.sessions.find_for_presence(token, now)?;
    let is_own = grant.account.username.to_lowercase() == username.trim().to_lowercase();
    is_own.then(|| Arc::clone(&grant.account))
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (code, hint) = match refusal {
            Refusal::Encrypted => (
                "encrypted",
                "Leave the encryption key of OwnTracks empty: the connection to the hub is what keeps it secret.",
            ),
            Refusal::Incomplete => {
                ("bad_value", "Give lat, lon (degrees) and tst (seconds since 1970) as OwnTracks does.")
            }
            Refusal::InTheFuture { .. } => ("in_the_future", "Set the clock of the phone, or that of the hub."),
        };
        Self::invalid(code, refusal.to_string(), hint)
    }
}
