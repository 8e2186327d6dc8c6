//! Sessions: login, refresh, logout, and the invitation that begins the first one.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use hub_model::household::{Account, Secret, TokenUse};
use hub_model::record::Change;

use crate::api::{App, Shared, to_its_end};
use crate::audit::action;
use crate::auth::{Entry, OpenedSession, Opening, Origin, Passwords, SessionKind, Subject, guessed_wrong, write_soon};
use crate::cookie;
use crate::extract::Json;
use crate::guard::{Access, Caller, Identity, check_origin};
use crate::problem::Problem;
use crate::routes;
use crate::table::Route;
use crate::wire::session::{Accept, NewLogin, NewRefresh, Session};

/// Of what a browser calls itself so much is kept.
const USER_AGENT_MAX: usize = 80;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/v1/auth/login", Access::Entry, post(login), "Opens a session")
            .body::<NewLogin>()
            .answers::<Session<'static>>(200, "A session is open."),
        Route::new(Method::POST, "/api/v1/auth/refresh", Access::Entry, post(refresh), "Gets new tokens")
            .body::<NewRefresh>()
            .answers::<Session<'static>>(200, "New tokens; the old refresh token is void."),
        Route::new(
            Method::POST,
            "/api/v1/auth/accept",
            Access::Entry,
            post(accept),
            "Takes an invitation: sets the password of the account and logs in",
        )
        .body::<Accept>()
        .answers::<Session<'static>>(200, "The password is set, the code used up, and a session open."),
        Route::new(Method::POST, "/api/v1/auth/logout", Access::Signed, post(logout), "Ends the session")
            .answers_nothing(204, "Its tokens are void and its streams closed."),
    ]
}

/// How a session begins that this request asks for.
pub(super) fn opening(caller: &Caller, headers: &HeaderMap, cookie: bool) -> Opening {
    let user_agent = headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    let shortened = user_agent.map(|agent| {
        let visible = agent.chars().filter(|letter| !letter.is_control());
        visible.take(USER_AGENT_MAX).collect::<String>()
    });
    Opening {
        kind: if cookie { SessionKind::Cookie } else { SessionKind::Tokens },
        user_agent: shortened.filter(|agent| !agent.is_empty()).map(Arc::from),
        address: caller.address(),
    }
}

/// The answer to a login of any kind.
pub(super) fn answer(status: StatusCode, caller: &Caller, headers: &HeaderMap, opened: &OpenedSession) -> Response {
    let mut response = routes::json(status, &Session::new(opened));
    if opened.refresh.is_none() {
        let (token, life) = (opened.access.text.reveal(), opened.life.as_secs());
        cookie::set(&mut response, headers, token, life, caller.is_secure);
    }
    response
}

async fn login(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Json(wanted): Json<NewLogin>,
) -> Result<Response, Problem> {
    if wanted.cookie {
        check_origin(&headers, caller.is_secure)?;
    }
    let from = Origin::new(&wanted.username, caller.source);
    let entry = proven(&app, &from, &wanted.password, wanted.code.as_ref()).await?;
    let opening = opening(&caller, &headers, wanted.cookie);
    let audit = entry_of(&app, &caller, action::LOGIN, &entry.account);
    let opened = to_its_end(async move {
        let _steady = app.account_edits.read().await;
        // It may have been changed or removed since its password was looked at.
        let same = app.accounts.entry(&entry.account.id).filter(|now| {
            let (now, then) = (&now.proof, &entry.proof);
            now.password == then.password && now.second_factor.is_some() == then.second_factor.is_some()
        });
        let account = same.ok_or_else(wrong_credentials)?.account;
        let mut also = app.accounts.factor_changes(&account.id);
        also.push(audit);
        app.sessions.open(&app.core, &*app.random, &account, opening, app.clock.now().wall, also).await
    });
    Ok(answer(StatusCode::OK, &caller, &headers, &opened.await?))
}

/// What the audit log says of a session that begins: it is the account's own doing, whoever the request came from.
pub(super) fn entry_of(app: &Shared, caller: &Caller, action: &'static str, account: &Account) -> Change {
    let mut entry = caller.entry(app, action, None);
    entry.who = account.id.as_str().into();
    Change::Audit(entry)
}

pub(super) fn wrong_credentials() -> Problem {
    Problem { code: "wrong_credentials", ..Problem::unauthorized("Name or password are wrong.") }
}

/// Checks name, password and second factor. Failures make the next attempt wait; nothing tells whether there is such an
/// account.
async fn proven(app: &App, from: &Origin, password: &Secret, code: Option<&Secret>) -> Result<Entry, Problem> {
    let turn = app.passwords.turn().await?;
    let now = app.clock.now();
    if let Some(wait) = app.attempts.login_wait(from, now) {
        return Err(Problem::too_many("Name or password were wrong too often.", wait));
    }
    let entry = app.accounts.find(&from.account);
    let hash = entry.as_ref().and_then(|entry| entry.proof.password.clone());
    let fits = turn.verify(password, hash).await?;
    let Some(known) = entry.as_ref().filter(|_| fits) else {
        guessed_wrong(app, from, entry.as_ref().map(|entry| &entry.account.id));
        return Err(wrong_credentials());
    };
    if known.account.has_expired(&now) {
        return Err(account_expired());
    }
    second_factor(app, from, known, code, "code")?;
    app.attempts.logged_in(from, true, now);
    write_soon(app);
    drop(turn);
    Ok(known.clone())
}

