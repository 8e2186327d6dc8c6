//! Set Default (0x42): the stick forgets its network. Every node has to be included anew.

use super::{CallbackId, Function, NodeIdWidth, Request};

/// Does it. The callback says that it is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SetDefault {
    /// What the callback will carry.
    pub callback: CallbackId,
}

impl Request for SetDefault {
    fn function(&self) -> Function {
        Function::SET_DEFAULT
    }

    fn write(&self, _: NodeIdWidth, payload: &mut Vec<u8>) {
        payload.push(self.callback.0);
    }
}
