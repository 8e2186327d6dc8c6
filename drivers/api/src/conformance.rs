//! What the hub relies on, checked against a running driver: one suite for all of them.
//!
//! A driver's tests describe their bus as a [`Bus`] and call [`check`]. Nothing in here sleeps for its own sake; under
//! tokio's paused time (`start_paused`) with a [`TokioClock`] a simulated bus is through in no time.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hub_model::command::Setting;
use hub_model::event::DriverState;
use hub_model::{Clock, CommandId, Device, DeviceId, DriverId, Now, Timestamp, Trust, Wall, attributes};

use crate::driver::{CommandStage, Driver, DriverEvent, DriverRequest, Image, ManageAction, ManageError};
use crate::network::Network;

mod bench;

use bench::Bench;
pub use bench::TokioClock;

/// A bus with at least one device on it, and the driver for it.
pub trait Bus: Send {
    /// The id that the driver is given: the first part of its devices' ids.
    fn id(&self) -> DriverId;
    /// A fresh driver for this bus, always with the same configuration.
    fn driver(&mut self) -> Box<dyn Driver>;
    /// A command that a device of this bus carries out and reports.
    fn sample(&self) -> Sample;
    /// Takes the bus, bridge or broker away from the driver.
    fn lose_link(&mut self) -> impl Future<Output = ()> + Send;
    /// Gives it back.
    fn regain_link(&mut self) -> impl Future<Output = ()> + Send;
    /// Makes a device of the bus do `count` momentary things, as fast as it can. False = this bus has none.
    fn happen(&mut self, _count: usize) -> impl Future<Output = bool> + Send {
        std::future::ready(false)
    }
    /// A device that may be removed for good; none = this driver cannot remove. Not that of the sample.
    fn removable(&self) -> Option<DeviceId> {
        None
    }
    /// How long the bus may take for anything.
    fn patience(&self) -> Duration {
        Duration::from_secs(10)
    }
}

/// A command to try.
#[derive(Clone, PartialEq, Debug)]
pub struct Sample {
    /// To which device.
    pub device: DeviceId,
    /// What to set; each readable attribute of it is reported back with this value.
    pub settings: Vec<Setting>,
}

/// What became of the checks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    /// The checks that hold.
    pub passed: Vec<&'static str>,
    /// The checks that this bus does not lend itself to.
    pub skipped: Vec<&'static str>,
    /// The checks that do not hold, and what was seen.
    pub failed: Vec<(&'static str, String)>,
}

impl Findings {
    fn note(&mut self, check: &'static str, outcome: Result<(), Trouble>) {
        match outcome {
            Ok(()) => self.passed.push(check),
            Err(Trouble::Skipped) => self.skipped.push(check),
            Err(Trouble::Failed(what)) => self.failed.push((check, what)),
        }
    }

    /// An error that lists every check which does not hold.
    ///
    /// # Errors
    /// When there is one.
    pub fn into_result(self) -> Result<Self, NotConformant> {
        if self.failed.is_empty() { Ok(self) } else { Err(NotConformant { findings: self }) }
    }
}

/// A driver does not do what the hub relies on.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the driver does not conform: {findings}")]
pub struct NotConformant {
    /// What does not hold, and what does.
    pub findings: Findings,
}

impl fmt::Display for Findings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failed.iter().try_for_each(|(check, what)| write!(formatter, "\n  {check}: {what}"))
    }
}

/// Why a check does not hold, or that it cannot be made here.
enum Trouble {
    Skipped,
    Failed(String),
}

impl From<String> for Trouble {
    fn from(what: String) -> Self {
        Self::Failed(what)
    }
}

/// Runs every check, each with a fresh driver. `clock` must go on by itself while tokio's time does.
pub async fn check<B: Bus>(bus: &mut B, clock: Arc<dyn Clock>) -> Findings {
    let mut findings = Findings::default();
    findings
        .note("reports_well_formed_devices_after_start", reports_well_formed_devices_after_start(bus, &clock).await);
    findings.note("gives_each_command_one_outcome", gives_each_command_one_outcome(bus, &clock).await);
    findings.note("answers_for_unknown_devices", answers_for_unknown_devices(bus, &clock).await);
    findings.note("stops_within_a_second", stops_within_a_second(bus, &clock).await);
    findings.note("survives_the_loss_of_its_link", survives_the_loss_of_its_link(bus, &clock).await);
    findings.note("keeps_ids_over_a_restart", keeps_ids_over_a_restart(bus, &clock).await);
    findings
        .note("loses_no_happening_when_the_core_is_busy", loses_no_happening_when_the_core_is_busy(bus, &clock).await);
    findings.note("draws_its_network_or_has_none", draws_its_network_or_has_none(bus, &clock).await);
    findings.note("says_nothing_of_a_removed_device", says_nothing_of_a_removed_device(bus, &clock).await);
    findings
}

