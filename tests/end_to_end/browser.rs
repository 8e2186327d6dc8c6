//! What a browser that was led astray can do to the hub: a real one, with its owner logged in.
//!
//! Each attack is made on two hubs: on the hub as it is, and on the same one behind a little server that takes its guards
//! away (`tests/browser/unguarded.js`). What does nothing there would prove nothing here.

mod payloads;
mod radio;
mod texts;

use std::collections::BTreeSet;

use expect_test::expect;
use hub_tests::api::items;
use hub_tests::browser::Browser;
use hub_tests::hub::free_port;
use hub_tests::{Api, Bench, Hub};
use serde_json::{Map, Value, json};

/// A simulated home, so that there is something to see.
const HOME: &str = "[[driver]]\nid = \"home\"\ntype = \"virtual\"\n";

/// A claimed hub, with a room that an attacker would like to remove.
fn hub(bench: &Bench, configuration: &str) -> (Hub, Api) {
    let mut hub = Hub::new(bench, configuration);
    hub.start();
    let api = hub.claim();
    api.post("areas", &json!({"name": "Attic"})).ok();
    (hub, api)
}

fn rooms(api: &Api) -> BTreeSet<String> {
    let name = |area: Value| area["name"].as_str().map(str::to_owned);
    items(api.get("areas?limit=1000").ok()).into_iter().filter_map(name).collect()
}

/// What people did, as the audit log has it, without who came in.
fn deeds(api: &Api) -> Vec<String> {
    let listed = items(api.get("audit?limit=1000").ok());
    listed
        .iter()
        .map(|entry| format!("{} {}", entry["action"], entry["what"]))
        .filter(|deed| !deed.contains("login"))
        .collect()
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(fields) = value else { panic!("not an object: {value}") };
    fields
}

/// What a page learned and what the hub answered, attempt by attempt, at the hub and at the one without guards.
fn table(hub: &Map<String, Value>, unguarded: &Map<String, Value>) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (attempt, outcome) in hub {
        let cell = |outcome: &Value| {
            let learned: String = outcome["learned"].as_str().unwrap_or_default().chars().take(8).collect();
            format!("{} {}", outcome["answered"].as_str().unwrap_or_default(), learned.trim())
        };
        lines.push(format!("{attempt:<36} {:<18} {}\n", cell(outcome), cell(&unguarded[attempt])));
    }
    lines.sort();
    lines.concat()
}

/// Everything that a page of elsewhere tries. At the hub it learns nothing and changes nothing.
fn attack(bench: &str, from: &str) -> String {
    let bench = Bench::new(bench);
    let (hub, api) = hub(&bench, HOME);
    let mut browser = Browser::start(&bench, &hub, None);
    let before = (rooms(&api), deeds(&api), api.get("home").ok());
    let refused = object(browser.ask("attack", &json!({"from": from, "on": "hub"})));
    let after = (rooms(&api), deeds(&api), api.get("home").ok());
    assert_eq!(before, after, "a strange page changed something");
    let done = object(browser.ask("attack", &json!({"from": from, "on": "unguarded"})));
    // Without guards each room that was to be added is there, and the other one is gone.
    let rooms = rooms(&api);
    let adds = |attempt: &&String| attempt.starts_with("post") || attempt.starts_with("send");
    for attempt in done.keys().filter(adds) {
        let mark = format!("{attempt}, {from}, unguarded");
        assert!(rooms.iter().any(|room| room.starts_with(&mark)), "{attempt} does not work at all: {rooms:?}");
    }
    assert!(!rooms.contains("Attic"));
    assert_eq!(api.get("home").ok()["name"], format!("change the home, {from}, unguarded"));
    table(&refused, &done)
}

