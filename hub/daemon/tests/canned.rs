//! A hub that gives prepared answers, to see what the command line makes of them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;

use expect_test::{Expect, expect};

use crate::canned_accounts;

const LAMP: &str = r#"{"id":"zigbee:0x01","name":"Hallway lamp","area":"hallway","driver":"zigbee","manufacturer":"IKEA",
    "model":"LED1624G9","availability":"online","endpoints":[
        {"id":0,"label":null,"attributes":[{"name":"link_quality","kind":"number","unit":null,"access":["read","notify"],
            "state":{"value":180,"reported_at":"2026-11-20T18:00:05.120Z","source":"reported"}}]},
        {"id":1,"label":"l1","attributes":[
            {"name":"on","kind":"bool","unit":null,"access":["read","write","notify"],
                "state":{"value":true,"reported_at":"2026-11-20T18:00:05.120Z","source":"reported"}},
            {"name":"brightness","kind":"number","unit":"%","access":["read","write","notify"],"state":{"value":40.157,
                "reported_at":"2026-11-20T18:00:05.120Z","source":"reported"}},
            {"name":"color_temperature","kind":"number","unit":"K","access":["read","write","notify"],
                "state":{"value":null,"reported_at":null,"source":"restored"}}]}]}"#;
const SENSOR: &str = r#"{"id":"zigbee:0x02","name":"Sensor","area":null,"driver":"zigbee","availability":"offline",
    "endpoints":[{"id":1,"label":null,"attributes":[
        {"name":"temperature","kind":"number","unit":"°C","access":["read","notify"],"state":{"value":21.5}},
        {"name":"battery","kind":"number","unit":"%","access":["read","notify"],"state":{"value":87}}]}]}"#;

