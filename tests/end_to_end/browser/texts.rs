//! What devices, rooms and messages are called never runs in the hub's page.

use std::collections::BTreeSet;
use std::time::Duration;

use hub_tests::broker::Broker;
use hub_tests::browser::Browser;
use hub_tests::mqtt::Client;
use hub_tests::skip::has_programs;
use hub_tests::{Api, Bench, Hub, eventually};
use serde_json::{Value, json};

use super::payloads::{Payload, payloads};

/// The app's own: a small one that asks, and the app.
pub(super) const SCRIPTS: u64 = 2;

/// How many texts one of the devices carries that have a plain name.
const CARRIED: usize = 16;
/// So many devices speak before somebody looks whether they were heard: who listens may be slow, and what is momentary is
/// not told a second time to who has missed too much.
const AT_ONCE: usize = 10;

/// A device as zigbee2mqtt lists it.
fn device(number: usize, name: &str, vendor: &str, model: &str, exposes: Vec<Value>) -> Value {
    json!({
        "ieee_address": format!("0x{number:016x}"), "type": "Router", "network_address": number, "supported": true,
        "disabled": false, "friendly_name": name, "interview_completed": true, "interview_state": "SUCCESSFUL",
        "endpoints": {"1": {}},
        "definition": {"source": "native", "model": model, "vendor": vendor, "description": model, "options": [],
            "exposes": exposes},
    })
}

/// Every text is the name of a device, the maker of another, the model of a third; the name of an attribute, its label, a
/// value, and a button's action.
fn announce(client: &mut Client, texts: &[&str]) -> usize {
    let text = |number: usize| texts[number % texts.len()];
    let named =
        (0..texts.len()).map(|number| device(number + 1, text(number), text(number + 1), text(number + 2), Vec::new()));
    let carriers = texts.chunks(CARRIED).enumerate().map(|(number, carried)| {
        let attribute = |name: &&str| json!({"type": "text", "name": name, "label": name, "property": name, "access": 1});
        let mut exposes: Vec<Value> = carried.iter().map(attribute).collect();
        let ending = carried[0];
        exposes.push(json!({"type": "text", "name": "note", "property": format!("note_{ending}"), "endpoint": ending, "access": 1}));
        exposes.push(json!({"type": "enum", "name": "action", "property": "action", "values": carried, "access": 1}));
        device(texts.len() + number + 1, &format!("carrier {number}"), "Carriers", ending, exposes)
    });
    let devices: Vec<Value> = named.chain(carriers).collect();
    let coordinator =
        json!({"ieee_address": "0x00158d0000000000", "type": "Coordinator", "friendly_name": "Coordinator"});
    let count = devices.len();
    let listed: Vec<Value> = [coordinator].into_iter().chain(devices).collect();
    for (topic, payload) in [("state", json!({"state": "online"})), ("groups", json!([])), ("devices", json!(listed))] {
        client.publish(format!("zigbee2mqtt/bridge/{topic}").as_bytes(), payload.to_string().as_bytes(), true);
    }
    client.settle();
    count
}

/// Each attribute gets the text that comes so many behind the one that it is called by; and a button is pressed.
/// After some devices it is waited until the last button was heard of.
fn report(client: &mut Client, texts: &[&str], behind: usize, mut heard: impl FnMut(&str)) {
    for (number, carried) in texts.chunks(CARRIED).enumerate() {
        let value = |at: usize| texts[(number * CARRIED + at + behind) % texts.len()];
        let mut state: serde_json::Map<String, Value> =
            carried.iter().enumerate().map(|(at, name)| ((*name).to_owned(), json!(value(at)))).collect();
        state.insert(format!("note_{}", carried[0]), json!(value(0)));
        state.insert("action".to_owned(), json!(carried[behind % carried.len()]));
        client.publish_json(&format!("zigbee2mqtt/carrier {number}"), &Value::Object(state));
        if number % AT_ONCE == AT_ONCE - 1 || texts.len() <= (number + 1) * CARRIED {
            client.settle();
            heard(carried[behind % carried.len()]);
        }
    }
}

/// Rooms, the home and messages are called so, too.
fn name_the_rest(api: &Api, texts: &[&str]) {
    let visible: Vec<&str> = texts.iter().copied().filter(|text| !text.chars().any(char::is_control)).collect();
    for (number, name) in visible.iter().step_by(9).enumerate() {
        let area = api.post("areas", &json!({"name": name})).ok();
        api.patch(&format!("devices/zigbee:0x{:016x}", number + 1), &json!({"area": area["id"]})).ok();
    }
    api.patch("home", &json!({"name": visible[0]})).ok();
    let webhook = "texts-0123456789abcdef";
    let notify = |text: &&str| json!({"notify": {"title": text, "message": text}});
    let actions: Vec<Value> = visible.iter().step_by(visible.len() / 15).map(notify).collect();
    let rule = json!({"name": visible[1], "triggers": [{"webhook": {"id": webhook}}], "actions": actions});
    api.post("automations", &rule).ok();
    api.post(&format!("webhooks/{webhook}"), &json!({})).ok();
}

