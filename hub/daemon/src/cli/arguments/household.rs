//! The home itself, its people, and who may talk to it.

use clap::Subcommand;

/// `hearth home`
#[derive(Debug, Subcommand)]
pub enum HomeCommand {
    /// Change settings
    #[command(after_help = "Example: hearth home set mode=night time_zone=Europe/Berlin location=52.52,13.40")]
    Set {
        /// What to set: name, mode, modes (a,b,c), time_zone, location (north,east), units, currency
        #[arg(required = true, value_name = "SETTING=VALUE")]
        settings: Vec<String>,
    },
    /// Say what time it is, where no time server does
    Clock {
        /// The time: 2026-11-21T18:00 as the home's clocks are to show it, or 2026-11-21T17:00:00Z
        time: String,
    },
}

/// `hearth people`
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// List people and where they are
    List,
    /// Say where somebody is
    Set {
        /// Their name or id
        person: String,
        /// home, away or a zone
        presence: String,
    },
}

/// `hearth user`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// List accounts
    List,
    /// Add an account, and print a code with which its person sets a password
    #[command(after_help = "Example: hearth user add ben --role guest --expires 3d")]
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
    /// Remove an account and log it out everywhere; the rules that its person wrote stay
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
}

/// `hearth token`
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it: it is shown only once
    Create {
        /// What it is for
        name: String,
        /// What it may do
        #[arg(long)]
        scope: Option<String>,
        /// Until when, e.g. 2027-01-01T00:00:00Z
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
    /// List tokens
    List,
    /// Make a token useless
    Revoke {
        /// Its id
        id: String,
    },
}
