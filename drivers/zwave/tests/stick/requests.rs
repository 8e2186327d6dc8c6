//! What is sent to the stick, function by function.

use bytes::Bytes;
use driver_zwave::link::Kind;
use driver_zwave::serial_api::add_node::{AddMode, AddNode, AddNodeByDsk, NETWORK_WIDE, NORMAL_POWER};
use driver_zwave::serial_api::application_node_information::ApplicationNodeInformation;
use driver_zwave::serial_api::background_rssi::GetBackgroundRssi;
use driver_zwave::serial_api::capabilities::GetCapabilities;
use driver_zwave::serial_api::controller_capabilities::GetControllerCapabilities;
use driver_zwave::serial_api::failed_node::{IsFailedNode, RemoveFailedNode, ReplaceFailedNode};
use driver_zwave::serial_api::init_data::GetInitData;
use driver_zwave::serial_api::long_range::{
    GetLongRangeChannel, GetLongRangeNodes, LongRangeChannel, SetLongRangeChannel,
};
use driver_zwave::serial_api::memory_get_id::MemoryGetId;
use driver_zwave::serial_api::neighbors::{GetRoutingInformation, RequestNodeNeighborUpdate};
use driver_zwave::serial_api::node_protocol_information::GetNodeProtocolInformation;
use driver_zwave::serial_api::nvm::{
    NvmBackupRestore, NvmExtReadLongBuffer, NvmExtWriteLongBuffer, NvmGetId, NvmOperation, NvmWidth,
};
use driver_zwave::serial_api::remove_node::{RemoveMode, RemoveNode};
use driver_zwave::serial_api::request_node_information::RequestNodeInformation;
use driver_zwave::serial_api::return_route::{
    AssignReturnRoute, AssignSucReturnRoute, DeleteReturnRoute, DeleteSucReturnRoute,
};
use driver_zwave::serial_api::send_data::{SendData, SendDataAbort, SendDataBridge};
use driver_zwave::serial_api::send_data_multicast::{SendDataMulticast, SendDataMulticastBridge};
use driver_zwave::serial_api::set_default::SetDefault;
use driver_zwave::serial_api::setup::{PowerLevel, Region, Setup};
use driver_zwave::serial_api::soft_reset::SoftReset;
use driver_zwave::serial_api::suc::{GetSucNodeId, SetSucNodeId};
use driver_zwave::serial_api::transmit::TransmitOptions;
use driver_zwave::serial_api::version::GetVersion;
use driver_zwave::serial_api::{CallbackId, HomeId, NodeId, NodeIdWidth, Request};

use crate::hex;

const NODE: NodeId = NodeId(5);
const CALLBACK: CallbackId = CallbackId(0x77);

fn send_data() -> SendData {
    SendData {
        node: NODE,
        command: Bytes::from_static(&[0x25, 0x02]),
        options: TransmitOptions::DEFAULT,
        callback: CALLBACK,
    }
}

fn multicast() -> SendDataMulticast {
    SendDataMulticast {
        nodes: vec![NODE, NodeId(6)],
        command: Bytes::from_static(&[0x25, 0x02]),
        options: TransmitOptions::AUTO_ROUTE,
        callback: CALLBACK,
    }
}

fn nvm(width: NvmWidth, operation: NvmOperation) -> Box<dyn Request> {
    Box::new(NvmBackupRestore { width, operation })
}