/// How many texts are left out between two that are tried on a careless page, which takes long to show them all. It has
/// no divisor in common with the counts of places, elements and spellings, so that all of those are tried.
const STEP: usize = 7;

/// A careless page lets nearly all of these texts run: then what follows means something.
fn run_on_a_careless_page(browser: &mut Browser, all: &[Payload]) {
    let tried: Vec<(usize, &Payload)> = all.iter().enumerate().step_by(STEP).collect();
    let texts: Vec<Value> = tried.iter().map(|(number, one)| json!([one.place, one.text, number])).collect();
    let ran = browser.ask("careless", &json!({"texts": texts}));
    let ran: Vec<u64> = ran.as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    let idle: Vec<&Payload> =
        tried.iter().filter(|(number, _)| !ran.contains(&(*number as u64))).map(|(_, one)| *one).collect();
    assert!(ran.len() * 10 >= tried.len() * 9, "only {} of {} ran; not: {idle:#?}", ran.len(), tried.len());
}

pub(super) fn shown(judged: &Value, part: &str) -> Vec<String> {
    let texts = judged[part].as_array().into_iter().flatten();
    texts.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[test]
fn no_text_of_a_device_runs_in_the_page() {
    if !Browser::is_possible() || !has_programs(&["mosquitto"]) {
        return;
    }
    let bench = Bench::new("browser-texts");
    let broker = Broker::start(&bench);
    let mut client = Client::connect(broker.port(), "bridge");
    let all = payloads();
    assert!(all.len() >= 1_000);
    let texts: Vec<&str> = all.iter().map(|payload| &*payload.text).collect();
    let devices = announce(&mut client, &texts);
    let mut hub = Hub::new(&bench, &broker.driver());
    hub.start();
    let api = hub.claim();
    eventually("all devices", Duration::from_secs(60), || {
        let count = api.get("system").ok()["devices"].clone();
        if count == devices { Ok(()) } else { Err(count) }
    });
    report(&mut client, &texts, 1, |_| {});
    name_the_rest(&api, &texts);

    let mut browser = Browser::start(&bench, &hub, None);
    run_on_a_careless_page(&mut browser, &all);
    // Without the guards nothing but the page itself keeps a text from running.
    let carriers: Vec<Value> = texts
        .chunks(CARRIED)
        .enumerate()
        .map(|(number, carried)| {
            json!({"id": format!("zigbee:0x{:016x}", texts.len() + number + 1), "count": carried.len()})
        })
        .collect();
    for (on, behind) in [("unguarded", 2), ("hub", 3)] {
        browser.ask("show", &json!({"on": on, "devices": devices}));
        // A button's action is heard of behind all that its carrier and those before it say.
        report(&mut client, &texts, behind, |action| {
            browser.ask("until", &json!({"text": action}));
        });
        let judged = browser.ask("judge", &json!({"carriers": carriers}));
        assert_eq!((&judged["ran"], &judged["complaints"]), (&json!([]), &json!([])), "{on}");
        assert_eq!(
            (&judged["scripts"], &judged["pictures"], &judged["handlers"]),
            (&json!(SCRIPTS), &json!(0), &json!(0))
        );
        assert_eq!(judged["requests"].as_array().map(Vec::len), Some(1), "{}", judged["requests"]);
        // All of it is there to be read, letter by letter.
        let names: BTreeSet<String> = shown(&judged, "names").into_iter().collect();
        let missing: Vec<&&str> = texts.iter().filter(|text| !names.contains(**text)).collect();
        assert!(missing.is_empty(), "{on}: these names are not shown: {missing:?}");
        let values: BTreeSet<String> = shown(&judged, "values").into_iter().collect();
        let missing: Vec<&&str> = texts.iter().filter(|text| !values.contains(**text)).collect();
        assert!(missing.is_empty(), "{on}: these values are not shown: {missing:?}");
        assert!(shown(&judged, "rooms").len() > 50);
        let messages: BTreeSet<String> = shown(&judged, "messages").into_iter().collect();
        assert!(texts.iter().filter(|text| messages.contains(**text)).count() > 10, "{messages:?}");
        assert_eq!(judged["title"], texts[0]);
    }
    assert!(!hub.log().contains("panicked"));
    assert_eq!(hub.stop(), Some(0));
}
