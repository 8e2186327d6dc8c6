//! Drives a machine by hand: messages and requests in, one line for each event and each message out.

use std::fmt::Write;
use std::time::Duration;

use driver_api::driver::DriverCommand;
use driver_api::{CommandStage, DriverEvent, DriverRequest, LinkState, Machine, ManageAction, Origin};
use driver_mqtt::zigbee2mqtt::Zigbee2Mqtt;
use driver_mqtt::{Message, Outgoing};
use hub_model::command::{ConfirmedBy, Setting};
use hub_model::{Device, DeviceId, DriverId, Now, Value};
use serde_json::json;

/// A machine under test and its time.
pub(crate) struct Script {
    pub(crate) machine: Zigbee2Mqtt,
    pub(crate) now: Now,
    next: u64,
}

impl Script {
    /// A machine under `zigbee2mqtt`, not connected.
    pub(crate) fn new() -> Self {
        Self::with_known(Vec::new())
    }

    pub(crate) fn with_known(known: Vec<Device>) -> Self {
        let machine = Zigbee2Mqtt::new(DriverId::new("zigbee"), "zigbee2mqtt", known, 0xfeed);
        Self { machine, now: Now::default(), next: 0 }
    }

    /// A connected machine whose bridge lists these devices.
    pub(crate) fn online(devices: &[serde_json::Value]) -> Self {
        let mut script = Self::new();
        script.up();
        script.retained("bridge/state", r#"{"state":"online"}"#);
        script.retained("bridge/devices", &list(devices));
        script.retained("bridge/groups", "[]");
        script
    }

    pub(crate) fn up(&mut self) -> String {
        self.machine.handle_link(self.now, LinkState::Up);
        self.drain()
    }

    pub(crate) fn down(&mut self, why: &str) -> String {
        self.machine.handle_link(self.now, LinkState::Down(why.to_owned()));
        self.drain()
    }

    /// A live message under the base topic.
    pub(crate) fn live(&mut self, topic: &str, payload: &str) -> String {
        self.message(Message::new(format!("zigbee2mqtt/{topic}"), payload.to_owned()))
    }

    /// A retained message under the base topic.
    pub(crate) fn retained(&mut self, topic: &str, payload: &str) -> String {
        self.message(Message::new(format!("zigbee2mqtt/{topic}"), payload.to_owned()).retained())
    }

    pub(crate) fn message(&mut self, message: Message) -> String {
        self.machine.handle_received(self.now, vec![message]);
        self.drain()
    }

    /// Lets time pass, with all timeouts in it.
    pub(crate) fn pass(&mut self, seconds: u64) -> String {
        let end = self.now.mono.plus(Duration::from_secs(seconds));
        let mut text = String::new();
        while let Some(at) = self.machine.poll_timeout().filter(|at| *at <= end) {
            self.now.mono = self.now.mono.max(at);
            self.machine.handle_timeout(self.now);
            text += &self.drain();
        }
        self.now.mono = end;
        text
    }

    pub(crate) fn set(&mut self, device: &str, settings: &[(u16, &str, Value)]) -> String {
        self.next += 1;
        let settings = settings
            .iter()
            .map(|(endpoint, attribute, value)| Setting {
                endpoint: *endpoint,
                attribute: (*attribute).into(),
                value: value.clone(),
            })
            .collect();
        let command = DriverCommand {
            id: format!("c{}", self.next).as_str().into(),
            device: DeviceId::new(format!("zigbee:{device}")),
            settings,
            transition: None,
            deadline: self.now.mono.plus(Duration::from_secs(10)),
            by_person: true,
        };
        self.machine.handle_request(self.now, DriverRequest::Command(command));
        self.drain()
    }

    pub(crate) fn manage(&mut self, action: ManageAction) -> String {
        self.next += 1;
        self.machine.handle_request(self.now, DriverRequest::Manage { request: self.next, action });
        self.drain()
    }

    /// One line for each event and each message out.
    pub(crate) fn drain(&mut self) -> String {
        let mut text = String::new();
        while let Some(event) = self.machine.poll_event() {
            writeln!(text, "{}", line(&event)).unwrap();
        }
        while let Some(out) = self.machine.poll_transmit() {
            match out {
                Outgoing::Publish { topic, payload } => {
                    writeln!(text, "> {topic} {}", String::from_utf8_lossy(&payload)).unwrap();
                }
                Outgoing::Subscribe { filter } => writeln!(text, "> subscribe {filter}").unwrap(),
            }
        }
        text
    }
}

fn line(event: &DriverEvent) -> String {
    match event {
        DriverEvent::Status(status) => format!("status {:?} {:?}", status.state, status.detail),
        DriverEvent::Device(device) => {
            let name = device.native_name.as_deref().unwrap_or("-");
            let attributes: Vec<String> =
                device.attributes().map(|(endpoint, schema)| format!("{endpoint}/{}", schema.name)).collect();
            let interviewed = match (device.unlisted, device.interviewed) {
                (true, _) => " (unlisted)",
                (false, false) => " (being interviewed)",
                (false, true) => "",
            };
            format!("device {} {name:?}{interviewed}: {}", device.id, attributes.join(" "))
        }
        DriverEvent::DeviceRemoved(device) => format!("removed {device}"),
        DriverEvent::Report(report) => {
            let origin = match (report.origin, report.confirms) {
                (Origin::Live, ConfirmedBy::Echo) => "echo",
                (Origin::Live, ConfirmedBy::Report) => "report",
                (Origin::Retained, _) => "retained",
                (Origin::Cached, _) => "cached",
                (Origin::Assumed, _) => "assumed",
            };
            let mut readings: Vec<String> = report
                .readings
                .iter()
                .map(|reading| format!("{}/{}={}", reading.endpoint, reading.attribute, reading.value))
                .collect();
            readings.sort();
            format!("{origin} {} {}", report.device, readings.join(" "))
        }
        DriverEvent::Happening { device, reading } => {
            format!("happening {device} {}/{}={}", reading.endpoint, reading.attribute, reading.value)
        }
        DriverEvent::Availability { device, availability } => format!("{} {device}", availability.as_str()),
        DriverEvent::Command(progress) => {
            let attribute =
                progress.attribute.as_ref().map_or(String::new(), |(endpoint, name)| format!(" {endpoint}/{name}"));
            match &progress.stage {
                CommandStage::Failed { reason, detail } => {
                    format!(
                        "command {}{attribute} failed {} {:?}",
                        progress.command,
                        reason.as_str(),
                        detail.as_deref().unwrap_or("")
                    )
                }
                stage => format!("command {}{attribute} {stage:?}", progress.command),
            }
        }
        DriverEvent::Pairing(progress) => {
            let device = progress.device.as_ref().map_or("-", |device| device.as_str());
            format!("pairing {} {:?} {device} {:?}", progress.session, progress.stage, progress.next_step)
        }
        DriverEvent::Managed { request, result } => match result {
            Ok(value) => format!("managed {request} ok {value}"),
            Err(error) => format!("managed {request} {error:?}"),
        },
        DriverEvent::Renamed { device, name } => format!("renamed {device} {name:?}"),
        DriverEvent::Keep { name, .. } => format!("keep {name}"),
    }
}

/// A list of devices as the bridge publishes it, with its coordinator.
pub(crate) fn list(devices: &[serde_json::Value]) -> String {
    let coordinator = json!({"ieee_address": "0xc0", "type": "Coordinator", "friendly_name": "Coordinator", "supported": true, "endpoints": {"1": {}}});
    let all: Vec<_> = std::iter::once(coordinator).chain(devices.iter().cloned()).collect();
    serde_json::to_string(&all).unwrap()
}

fn device(address: &str, name: &str, power: &str, exposes: serde_json::Value) -> serde_json::Value {
    json!({
        "ieee_address": address, "type": if power == "Battery" { "EndDevice" } else { "Router" }, "friendly_name": name,
        "supported": true, "disabled": false, "interviewing": false, "interview_completed": true,
        "interview_state": "SUCCESSFUL", "power_source": power, "endpoints": {"1": {}},
        "definition": {"model": "M", "vendor": "V", "description": "D", "exposes": exposes, "options": [], "supports_ota": false}
    })
}

fn link_quality() -> serde_json::Value {
    json!({"type": "numeric", "name": "linkquality", "property": "linkquality", "access": 1, "unit": "lqi", "value_min": 0, "value_max": 255})
}

/// A dimmable lamp on the mains.
pub(crate) fn lamp(address: &str, name: &str) -> serde_json::Value {
    let features = json!([
        {"type": "binary", "name": "state", "property": "state", "access": 7, "value_on": "ON", "value_off": "OFF"},
        {"type": "numeric", "name": "brightness", "property": "brightness", "access": 7, "value_min": 0, "value_max": 254}
    ]);
    device(address, name, "Mains (single phase)", json!([{"type": "light", "features": features}, link_quality()]))
}

/// A button with a battery.
pub(crate) fn button(address: &str, name: &str) -> serde_json::Value {
    let exposes = json!([
        {"type": "enum", "name": "action", "property": "action", "access": 1, "values": ["single", "double"]},
        {"type": "numeric", "name": "battery", "property": "battery", "access": 1, "unit": "%", "value_min": 0, "value_max": 100},
        link_quality()
    ]);
    device(address, name, "Battery", exposes)
}

/// A motion sensor with a battery.
pub(crate) fn motion(address: &str, name: &str) -> serde_json::Value {
    let exposes = json!([
        {"type": "binary", "name": "occupancy", "property": "occupancy", "access": 1, "value_on": true, "value_off": false},
        link_quality()
    ]);
    device(address, name, "Battery", exposes)
}
