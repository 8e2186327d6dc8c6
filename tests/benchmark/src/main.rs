//! Measures the hub. Each figure stands beside a floor that is taken in the same run: a bare MQTT client that answers,
//! and nothing else. These machines are noisy; the ratio is what counts.
//!
//!     hub-benchmark [--hearth PROGRAM] [--recorder PROGRAM] [--only latency,throughput,…]
//!     hub-benchmark crowd …               (see there)
//!     hub-benchmark floor PORT            (started by the above)

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it prints figures")]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot run says so and ends"
)]

mod crowd;
mod engine;
mod figures;
mod floor;
mod http;
mod idle;
mod latency;
mod month;
mod mqtt;
mod replay;
mod setup;
mod start;
mod throughput;
mod wear;
mod websocket;
mod zwave;

use figures::Report;
use setup::Bench;

/// A part of the benchmark.
type Part = (&'static str, fn(&mut Bench, &mut Report));

const PARTS: &[Part] = &[
    ("start", start::measure),
    ("latency", latency::measure),
    ("throughput", throughput::measure),
    ("engine", engine::measure),
    ("http", http::measure),
    ("websocket", websocket::measure),
    ("idle", idle::measure),
    ("replay", replay::measure),
    ("wear", wear::measure),
    ("zwave", zwave::measure),
    ("zwave-memory", zwave::measure_memory),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().map(String::as_str) == Some("floor") {
        let port = |index: usize| arguments[index].parse().expect("a port");
        floor::run(port(1), port(2));
        return;
    }
    let option = |name: &str| {
        let position = arguments.iter().position(|argument| argument == name)?;
        arguments.get(position + 1).cloned()
    };
    let only = option("--only");
    let mut report = Report::default();
    let mut bench = Bench::new(option("--hearth"), option("--recorder"));
    if arguments.first().is_some_and(|argument| argument == "crowd") {
        let clients = option("--clients").map_or(10_000, |number| number.parse().expect("a number"));
        let size = crowd::Size { clients, is_short: arguments.iter().any(|argument| argument == "--short") };
        std::process::exit(i32::from(!crowd::run(bench, &size)));
    }
    for (name, measure) in PARTS {
        if only.as_ref().is_none_or(|only| only.split(',').any(|part| part == *name)) {
            measure(&mut bench, &mut report);
        }
    }
    report.print();
}
