//! What a node has said of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::queries::{Query, Stage, queries};
use crate::attributes::{Endpoint, Node};
use crate::command_class::value::EncodedText;
use crate::command_class::{
    Command, CommandClass, association, firmware_update_meta_data, manufacturer_specific, multi_channel,
    multi_channel_association, node_naming_and_location, security, security_2, version, wake_up,
};
use crate::device_database::{self, Model};
use crate::security::SecurityClass;
use crate::serial_api::NodeId;
use crate::serial_api::node_information::NodeInformation;
use crate::serial_api::node_protocol_information::NodeProtocolInformation;

/// The most that is kept of one node, in commands and questions.
pub(super) const MOST_SAID: usize = 2_048;
const CONFIGURATION_REPORT: &[u8] = &[0x70, 0x06];
/// The most endpoints that are asked.
const MOST_ENDPOINTS: u8 = 32;

/// Maker and model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The maker.
    pub manufacturer: u16,
    /// The maker's kind of product.
    pub product_type: u16,
    /// The maker's product.
    pub product: u16,
}

/// A question that was asked: at which endpoint, with which security, what.
pub(super) type Asked = (u8, Option<SecurityClass>, Vec<u8>);

/// What is known of a node.
#[derive(Clone, PartialEq, Debug)]
pub struct Known {
    /// What the stick remembers of it.
    pub protocol: NodeProtocolInformation,
    /// Its node information.
    pub information: Option<NodeInformation>,
    /// Its security class; none = it has none, or it is not known yet.
    pub security: Option<SecurityClass>,
    /// The classes that it has with security.
    pub secure: BTreeSet<CommandClass>,
    /// It was joined with keys that are not there.
    pub(super) keys_missing: bool,
    /// Something that needs its keys was read since the start.
    pub(super) keys_fit: bool,
    /// Maker and model.
    pub identity: Option<Identity>,
    /// Who made it, where that is known.
    pub manufacturer: Option<Arc<str>>,
    /// Version of its firmware.
    pub firmware: Option<version::MajorMinor>,
    /// What it calls itself.
    pub name: Option<Arc<str>>,
    /// It says that its firmware, or that of one of its other chips, can be updated.
    pub takes_firmware: bool,
    /// Endpoints, and what it can.
    pub node: Node,
    /// How many endpoints it says it has.
    pub(super) endpoints: u8,
    /// Its lifeline: whether it leads to us, plainly and by endpoint.
    pub(super) lifeline: Lifeline,
    /// In its own words: endpoint, with which security, command.
    pub(super) said: Vec<Asked>,
    /// What was asked, whether it was answered or not.
    pub(super) asked: BTreeSet<Asked>,
}

/// To whom a node reports by itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Lifeline {
    /// By group.
    pub(super) nodes: BTreeMap<u8, Vec<u8>>,
    /// By group.
    pub(super) endpoints: BTreeMap<u8, Vec<u8>>,
    pub(super) wake_up: Option<(u32, u8)>,
}

impl Known {
    /// A node of which the stick knows this.
    pub fn new(protocol: NodeProtocolInformation) -> Self {
        let [_, generic, specific] = protocol.device_class;
        Self {
            protocol,
            information: None,
            security: None,
            secure: BTreeSet::new(),
            keys_missing: false,
            keys_fit: false,
            identity: None,
            manufacturer: None,
            firmware: None,
            name: None,
            takes_firmware: false,
            node: Node::new(Endpoint::new(generic, specific, [])),
            endpoints: 0,
            lifeline: Lifeline::default(),
            said: Vec::new(),
            asked: BTreeSet::new(),
        }
    }

    /// Everything but what the stick remembers is to be found out anew. The security class stays, because the node has its
    /// keys, and so do the classes that it has with security: meanwhile they are neither sent nor believed without.
    pub fn forget(&mut self) {
        let secure = std::mem::take(&mut self.secure);
        let Self { security, keys_missing, keys_fit, protocol, .. } = *self;
        *self = Self { security, secure, keys_missing, keys_fit, ..Self::new(protocol) };
    }