/// What is asked, and what is answered.
pub(crate) fn answer(request: &str) -> (u16, String) {
    let (status, body) = match request {
        "GET /api/v1/devices?limit=1000" => (200, format!(r#"{{"items":[{LAMP}],"next_cursor":"two"}}"#)),
        "GET /api/v1/devices?limit=1000&cursor=two" => (200, format!(r#"{{"items":[{SENSOR}],"next_cursor":null}}"#)),
        "POST /api/v1/devices/zigbee:0x01/commands?wait=15s" => (
            200,
            r#"{"id":"c1","status":"confirmed","outcomes":[
                {"attribute":"on","value":true,"status":"confirmed","confirmed_by":"report"}]}"#
                .to_owned(),
        ),
        "POST /api/v1/devices/zigbee:0x02/commands?wait=15s" => (
            200,
            r#"{"id":"c2","status":"failed","outcomes":[
                {"attribute":"temperature","value":5,"status":"failed","reason":"no_report","detail":"asleep"}]}"#
                .to_owned(),
        ),
        "POST /api/v1/devices/zigbee:0x01/commands?wait=1s" => {
            (202, r#"{"id":"c3","status":"sent","outcomes":[{"attribute":"on","value":true,"status":"sent"}]}"#.to_owned())
        }
        "GET /api/v1/devices/zigbee:0x01/commands?limit=1000" => (
            200,
            r#"{"items":[
                {"id":"c3","status":"sent","accepted_at":"2026-11-20T18:00:07Z","outcomes":[
                    {"attribute":"on","value":true,"status":"sent"}],"cause":{"kind":"rule","automation":"hall"}},
                {"id":"c1","status":"failed","reason":"no_report","accepted_at":"2026-11-20T18:00:05Z","outcomes":[
                    {"attribute":"on","value":true,"status":"confirmed"},
                    {"attribute":"brightness","value":40,"status":"failed","reason":"no_report"}],
                    "cause":{"kind":"schedule"}}],"next_cursor":null}"#
                .to_owned(),
        ),
        "GET /api/v1/areas?limit=1000" => {
            (200, r#"{"items":[{"id":"hallway","name":"Hallway","floor":"ground"}],"next_cursor":null}"#.to_owned())
        }
        "POST /api/v1/areas" => (409, problem("conflict", "There is a room of this name already.", "Take another name.")),
        "GET /api/v1/drivers?limit=1000" => (
            200,
            r#"{"items":[{"id":"zigbee","type":"zigbee2mqtt","state":"offline","detail":"no broker at mqtt://127.0.0.1:1883",
                "devices":2},
                {"id":"zwave","type":"zwave","state":"online","detail":"","devices":1}],"next_cursor":null}"#
                .to_owned(),
        ),
        "GET /api/v1/drivers/zwave/provisioning" | "POST /api/v1/drivers/zwave/provisioning" => (
            200,
            r#"{"items":[{"key":"51525-35455-41424-34445-31323-33435-21222-32425","name":"Lamp in the attic","state":"waiting"},
                {"key":"00001-00002","state":"joined","device":"zwave:0x7e570001-5"}]}"#
                .to_owned(),
        ),
        "DELETE /api/v1/drivers/zwave/provisioning/51525-35455-41424-34445-31323-33435-21222-32425" => {
            (204, String::new())
        }
        "POST /api/v1/drivers/zwave/routes?wait=1s" => (202, r#"{"status":"under_way","answer":null}"#.to_owned()),
        "POST /api/v1/devices/zigbee:0x01/routes?wait=60s" => (200, r#"{"status":"done","answer":null}"#.to_owned()),
        "GET /api/v1/automations?limit=1000" => (
            200,
            r#"{"items":[{"id":"hall","name":"Hall","enabled":true,"last_fired_at":"2026-11-20T18:00:05.120Z"},
                {"id":"night","name":"Night","enabled":false,"last_fired_at":null}],"next_cursor":null}"#
                .to_owned(),
        ),
        "POST /api/v1/devices/zigbee:0x01/interview?wait=60s" => {
            (409, problem("unsupported", "Hallway lamp cannot be interviewed.", "See the abilities of the device."))
        }
        "PATCH /api/v1/devices/zigbee:0x01/options" => {
            (200, r#"{"status":"done","answer":{"to":{"retain":true}}}"#.to_owned())
        }
        "POST /api/v1/devices/zigbee:0x01/firmware?wait=60s" => {
            (202, r#"{"status":"under_way","answer":null}"#.to_owned())
        }
        "POST /api/v1/drivers/zigbee/groups" => (201, r#"{"device":"zigbee:group-5"}"#.to_owned()),
        "POST /api/v1/drivers/zigbee/restart"
        | "POST /api/v1/devices/zigbee:0x02/members"
        | "DELETE /api/v1/devices/zigbee:0x02/members/zigbee:0x01?endpoint=l1" => (204, String::new()),
        "GET /api/v1/scenes?limit=1000" => (
            200,
            r#"{"items":[{"id":"film","name":"Film","transition_ms":500,"changed_at":"2026-11-20T18:00:05.120Z","states":[
                {"device":"zigbee:0x01","endpoint":1,"set":{"on":true,"brightness":20}},
                {"device":"zigbee:0x09","endpoint":1,"set":{"on":false}}]}],"next_cursor":null}"#
                .to_owned(),
        ),
        "POST /api/v1/scenes/film/activate?wait=15s" => (
            200,
            r#"{"scene":"film","status":"failed","devices":[
                {"device":"zigbee:0x01","endpoint":1,"status":"confirmed","reason":null,"detail":null,"command":{}},
                {"device":"zigbee:0x09","endpoint":1,"status":"failed","reason":"not_found",
                    "detail":"there is no device zigbee:0x09","command":null}]}"#
                .to_owned(),
        ),
        "POST /api/v1/scenes/film/undo?wait=2s" => {
            (202, r#"{"scene":"film","status":"sent","devices":[{"device":"zigbee:0x01","status":"sent"}]}"#.to_owned())
        }
        "POST /api/v1/scenes/capture" => (201, r#"{"id":"now","name":"Now"}"#.to_owned()),
        "GET /api/v1/home" => (
            200,
            r#"{"name":"Villa","location":{"latitude":52.52,"longitude":13.4},"time_zone":"Europe/Berlin","units":"metric",
                "currency":"EUR","mode":"home","modes":["home","away"]}"#
                .to_owned(),
        ),
        "PATCH /api/v1/home" => (
            422,
            problem("bad_value", "The field mode has a value that cannot be.", "Give one of the modes: home, away."),
        ),
        "GET /api/v1/people?limit=1000" => (
            200,
            r#"{"items":[{"id":"user-1","name":"Anna","presence":"home","since":"2026-11-20T18:00:05.120Z"},
                {"id":"user-2","name":"Ben","presence":null,"since":null}],"next_cursor":null}"#
                .to_owned(),
        ),
        "POST /api/v1/people/user-2/presence" => (200, r#"{"id":"user-2","name":"Ben","presence":"away"}"#.to_owned()),
        "POST /api/v1/automations/replay" => (
            200,
            r#"{"automation":"hall","from":"2026-11-13T18:00:00.000Z","to":"2026-11-20T18:00:00.000Z","complete":true,
                "events":812,"summary":{"text":"would have fired twice"},"truncated":false,"differences":null,
                "approximate_from":null,"lines":[{"at":"2026-11-13T19:00:00.000Z","text":"sets Lamp: on true"}]}"#
                .to_owned(),
        ),
        "GET /api/v1/users/user-1/tokens?limit=1000" => (403, problem("forbidden", "You may not see tokens.", "")),
        "GET /api/v1/system" => (
            200,
            r#"{"version":"0.1.0","hub_id":"00c0ffee00c0ffee","name":"Home","state":"new","ready":true,"devices":2,
                "automations":2,"time":"2026-11-20T18:00:05.120Z","time_trust":"ntp","setup_code":"AAAA-BBBB",
                "store":{"bytes_written_today":1500000,"size_bytes":1,"troubles":[
                    {"code":"storage_full","text":"The disk is full, it says itself."},{"code":"core_restored","text":"It was mended."}]},
                "alerts":[{"severity":"error","code":"storage_full","text":"The disk is full."}],
                "drivers":[{"id":"zigbee","type":"zigbee2mqtt","state":"online","detail":"","devices":2}]}"#
                .to_owned(),
        ),
        other => canned_accounts::answer(other)
            .unwrap_or_else(|| (404, problem("not_found", "There is no such path.", "See openapi.json."))),
    };
    (status, body)
}

