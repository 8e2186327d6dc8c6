//! People, where they are, and what rules told them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use hub_core::{Edit, Edited};
use hub_model::NotificationId;
use hub_model::household::Account;
use hub_model::notification::{Notification, Recipient};

use crate::api::{App, Shared};
use crate::extract::{self, Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, page, page_backwards};
use crate::problem::Problem;
use crate::routes;
use crate::table::Route;
use crate::wire::people::{NewPresence, NotificationBody, PersonBody};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/people", Access::Signed, get(list), "Lists people and where they are")
            .query::<PageQuery>()
            .answers::<Page<PersonBody<'static>>>(200, "Everybody who has an account, by id."),
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
            Access::Signed,
            get(notifications),
            "Lists what rules and the hub told you",
        )
        .query::<PageQuery>()
        .answers::<Page<NotificationBody<'static>>>(200, "Newest first; the hub keeps 500 of all people together."),
        Route::new(
            Method::POST,
            "/api/v1/users/me/notifications/{id}/read",
            Access::Signed,
            post(read),
            "Marks a notification as read",
        )
        .answers::<NotificationBody<'static>>(200, "The notification."),
        Route::new(
            Method::POST,
            "/api/v1/users/me/notifications/{id}/acknowledge",
            Access::Signed,
            post(acknowledge),
            "Says that you see to it",
        )
        .answers::<NotificationBody<'static>>(
            200,
            "The notification, which you have read then too. Nobody else is told of it any more.",
        ),
    ]
}

async fn list(State(app): State<App>, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let snapshot = app.core.snapshot();
    let page = page(&snapshot.people, &query, |person| person.id.as_str(), PersonBody::new)?;
    Ok(routes::json(StatusCode::OK, &page))
}

async fn set_presence(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Json(wanted): Json<NewPresence>,
) -> Result<Response, Problem> {
    let place = extract::name("presence", &wanted.presence)?;
    let known = ["home", "away"].into_iter().find(|known| place.eq_ignore_ascii_case(known));
    let snapshot = app.core.snapshot();
    let by_id = snapshot.people.iter().find(|person| person.id.as_str() == id);
    let wanted = id.to_lowercase();
    let person = by_id.or_else(|| snapshot.people.iter().find(|person| person.name.to_lowercase() == wanted));
    let person = person.ok_or_else(|| Problem::not_found("person", &id))?.id.clone();
    let presence = Edit::Presence { person, place: known.map_or(place, Arc::from) };
    match app.core.edit(caller.cause(&app), presence).await? {
        Edited::Person(person) => Ok(routes::json(StatusCode::OK, &PersonBody::new(&person))),
        _ => Err(Problem::not_found("person", &id)),
    }
}

fn account(app: &Shared, caller: &Caller) -> Result<Arc<Account>, Problem> {
    caller.account(app).ok_or_else(|| {
        Problem::conflict("not_claimed", "The hub has no owner yet.", "Claim it first with POST /api/v1/setup.")
    })
}

async fn notifications(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let account = account(&app, &caller)?;
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
    let account = account(app, caller)?;
    let reading = Edit::ReadNotification { id: NotificationId::new(id), account: account.id.clone(), acknowledges };
    let told = match app.core.edit(caller.cause(app), reading).await? {
        Edited::Notification(told) => told,
        _ => return Err(Problem::not_found("notification", id)),
    };
    if acknowledges {
        app.messenger.acknowledged(&told.id);
    }
    let recipient = told.recipient(&account.id).ok_or_else(|| Problem::not_found("notification", id))?;
    Ok(routes::json(StatusCode::OK, &NotificationBody::new(&told, recipient)))
}
