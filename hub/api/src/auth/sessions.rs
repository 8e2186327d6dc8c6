//! Tokens and the sessions they belong to. Checking a token is a look into a map. The tokens of one login form a
//! session and end together: an access token (an hour) and a refresh token (90 days, new at each use, a year in all), or
//! for browsers one token in a cookie (30 days without use, 180 in all). A refresh token that comes a second time has been
//! stolen or its answer was lost: the session ends.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};
use std::time::Duration;

use hub_core::CoreHandle;
use hub_model::household::{Account, Secret, Session, Token, TokenUse};
use hub_model::record::{Change, KeepError, Record};
use hub_model::{AccountId, Said, Timestamp, TokenId, Trust, Wall};
use tokio_util::sync::CancellationToken;

use super::ended::Ended;
use super::token::{
    Grant, NewToken, OpenedSession, SessionKind, TokenHash, Usage, blank, list, make_tokens, read_hash, removal,
    spent_secret, token_hash, token_secret,
};
use crate::problem::Problem;
use crate::random::{self, Random, hex};

/// The scope of a token that lies in a phone: it may say where its person is, and is of no use for anything else.
pub(crate) const PRESENCE_SCOPE: &str = "presence";
/// The most sessions of one account; the oldest end.
const SESSIONS_MAX: usize = 64;
/// The most access tokens of one session; the oldest end.
const ACCESS_TOKENS_MAX: usize = 4;
/// The most API tokens of one account.
const API_TOKENS_MAX: usize = 256;
/// How many used refresh tokens of a session are remembered.
const SPENT_MAX: usize = 8;

/// What has ended and could not be written down is tried again after so long, and then after twice as long each time.
const RETRY_FIRST: Duration = Duration::from_secs(5);
/// The longest pause between two tries.
const RETRY_LONGEST: Duration = Duration::from_secs(5 * 60);

/// All valid tokens. What makes or ends some is to be run to its end: who drops it half-way leaves memory and disk
/// unlike each other.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    tables: RwLock<Tables>,
    /// Held while something is written: one at a time, so that nothing is made for a session that is being ended.
    writing: tokio::sync::Mutex<()>,
    /// Whether a task tries again to write down what has ended. Changed by who holds `writing`.
    retrying: AtomicBool,
}

#[derive(Debug, Default)]
struct Tables {
    grants: HashMap<TokenHash, Arc<Grant>>,
    /// Refresh tokens that are being used.
    refreshing: HashMap<TokenHash, Arc<Grant>>,
    /// Used refresh tokens, by session, oldest first.
    spent: HashMap<Arc<str>, VecDeque<TokenHash>>,
    /// What is known of each session beside its tokens.
    sessions: HashMap<Arc<str>, OpenSession>,
    ended: Ended,
}

/// What is known of a session beside its tokens.
#[derive(Clone, Debug)]
struct OpenSession {
    session: Session,
    usage: Arc<Usage>,
}

impl OpenSession {
    fn new(session: Session) -> Self {
        Self { usage: Usage::new(session.last_used_at), session }
    }

    /// The session as it is now.
    fn now(&self) -> Session {
        Session { last_used_at: self.usage.last(), ..self.session.clone() }
    }
}

/// How a session begins.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    /// By which tokens.
    pub(crate) kind: SessionKind,
    /// What the browser or program calls itself.
    pub(crate) user_agent: Option<Arc<str>>,
    /// From where; none by the local socket.
    pub(crate) address: Option<Arc<str>>,
}

impl Tables {
    /// The session of a token; one from before sessions were kept begins with it.
    fn session_of(&mut self, token: &Token) -> &OpenSession {
        self.sessions.entry(Arc::clone(&token.session)).or_insert_with(|| {
            OpenSession::new(Session {
                id: Arc::clone(&token.session),
                account: token.account.clone(),
                created_at: token.created_at,
                last_used_at: token.created_at,
                user_agent: None,
                address: None,
            })
        })
    }
}

