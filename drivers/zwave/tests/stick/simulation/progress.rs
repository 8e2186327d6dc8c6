//! What people see while devices are found out.

use std::time::Duration;

use driver_api::DriverEvent;
use hub_model::Availability;
use hub_model::event::{DriverState, DriverStatus};

use super::home::{Home, LAST, device, kind_of, living};
use super::stick::Kind;

const MINUTE: Duration = Duration::from_secs(60);

fn sleepers() -> impl Iterator<Item = u8> {
    (2..=LAST).filter(|node| kind_of(*node) == Kind::Sleeping)
}

fn details(home: &Home) -> Vec<String> {
    let details = home.log.iter().filter_map(|event| match event {
        DriverEvent::Status(DriverStatus { state: DriverState::Online, detail }) => Some(detail.to_string()),
        _ => None,
    });
    details.collect()
}

#[test]
fn how_far_the_interviews_are_is_told_now_and_then() {
    let mut home = Home::start();
    home.until(60 * MINUTE, |now| living().all(|node| now.is_interviewed(node)));
    let took = home.now.0;
    home.run(MINUTE);
    let details = details(&home);
    let few = usize::try_from(took.as_secs() / 5).unwrap() + 4;
    assert!((3..=few).contains(&details.len()), "{} details in {took:?}", details.len());
    let begun = "interviewing: 0 of 231 devices ready, 60 asleep; wake those that sleep as their manuals say";
    assert_eq!(details[1], begun, "{:?}", details.first());
    let end = "168 of 231 devices ready, 60 asleep, 3 do not answer; wake those that sleep as their manuals say";
    assert_eq!(details.last().unwrap(), end);
}

#[test]
fn who_never_woke_is_seen_and_people_are_told_what_to_do() {
    let mut home = Home::start();
    let sleeper = sleepers().next().unwrap();
    home.until(MINUTE, |now| sleepers().all(|node| now.devices.contains_key(&device(node))));
    let told = home.devices[&device(sleeper)].clone();
    assert_eq!(told.native_name.as_deref(), Some(format!("Node {sleeper}").as_str()));
    assert_eq!(home.availability.get(&device(sleeper)), Some(&Availability::Unknown));
    assert!(!told.interviewed && told.attributes().next().is_none(), "{told:?}");
    assert!(told.description.as_deref().is_some_and(|words| words.contains("wake it")), "{told:?}");
    assert_eq!((told.power_source.as_deref(), told.security), (Some("battery"), None));

    // The hub starts again, and it sleeps still.
    home.restart();
    home.until(MINUTE, |now| now.availability.get(&device(sleeper)) == Some(&Availability::Unknown));
    home.wake(sleeper);
    home.until(60 * MINUTE, |now| now.is_interviewed(sleeper));
    let told = &home.devices[&device(sleeper)];
    assert!(told.description.is_none() && told.attribute(0, "on").is_some(), "{told:?}");
    assert_eq!(home.availability.get(&device(sleeper)), Some(&Availability::Online));
    assert_eq!(told.security.as_deref(), Some("none"));
}
