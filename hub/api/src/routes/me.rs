//! The own account: name, password, and where one is logged in.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{delete, get, patch};
use hub_model::household::{Account, Secret, TokenUse};
use hub_model::record::{Change, Record};

use crate::api::{App, to_its_end};
use crate::audit::action;
use crate::auth::{Entry, Origin, Turn, check_pin, guessed_wrong};
use crate::extract::{Ids, Json, Query};
use crate::guard::{Access, Caller, Identity};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::routes::{self, users};
use crate::table::Route;
use crate::wire::user::{OwnChange, SessionBody, UserBody};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/users/me", Access::Signed, get(show), "Shows your own account")
            .answers::<UserBody<'static>>(200, "The account; by the hub's own socket that of the first owner."),
        Route::new(
            Method::PATCH,
            "/api/v1/users/me",
            Access::Signed,
            patch(change),
            "Changes your own name or password",
        )
        .body::<OwnChange>()
        .answers::<UserBody<'static>>(
            200,
            "The account as it is now. A new password ends all your other sessions at once; tokens of programs go on.",
        )
        .problems(&[429]),
        Route::new(
            Method::GET,
            "/api/v1/users/me/sessions",
            Access::Signed,
            get(sessions),
            "Lists where you are logged in",
        )
        .query::<PageQuery>()
        .answers::<Page<SessionBody<'static>>>(200, "By id."),
        Route::new(
            Method::DELETE,
            "/api/v1/users/me/sessions",
            Access::Signed,
            delete(end_all),
            "Logs you out everywhere, here too",
        )
        .answers_nothing(204, "All your sessions are over and their streams closed; tokens of programs go on."),
        Route::new(
            Method::DELETE,
            "/api/v1/users/me/sessions/{id}",
            Access::Signed,
            delete(end),
            "Logs you out in one place",
        )
        .answers_nothing(204, "The session is over, its streams closed."),
    ]
}

/// The own account with what proves whose it is.
pub(super) fn own_entry(app: &App, caller: &Caller) -> Result<Entry, Problem> {
    let account = caller.own_account(app)?;
    app.accounts.entry(&account.id).ok_or_else(|| Problem::unauthorized("The account is gone."))
}

/// Checks that it is really the person: somebody may have found an open browser. Gives the turn, for a new password.
pub(super) async fn prove<'a>(
    app: &'a App,
    caller: &Caller,
    entry: &Entry,
    password: &Secret,
) -> Result<Turn<'a>, Problem> {
    if matches!(caller.identity, Identity::Local) {
        return Err(Problem::conflict(
            "no_password_here",
            "Whoever sits at the hub itself proves nothing by a password.",
            "Use `hearth user password NAME`, or log in as the person.",
        ));
    }
    let from = Origin::new(&entry.account.username, caller.source);
    let turn = app.passwords.turn().await?;
    let now = app.clock.now();
    if let Some(wait) = app.attempts.login_wait(&from, now) {
        return Err(Problem::too_many("The password was wrong too often.", wait));
    }
    if turn.verify(password, entry.proof.password.clone()).await? {
        return Ok(turn);
    }
    guessed_wrong(app, &from, Some(&entry.account.id));
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "wrong_password",
        "The password is wrong.",
        "Give the password that you log in with now.",
    ))
}

async fn show(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    Ok(users::shown(&app, &own_entry(&app, &caller)?))
}

async fn change(State(app): State<App>, caller: Caller, Json(wanted): Json<OwnChange>) -> Result<Response, Problem> {
    to_its_end(async move {
        let _alone = app.account_edits.write().await;
        let mut entry = own_entry(&app, &caller)?;
        if let Some(name) = &wanted.display_name {
            let display_name = users::display_name(name.as_deref())?;
            entry.account = Arc::new(Account { display_name, ..(*entry.account).clone() });
        }
        let old = || {
            wanted.old_password.as_ref().ok_or_else(|| {
                Problem::invalid("bad_password", "This needs the password.", "Give old_password too.")
                    .with("field", "old_password".into())
            })
        };
        if let Some(pin) = &wanted.pin {
            pin.iter().try_for_each(check_pin)?;
            // Whoever sits at the hub itself may do anything, and has no password to show.
            let is_local = matches!(caller.identity, Identity::Local);
            let turn =
                if is_local { app.passwords.turn().await? } else { prove(&app, &caller, &entry, old()?).await? };
            entry.proof.pin = match pin {
                Some(pin) => Some(turn.hash(&*app.random, pin).await?),
                None => None,
            };
        }
        let Some(password) = &wanted.password else {
            let mut audit = caller.entry(&app, action::USER_CHANGED, Some(entry.account.id.as_str()));
            audit.detail = wanted.pin.as_ref().map(|pin| if pin.is_some() { "PIN set" } else { "PIN removed" }.into());
            return users::keep_changed(&app, entry, audit).await;
        };
        crate::auth::Passwords::check_strength(password)?;
        let turn = prove(&app, &caller, &entry, old()?).await?;
        entry.proof.password = Some(turn.hash(&*app.random, password).await?);
        entry.proof.invitation = None;
        drop(turn);
        let id = entry.account.id.clone();
        let mut changes = vec![Change::Put(Record::Account((*entry.account).clone()))];
        changes.extend(entry.proof.changes(&id));
        changes.push(caller.audited(&app, action::PASSWORD_CHANGED, id.as_str()));
        let own = own_session(&caller).unwrap_or_default();
        let others = |grant: &crate::auth::Grant| {
            grant.account.id == id && grant.token.token_use != TokenUse::Api && *grant.token.session != *own
        };
        app.sessions.end(&app.core, others, changes).await?;
        app.accounts.put(entry.clone());
        app.sessions.account_changed(&entry.account).await;
        Ok(users::shown(&app, &entry))
    })
    .await
}

/// The session of who asks.
fn own_session(caller: &Caller) -> Option<Arc<str>> {
    match &caller.identity {
        Identity::Token(grant) => Some(Arc::clone(&grant.token.session)),
        _ => None,
    }
}

async fn sessions(State(app): State<App>, caller: Caller, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let account = caller.own_account(&app)?;
    let own = own_session(&caller);
    let sessions = app.sessions.of_account(&account.id, app.now());
    let page =
        page(&sessions, &query, |(session, _)| &session.id, |session| SessionBody::new(session, own.as_deref()))?;
    Ok(routes::json(StatusCode::OK, &page))
}

async fn end_all(State(app): State<App>, caller: Caller) -> Result<StatusCode, Problem> {
    let account = caller.own_account(&app)?;
    to_its_end(async move {
        let entry = caller.audited(&app, action::SESSION_ENDED, "all");
        let own = |grant: &crate::auth::Grant| grant.account.id == account.id && grant.token.token_use != TokenUse::Api;
        app.sessions.end(&app.core, own, vec![entry]).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

async fn end(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<StatusCode, Problem> {
    let account = caller.own_account(&app)?;
    let is_there = app.sessions.of_account(&account.id, app.now()).iter().any(|(session, _)| *session.id == *id);
    if !is_there {
        return Err(Problem::not_found("session", &id));
    }
    to_its_end(async move {
        let entry = caller.audited(&app, action::SESSION_ENDED, &id);
        app.sessions.end_session(&app.core, &id, Some(entry)).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
