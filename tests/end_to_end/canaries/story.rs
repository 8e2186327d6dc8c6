//! A household that uses everything, and makes every mistake.

use hub_tests::broker::Broker;
use hub_tests::{Bench, Hub, eventually};
use serde_json::{Value, json};

use super::exchange::{Answer, Client};
use super::gossip::Gossip;
use super::sown::{AtRest, Seen, Sown};
use super::{SOON, totp};

/// A hub, who lives with it, and all that was answered so far.
pub(crate) struct Story {
    pub(crate) hub: Hub,
    pub(crate) broker: Broker,
    pub(crate) web: Gossip,
    pub(crate) mail: Gossip,
    pub(crate) sown: Sown,
    pub(crate) owner: Client,
    pub(crate) guest: Client,
    /// What was answered, and to whom.
    pub(crate) answers: Vec<(Seen, String)>,
    /// Ids of what there is, by the part of the path before them.
    pub(crate) ids: Vec<(&'static str, String)>,
}

impl Story {
    /// Starts everything; nobody has claimed the hub yet.
    pub(crate) fn begin(bench: &Bench, level: &str) -> Self {
        let sown = Sown::new();
        let broker = Broker::with_user(bench, sown.text("broker's user"), sown.text("broker's password"));
        let (web, mail) = (Gossip::web(), Gossip::mail());
        let file = |name: &str, what: &str| {
            let path = bench.folder().join(name);
            std::fs::write(&path, format!("{}\n", sown.text(what))).expect("a file can be written");
            path.display().to_string()
        };
        let (right, post) =
            (file("broker-password", "broker's password"), file("mail-password", "mail server's password"));
        let (user, port) = (sown.text("broker's user"), broker.port());
        let closed = hub_tests::hub::free_port();
        let driver = |id: &str, broker: String, more: &str| {
            format!(
                "[[driver]]\nid = \"{id}\"\ntype = \"zigbee2mqtt\"\nbroker = \"{broker}\"\nbase_topic = \"{id}\"\nusername = \"{user}\"\n{more}\n"
            )
        };
        let at = |scheme: &str, port: u16| format!("{scheme}://127.0.0.1:{port}");
        let configuration = [
            format!("[messages]\nallow = [\"127.0.0.1\"]\ncontact = \"{}\"\n", sown.text("contact")),
            format!(
                "[messages.smtp]\nserver = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nusername = \"{}\"\npassword_file = \"{post}\"\nfrom = \"{}\"\n",
                mail.port,
                sown.text("mail server's user"),
                sown.text("sender of mail")
            ),
            "[[driver]]\nid = \"demo\"\ntype = \"virtual\"\n".to_owned(),
            driver("zigbee", at("mqtt", port), &format!("password_file = \"{right}\"")),
            // Its password comes by the environment.
            driver("wrong", at("mqtt", port), ""),
            driver("closed", at("mqtt", closed), &format!("password_file = \"{right}\"")),
            driver("plain", at("mqtts", port), &format!("password_file = \"{right}\"")),
        ];
        let mut hub = Hub::new(bench, &configuration.concat())
            .environment("HEARTH_LOG", level)
            .environment("HEARTH_DRIVER_WRONG_PASSWORD", sown.text("wrong password of a broker"))
            .environment("HEARTH_NOTHING", sown.text("variable of the environment"))
            .environment("RUST_BACKTRACE", "1");
        hub.start();
        let nobody = Client::new(hub.port());
        let (owner, guest) = (nobody.clone(), nobody);
        Self { hub, broker, web, mail, sown, owner, guest, answers: Vec::new(), ids: Vec::new() }
    }

    pub(crate) fn nobody(&self) -> Client {
        Client::new(self.hub.port())
    }

    /// Remembers what somebody was answered.
    pub(crate) fn heard(&mut self, who: Seen, answer: Answer) -> Answer {
        self.answers.push((who, answer.whole.clone()));
        answer
    }

    /// The owner sends something that goes well and tells nothing but what the owner may see.
    pub(crate) fn owner(&mut self, method: &str, path: &str, body: Value) -> Answer {
        let answer = self.owner.send(method, path, &body).good();
        self.heard(Seen::Owner, answer)
    }

    pub(crate) fn owner_makes(&mut self, things: &'static str, body: Value) -> String {
        let id = self.owner("POST", things, body).word("id");
        self.ids.push((things, id.clone()));
        id
    }

