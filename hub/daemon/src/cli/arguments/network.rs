//! What people can type about drivers and their networks.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `hearth driver`
#[derive(Debug, Subcommand)]
pub enum DriverCommand {
    /// List drivers and how they are
    List,
    /// Find sticks and bridges on the local network and at this machine, with what to write into the configuration
    Discover {
        /// How long to listen to the network
        #[arg(long, default_value = "1500ms", value_name = "TIME")]
        timeout: String,
    },
    /// Restart the bridge or stick of a driver
    Restart {
        /// Its id
        driver: String,
    },
    /// Save everything that a driver's stick remembers; its radio is silent for up to a minute or two
    Backup {
        /// The driver's id
        driver: String,
        /// A new file
        file: PathBuf,
    },
    /// Write a saved memory into a driver's stick of the same kind, in the place of all that it remembers
    Restore {
        /// The driver's id
        driver: String,
        /// What `hearth driver backup` saved
        file: PathBuf,
    },
    /// Draw a driver's network as a tree: who speaks through whom, and how well they hear each other
    Network {
        /// Its id; may be left out where there is only one driver
        driver: Option<String>,
        /// Measure it anew; on large networks this takes minutes and slows them down
        #[arg(long)]
        scan: bool,
    },
    /// Have all devices find their routes anew, one after the other; this takes minutes to hours
    RepairRoutes {
        /// Its id
        driver: String,
    },
    /// Devices that may join by themselves as soon as they have power (Z-Wave: SmartStart)
    #[command(subcommand)]
    Provisioning(ProvisioningCommand),
    /// Groups that a network knows by itself: one message switches all of them
    #[command(subcommand)]
    Group(GroupCommand),
    /// Show what Hearth would make of saved device definitions, without a hub: one JSON line for each
    Inspect {
        /// What the file comes from
        dialect: Dialect,
        /// JSON lines of objects with a `definition`, or a saved bridge/devices array; .gz too
        file: PathBuf,
    },
}

/// `hearth driver provisioning`
#[derive(Debug, Subcommand)]
pub enum ProvisioningCommand {
    /// List those that wait and those that have joined
    List {
        /// The driver
        driver: String,
    },
    /// Let a device join by itself
    Add {
        /// The driver
        driver: String,
        /// The text of the QR code on the device, or the key printed below it
        code: String,
        /// What to call it once it is there
        #[arg(long)]
        name: Option<String>,
    },
    /// Take a device off the list; one that has joined stays in the network
    Remove {
        /// The driver
        driver: String,
        /// Its key or name, as the list shows them
        key: String,
    },
}

/// `hearth driver group`
#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// Make a group; it is a device from then on, and is renamed and removed like one
    Add {
        /// The driver
        driver: String,
        /// What to call it
        name: String,
    },
    /// Put a device into a group
    Join {
        /// The name or id of the group
        group: String,
        /// The name or id of the device
        device: String,
        /// Its endpoint, by number or label [default: the driver chooses]
        #[arg(long)]
        endpoint: Option<String>,
    },
    /// Take a device out of a group
    Leave {
        /// The name or id of the group
        group: String,
        /// The name or id of the device
        device: String,
        /// Its endpoint, by number or label [default: the driver chooses]
        #[arg(long)]
        endpoint: Option<String>,
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
    /// What stands on the device or its box: its install code, the text of its QR code, its PIN or its DSK
    #[arg(long, conflicts_with_all = ["exclude", "replace"])]
    pub code: Option<String>,
    /// For how long
    #[arg(long, default_value = "120s", value_name = "TIME")]
    pub time: String,
}
