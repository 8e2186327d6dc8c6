//! `hearth user …`

use serde_json::{Value, json};

use super::Terminal;
use super::arguments::UserCommand;
use super::client::{Client, encode};
use super::failure::{FORBIDDEN, Failure};
use super::find::{self, find};
use super::moment;
use super::output::{counted, plain, text};
use super::secret;

pub(crate) async fn execute(command: UserCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    match command {
        UserCommand::List => list(terminal).await,
        UserCommand::Add { name, role, display_name, expires, password } => {
            let mut body = json!({ "username": name, "role": role });
            if let Some(display_name) = display_name {
                body["display_name"] = json!(display_name);
            }
            if let Some(expires) = expires {
                body["expires_at"] = json!(moment::until(&expires, &terminal.client).await?.to_string());
            }
            if password {
                body["password"] = json!(secret::ask_twice(&new_password(&name), terminal).await?);
            }
            let user = terminal.client.post("/users", &body).await?;
            let role = text(&user, "role");
            let end = end(&user, terminal).await;
            let done = format!("{name} has an account ({role}){end}");
            invited(&user, &done, terminal).await
        }
        UserCommand::Show { user } => {
            let user = terminal.client.get(&path(&terminal.client, &user).await?).await?;
            show(&user, terminal).await
        }
        UserCommand::Role { user, role, expires } => {
            let mut body = json!({ "role": role });
            if let Some(expires) = expires {
                body["expires_at"] = json!(moment::until(&expires, &terminal.client).await?.to_string());
            }
            let user = terminal.client.patch(&path(&terminal.client, &user).await?, &body).await?;
            let end = end(&user, terminal).await;
            terminal.output.done(&user, format!("{} is {}{end}", text(&user, "username"), text(&user, "role")))
        }
        UserCommand::Remove { user } => {
            let path = path(&terminal.client, &user).await?;
            terminal.confirm(&format!("Remove the account of {user}, and log it out everywhere?")).await?;
            let removed = terminal.client.delete(&path).await?;
            terminal.output.done(&removed, format_args!("{user} has no account any more"))?;
            let rules: Vec<String> =
                removed["rules"].as_array().into_iter().flatten().map(|rule| text(rule, "name")).collect();
            if !rules.is_empty() && !terminal.output.is_json() {
                let note = text(&removed, "note");
                terminal.say(&format!("Rules by this person: {}. {note}", rules.join(", "))).await?;
            }
            Ok(())
        }
        UserCommand::Password { user } => {
            let path = path(&terminal.client, &user).await?;
            let body = json!({ "password": secret::ask_twice(&new_password(&user), terminal).await? });
            let done = terminal.client.post(&format!("{path}/password"), &body).await?;
            invited(&done, &format!("{user} has a new password, and is logged out everywhere"), terminal).await
        }
        UserCommand::Invite { user } => {
            let path = path(&terminal.client, &user).await?;
            let known = terminal.client.get(&path).await?;
            if known["state"] == "active" {
                terminal
                    .confirm(&format!("The password of {user} is void then, and {user} logged out. Go on?"))
                    .await?;
            }
            let done = terminal.client.post(&format!("{path}/password"), &json!({})).await?;
            invited(&done, &format!("{user} sets a password with this code"), terminal).await
        }
        UserCommand::Pin { remove } => pin(remove, terminal).await,
        UserCommand::RecoveryCodes => recovery_codes(terminal).await,
    }
}

/// The path of the account of this user name or id. Who may not see who there is leaves it to the hub to find it.
pub(crate) async fn path(client: &Client, wanted: &str) -> Result<String, Failure> {
    let mut users = match client.items("/users").await {
        Err(Failure::Refused(problem)) if problem.status == FORBIDDEN => {
            return Ok(format!("/users/{}", encode(wanted)));
        }
        users => users?,
    };
    for user in &mut users {
        user["name"] = user["username"].clone();
    }
    Ok(format!("/users/{}", encode(&find::id(find(&users, "account", wanted)?))))
}

