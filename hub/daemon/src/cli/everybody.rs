//! What belongs to accounts (sessions, tokens): one's own, somebody else's, or everybody's, as far as one may see it.

use serde_json::{Value, json};

use super::arguments::WhoseArguments;
use super::client::{Client, encode};
use super::failure::{FORBIDDEN, Failure, NOT_FOUND};
use super::output::text;
use super::user;

/// Whose.
pub(crate) enum Whose {
    /// One's own.
    Own,
    /// Of the account of this name or id.
    User(String),
    /// Of all.
    Everybody,
}

impl From<WhoseArguments> for Whose {
    fn from(arguments: WhoseArguments) -> Self {
        match arguments.user {
            _ if arguments.everybody => Self::Everybody,
            Some(user) => Self::User(user),
            None => Self::Own,
        }
    }
}

/// The path of an account; none = one's own.
pub(crate) async fn path(user: Option<&str>, client: &Client) -> Result<String, Failure> {
    match user {
        Some(user) => user::path(client, user).await,
        None => Ok("/users/me".to_owned()),
    }
}

/// What there is of a kind, each with the user name of whose it is.
pub(crate) async fn items(whose: &Whose, kind: &str, client: &Client) -> Result<Vec<Value>, Failure> {
    let accounts = match whose {
        Whose::Own => vec![client.get("/users/me").await?],
        Whose::User(user) => vec![client.get(&user::path(client, user).await?).await?],
        Whose::Everybody => client.items("/users").await?,
    };
    let mut all = Vec::new();
    for account in accounts {
        let mut items = client.items(&format!("/users/{}/{kind}", encode(&text(&account, "id")))).await?;
        items.iter_mut().for_each(|item| item["username"] = account["username"].clone());
        all.append(&mut items);
    }
    Ok(all)
}

/// Deletes the one of this id. Where nobody says whose it is, one's own is meant, or else anybody's whom one may see.
pub(crate) async fn delete(user: Option<&str>, kind: &str, id: &str, client: &Client) -> Result<(), Failure> {
    if let Some(user) = user {
        let path = user::path(client, user).await?;
        return client.delete(&format!("{path}/{kind}/{}", encode(id))).await.map(drop);
    }
    let own = client.get("/users/me").await?;
    let path = |account: &Value| format!("/users/{}/{kind}/{}", encode(&text(account, "id")), encode(id));
    match client.delete(&path(&own)).await {
        Err(Failure::Refused(problem)) if problem.status == NOT_FOUND => match holder(kind, id, &own, client).await? {
            Some(other) => client.delete(&path(&other)).await.map(drop),
            None => Err(Failure::Refused(problem)),
        },
        deleted => deleted.map(drop),
    }
}

/// The account of others to which this belongs.
async fn holder(kind: &str, id: &str, own: &Value, client: &Client) -> Result<Option<Value>, Failure> {
    let accounts = match client.items("/users").await {
        Err(Failure::Refused(problem)) if problem.status == FORBIDDEN => return Ok(None),
        accounts => accounts?,
    };
    let others = accounts.into_iter().filter(|account| account["id"] != own["id"]);
    for account in others {
        let items = client.items(&format!("/users/{}/{kind}", encode(&text(&account, "id")))).await?;
        if items.iter().any(|item| item["id"] == json!(id)) {
            return Ok(Some(account));
        }
    }
    Ok(None)
}
