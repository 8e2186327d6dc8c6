//! What the stick says, by function.

use super::add_node::AddNodeProgress;
use super::application_command::ApplicationCommand;
use super::application_update::ApplicationUpdate;
use super::background_rssi::BackgroundRssi;
use super::capabilities::Capabilities;
use super::controller_capabilities::ControllerCapabilities;
use super::failed_node::{FailedNodeProgress, FailedNodeStart};
use super::init_data::InitData;
use super::long_range::{CurrentLongRangeChannel, LongRangeNodes};
use super::memory_get_id::MemoryId;
use super::neighbors::NeighborUpdateProgress;
use super::node_protocol_information::NodeProtocolInformation;
use super::nvm::{NvmId, NvmResult, NvmWidth};
use super::remove_node::RemoveNodeProgress;
use super::send_data::Transmitted;
use super::setup::SetupResponse;
use super::soft_reset::Started;
use super::suc::SetSucResult;
use super::version::Version;
use super::{CallbackId, Function, NodeId, NodeIdWidth};
use crate::link::{Data, Kind};
use crate::node_id::nodes_of_mask;
use crate::read::{Problem, Reader};

/// A frame of the stick cannot be understood.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the stick's {} of {function} cannot be read: {problem}", word(.kind))]
pub struct MalformedPayload {
    /// Callback or response.
    pub kind: Kind,
    /// Whose.
    pub function: Function,
    /// What is wrong.
    pub problem: Problem,
}

fn word(kind: &Kind) -> &'static str {
    match kind {
        Kind::Request => "callback",
        Kind::Response => "response",
    }
}

/// A frame of the stick.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Message {
    /// The direct answer to a request.
    Response(Response),
    /// What comes later, or by itself.
    Callback(Callback),
    /// A function that this driver does not know.
    Unknown(Data),
}

/// The direct answer to a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Response {
    /// Whether the stick does what was asked: of everything that only says so.
    Accepted {
        /// Of the request.
        function: Function,
        /// Whether.
        accepted: bool,
    },
    /// To Get Init Data.
    InitData(InitData),
    /// To Get Controller Capabilities.
    ControllerCapabilities(ControllerCapabilities),
    /// To Get Capabilities.
    Capabilities(Capabilities),
    /// To Setup.
    Setup(SetupResponse),
    /// To Get Version.
    Version(Version),
    /// To Memory Get ID.
    MemoryId(MemoryId),
    /// To Get Background RSSI.
    BackgroundRssi(BackgroundRssi),
    /// To Get Node Protocol Information.
    NodeProtocolInformation(NodeProtocolInformation),
    /// To Get SUC Node ID.
    SucNodeId(Option<NodeId>),
    /// To Remove Failed Node and Replace Failed Node.
    FailedNodeStart {
        /// Which of the two.
        function: Function,
        /// Whether it has begun.
        start: FailedNodeStart,
    },
    /// To Is Failed Node.
    IsFailedNode(bool),
    /// To Get Routing Information: the neighbours.
    Neighbors(Vec<NodeId>),
    /// To NVM Get ID.
    NvmId(NvmId),
    /// To NVM Backup/Restore and its extended form.
    Nvm(NvmResult),
    /// To NVM Ext Read Long Buffer.
    NvmBytes(Vec<u8>),
    /// To Get Long Range Nodes.
    LongRangeNodes(LongRangeNodes),
    /// To Get Long Range Channel.
    LongRangeChannel(CurrentLongRangeChannel),
}

/// What comes later, or by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Callback {
    /// A node says something.
    ApplicationCommand(ApplicationCommand),
    /// Something about a node has changed or was asked for.
    ApplicationUpdate(ApplicationUpdate),
    /// The stick has started.
    Started(Started),
    /// A transmission ended: of Send Data and its kin, and of return routes.
    Transmitted {
        /// Of the request.
        function: Function,
        /// How.
        transmitted: Transmitted,
    },
    /// Of Add Node To Network.
    AddNode(AddNodeProgress),
    /// Of Remove Node From Network.
    RemoveNode(RemoveNodeProgress),
    /// Of Remove Failed Node and Replace Failed Node.
    FailedNode {
        /// Which of the two.
        function: Function,
        /// How far.
        progress: FailedNodeProgress,
    },
    /// Of Request Node Neighbor Update.
    NeighborUpdate(NeighborUpdateProgress),
    /// Of Set SUC Node ID.
    SetSuc(SetSucResult),
    /// Of Set Default: it is done.
    SetDefault(CallbackId),
}

impl Callback {
    /// What joins it to its request; `None` for what comes by itself.
    pub fn callback_id(&self) -> Option<CallbackId> {
        match self {
            Self::ApplicationCommand(_) | Self::ApplicationUpdate(_) | Self::Started(_) => None,
            Self::Transmitted { transmitted, .. } => Some(transmitted.callback),
            Self::AddNode(progress) => Some(progress.callback),
            Self::RemoveNode(progress) => Some(progress.callback),
            Self::FailedNode { progress, .. } => Some(progress.callback),
            Self::NeighborUpdate(progress) => Some(progress.callback),
            Self::SetSuc(result) => Some(result.callback),
            Self::SetDefault(callback) => Some(*callback),
        }
    }
}

impl Message {
    /// Reads a frame. Bytes after what the specification defines are left alone: newer sticks say more.
    pub fn decode(data: &Data, nodes: NodeIdWidth) -> Result<Self, MalformedPayload> {
        let function = Function(data.function);
        let mut reader = Reader::new(&data.payload);
        let message = match data.kind {
            Kind::Response => Response::read(function, &mut reader, nodes).map(|known| known.map(Self::Response)),
            Kind::Request => Callback::read(function, &mut reader, nodes).map(|known| known.map(Self::Callback)),
        };
        match message {
            Ok(Some(message)) => Ok(message),
            Ok(None) => Ok(Self::Unknown(data.clone())),
            Err(problem) => Err(MalformedPayload { kind: data.kind, function, problem }),
        }
    }
}

