//! What states mean and what is sent, case by case.

use std::time::Duration;

use driver_mqtt::zigbee2mqtt::decode::{Decoded, Nested};
use driver_mqtt::zigbee2mqtt::definition::{DeviceItem, GroupItem};
use driver_mqtt::zigbee2mqtt::mapping::{Described, describe, describe_group};
use hub_model::command::Setting;
use hub_model::{Capability, DriverId, EndpointNumber, Value};
use serde_json::{Value as Json, json};

fn expose(kind: &str, name: &str, access: u8, more: Json) -> Json {
    let mut expose = json!({"type": kind, "name": name, "property": name, "access": access});
    expose.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    expose
}

fn on_off(name: &str, property: &str) -> Json {
    expose("binary", name, 7, json!({"property": property, "value_on": "ON", "value_off": "OFF"}))
}

fn item(address: &str, endpoints: Json, exposes: Json) -> DeviceItem {
    DeviceItem::read(&json!({
        "ieee_address": address, "friendly_name": "x", "endpoints": endpoints,
        "definition": {"model": "M", "vendor": "V", "supports_ota": true, "exposes": exposes,
            "options": [{"type": "numeric", "name": "transition", "property": "transition", "access": 2}]},
    }))
    .unwrap()
}

fn device(exposes: Json) -> Described {
    describe(&DriverId::from("zigbee"), &item("0x1", json!({}), exposes), None)
}

fn color_light(prefers: &[&str]) -> Json {
    let mut features = vec![
        on_off("state", "state"),
        expose("numeric", "brightness", 7, json!({"value_min": 0, "value_max": 254})),
        expose(
            "numeric",
            "color_temp",
            7,
            json!({"unit": "mired", "value_min": 153, "value_max": 500,
            "presets": [{"name": "warm", "value": 370, "description": "Warm"}]}),
        ),
    ];
    features.extend(prefers.iter().map(|name| {
        let parts = if *name == "color_xy" { ["x", "y"] } else { ["hue", "saturation"] };
        let parts = parts.map(|part| expose("numeric", part, 7, json!({})));
        expose("composite", name, 7, json!({"property": "color", "features": parts}))
    }));
    json!([{"type": "light", "features": features}])
}

fn shown(decoded: &Decoded) -> Vec<String> {
    let show = |mark: &str, reading: &driver_api::Reading| {
        format!("{mark}{}/{}={}", reading.endpoint, reading.attribute, reading.value)
    };
    let readings = decoded.readings.iter().map(|reading| show("", reading));
    let happenings = decoded.happenings.iter().map(|reading| show("!", reading));
    let mut shown: Vec<_> = readings.chain(happenings).collect();
    shown.extend(decoded.unmapped.iter().map(|property| format!("?{property}")));
    shown
}

fn read(described: &Described, state: Json) -> Vec<String> {
    shown(&described.mapping.decode(&state))
}

fn set(endpoint: EndpointNumber, attribute: &str, value: Value) -> Setting {
    Setting { endpoint, attribute: attribute.into(), value }
}

fn sent(described: &Described, settings: &[Setting]) -> Json {
    json!(described.mapping.encode(settings, Some(Duration::from_millis(1500))).unwrap())
}

fn hue(hue: f64, saturation: f64) -> Value {
    Value::composite([("hue", Value::Number(hue)), ("saturation", Value::Number(saturation))])
}

#[test]
fn light_states_are_in_canonical_units() {
    let lamp = device(color_light(&["color_xy", "color_hs"]));
    assert_eq!(
        read(&lamp, json!({"brightness": 102, "color_temp": 370, "state": "ON", "linkquality": 3})),
        ["1/brightness=40.2", "1/color_temperature=2703", "1/on=true", "?linkquality",]
    );
    let schema = lamp.device.attribute(1, "color_temperature").unwrap();
    assert_eq!((schema.min, schema.max), (Some(2000.0), Some(6540.0)));
    assert_eq!(schema.presets[0].value, Value::Number(2703.0));
    assert_eq!(lamp.device.endpoint(1).unwrap().capabilities, [Capability::Light]);
}

