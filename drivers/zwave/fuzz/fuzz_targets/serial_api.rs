//! Any payload of any function: read, or refused with a reason that names the function.
//!
//! The input is a byte of flags (1 a response, 2 node numbers of 16 bits), the function, and the payload.
#![no_main]

use driver_zwave::link::{Data, Kind};
use driver_zwave::serial_api::{Message, NodeIdWidth};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let [flags, function, payload @ ..] = bytes else { return };
    let kind = if flags & 1 != 0 { Kind::Response } else { Kind::Request };
    let nodes = if flags & 2 != 0 { NodeIdWidth::Bits16 } else { NodeIdWidth::Bits8 };
    let data = Data { kind, function: *function, payload: payload.to_vec().into() };
    match Message::decode(&data, nodes) {
        Ok(Message::Callback(callback)) => {
            let _ = callback.callback_id();
        }
        Ok(_) => {}
        Err(error) => assert!(error.to_string().contains(&format!("{function:#04x}"))),
    }
});
