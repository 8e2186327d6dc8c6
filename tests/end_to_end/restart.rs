//! The hub is killed at any moment: what it answered with success is there afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use hub_tests::api::{Api, items};
use hub_tests::hub::OWNER;
use hub_tests::wait::throughout;
use hub_tests::{Bench, Hub, eventually};
use serde_json::{Value, json};

const DEMO: &str = "[[driver]]\nid = \"demo\"\ntype = \"virtual\"\n";
/// How often the hub is killed, and after how many successes.
const KILLS: usize = 12;
const STEPS: [usize; 6] = [1, 7, 3, 29, 2, 13];

/// What the hub has acknowledged: the last name of the home, of a device, and everything that was made.
#[derive(Debug, Default)]
struct Acknowledged {
    home: Option<String>,
    device: Option<String>,
    areas: Vec<String>,
    rules: Vec<(String, bool)>,
    count: usize,
}

impl Acknowledged {
    /// Makes the next change; true if it was acknowledged.
    fn change(&mut self, api: &Api, device: &str, number: usize) -> bool {
        let name = format!("name {number}");
        let succeeded = |answer: Result<hub_tests::api::Answer, String>| {
            answer.is_ok_and(|answer| (200..300).contains(&answer.status))
        };
        let done = match number % 5 {
            0 => {
                succeeded(api.try_patch("home", &json!({"name": name}))) && self.home.replace(name).is_none_or(|_| true)
            }
            1 => {
                succeeded(api.try_patch(&format!("devices/{device}"), &json!({"name": name})))
                    && self.device.replace(name).is_none_or(|_| true)
            }
            2 => {
                let id = format!("area-{number}");
                let done = succeeded(api.try_post("areas", &json!({"id": id, "name": name})));
                if done {
                    self.areas.push(id);
                }
                done
            }
            3 => {
                let id = format!("rule-{number}");
                let rule = json!({
                    "id": id, "name": name, "enabled": true,
                    "triggers": [{"time": "03:00"}],
                    "actions": [{"command": {"device": device, "set": {"on": false}}}],
                });
                let done = succeeded(api.try_post("automations", &rule));
                if done {
                    self.rules.push((id, true));
                }
                done
            }
            _ => {
                let Some((id, enabled)) = self.rules.last_mut() else { return true };
                let done = succeeded(api.try_patch(&format!("automations/{id}"), &json!({"enabled": !*enabled})));
                if done {
                    *enabled = !*enabled;
                }
                done
            }
        };
        self.count += usize::from(done);
        done
    }

    /// Everything acknowledged is there. What was in flight when the hub was killed may be there or not.
    fn is_in(&self, api: &Api, device: &str, in_flight: usize) {
        let may_be = format!("name {in_flight}");
        let name_is = |found: &Value, expected: &Option<String>, in_flight_kind: usize| {
            expected.as_ref().is_none_or(|name| found == name || (in_flight % 5 == in_flight_kind && *found == may_be))
        };
        let home = api.get("home").ok();
        assert!(name_is(&home["name"], &self.home, 0), "the home is called {}, not {:?}", home["name"], self.home);
        let found = api.device(device).expect("the device is known")["name"].clone();
        assert!(name_is(&found, &self.device, 1), "the device is called {found}, not {:?}", self.device);
        let areas = items(api.get("areas?limit=1000").ok());
        for id in &self.areas {
            assert!(areas.iter().any(|area| area["id"] == *id), "area {id} is lost");
        }
        let rules = items(api.get("automations?limit=1000").ok());
        for (index, (id, enabled)) in self.rules.iter().enumerate() {
            let rule = rules.iter().find(|rule| rule["id"] == *id).unwrap_or_else(|| panic!("rule {id} is lost"));
            let is_in_flight = in_flight % 5 == 4 && index + 1 == self.rules.len();
            assert!(rule["enabled"] == *enabled || is_in_flight, "rule {id} is enabled: {}", rule["enabled"]);
        }
    }
}

fn any_light(api: &Api) -> String {
    let devices = eventually("the simulated devices", Duration::from_secs(20), || {
        let devices = api.devices();
        if devices.is_empty() { Err("none yet") } else { Ok(devices) }
    });
    let light = devices.iter().find(|device| device.to_string().contains("\"light\"")).expect("a home has a light");
    light["id"].as_str().expect("a device has an id").to_owned()
}

#[test]
fn nothing_acknowledged_is_lost_by_kills() {
    let bench = Bench::new("kills");
    let mut hub = Hub::new(&bench, DEMO);
    hub.start();
    let mut api = hub.claim();
    let light = any_light(&api);
    let mut acknowledged = Acknowledged::default();
    let mut number = 0;
    for round in 0..KILLS {
        let killed = Arc::new(AtomicBool::new(false));
        let target = acknowledged.count + STEPS[round % STEPS.len()];
        // The client goes on at full speed; the kill falls into whatever it does just then.
        let (changed, reached) = std::sync::mpsc::sync_channel::<usize>(4_096);
        let client = thread::spawn({
            let (api, light, killed) = (api.clone(), light.clone(), Arc::clone(&killed));
            let mut acknowledged = std::mem::take(&mut acknowledged);
            move || {
                while acknowledged.change(&api, &light, number) {
                    number += 1;
                    let _ = changed.try_send(acknowledged.count);
                }
                assert!(killed.load(Ordering::SeqCst), "a change was refused while the hub ran, number {number}");
                (acknowledged, number)
            }
        });
        while reached.recv_timeout(Duration::from_secs(30)).expect("changes are acknowledged") < target {}
        killed.store(true, Ordering::SeqCst);
        hub.kill();
        (acknowledged, number) = client.join().expect("the client ends with the hub");
        hub.start();
        api = hub.login();
        acknowledged.is_in(&api, &light, number);
        // What was in flight may have been made: never ask for the same again.
        number += 1;
    }
    assert!(acknowledged.count >= 100, "only {} changes were acknowledged", acknowledged.count);
    assert_eq!(hub.stop(), Some(0));
}

