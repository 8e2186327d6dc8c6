//! Messages to people: to a push service, a mail server and webhooks of others.

use std::time::Duration;

use hub_tests::broker::Broker;
use hub_tests::mqtt::Client;
use hub_tests::outside::{MailServer, MailTls, PushService};
use hub_tests::receiver::{Received, Receiver};
use hub_tests::skip::has_programs;
use hub_tests::{Api, Bench, Hub, eventually};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(20);
const CHANNELS: &str = "users/me/channels";

/// A hub without devices whose rules are set off by webhooks, and which may send to loopback.
fn hub(bench: &Bench, configuration: &str) -> (Hub, Api) {
    let mut hub = Hub::new(bench, configuration);
    hub.start();
    let api = hub.claim();
    (hub, api)
}

const LOOPBACK: &str = "[messages]\nallow = [\"localhost\", \"127.0.0.1\"]\n";

/// A rule that says something each time that its webhook is called.
fn rule(api: &Api, id: &str, notify: &Value) {
    let webhook = format!("{id}-0123456789abcdef");
    let rule = json!({
        "id": id, "name": id, "triggers": [{"webhook": {"id": webhook}}], "actions": [{"notify": notify}],
    });
    api.post("automations", &rule).ok();
}

fn call(hub: &Hub, id: &str) {
    hub.anonymous().post(&format!("webhooks/{id}-0123456789abcdef"), &json!({})).ok();
}

fn next(receiver: &Receiver, count: usize) -> Received {
    let received = eventually(&format!("request {count}"), SOON, || {
        let received = receiver.received();
        if received.len() >= count { Ok(received) } else { Err(received.len()) }
    });
    received[count - 1].clone()
}

#[test]
fn a_browser_reads_what_a_rule_says() {
    if !PushService::is_possible() {
        return;
    }
    let bench = Bench::new("messages-push");
    let service = PushService::start(&bench);
    let (mut hub, api) = hub(&bench, LOOPBACK);
    let key = |api: &Api| api.get("push-key").ok()["key"].as_str().expect("a key").to_owned();
    let first_key = key(&api);
    let browser = service.subscribe(&first_key);
    let mut channel = browser.subscription.clone();
    channel["kind"] = json!("web_push");
    channel["name"] = json!("Anna's phone");
    let made = api.post(CHANNELS, &channel).ok();
    assert_eq!(api.post(CHANNELS, &channel).ok()["id"], made["id"], "one browser is one channel");
    let path = format!("{CHANNELS}/{}", made["id"].as_str().expect("an id"));
    assert_eq!(api.post(&format!("{path}/test"), &json!({})).status, 204);
    assert_eq!(service.messages(&browser)[0]["title"], "Hearth");

    rule(&api, "washer", &json!({"title": "Wäsche", "message": "Fertig 😀", "severity": "warning"}));
    call(&hub, "washer");
    let told = eventually("the browser to be told", SOON, || {
        let messages = service.messages(&browser);
        messages.get(1).cloned().ok_or(messages)
    });
    let listed = api.get("users/me/notifications").ok()["items"][0].clone();
    let expected = json!({"title": "Wäsche", "body": "Fertig 😀", "severity": "warning", "id": listed["id"],
        "url": "/rules/washer"});
    assert_eq!(told, expected);

    // Neither key nor channel is another after a restart.
    assert_eq!(hub.stop(), Some(0));
    hub.start();
    let api = hub.login();
    assert_eq!(key(&api), first_key);
    assert_eq!(api.post(&format!("{path}/test"), &json!({})).status, 204);

    // A browser that has unsubscribed is forgotten with the next message.
    service.expire(&browser);
    call(&hub, "washer");
    eventually("the channel to be gone", SOON, || {
        let channels = api.get(CHANNELS).ok();
        if channels["items"] == json!([]) { Ok(()) } else { Err(channels) }
    });
    let log = hub.log();
    for secret in [&browser.subscription["endpoint"], &browser.subscription["keys"]["auth"]] {
        assert!(!log.contains(secret.as_str().expect("a text")), "the log shows a secret");
    }
}

