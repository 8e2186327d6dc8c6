//! Any messages of Transport Service, with time between them, and any as CRC-16 or Multi Command.
//!
//! The input is messages, each after its length; their checksums are made right, so that more of them are looked at.
#![no_main]

use std::time::Duration;

use driver_zwave::encapsulation::transport_service::{Receiver, Segment};
use driver_zwave::encapsulation::{crc16, multi_command};
use driver_zwave::node_id::NodeId;
use hub_model::Monotonic;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = crc16::decapsulate(bytes);
    if let Ok(commands) = multi_command::decapsulate(bytes) {
        assert_eq!(multi_command::decapsulate(&multi_command::encapsulate(&commands)), Ok(commands));
    }
    let mut receiver = Receiver::default();
    let mut now = Monotonic::default();
    let mut rest = bytes;
    while let [length, after @ ..] = rest {
        let (message, after) = after.split_at(usize::from(*length).min(after.len()));
        rest = after;
        now = now.plus(Duration::from_millis(u64::from(*length) * 7));
        while receiver.poll_timeout().is_some_and(|at| at <= now) {
            receiver.handle_timeout(now);
        }
        let message = [&[0x55], message].concat();
        let message = [&message[..], &crc16::checksum(&[&message]).to_be_bytes()].concat();
        let Ok(segment) = Segment::decode(&message) else { continue };
        assert_eq!(Segment::decode(&segment.encode()).as_ref(), Ok(&segment));
        let from = NodeId(u16::from(length % 12));
        if let Some(datagram) = receiver.handle_segment(now, from, segment) {
            assert!(datagram.len() < 2_048);
        }
        while receiver.poll_reply().is_some() {}
    }
});
