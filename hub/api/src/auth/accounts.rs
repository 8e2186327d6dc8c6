//! Accounts, and what proves who somebody is: the hash of a password, an invitation, a second factor.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use hub_model::household::{Account, Role, Secret};
use hub_model::record::{Change, Record, RecordKey};
use hub_model::{AccountId, Timestamp};

use super::code;
use super::second_factor::SecondFactor;
use super::token::{TokenHash, read_hash};
use crate::random::{NoRandomness, Random, hex};

/// The most accounts of a home.
pub(crate) const ACCOUNTS_MAX: usize = 256;
/// So long an invitation is good.
const INVITED_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// 100 bits.
const INVITATION_LENGTH: usize = 20;

/// What belongs to an account and is secret: each a record of its own.
const SECRETS: [&str; 5] = ["password", "invitation", "totp", "recovery", "pin"];

/// All accounts of the home.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    entries: RwLock<Vec<Entry>>,
}

/// An account and what proves that somebody is its person.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) account: Arc<Account>,
    pub(crate) proof: Proof,
}

/// What proves that somebody is a person.
#[derive(Clone, Default, Debug)]
pub(crate) struct Proof {
    /// The hash of the password; none = nobody logs in yet.
    pub(crate) password: Option<Secret>,
    /// Lets the person set a password once.
    pub(crate) invitation: Option<Invitation>,
    /// What is asked for beside the password.
    pub(crate) second_factor: Option<SecondFactor>,
    /// The hash of the digits that stand for the person where something takes a PIN.
    pub(crate) pin: Option<Secret>,
}

/// An invitation as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Invitation {
    hash: TokenHash,
    pub(crate) expires_at: Timestamp,
}

impl Invitation {
    /// A new one, and its code, which is shown once.
    pub(crate) fn new(random: &dyn Random, now: Timestamp) -> Result<(Secret, Self), NoRandomness> {
        let text = code::generate::<INVITATION_LENGTH>(random)?;
        let invitation = Self { hash: code::hash(&text), expires_at: now.plus(INVITED_FOR) };
        Ok((Secret::new(text), invitation))
    }

    fn text(&self) -> Secret {
        Secret::new(format!("{} {}", hex(&self.hash), self.expires_at.milliseconds()))
    }

    fn read(text: &Secret) -> Option<Self> {
        let (hash, until) = text.reveal().split_once(' ')?;
        Some(Self { hash: read_hash(hash)?, expires_at: Timestamp(until.parse().ok()?) })
    }
}

/// The name of a secret of an account.
fn secret_name(account: &AccountId, what: &str) -> Arc<str> {
    format!("account/{account}/{what}").into()
}

impl Proof {
    fn read(account: &AccountId, secrets: &HashMap<&str, &Secret>) -> Self {
        let secret = |what| secrets.get(&*secret_name(account, what)).copied();
        Self {
            password: secret("password").filter(|hash| !hash.reveal().is_empty()).cloned(),
            invitation: secret("invitation").and_then(Invitation::read),
            second_factor: secret("totp").and_then(|totp| SecondFactor::read(totp, secret("recovery"))),
            pin: secret("pin").cloned(),
        }
    }

    /// What is to be kept of it: each secret that there is, and that there are no others.
    pub(crate) fn changes(&self, account: &AccountId) -> Vec<Change> {
        let factor = self.second_factor.as_ref();
        let secrets = [
            self.password.clone(),
            self.invitation.as_ref().map(Invitation::text),
            factor.map(SecondFactor::text),
            factor.map(SecondFactor::recovery_text),
            self.pin.clone(),
        ];
        let named = SECRETS.into_iter().map(|what| secret_name(account, what));
        let change = |(name, secret): (Arc<str>, Option<Secret>)| match secret {
            Some(value) => Change::Put(Record::Secret { name, value }),
            None => Change::Remove(RecordKey::Secret(name)),
        };
        named.zip(secrets).map(change).collect()
    }
}

impl Accounts {
    /// The accounts that were kept.
    pub(crate) fn new(accounts: Vec<Account>, secrets: &[(Arc<str>, Secret)]) -> Self {
        let secrets: HashMap<&str, &Secret> = secrets.iter().map(|(name, secret)| (&**name, secret)).collect();
        let entries = accounts.into_iter().map(|account| {
            let proof = Proof::read(&account.id, &secrets);
            Entry { account: Arc::new(account), proof }
        });
        let mut entries: Vec<Entry> = entries.collect();
        entries.sort_by(|left, right| left.account.id.cmp(&right.account.id));
        Self { entries: RwLock::new(entries) }
    }

    fn read(&self) -> RwLockReadGuard<'_, Vec<Entry>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vec<Entry>> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the hub has an owner.
    pub(crate) fn is_claimed(&self) -> bool {
        !self.read().is_empty()
    }

