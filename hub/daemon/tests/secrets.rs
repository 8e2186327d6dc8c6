//! Passwords, PINs and codes on the command line: given as lines or typed unseen, and never an argument.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use hearth::cli::client::Client;
use serde_json::{Value, json};

use crate::accounts::{PASSWORD, claimed};
use crate::demo::Hub;

const LOCK: &str = "Front door lock";

/// What a command said and its exit code, given these lines.
fn typed(hub: &Hub, token: Option<&str>, arguments: &[&str], lines: &str) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearth"));
    command.args(arguments).env("HEARTH_SOCKET", &hub.socket);
    if let Some(token) = token {
        command.env("HEARTH_HOST", &hub.address).env("HEARTH_TOKEN", token);
    }
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Who asks for nothing may have ended before.
    let _ = process.stdin.take().unwrap().write_all(lines.as_bytes());
    let output = process.wait_with_output().unwrap();
    (String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(), output.status.code())
}

/// A child who opens the front door with a PIN, and the token of a login.
async fn child(hub: &Hub) -> String {
    let added = typed(hub, None, &["user", "add", "cleo", "--role", "child", "--password"], "a long password\n");
    assert_eq!(added.1, Some(0), "{}", added.0);
    let device = hub.json(&["device", "show", LOCK])["id"].clone();
    let rule =
        json!({"who": {"role": "child"}, "allow": ["see", "control"], "what": {"devices": [device]}, "pin": true});
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), rule.to_string()).unwrap();
    hub.json(&["permission", "add", file.path().to_str().unwrap()]);
    let login = json!({"username": "cleo", "password": "a long password"});
    let opened = hub.client(None).post("/auth/login", &login).await.unwrap();
    opened["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_pin_is_set_given_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let hub = claimed(folder.path()).await;
    let token = child(&hub).await;
    let set = ["device", "set", LOCK, "locked=false"];
    let with_pin = [&set[..], &["--pin"]].concat();
    let scene = json!({"id": "leave", "name": "Leave", "states": [{"device": LOCK, "set": {"locked": true}}]});
    hub.client(Some(&owner(&hub).await)).post("/scenes", &scene).await.unwrap();
    for (arguments, lines, code, words) in [
        (&set[..], "", 5, "Give your PIN with --pin."),
        (&with_pin, "4711\n", 5, "You have no PIN. Set one with `hearth user pin`."),
        (&["user", "pin"], "wrong horse\n4711\n", 5, "The password is wrong."),
        (&["user", "pin"], "a long password\n1234\n", 1, "Give 4 to 12 digits"),
        (&["user", "pin"], "a long password\n", 1, "there was no answer"),
        (&["user", "pin"], "a long password\n4711\n", 0, "cleo has a new PIN"),
        (&with_pin, "0815\n", 5, "The PIN is wrong."),
        (&with_pin, "4711\n", 0, "locked=false: confirmed"),
        (&["scene", "activate", "Leave"], "", 1, "not_allowed"),
        (&["scene", "activate", "Leave", "--pin"], "4711\n", 0, "confirmed"),
        (&["scene", "activate", "Leave", "--pin", "4711"], "", 2, "unexpected argument"),
        (&["user", "pin", "--remove"], "a long password\n", 0, "cleo has no PIN any more"),
        (&with_pin, "4711\n", 5, "You have no PIN."),
    ] {
        let (said, exit) = typed(&hub, Some(&token), arguments, lines);
        assert!(exit == Some(code) && said.contains(words), "{arguments:?}: {exit:?} {said}");
    }
    // On the hub itself nobody proves who they are.
    let (said, exit) = typed(&hub, None, &["user", "pin"], "4711\n");
    assert!(exit == Some(0) && said.contains("anna has a new PIN"), "{said}");
}

