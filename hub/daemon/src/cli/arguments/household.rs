//! The home itself, its people, how devices come into it, and who may talk to it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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

/// `hearth driver`
#[derive(Debug, Subcommand)]
pub enum DriverCommand {
    /// List drivers and how they are
    List,
    /// Show what Hearth would make of saved device definitions, without a hub: one JSON line for each
    Inspect {
        /// What the file comes from
        dialect: Dialect,
        /// JSON lines of objects with a `definition`, or a saved bridge/devices array; .gz too
        file: PathBuf,
    },
}

/// What `hearth driver inspect` understands.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Dialect {
    /// Zigbee2MQTT
    Zigbee2mqtt,
}

/// `hearth pair`
#[derive(Debug, Args)]
pub struct PairArguments {
    /// The driver; may be left out where there is only one
    pub driver: Option<String>,
    /// Let devices leave instead
    #[arg(long, conflicts_with = "replace")]
    pub exclude: bool,
    /// The dead device that the new one takes the place of
    #[arg(long, value_name = "DEVICE")]
    pub replace: Option<String>,
    /// Join through this device only
    #[arg(long, value_name = "DEVICE")]
    pub via: Option<String>,
    /// The install code or the text of the QR code
    #[arg(long)]
    pub code: Option<String>,
    /// For how long
    #[arg(long, default_value = "120s", value_name = "TIME")]
    pub time: String,
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
