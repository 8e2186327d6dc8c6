//! A month of a home with 200 devices, made up: the same whenever it is made.

use std::io::Write;

use hub_model::history::{HistoryEntry, HistoryRecord, StateRecord};
use hub_model::{Cause, Timestamp, Value};
use serde_json::{Value as Json, json};

pub(crate) const DAYS: i64 = 30;
const DEVICES: u64 = 200;
const START: i64 = 1_790_000_000_000;
/// On average between two events, in milliseconds: each device says something every eight minutes.
const BETWEEN: u64 = 2_400;

/// What a device is, by its number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Motion,
    Lamp,
    Climate,
    Contact,
    Plug,
    Button,
}

/// Kinds in the shares of a larger home.
const KINDS: [Kind; 10] = [
    Kind::Motion,
    Kind::Motion,
    Kind::Motion,
    Kind::Lamp,
    Kind::Lamp,
    Kind::Lamp,
    Kind::Climate,
    Kind::Climate,
    Kind::Contact,
    Kind::Plug,
];

fn kind(device: u64) -> Kind {
    // One plug in two is a button.
    match KINDS[(device % 10) as usize] {
        Kind::Plug if device % 20 == 19 => Kind::Button,
        kind => kind,
    }
}

fn id(device: u64) -> String {
    format!("virtual:{device:03}")
}

/// Something that happens.
pub(crate) struct Happening {
    at: Timestamp,
    device: u64,
    attribute: &'static str,
    value: Value,
}

/// Everything that happens, in order.
pub(crate) fn happenings() -> impl Iterator<Item = Happening> {
    let mut random = 88_172_645_463_325_252_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut at = START;
    let mut levels = [200_i64; DEVICES as usize];
    std::iter::from_fn(move || {
        at += i64::try_from(next() % (2 * BETWEEN)).unwrap_or(0);
        let device = next() % DEVICES;
        let drawn = next();
        let level = &mut levels[device as usize];
        *level = (*level + (drawn % 7) as i64 - 3).clamp(0, 400);
        let number = Value::Number(*level as f64 / 10.0);
        let flag = Value::Bool(drawn.is_multiple_of(2));
        let (attribute, value) = match kind(device) {
            Kind::Motion if drawn.is_multiple_of(3) => ("illuminance", Value::Number((drawn % 900) as f64)),
            Kind::Motion => ("occupancy", flag),
            Kind::Lamp => ("on", flag),
            Kind::Climate if drawn.is_multiple_of(3) => ("humidity", Value::Number((drawn % 1_000) as f64 / 10.0)),
            Kind::Climate => ("temperature", number),
            Kind::Contact => ("open", flag),
            Kind::Plug => ("power", number),
            Kind::Button => ("action", "single".into()),
        };
        (at < START + DAYS * 86_400_000).then_some(Happening { at: Timestamp(at), device, attribute, value })
    })
}

impl Happening {
    /// As a line of a log.
    pub(crate) fn line(&self) -> Json {
        let device = id(self.device);
        if self.attribute == "action" {
            json!({"at": self.at, "device": device, "event": "action", "value": self.value})
        } else {
            json!({"at": self.at, "device": device, "attribute": self.attribute, "value": self.value})
        }
    }

    /// As history has it.
    pub(crate) fn record(&self) -> HistoryRecord {
        let (device, attribute, value) = (id(self.device).into(), self.attribute.into(), self.value.clone());
        let entry = if self.attribute == "action" {
            HistoryEntry::DeviceEvent { device, endpoint: 1, attribute, value }
        } else {
            HistoryEntry::State(StateRecord { device, endpoint: 1, attribute, value, cause: Cause::Report })
        };
        HistoryRecord { at: self.at, entry }
    }
}

