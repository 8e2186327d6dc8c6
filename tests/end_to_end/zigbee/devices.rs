//! What the hub makes of the devices.

use std::fmt::Write;

use expect_test::expect_file;
use serde_json::Value;

use super::{Home, SOON};

/// Every virtual device, with its attributes, is as the snapshot says.
pub(super) fn appear(home: &mut Home) {
    let mut devices = home.api.devices();
    devices.sort_by_key(|device| device["id"].to_string());
    let text: String = devices.iter().map(describe).collect();
    expect_file!["../snapshots/zigbee-devices.txt"].assert_eq(&text);
}

/// With availability switched on, devices that have just joined are online.
pub(super) fn are_online(home: &mut Home) {
    for device in ["bulb", "th", "motion", "door", "switch2", "lock"] {
        home.until_availability(device, "online", SOON * 6);
    }
}

/// A device as text: one line for it, one for each attribute; no values, which depend on the moment.
fn describe(device: &Value) -> String {
    let plain = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut text =
        format!("{} {} / {}\n", plain(&device["id"]), plain(&device["manufacturer"]), plain(&device["model"]));
    for endpoint in device["endpoints"].as_array().into_iter().flatten() {
        let label = endpoint["label"].as_str().map(|label| format!(" ({label})")).unwrap_or_default();
        for attribute in endpoint["attributes"].as_array().into_iter().flatten() {
            let access: Vec<&str> =
                attribute["access"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let _ =
                write!(text, "  {}{label} {} {}", endpoint["id"], plain(&attribute["name"]), plain(&attribute["kind"]));
            if let Some(unit) = attribute["unit"].as_str() {
                let _ = write!(text, " {unit}");
            }
            if attribute["min"].is_number() || attribute["max"].is_number() {
                let _ = write!(text, " {}..{}", attribute["min"], attribute["max"]);
            }
            let _ = writeln!(text, " [{}]", access.join(" "));
        }
    }
    text
}
