//! What the household has, and what becomes of it: devices, rules, messages, phones, a bridge.

use hub_tests::eventually;
use hub_tests::mqtt::Client as Mqtt;
use serde_json::{Value, json};

use super::exchange::Client;
use super::sown::Seen;
use super::story::Story;
use super::{SOON, base64};

/// The key of a browser, of RFC 8291, 5.
const BROWSER: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

impl Story {
    pub(crate) fn the_home_has_a_place(&mut self) {
        let place = |sown: &super::sown::Sown, north: &str, east: &str| json!({"latitude": sown.number(north), "longitude": sown.number(east)});
        let home = json!({
            "name": self.text("home"),
            "location": place(&self.sown, "latitude of the home", "longitude of the home"),
            "modes": ["home", "away", "night", self.text("mode")],
            "zones": [{"name": self.text("zone"), "latitude": self.sown.number("latitude of a zone"), "longitude": 8.5, "radius_m": 200.0}],
        });
        self.owner("PATCH", "home", home.clone());
        self.mistakes(&self.owner.clone(), "PATCH", "home", &home);
        self.owner("PUT", "users/me/preferences", json!({"wish": self.text("preference")}));
    }

    pub(crate) fn things_have_names(&mut self) {
        let lamp = "demo:annas-lamp";
        eventually("the lamp", SOON, || {
            let answer = self.owner.get(&format!("devices/{lamp}"));
            if answer.status == 200 { Ok(()) } else { Err(answer.whole) }
        });
        let area = self.owner_makes("areas", json!({"name": self.text("room")}));
        let device = json!({"name": self.text("device"), "area": area});
        self.owner("PATCH", &format!("devices/{lamp}"), device.clone());
        self.mistakes(&self.owner.clone(), "PATCH", &format!("devices/{lamp}"), &device);
        self.ids.push(("devices", lamp.to_owned()));
        let scene = json!({"name": self.text("scene"), "states": [{"device": lamp, "set": {"on": true}}]});
        let scene = self.owner_makes("scenes", scene);
        self.owner("POST", &format!("scenes/{scene}/activate?wait=5s"), json!({}));
        let rule = json!({"who": {"role": "child"}, "allow": ["see"], "note": self.text("note of a permission")});
        self.owner("POST", "permissions", rule);
        for (path, body) in [
            (format!("devices/{lamp}/commands"), json!({"set": {"on": true}, "pin": self.text("wrong PIN")})),
            (format!("devices/{lamp}/replace"), json!({"with": self.text("device")})),
            ("areas".to_owned(), json!({"name": self.text("room")})),
            ("scenes".to_owned(), json!({"name": self.text("scene"), "states": []})),
        ] {
            self.refused(&self.owner.clone(), "POST", &path, &body);
        }
        let pairing = json!({"action": "include", "seconds": 1, "code": self.text("wrong token")});
        self.owner("POST", "drivers/demo/pairing", pairing);
        let right = json!({"set": {"on": false}, "pin": self.text("PIN")});
        self.owner("POST", &format!("devices/{lamp}/commands?wait=5s"), right);
    }

    pub(crate) fn rules_say_something(&mut self) {
        let webhook = self.text("id of a rule's webhook");
        let rule = json!({
            "name": self.text("rule"), "note": self.text("message"), "triggers": [{"webhook": {"id": webhook}}],
            "actions": [
                {"notify": {"title": self.text("title of a message"), "message": self.text("message"), "severity": "critical"}},
                {"notify": {"to": self.text("person in a rule"), "message": self.text("message")}},
                {"command": {"device": self.text("device"), "set": {"on": true}}},
                {"scene": self.text("scene")},
            ],
        });
        let id = self.owner_makes("automations", rule.clone());
        self.mistakes(&self.owner.clone(), "POST", "automations", &rule);
        let wrong = json!({"name": "wrong", "triggers": [{"state": {"device": self.text("word of a refused rule"), "attribute": "on"}}], "actions": []});
        self.owner.post("automations", wrong.clone());
        self.owner.post("automations/check", json!({"automations": [wrong]}));
        self.channels();
        self.call_webhook();
        // Afterwards it wants what is no more.
        let (person, scene) = (self.text("person in a rule"), self.id_of("scenes"));
        self.owner("DELETE", &format!("users/{}", super::percent(&person)), Value::Null);
        self.owner("DELETE", &format!("scenes/{scene}"), Value::Null);
        self.call_webhook();
        for enabled in [json!(false), json!(true)] {
            let answer = self.owner.send("PATCH", &format!("automations/{id}"), &json!({"enabled": enabled}));
            self.heard(Seen::Owner, answer);
        }
        self.runs_have_ended(&id);
    }

