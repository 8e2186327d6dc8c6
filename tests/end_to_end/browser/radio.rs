//! What nodes of a Z-Wave network say never runs in the hub's page: through the hub's own driver, of which the radio is
//! emulated, and through the one for Z-Wave JS, whose server is played.

use std::collections::BTreeSet;
use std::time::Duration;

use hub_tests::browser::Browser;
use hub_tests::zwave::{Played, Stick, is_possible};
use hub_tests::{Api, Bench, Hub, eventually};
use serde_json::{Value, json};

use super::payloads::payloads;
use super::texts::{SCRIPTS, shown};

/// What fits into the 16 bytes that a node keeps of its name and of its place. On a careless page these load something, or
/// lead all that follows elsewhere.
const NAMES: [&str; 5] =
    ["<img src=//a.b/>", "<base href=//a>", "<svg onload=q()>", "'><b autofocus>", "{{q()}}${q()}"];
/// How many texts one of the server's nodes carries.
const CARRIED: usize = 16;
/// The radio takes its time: so many texts are left out between two that its nodes say.
const STEP: usize = 13;
/// Pages that tell of devices and radios, too.
const ALSO: [&str; 5] = ["/drivers", "/drivers/own", "/drivers/other", "/rules/new", "/log?show=events"];
/// Until the radio has told everything, on a busy machine.
const LATER: Duration = Duration::from_secs(240);

/// Of each chunk of texts a node: its name, maker, model and what it is, and the labels, descriptions and values of what it
/// has, some of them words for numbers.
fn nodes_of_a_server(texts: &[&str]) -> Vec<Value> {
    let text = |number: usize| texts[number % texts.len()];
    let chunks = texts.chunks(CARRIED).enumerate();
    let node = |(number, carried): (usize, &[&str])| {
        let first = number * CARRIED;
        let metadata = |at: usize, kind: &str| json!({"type": kind, "readable": true, "writeable": true, "label": text(first + at), "description": text(first + at + 1)});
        let value = |property: String, metadata: Value, value: Value| json!({"commandClass": 0x91, "endpoint": 0, "property": property, "metadata": metadata, "value": value});
        let said = (0..carried.len())
            .map(|at| value(format!("{} {at}", text(first + at)), metadata(at, "string"), json!(text(first + at + 2))));
        let mut chosen = metadata(0, "number");
        chosen["states"] = json!({"0": text(first), "1": text(first + 1)});
        chosen["unit"] = json!("<b onx=1>");
        let values: Vec<Value> = said.chain([value("chosen".to_owned(), chosen, json!(1))]).collect();
        json!({"nodeId": number + 2, "status": 4, "ready": true, "isListening": true, "interviewStage": "Complete",
            "name": text(first), "location": text(first + 1), "firmwareVersion": text(first + 2),
            "deviceConfig": {"manufacturer": text(first + 3), "label": text(first + 4), "description": text(first + 5)},
            "deviceClass": {"generic": {"key": 16}, "specific": {"key": 1}},
            "endpoints": [{"index": 0, "commandClasses": [{"id": 0x91, "version": 1}]},
                {"index": 1, "endpointLabel": text(first + 6), "commandClasses": [{"id": 37, "version": 2}]}],
            "values": values})
    };
    chunks.map(node).collect()
}

/// The devices of a driver, each with how many attributes it has.
fn devices(api: &Api, driver: &str) -> Vec<Value> {
    let listed = hub_tests::api::items(api.get("devices?limit=1000").ok());
    listed.into_iter().filter(|device| device["driver"] == driver).collect()
}

fn carriers(devices: &[Value]) -> Vec<Value> {
    let count = |device: &Value| {
        device["endpoints"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|end| end["attributes"].as_array())
            .flatten()
            .count()
    };
    devices.iter().map(|device| json!({"id": device["id"], "count": count(device).min(CARRIED)})).collect()
}

/// Which of these texts do not stand on a page as they were said.
fn missing<'texts>(texts: &[&'texts str], shown: &BTreeSet<String>) -> Vec<&'texts str> {
    let stands = |text: &&&str| !shown.contains(**text) && !shown.contains(text.trim());
    texts.iter().filter(stands).copied().collect()
}

#[test]
fn no_text_of_a_zwave_node_runs_in_the_page() {
    if !Browser::is_possible() || !is_possible() {
        return;
    }
    let bench = Bench::new("browser-radio");
    let all = payloads();
    let texts: Vec<&str> = all.iter().map(|payload| &*payload.text).collect();
    let heard: Vec<&str> = texts.iter().copied().step_by(STEP).collect();
    let stick = Stick::saying(&NAMES, &heard);
    let nodes = nodes_of_a_server(&texts);
    let server = Played::start(&bench, &json!(nodes), texts[0]);
    let mut hub = Hub::new(&bench, &[stick.driver("own"), server.driver("other")].concat());
    hub.start();
    let api = hub.claim();
    let sayers = heard.len().div_ceil(Stick::TEXTS);
    eventually("all nodes, fully interviewed", LATER, || {
        let ready = |driver: &str| devices(&api, driver).iter().filter(|device| device["interviewed"] == true).count();
        let found = (ready("own"), ready("other"));
        if found == (sayers, nodes.len()) { Ok(()) } else { Err(found) }
    });
    let (own, other) = (devices(&api, "own"), devices(&api, "other"));

    // Spaces around a text are no part of it.
    let told = json!(own).to_string();
    let lacking: Vec<&&str> = heard
        .iter()
        .filter(|text| !told.contains(&json!(text).to_string().trim_matches('"').trim_end().to_owned()))
        .collect();
    assert!(lacking.is_empty(), "these texts of nodes do not arrive: {lacking:?}");

    let mut browser = Browser::start(&bench, &hub, None);
    for on in ["unguarded", "hub"] {
        browser.ask("show", &json!({"on": on, "devices": own.len() + other.len()}));
        // What the server says of why it did not do what it was asked for stands where it was asked for.
        api.post(
            &format!("devices/{}/commands", other[0]["id"].as_str().expect("an id")),
            &json!({"set": {"chosen": "0"}}),
        );
        let carriers = [carriers(&own), carriers(&other)].concat();
        let judged = browser.ask("judge", &json!({"carriers": carriers, "also": ALSO}));
        // The server does nothing that it is asked for; of that the browser's console tells.
        let complaints: Vec<String> =
            shown(&judged, "complaints").into_iter().filter(|text| !text.contains("409 (Conflict)")).collect();
        assert_eq!((&judged["ran"], complaints), (&json!([]), Vec::new()), "{on}");
        assert_eq!(
            (&judged["scripts"], &judged["pictures"], &judged["handlers"]),
            (&json!(SCRIPTS), &json!(0), &json!(0))
        );
        assert_eq!(judged["requests"].as_array().map(Vec::len), Some(1), "{}", judged["requests"]);
        let names: BTreeSet<String> = shown(&judged, "names").into_iter().collect();
        assert!(NAMES.iter().step_by(2).take(sayers).all(|name| names.contains(*name)), "{on}: {names:?}");
        assert!(names.iter().filter(|name| texts.contains(&&***name)).count() > 50, "{on}: {names:?}");
        let values: BTreeSet<String> = shown(&judged, "values").into_iter().collect();
        let lacking = missing(&texts, &values);
        assert!(lacking.is_empty(), "{on}: these texts are not shown: {lacking:?}");
    }
    assert!(!hub.log().contains("panicked"));
    assert_eq!(hub.stop(), Some(0));
}
