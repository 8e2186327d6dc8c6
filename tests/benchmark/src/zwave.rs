//! The Z-Wave driver at a simulated stick: in virtual time, how long a network of 232 nodes takes beside the radio's own
//! limit and beside one node after another; and in the real hub, how much memory fifty nodes take.

#[path = "../../../drivers/zwave/tests/stick/simulation/home.rs"]
#[allow(dead_code, reason = "the driver's tests use more of it")]
mod home;
#[path = "../../../drivers/zwave/tests/stick/simulation/stick.rs"]
#[allow(dead_code, reason = "the driver's tests use more of it")]
mod stick;

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use driver_api::{CommandStage, DriverEvent};
use hub_model::Monotonic;

use crate::figures::{Report, Target};
use crate::setup::{Bench, Hub, PAIRS, claim, memory, until};
use home::{Home, device, living, switch};
use stick::{Kind, Sent, Stick};

const MINUTE: Duration = Duration::from_secs(60);
/// Of «all off».
const LAMPS: usize = 100;
/// Nodes that do not answer any more when all are to be off.
const LOST: [u8; 3] = [60, 61, 62];
/// Nodes of the network whose memory is measured, the stick among them.
const FEW: u8 = 51;

pub(crate) fn measure(_: &mut Bench, report: &mut Report) {
    let mut home = Home::start();
    interviews(&mut home, report);
    home.run(10 * MINUTE);
    person(&mut home, report);
    all_off(&mut home, report);
}

/// A time beside the time that the same frames are on the air, and beside what they take one after another.
fn beside_both(
    report: &mut Report,
    name: &str,
    took: Duration,
    on_air: Duration,
    sequential: Duration,
    target: Target,
) {
    report.beside(name, took.as_secs_f64(), on_air.as_secs_f64(), "s", target);
    report.beside(
        "    the same frames one after another",
        sequential.as_secs_f64(),
        on_air.as_secs_f64(),
        "s",
        Target::None,
    );
}

fn interviews(home: &mut Home, report: &mut Report) {
    home.until(60 * MINUTE, |now| living().any(|node| now.devices.contains_key(&device(node))));
    let first = home.now.0;
    home.until(60 * MINUTE, |now| living().all(|node| now.devices.contains_key(&device(node))));
    let usable = home.now.0;
    home.until(60 * MINUTE, |now| living().all(|node| now.is_interviewed(node)));
    let frames = home.stick.sent.clone();
    let (sequential, _) = home.stick.one_after_another(&frames);
    report.figure("Z-Wave, 232 nodes: the first is usable", first.as_secs_f64(), "s", Target::None);
    report.figure("  all that answer are usable", usable.as_secs_f64(), "s", Target::None);
    let name = format!("    all are interviewed, {} frames; floor: on the air", frames.len());
    beside_both(report, &name, home.now.0, home.stick.busy, sequential, Target::TimesFloor(1.1));
}

/// How many frames go before a person's command while a rule switches everything.
fn person(home: &mut Home, report: &mut Report) {
    let deadline = home.now.plus(MINUTE);
    let lamps: Vec<u8> = living().take(LAMPS).collect();
    for node in &lamps {
        home.request(switch(*node, true, false, deadline));
    }
    let chosen = lamps[LAMPS - 1] + 1;
    let before = home.stick.sent.len();
    home.request(switch(chosen, true, true, deadline));
    home.until(MINUTE, |now| now.stick.sent[before..].iter().any(|sent| sent.node == chosen));
    let between = home.stick.sent[before..].iter().take_while(|sent| sent.node != chosen).count();
    // One was on the air already.
    report.figure("  frames before a person's command in a storm", between as f64 + 1.0, "frames", Target::AtMost(1.0));
    home.run(10 * MINUTE);
}