    /// The id of one of these things that was made last.
    pub(crate) fn id_of(&self, things: &str) -> String {
        self.ids.iter().rev().find(|(known, _)| *known == things).expect("one was made").1.clone()
    }

    fn call_webhook(&mut self) {
        let answer = self.nobody().post(
            &format!("webhooks/{}", self.text("id of a rule's webhook")),
            json!({"inhalt": self.text("body of a webhook")}),
        );
        assert_eq!(answer.status, 202, "{}", answer.whole);
        self.heard(Seen::Public, answer);
    }

    /// What could not be done was said.
    fn runs_have_ended(&mut self, id: &str) {
        let path = format!("automations/{id}/runs");
        let answer = eventually("runs that failed", SOON, || {
            let answer = self.owner.get(&path);
            if answer.whole.contains("there is no scene") { Ok(answer) } else { Err(answer.whole) }
        });
        self.heard(Seen::Owner, answer);
    }

    /// Ways to the owner, all of which refuse what they are sent and repeat it.
    fn channels(&mut self) {
        let auth = super::push_secret();
        let auth = base64(auth.as_bytes()).replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned();
        self.sown.told("secret of a browser", &auth, super::sown::AtRest::Private);
        let port = self.web.port;
        let url = |path: &str, query: &str| format!("http://127.0.0.1:{port}/{path}/x?key={query}");
        let webhook = url(self.sown.text("path of a webhook"), self.sown.text("query of a webhook"));
        let push = url(self.sown.text("path of a push service"), self.sown.text("query of a push service"));
        for channel in [
            json!({"kind": "webhook", "name": self.text("name of a channel"), "url": webhook}),
            json!({"kind": "web_push", "name": "phone", "endpoint": push, "keys": {"p256dh": BROWSER, "auth": auth}}),
            json!({"kind": "email", "address": self.text("mail address")}),
        ] {
            let id = self.owner_makes("users/me/channels", channel.clone());
            self.mistakes(&self.owner.clone(), "POST", "users/me/channels", &channel);
            // The mail server refuses the login first and the recipient then.
            for _ in 0..2 {
                let path = format!("users/me/channels/{id}/test");
                assert_eq!(self.refused(&self.owner.clone(), "POST", &path, &json!({})), 502);
            }
        }
        let heard = format!("{}{}", self.web.heard(), self.mail.heard());
        for what in ["path of a webhook", "query of a push service", "mail address"] {
            assert!(heard.contains(self.sown.text(what)), "{what} got where it should: {heard}");
        }
    }

    pub(crate) fn phones_say_where_they_are(&mut self) {
        let made = self.owner.post("tokens", json!({"name": "phone", "scope": "presence"})).good();
        let token = made.word("token");
        self.sown.told("token of a phone", &token, super::sown::AtRest::Nowhere);
        let basic = |user: &str, password: &str| format!("Basic {}", base64(format!("{user}:{password}").as_bytes()));
        let owner = self.text("owner");
        let phone = self.nobody().header("Authorization", &basic(&owner, &token));
        let time: jiff::Timestamp = self.owner("GET", "system", Value::Null).word("time").parse().expect("a time");
        let north = |what: &str| self.sown.number(what);
        let location = json!({"_type": "location", "lat": north("latitude of a phone"), "lon": north("longitude of a phone"), "acc": 5, "tst": time.as_second()});
        let nowhere = json!({"_type": "location", "lat": north("latitude of a refused phone"), "lon": 999, "tst": time.as_second()});
        let ahead = json!({"_type": "location", "lat": north("latitude of a refused phone"), "lon": 9, "tst": time.as_second() + 100_000});
        let answer = phone.post("presence/owntracks", location.clone()).good();
        self.heard(Seen::Public, answer);
        self.mistakes(&phone, "POST", "presence/owntracks", &location);
        for wrong in [nowhere, ahead] {
            self.refused(&phone, "POST", "presence/owntracks", &wrong);
        }
        for password in [self.text("wrong token"), self.text("password")] {
            let stranger = self.nobody().header("Authorization", &basic(&owner, &password));
            self.refused(&stranger, "POST", "presence/owntracks", &location);
        }
    }

