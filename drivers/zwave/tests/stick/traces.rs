//! Conversations with a stick, as they were recorded, through framing, functions and security.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use driver_zwave::link::{Data, Event, Frame, Link, decode};
use driver_zwave::security::ckdf::network_keys;
use driver_zwave::security::s2::{Addresses, KeyId, Session};
use driver_zwave::security::{Key, SecurityClass};
use driver_zwave::serial_api::application_command::Addressing;
use driver_zwave::serial_api::capabilities::GetCapabilities;
use driver_zwave::serial_api::memory_get_id::{MemoryGetId, MemoryId};
use driver_zwave::serial_api::send_data::{SendData, Transmitted};
use driver_zwave::serial_api::transmit::{TransmitOptions, TransmitStatus};
use driver_zwave::serial_api::version::{GetVersion, LibraryType};
use driver_zwave::serial_api::{
    Callback, CallbackId, Function, HomeId, Message, NodeId, NodeIdWidth, Request, Response,
};
use hub_model::Monotonic;

use crate::hex;

const WIDTH: NodeIdWidth = NodeIdWidth::Bits8;

fn data(text: &str) -> Data {
    let mut buffer = BytesMut::from(&hex(text)[..]);
    match decode(&mut buffer) {
        Some(Frame::Data(data)) if buffer.is_empty() => data,
        other => panic!("{text} is not one data frame but {other:?}"),
    }
}

fn message(text: &str) -> Message {
    Message::decode(&data(text), WIDTH).expect("a message")
}

fn frame(request: &impl Request) -> Vec<u8> {
    request.data(WIDTH).encode().expect("a frame").to_vec()
}

fn set_on(callback: u8, command: &str) -> SendData {
    SendData {
        node: NodeId(2),
        command: hex(command).into(),
        options: TransmitOptions::DEFAULT,
        callback: CallbackId(callback),
    }
}

#[test]
fn requests() {
    assert_eq!(frame(&GetVersion), hex("01 03 00 15 e9"));
    assert_eq!(frame(&GetCapabilities), hex("01 03 00 07 fb"));
    assert_eq!(frame(&MemoryGetId), hex("01 03 00 20 dc"));
    assert_eq!(frame(&set_on(1, "25 01 ff")), hex("01 0a 00 13 02 03 25 01 ff 25 01 18"));
    assert_eq!(frame(&set_on(2, "25 02")), hex("01 09 00 13 02 02 25 02 25 02 e5"));
    let supervised = set_on(3, "6c 01 85 03 25 01 00");
    assert_eq!(frame(&supervised), hex("01 0e 00 13 02 07 6c 01 85 03 25 01 00 25 03 0e"));
}

#[test]
fn responses() {
    let version = message("01 13 01 15 5a 2d 57 61 76 65 20 37 2e 31 37 2e 39 39 00 01 ba");
    let Message::Response(Response::Version(version)) = version else { panic!("{version:?}") };
    assert_eq!((&version.library[..], version.library_type), ("Z-Wave 7.17.99", Some(LibraryType::StaticController)));
    assert_eq!(
        message("01 08 01 20 7e 57 00 01 01 ff"),
        Message::Response(Response::MemoryId(MemoryId { home: HomeId([0x7e, 0x57, 0x00, 0x01]), node: NodeId(1) }))
    );
    assert_eq!(
        message("01 04 01 13 01 e8"),
        Message::Response(Response::Accepted { function: Function::SEND_DATA, accepted: true })
    );
}

#[test]
fn callbacks() {
    let transmitted = Transmitted { callback: CallbackId(1), status: TransmitStatus::Ok, report: None };
    let callback = message("01 05 00 13 01 00 e8");
    assert_eq!(callback, Message::Callback(Callback::Transmitted { function: Function::SEND_DATA, transmitted }));
    let report = message("01 09 00 04 00 02 03 25 03 ff 2a");
    let Message::Callback(Callback::ApplicationCommand(report)) = report else { panic!("{report:?}") };
    assert_eq!((report.source, report.status.addressing()), (NodeId(2), Addressing::Singlecast));
    assert_eq!(report.command, hex("25 03 ff"));
}

