//! What a value that is not live does to what was heard before.

use super::*;

#[test]
fn a_retained_value_outdoes_what_was_heard_before_the_connection_was_lost() {
    let mut bench = Bench::with_lamp();
    let rule = r#"{"name":"Dark","triggers":[{"state":{"device":"bus:hall-lamp","attribute":"on","to":false}}],
        "actions":[{"command":{"device":"bus:hall-lamp","set":{"brightness":1}}}]}"#;
    let mut added = bench.edit(Edit::Automation { id: None, document: rule.into(), must_exist: Some(false) });
    bench.kept(Ok(()));
    assert!(added.try_recv().unwrap().is_ok());
    bench.report("on", Value::Bool(true), Origin::Live);
    let heard = bench.state("on");
    bench.changes();
    bench.pass(Duration::from_secs(60));
    bench.report("on", Value::Bool(true), Origin::Retained);
    assert_eq!(bench.changes(), [""; 0], "an equal one is no event");
    assert_eq!(bench.state("on"), heard, "and nothing that the device has said");
    bench.out.sends.clear();
    bench.report("on", Value::Bool(false), Origin::Retained);
    let told = bench.out.events.iter().find_map(|event| match &event.kind {
        EventKind::StateChanged { from, from_source, to, source, .. } => {
            Some((from.clone(), *from_source, to.clone(), *source, event.cause.clone()))
        }
        _ => None,
    });
    let (on, off) = (Value::Bool(true), Value::Bool(false));
    assert_eq!(told, Some((on, Source::Reported, off, Source::Restored, Cause::Restore)));
    let state = bench.state("on");
    assert_eq!(
        (state.value, state.source, state.changed_at),
        (Value::Bool(false), Source::Restored, Some(bench.now.time()))
    );
    assert!(bench.out.sends.is_empty(), "no rule fires on what is not live: {:?}", bench.out.sends);
    bench.out.events.clear();
    bench.report("on", Value::Bool(false), Origin::Live);
    assert_eq!(bench.changes(), [""; 0]);
    assert_eq!(bench.state("on").source, Source::Reported, "an equal live report only makes it live");
}

#[test]
fn a_retained_value_confirms_no_command_and_shows_nobody_online() {
    let mut bench = Bench::with_lamp();
    let command = bench.command("on", Value::Bool(true));
    bench.stage(&command, CommandStage::Sent);
    bench.report("on", Value::Bool(true), Origin::Retained);
    assert_eq!(bench.find(&command).status, CommandStatus::Sent);
    assert_eq!(bench.core.table.view(&hall()).unwrap().availability, Availability::Unknown);
}

#[test]
fn what_changed_while_the_hub_was_stopped_is_taken_from_what_was_retained() {
    let mut bench = Bench::new(&kept_with_the_lamp_on());
    bench.report("on", Value::Bool(true), Origin::Retained);
    assert_eq!(bench.changes(), [""; 0]);
    bench.report("on", Value::Bool(false), Origin::Retained);
    assert_eq!(bench.changes(), ["on: true → false"]);
    assert_eq!(bench.state("on").source, Source::Restored);
}
