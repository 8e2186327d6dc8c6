//! Who changed it: the command that wanted it, or somebody at the device.

use super::*;

/// A lamp and a blind.
fn furnished() -> Bench {
    let mut bench = Bench::with_lamp();
    let mut device = lamp(&driver(), "hall-lamp");
    let schema = |name: &str, kind| hub_model::AttributeSchema::new(name, kind, hub_model::Access::ALL);
    device.endpoints[1].attributes.extend([
        schema("position", hub_model::Kind::Number).unit("%").range(0.0, 100.0),
        hub_model::AttributeSchema::new("cover_command", hub_model::Kind::Enum, hub_model::Access::WRITE)
            .values(["open", "close", "stop"]),
        schema("hvac_mode", hub_model::Kind::Enum).values(["off", "heat", "cool"]),
    ]);
    bench.tell(DriverEvent::Device(Box::new(device)));
    bench.out = Output::default();
    bench
}

/// Wants one thing, hears what was wanted and then, after a time, another: whether the command is given for that.
fn blamed_beside(before: (&str, Value), wanted: (&str, Value), after: Duration, heard: Value) -> bool {
    let mut bench = furnished();
    let (attribute, was) = before;
    bench.report(attribute, was, Origin::Live);
    let command = bench.command(wanted.0, wanted.1.clone());
    bench.stage(&command, CommandStage::Sent);
    bench.report(wanted.0, wanted.1, Origin::Live);
    bench.pass(after);
    bench.out.events.clear();
    bench.report(attribute, heard, Origin::Live);
    let change = bench.out.events.iter().find(|event| matches!(event.kind, EventKind::StateChanged { .. })).unwrap();
    change.cause == Cause::System
}

#[test]
fn a_light_goes_on_because_its_brightness_was_set() {
    let (on, off) = (Value::Bool(true), Value::Bool(false));
    let level = |level: f64| ("brightness", Value::Number(level));
    let (at_once, later) = (Duration::ZERO, Duration::from_secs(3));
    assert!(blamed_beside(("on", off.clone()), level(40.0), at_once, on.clone()));
    assert!(!blamed_beside(("on", off.clone()), level(40.0), later, on.clone()), "somebody at the switch");
    assert!(!blamed_beside(("on", on.clone()), level(40.0), at_once, off.clone()), "nobody dims a light out");
    assert!(blamed_beside(("on", on.clone()), level(0.0), at_once, off.clone()));
    assert!(blamed_beside(level(0.0), ("on", on.clone()), at_once, Value::Number(80.0)));
    assert!(!blamed_beside(level(20.0), ("on", off), at_once, Value::Number(80.0)));
    let link = Value::Number(7.0);
    assert!(
        !blamed_beside(("position", Value::Number(1.0)), ("on", on), at_once, link),
        "it has nothing to do with it"
    );
}

#[test]
fn an_effect_is_a_commands_doing_before_it_is_confirmed_too() {
    let blamed = |stage: Option<CommandStage>| {
        let mut bench = furnished();
        bench.report("on", Value::Bool(false), Origin::Live);
        let command = bench.command("brightness", Value::Number(40.0));
        stage.into_iter().for_each(|stage| bench.stage(&command, stage));
        bench.out.events.clear();
        bench.report("on", Value::Bool(true), Origin::Live);
        let is_change = |kind: &EventKind| matches!(kind, EventKind::StateChanged { .. });
        bench.out.events.iter().find(|event| is_change(&event.kind)).unwrap().cause.clone()
    };
    assert_eq!(blamed(Some(CommandStage::Sent)), Cause::System);
    assert_eq!(blamed(None), Cause::Report, "what was not sent has no effect");
    let failed = CommandStage::Failed { reason: FailureReason::Refused, detail: None };
    assert_eq!(blamed(Some(failed)), Cause::Report);
}

