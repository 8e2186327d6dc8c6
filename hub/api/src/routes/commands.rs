//! Commands.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use hub_model::command::{Outcome, Setting};
use hub_model::{Command, CommandId, DeviceId};

use crate::api::App;
use crate::auth::pin_came;
use crate::extract::{Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes;
use crate::table::Route;
use crate::wire::command::{CommandBody, NewCommand, WaitQuery};

/// The longest wait for an outcome.
const WAIT_MAX: Duration = Duration::from_secs(60);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/v1/devices/{id}/commands", Access::Signed, post(command), "Commands a device")
            .query::<WaitQuery>()
            .body::<NewCommand>()
            .answers::<CommandBody<'static>>(200, "Waited for: the command with its final status.")
            .answers::<CommandBody<'static>>(202, "Accepted, or the wait ran out: the command as it is."),
        Route::new(Method::GET, "/api/v1/commands/{id}", Access::Signed, get(show), "Shows what became of a command")
            .answers::<CommandBody<'static>>(200, "The command; the newest are remembered."),
    ]
}

async fn command(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<WaitQuery>,
    Json(wanted): Json<NewCommand>,
) -> Result<Response, Problem> {
    let wait = query.wait.as_deref().map(duration).transpose()?;
    let pin = pin_came(&app, &caller, wanted.pin.as_ref()).await?;
    let request = wanted.request(DeviceId::new(id));
    let mut command = app.core.command(caller.cause(&app), request, pin).await?;
    let mut status = StatusCode::ACCEPTED;
    if let Some(wait) = wait {
        if !command.has_ended()
            && let Some(later) = app.core.wait_command(&command.id, wait).await
        {
            command = later;
        }
        if command.has_ended() {
            status = StatusCode::OK;
        }
    }
    let response = routes::json(status, &CommandBody::new(&command));
    Ok(routes::located(response, "/api/v1/commands", command.id.as_str()))
}

async fn show(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<Response, Problem> {
    let command = app.core.find_command(&CommandId::new(id.as_str())).await;
    let home = caller.home(&app);
    let is_seen = |command: &Arc<Command>| {
        let view = home.device(&command.device);
        let sees = |outcome: &Outcome| {
            let Setting { endpoint, attribute, .. } = &outcome.setting;
            view.is_some_and(|view| view.record.device.attribute(*endpoint, attribute.as_str()).is_some())
        };
        command.outcomes.iter().all(sees) || caller.sees_everything(&app)
    };
    let command = command.filter(is_seen).ok_or_else(|| Problem::not_found("command", &id))?;
    Ok(routes::json(StatusCode::OK, &CommandBody::new(&command)))
}

/// `500ms`, `2s`, `1m`, or a bare number of seconds; at most 60 s.
pub(super) fn duration(text: &str) -> Result<Duration, Problem> {
    let refuse = || {
        Problem::invalid(
            "bad_parameter",
            "The parameter wait is not a time of 0 to 60 s.",
            "Write wait=2s, wait=500ms or wait=1m.",
        )
        .with("field", "wait".into())
    };
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let milliseconds_each: u64 = match unit {
        "ms" => 1,
        "s" | "" => 1_000,
        "m" => 60_000,
        _ => return Err(refuse()),
    };
    let number: u64 = number.parse().map_err(|_| refuse())?;
    let wait = Duration::from_millis(number.saturating_mul(milliseconds_each));
    if wait > WAIT_MAX { Err(refuse()) } else { Ok(wait) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read_with_their_unit() {
        for (text, milliseconds) in [("2s", 2_000), ("500ms", 500), ("1m", 60_000), ("3", 3_000), ("0s", 0)] {
            assert_eq!(duration(text).unwrap(), Duration::from_millis(milliseconds), "{text}");
        }
        for wrong in ["", "s", "61s", "2m", "1h", "-1s", "1.5s", "99999999999999999999s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