/// The whole exchange of a Binary Switch Get, in one segment: acknowledgement, response, callback, report.
#[test]
fn an_exchange_in_one_segment() {
    let mut link = Link::default();
    let now = Monotonic::default();
    link.send(now, &set_on(2, "25 02").data(WIDTH)).expect("the link is ready");
    assert_eq!(link.poll_transmit(), Some(Bytes::from(hex("01 09 00 13 02 02 25 02 25 02 e5"))));
    link.handle_bytes(now, &hex("06 01 04 01 13 01 e8 01 05 00 13 02 00 eb 01 09 00 04 00 02 03 25 03 ff 2a"));
    assert_eq!(std::iter::from_fn(|| link.poll_transmit()).collect::<Vec<_>>(), [[0x06].as_slice(); 3]);
    assert_eq!(link.poll_event(), Some(Event::Delivered));
    let functions = std::iter::from_fn(|| link.poll_event()).map(|event| match event {
        Event::Received(data) => data.function,
        other => panic!("{other:?}"),
    });
    assert_eq!(functions.collect::<Vec<_>>(), [0x13, 0x13, 0x04]);
}

/// Security 2 between a host and a node of another make; of the messages between, one is not in the record.
#[test]
fn a_conversation_in_security_2() {
    let keys = network_keys(&Key::new([0x11; 16]));
    let candidates = [(KeyId::Class(SecurityClass::S2Unauthenticated), &keys.session)];
    let to_node = Addresses { home: HomeId([0x7e, 0x57, 0x00, 0x01]), source: NodeId(1), destination: NodeId(13) };
    let to_host = Addresses { source: NodeId(13), destination: NodeId(1), ..to_node };
    let command = |text: &str| match message(text) {
        Message::Callback(Callback::ApplicationCommand(command)) => command.command,
        other => panic!("{other:?}"),
    };
    let sent = |text: &str| {
        let payload = data(text).payload;
        payload.slice(2..payload.len() - 2)
    };
    let now = Monotonic(Duration::from_secs(10));

    let mut host = Session::new(0x80);
    assert_eq!(host.nonce_get(), sent("01 0a 00 13 0d 03 9f 01 81 25 01 d3"));
    let report = command("01 1a 00 04 00 0d 14 9f 02 97 01 6d 45 25 34 57 05 bd fd 8c a5 73 f1 14 63 7f a9 d2");
    let entropy = host.handle_nonce_report(&report).expect("a report").entropy.expect("entropy");

    // The node is played by us, with its entropy.
    let mut node = Session::new(0x96);
    assert_eq!(node.nonce_report(now, entropy), report);
    let first = sent(
        "01 28 00 13 0d 21 9f 03 82 01 12 41 80 17 d3 c8 3b 21 e7 57 b0 4e 15 4e 4b 3b 5d 16 cb 82 c3 67 12 c7 53 7a f3 1f 7c 25 02 ba",
    );
    let opened = node.decapsulate(now, &candidates, to_node, &first).expect("the host's message");
    assert_eq!(opened.command, hex("25 01 ff"));
    let reply = command("01 15 00 04 00 0d 0f 9f 03 98 00 7a a3 5d 35 5c 65 fe df bc b0 be f3");
    let opened = node.decapsulate(now, &candidates, to_host, &reply).expect("the node's message");
    assert_eq!(opened.command, hex("25 03 ff"));

    // The host makes the same message of the same randomness.
    let entropy = first[6..22].try_into().expect("16 bytes");
    let made = host.encapsulate(now, candidates[0], to_node, &hex("25 01 ff"), &Default::default(), entropy);
    assert_eq!(made, Ok(first.to_vec()));
}
