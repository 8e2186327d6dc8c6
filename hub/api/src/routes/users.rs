//! Accounts of people, for owners: who there is, what they may be, and how they get in.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use hub_core::Snapshot;
use hub_model::audit::AuditEntry;
use hub_model::household::{Account, Role, Secret, TokenUse};
use hub_model::record::Change;
use hub_model::{Said, Timestamp};

use crate::api::{App, Shared, to_its_end};
use crate::audit::action;
use crate::auth::{ACCOUNTS_MAX, Accounts, Entry, Invitation, Proof};
use crate::etag;
use crate::extract::{self, Ids, Json, OptionalJson, Query};
use crate::guard::{Access, Caller, Identity};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::routes::{self, setup};
use crate::table::Route;
use crate::wire::user::{
    AuthoredRule, InvitationBody, NewUser, RemovedUser, Reset, UserBody, UserChange, UserWithInvitation,
};

/// So long a guest or installer has an account if nobody says.
const PASSING_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Names that mean something else: in paths and in the audit log.
const RESERVED: [&str; 5] = ["me", "local", "hub", "unknown", "several"];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/users", Access::Signed, get(list), "Lists all accounts; for owners")
            .query::<PageQuery>()
            .answers::<Page<UserBody<'static>>>(200, "By id."),
        Route::new(Method::POST, "/api/v1/users", Access::Signed, post(create), "Adds an account; for owners")
            .body::<NewUser>()
            .answers::<UserWithInvitation<'static>>(
                201,
                "The account. Without a password there is a code with which the person sets one; it is shown this once.",
            ),
        Route::new(
            Method::GET,
            "/api/v1/users/{id}",
            Access::Signed,
            get(show),
            "Shows an account, by its id or user name; for owners, and everybody's own",
        )
        .answers::<UserBody<'static>>(200, "The account."),
        Route::new(
            Method::PATCH,
            "/api/v1/users/{id}",
            Access::Signed,
            axum::routing::patch(change),
            "Changes an account; for owners",
        )
        .body::<UserChange>()
        .if_match()
        .answers::<UserBody<'static>>(200, "The account as it is now. What it may is looked at anew at once."),
        Route::new(
            Method::DELETE,
            "/api/v1/users/{id}",
            Access::Signed,
            axum::routing::delete(remove),
            "Removes an account; for owners",
        )
        .answers::<RemovedUser<'static>>(
            200,
            "It is gone, its sessions and tokens are void. The rules that its person wrote stay, do nothing any more, and are named.",
        ),
        Route::new(
            Method::POST,
            "/api/v1/users/{id}/password",
            Access::Signed,
            post(reset),
            "Lets somebody in again who has lost the password; for owners",
        )
        .body::<Reset>()
        .answers::<UserWithInvitation<'static>>(
            200,
            "The old password, all sessions and all tokens of the account are void. Without a new password there is a \
             code with which the person sets one; it is shown this once. By the hub's own socket the second factor is \
             off, too.",
        ),
    ]
}

/// A user name: one that means nothing else.
pub(super) fn username(text: &str) -> Result<Arc<str>, Problem> {
    let name = extract::name("username", text)?;
    if RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        let hint = "Take another name.";
        return Err(Problem::invalid(
            "bad_name",
            Said::new("user_name", format!("The user name {name} has another meaning.")).with("name", &name),
            hint,
        )
        .with("field", "username".into()));
    }
    Ok(name)
}

fn role(text: &str) -> Result<Role, Problem> {
    Role::named(text).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        let shown: String = text.chars().take(64).collect();
        Problem::invalid(
            "bad_value",
            Said::new("role", format!("There is no role {shown}.")),
            format!("Give one of {}.", known.join(", ")),
        )
        .with("field", "role".into())
    })
}

pub(super) fn display_name(text: Option<&str>) -> Result<Option<Arc<str>>, Problem> {
    text.map(|text| extract::name("display_name", text)).transpose()
}

fn not_over(until: Timestamp, now: Timestamp) -> Result<(), Problem> {
    if until > now {
        return Ok(());
    }
    Err(Problem::invalid(
        "bad_value",
        Said::new("over_already", "The time of the account would be over already."),
        format!("Give a time after {now}."),
    )
    .with("field", "expires_at".into()))
}