fn account_expired() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "account_expired",
        "The time of this account is over.",
        "Ask an owner of this hub to extend it.",
    )
}

fn code_wanted(code: &'static str, detail: &'static str, field: &'static str) -> Problem {
    let hint =
        format!("Send the six digits that the authenticator app shows now as {field:?}, or one of the recovery codes.");
    Problem { code, hint, ..Problem::unauthorized(detail) }.with("field", field.into())
}

async fn accept(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Json(wanted): Json<Accept>,
) -> Result<Response, Problem> {
    if wanted.cookie {
        check_origin(&headers, caller.is_secure)?;
    }
    Passwords::check_strength(&wanted.password)?;
    let opening = opening(&caller, &headers, wanted.cookie);
    let by = caller.clone();
    let opened = to_its_end(async move { take_invitation(&app, &by, &wanted, opening).await });
    Ok(answer(StatusCode::OK, &caller, &headers, &opened.await?))
}

/// Asks for a code of the second factor, if the account has one, and uses it up. That has to be kept.
pub(super) fn second_factor(
    app: &App,
    from: &Origin,
    entry: &Entry,
    given: Option<&Secret>,
    field: &'static str,
) -> Result<(), Problem> {
    if entry.proof.second_factor.is_none() {
        return Ok(());
    }
    let given = given.ok_or_else(|| code_wanted("totp_required", "This account wants a second factor.", field))?;
    if app.accounts.use_code(&entry.account.id, given.reveal(), app.now()) {
        return Ok(());
    }
    guessed_wrong(app, from, Some(&entry.account.id));
    Err(code_wanted("wrong_code", "The code is wrong, too old, or was used already.", field))
}

async fn take_invitation(
    app: &App,
    caller: &Caller,
    wanted: &Accept,
    opening: Opening,
) -> Result<OpenedSession, Problem> {
    // Nobody else changes accounts meanwhile: a code works once.
    let _alone = app.account_edits.write().await;
    let now = app.clock.now();
    let source = caller.source.map(Subject::source);
    if let Some(wait) = source.as_ref().and_then(|source| app.attempts.wait(source, now.mono)) {
        return Err(Problem::too_many("Codes were wrong too often.", wait));
    }
    let Some(mut entry) = app.accounts.invited(wanted.code.reveal(), now.time()) else {
        source.into_iter().for_each(|source| app.attempts.failed(source, now.mono));
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "wrong_invitation",
            "There is no such invitation: it was used already, is over, or was never given.",
            "Ask an owner of this hub for a new one; it is good for seven days and works once.",
        ));
    };
    if entry.account.has_expired(&now) {
        return Err(account_expired());
    }
    // An owner gave a new code, which does not stand for the app of the person.
    let from = Origin::new(&entry.account.username, caller.source);
    if let Some(wait) = app.attempts.login_wait(&from, now) {
        return Err(Problem::too_many("Codes were wrong too often.", wait));
    }
    second_factor(app, &from, &entry, wanted.totp.as_ref(), "totp")?;
    entry = app.accounts.entry(&entry.account.id).unwrap_or(entry);
    let hash = app.passwords.turn().await?.hash(&*app.random, &wanted.password).await?;
    entry.proof.password = Some(hash);
    entry.proof.invitation = None;
    let mut changes = entry.proof.changes(&entry.account.id);
    changes.push(entry_of(app, caller, action::INVITATION_ACCEPTED, &entry.account));
    let opened = app.sessions.open(&app.core, &*app.random, &entry.account, opening, now.wall, changes).await?;
    app.accounts.put(entry);
    Ok(opened)
}

async fn refresh(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Json(wanted): Json<NewRefresh>,
) -> Result<Response, Problem> {
    let opened = to_its_end(async move {
        app.sessions.refresh(&app.core, &*app.random, wanted.refresh_token.reveal(), app.clock.now().wall).await
    });
    Ok(answer(StatusCode::OK, &caller, &headers, &opened.await?))
}

async fn logout(State(app): State<App>, caller: Caller, headers: HeaderMap) -> Result<Response, Problem> {
    if let Identity::Token(grant) = &caller.identity {
        let (grant, entry) = (Arc::clone(grant), Change::Audit(caller.entry(&app, action::LOGOUT, None)));
        to_its_end(async move {
            let token = &grant.token;
            if token.token_use == TokenUse::Api {
                let removed = app.sessions.remove_api_token(&app.core, &grant.account.id, &token.id, Some(entry));
                return removed.await.map(drop);
            }
            app.sessions.end_session(&app.core, &token.session, Some(entry)).await
        })
        .await?;
    }
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    cookie::end(&mut response, &headers, caller.is_secure);
    Ok(response)
}