#[test]
fn a_range_in_kelvin_has_round_ends_and_the_device_its_own() {
    let color_temp = json!({"unit": "mired", "value_min": 250, "value_max": 454});
    let features = json!([expose("numeric", "color_temp", 7, color_temp)]);
    let lamp = device(json!([{"type": "light", "features": features}]));
    let schema = lamp.device.attribute(1, "color_temperature").unwrap();
    assert_eq!((schema.min, schema.max), (Some(2200.0), Some(4000.0)));
    for (kelvin, mired) in [(2200.0, 454), (2203.0, 454), (4000.0, 250)] {
        assert_eq!(schema.check(&kelvin.into()), Ok(()), "{kelvin}");
        let sent = sent(&lamp, &[set(1, "color_temperature", kelvin.into())]);
        assert_eq!(sent[0]["color_temp"], mired, "{kelvin}: {sent}");
    }
}

#[test]
fn null_is_unknown_and_garbage_is_skipped() {
    let lamp = device(color_light(&["color_xy"]));
    assert_eq!(
        read(&lamp, json!({"brightness": null, "color": {"x": null, "y": null}, "color_mode": null, "state": null})),
        ["1/brightness=unknown", "1/color=unknown", "1/color_mode=unknown", "1/on=unknown"]
    );
    assert_eq!(
        read(&lamp, json!({"brightness": "NaN", "color": [1], "color_temp": {}, "state": [true]})),
        ["?brightness", "?color", "?color_temp", "?state"]
    );
    for payload in [json!(null), json!("ON"), json!([1]), json!(7)] {
        assert!(read(&lamp, payload).is_empty());
    }
}

#[test]
fn the_colour_mode_says_which_form_of_a_colour_counts() {
    let both = json!({"x": 0.4, "y": 0.5, "hue": 30, "saturation": 70, "h": 31, "s": 71});
    let cases = [
        (&["color_xy", "color_hs"][..], json!({"color": both}), "1/color={x: 0.4, y: 0.5}"),
        (&["color_hs", "color_xy"], json!({"color": both}), "1/color={hue: 30, saturation: 70}"),
        (&["color_xy"], json!({"color": both, "color_mode": "hs"}), "1/color={hue: 30, saturation: 70}"),
        (&["color_hs"], json!({"color": both, "color_mode": "xy"}), "1/color={x: 0.4, y: 0.5}"),
        (&["color_xy"], json!({"color": both, "color_mode": "color_temp"}), "1/color={x: 0.4, y: 0.5}"),
        (&["color_xy"], json!({"color": {"hue": 30, "saturation": 70}}), "1/color={hue: 30, saturation: 70}"),
        (&["color_hs"], json!({"color": {"x": 0.4, "hue": 30, "s": 9}}), "1/color={hue: 30, saturation: 9}"),
    ];
    for (prefers, state, wanted) in cases {
        assert_eq!(read(&device(color_light(prefers)), state.clone())[0], wanted, "{prefers:?} {state}");
    }
    assert!(read(&device(color_light(&["color_xy"])), json!({"color": {"x": 0.4}})).is_empty());
}

#[test]
fn one_object_is_sent_clamped_and_with_a_transition_in_seconds() {
    let lamp = device(color_light(&["color_xy", "color_hs"]));
    assert_eq!(
        sent(&lamp, &[set(1, "on", true.into()), set(1, "brightness", 40.0.into())]),
        json!([{"state": "ON", "brightness": 102, "transition": 1.5}])
    );
    assert_eq!(
        sent(&lamp, &[set(1, "brightness", 0.0.into()), set(1, "color_temperature", 9000.0.into())]),
        json!([{"brightness": 1, "color_temp": 153, "transition": 1.5}])
    );
    assert_eq!(
        sent(&lamp, &[set(1, "color_temperature", "warm".into())]),
        json!([{"color_temp": 370, "transition": 1.5}])
    );
    assert_eq!(
        sent(&lamp, &[set(1, "color", hue(0.0, 100.0)), set(1, "color_temperature", 2000.0.into())]),
        json!([{"color": {"x": 0.7006, "y": 0.2993}, "transition": 1.5}, {"color_temp": 500, "transition": 1.5}])
    );
    let other = device(color_light(&["color_hs"]));
    let xy = Value::composite([("x", Value::Number(0.7006)), ("y", Value::Number(0.2993))]);
    let color = sent(&other, &[set(1, "color", xy)])[0]["color"].clone();
    assert!(color["saturation"].as_f64().unwrap() > 99.0, "{color}");
}