fn refuse_taken(app: &Shared, name: &str, own: Option<&Account>) -> Result<(), Problem> {
    match app.accounts.find(name).filter(|other| own.is_none_or(|own| own.id != other.account.id)) {
        None => Ok(()),
        Some(_) => Err(Problem::conflict(
            "conflict",
            Said::new("account", format!("There is an account {name} already.")).with("name", name),
            "Take another user name.",
        )),
    }
}

/// The account of an id or user name in a path.
fn find(app: &Shared, id: &str) -> Result<Entry, Problem> {
    app.accounts.find_either(id).ok_or_else(|| Problem::not_found("account", id))
}

/// What outlives a token that has an end is not for it to make.
pub(super) fn may_see_to_accounts(caller: &Caller) -> Result<(), Problem> {
    caller.must_be_owner()?;
    match &caller.identity {
        Identity::Token(grant) if grant.token.token_use == TokenUse::Api && grant.token.expires_at.is_some() => {
            Err(Problem::new(
                StatusCode::FORBIDDEN,
                "passing_token",
                "A token of a program that has an end changes no accounts: they would outlive it.",
                "Log in, or use a token without an end.",
            ))
        }
        _ => Ok(()),
    }
}

/// Refuses what would leave the hub without an owner who can log in for good.
fn leave_an_owner(app: &Shared, before: &Account, changed: Option<&Account>) -> Result<(), Problem> {
    if before.role != Role::Owner || app.accounts.leaves_an_owner(&before.id, changed) {
        return Ok(());
    }
    Err(Problem::conflict(
        "last_owner",
        "The hub would have no owner any more who can log in for good.",
        "Make another account an owner first, and have its person set a password.",
    ))
}

async fn list(State(app): State<App>, caller: Caller, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    caller.must_be_owner()?;
    let (entries, now) = (app.accounts.all(), app.clock.now());
    let page = page(&entries, &query, |entry| entry.account.id.as_str(), |entry| UserBody::new(entry, &now))?;
    Ok(routes::json(StatusCode::OK, &page))
}