impl Sessions {
    /// The tokens that were kept. One without a hash or an account is of no use.
    pub(crate) fn new(
        tokens: Vec<Token>,
        sessions: Vec<Session>,
        secrets: &[(Arc<str>, Secret)],
        accounts: &[Account],
    ) -> Self {
        let secrets: HashMap<&str, &Secret> = secrets.iter().map(|(name, secret)| (&**name, secret)).collect();
        let accounts: HashMap<&AccountId, Arc<Account>> =
            accounts.iter().map(|account| (&account.id, Arc::new(account.clone()))).collect();
        let mut tables = Tables::default();
        for session in sessions {
            tables.sessions.insert(Arc::clone(&session.id), OpenSession::new(session));
        }
        for token in tokens {
            let hash = secrets.get(&*token_secret(&token.id)).and_then(|hash| read_hash(hash.reveal()));
            let (Some(hash), Some(account)) = (hash, accounts.get(&token.account)) else { continue };
            if !tables.spent.contains_key(&token.session)
                && let Some(spent) = secrets.get(&*spent_secret(&token.session))
            {
                let spent = spent.reveal().split(' ').filter_map(read_hash).collect();
                tables.spent.insert(Arc::clone(&token.session), spent);
            }
            let usage = Arc::clone(&tables.session_of(&token).usage);
            let grant = Grant { token, account: Arc::clone(account), ended: CancellationToken::new(), hash, usage };
            tables.grants.insert(hash, Arc::new(grant));
        }
        Self { tables: RwLock::new(tables), ..Self::default() }
    }

    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Tables> {
        self.tables.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The grant of a token that may be used for requests.
    pub(crate) fn find(&self, text: &str, now: Timestamp) -> Option<Arc<Grant>> {
        self.find_any(text, now).filter(|grant| grant.token.scope.as_deref() != Some(PRESENCE_SCOPE))
    }

    /// The grant of a token that may only say where its person is.
    pub(crate) fn find_for_presence(&self, text: &str, now: Timestamp) -> Option<Arc<Grant>> {
        self.find_any(text, now).filter(|grant| grant.token.scope.as_deref() == Some(PRESENCE_SCOPE))
    }

    fn find_any(&self, text: &str, now: Timestamp) -> Option<Arc<Grant>> {
        let hash = token_hash(text);
        let tables = self.read();
        let grant = tables.grants.get(&hash)?;
        (grant.token.token_use != TokenUse::Refresh && grant.is_valid(now)).then(|| Arc::clone(grant))
    }

    /// What the token of a grant that ended is worth now: its person's account may only have changed.
    pub(crate) fn renewed(&self, grant: &Grant, now: Timestamp) -> Option<Arc<Grant>> {
        self.read().grants.get(&grant.hash).filter(|grant| grant.is_valid(now)).cloned()
    }

    /// A session is used; that is written down once a day.
    pub(crate) fn note_use(&self, core: &CoreHandle, grant: &Grant, now: Timestamp) {
        let Some(before) = grant.usage.note(now) else { return };
        let session = self.read().sessions.get(&grant.token.session).map(OpenSession::now);
        // The token of a program has no session to be listed.
        let Some(session) = session.filter(|_| grant.token.token_use != TokenUse::Api) else { return };
        let (core, usage) = (core.clone(), Arc::clone(&grant.usage));
        tokio::spawn(async move {
            if core.keep(vec![Change::Put(Record::Session(session))]).await.is_err() {
                usage.not_written(before);
            }
        });
    }

    /// The sessions of an account that are open, by id.
    pub(crate) fn of_account(&self, account: &AccountId, now: Timestamp) -> Vec<(Session, SessionKind)> {
        let tables = self.read();
        let living = |session: &Session| {
            let grant = tables.grants.values().find(|grant| {
                grant.token.session == session.id && grant.token.token_use != TokenUse::Api && grant.is_valid(now)
            })?;
            let is_cookie = grant.token.token_use == TokenUse::Cookie;
            Some(if is_cookie { SessionKind::Cookie } else { SessionKind::Tokens })
        };
        let of_account = tables.sessions.values().filter(|open| open.session.account == *account);
        let mut listed: Vec<(Session, SessionKind)> =
            of_account.filter_map(|open| Some((open.now(), living(&open.session)?))).collect();
        listed.sort_by(|(left, _), (right, _)| left.id.cmp(&right.id));
        listed
    }

    /// How many tokens are valid.
    pub(crate) fn count(&self) -> usize {
        self.read().grants.len()
    }

    /// Opens a session. `also` is kept in the same commit.
    pub(crate) async fn open(
        self: &Arc<Self>,
        core: &CoreHandle,
        random: &dyn Random,
        account: &Arc<Account>,
        opening: Opening,
        wall: Wall,
        also: Vec<Change>,
    ) -> Result<OpenedSession, Problem> {
        let now = wall.time;
        let session = OpenSession::new(Session {
            id: hex(&random::bytes::<12>(random)?).into(),
            account: account.id.clone(),
            created_at: now,
            last_used_at: now,
            user_agent: opening.user_agent,
            address: opening.address,
        });
        let opened = make_tokens(random, account, (&session.session, &session.usage), opening.kind, now)?;
        let _alone = self.writing.lock().await;
        self.drop_stale(account, wall);
        let mut changes = also;
        changes.push(Change::Put(Record::Session(session.session.clone())));
        changes.extend(opened.changes());
        self.keep(core, changes).await?;
        self.write().sessions.insert(Arc::clone(&session.session.id), session);
        self.insert(&opened);
        Ok(opened)
    }

    /// Gives new tokens for a refresh token, which is void from now on.
    pub(crate) async fn refresh(
        self: &Arc<Self>,
        core: &CoreHandle,
        random: &dyn Random,
        text: &str,
        wall: Wall,
    ) -> Result<OpenedSession, Problem> {
        let now = wall.time;
        let refused = || Problem::unauthorized(Said::new("session_over", "The refresh token is not valid (any more)."));
        let hash = token_hash(text);
        let (old, reused) = {
            let mut tables = self.write();
            let is_refresh = tables.grants.get(&hash).is_some_and(|grant| grant.token.token_use == TokenUse::Refresh);
            // Taken out at once: of two requests with the same token only one gets through.
            let old = if is_refresh { tables.grants.remove(&hash) } else { None };
            tables.refreshing.extend(old.clone().map(|old| (hash, old)));
            let reused =
                tables.spent.iter().find(|(_, spent)| spent.contains(&hash)).map(|(session, _)| Arc::clone(session));
            (old, reused)
        };
        if let Some(session) = reused {
            tracing::warn!("A used refresh token came again; its session was ended.");
            self.end_session(core, &session, None).await?;
            return Err(Problem { code: "token_reused", ..refused() });
        }
        old.ok_or_else(refused)?;
        let _alone = self.writing.lock().await;
        // None if the session was ended meanwhile; another one if the account was changed.
        let old = self.read().refreshing.get(&hash).cloned().ok_or_else(refused)?;
        if !old.is_valid(now) {
            if is_sure(wall) {
                self.take(|grant| grant.hash == hash);
                self.keep(core, Vec::new()).await?;
            } else {
                let mut tables = self.write();
                let back = tables.refreshing.remove(&hash);
                tables.grants.extend(back.map(|old| (hash, old)));
            }
            return Err(refused());
        }
        let kept = async {
            let session = self.write().session_of(&old.token).clone();
            session.usage.note(now);
            let session = (&session.now(), &session.usage);
            let opened = make_tokens(random, &old.account, session, SessionKind::Tokens, now)?;
            let spent = self.spent_with(&old.token.session, hash);
            self.drop_surplus_access(&old.token.session);
            let mut changes = removal(&old.token.id);
            changes.push(Change::Put(Record::Session(session.0.clone())));
            changes.push(Change::Put(Record::Secret { name: spent_secret(&old.token.session), value: list(&spent) }));
            changes.extend(opened.changes());
            self.keep(core, changes).await?;
            Ok((opened, spent))
        };
        let kept = kept.await;
        let mut tables = self.write();
        let still_open = tables.refreshing.remove(&hash);
        match kept {
            Ok((opened, spent)) => {
                tables.spent.insert(Arc::clone(&old.token.session), spent);
                drop(tables);
                self.insert(&opened);
                Ok(opened)
            }
            Err(problem) => {
                tables.grants.extend(still_open.map(|old| (hash, old)));
                Err(problem)
            }
        }
    }

    /// Ends a session: its tokens are void and its streams close, whether that can be written down or not.
    pub(crate) async fn end_session(
        self: &Arc<Self>,
        core: &CoreHandle,
        session: &str,
        also: Option<Change>,
    ) -> Result<(), Problem> {
        self.end(core, |grant| &*grant.token.session == session, also.into_iter().collect()).await
    }

    /// Ends the sessions that these tokens belong to, in the same way. `also` is kept in the same commit.
    pub(crate) async fn end(
        self: &Arc<Self>,
        core: &CoreHandle,
        matches: impl Fn(&Grant) -> bool,
        also: Vec<Change>,
    ) -> Result<(), Problem> {
        self.take_sessions(&matches);
        let _alone = self.writing.lock().await;
        // A refresh that was being written has made new ones.
        self.take_sessions(&matches);
        self.keep(core, also).await
    }

    fn take_sessions(&self, matches: impl Fn(&Grant) -> bool) {
        let taken = self.take(matches);
        let mut tables = self.write();
        for session in taken {
            tables.spent.remove(&session);
            tables.sessions.remove(&session);
            tables.ended.note_session(&session);
        }
    }

    /// An account is other than before: its tokens go on, and who listens by them is looked at anew.
    pub(crate) async fn account_changed(&self, account: &Arc<Account>) {
        let _alone = self.writing.lock().await;
        let mut tables = self.write();
        let Tables { grants, refreshing, .. } = &mut *tables;
        let of_account = grants.values_mut().chain(refreshing.values_mut());
        for grant in of_account.filter(|grant| grant.account.id == account.id) {
            let renewed = Grant {
                token: grant.token.clone(),
                account: Arc::clone(account),
                ended: CancellationToken::new(),
                hash: grant.hash,
                usage: Arc::clone(&grant.usage),
            };
            std::mem::replace(grant, Arc::new(renewed)).ended.cancel();
        }
    }

    /// Makes a token for a program.
    pub(crate) async fn create_api_token(
        self: &Arc<Self>,
        core: &CoreHandle,
        random: &dyn Random,
        account: &Arc<Account>,
        (wanted, also): (ApiToken, impl FnOnce(&Token) -> Option<Change>),
        now: Timestamp,
    ) -> Result<NewToken, Problem> {
        if self.api_tokens(&account.id).len() >= API_TOKENS_MAX {
            return Err(Problem::conflict(
                "too_many_tokens",
                format!("There are {API_TOKENS_MAX} tokens already."),
                "Remove one that is no longer used (DELETE /api/v1/tokens/{id}).",
            ));
        }
        let mut token = blank(random, account, TokenUse::Api, now)?;
        // A session of its own, so that revoking it ends nothing else.
        token.session = token.id.as_str().into();
        token.name = wanted.name;
        token.scope = wanted.scope;
        token.expires_at = wanted.expires_at;
        let new = NewToken::new(random, token, account, &Usage::new(now))?;
        let _alone = self.writing.lock().await;
        let changes = also(&new.grant.token).into_iter().chain(new.changes()).collect();
        self.keep(core, changes).await?;
        self.write().grants.insert(new.grant.hash, Arc::clone(&new.grant));
        Ok(new)
    }

    /// The tokens for programs of an account, by id.
    pub(crate) fn api_tokens(&self, account: &AccountId) -> Vec<Token> {
        let mut tokens: Vec<Token> = self
            .read()
            .grants
            .values()
            .filter(|grant| grant.token.token_use == TokenUse::Api && grant.token.account == *account)
            .map(|grant| grant.token.clone())
            .collect();
        tokens.sort_by(|left, right| left.id.cmp(&right.id));
        tokens
    }

    /// Takes back a token for a program; its streams close. False = there is none of this id. One that is void but
    /// still on the disk is there.
    pub(crate) async fn remove_api_token(
        self: &Arc<Self>,
        core: &CoreHandle,
        account: &AccountId,
        id: &TokenId,
        also: Option<Change>,
    ) -> Result<bool, Problem> {
        self.take(|grant| {
            grant.token.id == *id && grant.token.account == *account && grant.token.token_use == TokenUse::Api
        });
        if !self.read().ended.has(account, id) {
            return Ok(false);
        }
        let _alone = self.writing.lock().await;
        self.keep(core, also.into_iter().collect()).await?;
        Ok(true)
    }

    /// Keeps changes, and with them that what has ended is gone; if that cannot be written down, it is tried again by
    /// itself. For who holds `writing`.
    async fn keep(self: &Arc<Self>, core: &CoreHandle, changes: Vec<Change>) -> Result<(), Problem> {
        let kept = self.try_to_keep(core, changes).await;
        if let Err(error) = &kept
            && self.read().ended.is_any()
            && !self.retrying.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(%error, "Tokens that have ended could not be taken off the disk; it is tried again.");
            tokio::spawn(write_down(Arc::downgrade(self), core.clone()));
        }
        Ok(kept?)
    }

