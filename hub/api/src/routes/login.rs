//! Sessions: login, refresh, logout.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use hub_model::household::TokenUse;

use crate::api::{App, to_its_end};
use crate::auth::{OpenedSession, Origin, SessionKind};
use crate::extract::Json;
use crate::guard::{Access, COOKIE, Caller, Identity, check_origin};
use crate::problem::Problem;
use crate::routes;
use crate::table::Route;
use crate::wire::session::{NewLogin, NewRefresh, Session};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/v1/auth/login", Access::Entry, post(login), "Opens a session")
            .body::<NewLogin>()
            .answers::<Session<'static>>(200, "A session is open."),
        Route::new(Method::POST, "/api/v1/auth/refresh", Access::Entry, post(refresh), "Gets new tokens")
            .body::<NewRefresh>()
            .answers::<Session<'static>>(200, "New tokens; the old refresh token is void."),
        Route::new(Method::POST, "/api/v1/auth/logout", Access::Signed, post(logout), "Ends the session")
            .answers_nothing(204, "Its tokens are void and its streams closed."),
    ]
}

pub(super) fn kind(cookie: bool) -> SessionKind {
    if cookie { SessionKind::Cookie } else { SessionKind::Tokens }
}

/// The answer to a login of any kind. What came encrypted (`secure`) is answered with a cookie for encrypted ways only.
pub(super) fn answer(status: StatusCode, headers: &HeaderMap, secure: bool, opened: &OpenedSession) -> Response {
    let mut response = routes::json(status, &Session::new(opened));
    if opened.refresh.is_none() {
        // Behind a proxy's TLS the browser says so.
        let secure =
            secure || headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
        set_cookie(&mut response, opened.access.text.reveal(), opened.expires_in.as_secs(), secure);
    }
    response
}

fn set_cookie(response: &mut Response, text: &str, max_age: u64, secure: bool) {
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={text}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(mut cookie) = HeaderValue::try_from(cookie) {
        cookie.set_sensitive(true);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}

async fn login(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Json(wanted): Json<NewLogin>,
) -> Result<Response, Problem> {
    if wanted.cookie {
        check_origin(&headers)?;
    }
    let now = app.clock.now();
    let name: String = wanted.username.trim().to_lowercase().chars().take(128).collect();
    let from = Origin { account: name, source: caller.source };
    let turn = app.passwords.turn().await?;
    if let Some(wait) = app.attempts.login_wait(&from, now.mono) {
        return Err(Problem::too_many("Name or password were wrong too often.", wait));
    }
    let (account, hash) = app.accounts.find(&wanted.username).unzip();
    let fits = turn.verify(&*app.random, &wanted.password, hash).await?;
    app.attempts.logged_in(&from, fits, now.mono);
    drop(turn);
    let Some(account) = account.filter(|_| fits) else {
        return Err(Problem { code: "wrong_credentials", ..Problem::unauthorized("Name or password are wrong.") });
    };
    let kind = kind(wanted.cookie);
    let opened =
        to_its_end(
            async move { app.sessions.open(&app.core, &*app.random, &account, kind, now.time(), Vec::new()).await },
        );
    Ok(answer(StatusCode::OK, &headers, caller.secure, &opened.await?))
}

async fn refresh(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Json(wanted): Json<NewRefresh>,
) -> Result<Response, Problem> {
    let opened = to_its_end(async move {
        app.sessions.refresh(&app.core, &*app.random, wanted.refresh_token.reveal(), app.now()).await
    });
    Ok(answer(StatusCode::OK, &headers, caller.secure, &opened.await?))
}

async fn logout(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    if let Identity::Token(grant) = caller.identity {
        to_its_end(async move {
            let token = &grant.token;
            if token.token_use == TokenUse::Api {
                return app.sessions.remove_api_token(&app.core, &grant.account.id, &token.id).await.map(drop);
            }
            app.sessions.end_session(&app.core, &token.session).await
        })
        .await?;
    }
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    set_cookie(&mut response, "", 0, false);
    Ok(response)
}
