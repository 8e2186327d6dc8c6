//! What the engine sees of the home.

use std::ops::Deref;

use hub_model::device::DeviceRecord;
use hub_model::household::{Area, Home, Person};
use hub_model::scene::Scene;
use hub_model::{AccountId, AttributeState, Availability, DeviceId, EndpointNumber};

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
    /// The rooms, by id. A world that does not list them knows those that its devices are in.
    fn areas(&self) -> &[Area] {
        &[]
    }
    /// The home's settings.
    fn home(&self) -> &Home;
    /// The people of the household, by id.
    fn people(&self) -> &[Person] {
        &[]
    }
    /// The scenes, by id.
    fn scenes(&self) -> &[Scene] {
        &[]
    }
    /// Whether it is known which modes, people, scenes and other rules there are. Where not, any name may be one.
    fn is_complete(&self) -> bool {
        false
    }
    /// The home as far as somebody sees it, if that is not all of it.
    fn seen_by<'w>(&'w self, _: &AccountId) -> Option<Box<dyn World + 'w>> {
        None
    }
    /// All of the home, of which this is what somebody sees; none = it is all.
    fn whole(&self) -> Option<&dyn World> {
        None
    }
    /// Whether everybody of the household is among [`World::people`].
    fn shows_everybody(&self) -> bool {
        true
    }
}

/// A home, or what somebody sees of it.
pub enum Seen<'w> {
    /// All of it.
    All(&'w dyn World),
    /// What somebody sees of it.
    Part(Box<dyn World + 'w>),
}

impl<'w> Seen<'w> {
    /// What this account sees of a home.
    pub fn by(account: &AccountId, world: &'w dyn World) -> Self {
        world.seen_by(account).map_or(Self::All(world), Self::Part)
    }
}

impl<'w> Deref for Seen<'w> {
    type Target = dyn World + 'w;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::All(world) => *world,
            Self::Part(world) => &**world,
        }
    }
}

/// A home without devices.
#[derive(Clone, Debug, Default)]
pub struct EmptyWorld {
    home: Home,
}

impl World for EmptyWorld {
    fn device(&self, _: &DeviceId) -> Option<&DeviceRecord> {
        None
    }
    fn devices(&self) -> Box<dyn Iterator<Item = &DeviceRecord> + '_> {
        Box::new(std::iter::empty())
    }
    fn state(&self, _: &DeviceId, _: EndpointNumber, _: &str) -> Option<&AttributeState> {
        None
    }
    fn availability(&self, _: &DeviceId) -> Availability {
        Availability::Unknown
    }
    fn home(&self) -> &Home {
        &self.home
    }
}
