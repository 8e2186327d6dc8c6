//! Send Data (0x13), Send Data Bridge (0xA9), Send Data Abort (0x16): a command to one node.

use super::transmit::{TransmitOptions, TransmitReport, TransmitStatus};
use super::{CallbackId, Command, Function, NodeId, NodeIdWidth, Request, bare_request};
use crate::read::{Problem, Reader, length_byte};

/// Sends a command to one node. The response says whether it is queued; the callback says how it went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SendData {
    /// To whom.
    pub node: NodeId,
    /// What.
    pub command: Command,
    /// How.
    pub options: TransmitOptions,
    /// What the callback will carry.
    pub callback: CallbackId,
}

impl Request for SendData {
    fn function(&self) -> Function {
        Function::SEND_DATA
    }

    fn write(&self, nodes: NodeIdWidth, payload: &mut Vec<u8>) {
        nodes.write(self.node, payload);
        payload.push(length_byte(&self.command));
        payload.extend_from_slice(&self.command);
        payload.extend_from_slice(&[self.options.0, self.callback.0]);
    }
}

/// The same with a bridge library, which can send in the name of virtual nodes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SendDataBridge {
    /// In whose name: the stick's own number.
    pub source: NodeId,
    /// The rest.
    pub send: SendData,
}

/// A route that a caller of the bridge function could give, and that the specification has left unused.
const UNUSED_ROUTE: [u8; 4] = [0; 4];

impl Request for SendDataBridge {
    fn function(&self) -> Function {
        Function::SEND_DATA_BRIDGE
    }

    fn write(&self, nodes: NodeIdWidth, payload: &mut Vec<u8>) {
        let SendData { node, command, options, callback } = &self.send;
        nodes.write(self.source, payload);
        nodes.write(*node, payload);
        payload.push(length_byte(command));
        payload.extend_from_slice(command);
        payload.push(options.0);
        payload.extend_from_slice(&UNUSED_ROUTE);
        payload.push(callback.0);
    }
}

bare_request! {
    /// Gives the transmission up that is under way. Its callback comes at once; this has no answer of its own.
    SendDataAbort, SEND_DATA_ABORT
}

/// How a transmission ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transmitted {
    /// Of the request.
    pub callback: CallbackId,
    /// The end.
    pub status: TransmitStatus,
    /// How it went, if the stick was asked to say so.
    pub report: Option<TransmitReport>,
}

impl Transmitted {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        Ok(Self {
            callback: CallbackId::read(reader)?,
            status: TransmitStatus::from_byte(reader.byte("transmit status")?)?,
            report: TransmitReport::read(reader),
        })
    }
}
