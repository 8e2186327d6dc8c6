//! What people can type.

mod examples;
mod household;
mod network;
mod permission;
mod scene;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, FromArgMatches, Parser, Subcommand};

pub use examples::{EXAMPLES, command};
pub use household::{
    EnergyArguments, HomeCommand, MessageCommand, NotificationCommand, PeopleCommand, SessionCommand, TokenCommand,
    UserCommand, WhoseArguments,
};
pub use network::{Dialect, DriverCommand, GroupCommand, PairArguments, ProvisioningCommand};
pub use permission::{ApprovalAnswer, ApprovalCommand, CanArguments, PermissionCommand, PermissionFields};
pub use scene::SceneCommand;

/// A home automation hub: the daemon, and the command line that talks to it.
#[derive(Debug, Parser)]
#[command(name = "hearth", version, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Where and how.
    #[command(flatten)]
    pub common: Common,
}

impl Arguments {
    /// Reads what was typed. What makes no sense, and what asks for help, ends the program here.
    pub fn typed() -> Self {
        Self::from_arg_matches(&command().get_matches()).unwrap_or_else(|error| error.exit())
    }
}

/// What every command knows.
#[derive(Debug, Clone, Default, Args)]
pub struct Common {
    /// Talk to the hub at this address instead of the local socket or the one of `hearth login`, e.g.
    /// https://192.168.1.5:8443
    #[arg(long, global = true, env = "HEARTH_HOST", value_name = "URL", help_heading = "Connection")]
    pub host: Option<String>,
    /// The token to show there (see `hearth token create`) in place of your login
    #[arg(long, global = true, env = "HEARTH_TOKEN", hide_env_values = true, help_heading = "Connection")]
    pub token: Option<String>,
    /// Over https, take who has this key for the hub (`hearth status` on its machine shows it)
    #[arg(long, global = true, env = "HEARTH_FINGERPRINT", value_name = "SHA-256", help_heading = "Connection")]
    pub fingerprint: Option<String>,
    /// Over https, take who is vouched for by this certificate (PEM) for the hub
    #[arg(long, global = true, env = "HEARTH_CA", value_name = "FILE", help_heading = "Connection")]
    pub ca: Option<PathBuf>,
    /// The local socket, where it is not in its usual place
    #[arg(long, global = true, env = "HEARTH_SOCKET", value_name = "PATH", help_heading = "Connection")]
    pub socket: Option<PathBuf>,
    /// Print JSON for programs. Findings of a check and lines of a replay are JSON in a pipe, too
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// Ask nothing
    #[arg(long, global = true, help_heading = "Output")]
    pub yes: bool,
}

