//! A pairing on the command line, question by question, with the simulated driver.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::demo::Hub;

/// What `hearth pair` says to these answers, and its exit code.
fn pair(hub: &Hub, arguments: &[&str], answers: &str) -> (String, Option<i32>) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_hearth"))
        .args([&["pair"], arguments].concat())
        .env("HEARTH_SOCKET", &hub.socket)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (said, output.status.code())
}

fn devices(hub: &Hub) -> usize {
    hub.json(&["device", "list"])["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_device_is_let_in_question_by_question() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::furnished(folder.path()).await;
    let before = devices(&hub);
    // What makes no sense is asked again: a class that is not on offer, digits that are too few, neither yes nor no.
    let (said, code) = pair(&hub, &["demo", "--time", "60s"], "s7\ns2_authenticated\n123\n03415\nwhat\ny\n");
    assert_eq!(code, Some(0), "{said}");
    let in_order = [
        "demo is open until",
        "waiting",
        "heard",
        "joined",
        "Which of s2_authenticated, s2_unauthenticated to grant?",
        "Name some of them, or say all or none.",
        "pin:",
        "five digits",
        "identified",
        "Do you agree? [y/n] Do you agree? [y/n]",
        "configured",
        "confirmed",
        "hearth device rename demo:",
    ];
    for words in in_order {
        assert!(said.contains(words), "{words:?}: {said}");
    }
    assert_eq!(devices(&hub), before + 1);
    // The name and room of the last line are given as it says.
    let id = said.lines().find_map(|line| line.strip_prefix("hearth device rename ")?.split(' ').next()).unwrap();
    assert!(hub.hearth(&["device", "rename", id, "Cellar door"]).status.success());
    assert_eq!(hub.json(&["device", "show", "Cellar door"])["id"], id);
}

#[tokio::test]
async fn a_pairing_that_comes_to_nothing_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::furnished(folder.path()).await;
    let before = devices(&hub);
    for (arguments, answers, code, words) in [
        (&["demo"][..], "none\n", 1, "No security class was granted"),
        (&["demo"], "\n99999\n", 1, "The digits are not those of the device."),
        (&["demo"], "\n", 1, "there was no answer"),
        (&["demo", "--code", "03415"], "\nn\n", 1, "It was another device."),
        (&["demo", "--time", "1s"], "", 7, "no device has joined"),
        (&["zigbee"], "", 4, "there is no driver \"zigbee\""),
    ] {
        let (said, exit) = pair(&hub, arguments, answers);
        assert!(exit == Some(code) && said.contains(words), "{arguments:?}: {exit:?} {said}");
    }
    assert_eq!(devices(&hub), before);
}
