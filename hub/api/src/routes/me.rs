//! The own account: name, password and PIN.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, patch};
use hub_model::Said;
use hub_model::household::{Account, Secret, TokenUse};
use hub_model::record::{Change, Record};

use crate::api::{App, to_its_end};
use crate::audit::action;
use crate::auth::{Entry, Origin, Turn, check_pin, guessed_wrong};
use crate::extract::Json;
use crate::guard::{Access, Caller, Identity};
use crate::problem::Problem;
use crate::routes::users;
use crate::table::Route;
use crate::wire::user::{OwnChange, UserBody};

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
    ]
}

/// The own account with what proves whose it is.
pub(super) fn own_entry(app: &App, caller: &Caller) -> Result<Entry, Problem> {
    let account = caller.own_account(app)?;
    app.accounts
        .entry(&account.id)
        .ok_or_else(|| Problem::unauthorized(Said::new("account_gone", "The account is gone.")))
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
pub(super) fn own_session(caller: &Caller) -> Option<Arc<str>> {
    match &caller.identity {
        Identity::Token(grant) => Some(Arc::clone(&grant.token.session)),
        _ => None,
    }
}