/// The first word.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the hub
    Run(RunArguments),
    /// Show how the hub is, and its set-up code while nobody has claimed it
    Status,
    /// Find hubs on the local network
    Discover {
        /// How long to listen
        #[arg(long, default_value = "1500ms", value_name = "TIME")]
        timeout: String,
    },
    /// Check a configuration file
    CheckConfig {
        /// The file; without it, the one that `hearth run` would read
        file: Option<PathBuf>,
        /// Print a commented file with every key instead
        #[arg(long)]
        example: bool,
    },
    /// Devices
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Rooms
    #[command(subcommand)]
    Area(AreaCommand),
    /// Rules
    #[command(subcommand)]
    Automation(AutomationCommand),
    /// Tell why something is as it is: what set it, what set that off, and who or what began it
    Why {
        /// The name or id of the device
        device: String,
        /// The attribute [default: what people look at first, e.g. on]
        attribute: Option<String>,
        /// When: 18:05 (the last time clocks showed that), 2h for two hours ago, 2026-11-21T18:00 by the home's clocks, or
        /// 2026-11-21T17:00:00Z [default: now]
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// The endpoint, where the attribute is on several
        #[arg(long)]
        endpoint: Option<String>,
    },
    /// Tell why a rule did not act
    WhyNot {
        /// The name or id of the rule
        automation: String,
        /// When it should have: 18:05 (the last time clocks showed that), 2h for two hours ago, 2026-11-21T18:00 by the
        /// home's clocks, or 2026-11-21T17:00:00Z [default: now]
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Scenes: states of many devices under one name
    #[command(subcommand)]
    Scene(SceneCommand),
    /// The home: its name, mode, place and time
    Home {
        /// What to do with it; without it, the settings are shown
        #[command(subcommand)]
        command: Option<HomeCommand>,
    },
    /// People and where they are
    #[command(subcommand)]
    People(PeopleCommand),
    /// Show how much energy was taken, when and by what
    Energy(EnergyArguments),
    /// Show what you were told and have not read yet
    #[command(args_conflicts_with_subcommands = true)]
    Notifications {
        /// What to do with one; without it, they are listed
        #[command(subcommand)]
        command: Option<NotificationCommand>,
        /// Those that you have read, too
        #[arg(long)]
        all: bool,
        /// Mark one as read, by its id, or all
        #[arg(long, value_name = "ID|all", conflicts_with = "all")]
        read: Option<String>,
    },
    /// Messages to the phones, mail and programs of people
    #[command(subcommand)]
    Message(MessageCommand),
    /// Show what happens
    Events {
        /// Go on until interrupted
        #[arg(short, long)]
        follow: bool,
        /// How many of the latest events to show first
        #[arg(short = 'n', long, default_value_t = 20)]
        lines: u64,
        /// Only those of these devices (names or ids)
        #[arg(long = "device", value_name = "DEVICE")]
        devices: Vec<String>,
    },
    /// Drivers
    #[command(subcommand)]
    Driver(DriverCommand),
    /// Take new devices in, step by step
    Pair(PairArguments),
    /// Tell whether somebody may do something, and why not: exit code 0 for yes, 5 for no
    Can(CanArguments),
    /// Who may do what
    #[command(subcommand)]
    Permission(PermissionCommand),
    /// What was asked of adults
    #[command(subcommand)]
    Approval(ApprovalCommand),
    /// Accounts: who may log in
    #[command(subcommand)]
    User(UserCommand),
    /// Log in at a hub: commands that name no hub go there as you
    ///
    /// Name, password and second factor are asked for, or read as a line each. What is kept of it is for your eyes alone
    /// (~/.config/hearth/login.json); `hearth logout` ends it.
    Login {
        /// Your user name
        user: Option<String>,
    },
    /// Log out again
    Logout,
    /// Where you are logged in
    #[command(subcommand)]
    Session(SessionCommand),
    /// Tokens for programs
    #[command(subcommand)]
    Token(TokenCommand),
    /// Show who did what, newest first
    Audit {
        /// How many of the latest entries
        #[arg(short = 'n', long, default_value_t = 20, conflicts_with = "verify")]
        lines: u32,
        /// Check that nobody changed the log
        #[arg(long)]
        verify: bool,
    },
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual (read it with `hearth man | man -l -`), or write a page for each command
    Man {
        /// The folder
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
}

/// `hearth run`
#[derive(Debug, Clone, Default, Args)]
pub struct RunArguments {
    /// The configuration file [default: /etc/hearth/hearth.toml or ~/.config/hearth/hearth.toml]
    #[arg(long, value_name = "FILE", env = "HEARTH_CONFIG")]
    pub config: Option<PathBuf>,
    /// The data folder [default: /var/lib/hearth or ~/.local/share/hearth]
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Address and port of the web server, plain HTTP [default: [::]:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// A simulated home: no radio, no broker. Without --data everything is forgotten at the end
    #[arg(long)]
    pub demo: bool,
}

/// `hearth device`
#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// List devices
    List {
        /// Only those of this room
        #[arg(long)]
        area: Option<String>,
    },
    /// Show all about a device
    Show {
        /// Its name or id
        device: String,
        /// Show its last commands instead: what is under way, what became of the others, and who wanted them
        #[arg(long)]
        commands: bool,
    },
    /// Set attributes and wait until the device has confirmed them
    Set {
        /// Its name or id
        device: String,
        /// What to set, e.g. on=true brightness=40 color='{"hue":30,"saturation":80}'
        #[arg(required = true, value_name = "ATTRIBUTE=VALUE")]
        set: Vec<String>,
        /// The endpoint, by number or label, where an attribute is on several
        #[arg(long)]
        endpoint: Option<String>,
        /// How long the change should take, e.g. 500ms, 2s
        #[arg(long, value_name = "TIME")]
        transition: Option<String>,
        /// How long to wait for the outcome
        #[arg(long, value_name = "TIME", default_value = "15s")]
        wait: String,
        /// Give your PIN with it: it is asked for, or read as a line of the standard input
        #[arg(long)]
        pin: bool,
    },
    /// Give a device another name, or another room
    Rename {
        /// Its name or id
        device: String,
        /// The new name
        name: Option<String>,
        /// The room to put it in; "" takes it out of its room
        #[arg(long)]
        area: Option<String>,
    },
    /// Take a device out of its network and forget it
    Remove {
        /// Its name or id
        device: String,
        /// Forget it even if it does not answer
        #[arg(long)]
        force: bool,
    },
    /// Put a new device in the place of a dead one: it takes over name, room, history and rules
    Replace {
        /// The dead one
        old: String,
        /// The new one
        new: String,
    },
    /// Find out anew what a device is; keep it awake and close
    Interview {
        /// Its name or id
        device: String,
    },
    /// Have a device find its neighbours and its ways to the stick anew; this takes a minute or two
    RepairRoutes {
        /// Its name or id
        device: String,
    },
    /// Set options that the bridge keeps for a device, in the bridge's own words
    Options {
        /// Its name or id
        device: String,
        /// What to set, e.g. retain=true
        #[arg(required = true, value_name = "OPTION=VALUE")]
        options: Vec<String>,
    },
    /// Look for newer firmware, or install it
    Firmware {
        /// Its name or id
        device: String,
        /// Install the newest; this takes minutes to hours
        #[arg(long, conflicts_with = "file")]
        update: bool,
        /// Install this file of the maker
        #[arg(long)]
        file: Option<PathBuf>,
        /// Which of the device's chips the file is for; 0 is the one that is on the air
        #[arg(long, default_value_t = 0, value_name = "NUMBER", requires = "file")]
        target: u8,
    },
    /// Try how well a device is reached: lost frames, times, signal, and what to do about them
    Health {
        /// Its name or id
        device: String,
    },
    /// Show the history of an attribute
    History {
        /// Its name or id
        device: String,
        /// The attribute, e.g. temperature
        attribute: String,
        /// From when: 18:05, 2h for two hours ago, 2026-11-21T18:00 by the home's clocks, or 2026-11-21T17:00:00Z
        /// [default: a day ago]
        #[arg(long)]
        from: Option<String>,
        /// Until when, in the same way [default: now]
        #[arg(long)]
        to: Option<String>,
        /// How fine
        #[arg(long, default_value = "raw", value_parser = ["raw", "5m", "1h", "1d"])]
        resolution: String,
        /// The endpoint, where the attribute is on several
        #[arg(long)]
        endpoint: Option<String>,
    },
}

/// `hearth area`
#[derive(Debug, Subcommand)]
pub enum AreaCommand {
    /// List rooms
    List,
    /// Add a room
    Add {
        /// What people call it
        name: String,
        /// Its floor
        #[arg(long)]
        floor: Option<String>,
        /// Where it comes in the list, the smallest first
        #[arg(long, allow_negative_numbers = true)]
        position: Option<i32>,
    },
    /// Change a room
    Change {
        /// Its name or id
        area: String,
        /// Another name
        #[arg(long)]
        name: Option<String>,
        /// Another floor; "" = none
        #[arg(long)]
        floor: Option<String>,
        /// Where it comes in the list, the smallest first
        #[arg(long, allow_negative_numbers = true)]
        position: Option<i32>,
    },
    /// Remove a room; its devices stay
    Remove {
        /// Its name or id
        area: String,
    },
}

/// `hearth automation`
#[derive(Debug, Subcommand)]
pub enum AutomationCommand {
    /// List rules
    List,
    /// Show a rule
    Show {
        /// Its name or id
        automation: String,
    },
    /// Add the rules of a file, YAML or JSON: one rule or a list. All are checked before any is saved, and none may have
    /// the name or id of one that is there
    Add {
        /// The file; - is the standard input
        file: PathBuf,
    },
    /// Put the rule of a file in the place of one
    Replace {
        /// Its name or id
        automation: String,
        /// The file; - is the standard input
        file: PathBuf,
    },
    /// List what a rule did, run by run, newest first
    Runs {
        /// Its name or id
        automation: String,
        /// How many
        #[arg(short = 'n', long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
        lines: u16,
    },
    /// Switch a rule on
    Enable {
        /// Its name or id
        automation: String,
    },
    /// Switch a rule off
    Disable {
        /// Its name or id
        automation: String,
    },
    /// Let a rule decide without doing anything; its runs say what it would have done
    Shadow {
        /// Its name or id
        automation: String,
    },
    /// Remove a rule
    Remove {
        /// Its name or id
        automation: String,
    },
    /// Edit a rule in $VISUAL or $EDITOR: it is checked, and saved if nobody else has changed it meanwhile
    Edit {
        /// Its name or id
        automation: String,
    },
    /// List the changes of a rule, also of one that was removed; without a rule, the latest of all
    History {
        /// Its name or id
        automation: Option<String>,
    },
    /// Show what a change of a rule changed, or what differs between two revisions
    Diff {
        /// Its name or id
        automation: String,
        /// The number of a revision: what it changed [default: the newest]
        #[arg(value_name = "REVISION")]
        first: Option<u64>,
        /// The number of another: what differs from the first to this one
        #[arg(value_name = "TO")]
        second: Option<u64>,
    },
    /// Make a rule again what it was, also one that was removed
    Revert {
        /// Its name or id
        automation: String,
        /// The number of the revision (see `hearth automation history`)
        revision: u64,
    },
    /// Write each rule to a file of its own, ID.yaml, in a folder; nothing is removed there
    Export {
        /// The folder; it is made if it is missing
        folder: PathBuf,
    },
    /// Take the rules of a folder over: new ones are added, changed ones replaced, equal ones left alone
    Import {
        /// The folder
        folder: PathBuf,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
        /// Remove the hub's rules that are not in the folder
        #[arg(long)]
        delete: bool,
    },
    /// Check the rules of files and run their tests: a line for each finding, exit code 1 if one is an error. The hub is
    /// asked if there is one and nothing else is said; --home, --tz, --location and --offline ask none
    Check(CheckArguments),
    /// Run the rules of files against events in virtual time without a hub, or one rule against what the hub has
    /// recorded
    Replay(ReplayArguments),
}

/// `hearth automation check`
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Files with a rule or a list of them, YAML or JSON, or folders of such
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Check against these devices in place of a hub's home, as `hearth device list --json` prints them
    #[arg(long, value_name = "DEVICES.json")]
    pub home: Option<PathBuf>,
    /// Ask no hub: any name of a device, area, rule, scene, person or mode will do
    #[arg(long)]
    pub offline: bool,
    /// The home's time zone for the tests of rules, e.g. Europe/Berlin [default: UTC]
    #[arg(long, value_name = "ZONE")]
    pub tz: Option<String>,
    /// Where the sun rises for the tests of rules: degrees north and east, e.g. 52.52,13.40
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub location: Option<String>,
}

