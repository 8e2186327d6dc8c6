//! Get Controller Capabilities (0x05): the stick's part in its network.

use super::bare_request;
use crate::read::{Problem, Reader};

bare_request! {
    /// Asks for them.
    GetControllerCapabilities, GET_CONTROLLER_CAPABILITIES
}

/// The stick's part, as bits of the specification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ControllerCapabilities(pub u8);

impl ControllerCapabilities {
    /// It is not the primary controller.
    pub fn is_secondary(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// It was included into a network that it did not begin.
    pub fn is_on_other_network(self) -> bool {
        self.0 & 0x02 != 0
    }

    /// Somebody gives node numbers out, so that any controller can include.
    pub fn has_sis(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// It was the primary controller before the SIS came.
    pub fn was_real_primary(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// It is the static update controller.
    pub fn is_suc(self) -> bool {
        self.0 & 0x10 != 0
    }

    /// It has included nobody yet.
    pub fn has_no_nodes(self) -> bool {
        self.0 & 0x20 != 0
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        reader.byte("capabilities").map(Self)
    }
}
