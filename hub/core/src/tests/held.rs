//! What rules want before a driver is up.

use hub_model::device::DeviceRecord;
use hub_model::record::AutomationRecord;

use super::*;

/// A hub that was just started: it knows its lamp, and its driver has not said anything yet.
fn just_started() -> Bench {
    let devices = vec![DeviceRecord::new(lamp(&driver(), "hall-lamp"))];
    let rule = AutomationRecord {
        id: "a".into(),
        document: r#"{"name": "A", "triggers": [{"time": "03:00"}], "actions": [{"stop": "x"}]}"#.into(),
        revision: 1,
        author: "hub".into(),
        changed_at: Timestamp(0),
    };
    Bench::new(&Kept { devices, automations: vec![rule], ..Kept::default() })
}

fn rule() -> Cause {
    Cause::Rule { automation: "a".into(), run: "a-1".into(), depth: 1, parent: None }
}

fn person() -> Cause {
    Cause::Person { account: "anna".into(), via: "api".into() }
}

fn switch(bench: &mut Bench, cause: Cause, on: bool) -> Arc<Command> {
    let request = CommandRequest {
        device: hall(),
        endpoint: None,
        set: vec![("on".into(), Value::Bool(on))],
        transition_ms: None,
        ttl_ms: None,
    };
    bench.core.dispatch(&bench.now, cause, request, false, &mut bench.out).unwrap()
}

fn status(bench: &mut Bench, state: DriverState) {
    bench.tell(DriverEvent::Status(DriverStatus { state, detail: "".into() }));
}

fn sent(bench: &mut Bench) -> Vec<String> {
    let sends = std::mem::take(&mut bench.out.sends);
    let commands = sends.into_iter().filter_map(|(_, request)| match request {
        DriverRequest::Command(command) => Some(command.id.to_string()),
        _ => None,
    });
    commands.collect()
}

#[test]
fn what_a_rule_wants_waits_until_the_driver_is_up() {
    let mut bench = just_started();
    let first = switch(&mut bench, rule(), true);
    let second = switch(&mut bench, rule(), false);
    // The broker comes a minute later than the hub.
    status(&mut bench, DriverState::Offline);
    let failed = DriverStatus { state: DriverState::Failed, detail: "".into() };
    bench.core.driver_ended(&bench.now, &driver(), failed, &mut bench.out);
    bench.pass(Duration::from_secs(60));
    assert_eq!(sent(&mut bench), [""; 0]);
    status(&mut bench, DriverState::Online);
    assert_eq!(bench.find(&first).outcomes[0].reason, Some(FailureReason::Superseded));
    assert_eq!(sent(&mut bench), [second.id.to_string()], "only what is still wanted");
    // From now on an outage is told at once.
    status(&mut bench, DriverState::Offline);
    let third = switch(&mut bench, rule(), true);
    assert_eq!(sent(&mut bench), [third.id.to_string()]);
}

#[test]
fn nothing_moves_when_nobody_expects_it_any_more() {
    let mut bench = just_started();
    let command = switch(&mut bench, rule(), true);
    bench.pass(Duration::from_secs(121));
    assert_eq!(bench.find(&command).status, CommandStatus::Expired);
    status(&mut bench, DriverState::Online);
    assert_eq!(sent(&mut bench), [""; 0]);
}

#[test]
fn a_person_waits_for_a_start_but_not_for_a_broker_that_is_not_there() {
    let mut bench = just_started();
    let early = switch(&mut bench, person(), true);
    assert_eq!(sent(&mut bench), [""; 0]);
    status(&mut bench, DriverState::Offline);
    let late = switch(&mut bench, person(), false);
    assert_eq!(sent(&mut bench), [late.id.to_string()], "the driver says why it cannot");
    bench.pass(Duration::from_secs(11));
    assert_eq!(bench.find(&early).outcomes[0].reason, Some(FailureReason::Superseded));
}

#[test]
fn what_waits_is_bounded() {
    let mut bench = just_started();
    let commands: Vec<_> = (0..300).map(|number| switch(&mut bench, rule(), number % 2 == 0)).collect();
    let busy = commands.iter().filter(|command| bench.find(command).outcomes[0].reason == Some(FailureReason::Busy));
    assert!(busy.count() > 0);
    assert_eq!(sent(&mut bench), [""; 0]);
}

#[test]
fn what_has_expired_takes_no_room() {
    let mut bench = just_started();
    for number in 0..256 {
        switch(&mut bench, rule(), number % 2 == 0);
    }
    bench.pass(Duration::from_secs(121));
    let command = switch(&mut bench, rule(), true);
    assert_eq!(bench.find(&command).status, CommandStatus::Accepted);
}
