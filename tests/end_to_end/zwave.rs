//! The daemon with both drivers for Z-Wave at once, each at a stick of its own.

use std::time::Duration;

use hub_tests::api::items;
use hub_tests::hub::{free_port, hearth};
use hub_tests::zwave::{Server, Stick, is_possible};
use hub_tests::{Bench, Hub, eventually};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(15);
/// Long enough for a server of Z-Wave JS to get up and to find out a node, on a busy machine.
const LATER: Duration = Duration::from_secs(120);

/// A plug without security among the emulated nodes.
const PLUG: u16 = 2;

fn driver(hub: &Hub, id: &str) -> Value {
    let drivers = items(hub.api().get("drivers").ok());
    drivers.into_iter().find(|driver| driver["id"] == id).expect("a driver of the configuration is listed")
}

/// Each line of `hearth driver list`, at the hub's own machine.
fn list(bench: &Bench) -> Vec<String> {
    let socket = bench.folder().join("hearth.sock");
    let output = hearth(&["--socket", socket.to_str().expect("a path in UTF-8"), "driver", "list"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn both_drivers_for_zwave_in_one_home() {
    if !is_possible() {
        return;
    }
    let bench = Bench::new("zwave");
    let sticks = [Stick::start(&[PLUG]), Stick::start(&[PLUG])];
    let server = Server::start(&bench, &sticks[1]);
    let mut hub = Hub::new(&bench, &[sticks[0].driver("own"), server.driver("other")].concat());
    hub.start();
    let api = hub.claim();
    for (id, driver_type) in [("own", "zwave"), ("other", "zwave-js")] {
        eventually(&format!("{id} to be online"), LATER, || {
            let driver = driver(&hub, id);
            if driver["state"] == "online" && driver["devices"] == 1 { Ok(()) } else { Err(driver) }
        });
        assert_eq!(driver(&hub, id)["type"], driver_type);
        let plug = format!("{id}:0x7e570001-{PLUG}");
        eventually(&format!("the plug of {id}, fully interviewed"), LATER, || {
            let device = api.device(&plug);
            if device.as_ref().is_some_and(|device| device["interviewed"] == true) { Ok(()) } else { Err(device) }
        });
        for on in [true, false] {
            api.set(&plug, &json!({ "on": on }));
            assert_eq!(api.value(&plug, 0, "on"), json!(on), "{plug}");
        }
    }
    let listed = list(&bench);
    for (id, driver_type) in [("own", "zwave"), ("other", "zwave-js")] {
        let is_it = |line: &String| line.split_whitespace().take(4).eq([id, driver_type, "online", "1"]);
        assert!(listed.iter().any(is_it), "{id}: {listed:#?}");
    }
    assert_eq!(hub.stop(), Some(0));
}

/// Where nothing is, the hub runs all the same, and each driver says what it lacks and what to do.
#[test]
fn zwave_that_cannot_be_reached_says_what_to_do() {
    let bench = Bench::new("zwave-wrong");
    let [tcp, web] = [free_port(), free_port()];
    let serial = bench.folder().join("usb-no-such-stick");
    let rows = [
        ("unplugged", "zwave", "port", serial.display().to_string(), "plug the adapter in, or correct the port"),
        ("unshared", "zwave", "port", format!("tcp://127.0.0.1:{tcp}"), "check the port and that the service runs"),
        ("switched-off", "zwave-js", "url", format!("ws://127.0.0.1:{web}"), "its WebSocket server is switched on"),
    ];
    let table = |(id, driver_type, key, place, _): &(&str, &str, &str, String, &str)| {
        format!("[[driver]]\nid = \"{id}\"\ntype = \"{driver_type}\"\n{key} = \"{place}\"\n")
    };
    let drivers: String = rows.iter().map(table).collect();
    let mut hub = Hub::new(&bench, &drivers);
    hub.start();
    hub.claim();
    for (id, _, _, place, advice) in &rows {
        let place = place.trim_start_matches("tcp://");
        eventually(&format!("{id} to say what to do"), SOON, || {
            let driver = driver(&hub, id);
            let says = |words: &str| driver["detail"].as_str().is_some_and(|detail| detail.contains(words));
            if driver["state"] == "offline" && says(place) && says(advice) { Ok(()) } else { Err(driver) }
        });
    }
    let listed = list(&bench);
    for (id, _, _, _, advice) in &rows {
        assert!(listed.iter().any(|line| line.starts_with(id) && line.contains(advice)), "{id}: {listed:#?}");
    }
    assert_eq!(hub.stop(), Some(0));
}