    async fn try_to_keep(&self, core: &CoreHandle, changes: Vec<Change>) -> Result<(), KeepError> {
        let removals = self.read().ended.removals();
        let all: Vec<Change> = removals.iter().cloned().chain(changes).collect();
        if !all.is_empty() {
            core.keep(all).await?;
            self.write().ended.written(&removals);
        }
        Ok(())
    }

    fn insert(&self, opened: &OpenedSession) {
        let mut tables = self.write();
        for new in opened.tokens() {
            tables.grants.insert(new.grant.hash, Arc::clone(&new.grant));
        }
    }

    /// Takes grants out and cancels what hangs on them. They go from the disk with the next commit. Gives their sessions.
    fn take(&self, matches: impl Fn(&Grant) -> bool) -> BTreeSet<Arc<str>> {
        let mut taken = BTreeSet::new();
        let mut tables = self.write();
        let Tables { grants, refreshing, ended, .. } = &mut *tables;
        let of_all =
            grants.extract_if(|_, grant| matches(grant)).chain(refreshing.extract_if(|_, grant| matches(grant)));
        for (_, grant) in of_all {
            ended.note(&grant.token);
            grant.ended.cancel();
            taken.insert(Arc::clone(&grant.token.session));
        }
        taken
    }

    /// Drops what has expired, and the account's oldest sessions if there are too many.
    fn drop_stale(&self, account: &Account, wall: Wall) {
        if is_sure(wall) {
            self.take(|grant| !grant.is_valid(wall.time));
        }
        let mut started: Vec<(Timestamp, Arc<str>)> = self
            .read()
            .grants
            .values()
            .filter(|grant| grant.token.account == account.id && grant.token.token_use != TokenUse::Api)
            .map(|grant| (grant.token.created_at, Arc::clone(&grant.token.session)))
            .collect();
        started.sort();
        let mut sessions: Vec<Arc<str>> = Vec::new();
        for (_, session) in started.into_iter().rev() {
            if !sessions.contains(&session) {
                sessions.push(session);
            }
        }
        for session in sessions.iter().skip(SESSIONS_MAX - 1) {
            self.take(|grant| grant.token.session == *session);
        }
        let mut tables = self.write();
        let Tables { grants, refreshing, spent, sessions, ended } = &mut *tables;
        let living: HashSet<&Arc<str>> =
            grants.values().chain(refreshing.values()).map(|grant| &grant.token.session).collect();
        for (session, _) in spent.extract_if(|session, _| !living.contains(session)) {
            ended.note_session(&session);
        }
        for (session, _) in sessions.extract_if(|session, _| !living.contains(session)) {
            ended.note_session(&session);
        }
    }

