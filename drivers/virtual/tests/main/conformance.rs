//! The suite for all drivers.

use std::sync::Arc;
use std::time::Duration;

use driver_api::conformance::{Bus, Sample, TokioClock, check};
use driver_api::{Driver, DriverContext, DriverError, DriverEvent};
use driver_virtual::{Model, Placement, VirtualBus, VirtualDriver};
use hub_model::command::Setting;
use hub_model::event::DriverState;
use hub_model::{DeviceId, DriverId, Value};

struct Virtual {
    bus: VirtualBus,
    sample: Sample,
    button: &'static str,
    removable: &'static str,
}

impl Bus for Virtual {
    fn id(&self) -> DriverId {
        DriverId::new("virtual")
    }
    fn driver(&mut self) -> Box<dyn Driver> {
        Box::new(self.bus.driver())
    }
    fn sample(&self) -> Sample {
        self.sample.clone()
    }
    async fn lose_link(&mut self) {
        self.bus.cut("the cable was pulled");
    }
    async fn regain_link(&mut self) {
        self.bus.restore();
    }
    async fn happen(&mut self, count: usize) -> bool {
        for _ in 0..count {
            self.bus.press(self.button, "single").await;
        }
        true
    }
    fn removable(&self) -> Option<DeviceId> {
        Some(super::support::id(self.removable))
    }
}

fn sample(address: &str) -> Sample {
    let setting = |attribute: &str, value| Setting { endpoint: 1, attribute: attribute.into(), value };
    Sample {
        device: super::support::id(address),
        settings: vec![setting("on", Value::Bool(true)), setting("brightness", Value::number(40.0))],
    }
}

async fn conforms(mut bus: Virtual) {
    let clock = Arc::new(TokioClock::at("2026-11-21T07:00:00Z".parse().unwrap()));
    let findings = check(&mut bus, clock).await.into_result().unwrap();
    assert_eq!(findings.skipped, [""; 0]);
    assert_eq!(findings.passed.len(), 9);
}

#[tokio::test(start_paused = true)]
async fn a_scripted_bus_conforms() {
    let (_, bus) = VirtualDriver::scripted(vec![
        Placement::new("lamp", "Lamp", Model::ColorLight),
        Placement::new("button", "Button", Model::Remote),
        Placement::new("old", "Old", Model::Thermostat),
    ]);
    conforms(Virtual { bus, sample: sample("lamp"), button: "button", removable: "old" }).await;
}

#[tokio::test(start_paused = true)]
async fn the_demo_home_conforms() {
    let bus = VirtualDriver::demo(7).bus();
    let sample = sample("hallway-lamp");
    conforms(Virtual { bus, sample, button: "bedroom-remote", removable: "hallway-motion" }).await;
}

/// The suite must be able to fail: a driver that says nothing does not conform.
#[tokio::test(start_paused = true)]
async fn a_driver_that_says_nothing_does_not_conform() {
    struct Mute;
    impl Driver for Mute {
        fn run(
            self: Box<Self>,
            _context: DriverContext,
        ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send>> {
            Box::pin(std::future::pending())
        }
    }
    struct Nothing;
    impl Bus for Nothing {
        fn id(&self) -> DriverId {
            DriverId::new("virtual")
        }
        fn driver(&mut self) -> Box<dyn Driver> {
            Box::new(Mute)
        }
        fn sample(&self) -> Sample {
            sample("lamp")
        }
        async fn lose_link(&mut self) {}
        async fn regain_link(&mut self) {}
        fn patience(&self) -> Duration {
            Duration::from_secs(1)
        }
    }
    let clock = Arc::new(TokioClock::at("2026-11-21T07:00:00Z".parse().unwrap()));
    let findings = check(&mut Nothing, clock).await;
    assert_eq!(findings.passed, [""; 0]);
}

/// What becomes of an event on the way to the core.
type Change = fn(DriverEvent) -> Vec<DriverEvent>;

/// A driver whose words are changed on the way to the core.
struct Tampered {
    inner: VirtualDriver,
    change: Change,
}

impl Driver for Tampered {
    fn run(
        self: Box<Self>,
        mut context: DriverContext,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send>> {
        let (to_us, mut from_inner) = tokio::sync::mpsc::channel(1);
        let to_core = std::mem::replace(&mut context.events, to_us);
        let change = self.change;
        Box::pin(async move {
            let relay = async {
                while let Some(event) = from_inner.recv().await {
                    for event in change(event) {
                        if to_core.send(event).await.is_err() {
                            return;
                        }
                    }
                }
            };
            tokio::select! {
                outcome = Box::new(self.inner).run(context) => outcome,
                () = relay => Ok(()),
            }
        })
    }
}

struct TamperedBus {
    bus: Virtual,
    change: Change,
}

impl Bus for TamperedBus {
    fn id(&self) -> DriverId {
        self.bus.id()
    }
    fn driver(&mut self) -> Box<dyn Driver> {
        Box::new(Tampered { inner: self.bus.bus.driver(), change: self.change })
    }
    fn sample(&self) -> Sample {
        self.bus.sample()
    }
    async fn lose_link(&mut self) {
        self.bus.lose_link().await;
    }
    async fn regain_link(&mut self) {
        self.bus.regain_link().await;
    }
    async fn happen(&mut self, count: usize) -> bool {
        self.bus.happen(count).await
    }
    fn removable(&self) -> Option<DeviceId> {
        self.bus.removable()
    }
}

/// Each wrong must be found by the check that is for it.
#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_found() {
    let wrongs: [(&str, Change); 6] = [
        ("gives_each_command_one_outcome", |event| match event {
            DriverEvent::Command(_) => vec![event.clone(), event],
            event => vec![event],
        }),
        ("gives_each_command_one_outcome", |event| match event {
            DriverEvent::Report(_) => Vec::new(),
            event => vec![event],
        }),
        ("answers_for_unknown_devices", |event| match event {
            DriverEvent::Managed { .. } => Vec::new(),
            event => vec![event],
        }),
        ("survives_the_loss_of_its_link", |event| match event {
            DriverEvent::Status(status) if status.state != DriverState::Online => Vec::new(),
            event => vec![event],
        }),
        ("says_nothing_of_a_removed_device", |event| match event {
            DriverEvent::DeviceRemoved(device) => {
                let availability = hub_model::Availability::Offline;
                vec![DriverEvent::DeviceRemoved(device.clone()), DriverEvent::Availability { device, availability }]
            }
            event => vec![event],
        }),
        ("reports_well_formed_devices_after_start", |event| match event {
            DriverEvent::Device(mut device) => {
                device.endpoints.reverse();
                vec![DriverEvent::Device(device)]
            }
            event => vec![event],
        }),
    ];
    for (check_for_it, change) in wrongs {
        let (_, bus) = VirtualDriver::scripted(vec![
            Placement::new("lamp", "Lamp", Model::ColorLight),
            Placement::new("button", "Button", Model::Remote),
            Placement::new("old", "Old", Model::Thermostat),
        ]);
        let bus = Virtual { bus, sample: sample("lamp"), button: "button", removable: "old" };
        let clock = Arc::new(TokioClock::at("2026-11-21T07:00:00Z".parse().unwrap()));
        let findings = check(&mut TamperedBus { bus, change }, clock).await;
        assert!(findings.failed.iter().any(|(check, _)| *check == check_for_it), "{check_for_it}: {findings:?}");
    }
}
