//! A rule across everything: a frame of a sensor in, a frame to a lamp out.

use serde_json::json;

use super::reports::zone;
use super::{Home, SOON, id};

/// The rule is made through the API, fires on motion, and says so.
pub(super) fn motion_lamp(home: &mut Home) {
    zone(home, "motion", 0);
    home.until("motion", "occupancy", SOON, |value| *value == false);
    home.switch("bulb", false);
    let rule = json!({
        "id": "motion-lamp",
        "name": "Light on motion",
        "triggers": [{"state": {"device": id("motion"), "attribute": "occupancy", "to": true}}],
        "conditions": [{"state": {"device": id("bulb"), "attribute": "on", "is": false}}],
        "actions": [{"command": {"device": id("bulb"), "set": {"on": true, "brightness": 60}}}],
    });
    home.api.post("automations", &rule).ok();
    fires(home);
}

/// It does so still, after all that has happened meanwhile.
pub(super) fn motion_lamp_again(home: &mut Home) {
    zone(home, "motion", 0);
    home.until("motion", "occupancy", SOON, |value| *value == false);
    home.switch("bulb", false);
    fires(home);
    home.api.delete("automations/motion-lamp").ok();
}

fn fires(home: &mut Home) {
    let mark = home.stream.mark();
    zone(home, "motion", 1);
    home.network.until_own("bulb", 1, 6, 0, |on| *on == 1);
    home.network.until_own("bulb", 1, 8, 0, |level| super::near(level, 152.0, 1.0));
    home.stream.event_after(mark, SOON, &json!({"kind": "automation_run", "automation": "motion-lamp"}));
    let command = home.stream.event_after(mark, SOON, &json!({"kind": "command"}));
    assert!(command.to_string().contains("motion-lamp"), "the command says what caused it: {command}");
}