async fn owner(hub: &Hub) -> String {
    let login = json!({"username": "anna", "password": PASSWORD});
    hub.client(None).post("/auth/login", &login).await.unwrap()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn on_a_terminal_a_pin_is_asked_for_when_it_is_wanted_and_not_shown() {
    if !std::path::Path::new("/usr/bin/script").exists() {
        writeln!(std::io::stdout(), "SKIP: script is not installed").unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let hub = claimed(folder.path()).await;
    let token = child(&hub).await;
    let (said, exit) = typed(&hub, Some(&token), &["user", "pin"], "a long password\n4711\n");
    assert_eq!(exit, Some(0), "{said}");
    for (arguments, words) in [
        (format!("device set '{LOCK}' locked=false"), "locked=false: confirmed"),
        (format!("device set '{LOCK}' locked=true --pin"), "locked=true: confirmed"),
    ] {
        // A terminal of its own.
        let mut process = Command::new("/usr/bin/script")
            .args(["--quiet", "--return", "--command"])
            .arg(format!("{} {arguments}", env!("CARGO_BIN_EXE_hearth")))
            .arg("/dev/null")
            .envs([("HEARTH_HOST", &hub.address), ("HEARTH_TOKEN", &token)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut screen, mut keys) = (process.stdout.take().unwrap(), process.stdin.take().unwrap());
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains("Your PIN:") {
            let mut byte = [0];
            assert_eq!(screen.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&seen));
            seen.extend(byte);
        }
        keys.write_all(b"4711\n").unwrap();
        screen.read_to_end(&mut seen).unwrap();
        drop(keys);
        let seen = String::from_utf8_lossy(&seen);
        assert!(process.wait().unwrap().success() && seen.contains(words) && !seen.contains("4711"), "{seen}");
    }
}

#[tokio::test]
async fn recovery_codes_are_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let hub = claimed(folder.path()).await;
    let token = owner(&hub).await;
    let client = hub.client(Some(&token));
    let (said, exit) = typed(&hub, Some(&token), &["user", "recovery-codes"], &format!("{PASSWORD}\n123456\n"));
    assert!(exit == Some(6) && said.contains("There is no second factor."), "{said}");
    let codes = second_factor(&client).await;
    let lines = format!("{PASSWORD}\n{}\n", codes[0].as_str().unwrap());
    let (said, exit) = typed(&hub, Some(&token), &["user", "recovery-codes"], &lines);
    assert!(exit == Some(0) && said.contains("The old ones are void"), "{said}");
    assert_eq!(said.lines().filter(|line| line.len() == 19).count(), 10, "{said}");
    let lines = format!("{PASSWORD}\n{}\n", codes[1].as_str().unwrap());
    let (said, exit) = typed(&hub, Some(&token), &["user", "recovery-codes"], &lines);
    assert!(exit == Some(5) && said.contains("was used already"), "{said}");
    let (said, exit) = typed(&hub, None, &["user", "recovery-codes"], &lines);
    assert!(exit == Some(6) && said.contains("--host"), "{said}");
    // The log knows of it.
    let log = hub.json(&["audit"]);
    let found = log["items"].as_array().unwrap().iter().any(|entry| entry["action"] == "recovery_codes_renewed");
    assert!(found, "{log}");
}

/// Adds a second factor, and gives its recovery codes.
pub(crate) async fn second_factor(client: &Client) -> Value {
    let begun = client.post("/users/me/totp", &json!({"password": PASSWORD})).await.unwrap();
    let mut codes = None;
    // A code of now, or of a moment later where a step ends in between.
    for _ in 0..3 {
        let code = app_code(begun["secret"].as_str().unwrap());
        codes = client.post("/users/me/totp/confirm", &json!({"code": code})).await.ok();
        if codes.is_some() {
            break;
        }
    }
    codes.unwrap()["recovery_codes"].clone()
}

/// What an authenticator app shows now.
fn app_code(secret: &str) -> String {
    // The system's own tool would be one more package; Python has all that is needed.
    let program = "import base64,hmac,struct,sys,time\n\
        key=base64.b32decode(sys.argv[1])\n\
        tag=hmac.new(key,struct.pack('>Q',int(time.time())//30),'sha1').digest()\n\
        at=tag[19]&15\n\
        print('%06d'%((struct.unpack('>I',tag[at:at+4])[0]&0x7fffffff)%1000000))";
    let output = Command::new("python3").args(["-c", program, secret]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