#[test]
fn refusals_name_attribute_and_reason() {
    let lamp = device(color_light(&["color_xy"]));
    let cases = [
        (set(1, "on", 1.0.into()), "cannot set on of endpoint 1: give a value of kind bool"),
        (set(2, "on", true.into()), "cannot set on of endpoint 2: the device has no such attribute"),
        (set(1, "color_mode", "xy".into()), "cannot set color_mode of endpoint 1: the device does not let it be set"),
        (set(1, "brightness", Value::Unknown), "cannot set brightness of endpoint 1: unknown is no value to set"),
        (set(1, "color_temperature", 0.0.into()), "cannot set color_temperature of endpoint 1: give a number above 0"),
    ];
    for (setting, wanted) in cases {
        assert_eq!(lamp.mapping.encode(&[setting], None).unwrap_err().to_string(), wanted);
    }
}

#[test]
fn endpoints_keep_their_numbers_and_labels() {
    let gang = |label: &str| {
        let mut state = on_off("state", &format!("state_{label}"));
        state["endpoint"] = json!(label);
        json!({"type": "switch", "endpoint": label, "features": [state]})
    };
    let exposes = json!([
        gang("right"),
        gang("left"),
        gang("usb"),
        expose("enum", "power_on_behavior", 7, json!({"values": ["on", "off"]})),
        expose("numeric", "linkquality", 1, json!({"unit": "lqi"})),
    ]);
    let endpoints = json!({"1": {"name": "left"}, "2": {"name": "right"}, "242": {}});
    let item = item("0x1", endpoints, exposes);
    let first = describe(&DriverId::from("zigbee"), &item, None);
    let shape: Vec<_> = first
        .device
        .endpoints
        .iter()
        .map(|endpoint| (endpoint.number, endpoint.label.as_deref(), endpoint.capabilities.clone()))
        .collect();
    assert_eq!(
        shape,
        [
            (0, None, vec![]),
            (1, Some("left"), vec![Capability::Switch]),
            (2, Some("right"), vec![Capability::Switch]),
            (3, Some("usb"), vec![Capability::Switch]),
        ]
    );
    assert_eq!(sent(&first, &[set(2, "on", false.into())]), json!([{"state_right": "OFF"}]));
    assert_eq!(read(&first, json!({"state_usb": "on"})), ["3/on=true"]);
    // Even when the bridge says nothing of numbers any more, and one endpoint is gone.
    let mut later = item;
    later.endpoints.clear();
    later.definition.as_mut().unwrap().exposes.remove(2);
    let again = describe(&DriverId::from("zigbee"), &later, Some(&first.device));
    assert_eq!(again.device.endpoint(3).unwrap().label.as_deref(), Some("usb"));
    assert_eq!(sent(&again, &[set(2, "on", false.into())]), json!([{"state_right": "OFF"}]));
}

#[test]
fn covers_locks_contacts_and_units_are_read_as_the_hub_means_them() {
    let described = device(json!([
        {"type": "cover", "features": [
            expose("enum", "state", 3, json!({"values": ["OPEN", "CLOSE", "STOP"]})),
            expose("numeric", "position", 7, json!({"unit": "%", "value_min": 0, "value_max": 100})),
        ]},
        {"type": "lock", "features": [
            expose("binary", "state", 7, json!({"property": "lock_it", "value_on": "LOCK", "value_off": "UNLOCK"})),
            expose("enum", "lock_state", 1, json!({"values": ["not_fully_locked", "locked", "unlocked"]})),
        ]},
        {"type": "fan", "features": [on_off("state", "fan_state"), expose("enum", "mode", 7, json!({"property": "fan_mode", "values": ["low", "high"]}))]},
        expose("binary", "contact", 1, json!({"value_on": false, "value_off": true})),
        expose("numeric", "voltage", 1, json!({"unit": "mV"})),
        expose("numeric", "temperature", 1, json!({"unit": "℉"})),
        expose("numeric", "temperature_calibration", 3, json!({"unit": "℉", "value_min": -18, "value_max": 18, "value_step": 1.8})),
        expose("numeric", "pressure", 1, json!({"unit": "kPa"})),
        expose("numeric", "uptime", 1, json!({"unit": "Hours"})),
        expose("numeric", "illuminance", 1, json!({"unit": "%"})),
        expose("numeric", "battery", 1, json!({"unit": "%"})),
        expose("enum", "child_lock", 3, json!({"values": ["unlocked", "locked"]})),
        expose("enum", "Ntc Status", 3, json!({"property": "ntc status", "values": [1, 2, 2]})),
    ]));
    assert!(described.dropped.is_empty());
    assert_eq!(
        read(
            &described,
            json!({
                "state": "CLOSE", "position": 30, "lock_it": "LOCK", "lock_state": "jammed", "fan_state": "OFF", "fan_mode": "low",
                "contact": false, "voltage": 3005, "temperature": 68, "temperature_calibration": 1.8, "pressure": 101.3, "uptime": 2,
                "illuminance": 5, "battery": "88", "child_lock": "locked", "ntc status": 2, "last_seen": 7, "odd": 1
            })
        ),
        [
            "0/battery=88",
            "1/child_lock=true",
            "1/open=true",
            "1/fan_mode=low",
            "1/on=false",
            "1/illuminance_percent=5",
            "1/lock_it=true",
            "1/lock_state=jammed",
            "1/ntc status=2",
            "1/position=30",
            "1/pressure=1013",
            "1/cover_state=closed",
            "1/temperature=20",
            "1/temperature_calibration=1",
            "0/uptime=7200",
            "1/voltage=3.005",
            "?odd",
        ]
    );
    assert_eq!(
        sent(
            &described,
            &[
                set(1, "cover_command", "stop".into()),
                set(1, "temperature_calibration", (-2.0).into()),
                set(1, "child_lock", false.into()),
                set(1, "ntc status", "2".into()),
            ]
        ),
        json!([{"state": "STOP", "temperature_calibration": -3.6, "child_lock": "unlocked", "ntc status": 2}])
    );
    let asked = described.mapping.readable().unwrap();
    assert_eq!(json!(asked), json!({"fan_mode": "", "fan_state": "", "lock_it": "", "position": ""}));
    let capabilities = &described.device.endpoint(1).unwrap().capabilities;
    assert_eq!(capabilities, &[Capability::Cover, Capability::Lock, Capability::Fan]);
}

