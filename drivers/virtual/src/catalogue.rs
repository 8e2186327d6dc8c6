//! The kinds of device that can be simulated: what each says of itself and how it starts.

use std::sync::Arc;

use hub_model::attribute::Category;
use hub_model::device::{Abilities, Endpoint};
use hub_model::{Access, AttributeSchema, Capability, Device, DeviceId, EndpointNumber, Kind, Value, attributes};

/// A kind of device.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Model {
    ColorLight,
    WhiteLight,
    MeteringPlug,
    DoubleSwitch,
    MotionSensor,
    ContactSensor,
    ClimateSensor,
    Thermostat,
    Lock,
    Blind,
    LeakSensor,
    SmokeSensor,
    Remote,
}

/// Who makes all of this.
const MANUFACTURER: &str = "Hearth";

/// What a model says of itself, and how often it wakes if it sleeps.
struct Label {
    model: Model,
    number: &'static str,
    description: &'static str,
    battery: bool,
    wake_interval_ms: Option<u64>,
    endpoints: &'static [Parts],
}

/// An endpoint: number, label, what it is for, its attributes.
type Parts = (EndpointNumber, Option<&'static str>, &'static [Capability], &'static [Part]);

/// An attribute of an endpoint, and its first value (none = it has none, or life gives it one).
type Part = (&'static str, Access, First);

/// The first value of an attribute.
#[derive(Clone, Copy)]
enum First {
    Nothing,
    Bool(bool),
    Number(f64),
    Text(&'static str),
    Color(f64, f64),
}

use First::{Bool, Color, Nothing, Number, Text};
const SENSED: Access = Access::READ_NOTIFY;
const SET: Access = Access::ALL;
const PUSH: Access = Access::WRITE;
const BATTERY: Part = ("battery", SENSED, Number(87.0));
const LINK: Part = ("link_quality", Access::NOTIFY, Number(180.0));
const IDENTIFY: Part = ("identify", PUSH, Nothing);
const MAINS_WHOLE: &[Part] = &[LINK, IDENTIFY];
const BATTERY_WHOLE: &[Part] = &[BATTERY, LINK];

const LABELS: &[Label] = &[
    Label {
        model: Model::ColorLight,
        number: "Aurora",
        description: "Dimmable light with colour",
        battery: false,
        wake_interval_ms: None,
        endpoints: &[
            (
                0,
                None,
                &[],
                &[
                    LINK,
                    IDENTIFY,
                    ("update_state", Access::NOTIFY, Text("idle")),
                    ("update_progress", Access::NOTIFY, Nothing),
                ],
            ),
            (
                1,
                None,
                &[Capability::Light],
                &[
                    ("on", SET, Bool(false)),
                    ("brightness", SET, Number(80.3)),
                    ("color_temperature", SET, Number(2700.0)),
                    ("color", SET, Color(30.0, 60.0)),
                    ("color_mode", SENSED, Text("color_temperature")),
                    ("power_on_behavior", SET, Text("previous")),
                ],
            ),
        ],
    },
    Label {
        model: Model::WhiteLight,
        number: "Glow",
        description: "Dimmable white light",
        battery: false,
        wake_interval_ms: None,
        endpoints: &[
            (0, None, &[], MAINS_WHOLE),
            (
                1,
                None,
                &[Capability::Light],
                &[
                    ("on", SET, Bool(false)),
                    ("brightness", SET, Number(100.0)),
                    ("power_on_behavior", SET, Text("previous")),
                ],
            ),
        ],
    },
    Label {
        model: Model::MeteringPlug,
        number: "Watt",
        description: "Plug that measures what goes through it",
        battery: false,
        wake_interval_ms: None,
        endpoints: &[
            (0, None, &[], MAINS_WHOLE),
            (
                1,
                None,
                &[Capability::Switch],
                &[
                    ("on", SET, Bool(true)),
                    ("power", SENSED, Number(0.0)),
                    // A counter that first says 0 would have risen by all that it ever counted.
                    ("energy", SENSED, Nothing),
                    ("voltage", SENSED, Number(230.0)),
                    ("current", SENSED, Number(0.0)),
                    ("power_on_behavior", SET, Text("on")),
                ],
            ),
        ],
    },
    Label {
        model: Model::DoubleSwitch,
        number: "Duo",
        description: "Wall switch with two gangs",
        battery: false,
        wake_interval_ms: None,
        endpoints: &[
            (0, None, &[], MAINS_WHOLE),
            (1, Some("left"), &[Capability::Switch], &[("on", SET, Bool(false))]),
            (2, Some("right"), &[Capability::Switch], &[("on", SET, Bool(false))]),
        ],
    },
    Label {
        model: Model::MotionSensor,
        number: "Sentry",
        description: "Motion and light sensor",
        battery: true,
        wake_interval_ms: None,
        endpoints: &[
            (0, None, &[], BATTERY_WHOLE),
            (
                1,
                None,
                &[Capability::Sensor],
                &[("occupancy", SENSED, Bool(false)), ("illuminance", SENSED, Number(0.0))],
            ),
        ],
    },
    Label {
        model: Model::ContactSensor,
        number: "Latch",
        description: "Door and window contact",
        battery: true,
        wake_interval_ms: None,
        endpoints: &[(0, None, &[], BATTERY_WHOLE), (1, None, &[Capability::Sensor], &[("open", SENSED, Bool(false))])],
    },
    Label {
        model: Model::ClimateSensor,
        number: "Breeze",
        description: "Temperature, humidity and pressure sensor",
        battery: true,
        wake_interval_ms: None,
        endpoints: &[
            (0, None, &[], BATTERY_WHOLE),
            (
                1,
                None,
                &[Capability::Sensor],
                &[
                    ("temperature", SENSED, Number(20.0)),
                    ("humidity", SENSED, Number(45.0)),
                    ("pressure", SENSED, Number(1013.0)),
                ],
            ),
        ],
    },
    Label {
        model: Model::Thermostat,
        number: "Ember",
        description: "Radiator thermostat",
        battery: true,
        wake_interval_ms: Some(5_000),
        endpoints: &[
            (0, None, &[], BATTERY_WHOLE),
            (
                1,
                None,
                &[Capability::Thermostat],
                &[
                    ("heating_setpoint", SET, Number(20.5)),
                    ("temperature", SENSED, Number(20.0)),
                    ("hvac_mode", SET, Text("heat")),
                    ("hvac_action", SENSED, Text("idle")),
                    ("child_lock", SET, Bool(false)),
                ],
            ),
        ],
    },
    Label {
        model: Model::Lock,
        number: "Bolt",
        description: "Door lock",
        battery: true,
        wake_interval_ms: None,
        endpoints: &[
            (0, None, &[], BATTERY_WHOLE),
            (1, None, &[Capability::Lock], &[("locked", SET, Bool(true)), ("lock_state", SENSED, Text("locked"))]),
        ],
    },
    Label {
        model: Model::Blind,
        number: "Shade",
        description: "Blind with slats",
        battery: false,
        wake_interval_ms: None,
        endpoints: &[
            (0, None, &[], MAINS_WHOLE),
            (
                1,
                None,
                &[Capability::Cover],
                &[
                    ("position", SET, Number(100.0)),
                    ("tilt", SET, Number(50.0)),
                    ("cover_command", PUSH, Nothing),
                    ("motion", SENSED, Text("stopped")),
                ],
            ),
        ],
    },
    Label {
        model: Model::LeakSensor,
        number: "Drop",
        description: "Water leak sensor",
        battery: true,
        wake_interval_ms: None,
        endpoints: &[
            (0, None, &[], &[BATTERY, ("battery_low", SENSED, Bool(false)), LINK]),
            (1, None, &[Capability::Sensor], &[("water_leak", SENSED, Bool(false)), ("self_test", SET, Bool(false))]),
        ],
    },
    Label {
        model: Model::SmokeSensor,
        number: "Ash",
        description: "Smoke alarm",
        battery: true,
        wake_interval_ms: None,
        endpoints: &[
            (0, None, &[], BATTERY_WHOLE),
            (
                1,
                None,
                &[Capability::Sensor],
                &[("smoke", SENSED, Bool(false)), ("tamper", SENSED, Bool(false)), ("self_test", SET, Bool(false))],
            ),
        ],
    },
    Label {
        model: Model::Remote,
        number: "Click",
        description: "Remote with one button",
        battery: true,
        wake_interval_ms: None,
        endpoints: &[
            (0, None, &[], BATTERY_WHOLE),
            (1, None, &[Capability::Remote], &[("action", Access::NOTIFY, Nothing)]),
        ],
    },
];

/// Ranges and native steps of numbers.
const RANGES: &[(&str, f64, f64, Option<f64>)] = &[
    ("brightness", 0.0, 100.0, Some(0.4)),
    ("color_temperature", 2000.0, 6500.0, Some(25.0)),
    ("position", 0.0, 100.0, Some(1.0)),
    ("tilt", 0.0, 100.0, Some(1.0)),
    ("heating_setpoint", 5.0, 30.0, Some(0.5)),
    ("battery", 0.0, 100.0, None),
    ("humidity", 0.0, 100.0, None),
    ("link_quality", 0.0, 255.0, None),
    ("update_progress", 0.0, 100.0, None),
];

/// The values of enumerations.
const VALUES: &[(&str, &[&str])] = &[
    ("color_mode", &["color_temperature", "hs", "xy"]),
    ("power_on_behavior", &["off", "on", "previous"]),
    ("identify", &["identify"]),
    ("hvac_mode", &["off", "heat", "auto"]),
    ("hvac_action", &["idle", "heating"]),
    ("lock_state", &["locked", "unlocked", "not_fully_locked", "unknown"]),
    ("cover_command", &["open", "close", "stop"]),
    ("motion", &["opening", "closing", "stopped"]),
    ("action", &["single", "double", "hold"]),
    ("update_state", &["idle", "available", "updating"]),
];

/// What is about the device rather than about the home, and its settings.
const CATEGORIES: &[(&str, Category)] = &[
    ("link_quality", Category::Diagnostic),
    ("update_state", Category::Diagnostic),
    ("update_progress", Category::Diagnostic),
    ("power_on_behavior", Category::Config),
    ("child_lock", Category::Config),
    ("self_test", Category::Config),
    ("identify", Category::Config),
];

impl Model {
    fn label(self) -> Option<&'static Label> {
        LABELS.iter().find(|label| label.model == self)
    }

    /// The model that a described device is of.
    pub fn of(device: &Device) -> Option<Self> {
        let number = device.model.as_deref()?;
        LABELS.iter().find(|label| label.number == number).map(|label| label.model)
    }

    /// A device of this model.
    pub fn describe(self, id: DeviceId, name: &str) -> Device {
        let Some(label) = self.label() else { return Device { id, ..Device::default() } };
        Device {
            id,
            native_name: Some(Arc::from(name)),
            manufacturer: Some(Arc::from(MANUFACTURER)),
            model: Some(Arc::from(label.number)),
            description: Some(Arc::from(label.description)),
            firmware: Some(Arc::from("1.0.0")),
            power_source: Some(Arc::from(if label.battery { "battery" } else { "mains" })),
            security: None,
            wake_interval_ms: label.wake_interval_ms,
            members: Vec::new(),
            interviewed: true,
            unlisted: false,
            abilities: Abilities { rename: true, remove: true, interview: true, firmware_update: self.has_firmware() },
            endpoints: label
                .endpoints
                .iter()
                .map(|(number, label, capabilities, parts)| Endpoint {
                    number: *number,
                    label: label.map(Arc::from),
                    capabilities: capabilities.to_vec(),
                    attributes: parts.iter().map(|(name, access, _)| schema(name, *access)).collect(),
                })
                .collect(),
        }
    }

    /// The values that a device of this model has when it is new.
    pub(crate) fn first_values(self) -> impl Iterator<Item = (EndpointNumber, &'static str, Value)> {
        self.label().into_iter().flat_map(|label| label.endpoints).flat_map(|(number, _, _, parts)| {
            parts.iter().filter_map(move |(name, _, first)| Some((*number, *name, first.value()?)))
        })
    }

    /// Whether newer firmware can be put on it.
    pub(crate) fn has_firmware(self) -> bool {
        self == Self::ColorLight
    }
}

impl First {
    fn value(self) -> Option<Value> {
        Some(match self {
            Nothing => return None,
            Bool(value) => Value::Bool(value),
            Number(value) => Value::number(value),
            Text(value) => Value::text(value),
            Color(hue, saturation) => {
                Value::composite([("hue", Value::number(hue)), ("saturation", Value::number(saturation))])
            }
        })
    }
}

fn schema(name: &'static str, access: Access) -> AttributeSchema {
    let meant = attributes::semantic(name);
    let values = VALUES.iter().find(|(named, _)| *named == name).map(|(_, values)| *values);
    let kind = meant.map(|meant| meant.kind).unwrap_or(if values.is_some() { Kind::Enum } else { Kind::Number });
    let mut schema = AttributeSchema::new(name, kind, access).values(values.unwrap_or_default().iter().copied());
    schema.unit = meant.and_then(|meant| meant.unit).map(Arc::from);
    schema.momentary = meant.is_some_and(|meant| meant.momentary);
    if name == "update_progress" {
        schema = schema.unit("%");
    }
    if let Some((_, min, max, step)) = RANGES.iter().find(|(named, ..)| *named == name) {
        schema = schema.range(*min, *max);
        schema.step = *step;
    }
    schema.category = CATEGORIES.iter().find(|(named, _)| *named == name).map(|(_, category)| *category);
    schema
}