    /// Something that must not go well, whoever sends it.
    pub(crate) fn refused(&mut self, client: &Client, method: &str, path: &str, body: &Value) -> u16 {
        let answer = client.send(method, path, body);
        assert!(answer.status >= 400, "{method} {path}: {}", answer.whole);
        // Who sends something wrong knows it; what is secret does not come back all the same.
        self.heard(Seen::Owner, answer).status
    }

    pub(crate) fn text(&self, what: &str) -> String {
        self.sown.text(what).to_owned()
    }

    pub(crate) fn is_claimed(&mut self) {
        let code = self.hub.setup_code();
        self.sown.told("set-up code", &code, AtRest::Nowhere);
        let nobody = self.nobody();
        let owner = json!({"username": self.text("owner"), "password": self.text("password")});
        let mut setup =
            json!({"setup_code": self.text("wrong set-up code"), "home_name": self.text("home"), "owner": owner});
        self.refused(&nobody, "POST", "setup", &setup);
        self.mistakes(&nobody, "POST", "setup", &setup);
        setup["setup_code"] = json!(code);
        let login = nobody.post("setup", setup).good();
        self.owner = nobody.bearer(&self.logged_in("owner's", &login));
        self.owner("PATCH", "users/me", json!({"display_name": self.text("owner's name")}));
    }

    /// The token of a login, which is a secret from now on.
    fn logged_in(&mut self, whose: &str, login: &Answer) -> String {
        let token = login.word("access_token");
        self.sown.told(&format!("{whose} token"), &token, AtRest::Nowhere);
        self.sown.told(&format!("{whose} refresh token"), &login.word("refresh_token"), AtRest::Nowhere);
        token
    }