/// A cover goes on when the command that it was given has ended long ago.
#[test]
fn a_cover_moves_because_it_was_told_to() {
    let mut bench = furnished();
    bench.report("position", Value::Number(50.0), Origin::Live);
    let command = bench.command("cover_command", Value::text("open"));
    bench.stage(&command, CommandStage::Sent);
    bench.stage(&command, CommandStage::Acknowledged);
    let mut causes = Vec::new();
    for (seconds, position) in [(10, 60.0), (10, 55.0), (10, 70.0), (90, 80.0)] {
        bench.pass(Duration::from_secs(seconds));
        bench.out.events.clear();
        bench.report("position", Value::Number(position), Origin::Live);
        causes.extend(bench.out.events.iter().map(|event| event.cause == Cause::System));
    }
    assert_eq!(causes, [true, false, true, false], "up, down by hand, up, and long after");
}

/// Who sets the position after somebody else has opened the blind has moved it, and who stops it no longer moves it.
#[test]
fn the_last_that_was_wanted_of_a_cover_counts() {
    let mut bench = furnished();
    bench.report("position", Value::Number(50.0), Origin::Live);
    let done = |bench: &mut Bench, attribute: &str, value: Value| {
        let command = bench.command(attribute, value);
        bench.stage(&command, CommandStage::Sent);
        bench.stage(&command, CommandStage::Acknowledged);
    };
    let moved = |bench: &mut Bench, seconds: u64, position: f64| {
        bench.pass(Duration::from_secs(seconds));
        bench.out.events.clear();
        bench.report("position", Value::Number(position), Origin::Live);
        bench.out.events.iter().any(|event| event.cause == Cause::System)
    };
    done(&mut bench, "cover_command", Value::text("open"));
    assert!(moved(&mut bench, 5, 60.0));
    done(&mut bench, "cover_command", Value::text("stop"));
    assert!(moved(&mut bench, 1, 62.0), "it comes to rest");
    assert!(!moved(&mut bench, 20, 80.0), "somebody at the blind: neither who stopped it nor who opened it before");
}

/// Wants one value and hears others: which of the changes the command is given for.
fn blamed(attribute: &str, before: Value, wanted: Value, heard: &[Value]) -> Vec<bool> {
    let mut bench = furnished();
    bench.report(attribute, before, Origin::Live);
    let command = bench.command(attribute, wanted);
    bench.stage(&command, CommandStage::Sent);
    bench.out.events.clear();
    for value in heard {
        bench.report(attribute, value.clone(), Origin::Live);
    }
    let changes = bench.out.events.iter().filter(|event| matches!(event.kind, EventKind::StateChanged { .. }));
    changes.map(|event| event.cause == Cause::System).collect()
}

#[test]
fn only_what_a_command_wanted_is_its_doing() {
    let numbers = |values: &[f64]| values.iter().map(|value| Value::Number(*value)).collect::<Vec<_>>();
    let on = Value::Bool(true);
    assert_eq!(blamed("on", Value::Bool(false), on.clone(), std::slice::from_ref(&on)), [true]);
    assert_eq!(blamed("on", on.clone(), on.clone(), &[Value::Bool(false), on]), [false, true]);
    // On the way up, Anna closes it by hand.
    let half_way = blamed("position", Value::Number(0.0), Value::Number(100.0), &numbers(&[30.0, 60.0, 45.0, 0.0]));
    assert_eq!(half_way, [true, true, false, false]);
    assert_eq!(blamed("position", Value::Number(80.0), Value::Number(20.0), &numbers(&[50.0, 19.8])), [true, true]);
    assert_eq!(blamed("position", Value::Number(80.0), Value::Number(20.0), &numbers(&[90.0])), [false]);
    assert_eq!(blamed("position", Value::Unknown, Value::Number(20.0), &numbers(&[60.0])), [true]);
    let heat = Value::text("heat");
    assert_eq!(blamed("hvac_mode", Value::text("off"), heat.clone(), &[Value::text("cool"), heat]), [false, true]);
}