fn all_off(home: &mut Home, report: &mut Report) {
    home.lose(&LOST);
    home.run(MINUTE);
    home.log.clear();
    let lamps: Vec<u8> = living().take(LAMPS).collect();
    let (begin, before) = (home.now, home.stick.sent.len());
    for node in &lamps {
        home.request(switch(*node, false, true, begin.plus(MINUTE)));
    }
    let answering: Vec<u8> = lamps.iter().copied().filter(|node| !LOST.contains(node)).collect();
    home.until(10 * MINUTE, |now| answering.iter().all(|node| now.has_come_to(*node, &CommandStage::Acknowledged)));
    let off = home.now.since(begin);
    let has_said = |now: &Home, node: u8| {
        let is_report =
            |event: &DriverEvent| matches!(event, DriverEvent::Report(report) if report.device == device(node));
        now.log.iter().any(is_report)
    };
    home.until(10 * MINUTE, |now| answering.iter().all(|node| has_said(now, *node)));
    let confirmed = home.now.since(begin);
    let is_switch = |sent: &&Sent| sent.command.starts_with(&[0x25, 0x01]);
    let answers = |sent: &&Sent| !LOST.contains(&sent.node);
    let frames = &home.stick.sent[before..];
    let switches: Vec<Sent> = frames.iter().filter(is_switch).cloned().collect();
    let taken: Vec<Sent> = switches.iter().filter(answers).cloned().collect();
    let all: Vec<Sent> = frames.iter().filter(answers).cloned().collect();
    let (sequential, _) = home.stick.one_after_another(&switches);
    let (_, on_air) = home.stick.one_after_another(&taken);
    let name = "  «all off», 100 lamps, 3 of them dead: the rest is off";
    beside_both(report, name, off, on_air, sequential, Target::TimesFloor(1.1));
    let (sequential, _) = home.stick.one_after_another(frames);
    let (_, on_air) = home.stick.one_after_another(&all);
    beside_both(report, "  the same until each has said so", confirmed, on_air, sequential, Target::TimesFloor(1.5));
}

/// What the driver and fifty nodes add to the memory of a hub.
pub(crate) fn measure_memory(bench: &mut Bench, report: &mut Report) {
    bench.stop_hub();
    let without = memory_at_rest(bench, "without-z-wave", 0);
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("a port").port();
    std::thread::spawn(move || serve(&listener));
    let before = bench.configuration.clone();
    bench.configuration +=
        &format!("[[driver]]\nid = \"zwave\"\ntype = \"zwave\"\nport = \"tcp://127.0.0.1:{port}\"\n\n");
    let with = memory_at_rest(bench, "with-z-wave", usize::from(FEW) - 1);
    bench.configuration = before;
    let name = format!("memory (PSS) that the Z-Wave driver and {} nodes add", FEW - 1);
    report.figure(name, with[0] - without[0], "MiB", Target::AtMost(4.0));
    report.figure("  of it the program's own", with[1] - without[1], "MiB", Target::None);
}

/// Of a new hub that has 240 other devices, once that many nodes are interviewed: all, and the program's own.
fn memory_at_rest(bench: &mut Bench, name: &str, nodes: usize) -> [f64; 2] {
    let data = bench.folder.path().join(name);
    let (process, port) = bench.spawn_hub(&data);
    let token = claim(port, &data);
    let hub = Hub { process, port, token };
    until("the nodes", Duration::from_secs(120), || {
        let answer = hub.get("devices?limit=1000");
        let items = answer["items"].as_array()?;
        let is_known = |item: &&serde_json::Value| {
            item["id"].as_str().is_some_and(|id| id.starts_with("zwave:")) && item["interviewed"] == true
        };
        (items.len() == nodes + 2 * PAIRS && items.iter().filter(is_known).count() == nodes).then_some(())
    });
    std::thread::sleep(Duration::from_secs(5));
    ["Pss:", "Pss_Anon:"].map(|line| memory(hub.process.0.id(), line))
}

/// A stick with a few nodes, in real time.
fn serve(listener: &TcpListener) {
    for socket in listener.incoming().flatten() {
        // The host hung up: it may come again.
        let _ = talk(socket);
    }
}

fn talk(mut socket: TcpStream) -> std::io::Result<()> {
    let mut stick = Stick::new((2..=FEW).collect(), |_| Kind::Listening);
    let begin = Instant::now();
    let mut buffer = [0; 1_024];
    loop {
        let now = Monotonic(begin.elapsed());
        while let Some(bytes) = stick.poll_transmit(now) {
            socket.write_all(&bytes)?;
        }
        let pause = stick.poll_timeout().map(|at| at.since(now).max(Duration::from_millis(1)));
        socket.set_read_timeout(pause)?;
        match socket.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => stick.handle_bytes(Monotonic(begin.elapsed()), &buffer[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
    }
}
