//! Claiming a new hub, and letting the owner of a claimed one in again.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::post;
use hub_core::Edit;
use hub_model::household::{Account, Role, Secret};
use hub_model::{AccountId, Cause, Said};

use crate::api::{App, Shared, to_its_end};
use crate::audit::action;
use crate::auth::{Accounts, Entry, Passwords, Proof, SetupCode, Subject};
use crate::extract::{self, Json};
use crate::guard::{Access, Caller, check_origin, plain_http};
use crate::problem::Problem;
use crate::random::{bytes, hex};
use crate::routes::{login, users};
use crate::table::Route;
use crate::wire::session::{NewSetup, Session, SetupCodeCheck};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/setup",
            Access::Public,
            post(claim),
            "Claims a new hub and logs in; with the code of a recovery, resets the password of an owner",
        )
        .body::<NewSetup>()
        .answers::<Session<'static>>(201, "The hub is yours; a session is open.")
        .problems(&[400, 403, 408, 409, 413, 415, 422, 429, 503, 507]),
        Route::new(
            Method::POST,
            "/api/v1/setup/check",
            Access::Public,
            post(check),
            "Says whether a set-up code is right, without using it up; a wrong one counts as in set-up itself",
        )
        .body::<SetupCodeCheck>()
        .answers_nothing(204, "It is right.")
        .problems(&[400, 403, 408, 409, 413, 415, 422, 429, 503]),
    ]
}

fn already_claimed() -> Problem {
    Problem::conflict(
        "already_claimed",
        "The hub has an owner already.",
        "Log in (POST /api/v1/auth/login), or ask the owner for an account.",
    )
}

/// That the hub has no owner yet, or lets one in again: looked at before the body is read.
struct Unclaimed;

impl FromRequestParts<App> for Unclaimed {
    type Rejection = Problem;
    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Problem> {
        let is_recovering = app.setup_code.current(app.clock.now().mono, &*app.random).is_some();
        if app.accounts.is_claimed() && !is_recovering { Err(already_claimed()) } else { Ok(Self) }
    }
}

async fn claim(
    State(app): State<App>,
    _: Unclaimed,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Json(wanted): Json<NewSetup>,
) -> Result<Response, Problem> {
    if wanted.cookie {
        check_origin(&headers, caller.is_secure)?;
    }
    // In a task of its own: if the client hangs up just when its account is on the disk, the hub must know that it is
    // claimed, or the code would make a second owner.
    to_its_end(make_owner(app, caller, headers, wanted)).await
}

