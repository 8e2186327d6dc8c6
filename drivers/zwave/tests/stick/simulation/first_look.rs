//! After a restart from what was kept.

use std::collections::BTreeMap;
use std::time::Duration;

use driver_api::{DriverEvent, Origin};
use hub_model::{Availability, Value};

use super::stick::{DEAD, Kind, LAST, Simulation, kind_of};
use super::{device, is_interviewed, switch_on};

/// A home of which everything is known that listens, after the hub was started again.
fn restarted() -> Simulation {
    let mut simulation = Simulation::start();
    let all = |now: &Simulation| (2..=LAST).filter(|node| listens(*node)).all(|node| is_interviewed(now, node));
    simulation.until(Duration::from_secs(3_600), all);
    simulation.run(Duration::from_secs(10));
    simulation.restart();
    simulation
}

fn listens(node: u8) -> bool {
    matches!(kind_of(node), Kind::Listening | Kind::Slow)
}

#[test]
fn who_listens_is_asked_how_it_is_and_nobody_what_it_is() {
    let mut simulation = restarted();
    let online = |now: &Simulation, node| now.availability.get(&device(node)) == Some(&Availability::Online);
    simulation
        .until(Duration::from_secs(60), |now| (2..=LAST).filter(|node| listens(*node)).all(|node| online(now, node)));
    simulation.run(Duration::from_secs(10));
    let mut frames: BTreeMap<u8, Vec<Vec<u8>>> = BTreeMap::new();
    for sent in &simulation.sent {
        frames.entry(sent.node).or_default().push(sent.command.clone());
    }
    for node in (2..=LAST).filter(|node| listens(*node)) {
        assert_eq!(frames.get(&node), Some(&vec![vec![0x25, 0x02]]), "node {node} is asked once whether it is on");
    }
    assert!(!frames.keys().any(|node| kind_of(*node) == Kind::Sleeping), "nobody who sleeps is spoken to");
    let is_on = |event: &DriverEvent| {
        matches!(event, DriverEvent::Report(report) if report.device == device(9) && report.origin == Origin::Live
            && report.readings.iter().any(|reading| reading.value == Value::Bool(true)))
    };
    assert!(simulation.log.iter().any(is_on), "how it is now is told");
    for node in DEAD {
        assert_eq!(simulation.availability.get(&device(node)), Some(&Availability::Offline));
    }
}

#[test]
fn a_first_look_leaves_the_radio_to_others() {
    let mut simulation = restarted();
    simulation.until(Duration::from_secs(60), |now| now.sent.len() == 20);
    let (began, busy) = (simulation.now, simulation.busy);
    simulation.request(switch_on(200, simulation.now.plus(Duration::from_secs(60))));
    let is_switched =
        |now: &Simulation| now.sent.iter().any(|sent| sent.node == 200 && sent.command[..2] == [0x25, 0x01]);
    simulation.until(Duration::from_secs(10), is_switched);
    assert!(
        simulation.now.since(began) < Duration::from_secs(2),
        "a frame to who does not answer is waited for at most"
    );
    simulation.run(Duration::from_secs(5));
    let share = (simulation.busy - busy).as_secs_f64() / simulation.now.since(began).as_secs_f64();
    assert!(share < 0.9, "the radio is free now and then: {share}");
}
