//! Every command as an owner, an adult, a child and a guest: where the API refuses a path to a role, the command that asks for
//! it is denied. What each comes to stands in `commands-of-roles.txt`. A command that is new needs a row.

use std::fmt::Write;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::accounts::{PASSWORD, claim, person, token};
use crate::demo::Hub;
use crate::examples::{commands, words};

/// What a program of the contract reads: denied.
const DENIED: i32 = 5;
/// Not for the eyes of who asks, and therefore not there: nothing was done.
const UNSEEN: i32 = 4;

/// Who tries, the least first: what somebody may do is done when the next one tries.
const PEOPLE: [(&str, &str); 4] = [("gus", "guest"), ("cleo", "child"), ("ben", "adult"), ("anna", "owner")];

/// The columns of the API's table.
const COLUMNS: [&str; 4] = ["owner", "adult", "child", "guest"];

/// Who may use which path of the API, as its own tests found it.
const PATHS: &str = include_str!("../../api/tests/main/paths-of-roles.txt");

/// These ask no hub, or keep something for the person at the machine.
const ELSEWHERE: [&str; 10] = [
    "run",
    "discover",
    "check-config",
    "automation check",
    "driver discover",
    "driver inspect",
    "login",
    "logout",
    "completions",
    "man",
];

/// A command, what is typed after it, and the path of the API that decides.
const ROWS: [(&str, &str, &str); 97] = [
    ("status", "", "GET /api/v1/openapi.json"),
    ("device list", "", "GET /api/v1/devices"),
    ("device show", "'Hallway lamp'", "GET /api/v1/devices/{id}"),
    ("device set", "'Hallway lamp' on=true", "POST /api/v1/devices/{id}/commands"),
    ("device rename", "'Hallway lamp' 'Hallway lamp'", "PATCH /api/v1/devices/{id}"),
    ("device remove", "'Bedside lamp'", "DELETE /api/v1/devices/{id}"),
    ("device replace", "'Hallway lamp' 'Living room lamp'", "POST /api/v1/devices/{id}/replace"),
    ("device interview", "'Hallway lamp'", "POST /api/v1/devices/{id}/interview"),
    ("device repair-routes", "'Hallway lamp'", "POST /api/v1/devices/{id}/routes"),
    ("device options", "'Hallway lamp' a=1", "PATCH /api/v1/devices/{id}/options"),
    ("device firmware", "'Hallway lamp'", "POST /api/v1/devices/{id}/firmware"),
    ("device health", "'Hallway lamp'", "POST /api/v1/devices/{id}/health"),
    ("device history", "'Hallway lamp' on", "GET /api/v1/devices/{id}/history"),
    ("area list", "", "GET /api/v1/areas"),
    ("area add", "Attic", "POST /api/v1/areas"),
    ("area change", "Attic --position 3", "PATCH /api/v1/areas/{id}"),
    ("area remove", "Attic", "DELETE /api/v1/areas/{id}"),
    ("automation list", "", "GET /api/v1/automations"),
    ("automation add", "hall.yaml", "POST /api/v1/automations"),
    ("automation show", "Hall", "GET /api/v1/automations/{id}"),
    ("automation replace", "Hall later.yaml", "PUT /api/v1/automations/{id}"),
    ("automation runs", "Hall", "GET /api/v1/automations/{id}/runs"),
    ("automation enable", "Hall", "PATCH /api/v1/automations/{id}"),
    ("automation disable", "Hall", "PATCH /api/v1/automations/{id}"),
    ("automation shadow", "Hall", "PATCH /api/v1/automations/{id}"),
    ("automation edit", "Hall", "GET /api/v1/automations/{id}"),
    ("automation history", "Hall", "GET /api/v1/automations/{id}/revisions"),
    ("automation diff", "Hall 1", "GET /api/v1/automations/{id}/revisions/{revision}/diff"),
    ("automation revert", "Hall 1", "POST /api/v1/automations/{id}/revert"),
    ("automation export", "rules", "GET /api/v1/automations"),
    ("automation import", "rules --dry-run", "GET /api/v1/automations"),
    ("automation replay", "Hall --recorded", "POST /api/v1/automations/replay"),
    ("why", "'Hallway lamp' on", "GET /api/v1/why"),
    ("why-not", "Hall", "GET /api/v1/automations/{id}/why-not"),
    ("automation remove", "Hall", "DELETE /api/v1/automations/{id}"),
    ("scene add", "film.yaml", "POST /api/v1/scenes"),
    ("scene capture", "Now 'Hallway lamp'", "POST /api/v1/scenes/capture"),
    ("scene list", "", "GET /api/v1/scenes"),
    ("scene show", "Film", "GET /api/v1/scenes"),
    ("scene activate", "Film", "POST /api/v1/scenes/{id}/activate"),
    ("scene undo", "Film", "POST /api/v1/scenes/{id}/undo"),
    ("scene history", "Film", "GET /api/v1/scenes/{id}/revisions"),
    ("scene diff", "Film 1", "GET /api/v1/scenes/{id}/revisions/{revision}/diff"),
    ("scene revert", "Film 1", "POST /api/v1/scenes/{id}/revert"),
    ("scene remove", "Film", "DELETE /api/v1/scenes/{id}"),
    ("home", "", "GET /api/v1/home"),
    ("home set", "name=Castle", "PATCH /api/v1/home"),
    ("home zone", "Work 52.5163,13.3777", "PATCH /api/v1/home"),
    ("home clock", "2026-11-21T17:00:00Z", "POST /api/v1/home/clock"),
    ("people list", "", "GET /api/v1/people"),
    ("people show", "anna", "GET /api/v1/people"),
    ("people change", "anna --counts true", "PATCH /api/v1/people/{id}"),
    ("people set", "anna home", "POST /api/v1/people/{id}/presence"),
    ("energy", "", "GET /api/v1/energy"),
    ("notifications", "", "GET /api/v1/users/me/notifications"),
    ("notifications acknowledge", "1", "POST /api/v1/users/me/notifications/{id}/acknowledge"),
    ("message test", "anna", "POST /api/v1/people/{id}/messages/test"),
    ("message channels", "", "GET /api/v1/users/me/channels"),
    ("events", "-n 0", "GET /api/v1/users/me"),
    ("driver list", "", "GET /api/v1/drivers"),
    ("driver restart", "demo", "POST /api/v1/drivers/{id}/restart"),
    ("driver backup", "demo stick.bin", "POST /api/v1/drivers/{id}/backup"),
    ("driver restore", "demo hall.yaml", "PUT /api/v1/drivers/{id}/backup"),
    ("driver network", "demo", "GET /api/v1/drivers/{id}/network"),
    ("driver repair-routes", "demo", "POST /api/v1/drivers/{id}/routes"),
    ("driver provisioning list", "demo", "GET /api/v1/drivers/{id}/provisioning"),
    ("driver provisioning add", "demo 51525", "POST /api/v1/drivers/{id}/provisioning"),
    ("driver provisioning remove", "demo 51525", "DELETE /api/v1/drivers/{id}/provisioning/{key}"),
    ("driver group add", "demo All", "POST /api/v1/drivers/{id}/groups"),
    ("driver group join", "'Hallway lamp' 'Living room blind'", "POST /api/v1/devices/{id}/members"),
    ("driver group leave", "'Hallway lamp' 'Living room blind'", "DELETE /api/v1/devices/{id}/members/{member}"),
    ("pair", "demo --time 1s", "POST /api/v1/drivers/{id}/pairing"),
    ("can", "anna control 'Hallway lamp'", "GET /api/v1/can"),
    ("permission list", "", "GET /api/v1/permissions"),
    ("permission add", "--id hall --who child --allow see --device 'Hallway lamp'", "POST /api/v1/permissions"),
    ("permission change", "hall --daily 60", "PUT /api/v1/permissions/{id}"),
    ("permission remove", "hall", "DELETE /api/v1/permissions/{id}"),
    ("permission ready-made", "guest on", "PUT /api/v1/permissions/ready-made"),
    ("approval ask", "'Hallway lamp' on=true", "POST /api/v1/approvals"),
    ("approval list", "", "GET /api/v1/approvals"),
    ("approval answer", "7 once", "POST /api/v1/approvals/{id}/answer"),
    ("approval revoke", "7", "DELETE /api/v1/approvals/{id}"),
    ("user list", "", "GET /api/v1/users"),
    ("user add", "eve", "GET /api/v1/users"),
    ("user show", "eve", "GET /api/v1/users/{id}"),
    ("user role", "eve adult", "GET /api/v1/users/{id}"),
    ("user password", "eve", "POST /api/v1/users/{id}/password"),
    ("user invite", "eve", "POST /api/v1/users/{id}/password"),
    ("user remove", "eve", "DELETE /api/v1/users/{id}"),
    ("user pin", "", "PATCH /api/v1/users/me"),
    ("user recovery-codes", "", "POST /api/v1/users/me/totp/recovery-codes"),
    ("session list", "--everybody", "GET /api/v1/users"),
    ("session end", "none", "GET /api/v1/users/me/sessions"),
    ("token create", "radio", "POST /api/v1/tokens"),
    ("token list", "", "GET /api/v1/tokens"),
    ("token revoke", "none", "DELETE /api/v1/tokens/{id}"),
    ("audit", "", "GET /api/v1/audit"),
];

