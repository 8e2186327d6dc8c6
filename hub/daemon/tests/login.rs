//! A person logs in on the command line, is themself there, and logs out.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::accounts::{PASSWORD, claimed, person, token};
use crate::secrets::second_factor;

/// A person at a machine of their own: what they are asked for comes as lines.
struct Machine<'a> {
    home: &'a Path,
}

impl Machine<'_> {
    /// What a command says, and its exit code.
    fn hearth(&self, arguments: &[&str], lines: &str) -> (String, i32) {
        let mut process = Command::new(env!("CARGO_BIN_EXE_hearth"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who asks for nothing may have ended before.
        let _ = process.stdin.take().unwrap().write_all(lines.as_bytes());
        let output = process.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (said, output.status.code().unwrap())
    }

    fn file(&self) -> std::path::PathBuf {
        self.home.join(".config/hearth/login.json")
    }

    fn kept(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.file()).unwrap()).unwrap()
    }

    /// Changes what is kept, as time would.
    fn keep(&self, kept: &Value) {
        std::fs::write(self.file(), kept.to_string()).unwrap();
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let (said, code) = self.hearth(&[arguments, &["--json"]].concat(), "");
        assert_eq!(code, 0, "{arguments:?}: {said}");
        serde_json::from_str(&said).unwrap()
    }
}