impl Response {
    fn read(function: Function, reader: &mut Reader<'_>, nodes: NodeIdWidth) -> Result<Option<Self>, Problem> {
        Ok(Some(match function {
            Function::GET_INIT_DATA => Self::InitData(InitData::read(reader)?),
            Function::GET_CONTROLLER_CAPABILITIES => {
                Self::ControllerCapabilities(ControllerCapabilities::read(reader)?)
            }
            Function::GET_CAPABILITIES => Self::Capabilities(Capabilities::read(reader)?),
            Function::SETUP => Self::Setup(SetupResponse::read(reader)?),
            Function::GET_VERSION => Self::Version(Version::read(reader)?),
            Function::MEMORY_GET_ID => Self::MemoryId(MemoryId::read(reader, nodes)?),
            Function::GET_BACKGROUND_RSSI => Self::BackgroundRssi(BackgroundRssi::read(reader)?),
            Function::GET_NODE_PROTOCOL_INFORMATION => {
                Self::NodeProtocolInformation(NodeProtocolInformation::read(reader)?)
            }
            Function::GET_SUC_NODE_ID => {
                let node = nodes.read(reader, "node")?;
                Self::SucNodeId((node.0 != 0).then_some(node))
            }
            Function::REMOVE_FAILED_NODE | Function::REPLACE_FAILED_NODE => {
                Self::FailedNodeStart { function, start: FailedNodeStart::read(reader)? }
            }
            Function::IS_FAILED_NODE => Self::IsFailedNode(reader.byte("whether it has failed")? != 0),
            Function::GET_ROUTING_INFORMATION => Self::Neighbors(nodes_of_mask(reader.rest(), 1)),
            Function::NVM_GET_ID => Self::NvmId(NvmId::read(reader)?),
            Function::NVM_BACKUP_RESTORE => Self::Nvm(NvmResult::read(reader, NvmWidth::Bits16)?),
            Function::EXTENDED_NVM_BACKUP_RESTORE => Self::Nvm(NvmResult::read(reader, NvmWidth::Bits32)?),
            Function::NVM_EXT_READ_LONG_BUFFER => Self::NvmBytes(reader.rest().to_vec()),
            Function::GET_LONG_RANGE_NODES => Self::LongRangeNodes(LongRangeNodes::read(reader)?),
            Function::GET_LONG_RANGE_CHANNEL => Self::LongRangeChannel(CurrentLongRangeChannel::read(reader)?),
            Function::SEND_DATA
            | Function::SEND_DATA_MULTICAST
            | Function::SEND_DATA_BRIDGE
            | Function::SEND_DATA_MULTICAST_BRIDGE
            | Function::ASSIGN_RETURN_ROUTE
            | Function::DELETE_RETURN_ROUTE
            | Function::ASSIGN_SUC_RETURN_ROUTE
            | Function::DELETE_SUC_RETURN_ROUTE
            | Function::SET_SUC_NODE_ID
            | Function::REQUEST_NODE_INFORMATION
            | Function::APPLICATION_NODE_INFORMATION
            | Function::NVM_EXT_WRITE_LONG_BUFFER
            | Function::SET_LONG_RANGE_CHANNEL => {
                Self::Accepted { function, accepted: reader.byte("whether it is accepted")? != 0 }
            }
            _ => return Ok(None),
        }))
    }
}

impl Callback {
    fn read(function: Function, reader: &mut Reader<'_>, nodes: NodeIdWidth) -> Result<Option<Self>, Problem> {
        Ok(Some(match function {
            Function::APPLICATION_COMMAND_HANDLER => Self::ApplicationCommand(ApplicationCommand::read(reader, nodes)?),
            Function::BRIDGE_APPLICATION_COMMAND_HANDLER => {
                Self::ApplicationCommand(ApplicationCommand::read_bridge(reader, nodes)?)
            }
            Function::APPLICATION_UPDATE => Self::ApplicationUpdate(ApplicationUpdate::read(reader, nodes)?),
            Function::STARTED => Self::Started(Started::read(reader)?),
            Function::ADD_NODE_TO_NETWORK => Self::AddNode(AddNodeProgress::read(reader, nodes)?),
            Function::REMOVE_NODE_FROM_NETWORK => Self::RemoveNode(RemoveNodeProgress::read(reader, nodes)?),
            Function::REMOVE_FAILED_NODE | Function::REPLACE_FAILED_NODE => {
                Self::FailedNode { function, progress: FailedNodeProgress::read(reader)? }
            }
            Function::REQUEST_NODE_NEIGHBOR_UPDATE => Self::NeighborUpdate(NeighborUpdateProgress::read(reader)?),
            Function::SET_SUC_NODE_ID => Self::SetSuc(SetSucResult::read(reader)?),
            Function::SET_DEFAULT => Self::SetDefault(CallbackId::read(reader)?),
            Function::SEND_DATA
            | Function::SEND_DATA_MULTICAST
            | Function::SEND_DATA_BRIDGE
            | Function::SEND_DATA_MULTICAST_BRIDGE
            | Function::ASSIGN_RETURN_ROUTE
            | Function::DELETE_RETURN_ROUTE
            | Function::ASSIGN_SUC_RETURN_ROUTE
            | Function::DELETE_SUC_RETURN_ROUTE => {
                Self::Transmitted { function, transmitted: Transmitted::read(reader)? }
            }
            _ => return Ok(None),
        }))
    }
}
