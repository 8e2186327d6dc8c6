//! Tables of signs and positions, and what they come to.

use hub_model::DeviceId;
use hub_model::household::{Home, Location};
use hub_model::presence::{Fix, PresenceZone};

use super::*;

fn at(minutes: i64) -> Timestamp {
    Timestamp(1_800_000_000_000 + minutes * 60_000)
}

/// `phone home 10` = the phone says home since then and was last heard then.
fn sign(text: &str) -> Evidence {
    let words: Vec<&str> = text.split(' ').collect();
    let source = match words[0] {
        "manual" => Source::Manual,
        "phone" => Source::Phone,
        device => Source::Device(DeviceId::new(device)),
    };
    let at = at(words[2].parse().unwrap());
    Evidence { source, says: words[1].into(), at, heard_at: at }
}

#[test]
fn signs_are_weighed_by_the_table() {
    let day = 24 * 60;
    for (signs, now, place) in [
        (&[][..], 0, None),
        (&["phone away 0"], 10, Some("away")),
        (&["phone work 0"], day - 1, Some("work")),
        // A phone that is silent for a day says nothing, least of all away.
        (&["phone away 0"], day, Some("unknown")),
        (&["phone home 0"], day, Some("unknown")),
        (&["manual away 0"], 40 * day, Some("away")),
        // In bed, with the phone's last word from the garden gate.
        (&["phone away 100", "bed home 90"], 110, Some("home")),
        (&["phone home 0", "router away 100"], 110, Some("home")),
        (&["phone work 0", "router away 100"], 110, Some("work")),
        (&["phone work 0", "router away 1400"], day + 10, Some("away")),
        (&["manual away 200", "phone home 0", "bed home 90"], 210, Some("away")),
    ] {
        let signs: Vec<Evidence> = signs.iter().copied().map(sign).collect();
        let estimate = estimate(at(now), &signs);
        assert_eq!(estimate.place.as_deref(), place, "{signs:?}");
        assert_eq!(estimate.reasons.len(), signs.len());
        let decides = estimate.reasons.iter().filter(|reason| reason.standing == Standing::Decides).count();
        assert_eq!(decides, usize::from(place.is_some_and(|place| place != "unknown")), "{signs:?}");
    }
}

#[test]
fn a_newer_word_of_a_phone_takes_that_of_a_person_away() {
    let mut signs = vec![sign("phone home 0"), sign("manual away 10")];
    assert!(!heard(&mut signs, sign("phone work 0")), "it is as old as what is known");
    assert!(heard(&mut signs, sign("phone work 5")), "it is new, and older than what people said");
    assert_eq!(estimate(at(11), &signs).place.as_deref(), Some("away"));
    assert!(heard(&mut signs, sign("phone work 12")));
    assert_eq!(signs.len(), 1);
    assert_eq!((signs[0].at, signs[0].heard_at), (at(5), at(12)), "there since it was first heard from there");
}

#[test]
fn a_position_becomes_a_place() {
    let zone = |name: &str, latitude, radius_m| PresenceZone { name: name.into(), latitude, longitude: 13.4, radius_m };
    let home = Home {
        location: Some(Location { latitude: 52.5, longitude: 13.4 }),
        zones: vec![
            zone("campus", 52.6, 1_000.0),
            zone("desk", 52.6, 50.0),
            zone("garden", 52.5, 40.0),
            zone("work", 52.5054, 200.0),
            zone("next door", 52.5014, 30.0),
        ],
        ..Home::default()
    };
    // A hundred metres to the north are 0.0009 degrees.
    for (latitude, accuracy, before, wanted) in [
        (52.5, 10.0, None, Some("home")),
        // A hundred metres and a hand.
        (52.5009, 5.0, None, None),
        (52.5011, 5.0, None, Some("away")),
        (52.5009, 5.0, Some("away"), Some("away")),
        (52.5008, 5.0, Some("away"), Some("home")),
        // Outside, but not for sure: who was at home still is, who was away is not.
        (52.5015, 100.0, Some("home"), Some("home")),
        (52.5025, 200.0, Some("away"), Some("away")),
        (52.5025, 20.0, Some("home"), Some("away")),
        (52.6, 10.0, Some("home"), Some("desk")),
        (52.605, 10.0, Some("desk"), Some("campus")),
        (52.7, 1_000.0, Some("home"), Some("away")),
        // A cell tower at work, six hundred metres away.
        (52.5054, 900.0, Some("home"), Some("home")),
        (52.5054, 900.0, Some("work"), Some("work")),
        (52.5054, 900.0, Some("away"), Some("away")),
        (52.5054, 900.0, None, None),
        (52.5054, 200.0, Some("home"), Some("work")),
        (52.5014, 60.0, Some("home"), Some("home")),
        (52.5014, 20.0, Some("home"), Some("next door")),
        // Nor does one in the middle of the home bring anybody there.
        (52.5, 900.0, Some("away"), Some("away")),
        (52.5, 200.0, Some("away"), Some("home")),
        (52.7, 1_001.0, Some("home"), None),
        (52.7, -1.0, Some("home"), None),
        (52.7, f64::NAN, Some("home"), None),
    ] {
        let fix = Fix { latitude, longitude: 13.4, accuracy_m: accuracy, at: at(0) };
        assert_eq!(place(&home, &fix, before).as_deref(), wanted, "{latitude} ±{accuracy} from {before:?}");
    }
    assert_eq!(place(&Home::default(), &Fix { latitude: 0.0, longitude: 0.0, accuracy_m: 1.0, at: at(0) }, None), None);
}

#[test]
fn a_device_that_is_not_seen_says_away_only_when_it_was_told_to() {
    let stand_in = |away_after_minutes| StandIn {
        device: "router:phone".into(),
        endpoint: 1,
        attribute: "presence".into(),
        away_after_minutes,
    };
    let state = |value: bool| AttributeState {
        value: value.into(),
        reported_at: Some(at(0)),
        changed_at: Some(at(0)),
        ..AttributeState::default()
    };
    let past = Past { steady_since: at(-60), stopped_at: None };
    let says = |stand_in: &StandIn, value, availability, minutes| {
        device_says(stand_in, &state(value), availability, past, at(minutes)).map(|sign| sign.says.to_string())
    };
    let online = Availability::Online;
    assert_eq!(says(&stand_in(None), true, online, 0).as_deref(), Some("home"));
    assert_eq!(says(&stand_in(None), false, online, 600), None);
    assert_eq!(says(&stand_in(Some(30)), false, online, 29), None);
    assert_eq!(says(&stand_in(Some(30)), false, online, 30).as_deref(), Some("away"));
    assert_eq!(says(&stand_in(Some(30)), false, Availability::Offline, 600), None);
    assert_eq!(away_from(&stand_in(Some(30)), &state(false), at(-60)), Some(at(30)));
    assert_eq!(away_from(&stand_in(Some(30)), &state(false), at(20)), Some(at(50)));
}

#[test]
fn a_position_is_in_no_log() {
    let fix = Fix { latitude: 52.5, longitude: 13.4, accuracy_m: 5.0, at: at(0) };
    assert!(!format!("{fix:?}").contains("52"));
}
