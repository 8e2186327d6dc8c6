//! Who may depend on whom.

use std::collections::BTreeSet;

use crate::workspace::{Graph, assert_none, metadata};

/// Of our own packages, which one may depend on directly. `*` at the end stands for any ending.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("hub-model", &[]),
    ("hub-automation", &["hub-model"]),
    ("hub-access", &["hub-model"]),
    ("hub-store", &["hub-model"]),
    ("hub-messages", &["hub-model"]),
    ("hub-core", &["hub-model", "hub-automation", "hub-access", "driver-api"]),
    // Checks and replays of rules run in front of the core; refusals of drivers pass through its face as they are.
    ("hub-api", &["hub-model", "hub-access", "hub-core", "hub-automation", "driver-api"]),
    ("hearth", &["hub-*", "driver-*", "cloud-agent"]),
    ("driver-api", &["hub-model"]),
    // Two ways to one bus: what a value of Z-Wave is called is in one table.
    ("driver-zwave-js", &["hub-model", "driver-api", "driver-zwave"]),
    ("driver-*", &["hub-model", "driver-api"]),
    ("cloud-protocol", &[]),
    ("cloud-agent", &["cloud-protocol"]),
    ("hearth-relay", &["cloud-protocol"]),
    ("hub-tests", &["*"]),
    ("hub-benchmark", &["*"]),
];

/// What must not be reached by any way.
struct Never {
    who: &'static [&'static str],
    never: &'static [&'static str],
    but: &'static [&'static str],
    why: &'static str,
}

/// Crates that open files, sockets or ports, keep a thread pool or read a clock for it.
const INPUT_OUTPUT: &[&str] = &[
    "tokio",
    "tokio-*",
    "mio",
    "socket2",
    "async-std",
    "smol",
    "rusqlite",
    "libsqlite3-sys",
    "axum",
    "axum-*",
    "hyper",
    "hyper-*",
    "ureq",
    "reqwest",
    "rumqttc*",
    "serialport",
    "rppal",
    "gpiocdev",
    "mdns-sd",
    "rustls",
    "tempfile",
    "notify",
    "rayon",
    "tracing-subscriber",
];

const NEVER: &[Never] = &[
    Never {
        who: &["hub-model", "hub-automation", "hub-access", "cloud-protocol"],
        never: INPUT_OUTPUT,
        but: &[],
        why: "pure crates are given bytes, events and the time, and do no input or output",
    },
    Never {
        who: &["driver-*"],
        never: &["driver-*", "hub-*", "cloud-*", "rusqlite", "axum"],
        // Who may reach this one at all is in the table above.
        but: &["driver-api", "hub-model", "driver-zwave"],
        why: "a driver knows its bus and the vocabulary, nothing of the hub around it and nothing of other drivers",
    },
    Never {
        who: &["hub-core"],
        never: &["driver-*", "hub-store", "hub-api", "cloud-*", "rusqlite", "axum"],
        but: &["driver-api"],
        why: "the core knows no concrete driver, no database and no web server",
    },
    Never {
        who: &["hub-messages"],
        never: &["hub-*", "driver-*", "cloud-*", "rusqlite", "axum"],
        but: &["hub-model"],
        why: "the messages know the words of the hub and the ways out of it, nothing of the hub itself",
    },
    Never {
        who: &["hearth-relay"],
        never: &["hub-*"],
        but: &[],
        why: "the relay routes what it cannot read; it has no use for the hub's words",
    },
    Never {
        who: &["cloud-agent"],
        never: &["hub-store", "hub-core"],
        but: &[],
        why: "the agent reaches outbox and commands through traits that it owns",
    },
    Never {
        who: &["*"],
        never: &["openssl-sys", "openssl", "native-tls", "aws-lc-rs", "aws-lc-sys", "chrono", "libudev-sys"],
        but: &[],
        why: "one TLS (rustls with ring), one time library (jiff), and nothing that a C compiler alone cannot cross-compile",
    },
];

