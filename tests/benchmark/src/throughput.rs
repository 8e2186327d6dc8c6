//! How many updates a second are taken in, and what they cost.

use std::time::{Duration, Instant};

use crate::figures::{Report, Target};
use crate::floor;
use crate::mqtt::{Client, publish};
use crate::setup::{BASE, Bench, PAIRS, RULES, cpu_seconds, lamp_address, motion_state};

/// How many updates one measurement takes.
const UPDATES: usize = 100_000;

pub(crate) fn measure(bench: &mut Bench, report: &mut Report) {
    let port = bench.broker();
    let hub = bench.hub();
    let (process, web) = (hub.process.0.id(), hub.port);
    let told = events(web);
    let (floor_process, _) = bench.floor();
    let (mut taken, mut floor) = (Vec::new(), Vec::new());
    let mut cpu = Vec::new();
    for _ in 0..3 {
        floor.push(flood(port, floor::BASE, "lamp-0"));
        let before = cpu_seconds(process);
        taken.push(flood(port, BASE, &lamp_address(0)));
        cpu.push(cpu_seconds(process) - before);
    }
    // Each update changes one attribute: what is missing was coalesced on the way, or dropped by the broker.
    let share = (events(web) - told) / (3 * UPDATES) as f64;
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    report.beside("sustained updates", middle(taken), middle(floor), "/s", Target::ShareOfFloor(0.6));
    report.figure("processor time for 100,000 updates", middle(cpu) * 100_000.0 / UPDATES as f64, "s", Target::None);
    report.figure("  updates that became events of their own", share * 100.0, "%", Target::None);
    drop(floor_process);
}

/// The number of the hub's last event.
fn events(port: u16) -> f64 {
    let mut answer = ureq::get(format!("http://127.0.0.1:{port}/metrics")).call().expect("the hub tells its metrics");
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix("hearth_events_total ")?.parse().ok()).unwrap_or(f64::NAN)
}

/// Publishes as fast as the broker takes it; the answer to a last message shows that all before it was taken in.
fn flood(port: u16, base: &str, lamp: &str) -> f64 {
    let mut client = Client::connect(port, "flood");
    let mut listener = Client::connect(port, "flood-listener");
    listener.subscribe(&format!("{base}/+/set"));
    let name = if base == floor::BASE { "sensor" } else { "motion" };
    let begin = Instant::now();
    let mut bytes = Vec::new();
    for update in 0..UPDATES {
        let number = RULES + update % (PAIRS - RULES);
        bytes.extend(publish(&format!("{base}/{name}-{number}"), &motion_state(false, update as u32 % 5_000), false));
        if bytes.len() > 60_000 {
            client.send(&bytes);
            bytes.clear();
        }
    }
    client.send(&bytes);
    let wanted = format!("{base}/{lamp}/set");
    for attempt in 0..200 {
        client.publish(&format!("{base}/motion-0"), &motion_state(attempt % 2 == 0, attempt), false);
        while let Some((topic, _)) = listener.receive(Duration::from_millis(500)) {
            if topic == wanted {
                return UPDATES as f64 / begin.elapsed().as_secs_f64();
            }
        }
    }
    f64::NAN
}
