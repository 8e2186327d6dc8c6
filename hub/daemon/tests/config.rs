//! Every mistake is answered by place, problem and remedy.

use std::path::Path;

use expect_test::{Expect, expect};
use hearth::config::{self, DriverKind};

fn check(text: &str, variables: &[(&str, &str)], expected: &Expect) {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let answer = match config::parse(Path::new("hearth.toml"), text, variables) {
        Ok(config) => format!("{config:?}"),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&answer);
}

#[test]
fn mistakes_in_the_file_are_named() {
    let table: &[(&str, Expect)] = &[
        (
            "[http]\nlistne = \"127.0.0.1:80\"",
            expect!["hearth.toml:2:1: http has no key `listne`; did you mean `listen`?"],
        ),
        (
            "[http]\nlisten = 8080",
            expect![[
                r#"hearth.toml:2:10: invalid type: integer `8080`, expected socket address; write for example `listen = "127.0.0.1:8080"` (address and port of the web server, plain HTTP)"#
            ]],
        ),
        (
            "[http]\nlisten = \"8080\"",
            expect![[
                r#"hearth.toml:2:10: invalid socket address syntax; write for example `listen = "127.0.0.1:8080"` (address and port of the web server, plain HTTP)"#
            ]],
        ),
        (
            "[http]\nhttp = \"yes\"",
            expect![[
                r#"hearth.toml:2:8: invalid type: string "yes", expected a boolean; write for example `http = false` (true: serve other machines by plain HTTP too, without encryption)"#
            ]],
        ),
        (
            "[htp]\nlisten = \"127.0.0.1:80\"",
            expect!["hearth.toml:1:2: there is no section `htp`; did you mean [http]?"],
        ),
        (
            "[kitchen]\n",
            expect![
                "hearth.toml:1:2: there is no section `kitchen`; sections are [hub], [http], [tls], [mdns], [history], [store], [rules], [recovery], [messages], [messages.smtp] and [[driver]]"
            ],
        ),
        (
            "http = true",
            expect!["hearth.toml:1:8: `http` is a section; write [http] on a line of its own and its keys below"],
        ),
        (
            "[history]\ndays = -1",
            expect![
                "hearth.toml:2:8: invalid value: integer `-1`, expected a whole number, not negative; write for example `days = 35` (how many days every change is kept)"
            ],
        ),
        ("[history]\ndays = 35\ndays = 36", expect!["hearth.toml:3:1: duplicate key; keep one of them"]),
        (
            "[hub\nname = 1",
            expect![[
                r#"hearth.toml:1:5: unclosed table, expected `]`; write it as TOML: `key = "text"`, `key = 5`, `key = true`, `[section]`"#
            ]],
        ),
        (
            "[hub]\nname = Home",
            expect![[
                r#"hearth.toml:2:8: string values must be quoted, expected literal string; write it as TOML: `key = "text"`, `key = 5`, `key = true`, `[section]`"#
            ]],
        ),
        ("[hub]\nzzz = 1", expect!["hearth.toml:2:1: hub has no key `zzz`; keys of hub are data, socket, name, log"]),
        (
            "[messages.smtp]\nsever = \"mail\"",
            expect!["hearth.toml:2:1: messages.smtp has no key `sever`; did you mean `server`?"],
        ),
        (
            "[messages.smtp]\ntls = \"ssl\"",
            expect![[
                r#"hearth.toml:2:7: unknown variant `ssl`, expected one of `starttls`, `implicit`, `none`; write for example `tls = "starttls"` (starttls, implicit, or none: only to this machine itself)"#
            ]],
        ),
        (
            "[messages]\nsmtp = \"mail\"",
            expect![
                "hearth.toml:2:8: `smtp` is a section; write [messages.smtp] on a line of its own and its keys below"
            ],
        ),
        (
            "[driver]\nid = \"zigbee\"",
            expect!["hearth.toml:1:1: drivers are a list; write [[driver]] with double brackets"],
        ),
        (
            "[[driver]]\ntype = \"virtual\"",
            expect![[r#"hearth.toml:1:1: a driver has no `id`; add for example `id = "zigbee"`"#]],
        ),
        (
            "[[driver]]\nid = \"Zig bee\"\ntype = \"virtual\"",
            expect![[
                r#"hearth.toml:2:6: `Zig bee` cannot be a driver's id; use a-z, 0-9, - and _, for example `id = "zigbee"`"#
            ]],
        ),
        (
            "[[driver]]\nid = 5\ntype = \"virtual\"",
            expect![[r#"hearth.toml:2:6: `id` must be a text; write for example `id = "zigbee"`"#]],
        ),
        (
            "[[driver]]\nid = \"zigbee\"",
            expect![[r#"hearth.toml:1:1: a driver has no `type`; add for example `type = "zigbee2mqtt"`"#]],
        ),
        (
            "[[driver]]\nid = \"zigbee\"\ntype = \"zigbe2mqtt\"",
            expect![[r#"hearth.toml:3:8: there is no driver type `zigbe2mqtt`; did you mean `type = "zigbee2mqtt"`?"#]],
        ),
        (
            "[[driver]]\nid = \"zigbee\"\ntype = \"knx\"",
            expect!["hearth.toml:3:8: there is no driver type `knx`; types are zigbee2mqtt, virtual, zwave, zwave-js"],
        ),
        (
            "[[driver]]\nid = \"zwave\"\ntype = \"zwave\"\nport = \"ttyUSB0\"",
            expect![[
                r#"hearth.toml:4:8: "ttyUSB0" names no port; write the path of a serial port like /dev/serial/by-id/… or tcp://host:port"#
            ]],
        ),
        (
            "[[driver]]\nid = \"zwave\"\ntype = \"zwave-js\"\nurl = \"http://pi:3000\"",
            expect![[r#"hearth.toml:4:7: url = "http://pi:3000" is not an address; write ws://HOST:3000"#]],
        ),
        (
            "[[driver]]\nid = \"zigbee\"\ntype = \"zigbee2mqtt\"\nbrokr = \"mqtt://h\"",
            expect!["hearth.toml:4:1: zigbee2mqtt has no key `brokr`; did you mean `broker`?"],
        ),
        (
            "[[driver]]\nid = \"zigbee\"\ntype = \"zigbee2mqtt\"\nbroker = 1883",
            expect![[
                r#"hearth.toml:4:10: invalid type: integer `1883`, expected a string; write for example `broker = "mqtt://127.0.0.1:1883"` (the MQTT broker; mqtts:// for TLS)"#
            ]],
        ),
        (
            "[[driver]]\nid = \"z\"\ntype = \"zigbee2mqtt\"\nbroker = \"http://h\"",
            expect![[
                r#"hearth.toml:4:10: broker = "http://h" is not an address; write mqtt://HOST:1883, or mqtts://HOST:8883 for TLS; user and password have keys of their own"#
            ]],
        ),
        (
            "[[driver]]\nid = \"z\"\ntype = \"zigbee2mqtt\"\nbroker = \"mqtts://h\"\nkey = \"k\"",
            expect!["hearth.toml:5:7: cert and key belong together; give both or neither"],
        ),
        (
            "[[driver]]\nid = \"demo\"\ntype = \"virtual\"\nseed = \"x\"",
            expect![[
                r#"hearth.toml:4:8: invalid type: string "x", expected a whole number, not negative; write for example `seed = 1` (equal seeds lead equal lives)"#
            ]],
        ),
        (
            "[[driver]]\nid = \"a\"\ntype = \"virtual\"\n[[driver]]\nid = \"a\"\ntype = \"virtual\"",
            expect!["hearth.toml:5:6: two drivers have the id `a`; give each driver an id of its own"],
        ),
    ];
    for (text, expected) in table {
        check(text, &[], expected);
    }
}

#[test]
fn no_secret_stands_in_an_error() {
    let driver = "[[driver]]\nid = \"z\"\ntype = \"zigbee2mqtt\"\n";
    let table = [
        (
            format!("{driver}broker = \"mqtt://h\"\npassword = 471147"),
            expect![[
                r#"hearth.toml:5:12: invalid type, expected a string; write for example `password = "…"` (the password itself; password_file is better)"#
            ]],
        ),
        (
            "driver = [{ id = \"z\", type = \"zigbee2mqtt\", password = 471147 }]".to_owned(),
            expect![[
                r#"hearth.toml:1:56: invalid type, expected a string; write it as TOML: `key = "text"`, `key = 5`, `key = true`, `[section]`"#
            ]],
        ),
        (
            format!("{driver}password = [\n  \"471147\", 471147]"),
            expect![[
                r#"hearth.toml:4:12: invalid type, expected a string; write for example `password = "…"` (the password itself; password_file is better)"#
            ]],
        ),
        (
            format!("{driver}broker = \"mqtt://anna:471147@h\""),
            expect![[
                r#"hearth.toml:4:10: broker = "mqtt://…@h" is not an address; write mqtt://HOST:1883, or mqtts://HOST:8883 for TLS; user and password have keys of their own"#
            ]],
        ),
        (
            format!("{driver}password = 471147x"),
            expect![[
                r#"hearth.toml:4:12: string values must be quoted, expected literal string; write it as TOML: `key = "text"`, `key = 5`, `key = true`, `[section]`"#
            ]],
        ),
    ];
    for (text, expected) in table {
        check(&text, &[], &expected);
        assert!(!expected.data().contains("471147"), "{}", expected.data());
    }
}

#[test]
fn mistakes_in_the_environment_are_named() {
    let driver = "[[driver]]\nid = \"my-zigbee\"\ntype = \"zigbee2mqtt\"\nbroker = \"mqtt://h\"";
    let table: &[(&str, &str, &str, Expect)] = &[
        (
            "",
            "HEARTH_HTTP_LISTEN",
            "everywhere",
            expect![[
                r#"environment variable HEARTH_HTTP_LISTEN: invalid socket address syntax; write for example `listen = "127.0.0.1:8080"` (address and port of the web server, plain HTTP)"#
            ]],
        ),
        (
            "",
            "HEARTH_HTTP_LISTNE",
            "127.0.0.1:80",
            expect!["environment variable HEARTH_HTTP_LISTNE: http has no key `listne`; did you mean `listen`?"],
        ),
        (
            "",
            "HEARTH_HISTORY_DAYS",
            "many",
            expect![[
                r#"environment variable HEARTH_HISTORY_DAYS: invalid type: string "many", expected a whole number, not negative; write for example `days = 35` (how many days every change is kept)"#
            ]],
        ),
        (
            "",
            "HEARTH_DRIVER_ZIGBEE_BROKER",
            "mqtt://h",
            expect![
                "environment variable HEARTH_DRIVER_ZIGBEE_BROKER: the file has no driver of this name; write HEARTH_DRIVER_<ID>_<KEY> with the id of a [[driver]] in the file (- becomes _)"
            ],
        ),
        (
            driver,
            "HEARTH_DRIVER_MY_ZIGBEE_BROKR",
            "mqtt://h",
            expect![
                "environment variable HEARTH_DRIVER_MY_ZIGBEE_BROKR: zigbee2mqtt has no key `brokr`; did you mean `broker`?"
            ],
        ),
    ];
    for (text, name, value, expected) in table {
        check(text, &[(name, value)], expected);
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let text = "[hub]\nname = \"File\"\n[http]\nlisten = \"127.0.0.1:1\"\n[[driver]]\nid = \"my-demo\"\ntype = \"virtual\"\nseed = 5\n";
    let variables = [
        ("HEARTH_HUB_NAME", "123"),
        ("HEARTH_HTTP_HTTP", "true"),
        ("HEARTH_HISTORY_BATCH_SECONDS", "1"),
        ("HEARTH_DRIVER_MY_DEMO_SEED", "7"),
        ("HEARTH_LOG", "debug"),
        ("HEARTH_HTPP_LISTEN", "x"),
        ("HOME", "/root"),
    ];
    let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = config::parse(Path::new("hearth.toml"), text, variables).unwrap();
    assert_eq!(config.hub.name.as_deref(), Some("123"));
    assert!(config.http.http);
    let http = config.http.address(false);
    assert_eq!(http.to_string(), "127.0.0.1:1");
    // Who narrows one door narrows both.
    assert_eq!(config.http.tls_address(http).to_string(), "127.0.0.1:8443");
    assert_eq!(config.history.batch_seconds, 1);
    assert!(matches!(config.drivers[0].kind, DriverKind::Virtual(demo) if demo.seed == 7));
    assert_eq!(config.warnings, ["the environment variable HEARTH_HTPP_LISTEN means nothing to Hearth"]);
}

#[test]
fn nothing_at_all_is_a_configuration() {
    let config = config::parse(Path::new("hearth.toml"), "", []).unwrap();
    assert_eq!(config.http.address(false).to_string(), "[::]:8080");
    assert_eq!(config.http.address(true).to_string(), "127.0.0.1:8080");
    assert_eq!(config.history.days, 35);
    let config = config::parse(Path::new("hearth.toml"), "[http]\nhttp = true", []).unwrap();
    assert_eq!(config.http.address(true).to_string(), "[::]:8080");
}

#[test]
fn every_key_of_the_table_can_be_written_as_its_example_says() {
    let example = config::keys::example();
    assert!(config::parse(Path::new("example"), &example, []).is_ok());
    for key in config::keys::KEYS {
        assert!(key.section == "driver" || example.contains(key.example), "{key:?}");
        let text = match key.section {
            "driver" => continue,
            "zigbee2mqtt" | "virtual" | "zwave" | "zwave-js" => {
                format!("[[driver]]\nid = \"a\"\ntype = \"{}\"\n{}", key.section, key.example)
            }
            section => format!("[{section}]\n{}", key.example),
        };
        let outcome = config::parse(Path::new("example"), &text, []);
        // Some keys want another one beside them, which is no fault of theirs.
        let alone = ["belong together", "needs a username", "need TLS"];
        let is_fine = match &outcome {
            Ok(_) => true,
            Err(error) => alone.iter().any(|words| error.problem.contains(words)),
        };
        assert!(is_fine, "{text}: {outcome:?}");
    }
}

#[test]
fn a_section_within_a_section_has_variables_too() {
    let variables = [
        ("HEARTH_MESSAGES_ALLOW", "[\"ntfy.lan\"]"),
        ("HEARTH_MESSAGES_SMTP_PORT", "2525"),
        ("HEARTH_MESSAGES_SMTP_SERVER", "mail.example.com"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let text = "[messages.smtp]\nport = 25\ntls = \"implicit\"";
    let messages = config::parse(Path::new("hearth.toml"), text, variables).unwrap().messages;
    assert_eq!(messages.allow, ["ntfy.lan"]);
    let smtp = &messages.smtp;
    assert_eq!((smtp.server.as_deref(), smtp.port), (Some("mail.example.com"), Some(2525)));
    check(
        "",
        &[("HEARTH_MESSAGES_SMTP_PORTS", "1")],
        &expect![
            "environment variable HEARTH_MESSAGES_SMTP_PORTS: messages.smtp has no key `ports`; did you mean `port`?"
        ],
    );
}