async fn show(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<Response, Problem> {
    Ok(shown(&app, &own_or_for_owners(&app, &caller, &id)?))
}

/// The account of an id or user name in a path: one's own, or for owners anybody's. Who may not know of others is not
/// told whether there are any.
pub(super) fn own_or_for_owners(app: &Shared, caller: &Caller, id: &str) -> Result<Entry, Problem> {
    let own = caller.account(app);
    let entry = app.accounts.find_either(id);
    let is_own = entry.as_ref().zip(own).is_some_and(|(entry, own)| entry.account.id == own.id);
    if !is_own {
        caller.must_be_owner()?;
    }
    entry.ok_or_else(|| Problem::not_found("account", id))
}

/// What the audit log says of what is done to a thing of somebody's account: whose it is, where it is not one's own.
pub(super) fn entry_of(
    app: &Shared,
    caller: &Caller,
    action: &'static str,
    what: &str,
    account: &Account,
) -> AuditEntry {
    let is_own = caller.account(app).is_some_and(|own| own.id == account.id);
    let detail = (!is_own).then(|| format!("of {}", account.username).into());
    AuditEntry { detail, ..caller.entry(app, action, Some(what)) }
}

/// An account with the tag of its version.
pub(super) fn shown(app: &Shared, entry: &Entry) -> Response {
    let body = UserBody::new(entry, &app.clock.now());
    routes::tagged(StatusCode::OK, etag::of(&body), &body)
}

/// The answer to who let somebody in.
fn with_invitation(
    app: &Shared,
    status: StatusCode,
    entry: &Entry,
    code: Option<&Secret>,
    note: Option<String>,
) -> Response {
    let invitation = code.zip(entry.proof.invitation.as_ref());
    let body = UserWithInvitation {
        user: UserBody::new(entry, &app.clock.now()),
        invitation: invitation.map(|(code, invitation)| InvitationBody::new(code, invitation)),
        note,
    };
    routes::json(status, &body)
}

/// How somebody gets in: by a password that was given, or by a code with which they set one.
async fn way_in(app: &Shared, password: Option<&Secret>) -> Result<(Proof, Option<Secret>), Problem> {
    if let Some(password) = password {
        let hash = setup::new_hash(app, password).await?;
        return Ok((Proof { password: Some(hash), ..Proof::default() }, None));
    }
    let (code, invitation) = Invitation::new(&*app.random, app.now())?;
    Ok((Proof { invitation: Some(invitation), ..Proof::default() }, Some(code)))
}

async fn create(State(app): State<App>, caller: Caller, Json(wanted): Json<NewUser>) -> Result<Response, Problem> {
    may_see_to_accounts(&caller)?;
    // Whoever sits at a hub that nobody has claimed is not its owner yet.
    caller.own_account(&app)?;
    to_its_end(async move {
        let _alone = app.account_edits.write().await;
        let now = app.now();
        let mut account = Account::new(setup::new_id(&app)?, username(&wanted.username)?, role(&wanted.role)?, now);
        account.display_name = display_name(wanted.display_name.as_deref())?;
        wanted.expires_at.map(|until| not_over(until, now)).transpose()?;
        let is_limited = account.role.is_passing() && wanted.expires_at.is_none();
        account.expires_at = if is_limited { Some(now.plus(PASSING_FOR)) } else { wanted.expires_at };
        refuse_taken(&app, &account.username, None)?;
        if app.accounts.all().len() >= ACCOUNTS_MAX {
            return Err(Problem::conflict(
                "too_many_accounts",
                format!("There are {ACCOUNTS_MAX} accounts already."),
                "Remove one that is no longer used (DELETE /api/v1/users/{id}).",
            ));
        }
        let (proof, code) = way_in(&app, wanted.password.as_ref()).await?;
        let entry = Entry { account: Arc::new(account), proof };
        let mut changes = Accounts::changes(&entry);
        changes.push(caller.audited(&app, action::USER_ADDED, entry.account.id.as_str()));
        app.core.keep(changes).await?;
        app.accounts.put(entry.clone());
        let note = entry.account.expires_at.filter(|_| is_limited).map(|until| {
            format!("Nobody said until when: the account of a {} ends after seven days, at {until}.", wanted.role)
        });
        let answer = with_invitation(&app, StatusCode::CREATED, &entry, code.as_ref(), note);
        Ok(routes::located(answer, "/api/v1/users", entry.account.id.as_str()))
    })
    .await
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
    Json(wanted): Json<UserChange>,
) -> Result<Response, Problem> {
    may_see_to_accounts(&caller)?;
    to_its_end(async move {
        let _alone = app.account_edits.write().await;
        let before = find(&app, &id)?;
        let now = app.now();
        etag::check(&headers, &etag::of(&UserBody::new(&before, &app.clock.now())))?;
        let mut account = (*before.account).clone();
        if let Some(name) = wanted.username {
            account.username = username(&name)?;
            refuse_taken(&app, &account.username, Some(&account))?;
        }
        if let Some(name) = wanted.display_name {
            account.display_name = display_name(name.as_deref())?;
        }
        if let Some(name) = wanted.role {
            account.role = role(&name)?;
            if account.role.is_passing() && account.expires_at.is_none() && wanted.expires_at.is_none() {
                account.expires_at = Some(now.plus(PASSING_FOR));
            }
        }
        if let Some(until) = wanted.expires_at {
            until.map(|until| not_over(until, now)).transpose()?;
            if until.is_none() && account.role.is_passing() {
                let hint = "Give a time, or another role.";
                return Err(Problem::invalid(
                    "bad_value",
                    Said::new("needs_end", "The account of a guest or installer has an end."),
                    hint,
                )
                .with("field", "expires_at".into()));
            }
            account.expires_at = until;
        }
        leave_an_owner(&app, &before.account, Some(&account))?;
        if account == *before.account {
            return Ok(shown(&app, &before));
        }
        let mut entry = caller.entry(&app, action::USER_CHANGED, Some(account.id.as_str()));
        entry.detail = changed_fields(&before.account, &account);
        keep_changed(&app, Entry { account: Arc::new(account), ..before }, entry).await
    })
    .await
}

/// Keeps a changed account, and has everything look at it anew.
pub(super) async fn keep_changed(app: &App, entry: Entry, audit: AuditEntry) -> Result<Response, Problem> {
    let mut changes = Accounts::changes(&entry);
    changes.push(Change::Audit(audit));
    app.core.keep(changes).await?;
    app.accounts.put(entry.clone());
    app.sessions.account_changed(&entry.account).await;
    Ok(shown(app, &entry))
}

/// What of an account is other than before, in words.
fn changed_fields(before: &Account, after: &Account) -> Option<Arc<str>> {
    let mut words = Vec::new();
    if before.username != after.username {
        words.push(format!("user name {} → {}", before.username, after.username));
    }
    if before.role != after.role {
        words.push(format!("role {} → {}", before.role.as_str(), after.role.as_str()));
    }
    if before.expires_at != after.expires_at {
        words.push(after.expires_at.map_or_else(|| "no end".to_owned(), |until| format!("ends {until}")));
    }
    (!words.is_empty()).then(|| words.join(", ").into())
}

/// The rules that somebody wrote.
fn rules_of<'a>(snapshot: &'a Snapshot, author: &Account) -> Vec<AuthoredRule<'a>> {
    let written = snapshot.automations.iter().filter(|view| view.record.author == author.id);
    written.map(|view| AuthoredRule { id: view.record.id.as_str(), name: &view.status.name }).collect()
}