#[tokio::test]
async fn a_person_logs_in_is_themself_and_logs_out() {
    let folder = tempfile::tempdir().unwrap();
    let hub = claimed(folder.path()).await;
    person(&hub, "cleo", "child").await;
    let home = tempfile::tempdir().unwrap();
    let machine = Machine { home: home.path() };
    let at = ["--host", &hub.address];
    let login = [&["login", "cleo"][..], &at].concat();
    for (arguments, lines, code, words) in [
        (&["login"][..], "", 2, "say at which hub"),
        (&["logout"], "", 0, "nobody is logged in"),
        (&login, "wrong horse\n", 5, "Name or password are wrong. Try again"),
        (&login, &format!("{PASSWORD}\n"), 0, "cleo is logged in at"),
        (&["user", "show", "cleo"], "", 0, "child"),
        (&["user", "show", "anna"], "", 5, "Only an owner"),
        (&["audit"], "", 5, ""),
        // Who says where from now on says it anew.
        (&["user", "list", "--host", &hub.address], "", 5, "Only an owner"),
        (&["user", "list", "--socket", hub.socket.to_str().unwrap()], "", 0, "anna"),
        (&["token", "list", "--everybody"], "", 5, "Only an owner"),
        (&["token", "create", "radio", "--expires", "5d"], "", 0, "hearth_"),
        (&["token", "list", "--user", "cleo"], "", 0, "radio"),
    ] {
        let (said, exit) = machine.hearth(arguments, lines);
        assert!(exit == code && said.contains(words), "{arguments:?}: {exit} {said}");
    }
    let mode = std::fs::metadata(machine.file()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    // Nothing of it goes to another hub.
    let other = tempfile::tempdir().unwrap();
    let other_hub = claimed(other.path()).await;
    let (said, code) = machine.hearth(&["device", "list", "--host", &other_hub.address], "");
    assert!(code == 5 && said.contains("This needs a token."), "{said}");
    // An hour later the access token is void; a new pair takes its place.
    let mut kept = machine.kept();
    let spent = kept["refresh_token"].clone();
    kept["access_token"] = json!("hearth_void");
    machine.keep(&kept);
    assert_eq!(machine.json(&["session", "list"])["items"].as_array().unwrap().len(), 2);
    assert!(machine.kept()["refresh_token"] != spent && machine.kept()["access_token"] != "hearth_void");
    let (said, code) = machine.hearth(&["events", "-n", "0"], "");
    assert_eq!(code, 0, "{said}");
    // Another login takes the place of this one, which ends.
    let (said, code) = machine.hearth(&["login", "anna"], &format!("{PASSWORD}\n"));
    assert!(code == 0 && said.contains("anna is logged in at"), "{said}");
    let sessions = machine.json(&["session", "list", "--everybody"]);
    let whose: Vec<&str> =
        sessions["items"].as_array().unwrap().iter().map(|one| one["username"].as_str().unwrap()).collect();
    // The one from before is that of the test itself.
    assert_eq!(whose.iter().filter(|name| **name == "cleo").count(), 1, "{sessions}");
    assert!(sessions["items"].as_array().unwrap().iter().any(|one| one["current"] == true), "{sessions}");
    let (said, code) = machine.hearth(&["logout"], "");
    assert!(code == 0 && said.contains("anna is logged out at") && !machine.file().exists(), "{said}");
    assert_eq!(machine.hearth(&["device", "list"], "").1, 3);
}

#[tokio::test]
async fn a_login_asks_for_the_second_factor_of_who_has_one() {
    let folder = tempfile::tempdir().unwrap();
    let hub = claimed(folder.path()).await;
    let token = token(&hub, "anna").await;
    let codes = second_factor(&hub.client(Some(&token))).await;
    let home = tempfile::tempdir().unwrap();
    let machine = Machine { home: home.path() };
    let login = ["login", "--host", &hub.address];
    let right = codes[0].as_str().unwrap();
    for (lines, code, words) in [
        (format!("anna\n{PASSWORD}\n000000\n"), 5, "The code is wrong"),
        (format!("anna\n{PASSWORD}\n{right}\n"), 0, "anna is logged in at"),
        (format!("anna\n{PASSWORD}\n{right}\n"), 5, "was used already"),
    ] {
        let (said, exit) = machine.hearth(&login, &lines);
        assert!(exit == code && said.contains(words) && !said.contains(PASSWORD), "{exit} {said}");
    }
    // What failed has ended nothing.
    assert_eq!(machine.hearth(&["home"], "").1, 0);
}

#[tokio::test]
async fn commands_at_once_renew_a_session_once() {
    let folder = tempfile::tempdir().unwrap();
    let hub = claimed(folder.path()).await;
    let home = tempfile::tempdir().unwrap();
    let machine = Machine { home: home.path() };
    let (said, code) = machine.hearth(&["login", "anna", "--host", &hub.address], &format!("{PASSWORD}\n"));
    assert_eq!(code, 0, "{said}");
    let mut kept = machine.kept();
    kept["access_token"] = json!("hearth_void");
    machine.keep(&kept);
    let codes: Vec<i32> = std::thread::scope(|scope| {
        let commands: Vec<_> = (0..6).map(|_| scope.spawn(|| machine.hearth(&["home"], "").1)).collect();
        commands.into_iter().map(|command| command.join().unwrap()).collect()
    });
    assert_eq!(codes, [0; 6]);
    // A login that somebody has ended says so.
    let ended = hub.hearth(&["session", "end", "--all", "--user", "anna", "--yes"]);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let (said, code) = machine.hearth(&["home"], "");
    assert!(code == 5 && said.contains("is over. Log in again with `hearth login`."), "{said}");
    assert_eq!(machine.hearth(&["logout"], "").1, 0);
}

#[tokio::test]
async fn owners_see_and_end_the_sessions_and_tokens_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let hub = claimed(folder.path()).await;
    person(&hub, "ben", "adult").await;
    let home = tempfile::tempdir().unwrap();
    let machine = Machine { home: home.path() };
    let (said, code) = machine.hearth(&["login", "ben", "--host", &hub.address], &format!("{PASSWORD}\n"));
    assert_eq!(code, 0, "{said}");
    machine.json(&["token", "create", "radio"]);
    let of_ben = |kind: &str| hub.json(&[kind, "list", "--user", "ben"])["items"].as_array().unwrap().clone();
    let text = String::from_utf8_lossy(&hub.hearth(&["token", "list", "--everybody"]).stdout).into_owned();
    assert!(text.lines().any(|line| line.starts_with("ben ") && line.contains("radio")), "{text}");
    let text = String::from_utf8_lossy(&hub.hearth(&["session", "list", "--everybody"]).stdout).into_owned();
    assert!(text.lines().any(|line| line.starts_with("ben ") && line.contains("hearth/")), "{text}");
    // Whose it is need not be said.
    for (kind, end) in [("token", "revoke"), ("session", "end")] {
        assert_eq!(hub.hearth(&[kind, end, "none"]).status.code(), Some(4));
        for one in of_ben(kind) {
            let id = one["id"].as_str().unwrap();
            assert_eq!(hub.hearth(&[kind, end, id]).status.code(), Some(0));
            assert_eq!(hub.hearth(&[kind, end, id]).status.code(), Some(4));
        }
        assert!(of_ben(kind).is_empty());
    }
    assert_eq!(machine.hearth(&["home"], "").1, 5);
}