/// `hearth automation replay`
#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// Files with a rule or a list of them, YAML or JSON, or folders of such; with --recorded one file, or the name or id
    /// of a rule of the hub
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What happened: a JSON object a line, in the order of `at`
    #[arg(long, value_name = "FILE", required_unless_present = "recorded")]
    pub events: Option<PathBuf>,
    /// The home's devices, as `hearth device list --json` prints them; without it, any name will do
    #[arg(long, value_name = "DEVICES.json")]
    pub home: Option<PathBuf>,
    /// The home's time zone, e.g. Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub tz: String,
    /// Where the sun rises: degrees north and east, e.g. 52.52,13.40
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub location: Option<String>,
    /// Go on until then, e.g. 2026-11-21T00:00:00Z [default: the last event]
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Take what the hub has recorded: what would the rule have done, and what differs from its current version?
    #[arg(long, conflicts_with_all = ["events", "home", "tz", "location", "until"])]
    pub recorded: bool,
    /// Since when: how long ago, like 7d or 12h, or a time like 2026-11-20T18:00:00Z
    #[arg(long, value_name = "TIME", requires = "recorded", default_value = "7d")]
    pub from: String,
    /// Until when, in the same way [default: now]
    #[arg(long, value_name = "TIME", requires = "recorded")]
    pub to: Option<String>,
    /// How many lines of each kind to show at most
    #[arg(long, value_name = "LINES", requires = "recorded", default_value_t = 100)]
    pub limit: u32,
}