async fn reports_well_formed_devices_after_start<B: Bus>(bus: &mut B, clock: &Arc<dyn Clock>) -> Result<(), Trouble> {
    let mut bench = Bench::start(bus, clock, Vec::new());
    bench.ready(&bus.sample().device).await?;
    bench.rest().await;
    for device in bench.devices().values() {
        well_formed(device, &bus.id()).map_err(|what| format!("{}: {what}", device.id))?;
    }
    bench.stop().await?;
    Ok(())
}

fn well_formed(device: &Device, driver: &DriverId) -> Result<(), String> {
    if device.id.driver() != *driver || device.id.native_address().is_empty() {
        return Err(format!("its id is not {driver}:ADDRESS"));
    }
    if !device.endpoints.is_sorted_by(|left, right| left.number < right.number) {
        return Err("its endpoints do not rise".to_owned());
    }
    for endpoint in &device.endpoints {
        let mut names = BTreeSet::new();
        for attribute in &endpoint.attributes {
            let name = attribute.name.as_str();
            if !names.insert(name) {
                return Err(format!("endpoint {} has {name} twice", endpoint.number));
            }
            if let Some(meant) = attributes::semantic(name)
                && (attribute.kind != meant.kind || attribute.unit.as_deref() != meant.unit)
            {
                return Err(format!(
                    "{name} is {:?} in {:?} where {:?} in {:?} is meant",
                    attribute.kind, attribute.unit, meant.kind, meant.unit
                ));
            }
        }
    }
    Ok(())
}

async fn gives_each_command_one_outcome<B: Bus>(bus: &mut B, clock: &Arc<dyn Clock>) -> Result<(), Trouble> {
    let sample = bus.sample();
    let mut bench = Bench::start(bus, clock, Vec::new());
    bench.ready(&sample.device).await?;
    for _ in 0..3 {
        let id = bench.command(&sample).await?;
        bench.confirmed(&id, &sample).await?;
    }
    bench.rest().await;
    bench.orderly()?;
    bench.stop().await?;
    Ok(())
}

async fn answers_for_unknown_devices<B: Bus>(bus: &mut B, clock: &Arc<dyn Clock>) -> Result<(), Trouble> {
    let mut bench = Bench::start(bus, clock, Vec::new());
    let sample = bus.sample();
    bench.ready(&sample.device).await?;
    let nobody = DeviceId::of(&bus.id(), "conformance-nobody");
    let attributes = sample.settings.iter().map(|setting| (setting.endpoint, setting.attribute.clone())).collect();
    bench.request(DriverRequest::Read { device: nobody.clone(), attributes }).await?;

    let unknown = Sample { device: nobody.clone(), settings: sample.settings };
    let id = bench.command(&unknown).await?;
    let first = bench.first_progress(&id).await?;
    if !matches!(first, CommandStage::Failed { .. }) {
        return Err(format!("a command to an unknown device was {first:?}").into());
    }
    let actions = [
        ManageAction::Rename { device: nobody.clone(), name: Arc::from("Nobody") },
        ManageAction::Remove { device: nobody.clone(), force: false },
        ManageAction::Interview { device: nobody.clone() },
        ManageAction::Firmware { device: nobody.clone(), install: false },
        ManageAction::InstallFirmware { device: nobody.clone(), image: Image(Arc::from([0_u8; 64])), target: 0 },
        ManageAction::CheckHealth { device: nobody.clone() },
        ManageAction::RepairRoutes { device: Some(nobody) },
    ];
    for action in actions {
        if let Ok(answer) = bench.manage(action.clone()).await? {
            return Err(format!("{action:?} was answered with {answer}").into());
        }
    }
    bench.rest().await;
    bench.orderly()?;
    bench.stop().await?;
    Ok(())
}

async fn stops_within_a_second<B: Bus>(bus: &mut B, clock: &Arc<dyn Clock>) -> Result<(), Trouble> {
    // At once, before anything is connected.
    Bench::start(bus, clock, Vec::new()).stop().await?;
    // In the middle of work.
    let sample = bus.sample();
    let mut bench = Bench::start(bus, clock, Vec::new());
    bench.ready(&sample.device).await?;
    bench.command(&sample).await?;
    bench.stop().await?;
    // When the hub is gone without a word.
    let mut bench = Bench::start(bus, clock, Vec::new());
    bench.ready(&sample.device).await?;
    bench.close_requests();
    bench.ended().await?;
    // While the core takes nothing.
    let mut bench = Bench::start(bus, clock, Vec::new());
    bench.ready(&sample.device).await?;
    bus.happen(bench::SMALL_QUEUE).await;
    bench.stop_unread().await?;
    // While the bus is away.
    let mut bench = Bench::start(bus, clock, Vec::new());
    bench.ready(&sample.device).await?;
    bus.lose_link().await;
    let stopped = match bench.status(|state| state != DriverState::Online).await {
        Ok(()) => bench.stop().await,
        Err(what) => Err(what),
    };
    bus.regain_link().await;
    Ok(stopped?)
}

