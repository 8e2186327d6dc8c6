//! Tokens for programs.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{delete, get, post};
use hub_access::{Action, Part};
use hub_model::audit::AuditEntry;
use hub_model::household::{Account, Token, TokenUse};
use hub_model::record::Change;
use hub_model::{Said, TokenId};

use crate::api::{App, to_its_end};
use crate::audit::action;
use crate::auth::{ApiToken, PRESENCE_SCOPE};
use crate::extract::{self, Ids, Json, Query};
use crate::guard::{Access, Caller, Identity};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::routes::{self, users};
use crate::table::Route;
use crate::wire::session::{CreatedToken, ListedToken, NewApiToken, TokenBody};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/tokens",
            Access::May(Action::See, Part::Tokens),
            get(list),
            "Lists the tokens of your programs",
        )
        .query::<PageQuery>()
        .answers::<Page<ListedToken<'static>>>(200, "Without their texts."),
        Route::new(
            Method::POST,
            "/api/v1/tokens",
            Access::May(Action::Configure, Part::Tokens),
            post(create),
            "Makes a token for a program",
        )
        .body::<NewApiToken>()
        .answers::<CreatedToken<'static>>(
            201,
            "Its text is shown this once. A token of a program makes none that outlives it; without expires_at it \
                 ends with its maker.",
        ),
        Route::new(
            Method::DELETE,
            "/api/v1/tokens/{id}",
            Access::May(Action::Configure, Part::Tokens),
            delete(remove),
            "Takes back a token",
        )
        .answers_nothing(204, "It is void and its streams closed."),
        Route::new(
            Method::GET,
            "/api/v1/users/{id}/tokens",
            Access::Signed,
            get(list_of_user),
            "Lists the tokens of somebody's programs; for owners, and everybody's own",
        )
        .query::<PageQuery>()
        .answers::<Page<ListedToken<'static>>>(200, "Without their texts."),
        Route::new(
            Method::DELETE,
            "/api/v1/users/{id}/tokens/{program}",
            Access::Signed,
            delete(remove_of_user),
            "Takes back a token of somebody's program; for owners, and everybody's own",
        )
        .answers_nothing(204, "It is void and its streams closed."),
    ]
}

async fn list(State(app): State<App>, caller: Caller, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    listed(caller.account(&app).map(|account| app.sessions.api_tokens(&account.id)).unwrap_or_default(), &query)
}

async fn list_of_user(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let account = users::own_or_for_owners(&app, &caller, &id)?.account;
    listed(app.sessions.api_tokens(&account.id), &query)
}

fn listed(tokens: Vec<Token>, query: &PageQuery) -> Result<Response, Problem> {
    let page = page(&tokens, query, |token| token.id.as_str(), ListedToken::new)?;
    Ok(routes::json(StatusCode::OK, &page))
}

/// What the token of a program makes lives no longer and may do no more than itself. A person who is logged in is not
/// bound by the session, which goes on as long as they like.
fn within_own(caller: &Caller, wanted: ApiToken) -> Result<ApiToken, Problem> {
    let Identity::Token(grant) = &caller.identity else { return Ok(wanted) };
    let own = &grant.token;
    if own.token_use != TokenUse::Api {
        return Ok(wanted);
    }
    if let (Some(until), Some(own_end)) = (wanted.expires_at, own.expires_at)
        && until > own_end
    {
        let hint = format!("Give a time up to {own_end}, or log in and make it then.");
        return Err(Problem::invalid(
            "bad_value",
            Said::new("outlives", "The token would outlive the one that makes it."),
            hint,
        )
        .with("field", "expires_at".into()));
    }
    let scope = wanted.scope.or_else(|| own.scope.clone());
    Ok(ApiToken { expires_at: wanted.expires_at.or(own.expires_at), scope, ..wanted })
}

async fn create(State(app): State<App>, caller: Caller, Json(wanted): Json<NewApiToken>) -> Result<Response, Problem> {
    let now = app.now();
    if wanted.scope.as_deref().is_some_and(|scope| !["read", PRESENCE_SCOPE].contains(&scope)) {
        return Err(Problem::invalid(
            "bad_value",
            Said::new("scope", "There is no such scope."),
            "Give read or presence, or leave scope out.",
        )
        .with("field", "scope".into()));
    }
    if wanted.expires_at.is_some_and(|until| until <= now) {
        return Err(Problem::invalid(
            "bad_value",
            Said::new("over_already", "The token would be void already."),
            format!("Give a time after {now}."),
        )
        .with("field", "expires_at".into()));
    }
    let wanted = ApiToken {
        name: extract::name("name", &wanted.name)?,
        scope: wanted.scope.map(Arc::from),
        expires_at: wanted.expires_at,
    };
    let wanted = within_own(&caller, wanted)?;
    let account = caller.own_account(&app)?;
    let entry = caller.entry(&app, action::TOKEN_MADE, None);
    let new = to_its_end(async move {
        let _steady = app.account_edits.read().await;
        // It may have been changed or removed since its token was looked at.
        let account = app
            .accounts
            .get(&account.id)
            .ok_or_else(|| Problem::unauthorized(Said::new("account_gone", "The account is gone.")))?;
        let also = |token: &Token| Some(Change::Audit(AuditEntry { what: Some(token.id.as_str().into()), ..entry }));
        app.sessions.create_api_token(&app.core, &*app.random, &account, (wanted, also), now).await
    });
    let new = new.await?;
    let token = &new.grant.token;
    let body = CreatedToken { id: token.id.as_str(), token: new.text.reveal(), about: TokenBody::new(token) };
    Ok(routes::located(routes::json(StatusCode::CREATED, &body), "/api/v1/tokens", token.id.as_str()))
}

async fn remove(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<StatusCode, Problem> {
    let account = caller.own_account(&app)?;
    take_back(app, caller, account, id).await
}

async fn remove_of_user(
    State(app): State<App>,
    caller: Caller,
    Ids((id, token)): Ids<(String, String)>,
) -> Result<StatusCode, Problem> {
    let account = users::own_or_for_owners(&app, &caller, &id)?.account;
    take_back(app, caller, account, token).await
}

async fn take_back(app: App, caller: Caller, account: Arc<Account>, id: String) -> Result<StatusCode, Problem> {
    let token = TokenId::new(id.as_str());
    let entry = Change::Audit(users::entry_of(&app, &caller, action::TOKEN_REMOVED, &id, &account));
    let removed =
        to_its_end(async move { app.sessions.remove_api_token(&app.core, &account.id, &token, Some(entry)).await });
    if removed.await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found("token", &id))
}
