//! `hearth session …`: where somebody is logged in.

use serde_json::{Value, json};

use super::Terminal;
use super::arguments::SessionCommand;
use super::everybody::{self, Whose};
use super::failure::Failure;
use super::output::text;

pub(crate) async fn execute(command: SessionCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    match command {
        SessionCommand::List { whose } => {
            let sessions = everybody::items(&Whose::from(whose), "sessions", &terminal.client).await?;
            let home_time = terminal.home_time().await;
            terminal.output.list(&sessions, ["USER", "SINCE", "LAST USED", "FROM", "PROGRAM", "ID"], |session| {
                let [since, used] = ["created_at", "last_used_at"].map(|field| home_time.show(&session[field]));
                let from = session["address"].as_str().unwrap_or("the hub itself").to_owned();
                [text(session, "username"), since, used, from, program(session), text(session, "id")]
            })
        }
        SessionCommand::End { id: Some(id), user, .. } => {
            everybody::delete(user.as_deref(), "sessions", &id, &terminal.client).await?;
            terminal.output.done(&json!({ "ended": id }), format_args!("the session {id} is over"))
        }
        SessionCommand::End { id: None, user, .. } => {
            let who = user.as_deref().unwrap_or("you");
            terminal.confirm(&format!("Log {who} out everywhere? Tokens of programs go on.")).await?;
            let path = format!("{}/sessions", everybody::path(user.as_deref(), &terminal.client).await?);
            terminal.client.delete(&path).await?;
            let is = if user.is_some() { "is" } else { "are" };
            terminal.output.done(&json!({ "ended": "all" }), format_args!("{who} {is} logged out everywhere"))
        }
    }
}

/// What a session is used by, and whether it is this one.
fn program(session: &Value) -> String {
    let program = text(session, "user_agent");
    if session["current"] == true { format!("{program} (this one)").trim_start().to_owned() } else { program }
}