async fn list(terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let users = terminal.client.items("/users").await?;
    let home_time = terminal.home_time().await;
    terminal.output.list(&users, ["NAME", "ROLE", "STATE", "ENDS", "SECOND FACTOR", "ID"], |user| {
        let second_factor = if user["second_factor"] == true { "yes" } else { "no" };
        [
            text(user, "username"),
            text(user, "role"),
            text(user, "state"),
            home_time.show(&user["expires_at"]),
            second_factor.to_owned(),
            text(user, "id"),
        ]
    })
}

async fn show(user: &Value, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    if terminal.output.is_json() {
        return terminal.output.json(user);
    }
    let home_time = terminal.home_time().await;
    for (label, field) in [("name", "username"), ("called", "display_name"), ("role", "role"), ("state", "state")] {
        if !user[field].is_null() {
            terminal.output.line(format_args!("{:<14} {}", format!("{label}:"), text(user, field)))?;
        }
    }
    for (label, field) in [("since", "created_at"), ("until", "expires_at"), ("invited until", "invited_until")] {
        if !user[field].is_null() {
            terminal.output.line(format_args!("{:<14} {}", format!("{label}:"), home_time.show(&user[field])))?;
        }
    }
    let second_factor = if user["second_factor"] == true {
        format!("yes, {} left", counted(user["recovery_codes"].as_u64().unwrap_or(0) as usize, "recovery code"))
    } else {
        "no".to_owned()
    };
    terminal.output.line(format_args!("{:<14} {second_factor}", "second factor:"))?;
    terminal.output.line(format_args!("{:<14} {}", "id:", text(user, "id")))
}

/// ` until …`, where there is an end.
async fn end(user: &Value, terminal: &Terminal<'_>) -> String {
    if user["expires_at"].is_null() {
        return String::new();
    }
    format!(" until {}", terminal.home_time().await.show(&user["expires_at"]))
}

/// What was done, and the code that the person needs, if there is one.
async fn invited(user: &Value, done: &str, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    terminal.output.done(user, done)?;
    if terminal.output.is_json() {
        return Ok(());
    }
    if let Some(code) = user["invitation"]["code"].as_str() {
        let until = terminal.home_time().await.show(&user["invitation"]["expires_at"]);
        terminal.output.line(format_args!("code: {code} (works once, until {until}; it is not shown again)"))?;
    }
    if !user["note"].is_null() {
        terminal.say(&plain(&user["note"])).await?;
    }
    Ok(())
}

/// Sets or removes the own PIN. On the hub itself nobody proves who they are by a password.
async fn pin(remove: bool, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let mut body = json!({ "pin": null });
    if !terminal.client.is_local() {
        body["old_password"] = json!(secret::ask("Your password:", terminal).await?);
    }
    if !remove {
        body["pin"] = json!(secret::ask_twice("New PIN:", terminal).await?);
    }
    let user = terminal.client.patch("/users/me", &body).await?;
    let done = if remove { "no PIN any more" } else { "a new PIN" };
    terminal.output.done(&user, format_args!("{} has {done}", text(&user, "username")))
}

/// Gives new recovery codes for the own second factor.
async fn recovery_codes(terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let password = secret::ask("Your password:", terminal).await?;
    let code = secret::ask("The code of your app:", terminal).await?;
    let body = json!({ "password": password, "code": code });
    let codes = terminal.client.post("/users/me/totp/recovery-codes", &body).await?;
    if terminal.output.is_json() {
        return terminal.output.json(&codes);
    }
    for code in codes["recovery_codes"].as_array().into_iter().flatten() {
        terminal.output.line(plain(code))?;
    }
    terminal
        .say("Each works once in place of a code of the app. The old ones are void; these are not shown again.")
        .await
}

fn new_password(user: &str) -> String {
    format!("New password for {user}:")
}
