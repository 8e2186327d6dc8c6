//! Tokens as they are made and kept: a token is 256 random bits of which only the SHA-256 is kept.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hub_model::household::{Account, Secret, Session, Token, TokenUse};
use hub_model::record::{Change, Record, RecordKey};
use hub_model::{Timestamp, TokenId};
use ring::digest;
use tokio_util::sync::CancellationToken;

use crate::problem::Problem;
use crate::random::{self, Random, from_hex, hex};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const ACCESS_LIFE: Duration = Duration::from_secs(60 * 60);
/// A session by tokens ends when it is not refreshed for so long,
const REFRESH_IDLE: Duration = DAY.saturating_mul(90);
/// and after so long in any case.
const TOKENS_LIFE: Duration = DAY.saturating_mul(365);
/// A session by cookie ends when it is not used for so long,
const COOKIE_IDLE: Duration = DAY.saturating_mul(30);
/// and after so long in any case: a browser is left behind more easily than an app.
const COOKIE_LIFE: Duration = DAY.saturating_mul(180);

/// The SHA-256 of a token.
pub(crate) type TokenHash = [u8; 32];

/// The hash under which a token is known.
pub(crate) fn token_hash(text: &str) -> TokenHash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    hash
}

/// A valid token.
#[derive(Debug)]
pub(crate) struct Grant {
    /// What is kept of it.
    pub(crate) token: Token,
    /// Whose it is.
    pub(crate) account: Arc<Account>,
    /// Cancelled when the token is no longer valid before its time.
    pub(crate) ended: CancellationToken,
    pub(super) hash: TokenHash,
    /// When its session was last used.
    pub(super) usage: Arc<Usage>,
}

impl Grant {
    /// When it ends at the latest: with the token or with its person's account.
    pub(crate) fn ends_at(&self) -> Option<Timestamp> {
        let ends = [self.token.expires_at, self.account.expires_at];
        ends.into_iter().flatten().min()
    }

    pub(super) fn is_valid(&self, now: Timestamp) -> bool {
        let is_idle = self.token.token_use == TokenUse::Cookie && now.since(self.usage.last()) >= COOKIE_IDLE;
        !is_idle && self.ends_at().is_none_or(|until| now < until)
    }
}

/// When a session was last used, and what of that is on the disk.
#[derive(Debug)]
pub(crate) struct Usage {
    used_at: AtomicI64,
    written_at: AtomicI64,
}

impl Usage {
    pub(super) fn new(used_at: Timestamp) -> Arc<Self> {
        Arc::new(Self { used_at: AtomicI64::new(used_at.0), written_at: AtomicI64::new(used_at.0) })
    }

    /// When it was last used.
    pub(super) fn last(&self) -> Timestamp {
        Timestamp(self.used_at.load(Ordering::Relaxed))
    }

    /// It is used. Once a day that is worth writing down; then this says when it was written down last.
    pub(super) fn note(&self, now: Timestamp) -> Option<Timestamp> {
        self.used_at.store(now.0, Ordering::Relaxed);
        let written = self.written_at.load(Ordering::Relaxed);
        if now.since(Timestamp(written)) < DAY {
            return None;
        }
        let taken = self.written_at.compare_exchange(written, now.0, Ordering::Relaxed, Ordering::Relaxed);
        taken.is_ok().then_some(Timestamp(written))
    }

    /// It could not be written down.
    pub(super) fn not_written(&self, before: Timestamp) {
        self.written_at.store(before.0, Ordering::Relaxed);
    }
}

/// How a session shows itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SessionKind {
    /// By an access and a refresh token.
    Tokens,
    /// By a cookie.
    Cookie,
}

/// A token that was just made: the only time that its text is known.
#[derive(Debug)]
pub(crate) struct NewToken {
    /// The text.
    pub(crate) text: Secret,
    /// What is kept of it.
    pub(crate) grant: Arc<Grant>,
}

