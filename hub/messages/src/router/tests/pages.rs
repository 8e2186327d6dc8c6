//! Where a message leads.

use super::*;

#[test]
fn a_message_leads_to_the_page_of_what_it_is_about() {
    let mut bench = Bench::new(home(), NOON);
    let mut pages = |to: &str, code: Option<&str>, severity: Severity| {
        bench.pass(Duration::from_secs(3_600));
        let mut told = bench.notification(&[to], code.unwrap_or("done"), severity);
        told.alert = code.map(|code| AlertNote { code: code.into(), over: false });
        let mut out = Output::default();
        bench.router.step(&bench.now, Input::Told(&told), &mut out);
        out.sendings[0].content.page.as_deref().map(ToOwned::to_owned)
    };
    let lamp = Some("battery_low:zigbee:0x1");
    assert_eq!(pages("anna", lamp, Severity::Info).as_deref(), Some("/devices/zigbee%3A0x1"));
    assert_eq!(pages("ben", lamp, Severity::Info).as_deref(), Some("/devices/zigbee%3A0x1"));
    assert_eq!(pages("anna", None, Severity::Info).as_deref(), Some("/rules/rule"));
    assert_eq!(pages("anna", Some("rule_stopped:hall"), Severity::Warning).as_deref(), Some("/rules/hall"));
    // Who sees no rules is led to none; and what is critical, and the hub's own troubles, to the list of messages.
    assert_eq!(pages("ben", None, Severity::Info), None);
    assert_eq!(pages("ben", Some("rule_stopped:hall"), Severity::Warning), None);
    assert_eq!(pages("anna", Some("smoke:zigbee:0x1"), Severity::Error), None);
    assert_eq!(pages("anna", Some("storage_full"), Severity::Warning), None);
}
