//! The command line: a client of the hub's API, over the local socket, as who has logged in, or with `--host URL --token T`.

mod add;
mod area;
pub mod arguments;
mod audit;
mod automation;
mod check;
mod check_config;
pub mod client;
mod device;
mod device_health;
mod discover;
mod driver;
mod edit;
mod energy;
mod events;
mod everybody;
pub mod failure;
mod find;
mod home;
mod home_time;
mod login;
mod login_file;
mod manual;
mod message;
mod moment;
mod names;
mod natural_order;
mod network;
mod notifications;
mod open_session;
pub mod output;
mod pair;
mod recorded;
mod replay;
mod revisions;
mod rule_files;
mod people;
mod permission;
mod permission_rule;
mod permission_words;
mod pin;
mod scene;
mod secret;
mod session;
mod rule_folder;
mod status;
mod stick_backup;
mod sticks;
mod token;
mod user;
mod trust;
mod why;

use std::io::{IsTerminal, Write};

use arguments::{Arguments, Command};
use client::Client;
pub use failure::Failure;
use home_time::HomeTime;
use names::Names;
use output::Output;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Stdin};

use crate::config::paths::Environment;

/// An answer may have so many bytes.
const LINE_LIMIT: u64 = 64 * 1024;

/// Does what was typed (everything but `run`) and prints to `writer`.
pub async fn execute(
    arguments: Arguments,
    environment: Environment<'_>,
    writer: &mut dyn Write,
) -> Result<(), Failure> {
    let common = arguments.common;
    let mut output = Output::new(writer, common.json, output::wants_color());
    match arguments.command {
        // These need no hub.
        Command::CheckConfig { file, example } => return check_config::check(file, example, environment, &mut output),
        Command::Completions { shell } => return manual::completions(shell, &mut output),
        Command::Man { out } => return manual::write(out, &mut output),
        Command::Driver(arguments::DriverCommand::Inspect { dialect, file }) => {
            return driver::inspect(dialect, &file, &mut output);
        }
        Command::Driver(arguments::DriverCommand::Discover { timeout }) => {
            return sticks::discover(&timeout, &mut output).await;
        }
        Command::Discover { timeout } => return discover::hubs(&timeout, &mut output).await,
        Command::Automation(arguments::AutomationCommand::Check(arguments)) => {
            return check::check(&arguments, &common, environment, &mut output).await;
        }
        Command::Automation(arguments::AutomationCommand::Replay(arguments)) if !arguments.recorded => {
            return replay::replay(&arguments, &mut output);
        }
        Command::Login { user } => return login::login(user, &common, environment, output).await,
        Command::Logout => return login::logout(environment, &mut output).await,
        Command::Run(_) => return Err(Failure::Usage("`hearth run` is not a command of the client".to_owned())),
        _ => {}
    }
    let client = Client::new(&common, environment)?;
    let mut terminal = Terminal::new(client, output, common.yes);
    match arguments.command {
        Command::Status => status::show(&mut terminal).await,
        Command::Device(command) => device::execute(command, &mut terminal).await,
        Command::Area(command) => area::execute(command, &mut terminal).await,
        Command::Automation(command) => automation::execute(command, &mut terminal).await,
        Command::Why { device, attribute, at, endpoint } => {
            why::why(&device, attribute.as_deref(), endpoint.as_deref(), at.as_deref(), &mut terminal).await
        }
        Command::WhyNot { automation, at } => why::why_not(&automation, at.as_deref(), &mut terminal).await,
        Command::Scene(command) => scene::execute(command, &mut terminal).await,
        Command::Home { command } => home::execute(command, &mut terminal).await,
        Command::Energy(arguments) => energy::show(arguments, &mut terminal).await,
        Command::Notifications { command: Some(command), .. } => notifications::mark_one(command, &mut terminal).await,
        Command::Notifications { all, read, command: None } => {
            notifications::execute(all, read.as_deref(), &mut terminal).await
        }
        Command::Message(command) => message::execute(command, &mut terminal).await,
        Command::People(command) => people::execute(command, &mut terminal).await,
        Command::Events { follow, lines, devices } => events::show(follow, lines, &devices, &mut terminal).await,
        Command::Driver(command) => driver::execute(command, &mut terminal).await,
        Command::Pair(arguments) => pair::pair(arguments, &mut terminal).await,
        Command::Can(arguments) => permission::can(&arguments, &mut terminal).await,
        Command::Permission(command) => permission::execute(command, &mut terminal).await,
        Command::Approval(command) => permission::approval(command, &mut terminal).await,
        Command::User(command) => user::execute(command, &mut terminal).await,
        Command::Session(command) => session::execute(command, &mut terminal).await,
        Command::Token(command) => token::execute(command, &mut terminal).await,
        Command::Audit { lines, verify } => audit::execute(lines, verify, &mut terminal).await,
        Command::Run(_)
        | Command::CheckConfig { .. }
        | Command::Discover { .. }
        | Command::Login { .. }
        | Command::Logout
        | Command::Completions { .. }
        | Command::Man { .. } => Ok(()),
    }
}

/// What a command works with.
pub(crate) struct Terminal<'a> {
    pub(crate) client: Client,
    pub(crate) output: Output<'a>,
    /// Ask nothing.
    pub(crate) yes: bool,
    /// Where answers come from: one reader, or a line that it has read ahead would be lost.
    input: BufReader<Stdin>,
}

impl<'a> Terminal<'a> {
    fn new(client: Client, output: Output<'a>, yes: bool) -> Self {
        Self { client, output, yes, input: BufReader::new(tokio::io::stdin()) }
    }
}

impl Terminal<'_> {
    /// How the home's clocks show times, for people; programs get UTC.
    pub(crate) async fn home_time(&self) -> HomeTime {
        if self.output.is_json() { HomeTime::default() } else { HomeTime::of(&self.client).await }
    }

    /// What people call things; programs get ids.
    pub(crate) async fn names(&self) -> Names {
        if self.output.is_json() { Names::default() } else { Names::of(&self.client).await }
    }

    /// Asks for a yes before something that cannot be undone. Programs say `--yes`.
    pub(crate) async fn confirm(&mut self, question: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !self.is_somebody_there() {
            return Err(Failure::Usage(format!("{question} Say --yes to do it without being asked.")));
        }
        match self.ask(&format!("{question} [y/N]")).await?.trim() {
            "y" | "Y" | "yes" => Ok(()),
            _ => Err(Failure::Failed("nothing was done".to_owned())),
        }
    }

    /// Whether there is a person who can answer.
    pub(crate) fn is_somebody_there(&self) -> bool {
        std::io::stdin().is_terminal()
    }

    /// Says something to the person, beside the output.
    pub(crate) async fn say(&mut self, text: &str) -> Result<(), Failure> {
        let mut error = tokio::io::stderr();
        error.write_all(format!("{text}\n").as_bytes()).await?;
        Ok(error.flush().await?)
    }

    /// Asks for a line.
    pub(crate) async fn ask(&mut self, question: &str) -> Result<String, Failure> {
        let mut error = tokio::io::stderr();
        error.write_all(format!("{question} ").as_bytes()).await?;
        error.flush().await?;
        self.line().await
    }

    /// Reads a line that nobody has to be asked for.
    pub(crate) async fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        let mut input = (&mut self.input).take(LINE_LIMIT);
        if input.read_line(&mut line).await? == 0 {
            return Err(Failure::Failed("there was no answer".to_owned()));
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}
