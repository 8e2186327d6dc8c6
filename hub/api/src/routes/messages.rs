//! How people are reached, and what they want to be told. Each person sees and changes only their own.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{delete, get, patch, post};
use hub_core::{Edit, Edited};
use hub_model::household::{Account, Validity};
use hub_model::message::{Channel, ChannelKind, MessagePreferences, QuietHours};
use hub_model::notification::ALERT_KINDS;
use hub_model::zone::TimeOfDay;
use hub_model::{ChannelId, DeviceId, Said};

use crate::api::{App, Shared, to_its_end};
use crate::extract::{self, Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::random;
use crate::routes;
use crate::table::Route;
use crate::trials::TRIALS_AT_A_TIME;
use crate::wire::messages::{
    ChannelBody, NewChannel, PreferencesBody, PreferencesChange, PushKeyBody, Quiet, TriedChannel, TriedChannels,
};

const CHANNELS: &str = "/api/v1/users/me/channels";
/// How many kinds and devices a person may mute.
const MOST_MUTED: usize = 256;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/push-key", Access::Signed, get(push_key), "Gives what browsers subscribe with")
            .answers::<PushKeyBody<'static>>(200, "The key."),
        Route::new(Method::GET, CHANNELS, Access::Signed, get(list), "Lists the ways to you")
            .query::<PageQuery>()
            .answers::<Page<ChannelBody<'static>>>(200, "In the order in which they are tried."),
        Route::new(Method::POST, CHANNELS, Access::Signed, post(create), "Adds a way to you")
            .body::<NewChannel>()
            .answers::<ChannelBody<'static>>(201, "The channel; try it out with `/test`."),
        Route::new(
            Method::DELETE,
            "/api/v1/users/me/channels/{id}",
            Access::Signed,
            delete(remove),
            "Removes a way to you",
        )
        .answers_nothing(204, "Nothing is sent there any more."),
        Route::new(
            Method::POST,
            "/api/v1/users/me/channels/{id}/test",
            Access::Signed,
            post(try_out),
            "Sends a test message",
        )
        .answers_nothing(204, "The other side has taken it.")
        .problems(&[429, 502]),
        Route::new(
            Method::GET,
            "/api/v1/users/me/messages",
            Access::Signed,
            get(preferences),
            "Shows what you want to be told",
        )
        .answers::<PreferencesBody<'static>>(200, "Severity, quiet hours and what is muted."),
        Route::new(
            Method::PATCH,
            "/api/v1/users/me/messages",
            Access::Signed,
            patch(prefer),
            "Changes what you want to be told",
        )
        .body::<PreferencesChange>()
        .answers::<PreferencesBody<'static>>(200, "What holds now."),
        Route::new(
            Method::POST,
            "/api/v1/people/{id}/messages/test",
            Access::Signed,
            post(try_all),
            "Sends a test message through every channel of a person; the id is their id or user name; others' for owners",
        )
        .answers::<TriedChannels>(200, "What became of each.")
        .problems(&[429]),
    ]
}

fn account(app: &Shared, caller: &Caller) -> Result<Arc<Account>, Problem> {
    caller.account(app).ok_or_else(|| {
        Problem::conflict("not_claimed", "The hub has no owner yet.", "Set it up first (POST /api/v1/setup).")
    })
}

async fn push_key(State(app): State<App>) -> Response {
    routes::json(StatusCode::OK, &PushKeyBody { key: app.messenger.push_key() })
}

fn of(app: &Shared, account: &Account) -> Vec<Channel> {
    let snapshot = app.core.snapshot();
    snapshot.channels.iter().filter(|channel| channel.account == account.id).cloned().collect()
}

async fn list(State(app): State<App>, caller: Caller, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let channels = of(&app, &*account(&app, &caller)?);
    let page = page(&channels, &query, |channel| channel.id.as_str(), ChannelBody::new)?;
    Ok(routes::json(StatusCode::OK, &page))
}

