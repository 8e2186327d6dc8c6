//! People, where they are, and what rules told them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, patch, post};
use hub_access::{Action, Part};
use hub_core::{Edit, Edited, Snapshot};
use hub_model::household::Person;
use hub_model::notification::{Notification, Recipient};
use hub_model::presence::{AWAY, HOME, UNKNOWN};
use hub_model::{NotificationId, Said};

use crate::api::{App, Shared};
use crate::extract::{self, Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, page, page_backwards};
use crate::problem::Problem;
use crate::routes;
use crate::table::Route;
use crate::wire::people::NotificationBody;
use crate::wire::presence::{self, NewPresence, PersonBody, PersonChange};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/people",
            Access::May(Action::See, Part::Account),
            get(list),
            "Lists people and where they are; who may not see where others are is shown themself",
        )
        .query::<PageQuery>()
        .answers::<Page<PersonBody<'static>>>(
            200,
            "Everybody who has an account, as far as you may see where they are; by id.",
        ),
        Route::new(
            Method::PATCH,
            "/api/v1/people/{id}",
            Access::May(Action::Configure, Part::People),
            patch(change),
            "Changes whether `everyone` waits for somebody, and which devices stand for them",
        )
        .body::<PersonChange>()
        .answers::<PersonBody<'static>>(200, "The person as they are now."),
        Route::new(
            Method::POST,
            "/api/v1/people/{id}/presence",
            Access::Signed,
            post(set_presence),
            "Says where somebody is; the id is their id or user name",
        )
        .body::<NewPresence>()
        .answers::<PersonBody<'static>>(200, "Where they are now; rules have been told."),
        Route::new(
            Method::GET,
            "/api/v1/users/me/notifications",
            Access::May(Action::See, Part::Messages),
            get(notifications),
            "Lists what rules and the hub told you",
        )
        .query::<PageQuery>()
        .answers::<Page<NotificationBody<'static>>>(200, "Newest first; the hub keeps 500 of all people together."),
        Route::new(
            Method::POST,
            "/api/v1/users/me/notifications/{id}/read",
            Access::May(Action::Control, Part::Messages),
            post(read),
            "Marks a notification as read",
        )
        .answers::<NotificationBody<'static>>(200, "The notification."),
        Route::new(
            Method::POST,
            "/api/v1/users/me/notifications/{id}/acknowledge",
            Access::May(Action::Control, Part::Messages),
            post(acknowledge),
            "Says that you see to it",
        )
        .answers::<NotificationBody<'static>>(
            200,
            "The notification, which you have read then too. Nobody else is told of it any more.",
        ),
    ]
}

async fn list(State(app): State<App>, caller: Caller, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let snapshot = caller.home(&app);
    let now = app.now();
    let body = |person| PersonBody::new(person, &snapshot, now);
    let page = page(&snapshot.people, &query, |person| person.id.as_str(), body)?;
    Ok(routes::json(StatusCode::OK, &page))
}

/// The person of this id, or else of this user name.
fn find<'a>(snapshot: &'a Snapshot, id: &str) -> Result<&'a Person, Problem> {
    let by_id = snapshot.people.iter().find(|person| person.id.as_str() == id);
    let wanted = id.to_lowercase();
    let person = by_id.or_else(|| snapshot.people.iter().find(|person| person.name.to_lowercase() == wanted));
    person.ok_or_else(|| Problem::not_found("person", id))
}

/// The most devices that stand for one person.
const DEVICES_MAX: usize = 16;

async fn change(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Json(change): Json<PersonChange>,
) -> Result<Response, Problem> {
    let snapshot = app.core.snapshot();
    let person = find(&snapshot, &id)?.id.clone();
    if change.devices.as_ref().is_some_and(|devices| devices.len() > DEVICES_MAX) {
        let hint = format!("Give at most {DEVICES_MAX}.");
        return Err(Problem::invalid(
            "bad_value",
            Said::new("too_many_devices", "So many devices cannot stand for one person.").with("most", DEVICES_MAX),
            hint,
        ));
    }
    let home = caller.home(&app);
    let check = |devices: Vec<_>| devices.into_iter().map(|device| presence::stand_in(device, &home)).collect();
    let devices = change.devices.map(check).transpose()?;
    let edit = Edit::Person { id: person, counts: change.counts, devices };
    answer(&app, &id, app.core.edit(caller.cause(&app), edit).await?)
}

/// The person as they are after an edit.
fn answer(app: &Shared, id: &str, edited: Edited) -> Result<Response, Problem> {
    match edited {
        Edited::Person(person) => {
            let body = PersonBody::new(&person, &app.core.snapshot(), app.now());
            Ok(routes::json(StatusCode::OK, &body))
        }
        _ => Err(Problem::not_found("person", id)),
    }
}

async fn set_presence(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Json(wanted): Json<NewPresence>,
) -> Result<Response, Problem> {
    let place = extract::name("presence", &wanted.presence)?;
    let snapshot = app.core.snapshot();
    let zones = snapshot.home.zones.iter().map(|zone| &*zone.name);
    let mut known = [HOME, AWAY, UNKNOWN].into_iter().chain(zones);
    let known = known.find(|known| place.eq_ignore_ascii_case(known)).map(Arc::from);
    let (own, found) = (caller.account(&app), find(&snapshot, &id));
    // Who may not say it for others is not told whether there are any.
    if !found.as_ref().is_ok_and(|person| own.is_some_and(|own| own.id == person.id)) {
        caller.may(&app, Action::Control, Part::Presence)?;
    }
    let person = found?.id.clone();
    let presence = Edit::Presence { person, place: known.unwrap_or(place) };
    answer(&app, &id, app.edit(&caller, presence).await?)
}

async fn notifications(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let account = caller.own_account(&app)?;
    let snapshot = app.core.snapshot();
    let own: Vec<(&Notification, &Recipient)> =
        snapshot.notifications.iter().filter_map(|told| Some((&**told, told.recipient(&account.id)?))).collect();
    let page = page_backwards(&own, &query, |(told, _)| told.id.as_str(), of_reader)?;
    Ok(routes::json(StatusCode::OK, &page))
}

fn of_reader<'a>((told, recipient): &(&'a Notification, &'a Recipient)) -> NotificationBody<'a> {
    NotificationBody::new(told, recipient)
}

async fn read(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<Response, Problem> {
    mark(&app, &caller, &id, false).await
}

async fn acknowledge(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<Response, Problem> {
    mark(&app, &caller, &id, true).await
}

async fn mark(app: &Shared, caller: &Caller, id: &str, acknowledges: bool) -> Result<Response, Problem> {
    let account = caller.own_account(app)?;
    let reading = Edit::ReadNotification { id: NotificationId::new(id), account: account.id.clone(), acknowledges };
    let told = match app.edit(caller, reading).await? {
        Edited::Notification(told) => told,
        _ => return Err(Problem::not_found("notification", id)),
    };
    if acknowledges {
        app.messenger.acknowledged(&told.id);
    }
    let recipient = told.recipient(&account.id).ok_or_else(|| Problem::not_found("notification", id))?;
    Ok(routes::json(StatusCode::OK, &NotificationBody::new(&told, recipient)))
}
