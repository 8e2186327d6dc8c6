//! Accounts and the hashes of their passwords.

use std::sync::{Arc, PoisonError, RwLock};

use hub_model::AccountId;
use hub_model::household::{Account, Secret};
use hub_model::record::{Change, Record};

/// All accounts of the home.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    accounts: RwLock<Vec<(Arc<Account>, Secret)>>,
}

/// The name of the secret that holds the hash of a password.
fn secret_name(account: &AccountId) -> Arc<str> {
    format!("account/{account}/password").into()
}

impl Accounts {
    /// The accounts that were kept. One without a password hash cannot log in.
    pub(crate) fn new(accounts: Vec<Account>, secrets: &[(Arc<str>, Secret)]) -> Self {
        let with_hash = accounts.into_iter().map(|account| {
            let name = secret_name(&account.id);
            let hash = secrets.iter().find(|(secret, _)| *secret == name).map(|(_, hash)| hash.clone());
            (Arc::new(account), hash.unwrap_or_default())
        });
        Self { accounts: RwLock::new(with_hash.collect()) }
    }

    /// Whether the hub has an owner.
    pub(crate) fn is_claimed(&self) -> bool {
        !self.accounts.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// The first account: the owner's.
    pub(crate) fn owner(&self) -> Option<Arc<Account>> {
        self.accounts.read().unwrap_or_else(PoisonError::into_inner).first().map(|(account, _)| Arc::clone(account))
    }

    /// The account of this id.
    pub(crate) fn get(&self, id: &AccountId) -> Option<Arc<Account>> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        accounts.iter().find(|(account, _)| account.id == *id).map(|(account, _)| Arc::clone(account))
    }

    /// The account of this name, without regard to case, and the hash of its password.
    pub(crate) fn find(&self, username: &str) -> Option<(Arc<Account>, Secret)> {
        let wanted = username.trim().to_lowercase();
        self.accounts
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .find(|(account, _)| account.username.to_lowercase() == wanted)
            .cloned()
    }

    /// What has to be kept of a new account.
    pub(crate) fn changes(account: &Account, hash: &Secret) -> Vec<Change> {
        vec![
            Change::Put(Record::Account(account.clone())),
            Change::Put(Record::Secret { name: secret_name(&account.id), value: hash.clone() }),
        ]
    }

    /// Takes an account that has been kept.
    pub(crate) fn insert(&self, account: Account, hash: Secret) {
        self.accounts.write().unwrap_or_else(PoisonError::into_inner).push((Arc::new(account), hash));
    }
}