    /// The first owner who is there to stay, for whoever sits at the hub itself.
    pub(crate) fn owner(&self) -> Option<Arc<Account>> {
        let entries = self.read();
        let owners = entries.iter().filter(|entry| entry.account.role == Role::Owner);
        let first = |entry: &&Entry| {
            let (account, proof) = (&entry.account, &entry.proof);
            (proof.password.is_none(), account.expires_at.is_some(), account.created_at)
        };
        owners.min_by_key(first).map(|entry| Arc::clone(&entry.account))
    }

    /// All, by id.
    pub(crate) fn all(&self) -> Vec<Entry> {
        self.read().clone()
    }

    /// The account of this id.
    pub(crate) fn get(&self, id: &AccountId) -> Option<Arc<Account>> {
        self.entry(id).map(|entry| entry.account)
    }

    /// The same with what proves who its person is.
    pub(crate) fn entry(&self, id: &AccountId) -> Option<Entry> {
        self.read().iter().find(|entry| entry.account.id == *id).cloned()
    }

    /// The account of this name, without regard to case.
    pub(crate) fn find(&self, username: &str) -> Option<Entry> {
        let wanted = username.trim().to_lowercase();
        self.read().iter().find(|entry| entry.account.username.to_lowercase() == wanted).cloned()
    }

    /// The account of this id, or else of this name.
    pub(crate) fn find_either(&self, id_or_name: &str) -> Option<Entry> {
        self.entry(&AccountId::new(id_or_name)).or_else(|| self.find(id_or_name))
    }

    /// The account that this code invites.
    pub(crate) fn invited(&self, text: &str, now: Timestamp) -> Option<Entry> {
        let hash = code::hash(text);
        let fits = |invitation: &Invitation| code::same(&invitation.hash, &hash) && now < invitation.expires_at;
        self.read().iter().find(|entry| entry.proof.invitation.as_ref().is_some_and(fits)).cloned()
    }

    /// Whether, if this account were so (none = gone), an owner could still log in for good.
    pub(crate) fn leaves_an_owner(&self, id: &AccountId, changed: Option<&Account>) -> bool {
        let lasts = |account: &Account, proof: &Proof| {
            account.role == Role::Owner && account.expires_at.is_none() && proof.password.is_some()
        };
        self.read().iter().any(|entry| {
            let account = if entry.account.id == *id { changed } else { Some(&*entry.account) };
            account.is_some_and(|account| lasts(account, &entry.proof))
        })
    }

    /// What has to be kept of a new account.
    pub(crate) fn changes(entry: &Entry) -> Vec<Change> {
        let mut changes = vec![Change::Put(Record::Account((*entry.account).clone()))];
        changes.extend(entry.proof.changes(&entry.account.id));
        changes
    }

    /// What has to be kept of one that is removed.
    pub(crate) fn removal(id: &AccountId) -> Vec<Change> {
        let mut changes = vec![Change::Remove(RecordKey::Account(id.clone()))];
        changes.extend(Proof::default().changes(id));
        changes
    }

    /// Takes an account, new or changed, that has been kept.
    pub(crate) fn put(&self, entry: Entry) {
        let mut entries = self.write();
        match entries.binary_search_by(|other| other.account.id.cmp(&entry.account.id)) {
            Ok(index) => {
                let before = std::mem::replace(&mut entries[index], entry);
                let now = entries[index].proof.second_factor.as_mut();
                if let Some((now, before)) = now.zip(before.proof.second_factor) {
                    now.forget_what_was_used(&before);
                }
            }
            Err(index) => entries.insert(index, entry),
        }
    }

    /// Forgets one that has been removed.
    pub(crate) fn remove(&self, id: &AccountId) {
        self.write().retain(|entry| entry.account.id != *id);
    }

    /// Whether this is a code of the account's second factor; it is used up then.
    pub(crate) fn use_code(&self, id: &AccountId, given: &str, now: Timestamp) -> bool {
        let mut entries = self.write();
        let factor = entries.iter_mut().find(|entry| entry.account.id == *id);
        factor.and_then(|entry| entry.proof.second_factor.as_mut()).is_some_and(|factor| factor.accept(given, now))
    }

    /// What has to be kept of an account's second factor as it is now, after a code was used; nothing where there is none.
    pub(crate) fn factor_changes(&self, id: &AccountId) -> Vec<Change> {
        let factor = self.entry(id).and_then(|entry| entry.proof.second_factor);
        let put = |what, value| Change::Put(Record::Secret { name: secret_name(id, what), value });
        factor.map_or_else(Vec::new, |factor| vec![put("totp", factor.text()), put("recovery", factor.recovery_text())])
    }

    /// Takes new recovery codes that have been kept.
    pub(crate) fn renew_recovery(&self, id: &AccountId, renewed: &SecondFactor) {
        let mut entries = self.write();
        let entry = entries.iter_mut().find(|entry| entry.account.id == *id);
        if let Some(factor) = entry.and_then(|entry| entry.proof.second_factor.as_mut()) {
            factor.take_recovery(renewed);
        }
    }
}