/// What a login or refresh gives.
#[derive(Debug)]
pub(crate) struct OpenedSession {
    /// The access token, or the one for the cookie.
    pub(crate) access: NewToken,
    /// The refresh token; a cookie has none.
    pub(crate) refresh: Option<NewToken>,
    /// How long the access token lives, or the cookie if nobody uses it.
    pub(crate) expires_in: Duration,
    /// How long it may live at most.
    pub(crate) life: Duration,
}

pub(super) fn token_secret(token: &TokenId) -> Arc<str> {
    format!("token/{token}").into()
}

pub(super) fn spent_secret(session: &str) -> Arc<str> {
    format!("session/{session}/spent").into()
}

pub(super) fn read_hash(text: &str) -> Option<TokenHash> {
    from_hex(text)?.try_into().ok()
}

impl OpenedSession {
    pub(super) fn tokens(&self) -> impl Iterator<Item = &NewToken> {
        std::iter::once(&self.access).chain(&self.refresh)
    }

    pub(super) fn changes(&self) -> Vec<Change> {
        self.tokens().flat_map(NewToken::changes).collect()
    }
}

impl NewToken {
    pub(super) fn new(
        random: &dyn Random,
        token: Token,
        account: &Arc<Account>,
        usage: &Arc<Usage>,
    ) -> Result<Self, Problem> {
        // The prefix lets scanners for leaked secrets know what they found.
        let text = format!("hearth_{}", hex(&random::bytes::<32>(random)?));
        let hash = token_hash(&text);
        let (account, usage) = (Arc::clone(account), Arc::clone(usage));
        let grant = Grant { token, account, ended: CancellationToken::new(), hash, usage };
        Ok(Self { text: Secret::new(text), grant: Arc::new(grant) })
    }

    pub(super) fn changes(&self) -> Vec<Change> {
        let token = self.grant.token.clone();
        let secret = Record::Secret { name: token_secret(&token.id), value: Secret::new(hex(&self.grant.hash)) };
        vec![Change::Put(Record::Token(token)), Change::Put(secret)]
    }
}

pub(super) fn removal(id: &TokenId) -> Vec<Change> {
    vec![Change::Remove(RecordKey::Token(id.clone())), Change::Remove(RecordKey::Secret(token_secret(id)))]
}

pub(super) fn list(hashes: &VecDeque<TokenHash>) -> Secret {
    let texts: Vec<String> = hashes.iter().map(|hash| hex(hash)).collect();
    Secret::new(texts.join(" "))
}

pub(super) fn blank(
    random: &dyn Random,
    account: &Account,
    token_use: TokenUse,
    now: Timestamp,
) -> Result<Token, Problem> {
    Ok(Token {
        id: TokenId::new(hex(&random::bytes::<8>(random)?)),
        account: account.id.clone(),
        token_use,
        session: "".into(),
        name: "".into(),
        scope: None,
        created_at: now,
        expires_at: None,
    })
}

/// The tokens of a session, new or refreshed.
pub(super) fn make_tokens(
    random: &dyn Random,
    account: &Arc<Account>,
    (session, usage): (&Session, &Arc<Usage>),
    kind: SessionKind,
    now: Timestamp,
) -> Result<OpenedSession, Problem> {
    let make = |token_use: TokenUse, ends_at: Timestamp| {
        let mut token = blank(random, account, token_use, now)?;
        token.session = Arc::clone(&session.id);
        token.expires_at = Some(ends_at);
        NewToken::new(random, token, account, usage)
    };
    Ok(match kind {
        SessionKind::Tokens => {
            let end = session.created_at.plus(TOKENS_LIFE);
            OpenedSession {
                access: make(TokenUse::Access, now.plus(ACCESS_LIFE).min(end))?,
                refresh: Some(make(TokenUse::Refresh, now.plus(REFRESH_IDLE).min(end))?),
                expires_in: ACCESS_LIFE.min(end.since(now)),
                life: ACCESS_LIFE,
            }
        }
        SessionKind::Cookie => OpenedSession {
            access: make(TokenUse::Cookie, now.plus(COOKIE_LIFE))?,
            refresh: None,
            expires_in: COOKIE_IDLE,
            life: COOKIE_LIFE,
        },
    })
}
