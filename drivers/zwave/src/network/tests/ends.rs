//! What ends without having been done, and what follows all the same.

use super::*;

fn here() -> Network {
    end(HERE, THERE, 1, 0x22)
}

/// Lets everything time out, while the stick sends what there is. Gives what was sent.
fn sent_until(network: &mut Network, end: Monotonic) -> Vec<Transmission> {
    let mut now = at(0);
    let mut sent = Vec::new();
    while now <= end {
        network.handle_timeout(now);
        if let Some(transmission) = network.poll_transmission(now) {
            sent.push(transmission);
            network.handle_transmitted(now, Transmitted::Arrived);
        }
        now = now.plus(Duration::from_millis(100));
    }
    sent
}

fn question() -> Task {
    let expected = Some(Expected { prefix: vec![0x25, 0x03] });
    Task { expected, ..Task::new(THERE, vec![0x25, 0x02], Urgency::Person) }
}

#[test]
fn a_stick_that_is_lost_while_information_is_waited_for_sends_again() {
    let mut network = here();
    let what = What::NodeInformation;
    let asked = network.push_task(at(0), Task { what, ..Task::new(THERE, Vec::new(), Urgency::Interview) });
    assert_eq!(network.poll_transmission(at(0)), Some(Transmission::NodeInformation { node: THERE }));
    network.handle_transmitted(at(10), Transmitted::Arrived);
    network.handle_ready(HomeId([0xC0, 0xFF, 0xEE, 0]), HERE, Some(46));
    network.push_task(at(20), plain(THERE));
    assert!(network.poll_transmission(at(20)).is_some());
    assert_eq!(network.poll_event(), Some(Event::Ended(asked, Err(Failure::NoReport))));
}

#[test]
fn what_is_taken_back_on_the_air_is_not_sent_again() {
    for transmitted in [
        Transmitted::StickFailed,
        Transmitted::NotSent { was_on_air: true },
        Transmitted::NotAcknowledged,
        Transmitted::Arrived,
    ] {
        let mut network = here();
        let meant = network.push_task(at(0), Task { supervised: true, ..plain(THERE) });
        assert!(network.poll_transmission(at(0)).is_some());
        network.cancel(|task| task == meant);
        network.handle_transmitted(at(0), transmitted);
        assert_eq!(sent_until(&mut network, at(30_000)), [], "{transmitted:?}");
        assert!(std::iter::from_fn(|| network.poll_event()).all(|event| !matches!(event, Event::Ended(..))));
    }
}

#[test]
fn what_is_taken_back_while_its_end_is_waited_for_is_not_sent_again() {
    let mut network = here();
    let meant = network.push_task(at(0), Task { supervised: true, ..plain(THERE) });
    assert!(network.poll_transmission(at(0)).is_some());
    network.handle_transmitted(at(0), Transmitted::Arrived);
    network.cancel(|task| task == meant);
    assert_eq!(sent_until(&mut network, at(30_000)), []);
}

#[test]
fn what_is_taken_back_in_segments_is_sent_no_further() {
    let mut network = here();
    network.set_takes_segments(THERE, true);
    let long = [&[0x25, 0x01][..], &[0x5A; 200]].concat();
    let meant = network.push_task(at(0), Task::new(THERE, long, Urgency::Rule));
    assert!(network.poll_transmission(at(0)).is_some());
    network.cancel(|task| task == meant);
    network.handle_transmitted(at(0), Transmitted::StickFailed);
    assert_eq!(sent_until(&mut network, at(30_000)), []);
}

#[test]
fn what_is_late_is_not_sent() {
    let mut network = here();
    network.push_task(at(0), Task { deadline: Some(at(100)), ..plain(THERE) });
    assert_eq!(network.poll_transmission(at(100)), None);
}

#[test]
fn a_node_for_which_much_waits_is_sent_to_sleep_all_the_same() {
    let mut network = here();
    let sleeper = NodeId(10);
    network.add_node(sleeper, Listening::Sleeping);
    network.set_security(sleeper, Some(CLASS));
    network.handle_awake(at(0), sleeper);
    for _ in 0..200 {
        network.push_task(at(0), Task { not_before: Some(at(60_000)), ..plain(sleeper) });
    }
    let nonce = network.poll_transmission(at(1_000));
    assert!(
        matches!(&nonce, Some(Transmission::Command { node, bytes }) if *node == sleeper && bytes[..2] == [0x9F, 0x01])
    );
}

#[test]
fn whose_report_came_is_there_whatever_becomes_of_the_acknowledgement() {
    let mut network = here();
    let task = network.push_task(at(0), question());
    assert!(network.poll_transmission(at(0)).is_some());
    let report = [0x25, 0x03, 0xFF];
    network.handle_command(at(10), THERE, &report, true);
    network.handle_transmitted(at(20), Transmitted::NotAcknowledged);
    assert_eq!(network.reach(THERE), Some(Reach::Alive));
    let events: Vec<Event> = std::iter::from_fn(|| network.poll_event()).collect();
    assert!(events.contains(&Event::Ended(task, Ok(Done::Reported(report.to_vec())))));
}

#[test]
fn what_waits_for_a_node_stays_when_it_listens_at_other_times() {
    let mut network = here();
    network.push_task(at(0), plain(THERE));
    network.add_node(THERE, Listening::Frequent);
    assert_eq!(network.listening(THERE), Some(Listening::Frequent));
    assert!(network.poll_transmission(at(0)).is_some());
    network.add_node(THERE, Listening::Sleeping);
    assert_eq!(network.reach(THERE), Some(Reach::Asleep));
}