    /// The same request broken in every way in which requests break.
    pub(crate) fn mistakes(&mut self, client: &Client, method: &str, path: &str, body: &Value) {
        let text = body.to_string();
        let half: String = text.chars().take(text.chars().count() - 3).collect();
        let each = |change: fn(&Value) -> Value| {
            let fields = body.as_object().cloned().unwrap_or_default();
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), change(value))).collect()).to_string()
        };
        let long = |value: &Value| match value {
            Value::String(text) => Value::String(text.repeat(200)),
            other => other.clone(),
        };
        let broken = [
            half,
            format!("{text}{text}"),
            format!("[{text}]"),
            text.replace(':', " "),
            each(|value| json!([value])),
            each(|value| json!({"x": value})),
            each(|value| json!(value.to_string().parse::<f64>().unwrap_or(4_711.0))),
            each(long),
            body["password"].to_string(),
        ];
        for text in broken {
            let answer = client.send_text(method, path, &text);
            self.heard(Seen::Owner, answer);
        }
    }

    pub(crate) fn people_come_and_go(&mut self) {
        let nobody = self.nobody();
        let (name, password) = (self.text("owner"), self.text("password"));
        let browser = nobody
            .header("User-Agent", self.sown.text("browser"))
            .header("Origin", &format!("http://127.0.0.1:{}", self.hub.port()));
        let login = browser.post("auth/login", json!({"username": name, "password": password, "cookie": true})).good();
        let cookie = login.whole.split_once("hearth_session=").and_then(|(_, rest)| rest.split(';').next());
        let cookie = cookie.expect("a cookie").to_owned();
        self.sown.told("cookie", &cookie, AtRest::Nowhere);
        let by_cookie = nobody.header("Cookie", &format!("hearth_session={cookie}"));
        let answer = by_cookie.get("users/me").good();
        self.heard(Seen::Owner, answer);
        self.refused(&by_cookie, "POST", "areas", &json!({"name": "no origin"}));

        let guest = json!({"username": self.text("guest"), "role": "guest", "password": self.text("guest's password")});
        self.owner_makes("users", guest.clone());
        self.mistakes(&self.owner.clone(), "POST", "users", &guest);
        let answer =
            nobody.post("auth/login", json!({"username": guest["username"], "password": guest["password"]})).good();
        self.guest = nobody.bearer(&self.logged_in("guest's", &answer));
        self.has_second_factor();
        self.owner("PUT", "permissions/ready-made", json!({"who": {"role": "guest"}, "ready_made": false}));

        let invited =
            self.owner.post("users", json!({"username": self.text("person in a rule"), "role": "adult"})).good();
        let code = invited.json()["invitation"]["code"].as_str().expect("a code").to_owned();
        self.sown.told("invitation", &code, AtRest::Nowhere);
        let accept = json!({"code": self.text("wrong invitation"), "password": self.text("new password")});
        self.refused(&nobody, "POST", "auth/accept", &accept);
        self.mistakes(&nobody, "POST", "auth/accept", &accept);
        nobody.post("auth/accept", json!({"code": code, "password": self.text("new password")})).good();

        let wrong = json!({"username": name, "password": self.text("wrong password")});
        self.refused(&nobody, "POST", "auth/login", &wrong);
        self.mistakes(&nobody, "POST", "auth/login", &wrong);
        let typed = json!({"username": self.text("password typed as a name"), "password": "something"});
        for _ in 0..5 {
            self.refused(&nobody, "POST", "auth/login", &typed);
        }
        self.refused(&nobody, "POST", "auth/refresh", &json!({"refresh_token": self.text("wrong refresh token")}));
    }

    fn has_second_factor(&mut self) {
        let guest = self.guest.clone();
        let password = json!({"password": self.text("guest's password")});
        let begun = guest.post("users/me/totp", password).good();
        let secret = begun.word("secret");
        self.sown.told("secret of a second factor", &secret, AtRest::Private);
        let time: jiff::Timestamp = self.owner("GET", "system", Value::Null).word("time").parse().expect("a time");
        let code = totp::code(&secret, time.as_second());
        self.sown.told("code of a second factor", &code, AtRest::Nowhere);
        let confirmed = guest.post("users/me/totp/confirm", json!({"code": code})).good();
        for (index, code) in confirmed.json()["recovery_codes"].as_array().expect("codes").iter().enumerate() {
            let code = code.as_str().expect("a text");
            self.sown.told(&format!("recovery code {index}"), code, AtRest::Nowhere);
        }
        let wrong = json!({"username": self.text("guest"), "password": self.text("guest's password"), "code": self.text("wrong recovery code")});
        self.refused(&self.nobody(), "POST", "auth/login", &wrong);
    }

    pub(crate) fn programs_get_tokens(&mut self) {
        let nobody = self.nobody();
        let made = self.owner.post("tokens", json!({"name": self.text("name of a token")})).good();
        let token = made.word("token");
        self.sown.told("token of a program", &token, AtRest::Nowhere);
        self.ids.push(("tokens", made.word("id")));
        for client in [nobody.bearer(&token), nobody.header("Cookie", &format!("hearth_session={token}"))] {
            let answer = client.get("users/me");
            self.heard(Seen::Owner, answer);
        }
        let time: jiff::Timestamp = self.owner("GET", "system", Value::Null).word("time").parse().expect("a time");
        let soon = (time + std::time::Duration::from_millis(1_500)).to_string();
        let short = self.owner.post("tokens", json!({"name": "short", "expires_at": soon})).good().word("token");
        self.sown.told("token that ended", &short, AtRest::Nowhere);
        eventually("a token to end", SOON, || {
            let answer = nobody.bearer(&short).get("users/me");
            if answer.status == 401 { Ok(()) } else { Err(answer.status) }
        });
        let wrong = self.text("wrong token");
        for client in [
            nobody.bearer(&short),
            nobody.bearer(&wrong),
            nobody.header("Authorization", &format!("Basic {wrong}")),
            nobody.header("Authorization", &wrong),
            nobody.header("Cookie", &format!("hearth_session={wrong}; other={wrong}")),
            nobody.header("View-As", &wrong),
            nobody.header("Host", &format!("{wrong}.example")),
        ] {
            let answer = client.get("devices");
            assert!(answer.status >= 400, "{}", answer.whole);
            self.heard(Seen::Owner, answer);
        }
        for path in [format!("devices?token={token}"), format!("stream?token={wrong}"), format!("tokens/{wrong}")] {
            for client in [nobody.clone(), self.owner.clone()] {
                let answer = client.get(&path);
                // A path comes back in the answer of who asked for it.
                if !answer.whole.contains("404 Not Found") {
                    self.heard(Seen::Owner, answer);
                }
            }
        }
        let answer = nobody.post("webhooks/none-of-this-name", json!({"x": 1}));
        self.heard(Seen::Owner, answer);
        let answer = self.owner.send(
            "PATCH",
            "users/me",
            &json!({"pin": self.text("PIN"), "old_password": self.text("password")}),
        );
        self.heard(Seen::Owner, answer.good());
        self.mistakes(
            &self.owner.clone(),
            "PATCH",
            "users/me",
            &json!({"pin": self.text("PIN"), "old_password": self.text("password")}),
        );
    }
}
