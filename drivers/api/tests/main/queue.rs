//! What waits for the core.

use driver_api::queue::EventQueue;
use driver_api::{CommandStage, DriverEvent, Origin};
use hub_model::event::{DriverState, DriverStatus};

use super::support::{press, progress, state, states};

fn all(queue: &mut EventQueue) -> Vec<DriverEvent> {
    std::iter::from_fn(|| queue.pop()).collect()
}

fn queued(bound: usize, events: Vec<DriverEvent>) -> (Vec<DriverEvent>, u64) {
    let mut queue = EventQueue::new(bound);
    events.into_iter().for_each(|event| queue.push(event));
    let dropped = queue.dropped();
    (all(&mut queue), dropped)
}

#[test]
fn states_coalesce_by_attribute() {
    let (left, dropped) = queued(
        10,
        vec![states("a", &[("level", 1), ("power", 5)]), state("b", 1), state("a", 2), states("a", &[("energy", 7)])],
    );
    assert_eq!(left, [states("a", &[("level", 2), ("power", 5), ("energy", 7)]), state("b", 1)]);
    assert_eq!(dropped, 0);
}

#[test]
fn equal_presses_are_two() {
    let presses = vec![press("a", 1), press("a", 1)];
    assert_eq!(queued(10, presses.clone()).0, presses);
}

#[test]
fn a_report_never_moves_before_what_it_may_follow_from() {
    let offline = DriverEvent::Status(DriverStatus { state: DriverState::Offline, detail: "".into() });
    for between in [
        press("a", 1),
        progress("c", CommandStage::Sent),
        offline,
        DriverEvent::DeviceRemoved(super::support::device("a")),
    ] {
        let events = vec![state("a", 1), between, state("a", 2)];
        assert_eq!(queued(10, events.clone()).0, events);
    }
    // What belongs to another device is no hindrance.
    assert_eq!(queued(10, vec![state("a", 1), press("b", 1), state("a", 2)]).0, [state("a", 2), press("b", 1)]);
}

#[test]
fn reports_of_another_origin_stay_apart() {
    let came = |origin, number| {
        let mut event = state("a", number);
        if let DriverEvent::Report(report) = &mut event {
            report.origin = origin;
        }
        event
    };
    let events = vec![came(Origin::Cached, 1), came(Origin::Retained, 2), came(Origin::Live, 3)];
    assert_eq!(queued(10, events.clone()).0, events);
}

#[test]
fn when_full_the_oldest_report_goes_first_then_the_oldest_happening() {
    let sent = || progress("c", CommandStage::Sent);
    let (left, dropped) = queued(3, vec![sent(), press("a", 1), state("b", 1), press("a", 2)]);
    assert_eq!((left, dropped), (vec![sent(), press("a", 1), press("a", 2)], 1));
    let (left, dropped) = queued(3, vec![sent(), press("a", 1), press("a", 2), press("a", 3), press("a", 4)]);
    assert_eq!((left, dropped), (vec![sent(), press("a", 3), press("a", 4)], 2));
}

#[test]
fn what_is_put_back_comes_first() {
    let mut queue = EventQueue::new(2);
    queue.push(press("a", 2));
    queue.put_back(press("a", 1));
    assert!(!queue.is_empty());
    assert_eq!(all(&mut queue), [press("a", 1), press("a", 2)]);
    assert!(queue.is_empty());
}
