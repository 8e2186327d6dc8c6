//! How well nodes are reached.

use std::time::Duration;

use driver_api::health::Health;
use driver_api::network::Network;
use driver_api::{DriverEvent, DriverRequest, ManageAction, ManageError};
use hub_model::Availability;

use super::home::{DEAD, Home, device};

fn checked(home: &mut Home, node: u8) -> Result<Health, ManageError> {
    let request = home.log.len() as u64;
    let action = ManageAction::CheckHealth { device: device(node) };
    home.request(DriverRequest::Manage { request, action });
    let mut answer = None;
    home.until(Duration::from_secs(120), |now| {
        answer = now.log.iter().find_map(|event| match event {
            DriverEvent::Managed { request: answered, result } if *answered == request => Some(result.clone()),
            _ => None,
        });
        answer.is_some()
    });
    answer.unwrap().map(|answer| Health::from_value(&answer).expect("a health"))
}

/// When all that listen are known, so that nothing else is on the air.
fn quiet() -> Home {
    let mut home = Home::small();
    home.until(Duration::from_secs(3_600), |now| now.is_interviewed(9) && now.is_interviewed(99));
    home.run(Duration::from_secs(600));
    home
}

#[test]
fn a_good_node_and_one_that_loses_frames() {
    let mut home = quiet();
    let health = checked(&mut home, 9).unwrap();
    assert_eq!((health.tried, health.reached, health.neighbours), (10, 10, Some(4)));
    // A ping and its acknowledgement, at 100 kbit/s.
    assert_eq!(health.round_trips.map(|times| times.median_ms.round()), Some(8.0));
    assert_eq!((health.rating, health.word(), health.advice.len()), (10, "excellent", 0));
    assert!(health.traffic.delivered >= 10 && health.traffic.received > 0, "{:?}", health.traffic);

    home.stick.loses_each = Some(3);
    let health = checked(&mut home, 9).unwrap();
    assert!((6..=7).contains(&health.reached), "{health:?}");
    assert_eq!((health.tried, health.rating, health.word()), (10, 1, "poor"));
    assert!(health.advice.iter().any(|words| words.contains("Frames are lost")), "{:?}", health.advice);
    assert!(health.traffic.not_acknowledged >= 3);
    assert_eq!(home.availability.get(&device(9)), Some(&Availability::Online), "and it is not given up for that");
}

#[test]
fn who_does_not_answer_and_who_sleeps() {
    let mut home = quiet();
    let health = checked(&mut home, DEAD[0]).unwrap();
    assert_eq!((health.tried, health.reached, health.word()), (10, 0, "unreachable"));
    assert!(health.advice[0].contains("check its power"), "{:?}", health.advice);
    let Err(ManageError::NotPossible(words)) = checked(&mut home, 100) else { panic!("refused") };
    assert!(words.contains("sleeps"), "{words}");
    assert_eq!(checked(&mut home, 1), Err(ManageError::NotFound));
}

#[test]
fn the_map_of_the_network_has_what_was_counted_of_the_stick() {
    let mut home = quiet();
    home.request(DriverRequest::Manage { request: 1, action: ManageAction::NetworkMap });
    let map = |now: &Home| {
        now.log.iter().find_map(|event| match event {
            DriverEvent::Managed { request: 1, result: Ok(map) } => Network::from_value(map),
            _ => None,
        })
    };
    home.until(Duration::from_secs(60), |now| map(now).is_some());
    let map = map(&home).unwrap();
    assert_eq!(map.check(&"zwave".into()), Ok(()));
    assert!(map.statistics["frames_to_stick"] > 100.0, "{:?}", map.statistics);
    assert_eq!((map.statistics["retransmissions"], map.statistics["noise_of_channel_0_dbm"]), (0.0, -95.0));
    let heard = |node: &str| map.nodes.iter().find(|known| &*known.id == node).unwrap().last_seen;
    assert!(heard("9").is_some() && heard("40").is_none(), "who answered was seen, and who never did was not");
}
