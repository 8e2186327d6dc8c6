//! Commands.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use hub_access::{Action, Part};
use hub_core::Snapshot;
use hub_model::command::{Outcome, Setting};
use hub_model::{AccountId, Cause, Command, CommandId, DeviceId};

use crate::api::App;
use crate::auth::pin_came;
use crate::extract::{Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, page_backwards};
use crate::problem::Problem;
use crate::routes::{self, devices};
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
        Route::new(
            Method::GET,
            "/api/v1/devices/{id}/commands",
            Access::Signed,
            get(list),
            "Lists the last commands of a device",
        )
        .query::<PageQuery>()
        .answers::<Page<CommandBody<'static>>>(
            200,
            "Newest first: those under way, and those among the last thousand of the home that ended. Who may not see \
             the history sees those under way and their own.",
        ),
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

async fn list(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let reader = Reader::new(&app, &caller);
    let device = &devices::find(&reader.home, &id)?.record.device.id;
    let sees_past = caller.may(&app, Action::See, Part::History).is_ok();
    let commands = app.core.recent_commands().await;
    let shown = commands.iter().filter(|command| {
        command.device == *device
            && (sees_past || !command.has_ended() || reader.wanted(command))
            && reader.sees(command)
    });
    let mut shown: Vec<(String, &Arc<Command>)> = shown.map(|command| (in_order(command), command)).collect();
    shown.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    let page = page_backwards(&shown, &query, |(key, _)| key, |(_, command)| reader.body(command))?;
    Ok(routes::json(StatusCode::OK, &page))
}

/// Sorts commands by when they were accepted; ids alone are in no order.
fn in_order(command: &Command) -> String {
    format!("{:020} {}", command.accepted_at.0.max(0), command.id)
}

async fn show(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<Response, Problem> {
    let command = app.core.find_command(&CommandId::new(id.as_str())).await;
    let reader = Reader::new(&app, &caller);
    let command = command.filter(|command| reader.sees(command)).ok_or_else(|| Problem::not_found("command", &id))?;
    Ok(routes::json(StatusCode::OK, &reader.body(&command)))
}

/// Who reads of commands, and what they see of them.
struct Reader {
    home: Arc<Snapshot>,
    account: AccountId,
    sees_everything: bool,
}

impl Reader {
    fn new(app: &App, caller: &Caller) -> Self {
        Self { home: caller.home(app), account: caller.eyes(app), sees_everything: caller.sees_everything(app) }
    }

    /// Whether the command is theirs.
    fn wanted(&self, command: &Command) -> bool {
        matches!(&command.cause, Cause::Person { account, .. } if *account == self.account)
    }

    /// Whether they see all that it sets.
    fn sees(&self, command: &Command) -> bool {
        let view = self.home.device(&command.device);
        let sees = |Outcome { setting: Setting { endpoint, attribute, .. }, .. }: &Outcome| {
            view.is_some_and(|view| view.record.device.attribute(*endpoint, attribute.as_str()).is_some())
        };
        self.sees_everything || command.outcomes.iter().all(sees)
    }

    /// The command as it is told to them: who or what else wanted it is for who sees everything.
    fn body<'c>(&self, command: &'c Command) -> CommandBody<'c> {
        let is_told = self.sees_everything || self.wanted(command);
        if is_told { CommandBody::new(command) } else { CommandBody::without_cause(command) }
    }
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
