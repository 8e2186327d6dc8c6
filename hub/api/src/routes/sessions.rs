//! Where people are logged in, and how that ends: everybody sees and ends their own sessions, owners those of others too.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{delete, get};
use hub_model::household::{Account, TokenUse};
use hub_model::record::Change;

use crate::api::{App, to_its_end};
use crate::audit::action;
use crate::auth::Grant;
use crate::extract::{Ids, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::routes::{self, me, users};
use crate::table::Route;
use crate::wire::user::SessionBody;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/users/me/sessions",
            Access::Signed,
            get(list_own),
            "Lists where you are logged in",
        )
        .query::<PageQuery>()
        .answers::<Page<SessionBody<'static>>>(200, "By id."),
        Route::new(
            Method::DELETE,
            "/api/v1/users/me/sessions",
            Access::Signed,
            delete(end_all_own),
            "Logs you out everywhere, here too",
        )
        .answers_nothing(204, "All your sessions are over and their streams closed; tokens of programs go on."),
        Route::new(
            Method::DELETE,
            "/api/v1/users/me/sessions/{id}",
            Access::Signed,
            delete(end_own),
            "Logs you out in one place",
        )
        .answers_nothing(204, "The session is over, its streams closed."),
        Route::new(
            Method::GET,
            "/api/v1/users/{id}/sessions",
            Access::Signed,
            get(list),
            "Lists where somebody is logged in; for owners, and everybody's own",
        )
        .query::<PageQuery>()
        .answers::<Page<SessionBody<'static>>>(200, "By id."),
        Route::new(
            Method::DELETE,
            "/api/v1/users/{id}/sessions",
            Access::Signed,
            delete(end_all),
            "Logs somebody out everywhere; for owners, and everybody's own",
        )
        .answers_nothing(
            204,
            "All sessions of the account are over and their streams closed; tokens of programs go on.",
        ),
        Route::new(
            Method::DELETE,
            "/api/v1/users/{id}/sessions/{session}",
            Access::Signed,
            delete(end),
            "Logs somebody out in one place; for owners, and everybody's own",
        )
        .answers_nothing(204, "The session is over, its streams closed."),
    ]
}

async fn list_own(State(app): State<App>, caller: Caller, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let account = caller.own_account(&app)?;
    listed(&app, &caller, &account, &query)
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let account = users::own_or_for_owners(&app, &caller, &id)?.account;
    listed(&app, &caller, &account, &query)
}

fn listed(app: &App, caller: &Caller, account: &Account, query: &PageQuery) -> Result<Response, Problem> {
    let current = me::own_session(caller);
    let sessions = app.sessions.of_account(&account.id, app.now());
    let page =
        page(&sessions, query, |(session, _)| &session.id, |session| SessionBody::new(session, current.as_deref()))?;
    Ok(routes::json(StatusCode::OK, &page))
}

async fn end_all_own(State(app): State<App>, caller: Caller) -> Result<StatusCode, Problem> {
    let account = caller.own_account(&app)?;
    end_every(app, caller, &account).await
}

async fn end_all(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<StatusCode, Problem> {
    let account = users::own_or_for_owners(&app, &caller, &id)?.account;
    end_every(app, caller, &account).await
}

async fn end_every(app: App, caller: Caller, account: &Account) -> Result<StatusCode, Problem> {
    let entry = Change::Audit(users::entry_of(&app, &caller, action::SESSION_ENDED, "all", account));
    let id = account.id.clone();
    to_its_end(async move {
        let of_account = |grant: &Grant| grant.account.id == id && grant.token.token_use != TokenUse::Api;
        app.sessions.end(&app.core, of_account, vec![entry]).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

async fn end_own(State(app): State<App>, caller: Caller, Ids(session): Ids<String>) -> Result<StatusCode, Problem> {
    let account = caller.own_account(&app)?;
    end_one(app, caller, &account, session).await
}

async fn end(
    State(app): State<App>,
    caller: Caller,
    Ids((id, session)): Ids<(String, String)>,
) -> Result<StatusCode, Problem> {
    let account = users::own_or_for_owners(&app, &caller, &id)?.account;
    end_one(app, caller, &account, session).await
}

async fn end_one(app: App, caller: Caller, account: &Account, session: String) -> Result<StatusCode, Problem> {
    let is_there = app.sessions.of_account(&account.id, app.now()).iter().any(|(open, _)| *open.id == *session);
    if !is_there {
        return Err(Problem::not_found("session", &session));
    }
    let entry = Change::Audit(users::entry_of(&app, &caller, action::SESSION_ENDED, &session, account));
    to_its_end(async move {
        app.sessions.end_session(&app.core, &session, Some(entry)).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
