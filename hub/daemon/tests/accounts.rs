//! People, recovery and the audit log, with the real program.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::demo::{Hub, LIMIT};

pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) async fn claimed(folder: &Path) -> Hub {
    let hub = Hub::start(folder);
    claim(&hub).await;
    hub
}

/// Anna owns the hub from now on.
pub(crate) async fn claim(hub: &Hub) {
    let owner = json!({"username": "anna", "password": PASSWORD});
    let setup = json!({"setup_code": hub.code, "home_name": "Demo", "owner": owner});
    hub.client(None).post("/setup", &setup).await.unwrap();
}

/// Adds somebody of this role, with the usual password, and gives the token of a login of theirs.
pub(crate) async fn person(hub: &Hub, name: &str, role: &str) -> String {
    let owner = token(hub, "anna").await;
    let account = json!({"username": name, "role": role, "password": PASSWORD});
    hub.client(Some(&owner)).post("/users", &account).await.unwrap();
    token(hub, name).await
}

/// The token of a login.
pub(crate) async fn token(hub: &Hub, name: &str) -> String {
    login(hub, name, PASSWORD).await.unwrap()["access_token"].as_str().unwrap().to_owned()
}

/// The exit code of a command that is given a line.
fn typed(hub: &Hub, arguments: &[&str], line: &str) -> Option<i32> {
    let mut process = Command::new(env!("CARGO_BIN_EXE_hearth"))
        .args(arguments)
        .env("HEARTH_SOCKET", &hub.socket)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(process.stdin.take().unwrap(), "{line}").unwrap();
    process.wait().unwrap().code()
}

async fn login(hub: &Hub, name: &str, password: &str) -> Result<Value, u8> {
    let body = json!({"username": name, "password": password});
    hub.client(None).post("/auth/login", &body).await.map_err(|failure| failure.exit_code())
}

