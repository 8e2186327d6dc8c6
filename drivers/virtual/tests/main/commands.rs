//! Devices do what they are told, in their own time.

use std::time::Duration;

use driver_api::{CommandStage, DriverEvent, DriverRequest};
use driver_virtual::{Model, Placement, Stimulus};
use expect_test::expect;
use hub_model::Value;
use hub_model::command::FailureReason;

use super::support::{Hand, id, last, lines, reports};

const MINUTE: Duration = Duration::from_secs(60);

fn hand(address: &str, model: Model) -> Hand {
    let mut hand = Hand::scripted(&[Placement::new(address, address, model)]);
    hand.events();
    hand
}

#[test]
fn a_light_reports_in_its_own_steps() {
    let mut hand = hand("lamp", Model::ColorLight);
    hand.command("lamp", &[("brightness", Value::number(40.0))], None);
    expect![[r#"
        c1 Sent
        c1 Acknowledged
        virtual:lamp on=true brightness=40.2
    "#]]
    .assert_eq(&lines(&hand.pass(MINUTE)));
}

#[test]
fn a_later_setting_has_the_last_word() {
    let mut hand = hand("lamp", Model::ColorLight);
    hand.command("lamp", &[("brightness", Value::number(40.0)), ("on", Value::Bool(false))], None);
    let events = hand.events_of(MINUTE);
    assert_eq!(last(&events, "lamp", "on"), Some(Value::Bool(false)));
}

#[test]
fn a_transition_ends_in_one_report() {
    let mut hand = hand("lamp", Model::ColorLight);
    hand.command("lamp", &[("brightness", Value::number(100.0))], Some(Duration::from_secs(4)));
    let happened = hand.pass(MINUTE);
    let levels: Vec<Duration> = happened
        .iter()
        .filter(|(_, event)| {
            reports(std::slice::from_ref(event))
                .any(|report| report.readings.iter().any(|reading| reading.attribute.as_str() == "brightness"))
        })
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(levels.len(), 1);
    assert!(levels[0] >= Duration::from_secs(4) && levels[0] < Duration::from_secs(5), "{levels:?}");
}

#[test]
fn a_blind_takes_its_time_and_can_be_stopped() {
    let mut hand = hand("blind", Model::Blind);
    hand.command("blind", &[("position", Value::number(80.0))], None);
    expect![[r#"
        c1 Sent
        c1 Acknowledged
        virtual:blind position=95 motion=closing
        virtual:blind position=90 motion=closing
        virtual:blind position=85 motion=closing
        virtual:blind position=80 motion=stopped
    "#]]
    .assert_eq(&lines(&hand.pass(MINUTE)));
    hand.command("blind", &[("cover_command", Value::text("close"))], None);
    let moving = hand.events_of(Duration::from_secs(4));
    assert_eq!(last(&moving, "blind", "motion"), Some(Value::text("closing")));
    hand.command("blind", &[("cover_command", Value::text("stop"))], None);
    let events = hand.events_of(MINUTE);
    assert_eq!(last(&events, "blind", "motion"), Some(Value::text("stopped")));
    assert!(last(&events, "blind", "position").unwrap().as_number().unwrap() > 30.0);
}

#[test]
fn a_lock_takes_a_second_or_two() {
    let mut hand = hand("lock", Model::Lock);
    hand.command("lock", &[("locked", Value::Bool(false))], None);
    let happened = hand.pass(MINUTE);
    let (at, _) = happened.iter().find(|(_, event)| matches!(event, DriverEvent::Report(_))).unwrap();
    assert!((1.0..2.5).contains(&at.as_secs_f64()), "{at:?}");
    expect![[r#"
        c1 Sent
        c1 Acknowledged
        virtual:lock locked=false lock_state=unlocked
    "#]]
    .assert_eq(&lines(&happened));
}

#[test]
fn a_sleeper_answers_when_it_wakes() {
    let mut hand = hand("thermostat", Model::Thermostat);
    hand.pass(Duration::from_secs(6));
    hand.command("thermostat", &[("heating_setpoint", Value::number(22.0))], None);
    let happened = hand.pass(MINUTE);
    let acknowledged = happened.iter().find(
        |(_, event)| matches!(event, DriverEvent::Command(progress) if progress.stage == CommandStage::Acknowledged),
    );
    let at = acknowledged.unwrap().0;
    assert!((10.0..10.2).contains(&at.as_secs_f64()), "{at:?}");
    let events: Vec<_> = happened.into_iter().map(|(_, event)| event).collect();
    assert_eq!(last(&events, "thermostat", "heating_setpoint"), Some(Value::number(22.0)));
}

#[test]
fn identify_ends_acknowledged() {
    let mut hand = hand("lamp", Model::WhiteLight);
    hand.command("lamp", &[("identify", Value::text("identify"))], None);
    assert_eq!(lines(&hand.pass(MINUTE)), "c1 Sent\nc1 Acknowledged\n");
}

#[test]
fn what_cannot_be_sent_fails_with_a_reason() {
    let refused = FailureReason::Refused;
    for (address, attribute, value, reason) in [
        ("nobody", "on", Value::Bool(true), FailureReason::Removed),
        ("lamp", "nonsense", Value::Bool(true), refused),
        ("lamp", "color_mode", Value::text("xy"), refused),
        ("lamp", "brightness", Value::number(101.0), refused),
        ("lamp", "on", Value::Unknown, refused),
    ] {
        let mut hand = hand("lamp", Model::ColorLight);
        hand.command(address, &[(attribute, value)], None);
        let events = hand.events_of(MINUTE);
        let [DriverEvent::Command(progress)] = events.as_slice() else { panic!("{attribute}: {events:?}") };
        assert!(matches!(&progress.stage, CommandStage::Failed { reason: met, .. } if *met == reason), "{progress:?}");
    }
}

#[test]
fn a_device_out_of_reach_fails_and_a_silent_one_says_nothing() {
    let mut hand = hand("lamp", Model::WhiteLight);
    hand.play(Stimulus::Reach { address: "lamp".into(), reachable: false });
    hand.command("lamp", &[("on", Value::Bool(true))], None);
    hand.pass(MINUTE);
    hand.command("lamp", &[("on", Value::Bool(true))], None);
    expect![[r#"
        c2 Sent
        c2 Failed { reason: Unreachable, detail: Some("the device does not answer") }
    "#]]
    .assert_eq(&lines(&hand.pass(MINUTE)));
    hand.play(Stimulus::Reach { address: "lamp".into(), reachable: true });
    let back = lines(&hand.pass(MINUTE));
    assert!(back.starts_with("virtual:lamp online\nvirtual:lamp ") && back.contains(" on=false "), "{back}");
    hand.play(Stimulus::Silence { address: "lamp".into(), silent: true });
    hand.command("lamp", &[("on", Value::Bool(true))], None);
    assert_eq!(lines(&hand.pass(MINUTE)), "c3 Sent\n");
}

#[test]
fn devices_can_be_asked() {
    let mut hand = hand("plug", Model::MeteringPlug);
    let attributes = vec![(1, "on".into()), (1, "power".into()), (0, "identify".into()), (7, "on".into())];
    hand.request(DriverRequest::Read { device: id("plug"), attributes });
    assert_eq!(lines(&hand.pass(MINUTE)), "virtual:plug on=true power=0\n");
}

#[test]
fn what_happens_on_the_bus_is_told() {
    let mut hand = Hand::scripted(&[
        Placement::new("switch", "Switch", Model::DoubleSwitch),
        Placement::new("button", "Button", Model::Remote),
    ]);
    hand.events();
    hand.play(Stimulus::Press { address: "button".into(), action: "hold".into() });
    hand.play(Stimulus::Set {
        address: "switch".into(),
        endpoint: Some(2),
        attribute: "on".into(),
        value: true.into(),
    });
    hand.play(Stimulus::Set { address: "nobody".into(), endpoint: None, attribute: "on".into(), value: true.into() });
    hand.play(Stimulus::Rename { address: "switch".into(), name: "Wall".into() });
    hand.play(Stimulus::Leave { address: "switch".into() });
    expect![[r#"
        Happening { device: "virtual:button", reading: Reading { endpoint: 1, attribute: "action", value: Text("hold") } }
        virtual:switch on=true
        Renamed { device: "virtual:switch", name: "Wall" }
        removed virtual:switch
    "#]]
    .assert_eq(&lines(&hand.pass(MINUTE)));
}

#[test]
fn an_alarm_is_tried_by_its_test() {
    for (model, detects) in [(Model::LeakSensor, "water_leak"), (Model::SmokeSensor, "smoke")] {
        let mut hand = hand("alarm", model);
        hand.command("alarm", &[("self_test", Value::Bool(true))], None);
        let begun = hand.events_of(Duration::from_secs(5));
        for attribute in [detects, "self_test"] {
            assert_eq!(last(&begun, "alarm", attribute), Some(Value::Bool(true)), "{attribute}");
        }
        let over = hand.events_of(Duration::from_secs(30));
        for attribute in [detects, "self_test"] {
            assert_eq!(last(&over, "alarm", attribute), Some(Value::Bool(false)), "{attribute}");
        }
    }
}