async fn survives_the_loss_of_its_link<B: Bus>(bus: &mut B, clock: &Arc<dyn Clock>) -> Result<(), Trouble> {
    let sample = bus.sample();
    let mut bench = Bench::start(bus, clock, Vec::new());
    bench.ready(&sample.device).await?;
    bus.lose_link().await;
    let lost = async {
        bench.status(|state| state == DriverState::Offline).await?;
        // Whether it fails or waits for the link is the driver's choice; it must not be answered twice.
        bench.command(&sample).await
    }
    .await;
    bus.regain_link().await;
    let meanwhile = lost?;
    bench.ready(&sample.device).await?;
    bench.first_progress(&meanwhile).await?;
    let after = bench.command(&sample).await?;
    bench.confirmed(&after, &sample).await?;
    bench.rest().await;
    bench.orderly()?;
    bench.stop().await?;
    Ok(())
}

async fn keeps_ids_over_a_restart<B: Bus>(bus: &mut B, clock: &Arc<dyn Clock>) -> Result<(), Trouble> {
    let sample = bus.sample();
    let mut bench = Bench::start(bus, clock, Vec::new());
    bench.ready(&sample.device).await?;
    bench.rest().await;
    let before = bench.devices();
    bench.stop().await?;
    let mut bench = Bench::start(bus, clock, before.values().cloned().collect());
    bench.ready(&sample.device).await?;
    bench.rest().await;
    let after = bench.devices();
    bench.stop().await?;
    for (id, device) in &before {
        let Some(again) = after.get(id) else { return Err(format!("{id} did not come back").into()) };
        let numbers = |device: &Device| device.endpoints.iter().map(|endpoint| endpoint.number).collect::<Vec<_>>();
        if numbers(device) != numbers(again) {
            return Err(format!("the endpoints of {id} changed").into());
        }
    }
    match after.keys().find(|id| !before.contains_key(*id)) {
        Some(id) => Err(format!("{id} was not there before").into()),
        None => Ok(()),
    }
}

async fn loses_no_happening_when_the_core_is_busy<B: Bus>(bus: &mut B, clock: &Arc<dyn Clock>) -> Result<(), Trouble> {
    /// Many times what the queue to the core holds.
    const COUNT: usize = bench::SMALL_QUEUE * 20;
    let sample = bus.sample();
    let mut bench = Bench::start(bus, clock, Vec::new());
    bench.ready(&sample.device).await?;
    let id = CommandId::new("conformance-busy");
    let (can, read) = tokio::join!(bus.happen(COUNT), async {
        bench.command_as(id.clone(), &sample).await?;
        bench.leave_unread().await;
        bench.first_progress(&id).await?;
        Ok::<(), String>(())
    });
    read?;
    if !can {
        bench.stop().await?;
        return Err(Trouble::Skipped);
    }
    let happened = |event: &DriverEvent| matches!(event, DriverEvent::Happening { .. });
    while bench.seen.iter().filter(|event| happened(event)).count() < COUNT {
        let so_far = bench.seen.iter().filter(|event| happened(event)).count();
        bench
            .until("the rest of the happenings", happened)
            .await
            .map_err(|what| format!("{what}: {so_far} of {COUNT}"))?;
    }
    bench.rest().await;
    bench.orderly()?;
    bench.stop().await?;
    Ok(())
}

async fn draws_its_network_or_has_none<B: Bus>(bus: &mut B, clock: &Arc<dyn Clock>) -> Result<(), Trouble> {
    let mut bench = Bench::start(bus, clock, Vec::new());
    let device = bus.sample().device;
    bench.ready(&device).await?;
    let answer = bench.manage(ManageAction::NetworkMap).await?;
    bench.stop().await?;
    let network = match answer {
        Ok(answer) => Network::from_value(&answer).ok_or_else(|| format!("{answer} is no network"))?,
        Err(ManageError::Unsupported) => return Err(Trouble::Skipped),
        Err(error) => return Err(format!("the network was not drawn: {error}").into()),
    };
    network.check(&bus.id())?;
    if !network.nodes.iter().any(|node| node.device.as_ref() == Some(&device)) {
        return Err(format!("{device} is not in it").into());
    }
    Ok(())
}

async fn says_nothing_of_a_removed_device<B: Bus>(bus: &mut B, clock: &Arc<dyn Clock>) -> Result<(), Trouble> {
    let Some(device) = bus.removable() else { return Err(Trouble::Skipped) };
    let mut bench = Bench::start(bus, clock, Vec::new());
    bench.ready(&device).await?;
    let read = DriverRequest::Read { device: device.clone(), attributes: Vec::new() };
    bench.request(read).await?;
    if let Err(error) = bench.manage(ManageAction::Remove { device: device.clone(), force: true }).await? {
        return Err(format!("{device} was not removed: {error}").into());
    }
    let removed = DriverEvent::DeviceRemoved(device.clone());
    bench.sees("DeviceRemoved", |event| *event == removed).await?;
    bench.rest().await;
    let after = bench.seen.iter().skip_while(|event| **event != removed).skip(1);
    if let Some(event) = after.into_iter().find(|event| bench::device_of(event) == Some(&device)) {
        return Err(format!("after its removal came {event:?}").into());
    }
    bench.stop().await?;
    Ok(())
}