#[test]
fn how_a_command_ended_is_known_after_a_polite_stop() {
    let bench = Bench::new("ended-commands");
    let mut hub = Hub::new(&bench, DEMO);
    hub.start();
    let api = hub.claim();
    let light = any_light(&api);
    let switch = || api.command(&light, &json!({"set": {"on": true}}));
    let command = switch();
    assert_eq!(command["status"], "confirmed", "{command:#}");
    let path = format!("commands/{}", command["id"].as_str().expect("a command has an id"));
    assert_eq!(hub.stop(), Some(0));
    hub.start();
    assert_eq!(api.get(&path).ok(), command);

    // A kill loses a batch at most: either the end is known or it is said that nobody knows.
    let command = switch();
    let path = format!("commands/{}", command["id"].as_str().expect("a command has an id"));
    hub.kill();
    hub.start();
    let found = api.get(&path).ok();
    let is_interrupted = found["status"] == "failed" && found["outcomes"][0]["reason"] == "interrupted";
    assert!(found == command || is_interrupted, "{found:#}");
    assert_eq!(hub.stop(), Some(0));
}

#[test]
fn what_a_rule_was_about_to_do_is_done_after_a_kill_and_that_is_said() {
    let bench = Bench::new("caught-up");
    let mut hub = Hub::new(&bench, DEMO);
    hub.start();
    let api = hub.claim();
    let light = any_light(&api);
    for (id, delay) in [("short", "1s"), ("long", "1h")] {
        let rule = json!({
            "id": id, "name": format!("A {id} wait"),
            "triggers": [{"state": {"device": light, "attribute": "on", "to": true}}],
            "actions": [{"delay": delay}, {"command": {"device": light, "set": {"on": false}}}],
        });
        assert_eq!(api.post("automations", &rule).status, 201);
    }
    api.command(&light, &json!({"set": {"on": false}}));
    api.command(&light, &json!({"set": {"on": true}}));
    // A decision is on the disk within 50 ms.
    let waits = || {
        let rules = items(api.get("automations").ok());
        let count = rules.iter().filter(|rule| rule["active_runs"] == 1).count();
        if count == 2 { Ok(()) } else { Err(rules) }
    };
    eventually("both rules wait", Duration::from_secs(10), waits);
    let _ = throughout(Duration::from_millis(200), || Ok::<(), ()>(()));
    hub.kill();
    let _ = throughout(Duration::from_millis(1_200), || Ok::<(), ()>(()));
    hub.start();
    let api = hub.login();
    api.until_value(&light, 1, "on", Duration::from_secs(10), |on| *on == false);
    let caught_up = api.get("system").ok()["caught_up"].clone();
    assert_eq!((&caught_up["resumed"], &caught_up["late"], &caught_up["missed"]), (&json!(1), &json!(1), &json!(0)));
    let late = caught_up["runs"].as_array().expect("a list").iter().find(|run| run["phase"] == "late");
    let late = late.unwrap_or_else(|| panic!("{caught_up:#}"));
    assert_eq!(late["name"], "A short wait");
    assert!(late["detail"].as_str().is_some_and(|detail| detail.starts_with("its wait ended at")), "{late}");
}

#[test]
fn a_claim_that_was_answered_holds() {
    for round in 0..3 {
        let bench = Bench::new(&format!("claim-{round}"));
        let mut hub = Hub::new(&bench, DEMO);
        hub.start();
        let code = hub.setup_code();
        hub.claim();
        hub.kill();
        hub.start();
        assert_eq!(hub.anonymous().get("status").ok()["state"], "claimed");
        hub.login();
        let (username, password) = OWNER;
        let again =
            json!({"setup_code": code, "home_name": "Mine", "owner": {"username": username, "password": password}});
        let answer = hub.anonymous().post("setup", &again);
        assert!((400..500).contains(&answer.status), "a code works once: {answer:?}");
    }
}

#[test]
fn cursors_survive_a_polite_stop_only() {
    let bench = Bench::new("cursors");
    let mut hub = Hub::new(&bench, DEMO);
    hub.start();
    hub.claim();
    let first = |hub: &Hub, since: Option<&Value>| {
        let mut stream = hub.stream(since);
        stream.message_after(0, "an answer to the subscription", Duration::from_secs(10), |_| true)
    };
    let cursor = first(&hub, None)["cursor"].clone();
    hub.kill();
    hub.start();
    hub.login();
    let answer = first(&hub, Some(&cursor));
    assert_eq!(answer["type"], "resync", "a cursor of before a crash names no history: {answer}");
    let again = first(&hub, None)["cursor"].clone();
    assert_ne!(again["epoch"], cursor["epoch"], "every unclean start is a new epoch");
}