    /// A bridge with a device that refuses, a list that is none, names that are none, and a broker that ends.
    pub(crate) fn a_bridge_speaks(&mut self) {
        let user = (self.sown.text("broker's user"), self.sown.text("broker's password"));
        let mut bridge = Mqtt::connect_as(self.broker.port(), "bridge", Some(user));
        let name = self.sown.text("device of a bridge");
        for (topic, payload) in [
            ("bridge/state", json!({"state": "online"})),
            ("bridge/devices", json!([coordinator(), switch(name)])),
            ("bridge/groups", json!([])),
        ] {
            say(&mut bridge, topic, &payload.to_string());
        }
        bridge.subscribe("zigbee/bridge/request/#");
        bridge.settle();
        eventually("the bridge's device", SOON, || {
            let answer = self.owner.get(&format!("devices/{SWITCH}"));
            if answer.status == 200 { Ok(()) } else { Err(answer.whole) }
        });
        // It refuses, and names the device. Its person sees that, and the log does not.
        std::thread::scope(|scope| {
            let owner: &Client = &self.owner;
            let asked = scope.spawn(move || owner.post(&format!("devices/{SWITCH}/interview?wait=10s"), json!({})));
            let request = bridge.until("a request", SOON, |topic, _| topic.contains("interview"));
            let mut answer: Value = serde_json::from_slice(&request).expect("JSON");
            answer["status"] = json!("error");
            answer["error"] = json!(format!("Device '{name}' refuses"));
            say(&mut bridge, "bridge/response/device/interview", &answer.to_string());
            let answer = asked.join().expect("an answer");
            assert!(answer.whole.contains("refuses"), "{}", answer.whole);
        });
        let broken = self.sown.text("device that is no device");
        for (topic, payload) in [
            ("bridge/devices", format!("[{{\"ieee_address\": \"{broken}\"")),
            ("bridge/devices", json!({"ieee_address": broken}).to_string()),
            ("bridge/devices", json!(broken).to_string()),
            ("bridge/devices", json!([coordinator(), {"ieee_address": broken, "friendly_name": broken}]).to_string()),
            (
                "bridge/logging",
                json!({"level": "error", "message": format!("to '{broken}' failed: {broken}")}).to_string(),
            ),
            ("bridge/event", json!({"type": "device_joined", "data": {"friendly_name": broken}}).to_string()),
            (broken, format!("{{\"{broken}\": 1")),
            (&format!("bridge/response/{broken}"), json!({"status": "error", "error": broken}).to_string()),
        ] {
            say(&mut bridge, topic, &payload);
        }
        bridge.settle();
        self.broker.kill();
        eventually("the loss of the broker", SOON, || {
            let answer = self.owner.get("drivers/zigbee");
            if answer.whole.contains("\"online\"") { Err(answer.whole) } else { Ok(()) }
        });
    }
}

const SWITCH: &str = "zigbee:0x00158d0000000001";

fn say(bridge: &mut Mqtt, topic: &str, payload: &str) {
    bridge.publish(format!("zigbee/{topic}").as_bytes(), payload.as_bytes(), false);
}

fn coordinator() -> Value {
    json!({"ieee_address": "0x00158d0000000000", "type": "Coordinator", "friendly_name": "Coordinator"})
}

/// With one part that cannot be described.
fn switch(name: &str) -> Value {
    let state = json!({"type": "binary", "name": "state", "property": "state", "access": 7, "value_on": "ON", "value_off": "OFF"});
    json!({
        "ieee_address": "0x00158d0000000001", "type": "Router", "network_address": 1, "supported": true,
        "disabled": false, "friendly_name": name, "interview_completed": true, "interview_state": "SUCCESSFUL",
        "endpoints": {"1": {}},
        "definition": {"source": "native", "model": "L1", "vendor": "V", "description": "D", "options": [], "exposes": [state, 7]},
    })
}
