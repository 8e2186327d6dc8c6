//! From a motion sensor's message to the lamp's command, over a real broker.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::figures::{Report, Sample, Target};
use crate::floor;
use crate::mqtt::{Client, publish};
use crate::setup::{BASE, Bench, PAIRS, RULES, lamp_address, motion_state};

/// How often it is measured for each load.
const PINGS: usize = 600;
/// How often rounds of the floor and the hub alternate.
const ROUNDS: usize = 3;

pub(crate) fn measure(bench: &mut Bench, report: &mut Report) {
    let port = bench.broker();
    bench.hub();
    let (floor, _) = bench.floor();
    for load in [0, 200, 2_000] {
        let (mut hub_times, mut floor_times) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            floor_times.extend(pings(port, floor::BASE, |number| format!("lamp-{number}"), load));
            hub_times.extend(pings(port, BASE, lamp_address, load));
        }
        let (hub, floor) = (Sample::new(hub_times), Sample::new(floor_times));
        let name = |percentile: &str| format!("motion → command, {load} updates/s beside, {percentile}");
        report.beside(name("p50"), hub.percentile(50), floor.percentile(50), "ms", Target::TimesFloor(1.5));
        report.beside(name("p99"), hub.percentile(99), floor.percentile(99), "ms", Target::TimesFloor(2.0));
    }
    drop(floor);
}

/// From motion to the command of a rule, so often. Where no command came there is no time.
pub(crate) fn rule_pings(port: u16, count: usize) -> Vec<Duration> {
    ping(port, BASE, lamp_address, count)
}

fn pings(port: u16, base: &str, lamp: impl Fn(usize) -> String, load: u64) -> Vec<Duration> {
    let running = Arc::new(AtomicBool::new(true));
    let background = (load > 0).then(|| {
        let (running, base) = (Arc::clone(&running), base.to_owned());
        std::thread::spawn(move || updates(port, &base, RULES..PAIRS, load, &running))
    });
    let times = ping(port, base, lamp, PINGS / ROUNDS);
    running.store(false, Ordering::Relaxed);
    if let Some(background) = background {
        background.join().expect("the load ends");
    }
    times
}

fn ping(port: u16, base: &str, lamp: impl Fn(usize) -> String, count: usize) -> Vec<Duration> {
    let mut client = Client::connect(port, "pinger");
    client.subscribe(&format!("{base}/+/set"));
    let mut times = Vec::with_capacity(count);
    for ping in 0..count {
        let number = ping % RULES;
        let occupancy = (ping / RULES).is_multiple_of(2);
        let wanted = format!("{base}/{}/set", lamp(number));
        let begin = Instant::now();
        client.publish(&format!("{base}/motion-{number}"), &motion_state(occupancy, 100), false);
        let mut answered = false;
        while let Some((topic, _)) = client.receive(Duration::from_secs(10)) {
            if topic == wanted {
                answered = true;
                break;
            }
        }
        if answered {
            times.push(begin.elapsed());
            // As the bridge would.
            client.publish(&format!("{base}/lamp-{number}"), br#"{"state":"ON","brightness":254}"#, false);
        }
        // Not in step with anything.
        std::thread::sleep(Duration::from_micros(2_000 + (ping as u64 * 7_919) % 3_000));
    }
    times
}

/// Other sensors, without a rule, talk at a steady rate.
pub(crate) fn updates(port: u16, base: &str, sensors: Range<usize>, rate: u64, running: &AtomicBool) {
    let mut client = Client::connect(port, "background");
    let begin = Instant::now();
    let mut sent: u64 = 0;
    while running.load(Ordering::Relaxed) {
        let due = begin.elapsed().as_micros() as u64 * rate / 1_000_000;
        let mut bytes = Vec::new();
        while sent < due {
            sent += 1;
            // Not a sensor with a rule; for the floor not one that it answers.
            let number = sensors.start + (sent as usize) % sensors.len();
            let name = if base == floor::BASE { "sensor" } else { "motion" };
            bytes.extend(publish(
                &format!("{base}/{name}-{number}"),
                &motion_state(false, (sent % 1_000) as u32),
                false,
            ));
        }
        client.send(&bytes);
        std::thread::sleep(Duration::from_millis(1));
    }
}