async fn create(State(app): State<App>, caller: Caller, Json(wanted): Json<NewChannel>) -> Result<Response, Problem> {
    let account = account(&app, &caller)?;
    let (kind, name, least) = wanted.into_parts();
    app.messenger
        .check(&kind)
        .map_err(|detail| Problem::invalid("bad_channel", detail, "Change what the detail names, then try again."))?;
    let name = match name {
        Some(name) => extract::name("name", &name)?,
        None => usual_name(&kind).into(),
    };
    // Ids rise with time, so that a list by id is in the order in which channels are tried.
    let now = app.now();
    let fresh =
        || Ok::<_, Problem>(format!("{:013}-{}", now.milliseconds(), random::hex(&random::bytes::<4>(&*app.random)?)));
    let twins = same_browser(&app, &kind);
    let known = twins.iter().find(|twin| twin.account == account.id).cloned();
    let (id, created_at) = match &known {
        Some(known) => (known.id.clone(), known.created_at),
        None => (ChannelId::new(fresh()?), now),
    };
    let channel = Channel { id, account: account.id.clone(), name, kind, least, created_at };
    let cause = caller.cause(&app);
    let edited = to_its_end(async move {
        let edited = app.core.edit(cause.clone(), Edit::Channel(channel)).await?;
        // Whoever uses this browser now is who is told there: nobody else, once it is theirs.
        for twin in twins.into_iter().filter(|twin| twin.account != account.id) {
            app.core.edit(cause.clone(), Edit::RemoveChannel { account: twin.account, id: twin.id }).await?;
        }
        Ok(edited)
    });
    match edited.await? {
        Edited::Channel(channel) => {
            let response = routes::json(StatusCode::CREATED, &ChannelBody::new(&channel));
            Ok(routes::located(response, CHANNELS, channel.id.as_str()))
        }
        _ => Err(Problem::busy("The channel could not be added.")),
    }
}

/// The channels to the same browser.
fn same_browser(app: &Shared, kind: &ChannelKind) -> Vec<Channel> {
    let ChannelKind::WebPush { endpoint: wanted, .. } = kind else { return Vec::new() };
    let is_it =
        |channel: &&Channel| matches!(&channel.kind, ChannelKind::WebPush { endpoint, .. } if endpoint == wanted);
    app.core.snapshot().channels.iter().filter(is_it).cloned().collect()
}

fn usual_name(kind: &ChannelKind) -> &'static str {
    match kind {
        ChannelKind::WebPush { .. } => "Browser",
        ChannelKind::Email { .. } => "Mail",
        ChannelKind::Webhook { .. } => "Webhook",
    }
}