#[test]
fn actions_happen_and_are_never_states() {
    let remote = device(json!([expose("enum", "action", 1, json!({"values": ["on", "off"]}))]));
    assert_eq!(read(&remote, json!({"action": "on"})), ["!1/action=on"]);
    assert_eq!(read(&remote, json!({"action": "brand_new"})), ["!1/action=brand_new"]);
    for nothing in [json!(""), json!(null)] {
        assert!(read(&remote, json!({"action": nothing})).is_empty());
    }
    assert_eq!(shown(&remote.mapping.decode_property("action", "off")), ["!1/action=off"]);
    assert_eq!(remote.device.endpoint(1).unwrap().capabilities, [Capability::Remote]);
}

#[test]
fn firmware_updates_are_attributes_and_progress() {
    let described = device(json!([]));
    let decoded = described.mapping.decode(&json!({"update": {"state": "updating", "progress": 12.34, "remaining": 90,
        "installed_version": 17, "latest_version": -1}}));
    assert_eq!(decoded.update.as_ref().unwrap().progress, Some(12.3));
    assert_eq!(
        shown(&decoded),
        [
            "0/update_state=updating",
            "0/update_progress=12.3",
            "0/update_remaining=90",
            "0/update_installed_version=17",
            "0/update_latest_version=unknown",
        ]
    );
    let unknown = described.mapping.decode(&json!({"update": {"state": null, "installed_version": -1}}));
    assert!(unknown.readings.iter().all(|reading| reading.value.is_unknown()));
}

#[test]
fn plain_texts_on_topics_of_their_own_are_put_together() {
    let lamp = device(color_light(&["color_xy", "color_hs"]));
    let mut nested = Nested::default();
    let mut read = |path: &str, text: &str| shown(&lamp.mapping.decode_nested(&mut nested, path, text));
    assert_eq!(read("state", "ON"), ["1/on=true"]);
    assert_eq!(read("brightness", " 254 "), ["1/brightness=100"]);
    assert_eq!(read("brightness", ""), ["1/brightness=unknown"]);
    assert_eq!(read("brightness", "1e999"), ["?brightness"]);
    assert!(read("color-x", "0.4").is_empty());
    assert_eq!(read("color-y", "0.5"), ["1/color={x: 0.4, y: 0.5}"]);
    assert_eq!(read("color_mode", "hs"), ["1/color_mode=hs"]);
    assert!(read("last_seen", "2026-11-20T18:00:05Z").is_empty());
    assert_eq!(read("no-such", "1"), ["?no-such"]);
}

