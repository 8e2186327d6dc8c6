//! What the engine sees of the home.

use hub_model::device::DeviceRecord;
use hub_model::household::Home;
use hub_model::{AttributeState, Availability, DeviceId, EndpointNumber};

/// The home as it is now. The core's state table is one; tests and replay bring their own.
pub trait World {
    /// The device of this id.
    fn device(&self, device: &DeviceId) -> Option<&DeviceRecord>;
    /// All devices, ordered by id.
    fn devices(&self) -> Box<dyn Iterator<Item = &DeviceRecord> + '_>;
    /// What is known of an attribute; none if there is no such attribute.
    fn state(&self, device: &DeviceId, endpoint: EndpointNumber, attribute: &str) -> Option<&AttributeState>;
    /// Whether a device can be reached.
    fn availability(&self, device: &DeviceId) -> Availability;
    /// The home's settings.
    fn home(&self) -> &Home;
}
