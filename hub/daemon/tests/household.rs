//! What people of all roles do on the command line, and what owners allow them.

use std::process::{Command, Output};

use serde_json::json;

use crate::accounts::{claim, person};
use crate::demo::Hub;

/// A household: anna owns it, ben is an adult, cleo a child.
struct Household {
    hub: Hub,
    ben: String,
    cleo: String,
}

impl Household {
    async fn at_home(folder: &std::path::Path) -> Self {
        let hub = Hub::furnished(folder).await;
        claim(&hub).await;
        let (ben, cleo) = (person(&hub, "ben", "adult").await, person(&hub, "cleo", "child").await);
        Self { hub, ben, cleo }
    }

    /// What somebody gets to read, and the exit code.
    fn says(&self, token: Option<&str>, arguments: &[&str]) -> (String, Option<i32>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearth"));
        command.args(arguments).env("HEARTH_SOCKET", &self.hub.socket);
        if let Some(token) = token {
            command.env("HEARTH_HOST", &self.hub.address).env("HEARTH_TOKEN", token);
        }
        let Output { status, stdout, stderr } = command.output().unwrap();
        (String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned(), status.code())
    }

    /// Checks rows of who does what: exit code, and words that it says.
    fn check(&self, rows: &[(Option<&str>, &[&str], i32, &str)]) {
        for (token, arguments, code, words) in rows {
            let (said, exit) = self.says(*token, arguments);
            assert!(exit == Some(*code) && said.contains(words), "{arguments:?}: {exit:?} {said}");
        }
    }
}

#[tokio::test]
async fn a_child_says_where_it_is_and_owners_say_it_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = Household::at_home(folder.path()).await;
    let (ben, cleo) = (Some(home.ben.as_str()), Some(home.cleo.as_str()));
    home.check(&[
        (cleo, &["people", "set", "cleo", "away"], 0, "cleo is away"),
        (cleo, &["people", "set", "Cleo", "hone"], 2, "did you mean \"home\"?"),
        (cleo, &["people", "set", "CLEO", "home"], 0, "cleo is at home"),
        (cleo, &["people", "set", "ben", "away"], 4, "there is no person"),
        (cleo, &["people", "set", "nobody", "away"], 4, "there is no person"),
        (ben, &["people", "set", "cleo", "away"], 0, "cleo is away"),
        (None, &["people", "set", "cleo", "home"], 0, "cleo is at home"),
        (None, &["people", "set", "cleo", "at school"], 0, "cleo is at school\n"),
        (cleo, &["user", "show", "cleo"], 0, "child"),
        (cleo, &["user", "show", "ben"], 5, "Only an owner"),
        (cleo, &["token", "create", "radio", "--expires", "5d"], 0, "hearth_"),
        (cleo, &["device", "history", "Hallway lamp", "on", "--from", "2h"], 0, "TIME"),
    ]);
}

