//! `hearth login` and `hearth logout`: who the command line is.

use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};

use super::arguments::Common;
use super::client::Client;
use super::failure::{Failure, UNAUTHORIZED};
use super::login_file::{Login, LoginFile};
use super::open_session::{OpenSession, tokens};
use super::output::Output;
use super::{Terminal, secret};
use crate::config::paths::{self, Environment};

/// What to say where nobody has said at which hub.
const WHERE: &str = "say at which hub: hearth login --host https://ADDRESS:8443 (`hearth discover` finds it). On the hub's \
    own machine its local socket asks for no login; to be yourself there, say --host http://127.0.0.1:8080";

/// So long the hub of an old login is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens a session and keeps it for the commands to come, in the place of the one before.
pub(crate) async fn login(
    name: Option<String>,
    common: &Common,
    environment: Environment<'_>,
    output: Output<'_>,
) -> Result<(), Failure> {
    let path = paths::login_file(environment)
        .ok_or_else(|| Failure::Usage("there is no home folder to keep a login in; set HOME".to_owned()))?;
    let file = LoginFile::new(path);
    let before = OpenSession::kept(environment)?;
    let common = match (&common.host, &before) {
        (Some(_), _) => common.clone(),
        // Once more to the same.
        (None, Some(before)) => Common { host: Some(before.host()), ..before.known_by(common) },
        (None, None) => return Err(Failure::Usage(WHERE.to_owned())),
    };
    let common = Common { token: None, ..common };
    let client = Client::nameless(&common, environment)?;
    let mut terminal = Terminal::new(client, output, common.yes);
    let username = match name {
        Some(name) => name,
        None => terminal.ask("User name:").await?,
    };
    let (access_token, refresh_token) = tokens(&open(&username, &mut terminal).await?)?;
    let login = Login {
        host: common.host.unwrap_or_default(),
        fingerprint: common.fingerprint,
        // It is to be found from another folder too.
        ca: common.ca.map(std::path::absolute).transpose()?,
        username,
        access_token,
        refresh_token,
    };
    if let Some(before) = before {
        // Before its tokens are gone. If it is over, or its hub far away, it ends unused.
        tokio::time::timeout(PATIENCE, end(before)).await.ok();
    }
    let alone = file.lock()?;
    file.write(&login)?;
    drop(alone);
    let done = json!({ "host": login.host, "username": login.username });
    let sentence = format!("{} is logged in at {}; `hearth logout` ends it", login.username, login.host);
    terminal.output.done(&done, sentence)
}

/// Shows password and second factor, and gets the tokens of a session.
async fn open(username: &str, terminal: &mut Terminal<'_>) -> Result<Value, Failure> {
    let mut body = json!({ "username": username, "password": secret::ask("Password:", terminal).await? });
    match terminal.client.post("/auth/login", &body).await {
        Err(Failure::Refused(problem)) if problem.code == "totp_required" => {
            body["code"] = json!(secret::ask("The code of your app, or a recovery code:", terminal).await?);
            terminal.client.post("/auth/login", &body).await
        }
        opened => opened,
    }
}

/// Ends the session that is kept and forgets it.
pub(crate) async fn logout(environment: Environment<'_>, output: &mut Output<'_>) -> Result<(), Failure> {
    let Some(session) = OpenSession::kept(environment)? else {
        return output.done(&json!({ "logged_out": null }), "nobody is logged in");
    };
    let (username, host, file) = (session.username(), session.host(), session.file().clone());
    let ended = end(session).await;
    // Forgotten in any case: whoever logs out leaves this machine.
    file.remove()?;
    match ended {
        // What is over already was to be over.
        Err(Failure::Refused(problem)) if problem.status == UNAUTHORIZED => {}
        Err(failure) => {
            output.remark(format_args!(
                "{username} is logged out here, but {host} does not know it: end the session with `hearth session end`"
            ))?;
            return Err(failure);
        }
        Ok(()) => {}
    }
    output.done(&json!({ "logged_out": username, "host": host }), format_args!("{username} is logged out at {host}"))
}

async fn end(session: OpenSession) -> Result<(), Failure> {
    let client = Client::of(&Common::default(), session)?;
    client.request(Method::POST, "/auth/logout", None).await.map(drop)
}
