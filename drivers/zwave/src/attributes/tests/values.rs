//! What reports say, and what they say nothing about.

use hub_model::Value;

use super::super::{BasicSet, Endpoint, Node, describe, report};
use super::{command, node, told};
use crate::command_class::notification::{EVENTS, TYPES};
use crate::command_class::value::BitMask;
use crate::command_class::{Command, CommandClass as C, multilevel_sensor, notification};

/// An endpoint with every class in its newest version, and everything that can be said of it.
pub(super) fn everything() -> Node {
    let classes: Vec<C> = (0..0xf0).map(C).filter(|class| class.implemented_version().is_some()).collect();
    let mut node = node(
        0x10,
        0x01,
        &classes,
        &[
            "30 04 fe ff",
            "32 04 e1 ff 01 03",
            "33 02 ff 01",
            "6a 02 03 ff ff ff",
            "40 05 ff ff ff ff",
            "44 05 ff 0f",
            "43 05 ff 0f",
            "6d 05 0f",
            "64 05 0e",
            "5b 02 02 03 7f",
            "62 08 01 06 02 00 ff ff 07 0f",
            "62 06 01 ff fe fe 00 00 00 00 00",
            "75 05 03 07 00 07 00",
            "75 03 00 00",
            "79 02 02",
            "79 04 01 00 02 04 44 69 6e 67",
            "79 04 02 00 02 04 44 69 6e 67",
            "79 07 1e 01",
            "87 05 50 43 01 ff",
            "87 05 43 00 01 ff",
            "66 05 03",
            "63 05 0a",
            "80 03 32 00 00",
            "80 05 64 00",
            "70 0f 00 01 09 00 03 01 00 02 00",
            "70 0f 01 02 0c ff ff ff fe 00 00 00 05 00 00 00 00 00 00",
            "84 0a 00 00 3c 01 51 80 00 0e 10 00 00 3c",
            "90 03 00 01 05",
            "84 06 00 0e 10 01",
        ],
    );
    let mut learn = |command| node.learn(0, &command);
    for sensor_type in multilevel_sensor::SENSOR_TYPES {
        learn(Command::MultilevelSensor(multilevel_sensor::Command::SupportedScaleReport {
            sensor_type: sensor_type.number,
            scales: 1,
        }));
    }
    for (notification_type, _) in TYPES {
        let events = EVENTS.iter().filter(|event| event.notification_type == *notification_type);
        let events = BitMask::of(events.map(|event| u16::from(event.number)));
        learn(Command::Notification(notification::Command::EventSupportedReport {
            notification_type: *notification_type,
            events,
        }));
    }
    node
}

