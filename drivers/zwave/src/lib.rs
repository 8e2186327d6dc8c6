//! Z-Wave through a stick's Serial API, natively: framing, Serial API functions, transport encapsulations, security
//! and command classes. Pure: bytes in, values out; time and randomness are passed in. Not tested on hardware.
//!
//! | folder | document |
//! |---|---|
//! | `link` | INS12350, Serial API host application programming guide: frame layout and transmission |
//! | `serial_api` | INS12350, the functions; and the Host API specification for what came after the 500 series |
//! | `encapsulation` | SDS13783, Z-Wave transport encapsulation command classes |
//! | `security` | SDS13783, Security 0 and Security 2 |
//! | `command_class` | SDS13781, SDS13782, SDS13783, SDS13784 |

pub mod answers;
pub mod attributes;
pub mod command_class;
pub mod config;
pub mod controller;
pub mod device_database;
pub mod driver;
pub mod encapsulation;
pub mod firmware;
pub mod interview;
pub mod link;
pub mod machine;
pub mod network;
pub mod node_id;
pub mod port;
pub mod security;
pub mod serial_api;
mod read;

pub use config::ZWaveConfig;
pub use driver::ZWaveDriver;