/// Function and payload, with node numbers of 8 bits.
#[test]
fn requests() {
    let options = NORMAL_POWER | NETWORK_WIDE;
    let power = PowerLevel { normal: -15, measured_at_zero: 33 };
    let rows: Vec<(&str, Box<dyn Request>)> = vec![
        ("02", Box::new(GetInitData)),
        (
            "03 01 02 07 02 5e 98",
            Box::new(ApplicationNodeInformation {
                listening: true,
                generic: 0x02,
                specific: 0x07,
                command_classes: vec![0x5E, 0x98],
            }),
        ),
        ("05", Box::new(GetControllerCapabilities)),
        ("07", Box::new(GetCapabilities)),
        ("08", Box::new(SoftReset)),
        ("0b 01", Box::new(Setup::GetSupportedCommands)),
        ("0b 02 ff", Box::new(Setup::SetTransmitReport(true))),
        ("0b 02 00", Box::new(Setup::SetTransmitReport(false))),
        ("0b 80 01", Box::new(Setup::SetNodeIdWidth(NodeIdWidth::Bits8))),
        ("0b 80 02", Box::new(Setup::SetNodeIdWidth(NodeIdWidth::Bits16))),
        ("0b 20", Box::new(Setup::GetRegion)),
        ("0b 40 09", Box::new(Setup::SetRegion(Region(0x09)))),
        ("0b 15", Box::new(Setup::GetSupportedRegions)),
        ("0b 16 09", Box::new(Setup::GetRegionInformation(Region(0x09)))),
        ("0b 08", Box::new(Setup::GetPowerLevel)),
        ("0b 04 f1 21", Box::new(Setup::SetPowerLevel(power))),
        ("0b 13", Box::new(Setup::GetPowerLevel16)),
        ("0b 12 ff f1 00 21", Box::new(Setup::SetPowerLevel16(power))),
        ("0b 05", Box::new(Setup::GetLongRangeMaximumPower)),
        ("0b 03 00 c8", Box::new(Setup::SetLongRangeMaximumPower(200))),
        ("0b 10", Box::new(Setup::GetMaximumPayload)),
        ("0b 11", Box::new(Setup::GetLongRangeMaximumPayload)),
        ("13 05 02 25 02 25 77", Box::new(send_data())),
        ("14 02 05 06 02 25 02 04 77", Box::new(multicast())),
        ("15", Box::new(GetVersion)),
        ("16", Box::new(SendDataAbort)),
        ("20", Box::new(MemoryGetId)),
        ("29", Box::new(NvmGetId)),
        ("2a 01 23 45 00 40", Box::new(NvmExtReadLongBuffer { address: 0x01_2345, length: 0x40 })),
        ("2b 01 23 45 00 02 aa bb", Box::new(NvmExtWriteLongBuffer { address: 0x01_2345, bytes: vec![0xAA, 0xBB] })),
        ("2e 00", nvm(NvmWidth::Bits16, NvmOperation::Open)),
        ("2e 01 40 23 45", nvm(NvmWidth::Bits16, NvmOperation::Read { address: 0x2345, length: 0x40 })),
        (
            "2e 02 02 23 45 aa bb",
            nvm(NvmWidth::Bits16, NvmOperation::Write { address: 0x2345, bytes: vec![0xAA, 0xBB] }),
        ),
        ("2e 03", nvm(NvmWidth::Bits16, NvmOperation::Close)),
        ("3d 01 40 00 01 23 45", nvm(NvmWidth::Bits32, NvmOperation::Read { address: 0x01_2345, length: 0x40 })),
        ("3b", Box::new(GetBackgroundRssi)),
        ("41 05", Box::new(GetNodeProtocolInformation { node: NODE })),
        ("42 77", Box::new(SetDefault { callback: CALLBACK })),
        ("46 05 01 77", Box::new(AssignReturnRoute { node: NODE, destination: NodeId(1), callback: CALLBACK })),
        ("47 05 77", Box::new(DeleteReturnRoute { node: NODE, callback: CALLBACK })),
        ("48 05 77", Box::new(RequestNodeNeighborUpdate { node: NODE, callback: CALLBACK })),
        ("4a c1 77", Box::new(AddNode { mode: AddMode::Any, options, callback: CALLBACK })),
        ("4a 05 00", Box::new(AddNode { mode: AddMode::Stop, options: 0, callback: CallbackId::NONE })),
        (
            "4a 49 00",
            Box::new(AddNode { mode: AddMode::SmartStartListen, options: NETWORK_WIDE, callback: CallbackId::NONE }),
        ),
        (
            "4a e8 77 01 02 03 04 05 06 07 08",
            Box::new(AddNodeByDsk {
                network_wide_inclusion_home: HomeId([1, 2, 3, 4]),
                authentication_home: HomeId([5, 6, 7, 8]),
                long_range: true,
                options,
                callback: CALLBACK,
            }),
        ),
        ("4b c1 77", Box::new(RemoveNode { mode: RemoveMode::Any, options, callback: CALLBACK })),
        ("51 05 77", Box::new(AssignSucReturnRoute { node: NODE, callback: CALLBACK })),
        (
            "54 01 01 25 01 77",
            Box::new(SetSucNodeId {
                node: NodeId(1),
                enable: true,
                sis: true,
                options: TransmitOptions::DEFAULT,
                callback: CALLBACK,
            }),
        ),
        ("55 05 77", Box::new(DeleteSucReturnRoute { node: NODE, callback: CALLBACK })),
        ("56", Box::new(GetSucNodeId)),
        ("60 05", Box::new(RequestNodeInformation { node: NODE })),
        ("61 05 77", Box::new(RemoveFailedNode { node: NODE, callback: CALLBACK })),
        ("62 05", Box::new(IsFailedNode { node: NODE })),
        ("63 05 77", Box::new(ReplaceFailedNode { node: NODE, callback: CALLBACK })),
        (
            "80 05 01 00 00",
            Box::new(GetRoutingInformation { node: NODE, without_bad_links: true, without_non_repeaters: false }),
        ),
        ("a9 01 05 02 25 02 25 00 00 00 00 77", Box::new(SendDataBridge { source: NodeId(1), send: send_data() })),
        ("da 01", Box::new(GetLongRangeNodes { part: 1 })),
        ("db", Box::new(GetLongRangeChannel)),
        ("dc ff", Box::new(SetLongRangeChannel { channel: LongRangeChannel::Automatic })),
        ("ab 01 02 05 06 02 25 02 04 77", Box::new(SendDataMulticastBridge { source: NodeId(1), send: multicast() })),
    ];
    for (expected, request) in rows {
        let data = request.data(NodeIdWidth::Bits8);
        assert_eq!(data.kind, Kind::Request);
        assert_eq!([&[data.function], &data.payload[..]].concat(), hex(expected), "{:?}", request.function());
        assert!(request.function().name().is_some());
    }
}

#[test]
fn requests_with_wide_node_numbers() {
    let wide = |request: &dyn Request| request.data(NodeIdWidth::Bits16).payload;
    let node = NodeId(0x0123);
    assert_eq!(wide(&SendData { node, ..send_data() }), hex("01 23 02 25 02 25 77"));
    let bridge = SendDataBridge { source: NodeId(1), send: SendData { node, ..send_data() } };
    assert_eq!(wide(&bridge), hex("00 01 01 23 02 25 02 25 00 00 00 00 77"));
    assert_eq!(wide(&multicast()), hex("02 00 05 00 06 02 25 02 04 77"));
    assert_eq!(wide(&RequestNodeInformation { node }), hex("01 23"));
    assert_eq!(wide(&RemoveFailedNode { node, callback: CALLBACK }), hex("01 23 77"));
}