    /// The next question; none too when a node has been asked more than is kept. `own` is the stick's number, `keys` are
    /// the security classes whose keys are known.
    pub fn next_query(&self, own: u8, keys: &[SecurityClass]) -> Option<Query> {
        if self.asked.len() >= MOST_SAID {
            return None;
        }
        queries(self, own, keys).into_iter().find(|query| !self.asked.contains(&query.key()))
    }

    /// How far the interview is; none = complete.
    pub fn stage(&self, own: u8, keys: &[SecurityClass]) -> Option<Stage> {
        self.next_query(own, keys).map(|query| query.stage)
    }

    /// Whether a question needs no answer any more.
    pub fn was_asked(&self, query: &Query) -> bool {
        self.asked.contains(&query.key())
    }

    /// A question was answered, or will not be.
    pub fn handle_asked(&mut self, query: &Query) {
        if self.asked.len() < MOST_SAID {
            self.asked.insert(query.key());
        }
    }

    /// The node's information came, whether it was asked for or not. Says whether it is new.
    pub fn handle_information(&mut self, information: &NodeInformation) -> bool {
        self.asked.insert((0, None, Vec::new()));
        // Nobody signs it: of a node with Security 0, whose plain classes are told by it, the first one counts.
        let is_settled = self.security == Some(SecurityClass::S0) && self.information.is_some();
        if is_settled || self.information.as_ref() == Some(information) {
            return false;
        }
        let [_, generic, specific] = information.device_class;
        let root = self.node.endpoints.entry(0).or_default();
        (root.generic, root.specific) = (generic, specific);
        for class in &information.command_classes.supported {
            root.versions.entry(CommandClass(*class)).or_default();
        }
        self.information = Some(information.clone());
        self.obey_compat();
        true
    }

    /// The answer to a question: it is kept in the node's words.
    pub fn handle_answer(&mut self, endpoint: u8, security: Option<SecurityClass>, bytes: &[u8]) {
        let said = (endpoint, security, bytes.to_vec());
        if self.said.len() < MOST_SAID && !self.said.contains(&said) {
            self.said.push(said);
        }
    }

    /// The value of a parameter that has parts came, whether it was asked for or not: it is kept instead of the one
    /// before, because what is set later may be one of the parts. Says whether it is new.
    pub fn handle_parameter(&mut self, endpoint: u8, security: Option<SecurityClass>, bytes: &[u8]) -> bool {
        let said = (endpoint, security, bytes.to_vec());
        let number = bytes.strip_prefix(CONFIGURATION_REPORT).and_then(|rest| rest.first()).copied().map(u16::from);
        let parts = self.model().into_iter().flat_map(|model| &model.parameters).filter(|part| part.mask.is_some());
        if !parts.into_iter().any(|part| Some(part.number) == number) || self.said.contains(&said) {
            return false;
        }
        self.said.retain(|(of, _, before)| *of != endpoint || before.get(..3) != bytes.get(..3));
        self.handle_answer(endpoint, security, bytes);
        true
    }

