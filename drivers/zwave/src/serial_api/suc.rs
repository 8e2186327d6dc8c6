//! Set SUC Node ID (0x54) and Get SUC Node ID (0x56): who is the static update controller, and gives node numbers out.

use super::transmit::TransmitOptions;
use super::{CallbackId, Function, NodeId, NodeIdWidth, Request, bare_request};
use crate::read::{Problem, Reader, named_bytes};

bare_request! {
    /// Asks who it is; the response is a node, or zero.
    GetSucNodeId, GET_SUC_NODE_ID
}

/// Makes a controller the static update controller, or stops it being so. There is no callback if it is the stick.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SetSucNodeId {
    /// Which controller.
    pub node: NodeId,
    /// Whether it is to be the one.
    pub enable: bool,
    /// Whether it gives node numbers out.
    pub sis: bool,
    /// How it is told.
    pub options: TransmitOptions,
    /// What the callback will carry.
    pub callback: CallbackId,
}

impl Request for SetSucNodeId {
    fn function(&self) -> Function {
        Function::SET_SUC_NODE_ID
    }

    fn write(&self, nodes: NodeIdWidth, payload: &mut Vec<u8>) {
        nodes.write(self.node, payload);
        payload.extend_from_slice(&[u8::from(self.enable), self.options.0, u8::from(self.sis), self.callback.0]);
    }
}

named_bytes! {
    /// How it ended.
    SetSucStatus, "set SUC status" {
        /// It is.
        Succeeded = 0x05,
        /// It is not.
        Failed = 0x06,
    }
}

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SetSucResult {
    /// Of the request.
    pub callback: CallbackId,
    /// The end.
    pub status: SetSucStatus,
}

impl SetSucResult {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let callback = CallbackId::read(reader)?;
        Ok(Self { callback, status: SetSucStatus::from_byte(reader.byte("set SUC status")?)? })
    }
}