#[test]
fn mail_goes_out_encrypted_and_logged_in() {
    if !MailServer::is_possible() {
        return;
    }
    for (tls, is_encrypted) in [(MailTls::StartTls, true), (MailTls::Implicit, true), (MailTls::None, false)] {
        let bench = Bench::new("messages-mail");
        let server = MailServer::start(&bench, tls);
        let (hub, api) = hub(&bench, &format!("[messages.smtp]\n{}", server.configuration));
        let add = |address: &str| api.post(CHANNELS, &json!({"kind": "email", "address": address}));
        let channel = add("anna@example.com").ok();
        assert_eq!(add("anna").status, 422);
        rule(&api, "alarm", &json!({"title": "Küche", "message": "Es brennt", "severity": "critical"}));
        call(&hub, "alarm");
        let mail = server.next(SOON);
        let expected = json!({
            "from": "hearth@example.com", "to": ["anna@example.com"], "subject": "[critical] Küche",
            "header_from": "Hearth <hearth@example.com>", "auto_submitted": "auto-generated", "text": "Es brennt\r\n",
            "encrypted": is_encrypted, "authenticated": is_encrypted,
        });
        assert_eq!(mail, expected, "{tls:?}");

        let test = |channel: &Value| {
            api.post(&format!("{CHANNELS}/{}/test", channel["id"].as_str().expect("an id")), &json!({}))
        };
        assert_eq!(test(&channel).status, 204);
        let nobody = add("nobody@example.com").ok();
        let refused = test(&nobody);
        assert_eq!((refused.status, &refused.body["code"]), (502, &json!("not_delivered")));
        assert!(refused.body["detail"].as_str().expect("a detail").contains("nobody of this name"), "{}", refused.body);
    }
}

