//! What phones say of where their people are: the HTTP mode of OwnTracks.

use std::sync::Arc;
use std::time::Duration;

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
use hub_model::presence::Fix;
use hub_model::{Cause, Timestamp};
use serde::Deserialize;

use crate::api::{App, Shared};
use crate::auth::Subject;
use crate::bodies::{BodyRoom, read_body};
use crate::extract;
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes;
use crate::table::{AnyObject, Route};

/// A phone's clock may be so much ahead.
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// How far off a position may be that does not say it, in metres.
const USUAL_ACCURACY: f64 = 100.0;

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

/// A message of OwnTracks. What else it has is of no interest here.
#[derive(Deserialize)]
struct Message {
    #[serde(rename = "_type")]
    kind: String,
    lat: Option<f64>,
    lon: Option<f64>,
    /// Metres.
    acc: Option<f64>,
    /// Seconds since 1970.
    tst: Option<i64>,
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
    if let Some(fix) = fix(&message, now.time())? {
        if app.core.snapshot().home.location.is_none() {
            let hint = "Say it with hearth home set location=NORTH,EAST, or PATCH /api/v1/home.";
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

/// Where the phone says that it is; none if the message is about something else.
fn fix(message: &Message, now: Timestamp) -> Result<Option<Fix>, Problem> {
    match message.kind.as_str() {
        "location" | "transition" => {}
        "encrypted" => {
            let hint =
                "Leave the encryption key of OwnTracks empty: the connection to the hub is what keeps it secret.";
            return Err(Problem::invalid("encrypted", "The message is encrypted.", hint));
        }
        _ => return Ok(None),
    }
    let within = |degrees: f64, most: f64| degrees.is_finite() && degrees.abs() <= most;
    let (latitude, longitude, seconds) = match (message.lat, message.lon, message.tst) {
        (Some(north), Some(east), Some(seconds)) if within(north, 90.0) && within(east, 180.0) => {
            (north, east, seconds)
        }
        _ => {
            let hint = "Give lat, lon (degrees) and tst (seconds since 1970) as OwnTracks does.";
            return Err(Problem::invalid("bad_value", "The position or its time is missing or cannot be.", hint));
        }
    };
    let at = Timestamp(seconds.saturating_mul(1_000));
    if at > now.plus(AHEAD) {
        let detail = format!("The position is of {at}, and it is {now}.");
        return Err(Problem::invalid("in_the_future", detail, "Set the clock of the phone, or that of the hub."));
    }
    let accuracy_m = message.acc.unwrap_or(USUAL_ACCURACY);
    // A phone whose clock is a little ahead was not somewhere later than now.
    Ok(Some(Fix { latitude, longitude, accuracy_m, at: at.min(now) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_owntracks_are_read_as_they_are() {
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        let table = [
            // As iOS, then as Android sends it.
            (
                r#"{"_type":"location","acc":12,"alt":43,"batt":77,"bs":1,"conn":"w","lat":52.52,"lon":13.4,"m":1,"p":101.2,
                    "t":"u","tid":"AN","topic":"owntracks/anna/phone","tst":1795197600,"vac":3,"vel":0,"inregions":["Home"]}"#,
                "Ok(Some(a position at 2026-11-20T18:00:00.000Z))",
            ),
            (
                r#"{"_type":"transition","acc":20.5,"desc":"Home","event":"leave","lat":52.52,"lon":13.4,"t":"c","tid":"AN",
                    "tst":1795197500,"wtst":1790000000}"#,
                "Ok(Some(a position at 2026-11-20T17:58:20.000Z))",
            ),
            (r#"{"_type":"lwt","tst":1795197600}"#, "Ok(None)"),
            (r#"{"_type":"waypoints","waypoints":[]}"#, "Ok(None)"),
            (r#"{"_type":"encrypted","data":"x"}"#, "encrypted"),
            (r#"{"_type":"location","lat":52.52,"lon":13.4}"#, "bad_value"),
            (r#"{"_type":"location","lat":91,"lon":13.4,"tst":1795197600}"#, "bad_value"),
            (r#"{"_type":"location","lat":52.52,"lon":13.4,"tst":1795197901}"#, "in_the_future"),
            (r#"{"_type":"location","lat":52.52,"lon":13.4,"tst":9223372036854775807}"#, "in_the_future"),
        ];
        for (text, wanted) in table {
            let read = fix(&serde_json::from_str(text).unwrap(), now);
            let shown = read.as_ref().map_or_else(|problem| problem.code.to_owned(), |_| format!("{read:?}"));
            assert_eq!(shown, wanted, "{text}");
        }
    }
}
