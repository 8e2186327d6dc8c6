//! After a restart from what was kept.

use std::collections::BTreeMap;
use std::time::Duration;

use driver_api::{DriverEvent, Origin};
use hub_model::{Availability, Value};

use super::home::{DEAD, Home, LAST, device, kind_of, switch};
use super::stick::Kind;

/// A home of which everything is known that listens, after the hub was started again.
fn restarted() -> Home {
    let mut home = Home::start();
    let all = |now: &Home| (2..=LAST).filter(|node| listens(*node)).all(|node| now.is_interviewed(node));
    home.until(Duration::from_secs(3_600), all);
    home.run(Duration::from_secs(10));
    home.restart();
    home
}

fn listens(node: u8) -> bool {
    matches!(kind_of(node), Kind::Listening | Kind::Slow)
}

#[test]
fn who_listens_is_asked_how_it_is_and_nobody_what_it_is() {
    let mut home = restarted();
    let online = |now: &Home, node| now.availability.get(&device(node)) == Some(&Availability::Online);
    home.until(Duration::from_secs(60), |now| (2..=LAST).filter(|node| listens(*node)).all(|node| online(now, node)));
    home.run(Duration::from_secs(10));
    let mut frames: BTreeMap<u8, Vec<Vec<u8>>> = BTreeMap::new();
    for sent in &home.stick.sent {
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
    assert!(home.log.iter().any(is_on), "how it is now is told");
    for node in DEAD {
        assert_eq!(home.availability.get(&device(node)), Some(&Availability::Offline));
    }
}

#[test]
fn a_first_look_leaves_the_radio_to_others() {
    let mut home = restarted();
    home.until(Duration::from_secs(60), |now| now.stick.sent.len() == 20);
    let began = home.now;
    home.request(switch(200, true, true, home.now.plus(Duration::from_secs(60))));
    let is_switched =
        |now: &Home| now.stick.sent.iter().any(|sent| sent.node == 200 && sent.command[..2] == [0x25, 0x01]);
    home.until(Duration::from_secs(10), is_switched);
    assert!(home.now.since(began) < Duration::from_secs(2), "a frame to who does not answer is waited for at most");
}

#[test]
fn a_first_look_takes_its_time() {
    let mut home = restarted();
    home.run(Duration::from_secs(10));
    let questions = home.stick.sent.iter().filter(|sent| sent.command == [0x25, 0x02]).count();
    assert!((20..=101).contains(&questions), "{questions} questions in ten seconds");
}