/// The devices, as `GET /devices` lists them.
pub(crate) fn devices() -> Json {
    let attribute = |name: &str, kind: &str, unit: Json, writes: bool| {
        let access = if writes { json!(["read", "write", "notify"]) } else { json!(["read", "notify"]) };
        json!({"name": name, "kind": kind, "unit": unit, "access": access})
    };
    let items: Vec<Json> = (0..DEVICES)
        .map(|device| {
            let attributes = match kind(device) {
                Kind::Motion => vec![
                    attribute("occupancy", "bool", Json::Null, false),
                    attribute("illuminance", "number", json!("lx"), false),
                ],
                Kind::Lamp => {
                    vec![attribute("on", "bool", Json::Null, true), attribute("brightness", "number", json!("%"), true)]
                }
                Kind::Climate => vec![
                    attribute("temperature", "number", json!("°C"), false),
                    attribute("humidity", "number", json!("%"), false),
                ],
                Kind::Contact => vec![attribute("open", "bool", Json::Null, false)],
                Kind::Plug => {
                    vec![attribute("on", "bool", Json::Null, true), attribute("power", "number", json!("W"), false)]
                }
                Kind::Button => {
                    let mut action = attribute("action", "enum", Json::Null, false);
                    action["values"] = json!(["single", "double"]);
                    action["momentary"] = json!(true);
                    vec![action]
                }
            };
            json!({"id": id(device), "name": format!("Device {device}"), "area": format!("room-{}", device / 10),
                "endpoints": [{"id": 1, "label": null, "attributes": attributes}]})
        })
        .collect();
    json!({ "items": items })
}

/// A hundred rules of the usual kinds.
pub(crate) fn rules() -> Json {
    let of = |wanted: Kind, number: u64| {
        let devices: Vec<u64> = (0..DEVICES).filter(|device| kind(*device) == wanted).collect();
        id(devices[(number % devices.len() as u64) as usize])
    };
    let rules: Vec<Json> = (0..100)
        .map(|number| {
            let lamp = of(Kind::Lamp, number);
            let set = |set: Json| json!({"command": {"device": lamp, "set": set}});
            let (trigger, conditions, actions) = match number % 10 {
                0..=4 => {
                    let motion = of(Kind::Motion, number);
                    let left = json!({"state": {"device": motion, "attribute": "occupancy", "to": false, "for": "2m"}});
                    (
                        json!({"state": {"device": motion, "attribute": "occupancy", "to": true}}),
                        json!([{"state": {"device": lamp, "attribute": "on", "is": false}}]),
                        json!([set(json!({"on": true, "brightness": 40})), {"wait_for": left, "timeout": "30m"},
                            set(json!({"on": false}))]),
                    )
                }
                5 | 6 => (
                    json!({"numeric": {"device": of(Kind::Climate, number), "attribute": "temperature", "above": 25, "for": "10m"}}),
                    json!([]),
                    json!([{"notify": {"message": "It is warm."}}]),
                ),
                7 => (
                    json!({"event": {"device": of(Kind::Button, number), "attribute": "action", "is": "single"}}),
                    json!([]),
                    json!([{"toggle": {"device": lamp}}]),
                ),
                8 => (
                    json!({"state": {"device": of(Kind::Contact, number), "attribute": "open", "to": true, "for": "5m"}}),
                    json!([{"time": {"after": "22:00", "before": "06:00"}}]),
                    json!([{"notify": {"message": "It is open."}}]),
                ),
                _ => (json!({"every": "15m"}), json!([]), json!([set(json!({"brightness": 10 + number % 50}))])),
            };
            json!({"id": format!("rule-{number:02}"), "name": format!("Rule {number}"), "mode": "restart",
                "triggers": [trigger], "conditions": conditions, "actions": actions})
        })
        .collect();
    Json::Array(rules)
}

/// Writes the log; gives how many events it has.
pub(crate) fn write_log(writer: &mut dyn Write) -> std::io::Result<u64> {
    let mut count = 0;
    for happening in happenings() {
        writeln!(writer, "{}", happening.line())?;
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}