#[test]
fn webhooks_are_told_and_asked_again() {
    let bench = Bench::new("messages-webhook");
    let receiver = Receiver::start();
    let (mut hub, api) = hub(&bench, LOOPBACK);
    let url = format!("http://127.0.0.1:{}/topic?key=word", receiver.port());
    let made = api.post(CHANNELS, &json!({"kind": "webhook", "url": url, "shape": "ntfy", "least": "warning"})).ok();
    assert_eq!((&made["to"], &made["shape"]), (&json!(format!("127.0.0.1:{}", receiver.port())), &json!("ntfy")));
    rule(&api, "quiet", &json!({"message": "of no importance"}));
    rule(&api, "leak", &json!({"title": "Cellar", "message": "Water", "severity": "critical"}));
    call(&hub, "quiet");
    // Not now, says the other side; in a second then.
    receiver.answer_next("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1");
    call(&hub, "leak");
    let first = next(&receiver, 1);
    assert_eq!((&*first.path, &*first.body, first.header("priority")), ("/topic?key=word", "Water", "5"));
    // What is answered is on the disk, and what came before it too. A crash loses nothing of that.
    api.patch("users/me/messages", &json!({"least": "info"})).ok();
    hub.kill();
    hub.start();
    let api = hub.login();
    assert_eq!(next(&receiver, 2).body, "Water");

    // By the command line, at the hub's own machine.
    let socket = bench.folder().join("hearth.sock");
    let hearth = |arguments: &[&str]| {
        let socket = socket.to_str().expect("a path in UTF-8");
        let output = hub_tests::hub::hearth(&[&["--socket", socket, "--json"], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    assert_eq!(hearth(&["message", "channels"])["items"][0]["kind"], "webhook");
    assert_eq!(hearth(&["message", "test", "anna"])["items"][0]["delivered"], true);
    // Whoever sees to it says so, and it is over.
    let id = api.get("users/me/notifications").ok()["items"][0]["id"].as_str().expect("an id").to_owned();
    let seen = hearth(&["notifications", "acknowledge", &id]);
    assert!(
        seen["acknowledged_at"].is_string() && seen["read_at"].is_string() && seen["acknowledged"] == true,
        "{seen}"
    );
    assert_eq!(hub.stop(), Some(0));
    let before = receiver.received().len();
    hub.start();
    let api = hub.login();
    rule(&api, "second", &json!({"message": "second", "severity": "warning"}));
    call(&hub, "second");
    assert_eq!(next(&receiver, before + 1).body, "second", "what was acknowledged is not told again");
}

/// A sensor as zigbee2mqtt lists it.
fn sensor() -> Value {
    json!({
        "ieee_address": SENSOR, "type": "EndDevice", "power_source": "Battery", "network_address": 1, "supported": true,
        "disabled": false, "friendly_name": "Cellar", "interview_completed": true, "interview_state": "SUCCESSFUL",
        "endpoints": {"1": {}},
        "definition": {"source": "native", "model": "L1", "vendor": "Sensors", "description": "Leaks", "options": [],
            "exposes": [
                {"type": "binary", "name": "water_leak", "property": "water_leak", "access": 1, "value_on": true,
                 "value_off": false},
                {"type": "binary", "name": "battery_low", "property": "battery_low", "access": 1, "value_on": true,
                 "value_off": false},
            ]},
    })
}

const SENSOR: &str = "0x00158d0000000001";

/// Once, also over a restart, and once more when it is over.
#[test]
fn water_in_the_cellar_is_told() {
    if !has_programs(&["mosquitto"]) {
        return;
    }
    let bench = Bench::new("messages-water");
    let broker = Broker::start(&bench);
    let mut client = Client::connect(broker.port(), "bridge");
    let coordinator =
        json!({"ieee_address": "0x00158d0000000000", "type": "Coordinator", "friendly_name": "Coordinator"});
    let devices = json!([coordinator, sensor()]);
    for (topic, payload) in [("state", json!({"state": "online"})), ("devices", devices), ("groups", json!([]))] {
        client.publish(format!("zigbee2mqtt/bridge/{topic}").as_bytes(), payload.to_string().as_bytes(), true);
    }
    let mut report = |payload: Value| {
        client.publish(b"zigbee2mqtt/Cellar", payload.to_string().as_bytes(), true);
        client.settle();
    };
    report(json!({"water_leak": false, "battery_low": false}));
    let receiver = Receiver::start();
    let (mut hub, api) = hub(&bench, &format!("{LOOPBACK}\n{}", broker.driver()));
    let url = format!("http://127.0.0.1:{}/", receiver.port());
    api.post(CHANNELS, &json!({"kind": "webhook", "url": url})).ok();
    eventually("the sensor", SOON, || match api.get(&format!("devices/zigbee:{SENSOR}")) {
        answer if answer.status == 200 => Ok(()),
        answer => Err(answer.body),
    });
    let told = |count: usize| -> Value { serde_json::from_str(&next(&receiver, count).body).expect("JSON") };
    let shown =
        |message: &Value| format!("{} {}: {}", message["severity"], message["title"], message["body"]).replace('"', "");
    report(json!({"water_leak": true, "battery_low": false}));
    assert_eq!(shown(&told(1)), "critical Water: Cellar detects water.");
    let listed = api.get("users/me/notifications").ok()["items"][0].clone();
    assert_eq!(
        (&listed["rule"], &listed["alert"]["code"]),
        (&Value::Null, &json!(format!("water_leak:zigbee:{SENSOR}")))
    );
    let id = listed["id"].as_str().expect("an id");
    api.post(&format!("users/me/notifications/{id}/acknowledge"), &json!({})).ok();

    assert_eq!(hub.stop(), Some(0));
    hub.start();
    report(json!({"water_leak": true, "battery_low": true}));
    assert_eq!(shown(&told(2)), "info A battery is low: Cellar has a low battery.", "the water was told before");
    report(json!({"water_leak": false, "battery_low": true}));
    assert_eq!(shown(&told(3)), "warning Over: Water: No water is detected any more. It was: Cellar detects water.");
}

#[test]
fn a_person_leads_the_hub_nowhere_near() {
    let bench = Bench::new("messages-guard");
    let inside = Receiver::start();
    let (_hub, api) = hub(&bench, "[messages]\nallow = [\"localhost\"]\n");
    let port = inside.port();
    let add = |url: String| api.post(CHANNELS, &json!({"kind": "webhook", "url": url}));
    // Without encryption only what the owner allows.
    assert_eq!(add(format!("http://127.0.0.1:{port}/")).status, 422);
    for host in [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "192.168.1.1",
        "169.254.169.254",
        "0x7f.1",
        "2130706433",
    ] {
        let made = add(format!("https://{host}:{port}/"));
        if made.status == 422 {
            continue;
        }
        let id = made.ok()["id"].as_str().expect("an id").to_owned();
        let refused = api.post(&format!("{CHANNELS}/{id}/test"), &json!({}));
        assert_eq!(refused.status, 502, "{host}: {}", refused.body);
        let detail = refused.body["detail"].as_str().expect("a detail");
        assert!(detail.contains("only if the owner allows it"), "{host}: {detail}");
        api.delete(&format!("{CHANNELS}/{id}")).ok();
    }
    // An allowed host that leads on to one that is not.
    inside.answer_next(&format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{port}/inside"));
    let id = add(format!("http://localhost:{port}/out")).ok()["id"].as_str().expect("an id").to_owned();
    assert_eq!(api.post(&format!("{CHANNELS}/{id}/test"), &json!({})).status, 502);
    assert_eq!(inside.received().len(), 1, "it was not followed");
    inside.answer_next(&format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://localhost:{port}/on"));
    assert_eq!(api.post(&format!("{CHANNELS}/{id}/test"), &json!({})).status, 204);
    assert_eq!(inside.received()[2].path, "/on");
}
