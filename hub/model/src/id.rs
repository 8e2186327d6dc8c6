//! Identifiers. Each is a short shared string with a type of its own, so that a device id is never taken for an
//! area id and cloning one costs a reference count.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An identifier of one kind of thing. `K` is only a marker.
pub struct Id<K> {
    text: Arc<str>,
    kind: PhantomData<fn() -> K>,
}

/// Markers that tell identifiers apart.
pub mod kind {
    /// A device.
    pub enum Device {}
    /// A configured driver instance.
    pub enum Driver {}
    /// A room or place.
    pub enum Area {}
    /// A rule.
    pub enum Automation {}
    /// One run of a rule.
    pub enum Run {}
    /// A command under way.
    pub enum Command {}
    /// A person's account.
    pub enum Account {}
    /// An API token.
    pub enum Token {}
    /// A pairing session.
    pub enum Session {}
    /// The name of an attribute.
    pub enum Attribute {}
    /// A scene.
    pub enum Scene {}
    /// Something that people are told.
    pub enum Notification {}
    /// A way to a person.
    pub enum Channel {}
}

/// `<driver id>:<native address>`, e.g. `zigbee:0x00158d0001e82b3c`. Stable over restarts and renames.
pub type DeviceId = Id<kind::Device>;
/// The id given in the configuration, e.g. `zigbee`.
pub type DriverId = Id<kind::Driver>;
/// A room, e.g. `hallway`.
pub type AreaId = Id<kind::Area>;
/// A rule, e.g. `hallway-light`.
pub type AutomationId = Id<kind::Automation>;
/// One run of a rule.
pub type RunId = Id<kind::Run>;
/// A command's id: unguessable, unique over the life of the hub.
pub type CommandId = Id<kind::Command>;
/// A person's account.
pub type AccountId = Id<kind::Account>;
/// An API token's id (not the token).
pub type TokenId = Id<kind::Token>;
/// A pairing session.
pub type SessionId = Id<kind::Session>;
/// A scene, e.g. `movie-night`.
pub type SceneId = Id<kind::Scene>;
/// Something that people are told.
pub type NotificationId = Id<kind::Notification>;
/// A way to a person: a browser, an address.
pub type ChannelId = Id<kind::Channel>;
/// The name of an attribute, e.g. `brightness`.
pub type AttributeName = Id<kind::Attribute>;

/// Endpoint 0 is the device as a whole; functional endpoints are numbered from 1.
pub type EndpointNumber = u16;

impl<K> Id<K> {
    /// An id of this text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), kind: PhantomData }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, shared.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }
}

impl DeviceId {
    /// The id of a device of `driver` whose address on the bus is `native_address`.
    pub fn of(driver: &DriverId, native_address: &str) -> Self {
        Self::new(format!("{driver}:{native_address}"))
    }

    /// The part before the first colon: the driver that speaks to the device.
    pub fn driver(&self) -> DriverId {
        DriverId::new(self.text.split_once(':').map_or(&*self.text, |(driver, _)| driver))
    }

    /// The part behind the first colon: the address on the bus.
    pub fn native_address(&self) -> &str {
        self.text.split_once(':').map_or(&*self.text, |(_, address)| address)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        Self { text: Arc::clone(&self.text), kind: PhantomData }
    }
}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}
impl<K> Borrow<str> for Id<K> {
    fn borrow(&self) -> &str {
        &self.text
    }
}
impl<K> AsRef<str> for Id<K> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, formatter)
    }
}
impl<K> From<&str> for Id<K> {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}
impl<K> From<String> for Id<K> {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(String::deserialize(deserializer)?))
    }
}
