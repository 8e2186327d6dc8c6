//! Rules and their earlier versions on the command line, against the demo home.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::demo::{Hub, rules};

const RULE: &str = "\
# Anna wants it.
name: Night
triggers:
- time: '22:30' # late
actions:
- command:
    device: Hallway lamp
    set:
      brightness: 30
";

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn tell(hub: &Hub, arguments: &[&str]) -> String {
    let output = hub.hearth(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Edits the rule with a program in the place of the editor.
fn edit(hub: &Hub, editor: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hearth"))
        .args(["automation", "edit", "night"])
        .env("HEARTH_SOCKET", &hub.socket)
        .env("EDITOR", editor)
        .env_remove("VISUAL")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn changes(hub: &Hub) -> Vec<String> {
    let history = hub.json(&["automation", "history", "night"]);
    let items = history["items"].as_array().unwrap();
    items.iter().map(|item| format!("{} {}", item["revision"], item["change"].as_str().unwrap())).collect()
}

fn outcomes(import: &Value) -> Vec<String> {
    let items = import["items"].as_array().unwrap();
    let mut outcomes: Vec<String> = items
        .iter()
        .map(|item| format!("{} {}", item["id"].as_str().unwrap(), item["outcome"].as_str().unwrap()))
        .filter(|line| !line.ends_with("unchanged"))
        .collect();
    outcomes.sort();
    outcomes
}

/// A hub with the rule, in the furnished demo home.
async fn with_rule(folder: &Path) -> Hub {
    let hub = Hub::furnished(folder).await;
    let file = folder.join("night.yaml");
    std::fs::write(&file, RULE).unwrap();
    tell(&hub, &["automation", "add", file.to_str().unwrap()]);
    hub
}

#[tokio::test]
async fn a_bad_edit_is_found_and_undone() {
    let folder = tempfile::tempdir().unwrap();
    let hub = with_rule(folder.path()).await;
    assert_eq!(text(&edit(&hub, "true")), "nothing was changed\n");
    let saved = edit(&hub, "sed -i -e 's/brightness: 30/brightness: 60/'");
    assert_eq!((saved.status.code(), text(&saved).as_str()), (Some(0), "night is changed; this is revision 2\n"));
    // The notes are where they were.
    let shown = tell(&hub, &["automation", "show", "night"]);
    assert!(shown.contains("note: late") && shown.ends_with("note: Anna wants it.\n"), "{shown}");

    let wrong = edit(&hub, "sed -i -e 's/brightness: 60/brightness: 600/'");
    let told = text(&wrong);
    assert_eq!(wrong.status.code(), Some(1), "{told}");
    assert!(told.contains("bad_value") && told.contains("What you wrote is in "), "{told}");
    let kept = told.lines().find_map(|line| line.strip_suffix('.')?.split_once("What you wrote is in ")).unwrap().1;
    assert!(std::fs::read_to_string(kept).unwrap().contains("brightness: 600"));
    std::fs::remove_file(kept).unwrap();
    // Somebody else is quicker.
    let other = format!(
        "HEARTH_SOCKET={} {} automation disable night; sed -i -e 's/60/70/'",
        hub.socket.display(),
        env!("CARGO_BIN_EXE_hearth")
    );
    let late = edit(&hub, &other);
    assert_eq!(late.status.code(), Some(6), "{}", text(&late));

    assert_eq!(changes(&hub), ["3 disabled", "2 changed", "1 created"]);
    let diff = tell(&hub, &["automation", "diff", "night", "2"]);
    assert!(diff.contains("-      brightness: 30\n+      brightness: 60\n"), "{diff}");
    assert!(tell(&hub, &["automation", "diff", "night"]).contains("+enabled: false"), "the newest");
    let back = tell(&hub, &["automation", "diff", "night", "2", "1"]);
    assert!(back.contains("-      brightness: 60\n+      brightness: 30\n"), "{back}");
    tell(&hub, &["automation", "revert", "Night", "1"]);
    tell(&hub, &["automation", "remove", "night", "--yes"]);
    assert!(tell(&hub, &["automation", "history"]).lines().nth(1).unwrap().contains("removed"));
    let told = tell(&hub, &["automation", "revert", "Night", "2"]);
    assert_eq!(told, "night is again what it was in revision 2; this is revision 6\n");
    assert_eq!(changes(&hub)[..3], ["6 reverted", "5 removed", "4 reverted"]);
    assert_eq!(hub.hearth(&["automation", "history", "nihgt"]).status.code(), Some(4));
    assert_eq!(hub.hearth(&["automation", "revert", "night", "77"]).status.code(), Some(4));
    assert_eq!(hub.stop(), Some(0));
    // All of it survives a restart.
    let hub = Hub::start(folder.path());
    assert_eq!(changes(&hub).len(), 6);
    assert_eq!(hub.stop(), Some(0));
}

#[tokio::test]
async fn what_is_exported_and_imported_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let hub = with_rule(folder.path()).await;
    let (all, rules) = (rules() + 1, folder.path().join("rules"));
    let path = rules.to_str().unwrap();
    let exported = hub.json(&["automation", "export", path]);
    let count = exported["items"].as_array().unwrap().len();
    assert_eq!((count, std::fs::read_dir(&rules).unwrap().count()), (all, all), "{exported}");
    let before = hub.json(&["automation", "history"]);
    let import = hub.json(&["automation", "import", path]);
    assert_eq!((outcomes(&import), import["items"].as_array().unwrap().len()), (Vec::new(), all));
    assert_eq!(hub.json(&["automation", "history"]), before, "an import of what is there is no change");
    assert!(
        tell(&hub, &["automation", "export", path]).ends_with(&format!("{all} rules: 0 written, {all} as they were\n"))
    );

    // As somebody with git works on them: by names, one new, one gone, one changed.
    let night = rules.join("night.yaml");
    let written = std::fs::read_to_string(&night).unwrap();
    assert!(written.contains("device: demo:hallway-lamp"), "{written}");
    std::fs::write(&night, written.replace("demo:hallway-lamp", "Hallway lamp")).unwrap();
    assert!(outcomes(&hub.json(&["automation", "import", path])).is_empty(), "a name is as good as an id");
    std::fs::write(&night, written.replace("30", "45")).unwrap();
    let new = written.replace("id: night", "id: dawn").replace("22:30", "06:30");
    std::fs::write(rules.join("dawn.yaml"), format!("{new}# the sun is up\n")).unwrap();
    let gone = exported["items"].as_array().unwrap().iter().find(|item| item["id"] != "night").unwrap();
    let gone_id = gone["id"].as_str().unwrap();
    std::fs::remove_file(gone["file"].as_str().unwrap()).unwrap();
    let planned = hub.json(&["automation", "import", path, "--dry-run", "--delete"]);
    let mut expected =
        vec!["dawn would add".to_owned(), format!("{gone_id} would remove"), "night would replace".to_owned()];
    expected.sort();
    assert_eq!(outcomes(&planned), expected);
    assert_eq!(hub.json(&["automation", "history"]), before, "nothing was done");
    assert_eq!(hub.hearth(&["automation", "import", path, "--delete"]).status.code(), Some(2), "it asks first");
    let done = outcomes(&hub.json(&["automation", "import", path, "--delete", "--yes"]));
    let mut expected = vec!["dawn added".to_owned(), format!("{gone_id} removed"), "night replaced".to_owned()];
    expected.sort();
    assert_eq!(done, expected);
    assert!(outcomes(&hub.json(&["automation", "import", path, "--delete"])).is_empty());
    tell(&hub, &["automation", "revert", gone_id, "1"]);

    // What is wrong is named, and nothing is done.
    std::fs::write(rules.join("wrong.yaml"), "name: [\n").unwrap();
    std::fs::write(&night, written.replace("30", "15")).unwrap();
    let refused = hub.hearth(&["automation", "import", path]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused).contains("wrong.yaml:"), "{}", text(&refused));
    assert_eq!(changes(&hub).len(), 2);
    // A rule that the home has no device for is refused by itself.
    std::fs::write(
        rules.join("wrong.yaml"),
        written.replace("id: night", "id: cellar").replace("hallway-lamp", "cellar"),
    )
    .unwrap();
    let refused = hub.hearth(&["automation", "import", path]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused).contains("unknown_name") && text(&refused).contains("1 refused"), "{}", text(&refused));
    assert_eq!(changes(&hub).len(), 3);
    assert_eq!(hub.stop(), Some(0));
}

#[tokio::test]
async fn a_scene_is_changed_removed_and_brought_back() {
    let folder = tempfile::tempdir().unwrap();
    let hub = with_rule(folder.path()).await;
    tell(&hub, &["scene", "capture", "Reading", "Hallway lamp"]);
    tell(&hub, &["scene", "remove", "Reading", "--yes"]);
    let told = tell(&hub, &["scene", "revert", "Reading", "1"]);
    assert_eq!(told, "reading is again what it was in revision 1; this is revision 3\n");
    let history = tell(&hub, &["scene", "history", "Reading"]);
    let changes: Vec<&str> = history.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(changes, ["3", "2", "1"], "{history}");
    assert!(tell(&hub, &["scene", "diff", "reading", "1"]).contains("+name: Reading"), "all of it was new");
    assert_eq!(tell(&hub, &["scene", "diff", "reading", "1", "3"]), "they are equal\n");
    assert!(!tell(&hub, &["automation", "history"]).contains("Reading"), "scenes are no rules");
    assert_eq!(tell(&hub, &["automation", "shadow", "night"]), "night decides, and does nothing\n");
    assert!(tell(&hub, &["automation", "list"]).contains("shadow"));
    assert_eq!(hub.stop(), Some(0));
}
