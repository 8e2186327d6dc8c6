//! Who may do what.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `hearth can`
#[derive(Debug, Clone, Args)]
pub struct CanArguments {
    /// The user name or id of an account
    pub user: String,
    /// see, control or configure
    pub action: String,
    /// The name or id of the device; with --part a part of the hub, e.g. rules
    pub device: String,
    /// The attribute [default: any]
    pub attribute: Option<String>,
    /// The value [default: any]
    pub value: Option<String>,
    /// When: 20:30 (today), 2026-11-21T21:00 by the home's clocks, or 2026-11-21T20:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Ask about a part of the hub in place of a device
    #[arg(long)]
    pub part: bool,
}

/// `hearth permission`
#[derive(Debug, Subcommand)]
pub enum PermissionCommand {
    /// List what is allowed, and what each role comes with in a line
    List {
        /// Each rule of what the roles come with, instead
        #[arg(long)]
        ready_made: bool,
    },
    /// Allow something: as the options say, or as a file does
    Add {
        /// The file: a permission, or a list of them, as JSON; names will do where the API wants ids
        file: Option<PathBuf>,
        /// Its name in answers («allowed by …») [default: the hub makes one]
        #[arg(long, conflicts_with = "file")]
        id: Option<String>,
        /// What it says
        #[command(flatten)]
        fields: PermissionFields,
    },
    /// Change a permission; what is not said stays
    Change {
        /// Its id
        id: String,
        /// A file with what it is to be instead, as JSON
        file: Option<PathBuf>,
        /// What it says from now on
        #[command(flatten)]
        fields: PermissionFields,
    },
    /// Take a permission back
    Remove {
        /// Its id
        id: String,
    },
    /// Say whether what children, guests or installers come with is in force
    ReadyMade {
        /// child, guest, installer, or somebody's name
        who: String,
        /// on or off
        #[arg(value_parser = ["on", "off"])]
        in_force: String,
    },
}

/// What a permission says, in parts. What is a list is said by saying the option
/// several times, words also by commas; "" takes it out.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub struct PermissionFields {
    /// For whom: owner, adult, child, guest or installer, or somebody's name
    #[arg(long, value_name = "ROLE|NAME")]
    pub who: Option<String>,
    /// What they may: see, control, configure
    #[arg(long, value_delimiter = ',', value_parser = ["see", "control", "configure"])]
    pub allow: Vec<String>,
    /// Only in these rooms, by name or id; "" = in all
    #[arg(long = "area", value_name = "ROOM")]
    pub areas: Vec<String>,
    /// Only these devices, by name or id; "" = all
    #[arg(long = "device", value_name = "DEVICE")]
    pub devices: Vec<String>,
    /// Only devices of these types, e.g. light; "" = of all
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub types: Vec<String>,
    /// Only these attributes, e.g. on; "" = all
    #[arg(long = "attribute", value_name = "ATTRIBUTE", value_delimiter = ',')]
    pub capabilities: Vec<String>,
    /// Only these parts of the hub, e.g. rules; "" = none
    #[arg(long = "part", value_name = "PART", value_delimiter = ',')]
    pub parts: Vec<String>,
    /// Only at these times of the day, e.g. 07:00-20:30; "" = at any time
    #[arg(long, value_name = "FROM-TO")]
    pub between: Option<String>,
    /// Only on these days: mon, tue, wed, thu, fri, sat, sun; "" = every day
    #[arg(long = "day", value_name = "DAY", value_delimiter = ',')]
    pub weekdays: Vec<String>,
    /// Only within these limits, e.g. heating_setpoint=18..22, or ..22; "heating_setpoint=" takes them out
    #[arg(long = "limit", value_name = "ATTRIBUTE=LEAST..MOST")]
    pub limits: Vec<String>,
    /// Only while one of these is at home: roles or names; "" = always
    #[arg(long = "while-home", value_name = "ROLE|NAME")]
    pub only_while_home: Vec<String>,
    /// Only for so many minutes a day; 0 = without end
    #[arg(long, value_name = "MINUTES")]
    pub daily: Option<u32>,
    /// Only when an adult allows it each time
    #[arg(long, value_name = "true|false")]
    pub approval: Option<bool>,
    /// Only with the person's PIN
    #[arg(long, value_name = "true|false")]
    pub pin: Option<bool>,
    /// Until when: 7d from now, 12h, 2w, or a time; "" = for good
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Why it is there; "" = nothing
    #[arg(long)]
    pub note: Option<String>,
}

/// `hearth approval`
#[derive(Debug, Subcommand)]
pub enum ApprovalCommand {
    /// Ask the adults of the home to allow something that you may not do by yourself
    Ask {
        /// The name or id of the device
        device: String,
        /// What you want to set, e.g. on=true
        #[arg(value_name = "ATTRIBUTE=VALUE")]
        set: String,
        /// The endpoint, by number or label [default: the main one]
        #[arg(long)]
        endpoint: Option<String>,
    },
    /// List what was asked of adults
    List,
    /// Answer what was asked
    Answer {
        /// Its number
        id: String,
        /// once, hour or no
        answer: ApprovalAnswer,
    },
    /// Take back what was allowed; who asked is told
    Revoke {
        /// Its number
        id: String,
    },
}

/// What an adult says.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ApprovalAnswer {
    /// It may be done once, within ten minutes
    Once,
    /// It may be done for an hour
    Hour,
    /// It may not be done
    No,
}