/// Whether the API lets a role through to what a path itself says.
fn is_let_through(role: &str, path: &str) -> bool {
    let row = PATHS.lines().find(|line| line.split_once("  ").is_some_and(|(_, named)| named == path));
    assert!(row.is_some(), "the API has no {path}");
    let column = COLUMNS.iter().position(|column| *column == role).unwrap();
    row.unwrap().split(' ').nth(column) == Some("+")
}

/// The exit code of a command, and what it said.
fn typed(hub: &Hub, folder: &Path, token: &str, command: &str, arguments: &str) -> (i32, String) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_hearth"))
        .args(command.split(' '))
        .args(words(arguments))
        .arg("--yes")
        .env("HEARTH_HOST", &hub.address)
        .env("HEARTH_TOKEN", token)
        .env("VISUAL", "true")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Some ask for a password and a PIN; others have ended by now.
    let _ = writeln!(process.stdin.take().unwrap(), "{PASSWORD}\n4711");
    let output = process.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.code().unwrap(), said)
}

#[test]
fn every_command_has_a_row() {
    let rows = ROWS.iter().map(|(command, ..)| *command).chain(ELSEWHERE);
    let mut rows: Vec<&str> = rows.collect();
    let mut all = commands();
    rows.sort_unstable();
    all.sort_unstable();
    assert_eq!(rows, all, "the commands that have a row, and those that there are");
}

