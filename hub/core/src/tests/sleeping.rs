//! Commands to devices that only listen now and then.

use hub_model::{Access, AttributeSchema, Kind};

use super::*;

const WAKE_INTERVAL: Duration = Duration::from_secs(60);

/// The lamp, but it sleeps.
fn asleep() -> Bench {
    with_lamp(Some(60_000))
}

/// The lamp with something that can only be written.
fn with_lamp(wake_interval_ms: Option<u64>) -> Bench {
    let mut bench = Bench::with_lamp();
    let mut device = lamp(&driver(), "hall-lamp");
    device.wake_interval_ms = wake_interval_ms;
    device.endpoints[1].attributes.push(AttributeSchema::new("identify", Kind::Text, Access::WRITE));
    bench.tell(DriverEvent::Device(Box::new(device)));
    bench.out = Output::default();
    bench
}

#[test]
fn a_sleeping_device_has_one_wake_interval_longer_to_confirm() {
    let mut bench = asleep();
    let command = bench.command("on", Value::Bool(true));
    bench.stage(&command, CommandStage::Sent);
    bench.out.sends.clear();
    bench.pass(WAKE_INTERVAL + Duration::from_secs(4));
    assert_eq!(bench.find(&command).status, CommandStatus::Sent);
    assert!(bench.out.sends.is_empty(), "nobody wakes it for a question: {:?}", bench.out.sends);
    bench.report("on", Value::Bool(true), Origin::Live);
    assert_eq!(bench.find(&command).status, CommandStatus::Confirmed);
}

#[test]
fn a_sleeping_device_is_waited_for_until_it_wakes() {
    let mut bench = asleep();
    let command = bench.command("on", Value::Bool(true));
    bench.pass(WAKE_INTERVAL + Duration::from_secs(5));
    assert_eq!(bench.find(&command).status, CommandStatus::Accepted, "its driver still waits for it to wake");
    bench.stage(&command, CommandStage::Sent);
    assert_eq!(bench.find(&command).status, CommandStatus::Sent);
}

#[test]
fn a_sleeping_device_that_never_wakes_has_failed_in_the_end() {
    let mut bench = asleep();
    let command = bench.command("on", Value::Bool(true));
    bench.stage(&command, CommandStage::Sent);
    bench.pass(WAKE_INTERVAL + Duration::from_secs(5));
    assert_eq!(bench.find(&command).status, CommandStatus::Sent, "it is asked once");
    bench.pass(Duration::from_secs(5));
    let command = bench.find(&command);
    assert_eq!((command.status, command.outcomes[0].reason), (CommandStatus::Failed, Some(FailureReason::NoReport)));
}

/// Nothing confirms it, so there is nothing to wait for.
#[test]
fn what_is_only_written_is_acknowledged_as_soon_as_with_any_other_device() {
    for mut bench in [with_lamp(None), asleep()] {
        let command = bench.command("identify", Value::text("identify"));
        bench.stage(&command, CommandStage::Sent);
        bench.pass(Duration::from_secs(1));
        assert_eq!(bench.find(&command).status, CommandStatus::Acknowledged);
    }
}