async fn remove(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<Response, Problem> {
    may_see_to_accounts(&caller)?;
    to_its_end(async move {
        let _alone = app.account_edits.write().await;
        let account = find(&app, &id)?.account;
        leave_an_owner(&app, &account, None)?;
        let mut entry = caller.entry(&app, action::USER_REMOVED, Some(account.id.as_str()));
        entry.detail = Some(Arc::clone(&account.username));
        let mut changes = Accounts::removal(&account.id);
        changes.push(Change::Audit(entry));
        // In one commit with the end of all that it was let in by.
        app.sessions.end(&app.core, |grant| grant.account.id == account.id, changes).await?;
        app.accounts.remove(&account.id);
        app.preferences.forget(&account.id);
        app.enrolling.lock().unwrap_or_else(PoisonError::into_inner).remove(&account.id);
        let snapshot = app.core.snapshot();
        let rules = rules_of(&snapshot, &account);
        let note = (!rules.is_empty()).then_some(
            "These rules do nothing any more: a rule acts with the rights of who wrote it. They stay and name their author \
             still; save one again to take it over, or remove it.",
        );
        Ok(routes::json(StatusCode::OK, &RemovedUser { removed: account.id.as_str(), rules, note }))
    })
    .await
}

async fn reset(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    OptionalJson(wanted): OptionalJson<Reset>,
) -> Result<Response, Problem> {
    may_see_to_accounts(&caller)?;
    let is_local = matches!(caller.identity, Identity::Local);
    let own = caller.account(&app).map(|account| account.id.clone());
    to_its_end(async move {
        let _alone = app.account_edits.write().await;
        let mut entry = find(&app, &id)?;
        if !is_local && own.as_ref() == Some(&entry.account.id) {
            return Err(Problem::conflict(
                "own_account",
                "This is your own account.",
                "Change your password in your own account (PATCH /api/v1/users/me).",
            ));
        }
        let (proof, code) = way_in(&app, wanted.password.as_ref()).await?;
        let had_factor = entry.proof.second_factor.is_some();
        // Who has the hub itself in hand can do anything; a lost authenticator must not lock its owner out.
        let second_factor = entry.proof.second_factor.take().filter(|_| !is_local);
        let note = (had_factor && second_factor.is_none())
            .then(|| "The second factor was switched off, too: this came by the hub's own socket.".to_owned());
        entry.proof = Proof { second_factor, ..proof };
        let mut changes = entry.proof.changes(&entry.account.id);
        changes.push(caller.audited(&app, action::PASSWORD_RESET, entry.account.id.as_str()));
        app.sessions.end(&app.core, |grant| grant.account.id == entry.account.id, changes).await?;
        app.accounts.put(entry.clone());
        Ok(with_invitation(&app, StatusCode::OK, &entry, code.as_ref(), note))
    })
    .await
}