#[tokio::test]
async fn every_command_for_every_role() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::furnished(folder.path()).await;
    claim(&hub).await;
    let mut tokens = Vec::new();
    for (name, role) in PEOPLE {
        tokens.push((role, if role == "owner" { token(&hub, name).await } else { person(&hub, name, role).await }));
    }
    for (name, text) in [
        ("hall.yaml", "id: hall\nname: Hall\ntriggers: [{time: '07:30'}]\nactions: [{delay: 1s}]\n"),
        ("later.yaml", "name: Hall\ntriggers: [{time: '07:30'}]\nactions: [{delay: 2s}]\n"),
        ("film.yaml", "name: Film\nstates: [{device: Hallway lamp, set: {on: true}}]\n"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut table = String::from("owner adult child guest\n");
    for (command, arguments, path) in ROWS {
        let mut codes = Vec::new();
        for (role, token) in &tokens {
            let (code, said) = typed(&hub, folder.path(), token, command, arguments);
            let is_stopped = code == DENIED || code == UNSEEN;
            assert!(is_let_through(role, path) || is_stopped, "{role}: {command} {arguments}: {code} {said}");
            assert!(*role != "owner" || code != DENIED, "{role}: {command} {arguments}: {code} {said}");
            codes.insert(0, code);
        }
        let codes: Vec<String> = codes.iter().map(|code| format!("{code:<5}")).collect();
        writeln!(table, "{} {command} {arguments}", codes.join(" ")).unwrap();
    }
    let table: Vec<&str> = table.lines().map(str::trim_end).collect();
    expect_test::expect_file!["commands-of-roles.txt"].assert_eq(&format!("{}\n", table.join("\n")));
}