fn problem(code: &str, detail: &str, hint: &str) -> String {
    format!(r#"{{"code":"{code}","detail":"{detail}","hint":"{hint}"}}"#)
}

fn serve(mut stream: TcpStream, answer: fn(&str) -> (u16, String)) -> std::io::Result<()> {
    let (mut received, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer)?;
        received.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&received).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() < length.unwrap_or(0) && count > 0 {
            continue;
        }
        let request: Vec<&str> = head.split(' ').take(2).collect();
        let (status, body) = answer(&request.join(" "));
        let length = body.len();
        return write!(stream, "HTTP/1.1 {status} Word\r\nContent-Length: {length}\r\n\r\n{body}");
    }
}

/// A hub that gives these answers.
pub(crate) fn start(answer: fn(&str) -> (u16, String)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that has gone away has seen enough.
            let _ = serve(stream, answer);
        }
    });
    address
}

pub(crate) fn check(arguments: &[&str], code: i32, expected: Expect) {
    let address = start(answer).to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_hearth"))
        .args(arguments)
        .args(["--host", &address, "--token", "t"])
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    expected.assert_eq(&String::from_utf8_lossy(&text));
    assert_eq!(output.status.code(), Some(code));
}

#[test]
fn people_get_tables() {
    check(
        &["device", "list"],
        0,
        expect![[r#"
        NAME          AREA     REACHABLE  STATE                             ID
        Hallway lamp  Hallway  online     on=true brightness=40 %           zigbee:0x01
        Sensor                 offline    temperature=21.5 °C battery=87 %  zigbee:0x02
    "#]],
    );
    check(
        &["device", "show", "hallway LAMP"],
        0,
        expect![[r#"
            name:         Hallway lamp
            id:           zigbee:0x01
            area:         hallway
            driver:       zigbee
            manufacturer: IKEA
            model:        LED1624G9
            availability: online

            ENDPOINT  ATTRIBUTE          VALUE    SOURCE    REPORTED  ACCESS
            0         link_quality       180      reported  19:00:05  read notify
            1 l1      on                 true     reported  19:00:05  read write notify
            1 l1      brightness         40.16 %  reported  19:00:05  read write notify
            1 l1      color_temperature  unknown  restored            read write notify
        "#]],
    );
    check(
        &["device", "show", "Hallway lamp", "--commands"],
        0,
        expect![[r#"
        TIME      SET                    STATUS  REASON     BY
        19:00:07  on=true                sent               rule Hall
        19:00:05  on=true brightness=40  failed  no_report  schedule
    "#]],
    );
    check(
        &["area", "list"],
        0,
        expect![[r#"
            FLOOR   NAME     ID
            ground  Hallway  hallway
        "#]],
    );
    check(
        &["driver", "list"],
        0,
        expect![[r#"
            DRIVER  TYPE         STATE    DEVICES  DETAIL
            zigbee  zigbee2mqtt  offline  2        no broker at mqtt://127.0.0.1:1883
            zwave   zwave        online   1
        "#]],
    );
    check(
        &["automation", "list"],
        0,
        expect![[r#"
            NAME   ENABLED  LAST FIRED  ID
            Hall   true     19:00:05    hall
            Night  false                night
        "#]],
    );
    check(
        &["status"],
        0,
        expect![[r#"
            Home (00c0ffee00c0ffee), Hearth 0.1.0
            ready, not claimed yet
            set-up code: AAAA-BBBB
            2 devices, 2 rules
            1.5 MB written to the disk today
            time: 19:00:05, clock: by network time
            trouble: It was mended.
            error: The disk is full.

            DRIVER  TYPE         STATE   DEVICES  DETAIL
            zigbee  zigbee2mqtt  online  2
        "#]],
    );
}

#[test]
fn programs_get_json() {
    check(
        &["area", "list", "--json"],
        0,
        expect![[r#"
        {
          "items": [
            {
              "floor": "ground",
              "id": "hallway",
              "name": "Hallway"
            }
          ]
        }
    "#]],
    );
}

#[test]
fn a_command_says_what_became_of_it() {
    check(
        &["device", "set", "Hallway lamp", "on=yes"],
        0,
        expect![[r#"
        on=true: confirmed (report)
    "#]],
    );
    check(
        &["device", "set", "Sensor", "temperature=5"],
        1,
        expect![[r#"
        temperature=5: failed (no_report, asleep)
        hearth: Sensor did not do it
    "#]],
    );
    check(
        &["device", "set", "Hallway lamp", "on=true", "--wait", "1s"],
        7,
        expect![[r#"
        on=true: sent
        hearth: Hallway lamp has not answered within 1 s; the command is sent
    "#]],
    );
}

#[test]
fn devices_and_drivers_are_looked_after() {
    check(
        &["device", "interview", "Hallway lamp"],
        6,
        expect![[r#"
            hearth: Hallway lamp cannot be interviewed. Its driver or its network does not offer that.
        "#]],
    );
    check(
        &["device", "options", "Hallway lamp", "retain=true"],
        0,
        expect![[r#"
        zigbee:0x01 has these options now: {"to":{"retain":true}}
    "#]],
    );
    check(
        &["device", "firmware", "Hallway lamp", "--update"],
        0,
        expect![[r#"
        zigbee:0x01 has not ended it yet; watch it with `hearth events -f --device zigbee:0x01`
    "#]],
    );
    check(
        &["driver", "restart", "zigbee"],
        0,
        expect![[r#"
        zigbee restarts
    "#]],
    );
    check(
        &["driver", "restart", "attic"],
        4,
        expect![[r#"
        hearth: there is no driver "attic"
    "#]],
    );
    check(
        &["driver", "group", "add", "zigbee", "Living room"],
        0,
        expect![[r#"
        the group "Living room" is zigbee:group-5
    "#]],
    );
    check(
        &["driver", "group", "join", "Sensor", "Hallway lamp"],
        0,
        expect![[r#"
        zigbee:0x01 is in zigbee:0x02
    "#]],
    );
    check(
        &["driver", "group", "leave", "Sensor", "Hallway lamp", "--endpoint", "l1"],
        0,
        expect![[r#"
        zigbee:0x01 is out of zigbee:0x02
    "#]],
    );
}

#[test]
fn scenes_say_what_became_of_each_device() {
    check(
        &["scene", "list"],
        0,
        expect![[r#"
            NAME  STATES  CHANGED   ID
            Film  2       19:00:05  film
        "#]],
    );
    check(
        &["scene", "show", "Film"],
        0,
        expect![[r#"
        name:       Film
        id:         film
        transition: 500 ms

        DEVICE        ENDPOINT  SETS
        Hallway lamp  1         brightness=20 on=true
        zigbee:0x09   1         on=false
    "#]],
    );
    check(
        &["scene", "activate", "film"],
        1,
        expect![[r#"
        Hallway lamp: confirmed
        zigbee:0x09: failed (not_found, there is no device zigbee:0x09)
        hearth: not every device of Film did it
    "#]],
    );
    check(
        &["scene", "undo", "Film", "--wait", "2s"],
        7,
        expect![[r#"
        Hallway lamp: sent
        hearth: not every device of Film has answered within 2 s
    "#]],
    );
    check(
        &["scene", "capture", "Now", "Hallway lamp"],
        0,
        expect![[r#"
        added "Now" with the id now
    "#]],
    );
    check(
        &["scene", "activate", "Fil"],
        4,
        expect![[r#"
        hearth: there is no scene "Fil"; did you mean "Film"?
    "#]],
    );
}

#[test]
fn home_and_people_are_shown_and_set() {
    check(
        &["home"],
        0,
        expect![[r#"
            name:          Villa
            mode:          home
            modes:         home, away
            time_zone:     Europe/Berlin
            location:      52.52,13.4
            radius_m:
            units:         metric
            currency:      EUR
            energy_price:
            energy_rates:
            energy_meters:
        "#]],
    );
    check(
        &["home", "set", "mode=party"],
        1,
        expect![[r#"
        hearth: The field mode has a value that cannot be. Give one of the modes: home, away.
    "#]],
    );
    check(
        &["people", "list"],
        0,
        expect![[r#"
            NAME  PRESENCE  SINCE     ID
            Anna  home      19:00:05  user-1
            Ben   unknown             user-2
        "#]],
    );
    check(
        &["people", "set", "ben", "away"],
        0,
        expect![[r#"
        Ben is away
    "#]],
    );
}

#[test]
fn refusals_are_said_in_words() {
    check(
        &["device", "list", "--area", "Attic"],
        4,
        expect![[r#"
        hearth: there is no area "Attic"
    "#]],
    );
    check(
        &["token", "list"],
        5,
        expect![[r#"
        hearth: You may not see tokens.
    "#]],
    );
    check(
        &["area", "add", "Hallway"],
        6,
        expect![[r#"
        hearth: There is a room of this name already. Take another name.
    "#]],
    );
    check(
        &["area", "remove", "Hallway"],
        2,
        expect![[r#"
        hearth: Remove the room hallway? Its devices stay. Say --yes to do it without being asked.
    "#]],
    );
    check(
        &["automation", "show", "Hall"],
        4,
        expect![[r#"
            hearth: There is no such path. `list` and `history` show what there is.
        "#]],
    );
}

#[test]
fn a_rule_is_tried_on_what_the_hub_has_recorded() {
    let told = || {
        expect![[r#"
            hall would have fired twice
            from 2026-11-13 19:00:00 to 19:00:00, 812 events

            It would have done:
              2026-11-13 20:00:00  sets Lamp: on true
        "#]]
    };
    check(&["automation", "replay", "Hall", "--recorded"], 0, told());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hall.yaml");
    std::fs::write(&file, "name: Hall\ntriggers:\n  - time: \"07:30\"\nactions:\n  - delay: 1s\n").unwrap();
    let file = file.to_str().unwrap();
    check(&["automation", "replay", file, "--recorded", "--from", "30d", "--to", "1d"], 0, told());
    check(
        &["automation", "replay", "Cellar", "--recorded"],
        4,
        expect![[r#"
            hearth: there is no automation "Cellar"
        "#]],
    );
}
