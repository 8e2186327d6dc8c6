//! `hearth notifications`: what rules told whoever asks.

use serde_json::{Value, json};

use super::Terminal;
use super::arguments::NotificationCommand;
use super::client::encode;
use super::failure::Failure;
use super::output::{counted, text};

/// Lists them, or marks one or all as read.
pub(crate) async fn execute(all: bool, read: Option<&str>, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let mut told = terminal.client.items("/users/me/notifications").await?;
    if let Some(wanted) = read {
        return mark(told, wanted, terminal).await;
    }
    if !all {
        told.retain(is_unread);
    }
    let (home_time, names) = (terminal.home_time().await, terminal.names().await);
    if told.is_empty() && !terminal.output.is_json() {
        return terminal.output.line(if all {
            "nothing was told"
        } else {
            "nothing new; --all shows what you have read"
        });
    }
    terminal.output.list(&told, ["TIME", "SEVERITY", "TEXT", "RULE", "READ", "ID"], |told| {
        [
            home_time.show(&told["at"]),
            text(told, "severity"),
            words(told),
            names.rule(&told["rule"]),
            home_time.show(&told["read_at"]),
            text(told, "id"),
        ]
    })
}

/// Says that the person sees to one of them.
pub(crate) async fn mark_one(command: NotificationCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let NotificationCommand::Acknowledge { id } = command;
    let path = format!("/users/me/notifications/{}/acknowledge", encode(&id));
    let told = terminal.client.post(&path, &Value::Null).await?;
    terminal.output.done(&told, format!("you see to it: {}", words(&told)))
}

async fn mark(told: Vec<Value>, wanted: &str, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let chosen = told.iter().filter(|told| if wanted == "all" { is_unread(told) } else { told["id"] == wanted });
    let ids: Vec<String> = chosen.map(|told| text(told, "id")).collect();
    if ids.is_empty() && wanted != "all" {
        let hint = "; `hearth notifications --all` lists the ids".to_owned();
        return Err(Failure::NotFound { what: "notification", name: wanted.to_owned(), hint });
    }
    let mut read = Vec::new();
    for id in &ids {
        read.push(terminal.client.post(&format!("/users/me/notifications/{}/read", encode(id)), &Value::Null).await?);
    }
    let sentence = format!("{} marked as read", counted(read.len(), "notification"));
    terminal.output.done(&json!({ "items": read }), sentence)
}

fn is_unread(told: &Value) -> bool {
    told["read_at"].is_null()
}

/// `Washing machine: It is done.`
fn words(told: &Value) -> String {
    let (title, message) = (text(told, "title"), text(told, "message").replace('\n', " "));
    if title.is_empty() { message } else { format!("{title}: {message}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_is_one_line() {
        assert_eq!(words(&json!({"title": "Washer", "message": "It is\ndone."})), "Washer: It is done.");
        assert_eq!(words(&json!({"title": null, "message": "Done."})), "Done.");
    }
}
