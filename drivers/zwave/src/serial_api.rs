//! The functions of the Serial API (INS12350; the Host API specification for what came after the 500 series),
//! one file for each group, named as there.
//!
//! What the host says is a type that implements [`Request`]; what the stick says is read by [`Message::decode`] into a
//! [`Response`] or a [`Callback`]. Node numbers have 8 or 16 bits, as [`NodeIdWidth`] says.

pub mod add_node;
pub mod application_command;
pub mod application_node_information;
pub mod application_update;
pub mod background_rssi;
pub mod callback_id;
pub mod capabilities;
pub mod controller_capabilities;
pub mod failed_node;
pub mod function;
pub mod init_data;
pub mod long_range;
pub mod memory_get_id;
pub mod message;
pub mod neighbors;
pub mod node_information;
pub mod node_protocol_information;
pub mod nvm;
pub mod remove_node;
pub mod request_node_information;
pub mod return_route;
pub mod send_data;
pub mod send_data_multicast;
pub mod set_default;
pub mod setup;
pub mod soft_reset;
pub mod suc;
pub mod transmit;
pub mod version;

use bytes::Bytes;

use crate::link::Data;
pub use crate::node_id::{HomeId, NodeId, NodeIdWidth};
pub use crate::read::Problem;
pub use callback_id::{CallbackId, CallbackIds};
pub use function::Function;
pub use message::{Callback, MalformedPayload, Message, Response};

/// What the host asks of the stick.
pub trait Request {
    /// The function that is called.
    fn function(&self) -> Function;

    /// Appends the function's payload.
    fn write(&self, nodes: NodeIdWidth, payload: &mut Vec<u8>);

    /// The data frame. Whether it fits is seen when it is sent.
    fn data(&self, nodes: NodeIdWidth) -> Data {
        let mut payload = Vec::new();
        self.write(nodes, &mut payload);
        Data::request(self.function().0, payload)
    }
}

/// A request without a payload.
macro_rules! bare_request {
    ($(#[$meta:meta])* $name:ident, $function:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $name;

        impl $crate::serial_api::Request for $name {
            fn function(&self) -> $crate::serial_api::Function {
                $crate::serial_api::Function::$function
            }

            fn write(&self, _: $crate::serial_api::NodeIdWidth, _: &mut Vec<u8>) {}
        }
    };
}
pub(crate) use bare_request;

/// A request about one node that is called back.
macro_rules! node_request {
    ($(#[$meta:meta])* $name:ident, $function:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $name {
            /// The node.
            pub node: $crate::serial_api::NodeId,
            /// What the callback will carry.
            pub callback: $crate::serial_api::CallbackId,
        }

        impl $crate::serial_api::Request for $name {
            fn function(&self) -> $crate::serial_api::Function {
                $crate::serial_api::Function::$function
            }

            fn write(&self, nodes: $crate::serial_api::NodeIdWidth, payload: &mut Vec<u8>) {
                nodes.write(self.node, payload);
                payload.push(self.callback.0);
            }
        }
    };
}
pub(crate) use node_request;

/// A command of a node as bytes; what it means is for the command classes.
pub type Command = Bytes;
