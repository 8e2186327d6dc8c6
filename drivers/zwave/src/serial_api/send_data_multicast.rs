//! Send Data Multicast (0x14) and Send Data Multicast Bridge (0xAB): a command to many nodes at once, which none of
//! them acknowledges.

use super::transmit::TransmitOptions;
use super::{CallbackId, Command, Function, NodeId, NodeIdWidth, Request};
use crate::read::length_byte;

/// Sends a command to many nodes. The response says whether it is queued, the callback that it was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SendDataMulticast {
    /// To whom.
    pub nodes: Vec<NodeId>,
    /// What.
    pub command: Command,
    /// How.
    pub options: TransmitOptions,
    /// What the callback will carry.
    pub callback: CallbackId,
}

impl SendDataMulticast {
    fn write_to_callback(&self, nodes: NodeIdWidth, payload: &mut Vec<u8>) {
        payload.push(u8::try_from(self.nodes.len()).unwrap_or(u8::MAX));
        for node in &self.nodes {
            nodes.write(*node, payload);
        }
        payload.push(length_byte(&self.command));
        payload.extend_from_slice(&self.command);
        payload.extend_from_slice(&[self.options.0, self.callback.0]);
    }
}

impl Request for SendDataMulticast {
    fn function(&self) -> Function {
        Function::SEND_DATA_MULTICAST
    }

    fn write(&self, nodes: NodeIdWidth, payload: &mut Vec<u8>) {
        self.write_to_callback(nodes, payload);
    }
}

/// The same with a bridge library, which can send in the name of virtual nodes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SendDataMulticastBridge {
    /// In whose name: the stick's own number.
    pub source: NodeId,
    /// The rest.
    pub send: SendDataMulticast,
}

impl Request for SendDataMulticastBridge {
    fn function(&self) -> Function {
        Function::SEND_DATA_MULTICAST_BRIDGE
    }

    fn write(&self, nodes: NodeIdWidth, payload: &mut Vec<u8>) {
        nodes.write(self.source, payload);
        self.send.write_to_callback(nodes, payload);
    }
}
