//! The numbers of the functions.

use std::fmt;

/// The number of a function, as in the frame.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Function(pub u8);

macro_rules! functions {
    ($($name:ident = $number:literal, $text:literal;)+) => {
        impl Function {
            $(#[doc = $text] pub const $name: Self = Self($number);)+
        }

        const NAMES: &[(u8, &str)] = &[$(($number, $text),)+];
    };
}

functions! {
    GET_INIT_DATA = 0x02, "Serial API Get Init Data";
    APPLICATION_NODE_INFORMATION = 0x03, "Serial API Application Node Information";
    APPLICATION_COMMAND_HANDLER = 0x04, "Application Command Handler";
    GET_CONTROLLER_CAPABILITIES = 0x05, "Get Controller Capabilities";
    GET_CAPABILITIES = 0x07, "Serial API Get Capabilities";
    SOFT_RESET = 0x08, "Serial API Soft Reset";
    STARTED = 0x0A, "Serial API Started";
    SETUP = 0x0B, "Serial API Setup";
    SEND_DATA = 0x13, "Send Data";
    SEND_DATA_MULTICAST = 0x14, "Send Data Multicast";
    GET_VERSION = 0x15, "Get Version";
    SEND_DATA_ABORT = 0x16, "Send Data Abort";
    MEMORY_GET_ID = 0x20, "Memory Get ID";
    NVM_GET_ID = 0x29, "NVM Get ID";
    NVM_EXT_READ_LONG_BUFFER = 0x2A, "NVM Ext Read Long Buffer";
    NVM_EXT_WRITE_LONG_BUFFER = 0x2B, "NVM Ext Write Long Buffer";
    NVM_BACKUP_RESTORE = 0x2E, "NVM Backup/Restore";
    GET_BACKGROUND_RSSI = 0x3B, "Get Background RSSI";
    EXTENDED_NVM_BACKUP_RESTORE = 0x3D, "Extended NVM Backup/Restore";
    GET_NODE_PROTOCOL_INFORMATION = 0x41, "Get Node Protocol Information";
    SET_DEFAULT = 0x42, "Set Default";
    ASSIGN_RETURN_ROUTE = 0x46, "Assign Return Route";
    DELETE_RETURN_ROUTE = 0x47, "Delete Return Route";
    REQUEST_NODE_NEIGHBOR_UPDATE = 0x48, "Request Node Neighbor Update";
    APPLICATION_UPDATE = 0x49, "Application Update";
    ADD_NODE_TO_NETWORK = 0x4A, "Add Node To Network";
    REMOVE_NODE_FROM_NETWORK = 0x4B, "Remove Node From Network";
    ASSIGN_SUC_RETURN_ROUTE = 0x51, "Assign SUC Return Route";
    SET_SUC_NODE_ID = 0x54, "Set SUC Node ID";
    DELETE_SUC_RETURN_ROUTE = 0x55, "Delete SUC Return Route";
    GET_SUC_NODE_ID = 0x56, "Get SUC Node ID";
    REQUEST_NODE_INFORMATION = 0x60, "Request Node Information";
    REMOVE_FAILED_NODE = 0x61, "Remove Failed Node";
    IS_FAILED_NODE = 0x62, "Is Failed Node";
    REPLACE_FAILED_NODE = 0x63, "Replace Failed Node";
    GET_ROUTING_INFORMATION = 0x80, "Get Routing Information";
    BRIDGE_APPLICATION_COMMAND_HANDLER = 0xA8, "Bridge Application Command Handler";
    SEND_DATA_BRIDGE = 0xA9, "Send Data Bridge";
    SEND_DATA_MULTICAST_BRIDGE = 0xAB, "Send Data Multicast Bridge";
    GET_LONG_RANGE_NODES = 0xDA, "Get Long Range Nodes";
    GET_LONG_RANGE_CHANNEL = 0xDB, "Get Long Range Channel";
    SET_LONG_RANGE_CHANNEL = 0xDC, "Set Long Range Channel";
}

impl Function {
    /// The specification's name, if this driver knows the function.
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|(number, _)| *number == self.0).map(|(_, name)| *name)
    }
}

impl fmt::Display for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({:#04x})", self.name().unwrap_or("an unknown function"), self.0)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}
