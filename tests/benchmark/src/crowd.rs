//! A crowd: thousands of WebSocket clients that are quiet, some that read a byte a second of what is busy, and one
//! ordinary client beside them, for which nothing may change. Checks what it measures.
//!
//!     hub-benchmark crowd [--hearth PROGRAM] [--clients 10000] [--short]

mod clients;
mod ordinary;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::figures::Sample;
use crate::latency;
use crate::mqtt::Client;
use crate::setup::{BASE, Bench, Hub, PAIRS, RULES, cpu_seconds, lamp_address, motion_address, motion_state, until};
use clients::Crowd;
use ordinary::{Blocks, Kind, Ordinary};

/// What a client may cost the hub, in KiB.
const KIB_EACH: f64 = 20.0;
/// How many times longer things may take beside the crowd.
const TIMES: f64 = 2.0;
/// How often it is measured before it counts as missed: these machines are noisy.
const TRIES: usize = 3;
/// The lamps that nobody but the crowd listens to.
const QUIET: std::ops::Range<usize> = 40..PAIRS;
/// The sensors that report all the time.
const BUSY: std::ops::Range<usize> = 100..PAIRS;
/// How often, together, in a second.
const BUSY_RATE: u64 = 200;
/// A sensor that reports only where a flood ends. No rule has it.
const MARK: usize = 25;

/// What is to be measured.
pub(crate) struct Size {
    /// How many quiet clients.
    pub(crate) clients: usize,
    /// Only what does not depend on how busy the machine is, in a few seconds.
    pub(crate) is_short: bool,
}

impl Size {
    /// How many clients read a byte a second.
    fn slow(&self) -> usize {
        if self.is_short { 20 } else { 100 }
    }

    /// How many events come at once; in the long run more than the system's buffers for one connection take.
    fn flood(&self) -> u32 {
        if self.is_short { 1_500 } else { 14_000 }
    }
}

/// Runs it; false = a target was missed.
pub(crate) fn run(mut bench: Bench, size: &Size) -> bool {
    let connections = size.clients + size.slow() + 64;
    bench.configuration = format!("[http]\nconnections = {connections}\n\n");
    let broker = bench.broker();
    bench.hub();
    let busy = Busy::begin(broker);
    // Whatever is made once is made; what a crowd takes is taken only once, and used again by the next.
    let hub = bench.hub();
    Ordinary::new(broker, hub.port, &hub.token).measure(1);
    let memory_before = pss_kib(hub);
    let mut met = false;
    for _ in 0..if size.is_short { 1 } else { TRIES } {
        met = measure(&mut bench, size, memory_before);
        if met {
            break;
        }
    }
    drop(busy);
    met
}

fn measure(bench: &mut Bench, size: &Size, memory_before: f64) -> bool {
    let broker = bench.broker();
    let hub = bench.hub();
    let tokens = tokens(hub);
    let beside_it = |blocks| Ordinary::new(broker, hub.port, &hub.token).measure(blocks);
    let before = if size.is_short { Blocks::default() } else { beside_it(BLOCKS) };
    let share_before = if size.is_short { 0.0 } else { processor_share(hub) };

    let begin = Instant::now();
    let quiet: Vec<String> = QUIET.map(|number| format!("zigbee:{}", lamp_address(number))).collect();
    let crowd = Crowd::gather(hub.port, &tokens, &quiet, size.clients);
    println!("{} clients are there after {:.1} s", size.clients, begin.elapsed().as_secs_f64());
    let mut checks = Checks::default();
    checks.memory("memory of a quiet client (PSS of the hub)", pss_kib(hub) - memory_before, size.clients);
    if !size.is_short {
        let share = processor_share(hub);
        println!(
            "processor time of the hub with {BUSY_RATE} reports/s: {share:.1} % of a core, {share_before:.1} % without the crowd"
        );
    }

    let busy: Vec<String> = BUSY.map(|number| format!("zigbee:{}", motion_address(number))).collect();
    let slow = crowd.add_slow(size.slow(), &busy);
    let everybody = size.clients + size.slow();
    until("the slow clients", Duration::from_secs(30), || (streams(hub) >= everybody).then_some(()));
    flood(broker, hub, size.flood());
    let more = pss_kib(hub) - memory_before;
    checks.memory(&format!("the same while {} take nothing of what is busy", size.slow()), more, everybody);
    let beside = beside_it(if size.is_short { 1 } else { BLOCKS });
    println!("streams then: {}", streams(hub));

    // Each quiet device changes once: each client hears of its own.
    let mut bridge = Client::connect(broker, "quiet");
    let round = crowd.round();
    for number in QUIET {
        bridge.publish(&format!("{BASE}/lamp-{number}"), &ordinary::lamp_state(true, round), false);
    }
    let heard = crowd.wait_until_all_heard(Duration::from_secs(30));
    checks.check(format!("clients that heard of their device: {heard} of {}", size.clients), heard == size.clients);
    checks.check(format!("clients that were lost: {}", crowd.lost()), crowd.lost() == 0);
    checks.check(
        format!("rules that ran beside the crowd: {} of {}", beside.rules_run, beside.rules_asked),
        beside.rules_run == beside.rules_asked,
    );
    let over = beside.started_over;
    checks.check(format!("times that an ordinary client beside the crowd had to start over: {over}"), over == 0);
    if !size.is_short {
        let too_many = until_cut(hub, size.clients);
        let cut = size.slow().saturating_sub(too_many);
        checks.check(format!("slow clients that were cut off after half a minute: {cut}"), too_many == 0);
    }
    drop((slow, crowd));

    if !size.is_short {
        until("the end of the crowd", Duration::from_secs(30), || (streams(hub) == 0).then_some(()));
        let after = beside_it(BLOCKS);
        for kind in Kind::ALL {
            let without = Sample::median_of(before.of(kind).iter().chain(after.of(kind)));
            let with = Sample::median_of(beside.of(kind).iter());
            for (index, percentile) in ["p50", "p99"].into_iter().enumerate() {
                let ratio = with[index] / without[index];
                let line = format!(
                    "{}, {percentile}: {:.3} ms beside the crowd, {:.3} ms without = × {ratio:.2}",
                    kind.name(),
                    with[index],
                    without[index]
                );
                checks.check(line, ratio < TIMES);
            }
        }
    }
    checks.are_met
}