#[tokio::test]
async fn permissions_are_made_changed_and_listed_by_names() {
    let folder = tempfile::tempdir().unwrap();
    let home = Household::at_home(folder.path()).await;
    let file = folder.path().join("permission.json");
    let rule = json!({"id": "lamp", "who": {"person": "Cleo"}, "allow": ["see", "control"],
        "what": {"areas": ["Hallway"], "devices": ["Hallway lamp"]}, "only_while_home": ["ben"]});
    std::fs::write(&file, rule.to_string()).unwrap();
    let file = file.to_str().unwrap();
    home.check(&[
        (None, &["permission", "add"], 2, "say --who"),
        (
            None,
            &["permission", "add", file],
            0,
            "added lamp: cleo may see, control areas: Hallway; devices: Hallway lamp",
        ),
        (
            None,
            &[
                "permission",
                "add",
                "--id",
                "evening",
                "--who",
                "child",
                "--allow",
                "see,control",
                "--area",
                "Hallway",
                "--between",
                "07:00-20:30",
            ],
            0,
            "added evening: children may see, control areas: Hallway (07:00–20:30)",
        ),
        (
            None,
            &["permission", "add", "--who", "child", "--allow", "see", "--area", "Halway"],
            4,
            "did you mean \"Hallway\"?",
        ),
        (None, &["permission", "change", "evening"], 2, "say what to change"),
        (None, &["permission", "change", "evning", "--daily", "60"], 4, "did you mean \"evening\"?"),
        (
            None,
            &[
                "permission",
                "change",
                "evening",
                "--who",
                "cleo",
                "--between",
                "",
                "--daily",
                "60",
                "--while-home",
                "Ben",
            ],
            0,
            "changed evening: cleo may see, control areas: Hallway (60 min a day; while home: ben)",
        ),
        (None, &["permission", "ready-made", "cleo", "off"], 0, "what cleo comes with is not in force any more"),
        (None, &["permission", "ready-made", "adult", "off"], 2, "keep what they come with"),
        (None, &["permission", "list"], 0, "children    yes       Everything that is not protected. Lights, fans"),
        (None, &["permission", "list"], 0, "cleo        no        What comes with their role."),
        (Some(&home.ben), &["permission", "change", "evening", "--daily", "0"], 5, ""),
    ]);
    let (listed, _) = home.says(None, &["permission", "list"]);
    let lamp = listed.lines().find(|line| line.ends_with(" lamp")).unwrap();
    assert!(lamp.starts_with("cleo ") && lamp.contains("while home: ben") && !listed.contains("demo:"), "{listed}");
    let all = home.hub.json(&["permission", "list"]);
    assert!(all["items"][0]["who"]["person"].as_str().unwrap().starts_with("user-"), "{all}");
    assert_eq!(all["choices"][0]["ready_made"], false, "{all}");
}

#[tokio::test]
async fn what_is_seen_under_a_condition_says_it_while_it_does_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let home = Household::at_home(folder.path()).await;
    let cleo = Some(home.cleo.as_str());
    home.check(&[
        (None, &["permission", "ready-made", "child", "off"], 0, ""),
        (cleo, &["device", "show", "Hallway lamp"], 4, "there is no device"),
        (
            None,
            &[
                "permission",
                "add",
                "--who",
                "child",
                "--allow",
                "see,control",
                "--device",
                "Hallway lamp",
                "--while-home",
                "adult",
            ],
            0,
            "",
        ),
        (
            cleo,
            &["device", "show", "Hallway lamp"],
            5,
            "You do not see Hallway lamp now. cleo may do this while an adult is at home",
        ),
        (cleo, &["device", "set", "Hallway lamp", "on=true"], 5, "while an adult is at home"),
        (cleo, &["can", "cleo", "control", "Hallway lamp"], 5, "while an adult is at home"),
        (cleo, &["can", "cleo", "control", "Hallway lmap"], 4, "there is no device"),
        (cleo, &["device", "show", "Front door lock"], 4, "there is no device"),
        (None, &["people", "set", "ben", "home"], 0, ""),
        (cleo, &["device", "set", "Hallway lamp", "on=true"], 0, "confirmed"),
    ]);
}

#[tokio::test]
async fn what_is_refused_names_commands_and_an_adult_is_asked_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let home = Household::at_home(folder.path()).await;
    let cleo = Some(home.cleo.as_str());
    home.check(&[
        (cleo, &["home", "set", "name=Castle"], 5, "`hearth can` says what stands in the way"),
        (None, &["permission", "ready-made", "child", "off"], 0, ""),
        (None, &["permission", "add", "--who", "child", "--allow", "see", "--device", "Hallway lamp"], 0, ""),
        (
            None,
            &[
                "permission",
                "add",
                "--who",
                "child",
                "--allow",
                "control",
                "--device",
                "Hallway lamp",
                "--approval",
                "true",
            ],
            0,
            "asks an adult",
        ),
        (cleo, &["device", "set", "Hallway lamp", "on=true"], 5, "Ask an adult (`hearth approval ask`)."),
        (cleo, &["approval", "ask", "Hallway lamp", "on=true"], 0, "the adults are asked (number 1), until "),
        (Some(&home.ben), &["approval", "answer", "1", "once"], 0, "allowed once"),
        (cleo, &["device", "set", "Hallway lamp", "on=true"], 0, "confirmed"),
        (None, &["can", "cleo", "control", "Hallway lamp", "on", "true", "--at", "20:30"], 5, "An adult can allow it."),
    ]);
}
