//! What somebody without the keys says in a node's name.

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_report_of_supervision_without_the_keys_ends_nothing() {
    let mut air = Air::of([end(HERE, THERE, 1, 0x22), end(THERE, HERE, 2, 0x77)]);
    // The node's answer never comes: its keys are others.
    let task = air.push(0, set(THERE, 7));
    for session in 0..=0x3F {
        air.run(Duration::from_millis(1));
        air.ends[0].handle_command(air.now, THERE, &[0x6C, 0x02, session, 0xFF, 0x00], true);
    }
    for _ in 0..10 {
        air.run(Duration::from_millis(100));
        for session in 0..=0x3F {
            air.ends[0].handle_command(air.now, THERE, &[0x6C, 0x02, session, 0xFF, 0x00], true);
        }
    }
    air.run(10 * MINUTE);
    assert_eq!(air.ended[0].get(&task), Some(&Err(Failure::Unreadable)));
}

#[test]
fn a_plain_command_does_not_hide_the_same_one_with_keys() {
    let mut air = Air::new();
    // The session that the node uses next.
    let session = air.ends[1].nodes[&HERE].supervision.wrapping_add(1) & 0x3F;
    let forged = [0x6C, 0x01, 0x80 | session, 0x03, 0x25, 0x01, 0x02];
    air.ends[0].handle_command(air.now, THERE, &forged, true);
    air.run(Duration::from_secs(1));
    assert!(air.sent.is_empty(), "nobody without the keys is answered");
    air.received[0].clear();
    let task = air.push(1, set(HERE, 2));
    air.run(MINUTE);
    assert!(air.has_done(1, task));
    assert_eq!(air.values(0), [2]);
}

/// The key of Security 0 serves Security 2 while a node is let in, and never afterwards.
#[test]
fn the_key_of_security_0_opens_security_2_in_an_exchange_of_keys_only() {
    let old_key = || {
        let mut keys = Keys::default();
        keys.insert(SecurityClass::S0, Key::new([0x33; 16]));
        keys.insert(CLASS, Key::new([0x22; 16]));
        keys
    };
    for is_joining in [true, false] {
        let mut here = end(HERE, THERE, 1, 0x22);
        here.set_keys(old_key());
        here.set_security(THERE, None);
        let temporary = crate::security::ckdf::temporary_keys(&Secret::new([1; 32]), &[2; 32], &[3; 32]);
        here.set_temporary_keys(THERE, is_joining.then_some(temporary));
        // The other end believes that this is its one key of Security 2.
        let there = end(THERE, HERE, 2, 0x33);
        let mut air = Air::of([here, there]);
        let verify =
            Task { protection: Protection::Class(CLASS), ..Task::new(HERE, vec![0x9F, 0x0B], Urgency::Person) };
        air.push(1, verify);
        air.run(Duration::from_secs(1));
        let is_read = air.received[0].contains(&vec![0x9F, 0x0B]);
        assert_eq!(is_read, is_joining);
    }
}
