//! Tokens as they are made and kept: a token is 256 random bits of which only the SHA-256 is kept.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use hub_model::household::{Account, Secret, Token, TokenUse};
use hub_model::record::{Change, Record, RecordKey};
use hub_model::{Timestamp, TokenId};
use ring::digest;
use tokio_util::sync::CancellationToken;

use crate::problem::Problem;
use crate::random::{self, Random, from_hex, hex};

const ACCESS_LIFE: Duration = Duration::from_secs(60 * 60);
const REFRESH_LIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);
const COOKIE_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

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
}

impl Grant {
    pub(super) fn is_valid(&self, now: Timestamp) -> bool {
        self.token.expires_at.is_none_or(|until| now < until)
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
    /// How long the access token lives.
    pub(crate) expires_in: Duration,
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
    pub(super) fn new(random: &dyn Random, token: Token, account: &Arc<Account>) -> Result<Self, Problem> {
        // The prefix lets scanners for leaked secrets know what they found.
        let text = format!("hearth_{}", hex(&random::bytes::<32>(random)?));
        let hash = token_hash(&text);
        let grant = Grant { token, account: Arc::clone(account), ended: CancellationToken::new(), hash };
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

pub(super) fn make_session(
    random: &dyn Random,
    account: &Arc<Account>,
    session: &Arc<str>,
    kind: SessionKind,
    now: Timestamp,
) -> Result<OpenedSession, Problem> {
    let make = |token_use: TokenUse, life: Duration| {
        let mut token = blank(random, account, token_use, now)?;
        token.session = Arc::clone(session);
        token.expires_at = Some(now.plus(life));
        NewToken::new(random, token, account)
    };
    Ok(match kind {
        SessionKind::Tokens => OpenedSession {
            access: make(TokenUse::Access, ACCESS_LIFE)?,
            refresh: Some(make(TokenUse::Refresh, REFRESH_LIFE)?),
            expires_in: ACCESS_LIFE,
        },
        SessionKind::Cookie => {
            OpenedSession { access: make(TokenUse::Access, COOKIE_LIFE)?, refresh: None, expires_in: COOKIE_LIFE }
        }
    })
}
