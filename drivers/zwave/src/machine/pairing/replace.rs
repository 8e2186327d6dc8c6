//! A new node takes the number of one that does not answer any more. For the hub it stays the same device.

use driver_api::ManageError;
use hub_model::{Device, DeviceId, Monotonic};

use super::{Direction, PROTOCOL_LIMIT, Step};
use crate::machine::ZWave;
use crate::machine::errands::Errand;
use crate::serial_api::NodeId;
use crate::serial_api::failed_node::{FailedNodeProgress, FailedNodeStatus};

impl ZWave {
    /// The node of a device that another can replace.
    pub(super) fn replaceable(&self, device: &DeviceId) -> Result<NodeId, ManageError> {
        let node = self.node_of(device).ok_or(ManageError::NotFound)?;
        if node.is_long_range() {
            let words = "a device with Long Range cannot be replaced in its network; remove it, and add the new one";
            return Err(ManageError::NotPossible(words.into()));
        }
        Ok(node)
    }

    pub(super) fn handle_replacement(&mut self, now: Monotonic, progress: FailedNodeProgress) {
        let Some(pairing) = &mut self.pairing else { return };
        let Direction::Replace(node) = pairing.direction else { return };
        if !pairing.step.is_of_stick() {
            return;
        }
        match progress.status {
            FailedNodeStatus::ReplaceReady => {
                self.opened("Press the button of the new device as its manual says, often three times.");
            }
            FailedNodeStatus::Replaced => {
                if pairing.step == Step::Listening {
                    (pairing.step, pairing.until) = (Step::Protocol, now.plus(PROTOCOL_LIMIT));
                }
                pairing.node = Some(node);
                self.go_on_with(Errand::Joined);
            }
            FailedNodeStatus::NodeOk => self.fail_pairing(NOT_FAILED),
            _ => self.fail_pairing("The device could not be replaced. Bring the new one nearer and start again."),
        }
    }

    /// The number is somebody else's now: what was known of its old bearer goes. Gives what the hub was told of it.
    pub(super) fn make_room(&mut self, node: NodeId) -> Option<Device> {
        // Of one that left while nobody saw it, something may be kept still.
        self.forget_kept(node);
        let member = self.take_member(node)?;
        self.note_left(node);
        member.told
    }
}

/// What people are told who want to replace a device that is there.
pub(in crate::machine) const NOT_FAILED: &str =
    "The old device still answers. Take its power away, or exclude it and add the new one as a new device.";
