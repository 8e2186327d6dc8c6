//! The home itself, its people, and who may talk to it.

use clap::{Args, Subcommand};

/// `hearth home`
#[derive(Debug, Subcommand)]
pub enum HomeCommand {
    /// Change settings
    #[command(after_help = "Example: hearth home set mode=night time_zone=Europe/Berlin location=52.52,13.40")]
    Set {
        /// What to set: name, mode, modes (a,b,c), time_zone, location (north,east), units, currency, energy_price (for a
        /// kWh), energy_rates (22:00-06:00@0.21,sat+sun 06:00-22:00@0.25), energy_meters (names or ids of devices)
        #[arg(required = true, value_name = "SETTING=VALUE")]
        settings: Vec<String>,
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
