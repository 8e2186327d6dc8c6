//! `hearth token …`

use serde_json::json;

use super::Terminal;
use super::arguments::TokenCommand;
use super::client::encode;
use super::failure::Failure;
use super::output::text;

pub(crate) async fn execute(command: TokenCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        TokenCommand::Create { name, scope, expires } => {
            let mut body = json!({ "name": name });
            for (field, value) in [("scope", scope), ("expires_at", expires)] {
                if let Some(value) = value {
                    body[field] = json!(value);
                }
            }
            let token = client.post("/tokens", &body).await?;
            terminal.output.done(&token, text(&token, "token"))
        }
        TokenCommand::List => {
            let tokens = client.items("/tokens").await?;
            let home_time = terminal.home_time().await;
            terminal.output.list(&tokens, ["NAME", "SCOPE", "CREATED", "EXPIRES", "ID"], |token| {
                let scope = token["scope"].as_str().unwrap_or("everything").to_owned();
                let [created, expires] = ["created_at", "expires_at"].map(|field| home_time.show(&token[field]));
                [text(token, "name"), scope, created, expires, text(token, "id")]
            })
        }
        TokenCommand::Revoke { id } => {
            client.delete(&format!("/tokens/{}", encode(&id))).await?;
            terminal.output.done(&json!({ "revoked": id }), format_args!("{id} is worth nothing any more"))
        }
    }
}