/// How many blocks are measured each time; the median of theirs counts.
const BLOCKS: usize = 8;

struct Checks {
    are_met: bool,
}

impl Default for Checks {
    fn default() -> Self {
        Self { are_met: true }
    }
}

impl Checks {
    fn check(&mut self, line: String, is_met: bool) {
        println!("{line:<100} {}", if is_met { "met" } else { "MISSED" });
        self.are_met &= is_met;
    }

    fn memory(&mut self, what: &str, kib: f64, clients: usize) {
        let each = kib / clients as f64;
        self.check(format!("{what}: {each:.1} KiB each, {:.1} MiB together", kib / 1_024.0), each <= KIB_EACH);
    }
}

/// Sensors that report all the time, with the crowd and without.
struct Busy {
    is_running: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Busy {
    fn begin(broker: u16) -> Self {
        let is_running = Arc::new(AtomicBool::new(true));
        let running = Arc::clone(&is_running);
        let thread = std::thread::spawn(move || latency::updates(broker, BASE, BUSY, BUSY_RATE, &running));
        Self { is_running, thread: Some(thread) }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.is_running.store(false, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Many events at once; comes back when the hub has dealt with them.
fn flood(broker: u16, hub: &Hub, count: u32) {
    let mut client = Client::connect(broker, "flood");
    for number in 0..count {
        let sensor = BUSY.start + number as usize % BUSY.len();
        client.publish(&format!("{BASE}/motion-{sensor}"), &motion_state(false, 1_000 + number), false);
        if number % 100 == 99 {
            // As fast as the hub makes events of it: what comes faster would be put together.
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    // Each flood has another end.
    let mark = 10_000 + cpu_seconds(hub.process.0.id()) as u32;
    client.publish(&format!("{BASE}/motion-{MARK}"), &motion_state(false, mark), false);
    let path = format!("devices/zigbee%3A{}", motion_address(MARK));
    let marker = format!("\"value\":{mark}");
    until("the end of the flood", Duration::from_secs(120), || {
        hub.get(&path).to_string().contains(&marker).then_some(())
    });
}

/// Waits until the hub has no more streams than these; gives back how many there are too many.
fn until_cut(hub: &Hub, expected: usize) -> usize {
    let end = Instant::now() + Duration::from_secs(75);
    loop {
        let too_many = streams(hub).saturating_sub(expected);
        if too_many == 0 || Instant::now() > end {
            return too_many;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// How many hundredths of a core the hub takes, over ten seconds.
fn processor_share(hub: &Hub) -> f64 {
    let before = cpu_seconds(hub.process.0.id());
    std::thread::sleep(Duration::from_secs(10));
    (cpu_seconds(hub.process.0.id()) - before) * 10.0
}

fn streams(hub: &Hub) -> usize {
    hub.get("system")["streams"].as_u64().unwrap_or(0) as usize
}

/// Tokens of programs; some hundred clients have the same.
fn tokens(hub: &Hub) -> Vec<String> {
    (0..20)
        .map(|number| {
            let made = hub.post_for("tokens", &json!({"name": format!("crowd {number}")}));
            made["token"].as_str().expect("a token").to_owned()
        })
        .collect()
}

/// The hub's share of memory (proportional set size).
fn pss_kib(hub: &Hub) -> f64 {
    let rollup =
        std::fs::read_to_string(format!("/proc/{}/smaps_rollup", hub.process.0.id())).expect("the hub is there");
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).expect("a sum");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

const _: () = assert!(RULES < QUIET.start, "no rule watches a quiet device");