    /// A command of the node: what it says of the node is known from now on.
    pub fn handle_command(&mut self, endpoint: u8, security: Option<SecurityClass>, command: &Command) {
        match command {
            Command::ManufacturerSpecific(manufacturer_specific::Command::Report {
                manufacturer,
                product_type,
                product,
            }) => {
                let (manufacturer, product_type, product) = (*manufacturer, *product_type, *product);
                self.identity = Some(Identity { manufacturer, product_type, product });
                self.look_up();
            }
            Command::Version(version::Command::Report { firmware, .. }) => {
                self.firmware = Some(*firmware);
                self.look_up();
            }
            Command::FirmwareUpdateMetaData(firmware_update_meta_data::Command::MetaDataReport(meta)) => {
                let targets = meta.targets.as_ref();
                self.takes_firmware =
                    targets.is_none_or(|targets| targets.is_upgradable || !targets.firmwares.is_empty());
            }
            Command::Security2(security_2::Command::CommandsSupportedReport { classes })
            | Command::Security(security::Command::CommandsSupportedReport { classes, .. }) => {
                self.handle_secure_classes(endpoint, security, classes);
            }
            Command::MultiChannel(multi_channel::Command::EndPointReport { endpoints, aggregated, .. }) => {
                self.endpoints = endpoints.saturating_add(aggregated.unwrap_or_default()).min(MOST_ENDPOINTS);
            }
            Command::Association(association::Command::Report { group, nodes, .. }) if endpoint == 0 => {
                self.lifeline.nodes.insert(*group, nodes.clone());
            }
            Command::MultiChannelAssociation(multi_channel_association::Command::Report { group, members, .. })
                if endpoint == 0 =>
            {
                let members = members.endpoints.iter().map(|member| member.node).collect();
                self.lifeline.endpoints.insert(*group, members);
            }
            Command::NodeNamingAndLocation(node_naming_and_location::Command::NameReport { name }) => {
                self.name = Some(name.text()).filter(|name| !name.trim().is_empty()).map(Arc::from);
            }
            Command::WakeUp(wake_up::Command::IntervalReport { seconds, node }) => {
                self.lifeline.wake_up = Some((*seconds, *node));
            }
            _ => {}
        }
        self.node.learn(endpoint, command);
        self.obey_compat();
    }

    /// What is known of its model; none = nothing is.
    pub fn model(&self) -> Option<&Arc<Model>> {
        self.node.endpoints.get(&0)?.model.as_ref()
    }

    /// Another node has the same model.
    pub(crate) fn share_model(&mut self, model: Arc<Model>) {
        self.node.endpoints.entry(0).or_default().model = Some(model);
    }

    /// Looks its model up, which may be another with another firmware.
    fn look_up(&mut self) {
        let Some(identity) = self.identity else { return };
        let model = device_database::find(identity, self.firmware).map(Arc::new);
        let manufacturer = match &model {
            Some(model) => Some(model.manufacturer.to_string()),
            None => device_database::manufacturer(identity.manufacturer),
        };
        self.manufacturer = manufacturer.map(Arc::from);
        self.node.endpoints.entry(0).or_default().model = model;
    }

    /// The node was given a name: from now on it says that.
    pub fn rename(&mut self, name: &str) {
        let report = |name| Command::NodeNamingAndLocation(node_naming_and_location::Command::NameReport { name });
        let report = report(EncodedText::new(name));
        let bytes = report.encode();
        self.said.retain(|(_, _, said)| said.get(..2) != bytes.get(..2));
        let class = self.protection(CommandClass::NODE_NAMING_AND_LOCATION);
        self.handle_command(0, class, &report);
        self.handle_answer(0, class, &bytes);
    }

    /// To whom it reports by itself, each once.
    pub fn reports_to(&self) -> Vec<NodeId> {
        let Lifeline { nodes, endpoints, .. } = &self.lifeline;
        let nodes = nodes.values().chain(endpoints.values()).flatten().map(|node| NodeId((*node).into()));
        nodes.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn handle_secure_classes(&mut self, endpoint: u8, security: Option<SecurityClass>, classes: &[u8]) {
        let Some(class) = security else { return };
        self.security = Some(self.security.map_or(class, |known| known.max(class)));
        let known = self.node.endpoints.entry(endpoint).or_default();
        for class in CommandClass::list(classes) {
            if class == CommandClass::SUPPORT_CONTROL_MARK {
                break;
            }
            known.versions.entry(class).or_default();
            self.secure.insert(class);
        }
    }

    /// The version of a class of the root device.
    pub fn version(&self, class: CommandClass) -> u8 {
        self.node.endpoints.get(&0).map_or(0, |root| root.version(class))
    }

    /// Whether the root device has a class.
    pub fn has(&self, class: CommandClass) -> bool {
        self.node.endpoints.get(&0).is_some_and(|root| root.has(class))
    }
}
