//! `hearth message …`

use serde_json::Value;

use super::Terminal;
use super::arguments::MessageCommand;
use super::client::encode;
use super::failure::Failure;
use super::output::text;

pub(crate) async fn execute(command: MessageCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    match command {
        MessageCommand::Channels => {
            let channels = terminal.client.items("/users/me/channels").await?;
            terminal.output.list(&channels, ["NAME", "KIND", "TO", "LEAST", "ID"], |channel| {
                ["name", "kind", "to", "least", "id"].map(|field| text(channel, field))
            })
        }
        MessageCommand::Test { person } => {
            let tried =
                terminal.client.post(&format!("/people/{}/messages/test", encode(&person)), &Value::Null).await?;
            let items = tried["items"].as_array().cloned().unwrap_or_default();
            if items.is_empty() {
                let hint = "add one in the app, or with POST /api/v1/users/me/channels";
                return Err(Failure::Failed(format!("{person} has no channel: nothing was sent; {hint}")));
            }
            terminal.output.list(&items, ["NAME", "KIND", "DELIVERED", "DETAIL"], |one| {
                let delivered = if one["delivered"] == true { "yes" } else { "no" };
                [text(one, "name"), text(one, "kind"), delivered.to_owned(), text(one, "detail")]
            })?;
            match items.iter().filter(|one| one["delivered"] != true).count() {
                0 => Ok(()),
                failed => Err(Failure::Failed(format!("{failed} of {} messages were not delivered", items.len()))),
            }
        }
    }
}
