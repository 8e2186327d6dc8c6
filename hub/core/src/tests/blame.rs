//! Who changed it: the command that wanted it, or somebody at the device.

use super::*;

/// A lamp and a blind.
fn furnished() -> Bench {
    let mut bench = Bench::with_lamp();
    let mut device = lamp(&driver(), "hall-lamp");
    let schema = |name: &str, kind| hub_model::AttributeSchema::new(name, kind, hub_model::Access::ALL);
    device.endpoints[1].attributes.extend([
        schema("position", hub_model::Kind::Number).unit("%").range(0.0, 100.0),
        schema("hvac_mode", hub_model::Kind::Enum).values(["off", "heat", "cool"]),
    ]);
    bench.tell(DriverEvent::Device(Box::new(device)));
    bench.out = Output::default();
    bench
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
