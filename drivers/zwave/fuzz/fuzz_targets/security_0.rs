//! Any message in Security 0 with a nonce of ours: never taken for authentic, and parts of commands stay bounded.
//!
//! The input is a message after its class and command, and once more a command that is to arrive.
#![no_main]

use driver_zwave::node_id::NodeId;
use driver_zwave::security::Key;
use driver_zwave::security::s0::encapsulation::Addresses;
use driver_zwave::security::s0::{Nonces, Part, Reassembly, S0Keys, decapsulate, encapsulate, split};
use hub_model::Monotonic;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let keys = S0Keys::new(&Key::new([0x11; 16]));
    let addresses = Addresses { source: NodeId(10), destination: NodeId(1) };
    let now = Monotonic::default();
    let mut nonces = Nonces::default();
    for first in 1..=16 {
        nonces.issue(now, addresses.source, [first; 8]);
    }
    let message = [&[0x98, 0x81], bytes].concat();
    assert!(decapsulate(now, &keys, addresses, &mut nonces, &message).is_err());

    // The same bytes as a command: there and back, in as many parts as it takes.
    let Ok((first, second)) = split(bytes, 46, 7) else { return };
    let mut reassembly = Reassembly::default();
    let mut command = None;
    for part in [Some(first), second].into_iter().flatten() {
        command = command
            .or(through(now, &keys, addresses, &part)
                .and_then(|part| reassembly.handle_part(now, addresses.source, part)));
    }
    assert_eq!(command.as_deref(), Some(bytes));
});

fn through(now: Monotonic, keys: &S0Keys, addresses: Addresses, part: &Part) -> Option<Part> {
    let mut nonces = Nonces::default();
    let nonce = nonces.issue(now, addresses.source, [9; 8]);
    let message = encapsulate(keys, addresses, part, &nonce, &[3; 8]);
    decapsulate(now, keys, addresses, &mut nonces, &message).ok().map(|opened| opened.part)
}
