//! Rules in files against the demo home: what a check says of them is what saving says.

use crate::demo::{Hub, rules};

/// What came out, and the exit code.
fn told(hub: &Hub, arguments: &[&str]) -> (Option<i32>, String) {
    let output = hub.hearth(arguments);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[tokio::test]
async fn a_check_says_what_saving_says() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::furnished(folder.path()).await;
    let file = folder.path().join("rule.yaml");
    let path = file.to_str().unwrap();
    let rule = |device: &str, actions: &str| {
        let trigger = format!("  - state: {{device: {device}, attribute: occupancy, to: true}}");
        std::fs::write(&file, format!("name: Drafted\ntriggers:\n{trigger}\nactions:\n{actions}\n")).unwrap();
    };
    let wrong = [
        ("Kichen motion", "  - set_mode: night", "rule.yaml:3:21: error unknown_name"),
        ("Kitchen motion", "  - set_mode: nite", "there is no mode"),
        ("Kitchen motion", "  - run: Good nihgt", "did you mean \"Good night\"?"),
        ("{area: Hallwya}", "  - set_mode: night", "did you mean \"hallway\"?"),
    ];
    for (device, actions, words) in wrong {
        rule(device, actions);
        let checked = told(&hub, &["automation", "check", path]);
        assert!(checked.0 == Some(1) && checked.1.contains("checked against the home "), "{actions}: {}", checked.1);
        let added = told(&hub, &["automation", "add", path]);
        assert!(added.0 == Some(1) && added.1.contains(words), "{actions}: {}", added.1);
    }
    rule("{area: Hallway}", "  - run: Good night");
    for arguments in [&["automation", "check", path] as &[_], &["automation", "check", path, "--offline"]] {
        assert_eq!(told(&hub, arguments).0, Some(0), "{arguments:?}");
    }
    let devices = folder.path().join("devices.json");
    std::fs::write(&devices, hub.json(&["device", "list"]).to_string()).unwrap();
    let by_file = told(&hub, &["automation", "check", path, "--home", devices.to_str().unwrap()]);
    assert!(by_file.0 == Some(0) && by_file.1.contains("checked against the devices of "), "{}", by_file.1);
    // What the hub itself gives is right, whoever checks it.
    let exported = folder.path().join("exported");
    let exported = exported.to_str().unwrap();
    assert_eq!(told(&hub, &["automation", "export", exported]).0, Some(0));
    assert_eq!(told(&hub, &["automation", "check", exported]).0, Some(0));
    let offline = told(&hub, &["automation", "check", exported, "--offline"]);
    assert!(offline.0 == Some(0) && offline.1.contains("checked without a home"), "{}", offline.1);
}

#[tokio::test]
async fn a_file_is_added_as_a_whole_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::furnished(folder.path()).await;
    let below = folder.path().join("rules");
    std::fs::create_dir(&below).unwrap();
    let file = below.join("rules.yaml");
    let path = file.to_str().unwrap();
    let rule =
        |name: &str, action: &str| format!("- name: {name}\n  triggers: [{{start: {{}}}}]\n  actions: [{action}]\n");
    let count = || hub.json(&["automation", "list"])["items"].as_array().unwrap().len();

    // One of two is wrong: neither is saved, and a dry run says so too.
    std::fs::write(&file, rule("First", "{run: Second}") + &rule("Second", "{set_mode: nite}")).unwrap();
    let refused = told(&hub, &["automation", "add", path]);
    assert!(refused.0 == Some(1) && refused.1.contains("rules.yaml:6:24: error unknown_name"), "{}", refused.1);
    assert_eq!(count(), rules());
    let foreseen = told(&hub, &["automation", "import", "--dry-run", below.to_str().unwrap()]);
    assert!(foreseen.0 == Some(1) && foreseen.1.contains("would be refused second"), "{}", foreseen.1);

    // The first needs the second.
    std::fs::write(&file, rule("First", "{run: Second}") + &rule("Second", "{set_mode: night}")).unwrap();
    let added = told(&hub, &["automation", "add", path]);
    assert!(added.0 == Some(0) && added.1.contains("added first") && added.1.contains("added second"), "{}", added.1);
    let again = told(&hub, &["automation", "add", path]);
    assert!(again.0 == Some(6) && again.1.contains("hearth automation replace 'First' "), "{}", again.1);
    std::fs::write(&file, "id: second\nname: Third\ntriggers: [{start: {}}]\nactions: [{set_mode: night}]\n").unwrap();
    let taken = told(&hub, &["automation", "add", path]);
    assert!(taken.0 == Some(6) && taken.1.contains("hearth automation replace 'second' "), "{}", taken.1);
    assert_eq!(count(), rules() + 2);
}
