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
    /// When, e.g. 2026-11-21T21:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Ask about a part of the hub in place of a device
    #[arg(long)]
    pub part: bool,
}

/// `hearth permission`
#[derive(Debug, Subcommand)]
pub enum PermissionCommand {
    /// List what is allowed beside what each role comes with
    List {
        /// What each role comes with, instead
        #[arg(long)]
        ready_made: bool,
    },
    /// Allow something: a permission, or a list of them, as JSON
    Add {
        /// The file
        file: PathBuf,
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

/// `hearth approval`
#[derive(Debug, Subcommand)]
pub enum ApprovalCommand {
    /// List what was asked of adults
    List,
    /// Answer what was asked
    Answer {
        /// Its number
        id: String,
        /// once, hour or no
        answer: ApprovalAnswer,
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
