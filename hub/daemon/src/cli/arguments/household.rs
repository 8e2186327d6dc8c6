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