#[test]
fn composites_and_lists_are_sent_whole() {
    let fields = json!([
        expose("numeric", "hours", 2, json!({})),
        expose("binary", "active", 2, json!({"value_on": "ON", "value_off": "OFF"})),
        expose("composite", "deep", 2, json!({"features": [expose("text", "t", 2, json!({}))]})),
    ]);
    let mut top_level = expose("composite", "program", 3, json!({"features": fields}));
    top_level.as_object_mut().unwrap().remove("property");
    let described = device(json!([
        expose("composite", "schedule", 3, json!({"features": fields})),
        top_level,
        expose("list", "zones", 3, json!({"item_type": expose("composite", "zone", 3, json!({"features": fields}))})),
    ]));
    let value = Value::composite([
        ("hours", Value::Number(4.0)),
        ("active", Value::Bool(true)),
        ("deep", Value::composite([("t", Value::text("x"))])),
    ]);
    let json = json!({"hours": 4, "active": "ON", "deep": {"t": "x"}});
    let send = |name: &str, value: &Value| sent(&described, &[set(1, name, value.clone())]);
    assert_eq!(send("schedule", &value), json!([{"schedule": json}]));
    assert_eq!(send("program", &value), json!([json]));
    assert_eq!(send("zones", &Value::list([value.clone()])), json!([{"zones": [json]}]));
    let shown = format!("1/program={value}");
    assert_eq!(read(&described, json), [shown]);
}

#[test]
fn exposes_of_one_name_all_stay() {
    let described = device(json!([
        expose("numeric", "temperature", 1, json!({"unit": "°C"})),
        {"type": "climate", "features": [expose("numeric", "local_temperature", 1, json!({"unit": "°C"}))]},
        {"type": "switch", "features": [on_off("state", "state")]},
        {"type": "light", "features": [on_off("state", "state")]},
        {"type": "switch", "features": [on_off("state", "window_detection")]},
        {"type": "switch", "features": [on_off("state", "state_of_pump")]},
        expose("enum", "mode", 3, json!({"values": ["a"]})),
        expose("numeric", "mode", 3, json!({"property": "mode"})),
        expose("numeric", "mode", 3, json!({"property": "mode"})),
        expose("enum", "mode", 3, json!({"property": "Mode 2", "values": ["b"]})),
        {"type": "numeric", "access": 1},
        {"type": "hologram", "name": "holo", "property": "holo", "access": 0},
        {"type": "hologram", "features": [expose("binary", "spin", 1, json!({}))]},
        {"type": "light"},
    ]));
    let attributes = &described.device.endpoint(1).unwrap().attributes;
    let names: Vec<_> = attributes.iter().map(|schema| schema.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "temperature",
            "local_temperature",
            "on",
            "window_detection",
            "state_of_pump",
            "mode",
            "mode_number",
            "Mode 2",
            "holo",
            "spin",
        ]
    );
    assert_eq!(described.dropped, ["Numeric without a name", "Light without a name"]);
    let capabilities = &described.device.endpoint(1).unwrap().capabilities;
    assert_eq!(capabilities, &[Capability::Thermostat, Capability::Switch, Capability::Light]);
}

#[test]
fn a_group_has_what_its_members_have() {
    let zigbee = DriverId::from("zigbee");
    let lamp = describe(&zigbee, &item("0x1", json!({}), color_light(&["color_hs"])), None);
    let mut on = on_off("state", "state_l2");
    on["endpoint"] = json!("l2");
    let switch = json!([{"type": "switch", "endpoint": "l2", "features": [on]}]);
    let switch = describe(&zigbee, &item("0x2", json!({"2": {"name": "l2"}}), switch), None);
    let group = GroupItem::read(&json!({"id": 5, "friendly_name": "Küche/alle", "members": [
        {"ieee_address": "0x2", "endpoint": 2}, {"ieee_address": "0x1", "endpoint": 11}, {"ieee_address": "0x3", "endpoint": 1},
    ]}));
    let members = [(&lamp.device, &lamp.mapping), (&switch.device, &switch.mapping)];
    let described = describe_group(&zigbee, &group.unwrap(), &members, None);
    assert_eq!(described.device.id.as_str(), "zigbee:group-5");
    assert_eq!(described.device.members.len(), 3);
    assert_eq!(described.device.endpoint(1).unwrap().capabilities, [Capability::Switch, Capability::Light]);
    assert_eq!(read(&described, json!({"state": "ON", "brightness": 254})), ["1/brightness=100", "1/on=true"]);
    assert_eq!(
        sent(&described, &[set(1, "on", true.into()), set(1, "color", hue(120.0, 50.0))]),
        json!([{"state": "ON", "color": {"hue": 120, "saturation": 50}, "transition": 1.5}])
    );
    assert!(described.mapping.readable().is_none());
}
