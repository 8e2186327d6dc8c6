//! Claiming a new hub.

use std::net::IpAddr;

use axum::Extension;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::post;
use hub_core::Edit;
use hub_model::household::{Account, Role};
use hub_model::{AccountId, Cause};

use crate::api::{App, Shared, to_its_end};
use crate::auth::{Accounts, Passwords, Subject};
use crate::extract::{self, Json};
use crate::guard::{Access, Caller, check_origin};
use crate::problem::Problem;
use crate::random::{bytes, hex};
use crate::routes::login;
use crate::table::Route;
use crate::wire::session::{NewSetup, Session};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/v1/setup", Access::Public, post(claim), "Claims a new hub and logs in")
            .body::<NewSetup>()
            .answers::<Session<'static>>(201, "The hub is yours; a session is open.")
            .problems(&[400, 403, 408, 409, 413, 415, 422, 429, 503, 507]),
    ]
}

fn already_claimed() -> Problem {
    Problem::conflict(
        "already_claimed",
        "The hub has an owner already.",
        "Log in with POST /api/v1/auth/login, or ask the owner for an account.",
    )
}

/// That the hub has no owner yet: looked at before the body is read.
struct Unclaimed;

impl FromRequestParts<App> for Unclaimed {
    type Rejection = Problem;
    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Problem> {
        if app.accounts.is_claimed() { Err(already_claimed()) } else { Ok(Self) }
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
        check_origin(&headers)?;
    }
    // In a task of its own: if the client hangs up just when its account is on the disk, the hub must know that it is
    // claimed, or the code would make a second owner.
    to_its_end(make_owner(app, caller, headers, wanted)).await
}

async fn make_owner(app: App, caller: Caller, headers: HeaderMap, wanted: NewSetup) -> Result<Response, Problem> {
    let _alone = app.claiming.lock().await;
    if app.accounts.is_claimed() {
        return Err(already_claimed());
    }
    check_code(&app, caller.source, wanted.setup_code.reveal())?;
    let home_name = extract::name("home_name", &wanted.home_name)?;
    let username = extract::name("username", &wanted.owner.username)?;
    Passwords::check_strength(&wanted.owner.password)?;
    let hash = app.passwords.turn().await?.hash(&*app.random, &wanted.owner.password).await?;
    let account = Account {
        id: AccountId::new(format!("user-{}", hex(&bytes::<6>(&*app.random)?))),
        username,
        role: Role::Owner,
        created_at: app.now(),
    };
    // The name first: if the power goes between the two, the hub is still new and its code still good.
    let editing = app.edits.write().await;
    let mut home = (*app.core.snapshot().home).clone();
    home.name = home_name;
    let cause = Cause::Person { account: account.id.clone(), via: "api".into() };
    app.core.edit(cause, Edit::Home { home, sets_mode: false }).await?;
    drop(editing);
    let changes = Accounts::changes(&account, &hash);
    let kind = login::kind(wanted.cookie);
    let shared = std::sync::Arc::new(account.clone());
    let opened = app.sessions.open(&app.core, &*app.random, &shared, kind, app.now(), changes).await?;
    app.accounts.insert(account, hash);
    app.setup_code.use_up();
    tracing::info!("The hub was claimed.");
    Ok(login::answer(StatusCode::CREATED, &headers, caller.secure, &opened))
}

fn check_code(app: &Shared, source: Option<IpAddr>, given: &str) -> Result<(), Problem> {
    let now = app.clock.now().mono;
    let subjects = [Some(Subject::SetupCode), source.map(Subject::source)];
    if let Some(wait) = subjects.iter().flatten().filter_map(|subject| app.attempts.wait(subject, now)).max() {
        return Err(Problem::too_many("The set-up code was wrong too often.", wait));
    }
    if app.setup_code.fits(given) {
        return Ok(());
    }
    for subject in subjects.into_iter().flatten() {
        app.attempts.failed(subject, now);
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "wrong_setup_code",
        "The set-up code is wrong.",
        "It is printed when the hub starts for the first time, and shown by hearth status on the hub itself.",
    ))
}