#[test]
fn a_page_of_another_site_does_and_learns_nothing() {
    if !Browser::is_possible() {
        return;
    }
    // The cookie does not come with such a request: 401. A preflight is answered 405.
    expect![[r#"
        change the home                      405 nothing        200 200 {"na
        follow a link that means a change    401 nothing        422 nothing
        listen by EventSource                426 nothing        200 {"name":
        listen by WebSocket                  101 error          101 snapshot
        log out                              401 nothing        204 nothing
        post JSON by XMLHttpRequest          405 nothing        201 201 {"id
        post JSON by fetch                   405 nothing        201 201 {"id
        post a form by fetch                 401 nothing        201 201 {"id
        post by beacon                       401 nothing        201 nothing
        post text by fetch                   401 nothing        201 201 {"id
        post text by fetch without CORS      401 nothing        201 nothing
        read by fetch                        401 nothing        200 200 {"na
        read by fetch without CORS           401 nothing        200 nothing
        remove a room                        405 nothing        204 204
        run an answer as a script            401 nothing        200 nothing
        run the hub's script                 200 nothing        200 loaded
        send a form                          401 nothing        201 nothing
        send a form from a sandbox           unseen nothing     unseen nothing
        send a form into a frame             401 nothing        201 nothing
        send a form with parts               401 nothing        201 nothing
        send a form with parts into a frame  401 nothing        201 nothing
        send text                            401 nothing        201 nothing
        send text by a detour                401 nothing        201 nothing
        send text into a frame               401 nothing        201 nothing
        show the hub's picture               200 nothing        200 loaded
        use the hub's style                  200 nothing        200 loaded
    "#]]
    .assert_eq(&attack("browser-cross-site", "cross site"));
}

#[test]
fn a_page_at_another_port_does_and_learns_nothing() {
    if !Browser::is_possible() {
        return;
    }
    // For a browser that is the same site, so the cookie comes, and the hub alone refuses: 403.
    expect![[r#"
        change the home                      405 nothing        200 200 {"na
        follow a link that means a change    422 nothing        422 nothing
        listen by EventSource                403 nothing        200 {"name":
        listen by WebSocket                  refused nothing    101 snapshot
        log out                              403 nothing        204 nothing
        post JSON by XMLHttpRequest          405 nothing        201 201 {"id
        post JSON by fetch                   405 nothing        201 201 {"id
        post a form by fetch                 403 nothing        201 201 {"id
        post by beacon                       403 nothing        201 nothing
        post text by fetch                   403 nothing        201 201 {"id
        post text by fetch without CORS      403 nothing        201 nothing
        read by fetch                        200 nothing        200 200 {"na
        read by fetch without CORS           200 nothing        200 nothing
        remove a room                        405 nothing        204 204
        run an answer as a script            200 nothing        200 nothing
        run the hub's script                 200 nothing        200 loaded
        send a form                          403 nothing        201 nothing
        send a form from a sandbox           unseen nothing     unseen nothing
        send a form into a frame             403 nothing        201 nothing
        send a form with parts               403 nothing        201 nothing
        send a form with parts into a frame  403 nothing        201 nothing
        send text                            403 nothing        201 nothing
        send text by a detour                403 nothing        201 nothing
        send text into a frame               403 nothing        201 nothing
        show the hub's picture               200 nothing        200 loaded
        use the hub's style                  200 nothing        200 loaded
    "#]]
    .assert_eq(&attack("browser-same-site", "same site"));
}

#[test]
fn a_name_that_is_bound_anew_leads_to_nothing() {
    if !Browser::is_possible() {
        return;
    }
    let bench = Bench::new("browser-rebinding");
    let (hub, api) = hub(&bench, HOME);
    let mut browser = Browser::start(&bench, &hub, None);
    let document = api.get("openapi.json").ok();
    let mut paths = vec![json!(["GET", "/"]), json!(["GET", "/service-worker.js"]), json!(["GET", "/certificate"])];
    for (path, item) in object(document["paths"].clone()) {
        let filled = path.replace(['{', '}'], "");
        // A WebSocket is tried by itself, and all of these without a body: refused is refused before it is read.
        paths.extend(object(item).keys().map(|method| json!([method.to_uppercase(), filled])));
    }
    assert!(paths.len() > 100);
    let before = deeds(&api);
    let rebound = browser.ask("rebind", &json!({"on": "hub", "paths": paths}));
    assert_eq!(rebound["title"], "Free ringtones", "the name led to the attacker first");
    let outcomes = object(rebound["outcomes"].clone());
    let stream = outcomes["stream"].clone();
    let others: BTreeSet<String> =
        outcomes.iter().filter(|(path, _)| *path != "stream").map(|(_, status)| status.to_string()).collect();
    assert_eq!((others, stream), (BTreeSet::from(["421".to_owned()]), json!("refused")));
    assert_eq!(deeds(&api), before);
    let rebound = browser.ask("rebind", &json!({"on": "unguarded", "paths": [["GET", "/api/v1/status"]]}));
    assert_eq!(rebound["outcomes"], json!({"GET /api/v1/status": 200, "stream": "open", "page": 200}));
}

#[test]
fn the_page_stands_in_no_frame_and_belongs_to_no_window() {
    if !Browser::is_possible() {
        return;
    }
    let bench = Bench::new("browser-frames");
    let (hub, _) = hub(&bench, HOME);
    let mut browser = Browser::start(&bench, &hub, None);
    for path in ["/", "/certificate"] {
        for from in ["cross site", "same site"] {
            let shown = browser.ask("frame", &json!({"on": "hub", "from": from, "path": path}));
            assert_eq!(shown, json!([]), "{path} is framed from {from}");
        }
    }
    let shown = browser.ask("frame", &json!({"on": "unguarded", "from": "cross site", "path": "/"}));
    assert_eq!(shown, json!(["iframe", "object", "embed", "iframe in a sandbox"]));
    for (on, holds) in [("hub", false), ("unguarded", true)] {
        for from in ["cross site", "same site"] {
            let outcome = browser.ask("open_window", &json!({"on": on, "from": from}));
            let expected =
                json!({"the opener holds the hub's window": holds, "the hub's page holds its opener": holds});
            assert_eq!(outcome, expected, "{on}, {from}");
        }
    }
}

#[test]
fn the_page_loads_and_runs_nothing_from_elsewhere() {
    if !Browser::is_possible() {
        return;
    }
    let bench = Bench::new("browser-page");
    let (hub, _) = hub(&bench, HOME);
    let own = format!("127.0.0.1:{}", hub.port());
    let mut browser = Browser::start(&bench, &hub, None);
    for path in ["/", "/certificate"] {
        let seen = browser.ask("home", &json!({"on": "hub", "path": path}));
        assert_eq!((&seen["requests"], &seen["complaints"]), (&json!([own]), &json!([])), "{path}");
        let looks = &seen["looks"];
        assert_ne!(looks["light"]["background"], looks["dark"]["background"], "{path}");
        for look in ["light", "dark"] {
            assert!(looks[look]["contrast"].as_f64().is_some_and(|contrast| contrast > 7.0), "{path}: {looks}");
        }
    }
    // Until here the browser itself wanted nothing else either, but what its maker has it ask for.
    let refused = object(browser.ask("inject", &json!({"on": "hub"})));
    let done = object(browser.ask("inject", &json!({"on": "unguarded"})));
    let mut lines: Vec<String> =
        refused.iter().map(|(name, by)| format!("{name:<30} {by:<20} {}\n", done[name])).collect();
    lines.sort();
    expect![[r#"
        a form to elsewhere            "form-action" "reached"
        a frame from elsewhere         "frame-src" "reached"
        a handler of an event          "script-src-attr" "ran"
        a picture from elsewhere       "img-src" "reached"
        a script from elsewhere        "script-src-elem" "reached"
        a script in the page           "script-src-elem" "ran"
        a style in the page            "style-src-elem" "ran"
        a style of an element          "style-src-attr" "ran"
        a text that is run             "script-src" "ran"
        an address that is a script    "script-src-elem" "ran"
        another base of addresses      "base-uri" "ran"
        words to elsewhere             "connect-src" "reached"
    "#]]
    .assert_eq(&lines.concat());
}

/// The browser's own log of the network, from its start to its end.
#[test]
fn a_browser_that_shows_the_home_goes_nowhere_else() {
    if !Browser::is_possible() {
        return;
    }
    let bench = Bench::new("browser-network");
    let (hub, _) = hub(&bench, HOME);
    let own = format!("127.0.0.1:{}", hub.port());
    let mut browser = Browser::start(&bench, &hub, None);
    browser.ask("home", &json!({"on": "hub", "path": "/"}));
    let network = browser.ask("network", &json!({}));
    assert_eq!(network["addresses"], json!([own]));
    // What its maker has it ask for, and what this one was not let do.
    let is_makers = |host: &&str| host.ends_with(".googleapis.com") || *host == "accounts.google.com";
    let hosts: Vec<&str> = network["hosts"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let hosts: Vec<&str> = hosts.into_iter().filter(|host| !is_makers(host)).collect();
    assert_eq!(hosts, [own]);
}

#[test]
fn the_cookie_stays_with_the_hubs_own_page() {
    if !Browser::is_possible() {
        return;
    }
    let bench = Bench::new("browser-cookie");
    let https = free_port();
    let (hub, api) = hub(&bench, &format!("[http]\nhttps = \"127.0.0.1:{https}\"\n{HOME}"));
    let mut browser = Browser::start(&bench, &hub, Some(https));
    let hidden = |secure: bool| json!([{"httpOnly": true, "sameSite": "Strict", "secure": secure}]);

    // No script reads it, not even the page's own.
    assert_eq!(browser.ask("cookie", &json!({"on": "hub"})), json!({"flags": hidden(false), "read": false}));
    assert_eq!(browser.ask("cookie", &json!({"on": "unguarded"}))["read"], true);
    // Who comes by a link of another site is nobody.
    let link = browser.ask("link", &json!({"on": "hub"}));
    assert_eq!(link, json!({"cross site": 401, "same site": 200, "typed": 200}));
    assert_eq!(browser.ask("link", &json!({"on": "unguarded"}))["cross site"], 200);
    // One that was made encrypted never goes in the clear.
    let clear = browser.ask("in_the_clear", &json!({}));
    let expected =
        json!({"https:": {"flags": hidden(true), "plain": 401}, "http:": {"flags": hidden(false), "plain": 200}});
    assert_eq!(clear, expected);
    // Nor does it come along when who sits in the network forges a page at the same name and port.
    let forged = browser.ask("forged", &json!({}));
    assert_eq!(forged, json!({"Forged": [401, 405], "own": [415, 201]}));
    assert_eq!(rooms(&api), BTreeSet::from(["Attic".to_owned(), "JSON from the hub".to_owned()]));
}