async fn remove(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<StatusCode, Problem> {
    let account = account(&app, &caller)?.id.clone();
    app.core.edit(caller.cause(&app), Edit::RemoveChannel { account, id: ChannelId::new(id) }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn try_out(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<StatusCode, Problem> {
    let own = account(&app, &caller)?;
    let channel = of(&app, &own).into_iter().find(|channel| channel.id.as_str() == id);
    let channel = channel.ok_or_else(|| Problem::not_found("channel", &id))?;
    allow_trials(&app, &own, 1)?;
    match app.messenger.try_out(channel).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(detail) => Err(Problem::new(
            StatusCode::BAD_GATEWAY,
            "not_delivered",
            format!("The message was not delivered: {detail}."),
            "Mend what the detail names, then try again.",
        )),
    }
}

/// Whether somebody may send so many test messages now: to whom and where is theirs to say, so it must not be many.
fn allow_trials(app: &Shared, account: &Account, count: usize) -> Result<(), Problem> {
    app.trials
        .take(&account.id, count, app.clock.now().mono)
        .map_err(|wait| Problem::too_many(format!("You have sent {TRIALS_AT_A_TIME} test messages of late."), wait))
}

async fn try_all(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<Response, Problem> {
    let own = account(&app, &caller)?;
    let snapshot = app.core.snapshot();
    let is_own = id == own.id.as_str() || id.to_lowercase() == own.username.to_lowercase();
    if !is_own {
        caller.must_be_owner()?;
    }
    let wanted = id.to_lowercase();
    let named =
        |person: &&hub_model::household::Person| person.id.as_str() == id || person.name.to_lowercase() == wanted;
    let person = snapshot.people.iter().find(named).ok_or_else(|| Problem::not_found("person", &id))?;
    // Nothing is sent to somebody whose account is over.
    match Validity::of(snapshot.permissions.ends_at(&person.id), &app.clock.now()) {
        Validity::Valid => {}
        Validity::Over => {
            return Err(Problem::conflict("account_over", "The account is over.", "Let it end later first."));
        }
        Validity::Unsure => {
            let detail = "The account has an end, and the hub does not know what time it is.";
            let hint = "Try again when a time server was heard, or say what time it is: `hearth home clock TIME`.";
            return Err(Problem::conflict("clock_not_trusted", detail, hint));
        }
    }
    let channels: Vec<&Channel> = snapshot.channels.iter().filter(|channel| channel.account == person.id).collect();
    allow_trials(&app, &own, channels.len())?;
    // All begin before the first is waited for.
    let attempts: Vec<_> = channels.iter().map(|channel| app.messenger.try_out((*channel).clone())).collect();
    let mut items = Vec::new();
    for (channel, attempt) in channels.into_iter().zip(attempts) {
        let outcome = attempt.await;
        items.push(TriedChannel {
            id: channel.id.to_string(),
            name: channel.name.to_string(),
            kind: channel.kind.word(),
            delivered: outcome.is_ok(),
            detail: outcome.err(),
        });
    }
    Ok(routes::json(StatusCode::OK, &TriedChannels { items }))
}

fn preferences_of(app: &Shared, account: &Account) -> MessagePreferences {
    let snapshot = app.core.snapshot();
    let kept = snapshot.message_preferences.iter().find(|wanted| wanted.account == account.id);
    kept.cloned().unwrap_or_else(|| MessagePreferences::of(account.id.clone()))
}

async fn preferences(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let wanted = preferences_of(&app, &*account(&app, &caller)?);
    Ok(routes::json(StatusCode::OK, &PreferencesBody::new(&wanted)))
}

async fn prefer(
    State(app): State<App>,
    caller: Caller,
    Json(change): Json<PreferencesChange>,
) -> Result<Response, Problem> {
    let account = account(&app, &caller)?;
    let _alone = app.edits.write().await;
    let mut wanted = preferences_of(&app, &account);
    if let Some(least) = change.least {
        wanted.least = least;
    }
    if let Some(quiet) = change.quiet {
        wanted.quiet = quiet.map(|quiet| quiet_hours(&quiet)).transpose()?;
    }
    if let Some(kinds) = change.muted_kinds {
        wanted.muted_kinds = known_kinds(&short(kinds, "muted_kinds")?)?;
    }
    if let Some(devices) = change.muted_devices {
        wanted.muted_devices = known(&app, &caller, short(devices, "muted_devices")?)?;
    }
    match app.core.edit(caller.cause(&app), Edit::MessagePreferences(wanted)).await? {
        Edited::MessagePreferences(wanted) => Ok(routes::json(StatusCode::OK, &PreferencesBody::new(&wanted))),
        _ => Err(Problem::busy("What you want could not be kept.")),
    }
}

/// A kind that is misspelt would be told all the same.
fn known_kinds(kinds: &[String]) -> Result<Vec<Arc<str>>, Problem> {
    let known = |kind: &String| {
        let found = ALERT_KINDS.iter().find(|known| **known == kind.trim());
        found.map(|known| Arc::from(*known)).ok_or_else(|| {
            let shown: String = kind.chars().filter(|letter| !letter.is_control()).take(64).collect();
            let hint = format!("The kinds are {}.", ALERT_KINDS.join(", "));
            Problem::invalid(
                "bad_value",
                Said::new("alert_kind", format!("There is no kind of alert {shown:?}.")),
                hint,
            )
            .with("field", "muted_kinds".into())
        })
    };
    kinds.iter().map(known).collect()
}

fn quiet_hours(quiet: &Quiet) -> Result<QuietHours, Problem> {
    let time = |text: &str| {
        text.parse::<TimeOfDay>().map_err(|error| {
            Problem::invalid(
                "bad_value",
                Said::new("quiet_hours", format!("The quiet hours do not fit: {error}.")),
                "Give two times of day.",
            )
            .with("field", "quiet".into())
        })
    };
    Ok(QuietHours { from: time(&quiet.from)?, to: time(&quiet.to)? })
}

fn short(list: Vec<String>, field: &'static str) -> Result<Vec<String>, Problem> {
    if list.len() <= MOST_MUTED {
        return Ok(list);
    }
    Err(Problem::invalid(
        "bad_value",
        Said::new("muted", format!("More than {MOST_MUTED} are muted.")).with("most", MOST_MUTED),
        "Mute fewer.",
    )
    .with("field", field.into()))
}

fn known(app: &Shared, caller: &Caller, ids: Vec<String>) -> Result<Vec<DeviceId>, Problem> {
    let snapshot = caller.home(app);
    let find = |id: String| {
        let id = DeviceId::new(id);
        match snapshot.device(&id) {
            Some(_) => Ok(id),
            None => Err(Problem::not_found("device", id.as_str())),
        }
    };
    ids.into_iter().map(find).collect()
}