    /// Drops the oldest access tokens of a session, so that one more has room.
    fn drop_surplus_access(&self, session: &str) {
        let mut held: Vec<(Timestamp, TokenId)> = self
            .read()
            .grants
            .values()
            .filter(|grant| &*grant.token.session == session && grant.token.token_use == TokenUse::Access)
            .map(|grant| (grant.token.created_at, grant.token.id.clone()))
            .collect();
        held.sort();
        let surplus = (held.len() + 1).saturating_sub(ACCESS_TOKENS_MAX);
        let oldest: Vec<TokenId> = held.into_iter().take(surplus).map(|(_, id)| id).collect();
        self.take(|grant| oldest.contains(&grant.token.id));
    }

    fn spent_with(&self, session: &str, hash: TokenHash) -> VecDeque<TokenHash> {
        let mut spent = self.read().spent.get(session).cloned().unwrap_or_default();
        spent.push_back(hash);
        while spent.len() > SPENT_MAX {
            spent.pop_front();
        }
        spent
    }
}

/// Whether what ended by this clock is thrown away. What ended by a clock that may be wrong is of no use now, and is
/// again when the clock is right.
fn is_sure(wall: Wall) -> bool {
    wall.trust == Trust::Ntp
}

/// Tries to write down what has ended until it is done.
async fn write_down(sessions: Weak<Sessions>, core: CoreHandle) {
    let mut pause = RETRY_FIRST;
    loop {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RETRY_LONGEST);
        let Some(sessions) = sessions.upgrade() else { return };
        let _alone = sessions.writing.lock().await;
        if sessions.try_to_keep(&core, Vec::new()).await.is_ok() {
            sessions.retrying.store(false, Ordering::Relaxed);
            return;
        }
    }
}

/// What a person wants of a token for a program.
#[derive(Debug)]
pub(crate) struct ApiToken {
    /// What people call it.
    pub(crate) name: Arc<str>,
    /// What it may do; none = everything.
    pub(crate) scope: Option<Arc<str>>,
    /// Until when.
    pub(crate) expires_at: Option<Timestamp>,
}
