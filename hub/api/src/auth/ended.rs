//! What has ended and may still be on the disk: when the disk refuses to forget a token, the token is void all the
//! same, and its removal is tried again until it is written down. Bounded by what there was: while the disk refuses,
//! nothing new is made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hub_model::household::Token;
use hub_model::record::{Change, RecordKey};
use hub_model::{AccountId, TokenId};

use super::token::{removal, spent_secret};

/// Tokens and sessions whose removal is not on the disk yet.
#[derive(Debug, Default)]
pub(super) struct Ended {
    tokens: BTreeMap<TokenId, AccountId>,
    sessions: BTreeSet<Arc<str>>,
}

impl Ended {
    /// A token has ended.
    pub(super) fn note(&mut self, token: &Token) {
        self.tokens.insert(token.id.clone(), token.account.clone());
    }

    /// Nothing is to be remembered of a session any more.
    pub(super) fn note_session(&mut self, session: &str) {
        self.sessions.insert(session.into());
    }

    /// Whether this token of this account is among them.
    pub(super) fn has(&self, account: &AccountId, token: &TokenId) -> bool {
        self.tokens.get(token) == Some(account)
    }

    /// Whether there are any.
    pub(super) fn is_any(&self) -> bool {
        !self.tokens.is_empty() || !self.sessions.is_empty()
    }

    /// What has to be kept so that they do not come back.
    pub(super) fn removals(&self) -> Vec<Change> {
        let of_session = |session: &Arc<str>| {
            let spent = Change::Remove(RecordKey::Secret(spent_secret(session)));
            [spent, Change::Remove(RecordKey::Session(Arc::clone(session)))]
        };
        self.tokens.keys().flat_map(removal).chain(self.sessions.iter().flat_map(of_session)).collect()
    }

    /// These removals are on the disk.
    pub(super) fn written(&mut self, removals: &[Change]) {
        self.tokens.retain(|token, _| !removals.contains(&Change::Remove(RecordKey::Token(token.clone()))));
        self.sessions.retain(|session| !removals.contains(&Change::Remove(RecordKey::Secret(spent_secret(session)))));
    }
}
