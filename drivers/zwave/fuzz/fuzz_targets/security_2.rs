//! Any messages to a conversation in Security 2: none is taken for authentic, and both sides can agree again afterwards.
//!
//! The input is messages, each after its length; the first two bytes are those of the command class, so that more of
//! them are looked at.
#![no_main]

use std::time::Duration;

use driver_zwave::node_id::{HomeId, NodeId};
use driver_zwave::security::ckdf::network_keys;
use driver_zwave::security::s2::{Additions, Addresses, COMMAND_CLASS, KeyId, Refused, Session};
use driver_zwave::security::{Key, SecurityClass};
use hub_model::Monotonic;
use libfuzzer_sys::fuzz_target;

const CLASS: KeyId = KeyId::Class(SecurityClass::S2Authenticated);
/// More than the sequence numbers that a session remembers.
const ATTEMPTS: usize = 20;

fuzz_target!(|bytes: &[u8]| {
    let keys = network_keys(&Key::new([0x22; 16]));
    let session_keys = (CLASS, &keys.session);
    let to_us = Addresses { home: HomeId([1, 2, 3, 4]), source: NodeId(9), destination: NodeId(1) };
    let mut now = Monotonic(Duration::from_secs(1));
    let mut us = Session::new(0);
    let mut rest = bytes;
    while let [length, after @ ..] = rest {
        let (message, after) = after.split_at(usize::from(*length).min(after.len()));
        rest = after;
        let mut message = message.to_vec();
        if let [class, command, ..] = &mut message[..] {
            *class = COMMAND_CLASS;
            *command &= 0x03;
        }
        now = now.plus(Duration::from_millis(100));
        if us.handle_nonce_get(&message).is_ok() {
            us.nonce_report(now, [*length; 16]);
        }
        let _ = us.handle_nonce_report(&message);
        let _ = us.encapsulate(now, session_keys, to_us, &message, &Additions::default(), [*length; 16]);
        assert!(us.decapsulate(now, &[session_keys], to_us, &message).is_err());
        assert!(us.decapsulate_multicast((CLASS, &keys), to_us, &message).is_err());
    }
    let mut them = Session::new(0x80);
    for _ in 0..ATTEMPTS {
        let report = us.nonce_report(now, [5; 16]);
        // Our sequence number is not theirs, so they know none of ours.
        let _ = them.handle_nonce_report(&report);
        let message = them.encapsulate(now, session_keys, to_us, &[0x25], &Additions::default(), [6; 16]);
        let message = message.expect("they know our entropy");
        match us.decapsulate(now, &[session_keys], to_us, &message) {
            Ok(opened) => return assert_eq!(opened.command, [0x25]),
            Err(Refused::Duplicate { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    panic!("they cannot agree any more");
});
