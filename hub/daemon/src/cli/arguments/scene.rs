//! What people can type about scenes.

use std::path::PathBuf;

use clap::Subcommand;

/// `hearth scene`
#[derive(Debug, Subcommand)]
pub enum SceneCommand {
    /// List scenes
    List,
    /// Show what a scene sets
    Show {
        /// Its name or id
        scene: String,
    },
    /// Activate a scene and say what became of each device
    Activate {
        /// Its name or id
        scene: String,
        /// How long the change should take, e.g. 500ms, 2s [default: as the scene says]
        #[arg(long, value_name = "TIME")]
        transition: Option<String>,
        /// How long to wait for the outcome
        #[arg(long, value_name = "TIME", default_value = "15s")]
        wait: String,
        /// Give your PIN with it: it is asked for, or read as a line of the standard input
        #[arg(long)]
        pin: bool,
    },
    /// Bring back what the last activation changed, within an hour
    Undo {
        /// Its name or id
        scene: String,
        /// How long to wait for the outcome
        #[arg(long, value_name = "TIME", default_value = "15s")]
        wait: String,
    },
    /// Add the scenes of a file, YAML or JSON: one scene or a list
    Add {
        /// The file; - is the standard input
        file: PathBuf,
    },
    /// Make a scene of what devices are now
    Capture {
        /// What to call it
        name: String,
        /// Their names or ids
        #[arg(required = true, value_name = "DEVICE")]
        devices: Vec<String>,
        /// Only this attribute; may be given several times [default: what is usually set]
        #[arg(long = "attribute", value_name = "ATTRIBUTE")]
        attributes: Vec<String>,
    },
    /// Remove a scene
    Remove {
        /// Its name or id
        scene: String,
    },
    /// List the changes of a scene, also of one that was removed; without a scene, the latest of all
    History {
        /// Its name or id
        scene: Option<String>,
    },
    /// Show what a change of a scene changed, or what differs between two revisions
    Diff {
        /// Its name or id
        scene: String,
        /// The number of a revision: what it changed [default: the newest]
        #[arg(value_name = "REVISION")]
        first: Option<u64>,
        /// The number of another: what differs from the first to this one
        #[arg(value_name = "TO")]
        second: Option<u64>,
    },
    /// Make a scene again what it was, also one that was removed
    Revert {
        /// Its name or id
        scene: String,
        /// The number of the revision (see `hearth scene history`)
        revision: u64,
    },
}