/// Packages that are programs; only they turn errors into plain text and parse a command line.
const PROGRAMS: &[&str] = &["hearth", "hearth-relay"];
const FOR_PROGRAMS_ONLY: &[&str] = &["anyhow", "clap"];

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

fn any_matches(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, name))
}

/// Every breach of the rules among `ours`.
fn breaches(graph: &Graph, ours: &BTreeSet<String>) -> Vec<String> {
    let mut breaches = Vec::new();
    for name in ours {
        let direct = graph.direct.get(name).cloned().unwrap_or_default();
        match MAY_DEPEND_ON.iter().find(|(pattern, _)| matches(pattern, name)) {
            None => breaches.push(format!("{name} stands in no line of the table of who may depend on whom")),
            Some((_, allowed)) => breaches.extend(
                direct
                    .iter()
                    .filter(|to| ours.contains(*to) && !any_matches(allowed, to))
                    .map(|to| format!("{name} must not depend on {to}")),
            ),
        }
        if !PROGRAMS.contains(&name.as_str()) {
            breaches.extend(
                direct
                    .iter()
                    .filter(|to| FOR_PROGRAMS_ONLY.contains(&to.as_str()))
                    .map(|to| format!("{name} must not depend on {to}: that is for the programs")),
            );
        }
        let reach = graph.reach(name);
        for rule in NEVER.iter().filter(|rule| any_matches(rule.who, name)) {
            breaches.extend(
                reach
                    .iter()
                    .filter(|(to, _)| any_matches(rule.never, to) && !any_matches(rule.but, to))
                    .map(|(_, way)| format!("{}: {}", way.join(" → "), rule.why)),
            );
        }
    }
    breaches
}

#[test]
fn who_may_depend_on_whom_is_kept() {
    let metadata = metadata();
    let ours = metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    assert_none("dependencies against the rules", &breaches(&Graph::of(&metadata), &ours));
}

/// A package and what it depends on.
type Edge = (&'static str, &'static [&'static str]);

#[test]
fn each_rule_notices_its_breach() {
    const BREACHES: &[(&[Edge], &str)] = &[
        (&[("hub-model", &["serde"]), ("serde", &["tokio"])], "hub-model → serde → tokio: pure crates"),
        (&[("cloud-protocol", &["rumqttc-v4-next"])], "cloud-protocol → rumqttc-v4-next: pure crates"),
        (&[("driver-mqtt", &["driver-zwave"]), ("driver-zwave", &[])], "driver-mqtt must not depend on driver-zwave"),
        (&[("driver-mqtt", &["x"]), ("x", &["hub-core"])], "driver-mqtt → x → hub-core: a driver knows"),
        (&[("hub-core", &["driver-api"]), ("driver-api", &["rusqlite"])], "hub-core → driver-api → rusqlite: the core"),
        (&[("hub-messages", &["x"]), ("x", &["hub-core"])], "hub-messages → x → hub-core: the messages know"),
        (&[("hub-core", &["driver-virtual"])], "hub-core → driver-virtual: the core"),
        (&[("hub-api", &["hub-store"]), ("hub-store", &[])], "hub-api must not depend on hub-store"),
        (&[("hearth-relay", &["hub-model"]), ("hub-model", &[])], "hearth-relay → hub-model: the relay"),
        (&[("cloud-agent", &["hub-core"])], "cloud-agent → hub-core: the agent"),
        (&[("hub-store", &["anyhow"])], "hub-store must not depend on anyhow"),
        (&[("hearth", &["x"]), ("x", &["openssl-sys"])], "hearth → x → openssl-sys: one TLS"),
        (&[("stranger", &[])], "stranger stands in no line"),
    ];
    for (edges, expected) in BREACHES {
        let graph = Graph::made_up(edges);
        let ours =
            edges.iter().map(|(name, _)| (*name).to_owned()).filter(|name| name.len() > 1 && name != "serde").collect();
        let found = breaches(&graph, &ours);
        assert!(found.iter().any(|breach| breach.starts_with(expected)), "«{expected}» is not among {found:#?}");
    }
}
