//! What people type and get back, without a hub.

use std::process::{Command, Output};

use expect_test::{Expect, expect};

fn hearth(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_hearth"))
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .env("COLUMNS", "100")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn check_help(arguments: &[&str], expected: Expect) {
    let output = hearth(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    expected.assert_eq(&text(&output.stdout));
}

#[test]
fn help_names_every_command() {
    check_help(
        &["--help"],
        expect![[r#"
            A home automation hub: the daemon, and the command line that talks to it

            Usage: hearth [OPTIONS] <COMMAND>

            Commands:
              run            Run the hub
              status         Show how the hub is, and its set-up code while nobody has claimed it
              discover       Find hubs on the local network
              check-config   Check a configuration file
              device         Devices
              area           Rooms
              automation     Rules
              why            Tell why something is as it is: what set it, what set that off, and who or what
                             began it
              why-not        Tell why a rule did not act
              scene          Scenes: states of many devices under one name
              home           The home: its name, mode, place and time
              people         People and where they are
              energy         Show how much energy was taken, when and by what
              notifications  Show what you were told and have not read yet
              message        Messages to the phones, mail and programs of people
              events         Show what happens
              driver         Drivers
              pair           Take new devices in, step by step
              can            Tell whether somebody may do something, and why not: exit code 0 for yes, 5 for no
              permission     Who may do what
              approval       What was asked of adults
              user           Accounts: who may log in
              login          Log in at a hub: commands that name no hub go there as you
              logout         Log out again
              session        Where you are logged in
              token          Tokens for programs
              audit          Show who did what, newest first
              completions    Print completions for a shell
              man            Print the manual (read it with `hearth man | man -l -`), or write a page for each
                             command
              help           Print this message or the help of the given subcommand(s)

            Options:
              -h, --help     Print help
              -V, --version  Print version

            Connection:
                  --host <URL>             Talk to the hub at this address instead of the local socket or the
                                           one of `hearth login`, e.g. https://192.168.1.5:8443 [env:
                                           HEARTH_HOST=]
                  --token <TOKEN>          The token to show there (see `hearth token create`) in place of your
                                           login [env: HEARTH_TOKEN]
                  --fingerprint <SHA-256>  Over https, take who has this key for the hub (`hearth status` on its
                                           machine shows it) [env: HEARTH_FINGERPRINT=]
                  --ca <FILE>              Over https, take who is vouched for by this certificate (PEM) for the
                                           hub [env: HEARTH_CA=]
                  --socket <PATH>          The local socket, where it is not in its usual place [env:
                                           HEARTH_SOCKET=]

            Output:
                  --json  Print JSON for programs. Findings of a check and lines of a replay are JSON in a pipe,
                          too
                  --yes   Ask nothing
        "#]],
    );
    check_help(
        &["run", "--help"],
        expect![[r#"
            Run the hub

            Usage: hearth run [OPTIONS]

            Options:
                  --config <FILE>     The configuration file [default: /etc/hearth/hearth.toml or
                                      ~/.config/hearth/hearth.toml] [env: HEARTH_CONFIG=]
                  --data <FOLDER>     The data folder [default: /var/lib/hearth or ~/.local/share/hearth]
                  --listen <ADDRESS>  Address and port of the web server, plain HTTP [default: [::]:8080]
                  --demo              A simulated home: no radio, no broker. Without --data everything is
                                      forgotten at the end
              -h, --help              Print help
              -V, --version           Print version

            Connection:
                  --host <URL>             Talk to the hub at this address instead of the local socket or the
                                           one of `hearth login`, e.g. https://192.168.1.5:8443 [env:
                                           HEARTH_HOST=]
                  --token <TOKEN>          The token to show there (see `hearth token create`) in place of your
                                           login [env: HEARTH_TOKEN]
                  --fingerprint <SHA-256>  Over https, take who has this key for the hub (`hearth status` on its
                                           machine shows it) [env: HEARTH_FINGERPRINT=]
                  --ca <FILE>              Over https, take who is vouched for by this certificate (PEM) for the
                                           hub [env: HEARTH_CA=]
                  --socket <PATH>          The local socket, where it is not in its usual place [env:
                                           HEARTH_SOCKET=]

            Output:
                  --json  Print JSON for programs. Findings of a check and lines of a replay are JSON in a pipe,
                          too
                  --yes   Ask nothing

            Example: hearth run --demo
        "#]],
    );
    check_help(
        &["device", "set", "--help"],
        expect![[r#"
            Set attributes and wait until the device has confirmed them

            Usage: hearth device set [OPTIONS] <DEVICE> <ATTRIBUTE=VALUE>...

            Arguments:
              <DEVICE>              Its name or id
              <ATTRIBUTE=VALUE>...  What to set, e.g. on=true brightness=40 color='{"hue":30,"saturation":80}'

            Options:
                  --endpoint <ENDPOINT>  The endpoint, by number or label, where an attribute is on several
                  --transition <TIME>    How long the change should take, e.g. 500ms, 2s
                  --wait <TIME>          How long to wait for the outcome [default: 15s]
                  --pin                  Give your PIN with it: it is asked for, or read as a line of the
                                         standard input
              -h, --help                 Print help
              -V, --version              Print version

            Connection:
                  --host <URL>             Talk to the hub at this address instead of the local socket or the
                                           one of `hearth login`, e.g. https://192.168.1.5:8443 [env:
                                           HEARTH_HOST=]
                  --token <TOKEN>          The token to show there (see `hearth token create`) in place of your
                                           login [env: HEARTH_TOKEN]
                  --fingerprint <SHA-256>  Over https, take who has this key for the hub (`hearth status` on its
                                           machine shows it) [env: HEARTH_FINGERPRINT=]
                  --ca <FILE>              Over https, take who is vouched for by this certificate (PEM) for the
                                           hub [env: HEARTH_CA=]
                  --socket <PATH>          The local socket, where it is not in its usual place [env:
                                           HEARTH_SOCKET=]

            Output:
                  --json  Print JSON for programs. Findings of a check and lines of a replay are JSON in a pipe,
                          too
                  --yes   Ask nothing

            Example: hearth device set 'Hallway lamp' on=true brightness=40
        "#]],
    );
}

#[test]
fn exit_codes_say_how_it_went() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (wrong, right) = (file("wrong.toml", "[http]\nport = 1\n"), file("right.toml", "[http]\nhttp = true\n"));
    let twice = [("a", "mqtt://localhost"), ("b", "mqtt://127.0.0.1:1883")]
        .map(|(id, broker)| format!("[[driver]]\nid = \"{id}\"\ntype = \"zigbee2mqtt\"\nbroker = \"{broker}\"\n"));
    let twice = file("twice.toml", &twice.concat());
    let no_password = file(
        "no-password.toml",
        "[[driver]]\nid = \"zigbee\"\ntype = \"zigbee2mqtt\"\nusername = \"hearth\"\npassword_file = \"/nowhere/password\"\n",
    );
    assert!(
        text(&hearth(&["check-config", &no_password]).stdout).contains("password_file /nowhere/password is not there")
    );
    let nowhere = folder.path().join("no.sock").to_str().unwrap().to_owned();
    let missing = folder.path().join("missing.toml").to_str().unwrap().to_owned();
    let table: &[(&[&str], i32, &str)] = &[
        (&["--version"], 0, ""),
        (&["check-config", &right], 0, ""),
        (&["check-config", &no_password], 0, ""),
        (&["check-config", "--example"], 0, ""),
        (&["completions", "bash"], 0, ""),
        (&["man"], 0, ""),
        (&["driver", "inspect", "zigbee2mqtt", &missing], 1, "missing.toml: No such file"),
        (&["fridge"], 2, "unrecognized subcommand"),
        (&["device", "history", "lamp"], 2, "required arguments"),
        (&["status", "--host", "https://hub/path"], 2, "is not the address of a hub"),
        (&["status", "--socket", &nowhere], 3, "no hub answers"),
        (&["status", "--host", "127.0.0.1:1"], 3, "no hub answers"),
        (&["check-config", &wrong], 78, "wrong.toml:2:1: http has no key `port`"),
        (&["check-config", &twice], 78, "twice.toml:5:1: the drivers `a` and `b` read the same bridge"),
        (&["check-config", &missing], 78, "missing.toml: the file cannot be read"),
        (&["run", "--config", &wrong], 78, "wrong.toml:2:1: http has no key `port`"),
    ];
    for (arguments, code, words) in table {
        let output = hearth(arguments);
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}: {errors}");
        assert!(errors.contains(words), "{arguments:?}: {errors}");
    }
}

#[test]
fn definitions_are_inspected_without_a_hub() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.jsonl"), folder.path().join("bad.jsonl"));
    let definition = r#"{"definition": {"model": "LED1624G9", "vendor": "IKEA", "description": "", "exposes": [
        {"type": "light", "features": [{"type": "binary", "name": "state", "property": "state", "access": 7,
            "value_on": "ON", "value_off": "OFF"}]}]}}"#;
    std::fs::write(&good, definition.replace('\n', "")).unwrap();
    std::fs::write(&bad, "no json\n").unwrap();
    let output = hearth(&["driver", "inspect", "zigbee2mqtt", good.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["model"], &line["dropped"]), (&"LED1624G9".into(), &serde_json::json!([])));
    assert_eq!(line["attributes"][0]["name"], "on");
    let output = hearth(&["driver", "inspect", "zigbee2mqtt", bad.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
}

/// A rule with a test, and what a check of it says.
#[test]
fn tests_that_stand_in_rules_are_run_by_a_check() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hall.yaml");
    let rule = |brightness: u8| {
        format!(
            "id: hall
name: Hall
triggers:
  - state: {{device: Motion, attribute: occupancy, to: true}}
actions:
  - command: {{device: Lamp, set: {{on: true, brightness: {brightness}}}}}
tests:
  - name: light
    when: [{{device: Motion, attribute: occupancy, value: true}}]
    then: [{{device: Lamp, set: {{brightness: 40}}}}]
"
        )
    };
    let check = |brightness: u8| {
        std::fs::write(&file, rule(brightness)).unwrap();
        hearth(&["automation", "check", "--offline", file.to_str().unwrap()])
    };
    let passed = check(40);
    let found = text(&passed.stdout).lines().any(|line| line.contains("test_failed"));
    assert_eq!((passed.status.code(), found), (Some(0), false), "{}", text(&passed.stdout));
    let failed = check(30);
    assert_eq!(failed.status.code(), Some(1));
    let failed = text(&failed.stdout);
    let line = failed.lines().find(|line| line.contains("test_failed")).unwrap();
    let finding: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&finding["severity"], &finding["path"], &finding["line"]),
        (&"error".into(), &"tests[0]".into(), &8.into())
    );
    expect![[r#"the test "light" fails; expected: sets Lamp: brightness 40; got: sets Lamp: on true, brightness 30"#]]
        .assert_eq(finding["message"].as_str().unwrap());
}

#[test]
fn a_replay_needs_events_or_a_hub() {
    let output = hearth(&["automation", "replay", "hall.yaml"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    let output = hearth(&["automation", "replay", "hall.yaml", "--recorded", "--events", "log"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
}
