//! The driver, and the far end of its wire.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use driver_api::link::memory::{self, MemoryLink, MemoryPeer};
use driver_api::{Driver, DriverContext, DriverError, WhenFull, run_machine};
use hub_model::{AttributeName, EndpointNumber, Value};

use crate::demo::demo_devices;
use crate::home::Placement;
use crate::machine::VirtualMachine;

/// What may lie on the wire before the one who plays on it has to wait.
const WIRE_CAPACITY: usize = 1_024;

/// Something that happens on the bus and not by the hub.
#[derive(Clone, PartialEq, Debug)]
pub enum Stimulus {
    /// A button is pressed.
    Press {
        /// Where.
        address: Arc<str>,
        /// How, e.g. `single`.
        action: Arc<str>,
    },
    /// A sensor measures, or somebody works the device by hand; it reports at once.
    Set {
        /// Which device.
        address: Arc<str>,
        /// Where on it; none = the lowest endpoint that has the attribute.
        endpoint: Option<EndpointNumber>,
        /// What.
        attribute: AttributeName,
        /// Now.
        value: Value,
    },
    /// A device can no longer be reached, or again.
    Reach {
        /// Which.
        address: Arc<str>,
        /// Now.
        reachable: bool,
    },
    /// A device takes commands and says nothing any more, or speaks again.
    Silence {
        /// Which.
        address: Arc<str>,
        /// Now.
        silent: bool,
    },
    /// A device appears.
    Add(Placement),
    /// A device leaves by itself.
    Leave {
        /// Which.
        address: Arc<str>,
    },
    /// Somebody else renames a device in its network.
    Rename {
        /// Which.
        address: Arc<str>,
        /// Its new name.
        name: Arc<str>,
    },
}

/// Simulates devices.
#[derive(Debug)]
pub struct VirtualDriver {
    link: MemoryLink<Stimulus, Infallible>,
    placements: Arc<[Placement]>,
    lively: Option<u64>,
    /// Keeps the wire whole where nobody else holds its far end.
    bus: VirtualBus,
}

/// The far end of the wire: plays on the bus. Cheap to clone; a driver that is started again finds the same bus.
#[derive(Clone, Debug)]
pub struct VirtualBus {
    peer: Arc<MemoryPeer<Stimulus, Infallible>>,
    link: MemoryLink<Stimulus, Infallible>,
    placements: Arc<[Placement]>,
    lively: Option<u64>,
}

impl VirtualDriver {
    /// The demo home, with people in it. The same seed lives the same day by the same clock.
    pub fn demo(seed: u64) -> Self {
        VirtualBus::new(demo_devices(), Some(seed)).driver()
    }

    /// These devices, which only do what they are told by the hub or by the bus.
    pub fn scripted(devices: Vec<Placement>) -> (Self, VirtualBus) {
        let bus = VirtualBus::new(devices, None);
        (bus.driver(), bus)
    }

    /// The bus this driver speaks to.
    pub fn bus(&self) -> VirtualBus {
        self.bus.clone()
    }
}

impl VirtualBus {
    fn new(devices: Vec<Placement>, lively: Option<u64>) -> Self {
        let (link, peer) = memory::wire(WIRE_CAPACITY);
        Self { peer: Arc::new(peer), link, placements: devices.into(), lively }
    }

    /// Another driver for this bus, for when the first has ended.
    pub fn driver(&self) -> VirtualDriver {
        VirtualDriver {
            link: self.link.clone(),
            placements: Arc::clone(&self.placements),
            lively: self.lively,
            bus: self.clone(),
        }
    }

    /// Lets something happen; waits while the wire is full. It takes effect once the driver runs and is connected.
    pub async fn play(&self, stimulus: Stimulus) {
        self.peer.send(stimulus).await;
    }

    /// Presses a button.
    pub async fn press(&self, address: &str, action: &str) {
        self.play(Stimulus::Press { address: address.into(), action: action.into() }).await;
    }

    /// Sets what a sensor measures, or works a device by hand.
    pub async fn set(&self, address: &str, attribute: &str, value: impl Into<Value>) {
        let (address, attribute, value) = (address.into(), attribute.into(), value.into());
        self.play(Stimulus::Set { address, endpoint: None, attribute, value }).await;
    }

    /// Takes a device out of reach, or brings it back.
    pub async fn reach(&self, address: &str, reachable: bool) {
        self.play(Stimulus::Reach { address: address.into(), reachable }).await;
    }

    /// Makes a device take commands without ever answering, or answer again.
    pub async fn silence(&self, address: &str, silent: bool) {
        self.play(Stimulus::Silence { address: address.into(), silent }).await;
    }

    /// Pulls the cable of the whole bus.
    pub fn cut(&self, reason: &str) {
        self.peer.cut(reason);
    }

    /// Plugs it in again.
    pub fn restore(&self) {
        self.peer.restore();
    }
}

impl Driver for VirtualDriver {
    fn run(self: Box<Self>, context: DriverContext) -> Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send>> {
        let lively = self.lively.is_some();
        let seed = self.lively.unwrap_or(context.seed);
        let machine = VirtualMachine::new(context.id.clone(), &self.placements, lively, seed, &context.known);
        Box::pin(async move {
            let outcome = run_machine(machine, self.link.clone(), context, WhenFull::Wait).await;
            // Held until here: without a far end the wire counts as lost.
            drop(self);
            outcome
        })
    }
}
