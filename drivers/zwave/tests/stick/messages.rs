//! What the stick says, function by function.

use bytes::BytesMut;
use driver_zwave::link::{Data, Frame, Kind, decode};
use driver_zwave::serial_api::setup::SetupResponse;
use driver_zwave::serial_api::{Function, Message, NodeIdWidth, Response};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::hex;

/// Reads a frame: `<` a response, `>` a callback, then function and payload. Whatever is cut off its end must be read or
/// refused by name too.
fn read(text: &str, width: NodeIdWidth) -> String {
    let (kind, bytes) = text.split_at(1);
    let bytes = hex(bytes);
    let kind = if kind == "<" { Kind::Response } else { Kind::Request };
    let data = |end: usize| Data { kind, function: bytes[0], payload: bytes[1..end].to_vec().into() };
    for end in 1..bytes.len() {
        if let Err(error) = Message::decode(&data(end), width) {
            assert!(error.to_string().contains(&Function(bytes[0]).to_string()), "{error}");
        }
    }
    match Message::decode(&data(bytes.len()), width) {
        Ok(Message::Response(response)) => format!("{response:?}\n"),
        Ok(Message::Callback(callback)) => format!("{callback:?}\n"),
        Ok(Message::Unknown(_)) => "unknown\n".to_owned(),
        Err(error) => format!("{error}\n"),
    }
}

fn check(frames: &[&str], expected: &Expect) {
    check_with(NodeIdWidth::Bits8, frames, expected);
}

fn check_with(width: NodeIdWidth, frames: &[&str], expected: &Expect) {
    expected.assert_eq(&frames.iter().map(|frame| read(frame, width)).collect::<String>());
}