#[test]
fn reports_say_what_they_say() {
    let light = || node(0x11, 0x01, &[C::MULTILEVEL_SWITCH, C::COLOR_SWITCH], &["33 02 1f 00"]);
    let cover = || node(0x11, 0x06, &[C::MULTILEVEL_SWITCH], &[]);
    let slats = || node(0x11, 0x06, &[C::WINDOW_COVERING, C::MULTILEVEL_SWITCH], &["6a 02 03 00 20 80"]);
    let fan = || node(0x11, 0x08, &[C::MULTILEVEL_SWITCH], &[]);
    let sensor = || node(0x07, 0x01, &[C::NOTIFICATION, C::MULTILEVEL_SENSOR], &["71 02 07 02 08 01"]);
    let lock = || node(0x40, 0x03, &[C::DOOR_LOCK, C::NOTIFICATION], &["62 08 01 02 02 00 ff ff 03 00"]);
    let plain = || node(0x10, 0x01, &[C::THERMOSTAT_FAN_MODE], &[]);
    type Case<'a> = (&'a dyn Fn() -> Node, &'a [(&'a str, &'a str)]);
    let cases: &[Case<'_>] = &[
        (
            &light,
            &[
                ("26 03 00", "on=false"),
                ("26 03 63", "on=true brightness=100"),
                ("26 03 32", "on=true brightness=50.505051"),
                ("26 03 ff", "on=true brightness=100"),
                ("26 03 fe", "on=unknown brightness=unknown"),
                ("33 04 02 ff", "red=255"),
                ("33 04 03 80", "green=128"),
                ("33 04 04 00", "blue=0 color={hue: 30.117647, saturation: 100}"),
                ("33 04 00 ff", "warm_white=255 color={hue: 30.117647, saturation: 100}"),
                ("33 04 01 00", "cold_white=0 color={hue: 30.117647, saturation: 100} color_temperature=2700"),
                ("20 03 00", "on=false"),
            ],
        ),
        (&cover, &[("26 03 00", "position=0"), ("26 03 63", "position=100")]),
        (
            &slats,
            &[
                ("6a 04 0d 63 63 00", "position=100"),
                ("6a 04 17 32 32 00", "tilt=100"),
                ("6a 04 17 63 63 00", "tilt=0"),
                // A movement without a position.
                ("6a 04 0c 32 00 00", ""),
                // Window Covering hides Multilevel Switch.
                ("26 03 63", ""),
            ],
        ),
        (&fan, &[("26 03 00", "on=false fan_speed=0"), ("26 03 63", "on=true fan_speed=100")]),
        (
            &sensor,
            &[
                ("71 05 00 00 00 ff 07 08 00", "occupancy=true"),
                ("71 05 00 00 00 ff 07 00 01 08", "occupancy=false"),
                ("71 05 00 00 00 ff 07 00 00", "tamper=false occupancy=false"),
                ("71 05 00 00 00 ff 07 fe 00", "tamper=unknown occupancy=unknown"),
                ("71 05 00 00 00 ff 07 06 00", "action=glass_breakage"),
                ("71 05 00 00 00 ff 04 02 00", "heat_alarm_heat_sensor_status=overheat_detected"),
                ("71 05 00 00 00 ff 0f 01 01 01", "valve_open=true"),
                ("71 05 00 00 00 ff 0f 01 01 00", "valve_open=false"),
                ("71 05 00 00 00 ff 7b 2a 00", "action=notification_123_event_42"),
                ("71 05 15 07", "alarm_type=21 alarm_level=7"),
                ("31 05 01 2a 02 bc", "temperature=21.111111"),
                ("31 05 03 0a 00 78", "illuminance=120"),
                ("31 05 03 01 28", "illuminance_percent=40"),
                ("31 05 08 22 03 f5", "pressure=1013"),
                ("31 05 1b 01 03", "ultraviolet=3"),
                ("31 05 7a 01 03", "sensor_122=3"),
                ("31 05 1f 01 28", "moisture=40"),
                ("31 05 2a 01 07", "soil_reactivity=7"),
            ],
        ),
        (
            &lock,
            &[
                (
                    "62 03 ff ff 01 fe fe",
                    "locked=true lock_state=locked lock_mode=secured lock_timeout_remaining=unknown inside_handles=15 outside_handles=15 open=false bolt_locked=true",
                ),
                (
                    "62 03 10 02 02 00 1e",
                    "locked=false lock_state=not_fully_locked lock_mode=unsecured_for_inside_door_handles lock_timeout_remaining=30 inside_handles=2 outside_handles=0 open=true bolt_locked=false",
                ),
                (
                    "62 03 fe 00 00 fe fe",
                    "locked=unknown lock_state=unknown lock_mode=unknown lock_timeout_remaining=unknown inside_handles=0 outside_handles=0 open=true bolt_locked=true",
                ),
                ("71 05 00 00 00 ff 06 06 04 63 03 02 01", "action_user=2 action=keypad_unlock_operation"),
                ("71 05 00 00 00 ff 06 0b 00", "lock_jammed=true"),
            ],
        ),
        (
            &plain,
            &[
                ("32 02 21 64 00 00 03 e8", "energy=1"),
                ("32 02 41 64 00 00 03 e8", "produced_energy=1"),
                ("32 02 21 34 00 00 03 e8", "power=100"),
                ("32 02 a1 42 03 e8", "voltage=10"),
                ("32 02 a1 4a 03 e8", "current=10"),
                ("32 02 a1 5a 03 e8 00 00 00", "power_reactive=10000"),
                ("32 02 a1 5a 03 e8 00 00 01", "electric_kvarh=10"),
                ("32 02 22 02 03 e8", "gas_volume=1000"),
                ("32 02 23 12 03 e8", "water_consumed=3.785412"),
                ("80 03 ff", "battery=0 battery_low=true"),
                ("80 03 4d", "battery=77 battery_low=false"),
                ("40 03 06", "hvac_mode=fan_only"),
                ("42 03 01", "hvac_action=heat"),
                ("43 03 01 2a 02 bc", "heating_setpoint=21.111111"),
                ("43 03 0b 22 00 b4", "energy_save_heating_setpoint=18"),
                ("44 03 81", "fan_mode=low fan_on=false"),
                ("66 03 32", "position=50 cover_state=stopped motion=stopped"),
                ("66 03 fe", "motion=opening"),
                ("66 03 00", "position=0 cover_state=closed motion=stopped"),
                ("79 0a 02 1e", "alarm=true melody=2 playing_volume=30"),
                ("79 0a 00", "alarm=false melody=off"),
                ("75 03 02 00", "child_lock=true keypad_lockout=no_operation_possible rf_protection=unprotected"),
                ("87 03 ff", "indicator=true"),
                ("87 03 00 01 43 02 ff", "button_1_indication_binary=true"),
                ("5b 03 07 03 02", "action=2_double"),
                ("2b 01 05 00", "action=scene_5"),
                ("6f 01 01 02 03 04 31 32 33 34", "action=disarm_all"),
                ("90 03 01 24 00 00 30 39", "produced_energy=1.2345"),
                ("30 03 ff 0a", "open=true"),
                ("30 03 ff 0b", "tilt_bool=true"),
                (
                    "6b 04 18 05 02 01 2c 01 c8 00 10 01 03",
                    "voltage=24 flow=0.3 water_pressure=unknown rain=true moisture_detected=false master_valve_open=true first_open_valve=3 irrigation_errors=16 irrigation_shutoff=0",
                ),
                ("9c 02 00 05 ff 00 1e", "water_leak=true"),
                ("9c 02 00 04 00 00 00", "heat=false"),
                ("30 03 ff", "general_purpose=true"),
                ("70 06 05 02 ff fe", "parameter_5=-2"),
                ("63 03 04 01 31 32 33 34", "user_4_status=enabled_grant_access"),
                ("76 03 01", "locked=true"),
                // Questions, and what is about the node.
                ("25 02", ""),
                ("86 14 25 02", ""),
                ("72 05 00 01 00 02 00 03", ""),
                ("91 01 0f 26", ""),
            ],
        ),
    ];
    let mut wrong = Vec::new();
    for (make, reports) in cases {
        let mut node = make();
        for (bytes, values) in *reports {
            let told = told(&mut node, bytes);
            if told != *values {
                wrong.push(format!("{bytes}: {told}, not {values}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn basic_is_a_value_or_an_event_by_device() {
    let remote = node(0x18, 0x01, &[C::CENTRAL_SCENE], &[]);
    let motion = node(0x20, 0x01, &[C::BINARY_SENSOR], &["30 04 00 10"]);
    let switch = node(0x10, 0x01, &[C::BINARY_SWITCH], &[]);
    let as_event = Node { basic_set: BasicSet::Event, ..switch.clone() };
    let as_sensor =
        Node { basic_set: BasicSet::BinarySensor, ..node(0x18, 0x01, &[C::BINARY_SENSOR], &["30 04 00 04"]) };
    for (node, bytes, values) in [
        (&remote, "20 01 ff", "action=on"),
        (&remote, "20 01 00", "action=off"),
        (&remote, "20 01 32", "action_level=50 action=level"),
        (&remote, "26 04 20 00", "action=brightness_move_up"),
        (&remote, "20 03 32", "basic=50.505051"),
        (&motion, "20 01 ff", "occupancy=true"),
        (&motion, "20 03 00", "occupancy=false"),
        (&switch, "20 01 ff", "on=true"),
        (&switch, "20 03 00", "on=false"),
        (&as_event, "20 01 ff", "action=on"),
        (&as_sensor, "20 01 ff", "open=true"),
    ] {
        assert_eq!(told(&mut node.clone(), bytes), values, "{bytes}");
    }
}

#[test]
fn the_root_keeps_to_itself_what_endpoints_tell() {
    let mut relay = node(0x10, 0x01, &[C::BINARY_SWITCH, C::MULTI_CHANNEL, C::BATTERY, C::METER], &[]);
    assert_eq!(told(&mut relay, "25 03 ff"), "on=true");
    for endpoint in ["60 0a 01 10 01 5e 25", "60 0a 02 10 01 5e 25 80"] {
        relay.learn(0, &command(endpoint));
    }
    assert_eq!(told(&mut relay, "25 03 ff"), "");
    assert_eq!(told(&mut relay, "80 03 4d"), "battery=77 battery_low=false");
    let of_the_second = report(&relay, 2, &command("25 03 ff"));
    assert_eq!(of_the_second.len(), 1);
    assert_eq!((of_the_second[0].endpoint, &of_the_second[0].value), (2, &Value::Bool(true)));
    assert!(report(&relay, 9, &command("25 03 ff")).is_empty(), "an endpoint that is not there");
    let names = |number| {
        let endpoint = describe(&relay).into_iter().find(|endpoint| endpoint.number == number).unwrap();
        endpoint.attributes.iter().any(|attribute| attribute.name.as_str() == "on")
    };
    assert!(!names(0) && names(1) && names(2));
    // What happens is told, whoever tells it.
    relay.learn(0, &command("60 0a 02 18 01 20 25 5b"));
    assert_eq!(told(&mut relay, "5b 03 07 00 02"), "action=2_single");
    relay.keeps_root_values = true;
    assert_eq!(told(&mut relay, "25 03 ff"), "on=true");
    // A dynamic endpoint that is gone.
    relay.learn(0, &command("60 0a 81 ff 00"));
    assert!(!relay.endpoints.contains_key(&1));
    // The root is not gone, nor another device, whatever is said.
    let root = relay.endpoints[&0].clone();
    relay.learn(0, &command("60 0a 00 ff 00"));
    relay.learn(0, &command("60 0a 80 10 01 25"));
    assert_eq!(relay.endpoints.get(&0), Some(&root));
}

#[test]
fn versions_are_told_by_the_root_for_all() {
    let mut relay = Node::new(Endpoint::new(0x10, 0x01, [(C::BINARY_SWITCH, 0)]));
    relay.learn(0, &command("60 0a 01 10 01 25"));
    relay.learn(0, &command("86 14 25 02"));
    assert!(relay.endpoints.values().all(|endpoint| endpoint.version(C::BINARY_SWITCH) == 2));
}

#[test]
fn every_name_is_there_once() {
    for endpoint in describe(&everything()) {
        let mut names: Vec<_> = endpoint.attributes.iter().map(|attribute| attribute.name.clone()).collect();
        assert!(names.len() > 250, "{} attributes", names.len());
        names.sort();
        names.windows(2).for_each(|pair| assert_ne!(pair[0], pair[1]));
        for attribute in &endpoint.attributes {
            let name = attribute.name.as_str();
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
                "{name}"
            );
        }
    }
}

#[test]
fn what_a_node_can_fill_is_bounded() {
    let mut greedy = node(0x10, 0x01, &[C::CONFIGURATION, C::METER], &[]);
    for parameter in 0..2_000_u16 {
        let [high, low] = parameter.to_be_bytes();
        greedy.learn(0, &command(&format!("70 0f {high:02x} {low:02x} 09 00 03 01 00 00 00")));
        let name = "41 ".repeat(30);
        greedy.learn(0, &command(&format!("70 0b 00 01 05 {name}")));
        greedy.learn(0, &command(&format!("32 02 a1 39 01 00 00 {low:02x}")));
    }
    let endpoint = &greedy.endpoints[&0];
    assert_eq!(endpoint.parameters.len(), 512);
    assert!(endpoint.parameters[&1].name.len() <= 2_048);
    assert!(endpoint.meter_scales.len() <= 512);
}