async fn check(
    State(app): State<App>,
    _: Unclaimed,
    Extension(caller): Extension<Caller>,
    Json(wanted): Json<SetupCodeCheck>,
) -> Result<StatusCode, Problem> {
    check_way(&app, &caller)?;
    check_code(&app, caller.source, wanted.setup_code.reveal())?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new hub may not be trusted by any device yet; one that has lived a while has HTTPS.
fn check_way(app: &Shared, caller: &Caller) -> Result<(), Problem> {
    if app.accounts.is_claimed() && caller.is_in_the_clear { Err(plain_http(app)) } else { Ok(()) }
}

async fn make_owner(app: App, caller: Caller, headers: HeaderMap, wanted: NewSetup) -> Result<Response, Problem> {
    let _alone = app.account_edits.write().await;
    if app.accounts.is_claimed() {
        if app.setup_code.current(app.clock.now().mono, &*app.random).is_none() {
            return Err(already_claimed());
        }
        check_way(&app, &caller)?;
        return let_owner_in(&app, caller, headers, wanted).await;
    }
    check_code(&app, caller.source, wanted.setup_code.reveal())?;
    let home_name = extract::name("home_name", wanted.home_name.as_deref().unwrap_or_default())?;
    let username = users::username(&wanted.owner.username)?;
    let hash = new_hash(&app, &wanted.owner.password).await?;
    let account = Account::new(new_id(&app)?, username, Role::Owner, app.now());
    // The name first: if the power goes between the two, the hub is still new and its code still good.
    let editing = app.edits.write().await;
    let mut home = (*app.core.snapshot().home).clone();
    home.name = home_name;
    let cause = Cause::Person { account: account.id.clone(), via: "api".into() };
    app.core.edit(cause, Edit::Home { home, sets_mode: false }).await?;
    drop(editing);
    let account = Arc::new(account);
    let entry = Entry { account: Arc::clone(&account), proof: Proof { password: Some(hash), ..Proof::default() } };
    let mut changes = Accounts::changes(&entry);
    changes.push(login::entry_of(&app, &caller, action::SETUP, &account));
    let opening = login::opening(&caller, &headers, wanted.cookie);
    let opened = app.sessions.open(&app.core, &*app.random, &account, opening, app.clock.now().wall, changes).await?;
    app.accounts.put(entry);
    app.setup_code.use_up();
    tracing::info!("The hub was claimed.");
    Ok(login::answer(StatusCode::CREATED, &caller, &headers, &opened))
}

/// A new id of an account.
pub(super) fn new_id(app: &Shared) -> Result<AccountId, Problem> {
    Ok(AccountId::new(format!("user-{}", hex(&bytes::<6>(&*app.random)?))))
}

/// The hash of a new password.
pub(super) async fn new_hash(app: &Shared, password: &Secret) -> Result<Secret, Problem> {
    Passwords::check_strength(password)?;
    app.passwords.turn().await?.hash(&*app.random, password).await
}

/// Somebody who holds the hub in hand has lost the password: an owner gets a new one, and nothing else changes.
async fn let_owner_in(app: &Shared, caller: Caller, headers: HeaderMap, wanted: NewSetup) -> Result<Response, Problem> {
    check_code(app, caller.source, wanted.setup_code.reveal())?;
    let owners: Vec<Entry> = app.accounts.all().into_iter().filter(|entry| entry.account.role == Role::Owner).collect();
    let named = app.accounts.find(&wanted.owner.username).filter(|entry| entry.account.role == Role::Owner);
    // With one owner there is no doubt who is meant, and the name may be forgotten too.
    let only = if let [only] = owners.as_slice() { Some(only.clone()) } else { None };
    let mut entry = named.or(only).ok_or_else(|| {
        let names: Vec<&str> = owners.iter().map(|entry| &*entry.account.username).collect();
        let hint = format!("Give the user name of one of them: {}.", names.join(", "));
        Problem::invalid(
            "bad_value",
            Said::new("several_owners", "The hub has several owners.").with("names", names.join(", ")),
            hint,
        )
        .with("field", "owner.username".into())
    })?;
    let hash = new_hash(app, &wanted.owner.password).await?;
    // The second factor may be what was lost.
    entry.proof = Proof { password: Some(hash), ..Proof::default() };
    entry.account = Arc::new(Account { expires_at: None, ..(*entry.account).clone() });
    let id = entry.account.id.clone();
    app.sessions.end(&app.core, |grant| grant.account.id == id, Vec::new()).await?;
    let mut changes = Accounts::changes(&entry);
    changes.push(login::entry_of(app, &caller, action::RECOVERY, &entry.account));
    let opening = login::opening(&caller, &headers, wanted.cookie);
    let opened =
        app.sessions.open(&app.core, &*app.random, &entry.account, opening, app.clock.now().wall, changes).await?;
    app.accounts.put(entry);
    app.setup_code.use_up();
    tracing::info!("An owner was let in again by a recovery.");
    Ok(login::answer(StatusCode::CREATED, &caller, &headers, &opened))
}

fn check_code(app: &Shared, source: Option<IpAddr>, given: &str) -> Result<(), Problem> {
    let now = app.clock.now().mono;
    let subjects = [Some(Subject::SetupCode), source.map(Subject::source)];
    if let Some(wait) = subjects.iter().flatten().filter_map(|subject| app.attempts.wait(subject, now)).max() {
        return Err(Problem::too_many("The set-up code was wrong too often.", wait));
    }
    if app.setup_code.fits(given, now, &*app.random) {
        return Ok(());
    }
    if SetupCode::could_be(given) {
        for subject in subjects.into_iter().flatten() {
            app.attempts.failed(subject, now);
        }
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "wrong_setup_code",
        "The set-up code is wrong.",
        "`hearth status` on the hub itself shows the one of now; after 30 days another one takes its place.",
    ))
}