#[test]
fn what_the_stick_is() {
    check(
        &[
            "< 02 05 08 1d ff 0f 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 80 07 00",
            "< 05 1c",
            "< 15 5a 2d 57 61 76 65 20 34 2e 30 35 00 07",
            "< 56 01",
            "< 56 00",
            "< 29 04 1c 80 10",
            "< 3b a6 a7 7f",
            "< 3b a6 a7 7d a8",
        ],
        &expect![[r#"
            InitData(InitData { api_version: 5, is_end_node: false, has_timers: false, is_secondary: false, is_sis: true, nodes: [NodeId(1), NodeId(2), NodeId(3), NodeId(4), NodeId(5), NodeId(6), NodeId(7), NodeId(8), NodeId(9), NodeId(10), NodeId(11), NodeId(12), NodeId(232)], chip: Some((7, 0)) })
            ControllerCapabilities(ControllerCapabilities(28))
            Version(Version { library: "Z-Wave 4.05", library_type: Some(BridgeController) })
            SucNodeId(Some(NodeId(1)))
            SucNodeId(None)
            NvmId(NvmId { manufacturer: 28, memory_type: 128, size_exponent: 16 })
            BackgroundRssi(BackgroundRssi { channels: [Dbm(-90), Dbm(-89), NotAvailable] })
            BackgroundRssi(BackgroundRssi { channels: [Dbm(-90), Dbm(-89), NoSignal, Dbm(-88)] })
        "#]],
    );
}

#[test]
fn functions_of_the_stick() {
    let text = "07 01 02 00 86 00 01 00 5a fe 87 7f 88 cf 7f c0 4f fb df fd e0 67 00 80 80 00 80 86 00 00 01 00 e8 73 00 80 0f 00 00 60 00 00";
    let bytes = hex(text);
    let data = Data { kind: Kind::Response, function: bytes[0], payload: bytes[1..].to_vec().into() };
    let Ok(Message::Response(Response::Capabilities(capabilities))) = Message::decode(&data, NodeIdWidth::Bits8) else {
        panic!("capabilities")
    };
    assert_eq!((capabilities.version, capabilities.manufacturer, capabilities.product), ((1, 2), 0x0086, 0x005A));
    assert!(capabilities.functions.contains(&Function::GET_INIT_DATA));
    assert!(!capabilities.functions.contains(&Function(0x01)));
    assert!(capabilities.functions.contains(&Function::SEND_DATA));
}

#[test]
fn setup_responses() {
    check(
        &[
            "< 0b 00 16",
            "< 0b 02 01",
            "< 0b 80 00",
            "< 0b 20 09",
            "< 0b 15 03 00 01 09",
            "< 0b 16 09 03 01",
            "< 0b 16 01 01 fe",
            "< 0b 08 f1 21",
            "< 0b 13 ff f1 00 21",
            "< 0b 05 00 c8",
            "< 0b 10 2e",
            "< 0b 11 b2",
            "< 0b 77",
            "< 0b 15 03 00",
        ],
        &expect![[r#"
            Setup(Unsupported(22))
            Setup(Accepted(SetTransmitReport, true))
            Setup(Accepted(SetNodeIdWidth, false))
            Setup(Region(Region(9)))
            Setup(SupportedRegions([Region(0), Region(1), Region(9)]))
            Setup(RegionInformation { region: Region(9), classic: true, long_range: true, includes: Some(Region(1)) })
            Setup(RegionInformation { region: Region(1), classic: true, long_range: false, includes: None })
            Setup(PowerLevel(PowerLevel { normal: -15, measured_at_zero: 33 }))
            Setup(PowerLevel(PowerLevel { normal: -15, measured_at_zero: 33 }))
            Setup(LongRangeMaximumPower(200))
            Setup(MaximumPayload(46))
            Setup(LongRangeMaximumPayload(178))
            the stick's response of Serial API Setup (0x0b) cannot be read: setup command is 0x77, which the specification does not know
            the stick's response of Serial API Setup (0x0b) cannot be read: it ends after 3 bytes, before regions is complete
        "#]],
    );
}

/// Lists of setup commands of two real sticks, before and after firmware 7.19.1.
#[test]
fn lists_of_setup_commands() {
    for (text, shifted) in [
        ("01 16 01 0b 01 fe 16 01 03 00 01 00 00 00 01 00 00 00 00 00 00 00 01 09", true),
        ("01 16 01 0b 01 ff 8b 80 01 80 00 00 00 80 00 00 00 00 00 00 00 80 00 97", false),
    ] {
        let Some(Frame::Data(data)) = decode(&mut BytesMut::from(&hex(text)[..])) else { panic!("{text}") };
        let Ok(Message::Response(Response::Setup(SetupResponse::SupportedCommands(commands)))) =
            Message::decode(&data, NodeIdWidth::Bits8)
        else {
            panic!("{text}")
        };
        let expected = [0x01, 0x02, 0x04, 0x08, 0x10, 0x11, 0x20, 0x40, 0x80];
        assert_eq!(commands.commands(shifted).into_iter().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn transmissions() {
    check(
        &[
            "< 13 01",
            "< a9 00",
            "< 14 01",
            "> 13 77 00",
            "> 13 77 01 00 0b",
            "> a9 50 00 00 02 00 c8 7f 7f 7f 7f 00 00 01 00 00 00 00 03 01 00 00",
            "> a9 50 00 00 02 01 c8 b0 7f 7f 7f 00 01 03 07 00 00 00 42 02 07 09",
            "> 14 77 00",
            "> 51 77 04",
            "> 13 77 09",
            "> 13",
        ],
        &expect![[r#"
            Accepted { function: Send Data (0x13), accepted: true }
            Accepted { function: Send Data Bridge (0xa9), accepted: false }
            Accepted { function: Send Data Multicast (0x14), accepted: true }
            Transmitted { function: Send Data (0x13), transmitted: Transmitted { callback: CallbackId(119), status: Ok, report: None } }
            Transmitted { function: Send Data (0x13), transmitted: Transmitted { callback: CallbackId(119), status: NoAcknowledge, report: Some(TransmitReport { ticks: 11, route: None, long_range: None }) } }
            Transmitted { function: Send Data Bridge (0xa9), transmitted: Transmitted { callback: CallbackId(80), status: Ok, report: Some(TransmitReport { ticks: 2, route: Some(Route { repeaters: [], acknowledgement_rssi: Dbm(-56), acknowledgement_channel: 0, channel: 0, scheme: Some(Direct), speed_and_beam: 3, attempts: 1, broken_between: None }), long_range: None }) } }
            Transmitted { function: Send Data Bridge (0xa9), transmitted: Transmitted { callback: CallbackId(80), status: Ok, report: Some(TransmitReport { ticks: 2, route: Some(Route { repeaters: [Repeater { node: NodeId(7), rssi: Dbm(-80) }], acknowledgement_rssi: Dbm(-56), acknowledgement_channel: 0, channel: 1, scheme: Some(LastWorking), speed_and_beam: 66, attempts: 2, broken_between: Some((NodeId(7), NodeId(9))) }), long_range: None }) } }
            Transmitted { function: Send Data Multicast (0x14), transmitted: Transmitted { callback: CallbackId(119), status: Ok, report: None } }
            Transmitted { function: Assign SUC Return Route (0x51), transmitted: Transmitted { callback: CallbackId(119), status: NoRoute, report: None } }
            the stick's callback of Send Data (0x13) cannot be read: transmit status is 0x09, which the specification does not know
            the stick's callback of Send Data (0x13) cannot be read: it ends after 0 bytes, before callback id is complete
        "#]],
    );
}

#[test]
fn commands_of_nodes() {
    check(
        &[
            "> 04 00 02 03 25 03 ff",
            "> 04 05 02 02 25 02 c4",
            "> 04 00 02 03 25 03",
            "> a8 00 01 02 0a 32 02 21 34 00 00 00 00 00 00 00",
            "> a8 08 00 02 02 25 02 02 03 80 b0",
        ],
        &expect![[r#"
            ApplicationCommand(ApplicationCommand { status: ReceiveStatus(0), source: NodeId(2), destination: None, multicast: [], command: b"%\x03\xff", rssi: None })
            ApplicationCommand(ApplicationCommand { status: ReceiveStatus(5), source: NodeId(2), destination: None, multicast: [], command: b"%\x02", rssi: Some(Dbm(-60)) })
            the stick's callback of Application Command Handler (0x04) cannot be read: it ends after 5 bytes, before command is complete
            ApplicationCommand(ApplicationCommand { status: ReceiveStatus(0), source: NodeId(2), destination: Some(NodeId(1)), multicast: [], command: b"2\x02!4\0\0\0\0\0\0", rssi: None })
            ApplicationCommand(ApplicationCommand { status: ReceiveStatus(8), source: NodeId(2), destination: Some(NodeId(0)), multicast: [NodeId(1), NodeId(2), NodeId(16)], command: b"%\x02", rssi: Some(Dbm(-80)) })
        "#]],
    );
    check_with(
        NodeIdWidth::Bits16,
        &["> 04 00 01 23 02 25 02 c4", "> a8 00 00 01 01 23 02 25 02 00 7f"],
        &expect![[r#"
            ApplicationCommand(ApplicationCommand { status: ReceiveStatus(0), source: NodeId(291), destination: None, multicast: [], command: b"%\x02", rssi: Some(Dbm(-60)) })
            ApplicationCommand(ApplicationCommand { status: ReceiveStatus(0), source: NodeId(291), destination: Some(NodeId(1)), multicast: [], command: b"%\x02", rssi: Some(NotAvailable) })
        "#]],
    );
}

#[test]
fn nodes() {
    check(
        &[
            "< 41 d3 9c 01 04 10 01",
            "< 41 53 dc 00 03 40 03",
            "< 41 00 00 00 00 00 00",
            "< 60 01",
            "> 49 84 05 06 04 10 01 25 ef 20",
            "> 49 81 00 00",
            "> 49 82",
            "> 49 40 06 03 04 10 01",
            "> 49 20 06",
            "> 49 10 00",
            "> 49 85 00 05 01 02 03 04 02 04 10 01 5e 86",
            "> 49 87 00 05 01 02 03 04 02 04 10 01 5e 86",
            "> 49 86 05 01 02",
            "> 49 99",
            "> 49 84 05 02 04 10",
        ],
        &expect![[r#"
            NodeProtocolInformation(NodeProtocolInformation { listening: true, routing: true, protocol_version: 3, frequent_listening: None, beaming: true, optional_functionality: true, controller: false, security: false, speed_9_6: false, speed_40: true, speed_100: true, device_class: [4, 16, 1] })
            NodeProtocolInformation(NodeProtocolInformation { listening: false, routing: true, protocol_version: 3, frequent_listening: Some(Every1000Milliseconds), beaming: true, optional_functionality: true, controller: false, security: false, speed_9_6: false, speed_40: true, speed_100: false, device_class: [3, 64, 3] })
            NodeProtocolInformation(NodeProtocolInformation { listening: false, routing: false, protocol_version: 0, frequent_listening: None, beaming: false, optional_functionality: false, controller: false, security: false, speed_9_6: false, speed_40: false, speed_100: false, device_class: [0, 0, 0] })
            Accepted { function: Request Node Information (0x60), accepted: true }
            ApplicationUpdate(NodeInformation { node: NodeId(5), information: Some(NodeInformation { device_class: [4, 16, 1], command_classes: CommandClasses { supported: [37], controlled: [32] } }) })
            ApplicationUpdate(NodeInformationFailed)
            ApplicationUpdate(NodeInformationRequested)
            ApplicationUpdate(NodeAdded { node: NodeId(6), information: Some(NodeInformation { device_class: [4, 16, 1], command_classes: CommandClasses { supported: [], controlled: [] } }) })
            ApplicationUpdate(NodeRemoved { node: NodeId(6) })
            ApplicationUpdate(SucChanged { node: None })
            ApplicationUpdate(SmartStart { long_range: false, home: HomeId([1, 2, 3, 4]), information: NodeInformation { device_class: [4, 16, 1], command_classes: CommandClasses { supported: [94, 134], controlled: [] } } })
            ApplicationUpdate(SmartStart { long_range: true, home: HomeId([1, 2, 3, 4]), information: NodeInformation { device_class: [4, 16, 1], command_classes: CommandClasses { supported: [94, 134], controlled: [] } } })
            ApplicationUpdate(SmartStartIncluded { payload: [5, 1, 2] })
            the stick's callback of Application Update (0x49) cannot be read: update status is 0x99, which the specification does not know
            the stick's callback of Application Update (0x49) cannot be read: it ends after 2 bytes, before device class is complete
        "#]],
    );
}

#[test]
fn adding_and_removing() {
    check(
        &[
            "> 4a 77 01 00 00",
            "> 4a 77 01",
            "> 4a 77 02 00 00",
            "> 4a 77 03 07 05 04 10 01 25 27",
            "> 4a 77 05 07 00",
            "> 4a 77 06 07",
            "> 4a 77 07 00 00",
            "> 4a 77 23 00 00",
            "> 4a 77 0a 00 00",
            "> 4a 77 03 07 05 04",
            "> 4b 77 01 00 00",
            "> 4b 77 03 07 03 04 10 01",
            "> 4b 77 06 07 00",
            "< 61 00",
            "< 61 08",
            "> 61 77 01",
            "> 63 77 04",
            "< 62 01",
            "> 42 77",
        ],
        &expect![[r#"
            AddNode(AddNodeProgress { callback: CallbackId(119), status: Ready, node: None, information: None })
            AddNode(AddNodeProgress { callback: CallbackId(119), status: Ready, node: None, information: None })
            AddNode(AddNodeProgress { callback: CallbackId(119), status: NodeFound, node: None, information: None })
            AddNode(AddNodeProgress { callback: CallbackId(119), status: AddingEndNode, node: Some(NodeId(7)), information: Some(NodeInformation { device_class: [4, 16, 1], command_classes: CommandClasses { supported: [37, 39], controlled: [] } }) })
            AddNode(AddNodeProgress { callback: CallbackId(119), status: ProtocolDone, node: Some(NodeId(7)), information: None })
            AddNode(AddNodeProgress { callback: CallbackId(119), status: Done, node: Some(NodeId(7)), information: None })
            AddNode(AddNodeProgress { callback: CallbackId(119), status: Failed, node: None, information: None })
            AddNode(AddNodeProgress { callback: CallbackId(119), status: NotPrimary, node: None, information: None })
            the stick's callback of Add Node To Network (0x4a) cannot be read: add node status is 0x0a, which the specification does not know
            the stick's callback of Add Node To Network (0x4a) cannot be read: it ends after 5 bytes, before node information is complete
            RemoveNode(RemoveNodeProgress { callback: CallbackId(119), status: Ready, node: None })
            RemoveNode(RemoveNodeProgress { callback: CallbackId(119), status: RemovingEndNode, node: Some(NodeId(7)) })
            RemoveNode(RemoveNodeProgress { callback: CallbackId(119), status: Done, node: Some(NodeId(7)) })
            FailedNodeStart { function: Remove Failed Node (0x61), start: FailedNodeStart(0) }
            FailedNodeStart { function: Remove Failed Node (0x61), start: FailedNodeStart(8) }
            FailedNode { function: Remove Failed Node (0x61), progress: FailedNodeProgress { callback: CallbackId(119), status: Removed } }
            FailedNode { function: Replace Failed Node (0x63), progress: FailedNodeProgress { callback: CallbackId(119), status: Replaced } }
            IsFailedNode(true)
            SetDefault(CallbackId(119))
        "#]],
    );
    check_with(
        NodeIdWidth::Bits16,
        &["> 4a 77 03 01 23 05 04 10 01 25 27", "> 4a 77 06 01 23"],
        &expect![[r#"
        AddNode(AddNodeProgress { callback: CallbackId(119), status: AddingEndNode, node: Some(NodeId(291)), information: Some(NodeInformation { device_class: [4, 16, 1], command_classes: CommandClasses { supported: [37, 39], controlled: [] } }) })
        AddNode(AddNodeProgress { callback: CallbackId(119), status: Done, node: Some(NodeId(291)), information: None })
    "#]],
    );
}

#[test]
fn routes_and_resets() {
    check(
        &[
            "> 48 77 21",
            "> 48 77 22",
            "< 80 05 80 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
            "< 54 01",
            "> 54 77 05",
            "> 0a 07 01 01 02 07 03 5e ef 20 01",
            "> 0a 00 00 00 02 07 00",
            "> 0a 07 01",
        ],
        &expect![[r#"
            NeighborUpdate(NeighborUpdateProgress { callback: CallbackId(119), status: Started })
            NeighborUpdate(NeighborUpdateProgress { callback: CallbackId(119), status: Done })
            Neighbors([NodeId(1), NodeId(3), NodeId(16)])
            Accepted { function: Set SUC Node ID (0x54), accepted: true }
            SetSuc(SetSucResult { callback: CallbackId(119), status: Succeeded })
            Started(Started { reason: Some(SoftwareReset), watchdog: true, listening: true, device_class: [2, 7], command_classes: CommandClasses { supported: [94], controlled: [32] }, long_range: true })
            Started(Started { reason: Some(Reset), watchdog: false, listening: false, device_class: [2, 7], command_classes: CommandClasses { supported: [], controlled: [] }, long_range: false })
            the stick's callback of Serial API Started (0x0a) cannot be read: it ends after 2 bytes, before device options is complete
        "#]],
    );
}

#[test]
fn memory() {
    check(
        &[
            "< 2e 00 00 c0 00",
            "< 2e 00 02 00 10 aa bb",
            "< 2e ff 01 bf ff aa",
            "< 2e 03 00",
            "< 2e 00 00",
            "< 3d 00 02 00 01 00 10 aa bb",
            "< 2a aa bb",
            "< 2b 01",
        ],
        &expect![[r#"
            Nvm(NvmResult { status: Ok, address_or_size: 49152, bytes: [] })
            Nvm(NvmResult { status: Ok, address_or_size: 16, bytes: [170, 187] })
            Nvm(NvmResult { status: EndOfFile, address_or_size: 49151, bytes: [170] })
            Nvm(NvmResult { status: OperationInterference, address_or_size: 0, bytes: [] })
            the stick's response of NVM Backup/Restore (0x2e) cannot be read: it ends after 2 bytes, before address is complete
            Nvm(NvmResult { status: Ok, address_or_size: 65552, bytes: [170, 187] })
            NvmBytes([170, 187])
            Accepted { function: NVM Ext Write Long Buffer (0x2b), accepted: true }
        "#]],
    );
}

#[test]
fn long_range() {
    check(
        &["< da 01 00 02 01 80", "< da 00 01 01 03", "< da 00 ff 01 01", "< db 01", "< db 02 30", "< dc 01", "< db 07"],
        &expect![[r#"
            LongRangeNodes(LongRangeNodes { more: true, part: 0, nodes: [NodeId(256), NodeId(271)] })
            LongRangeNodes(LongRangeNodes { more: false, part: 1, nodes: [NodeId(1280), NodeId(1281)] })
            LongRangeNodes(LongRangeNodes { more: false, part: 255, nodes: [] })
            LongRangeChannel(CurrentLongRangeChannel { channel: A, can_choose: false, chosen: false })
            LongRangeChannel(CurrentLongRangeChannel { channel: B, can_choose: true, chosen: true })
            Accepted { function: Set Long Range Channel (0xdc), accepted: true }
            the stick's response of Get Long Range Channel (0xdb) cannot be read: Long Range channel is 0x07, which the specification does not know
        "#]],
    );
}

#[test]
fn what_is_not_known_is_said_to_be_so() {
    check(
        &["> f1 00", "< f1 00"],
        &expect![[r#"
        unknown
        unknown
    "#]],
    );
}

proptest! {
    #[test]
    fn no_frame_makes_it_panic(function: u8, response: bool, wide: bool, payload in proptest::collection::vec(any::<u8>(), 0..252)) {
        let kind = if response { Kind::Response } else { Kind::Request };
        let width = if wide { NodeIdWidth::Bits16 } else { NodeIdWidth::Bits8 };
        let data = Data { kind, function, payload: payload.into() };
        if let Err(error) = Message::decode(&data, width) {
            let names_the_function = error.to_string().contains(&format!("{function:#04x}"));
            prop_assert!(names_the_function, "{}", error);
        }
    }
}
