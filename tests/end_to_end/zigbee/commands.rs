//! The hub commands; the virtual devices' own attributes say whether it happened.

use serde_json::{Value, json};

use super::{Home, SOON, id, near};

/// Clusters, as the devices know them.
const ON_OFF: u16 = 6;
const LEVEL: u16 = 8;
const COLOR: u16 = 0x300;
const COVER: u16 = 0x102;
const LOCK: u16 = 0x101;
const THERMOSTAT: u16 = 0x201;

/// Everything that can be switched is switched on and off again.
pub(super) fn switches(home: &mut Home) {
    for device in ["bulb", "bulbws", "plug", "unknown"] {
        home.switch(device, true);
        home.switch(device, false);
    }
    each_gang_by_itself(home);
}

/// The same for the devices of the smaller network.
pub(super) fn switches_of_some(home: &mut Home) {
    home.switch("bulb", true);
    home.switch("bulb", false);
    each_gang_by_itself(home);
}

fn each_gang_by_itself(home: &mut Home) {
    for (endpoint, other) in [(2, 1), (1, 2)] {
        for on in [true, false] {
            let command = home.api.command(&id("switch2"), &json!({"set": {"on": on}, "endpoint": endpoint}));
            assert_eq!(command["status"], "confirmed", "{command:#}");
            home.network.until_own("switch2", endpoint, ON_OFF, 0, |value| *value == u8::from(on));
            assert_eq!(home.network.own("switch2", other, ON_OFF, 0), 0, "the other gang stays as it is");
        }
    }
}

/// Brightness in per cent, colour in both spellings, colour temperature in kelvin.
pub(super) fn lights(home: &mut Home) {
    home.switch("bulb", true);
    home.api.set(&id("bulb"), &json!({"brightness": 40}));
    home.network.until_own("bulb", 1, LEVEL, 0, |level| near(level, 102.0, 1.0));
    home.api.set(&id("bulb"), &json!({"brightness": 100}));
    home.network.until_own("bulb", 1, LEVEL, 0, |level| near(level, 254.0, 0.0));

    home.api.set(&id("bulb"), &json!({"color": {"hue": 240, "saturation": 100}}));
    home.network.until_own("bulb", 1, COLOR, 3, |x| near(x, 0.14 * 65_536.0, 0.04 * 65_536.0));
    home.network.until_own("bulb", 1, COLOR, 4, |y| near(y, 0.05 * 65_536.0, 0.04 * 65_536.0));
    home.api.set(&id("bulb"), &json!({"color": {"x": 0.6, "y": 0.35}}));
    home.network.until_own("bulb", 1, COLOR, 3, |x| near(x, 0.6 * 65_536.0, 700.0));
    home.network.until_own("bulb", 1, COLOR, 4, |y| near(y, 0.35 * 65_536.0, 700.0));

    home.api.set(&id("bulb"), &json!({"color_temperature": 4000}));
    // This bulb gets white as a colour: its maker's own way renders it wrongly.
    home.network.until_own("bulb", 1, COLOR, 3, |x| near(x, 0.3804 * 65_536.0, 70.0));
    home.network.until_own("bulb", 1, COLOR, 4, |y| near(y, 0.3767 * 65_536.0, 70.0));
    home.until("bulb", "color_temperature", SOON, |kelvin| near(kelvin, 4_000.0, 10.0));
    home.api.set(&id("bulbws"), &json!({"color_temperature": 2200}));
    home.network.until_own("bulbws", 1, COLOR, 7, |mireds| near(mireds, 454.0, 1.0));

    let both = json!({"set": {"on": true, "brightness": 20}, "transition_ms": 300});
    assert_eq!(home.api.command(&id("bulb"), &both)["status"], "confirmed");
    home.network.until_own("bulb", 1, LEVEL, 0, |level| near(level, 51.0, 1.0));
    home.switch("bulb", false);
}

/// A blind's position, a lock's bolt, the set-point of two kinds of radiator valve.
pub(super) fn moving_things(home: &mut Home) {
    home.api.set(&id("blind"), &json!({"position": 30}));
    // The cluster counts from open to closed, the hub from closed to open.
    home.network.until_own("blind", 1, COVER, 8, |lift| near(lift, 70.0, 1.0));
    for (locked, state) in [(false, 2), (true, 1)] {
        home.api.set(&id("lock"), &json!({"locked": locked}));
        home.network.until_own("lock", 1, LOCK, 0, |own| *own == state);
    }
    home.api.set(&id("trv"), &json!({"heating_setpoint": 22.5}));
    let own = |home: &Home, attribute| home.network.own("trv", 1, THERMOSTAT, attribute);
    // This maker keeps the set-point in force in an attribute of its own.
    let set = [own(home, 0x12), own(home, 0x4003)];
    assert!(set.contains(&json!(2250)), "{set:?}");
    home.api.set(&id("tuyatrv"), &json!({"heating_setpoint": 23}));
    let datapoints = home.network.device("tuyatrv")["dps"].clone();
    assert_eq!(datapoints["2"], json!([2, "000000e6"]), "{datapoints}");
}

/// What cannot be is said at once, and nothing is sent.
pub(super) fn refusals(home: &mut Home) {
    let before = home.network.device("bulb")["attrs"].clone();
    let refused: &[(&str, Value, u16)] = &[
        ("bulb", json!({"set": {"brightness": 140}}), 422),
        ("bulb", json!({"set": {"on": "yes"}}), 422),
        ("bulb", json!({"set": {"colour": true}}), 422),
        ("th", json!({"set": {"temperature": 20}}), 422),
        ("switch2", json!({"set": {"on": true}}), 422),
        ("bulb", json!({"set": {}}), 422),
        ("bulb", json!({"sett": {"on": true}}), 422),
    ];
    for (device, command, status) in refused {
        let answer = home.api.post(&format!("devices/{}/commands", id(device)), command);
        assert_eq!(answer.status, *status, "{device} {command}: {}", answer.body);
        assert!(answer.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{}", answer.body);
    }
    let answer = home.api.post("devices/zigbee:0xdeadbeef00000000/commands", &json!({"set": {"on": true}}));
    assert_eq!(answer.status, 404, "{}", answer.body);
    assert_eq!(home.network.device("bulb")["attrs"], before);
    assert_eq!(home.attribute("bulb", "on")["state"]["desired"], Value::Null, "after {SOON:?} nothing is wished");
}
