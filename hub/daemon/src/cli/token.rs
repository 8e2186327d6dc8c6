//! `hearth token …`

use serde_json::json;

use super::Terminal;
use super::arguments::TokenCommand;
use super::everybody::{self, Whose};
use super::failure::Failure;
use super::moment;
use super::output::text;

pub(crate) async fn execute(command: TokenCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        TokenCommand::Create { name, scope, expires } => {
            let mut body = json!({ "name": name });
            if let Some(scope) = scope {
                body["scope"] = json!(scope);
            }
            if let Some(expires) = expires {
                body["expires_at"] = json!(moment::until(&expires, client).await?.to_string());
            }
            let token = client.post("/tokens", &body).await?;
            terminal.output.done(&token, text(&token, "token"))
        }
        TokenCommand::List { whose } => {
            let tokens = everybody::items(&Whose::from(whose), "tokens", client).await?;
            let home_time = terminal.home_time().await;
            terminal.output.list(&tokens, ["USER", "NAME", "SCOPE", "CREATED", "EXPIRES", "ID"], |token| {
                let scope = token["scope"].as_str().unwrap_or("everything").to_owned();
                let [created, expires] = ["created_at", "expires_at"].map(|field| home_time.show(&token[field]));
                [text(token, "username"), text(token, "name"), scope, created, expires, text(token, "id")]
            })
        }
        TokenCommand::Revoke { id, user } => {
            everybody::delete(user.as_deref(), "tokens", &id, client).await?;
            terminal.output.done(&json!({ "revoked": id }), format_args!("{id} is worth nothing any more"))
        }
    }
}
