//! The home itself, its people, and who may talk to it.

use clap::{Args, Subcommand};

/// `hearth home`
#[derive(Debug, Subcommand)]
pub enum HomeCommand {
    /// Change settings
    Set {
        /// What to set: name, mode, modes (a,b,c), time_zone, location (north,east), radius_m (how far the home reaches
        /// around its location, in metres), units, currency, energy_price (for a
        /// kWh), energy_rates (22:00-06:00@0.21,sat+sun 06:00-22:00@0.25), energy_meters (names or ids of devices)
        #[arg(required = true, value_name = "SETTING=VALUE")]
        settings: Vec<String>,
    },
    /// Name a round place beside the home, or move it: where phones report from there, their people are at it
    Zone {
        /// What to call it
        name: String,
        /// The middle, in degrees north and east
        #[arg(value_name = "NORTH,EAST", required_unless_present = "remove", allow_hyphen_values = true)]
        place: Option<String>,
        /// From the middle to the edge, in metres
        #[arg(long, default_value_t = 100.0)]
        radius: f64,
        /// Forget the zone
        #[arg(long, conflicts_with = "place")]
        remove: bool,
    },
    /// Say what time it is, where no time server does
    Clock {
        /// The time: 2026-11-21T18:00 as the home's clocks are to show it, or 2026-11-21T17:00:00Z
        time: String,
    },
}

/// `hearth energy`
#[derive(Debug, Args)]
pub struct EnergyArguments {
    /// How fine: by the home's clocks
    #[arg(long, default_value = "day", value_parser = ["hour", "day", "month"])]
    pub by: String,
    /// Only this device, by its name or id
    #[arg(long)]
    pub device: Option<String>,
    /// What each room took, in place of each device
    #[arg(long, conflicts_with = "device")]
    pub rooms: bool,
    /// From when: 24h for a day ago, 2026-11-21, 2026-11-21T18:00 by the home's clocks, or 2026-11-21T17:00:00Z
    /// [default: a day ago for hours, 30 days for days, a year for months]
    #[arg(long)]
    pub from: Option<String>,
    /// Until when, in the same way [default: now]
    #[arg(long)]
    pub to: Option<String>,
}

/// `hearth people`
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// List people and where they are
    List,
    /// Show where somebody is, and by which signs
    Show {
        /// Their name or id
        person: String,
    },
    /// Change for whom `everyone` waits, and which devices stand for somebody
    Change {
        /// Their name or id
        person: String,
        /// Whether `everyone` of a rule waits for them
        #[arg(long, value_name = "true|false")]
        counts: Option<bool>,
        /// A device that is true while they are at home, in place of those that there are; may be said several times
        #[arg(long = "device", value_name = "DEVICE")]
        devices: Vec<String>,
        /// Its attribute [default: presence]
        #[arg(long, requires = "devices")]
        attribute: Option<String>,
        /// After so many minutes of false they are away; without it false says nothing
        #[arg(long, value_name = "MINUTES", requires = "devices")]
        away_after: Option<u32>,
    },
    /// Say where somebody is
    Set {
        /// Their name or id
        person: String,
        /// home, away or a zone; unknown takes back what was said
        presence: String,
    },
}

/// `hearth user`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// List accounts
    List,
    /// Add an account, and print a code with which its person sets a password
    Add {
        /// The name to log in with
        name: String,
        /// What the person may be
        #[arg(long, default_value = "adult", value_parser = ["owner", "adult", "child", "guest", "installer"])]
        role: String,
        /// What to call the person elsewhere
        #[arg(long, value_name = "NAME")]
        display_name: Option<String>,
        /// Until when: 7d from now, 12h, 2w, or a time [default: 7d for guests and installers, else for good]
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        /// Set a password now in place of giving a code: it is asked for, or read as a line
        #[arg(long)]
        password: bool,
    },
    /// Show an account
    Show {
        /// The user name or id
        user: String,
    },
    /// Make somebody something else
    Role {
        /// The user name or id
        user: String,
        /// What the person may be
        #[arg(value_parser = ["owner", "adult", "child", "guest", "installer"])]
        role: String,
        /// Until when: 7d from now, 12h, 2w, or a time
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
    /// Remove an account and log it out everywhere. The rules that its person wrote stay and do nothing any more; they are
    /// named
    Remove {
        /// The user name or id
        user: String,
    },
    /// Set a new password for somebody: it is asked for, or read as a line. On the hub itself this always works, and
    /// switches the second factor off
    Password {
        /// The user name or id
        user: String,
    },
    /// Print a code with which somebody sets a password, the first or another
    Invite {
        /// The user name or id
        user: String,
    },
    /// Set your own PIN, for locks and the like: password and PIN are asked for, or read as a line each. On the hub itself
    /// it is that of the first owner, and no password is asked for
    Pin {
        /// Have none any more
        #[arg(long)]
        remove: bool,
    },
    /// Print new recovery codes for your own second factor; the old ones are void. Your password and a code of your app
    /// are asked for, or read as a line each
    RecoveryCodes,
}

/// `hearth token`
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it: it is shown only once
    Create {
        /// What it is for
        name: String,
        /// What it may do: read (only look) or presence (only say where you are) [default: all that you may]
        #[arg(long)]
        scope: Option<String>,
        /// Until when: 7d from now, 12h, 2w, or a time [default: until it is revoked]
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
    /// List tokens
    List {
        /// Whose
        #[command(flatten)]
        whose: WhoseArguments,
    },
    /// Make a token useless
    Revoke {
        /// Its id; that of somebody else's token, for owners
        id: String,
        /// Whose it is, by user name or id
        #[arg(long)]
        user: Option<String>,
    },
}

/// `hearth session`
#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// List where you are logged in: since when, last used, from where and by what
    List {
        /// Whose
        #[command(flatten)]
        whose: WhoseArguments,
    },
    /// Log out in one place, or everywhere
    End {
        /// The id of the session; that of somebody else's, for owners
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// Everywhere, here too
        #[arg(long, conflicts_with = "id")]
        all: bool,
        /// Whose it is, by user name or id
        #[arg(long)]
        user: Option<String>,
    },
}

/// Whose things: one's own, if nobody says.
#[derive(Debug, Args)]
pub struct WhoseArguments {
    /// Those of somebody else, by user name or id; for owners
    #[arg(long)]
    pub user: Option<String>,
    /// Those of everybody; for owners
    #[arg(long, conflicts_with = "user")]
    pub everybody: bool,
}

/// `hearth notifications …`
#[derive(Debug, Subcommand)]
pub enum NotificationCommand {
    /// Say that you see to it: nobody else is told of it any more
    Acknowledge {
        /// The id; `hearth notifications` lists them
        id: String,
    },
}

/// `hearth message …`
#[derive(Debug, Subcommand)]
pub enum MessageCommand {
    /// Send a test message through every channel of a person
    Test {
        /// The name or id of the person
        person: String,
    },
    /// Show the ways to you
    Channels,
}