#[tokio::test]
async fn people_are_added_invited_and_removed_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let hub = claimed(folder.path()).await;
    let output = hub.hearth(&["user", "add", "ben"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.starts_with("ben has an account (adult)\ncode: "), "{text}");
    let code = text.split_whitespace().skip_while(|word| *word != "code:").nth(1).unwrap();
    let accept = json!({"code": code, "password": PASSWORD});
    hub.client(None).post("/auth/accept", &accept).await.unwrap();
    login(&hub, "ben", PASSWORD).await.unwrap();
    let guest = hub.json(&["user", "add", "gus", "--role", "guest", "--expires", "3d"]);
    assert!(guest["expires_at"].is_string() && guest["invitation"]["code"].is_string(), "{guest}");
    for (arguments, code) in [
        (&["user", "add", "BEN"][..], 6),
        (&["user", "add", "eve", "--role", "king"], 2),
        (&["user", "list"], 0),
        (&["user", "show", "Ben"], 0),
        (&["user", "show", "bne"], 4),
        (&["user", "role", "ben", "owner"], 0),
        (&["user", "role", "ben", "child"], 0),
        (&["user", "role", "anna", "adult"], 6),
        (&["user", "remove", "gus"], 2),
        (&["user", "remove", "gus", "--yes"], 0),
        (&["user", "invite", "ben", "--yes"], 0),
        (&["people", "list"], 0),
        (&["audit", "-n", "5"], 0),
        (&["audit", "--verify"], 0),
    ] {
        let output = hub.hearth(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
    }
    assert_eq!(login(&hub, "ben", PASSWORD).await.unwrap_err(), 5);
    assert_eq!(typed(&hub, &["user", "password", "ben"], "short"), Some(1));
    assert_eq!(typed(&hub, &["user", "password", "anna"], "another password"), Some(0));
    login(&hub, "anna", "another password").await.unwrap();
    let names: Vec<Value> = hub.json(&["people", "list"])["items"].as_array().unwrap().clone();
    assert_eq!(names.iter().map(|person| person["name"].as_str().unwrap()).collect::<Vec<_>>().len(), 2);
    let actions = hub.json(&["audit"]);
    let actions: Vec<&str> =
        actions["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions[..3], ["login", "password_reset", "login_failed"], "{actions:?}");
    // Over a restart.
    assert_eq!(hub.stop(), Some(0));
    let hub = Hub::start(folder.path());
    login(&hub, "anna", "another password").await.unwrap();
    assert_eq!(hub.json(&["audit", "--verify"])["whole"], true);
}

#[tokio::test]
async fn the_rules_of_who_is_removed_stop_and_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let hub = claimed(folder.path()).await;
    let password = json!({"username": "ben", "role": "adult", "password": PASSWORD});
    let owner = login(&hub, "anna", PASSWORD).await.unwrap()["access_token"].as_str().unwrap().to_owned();
    hub.client(Some(&owner)).post("/users", &password).await.unwrap();
    let ben = login(&hub, "ben", PASSWORD).await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let rule = json!({"id": "follow", "name": "Follow", "triggers": [{"state": {"device": "Hallway lamp", "attribute": "on",
        "to": true}}], "actions": [{"command": {"device": "Hallway lamp", "set": {"brightness": 30}}}]});
    hub.client(Some(&ben)).post("/automations", &rule).await.unwrap();
    // Switches the lamp until it holds.
    let switched_until = async |what: &str, holds: &dyn Fn() -> bool| {
        let seen = tokio::time::timeout(LIMIT, async {
            while !holds() {
                for set in [&["on=false"][..], &["on=true"]] {
                    hub.hearth(&[&["device", "set", "Hallway lamp"], set].concat());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        seen.await.unwrap_or_else(|_| panic!("{what}"));
    };
    let is_dimmed = || {
        let lamp = hub.json(&["device", "show", "Hallway lamp"]);
        let attributes =
            lamp["endpoints"].as_array().unwrap().iter().flat_map(|it| it["attributes"].as_array().unwrap());
        let brightness = attributes.clone().find(|one| one["name"] == "brightness").unwrap();
        brightness["state"]["value"].as_f64().is_some_and(|value| (value - 30.0).abs() < 1.0)
    };
    let brighten = || hub.hearth(&["device", "set", "Hallway lamp", "brightness=80"]);
    brighten();
    switched_until("the rule dims the lamp", &is_dimmed).await;
    let removed = hub.hearth(&["user", "remove", "ben", "--yes"]);
    let said = String::from_utf8_lossy(&removed.stderr).into_owned();
    assert!(said.contains("Rules by this person: Follow. These rules do nothing any more"), "{said}");
    switched_until("the rule says why it does nothing", &|| {
        hub.json(&["automation", "show", "follow"]).to_string().contains("not_seen")
    })
    .await;
    // What it wanted before is done by now; from here on it wants nothing more.
    let runs = || hub.json(&["automation", "runs", "follow"]).to_string().matches("started_at").count();
    switched_until("the lamp is bright again", &|| {
        brighten();
        !is_dimmed()
    })
    .await;
    let before = runs();
    for set in ["on=false", "on=true"] {
        assert!(hub.hearth(&["device", "set", "Hallway lamp", set]).status.success());
    }
    assert_eq!(runs(), before, "{}", hub.json(&["why", "Hallway lamp", "brightness"]));
    // Saved by somebody else it goes on.
    let anna = hub.client(Some(&owner));
    anna.request(hyper::Method::PUT, "/automations/follow", Some(rule.to_string())).await.unwrap();
    switched_until("the rule dims the lamp again", &is_dimmed).await;
}

#[tokio::test]
async fn a_recovery_file_lets_the_owner_in_again() {
    let folder = tempfile::tempdir().unwrap();
    let hub = claimed(folder.path()).await;
    assert_eq!(hub.stop(), Some(0));
    let file = folder.path().join("hearth-recovery");
    std::fs::write(&file, "").unwrap();
    let environment = [("HEARTH_RECOVERY_FILE", file.to_str().unwrap())];
    let hub = Hub::start_with(folder.path(), &environment);
    let code = hub.code.clone().unwrap();
    assert!(!file.exists());
    let owner = json!({"username": "anna", "password": "a new password"});
    hub.client(None).post("/setup", &json!({"setup_code": code, "owner": owner})).await.unwrap();
    assert_eq!(login(&hub, "anna", PASSWORD).await.unwrap_err(), 5);
    login(&hub, "anna", "a new password").await.unwrap();
    assert_eq!(hub.stop(), Some(0));
    let hub = Hub::start_with(folder.path(), &environment);
    assert_eq!(hub.code, None);
}

#[tokio::test]
async fn a_changed_audit_log_is_an_alert_and_no_reason_not_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let hub = claimed(folder.path()).await;
    assert_eq!(hub.stop(), Some(0));
    let database = rusqlite::Connection::open(folder.path().join("data/core.db")).unwrap();
    let changed = database.execute("UPDATE audit SET entry = CAST('{}' AS BLOB) WHERE number = 1", []).unwrap();
    assert_eq!(changed, 1);
    drop(database);
    let hub = Hub::start(folder.path());
    let alerts = tokio::time::timeout(LIMIT, async {
        loop {
            let status = hub.json(&["status"]);
            if status["alerts"].as_array().unwrap().iter().any(|alert| alert["code"] == "audit_broken") {
                return status["alerts"].clone();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let alerts = alerts.await.unwrap();
    assert!(alerts.to_string().contains("entry 1 was changed or is missing"), "{alerts}");
    let output = hub.hearth(&["audit", "--verify"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("entry 1 was changed"));
    login(&hub, "anna", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn who_has_to_wait_waits_after_a_restart_too() {
    let folder = tempfile::tempdir().unwrap();
    let hub = claimed(folder.path()).await;
    // How many guesses it takes until one has to wait; a slow machine may let some of the short waits pass.
    let guesses = async |hub: &Hub| {
        for guess in 1..20 {
            let body = json!({"username": "anna", "password": "wrong horse"});
            let refused = hub.client(None).post("/auth/login", &body).await.unwrap_err().to_string();
            if refused.contains("too often") {
                return guess;
            }
        }
        20
    };
    let fresh = guesses(&hub).await;
    assert!((6..20).contains(&fresh), "{fresh}");
    assert_eq!(hub.stop(), Some(0));
    let hub = Hub::start(folder.path());
    let again = guesses(&hub).await;
    assert!(again < 5, "{again}");
}
