//! What we are to nodes that ask: a node like them, a static controller of Z-Wave Plus, which is the stick together with
//! this program (SDS14224, Z-Wave Plus v2 device type specification, gateway).
//!
//! Nothing that is told here is secret, and nothing that can be set here does anything to the home.

use std::collections::BTreeSet;

use crate::command_class::association_group_information as group_information;
use crate::command_class::value::{Date, Time};
use crate::command_class::{
    Command, CommandClass, association, manufacturer_specific, powerlevel, security, security_2, time, version,
    z_wave_plus_info,
};
use crate::security::SecurityClass;

/// Our only group of associations.
const LIFELINE: u8 = 1;
/// How many nodes are in it at most.
pub const MOST_IN_LIFELINE: usize = 5;
/// Z-Wave Plus v2; Central Static Controller; a node; Gateway, for installers and for people.
const PLUS_VERSION: u8 = 2;
const ROLE_TYPE: u8 = 0x00;
const NODE_TYPE: u8 = 0x00;
const ICON: u16 = 0x0500;
/// Version answers questions for versions and for versions of classes, and none for software.
const VERSION_CAPABILITIES: u8 = 0b011;
/// Normal power, for ever.
const NORMAL_POWER: (u8, u8) = (0, 0);

/// A class that we support, and in which version.
type Supported = (CommandClass, u8);

/// Those that nodes use with whatever security they like: what others are wrapped in, and what is asked before there are
/// keys.
const PLAIN: &[Supported] = &[
    (CommandClass::Z_WAVE_PLUS_INFO, 2),
    (CommandClass::TRANSPORT_SERVICE, 2),
    (CommandClass::CRC_16_ENCAPSULATION, 1),
    (CommandClass::MULTI_COMMAND, 1),
    (CommandClass::SUPERVISION, 2),
    (CommandClass::SECURITY, 1),
    (CommandClass::SECURITY_2, 1),
];

/// Those that a node with keys uses with its keys only.
const PROTECTED: &[Supported] = &[
    (CommandClass::VERSION, 3),
    (CommandClass::MANUFACTURER_SPECIFIC, 1),
    (CommandClass::ASSOCIATION, 2),
    (CommandClass::ASSOCIATION_GROUP_INFORMATION, 1),
    (CommandClass::POWERLEVEL, 1),
    (CommandClass::TIME, 1),
];

/// All of them, as they stand in our node information.
pub fn command_classes() -> Vec<u8> {
    numbers(PLAIN).chain(numbers(PROTECTED)).collect()
}

fn numbers(classes: &'static [Supported]) -> impl Iterator<Item = u8> {
    classes.iter().filter_map(|(class, _)| u8::try_from(class.0).ok())
}

fn version_of(number: u8) -> u8 {
    let mut all = PLAIN.iter().chain(PROTECTED);
    all.find(|(class, _)| class.0 == u16::from(number)).map_or(0, |(_, version)| *version)
}

/// What we say of ourselves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ourselves {
    /// The kind of the stick's library, by the number of the specification.
    pub library: u8,
    /// Version of the stick's protocol: major, minor.
    pub protocol: (u8, u8),
    /// Version of this program: major, minor.
    pub program: (u8, u8),
    /// The stick's maker, kind of product and product.
    pub identity: (u16, u16, u16),
    /// Whom we would tell that we were reset.
    pub lifeline: BTreeSet<u8>,
    /// What clocks on the wall show, if that is known.
    pub clock: Option<(Date, Time)>,
}

/// How a question came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked {
    /// With which security.
    pub security: Option<SecurityClass>,
    /// The security that its node has.
    pub granted: Option<SecurityClass>,
}

impl Ourselves {
    /// What is answered to a command of a node; mostly nothing. Whoever has keys is not heard without them.
    pub fn answer(&self, command: &Command, asked: Asked) -> Option<Command> {
        let is_plain = PLAIN.iter().any(|(class, _)| *class == command.class());
        if !is_plain && asked.security != asked.granted {
            return None;
        }
        match command {
            Command::ZWavePlusInfo(z_wave_plus_info::Command::Get) => Some(plus_info()),
            Command::Version(question) => self.answer_version(question).map(Command::Version),
            Command::ManufacturerSpecific(manufacturer_specific::Command::Get) => {
                let (manufacturer, product_type, product) = self.identity;
                let report = manufacturer_specific::Command::Report { manufacturer, product_type, product };
                Some(Command::ManufacturerSpecific(report))
            }
            Command::Association(question) => self.answer_association(question).map(Command::Association),
            Command::AssociationGroupInformation(question) => {
                answer_group_information(question).map(Command::AssociationGroupInformation)
            }
            Command::Powerlevel(question) => answer_power(*question).map(Command::Powerlevel),
            Command::Time(question) => self.answer_time(question).map(Command::Time),
            Command::Security2(security_2::Command::CommandsSupportedGet) => {
                let class = asked.security.filter(|class| *class != SecurityClass::S0)?;
                let classes = classes_with(class, asked.granted);
                Some(Command::Security2(security_2::Command::CommandsSupportedReport { classes }))
            }
            Command::Security(security::Command::CommandsSupportedGet) => {
                let class = asked.security.filter(|class| *class == SecurityClass::S0)?;
                let classes = classes_with(class, asked.granted);
                Some(Command::Security(security::Command::CommandsSupportedReport { reports_to_follow: 0, classes }))
            }
            _ => None,
        }
    }

    /// A node puts others into our lifeline or takes them out. Says whether that changed anything.
    pub fn set(&mut self, command: &Command, asked: Asked) -> bool {
        let before = self.lifeline.clone();
        match command {
            _ if asked.security != asked.granted => {}
            Command::Association(association::Command::Set { group: LIFELINE, nodes }) => {
                for node in nodes {
                    if self.lifeline.len() < MOST_IN_LIFELINE {
                        self.lifeline.insert(*node);
                    }
                }
            }
            // Without a group, or without nodes, all are meant.
            Command::Association(association::Command::Remove { group: 0 | LIFELINE, nodes }) => {
                self.lifeline.retain(|node| !nodes.is_empty() && !nodes.contains(node));
            }
            _ => {}
        }
        self.lifeline != before
    }

    fn answer_version(&self, question: &version::Command) -> Option<version::Command> {
        let pair = |(major, minor)| version::MajorMinor { major, minor };
        match question {
            version::Command::Get => Some(version::Command::Report {
                library: self.library,
                protocol: pair(self.protocol),
                firmware: pair(self.program),
                hardware: Some(version::Hardware { version: 1, firmwares: Vec::new() }),
            }),
            version::Command::CommandClassGet { class } => {
                Some(version::Command::CommandClassReport { class: *class, version: version_of(*class) })
            }
            version::Command::CapabilitiesGet => {
                Some(version::Command::CapabilitiesReport { capabilities: VERSION_CAPABILITIES })
            }
            _ => None,
        }
    }

    fn answer_association(&self, question: &association::Command) -> Option<association::Command> {
        match question {
            // Of a group that there is not, the first is told (SDS13782).
            association::Command::Get { .. } => Some(association::Command::Report {
                group: LIFELINE,
                most_nodes: MOST_IN_LIFELINE as u8,
                reports_to_follow: 0,
                nodes: self.lifeline.iter().copied().collect(),
            }),
            association::Command::SupportedGroupingsGet => {
                Some(association::Command::SupportedGroupingsReport { groups: 1 })
            }
            association::Command::SpecificGroupGet => Some(association::Command::SpecificGroupReport { group: 0 }),
            _ => None,
        }
    }

    fn answer_time(&self, question: &time::Command) -> Option<time::Command> {
        let (date, time) = self.clock?;
        match question {
            time::Command::TimeGet => Some(time::Command::TimeReport { time, clock_failure: false }),
            time::Command::DateGet => Some(time::Command::DateReport { date }),
            _ => None,
        }
    }
}

fn plus_info() -> Command {
    Command::ZWavePlusInfo(z_wave_plus_info::Command::Report {
        plus_version: PLUS_VERSION,
        role_type: ROLE_TYPE,
        node_type: NODE_TYPE,
        icons: Some(z_wave_plus_info::Icons { installer: ICON, user: ICON }),
    })
}

/// The power is the stick's own, and nobody but people tests it.
fn answer_power(question: powerlevel::Command) -> Option<powerlevel::Command> {
    let (power, seconds) = NORMAL_POWER;
    match question {
        powerlevel::Command::Get => Some(powerlevel::Command::Report { power, seconds }),
        powerlevel::Command::TestNodeGet => {
            Some(powerlevel::Command::TestNodeReport { node: 0, status: 0, acknowledged: 0 })
        }
        _ => None,
    }
}

/// Classes are supported with a node's own security only; with another of its keys, none is.
fn classes_with(class: SecurityClass, granted: Option<SecurityClass>) -> Vec<u8> {
    if granted == Some(class) { numbers(PROTECTED).collect() } else { Vec::new() }
}

fn answer_group_information(question: &group_information::Command) -> Option<group_information::Command> {
    let device_reset_locally = [CommandClass::DEVICE_RESET_LOCALLY.bytes(), vec![0x01]].concat();
    match question {
        group_information::Command::NameGet { .. } => {
            Some(group_information::Command::NameReport { group: LIFELINE, name: b"Lifeline".to_vec() })
        }
        group_information::Command::InfoGet { list, .. } => Some(group_information::Command::InfoReport {
            list: *list,
            is_dynamic: false,
            groups: vec![group_information::Group { group: LIFELINE, profile: group_information::LIFELINE }],
        }),
        group_information::Command::CommandListGet { .. } => {
            Some(group_information::Command::CommandListReport { group: LIFELINE, commands: device_reset_locally })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN_NODE: Asked = Asked { security: None, granted: None };
    const SECURE_NODE: Asked =
        Asked { security: Some(SecurityClass::S2Authenticated), granted: Some(SecurityClass::S2Authenticated) };
    const WITHOUT_ITS_KEY: Asked = Asked { security: None, granted: Some(SecurityClass::S2Authenticated) };
    const WITH_LESSER_KEY: Asked =
        Asked { security: Some(SecurityClass::S2Unauthenticated), granted: Some(SecurityClass::S2Authenticated) };

    fn ourselves() -> Ourselves {
        Ourselves {
            library: 7,
            protocol: (7, 18),
            program: (0, 3),
            identity: (0x0086, 1, 0x5A),
            lifeline: BTreeSet::from([9]),
            clock: Some((Date { year: 2026, month: 11, day: 26 }, Time { hour: 15, minute: 7, second: 2 })),
        }
    }

    fn answer(question: &[u8], asked: Asked) -> Option<Vec<u8>> {
        let command = Command::decode(0, question).unwrap();
        ourselves().answer(&command, asked).map(|answer| answer.encode())
    }

    /// Question and answer.
    const ANSWERS: &[(&[u8], &[u8])] = &[
        (&[0x5E, 0x01], &[0x5E, 0x02, 2, 0, 0, 5, 0, 5, 0]),
        (&[0x86, 0x11], &[0x86, 0x12, 7, 7, 18, 0, 3, 1, 0]),
        (&[0x86, 0x13, 0x85], &[0x86, 0x14, 0x85, 2]),
        (&[0x86, 0x13, 0x25], &[0x86, 0x14, 0x25, 0]),
        (&[0x86, 0x15], &[0x86, 0x16, 3]),
        (&[0x72, 0x04], &[0x72, 0x05, 0, 0x86, 0, 1, 0, 0x5A]),
        (&[0x85, 0x02, 1], &[0x85, 0x03, 1, 5, 0, 9]),
        (&[0x85, 0x02, 7], &[0x85, 0x03, 1, 5, 0, 9]),
        (&[0x85, 0x05], &[0x85, 0x06, 1]),
        (&[0x85, 0x0B], &[0x85, 0x0C, 0]),
        (&[0x59, 0x01, 1], b"\x59\x02\x01\x08Lifeline"),
        (&[0x59, 0x03, 0x40, 0], &[0x59, 0x04, 0x81, 1, 0, 0, 1, 0, 0, 0]),
        (&[0x59, 0x05, 0, 1], &[0x59, 0x06, 1, 2, 0x5A, 0x01]),
        (&[0x73, 0x02], &[0x73, 0x03, 0, 0]),
        (&[0x73, 0x05], &[0x73, 0x06, 0, 0, 0, 0]),
        (&[0x8A, 0x01], &[0x8A, 0x02, 15, 7, 2]),
        (&[0x8A, 0x03], &[0x8A, 0x04, 0x07, 0xEA, 11, 26]),
    ];

    #[test]
    fn what_is_asked_is_answered() {
        for (question, expected) in ANSWERS {
            for asked in [PLAIN_NODE, SECURE_NODE] {
                assert_eq!(answer(question, asked).as_deref(), Some(*expected), "{question:02x?}");
            }
        }
    }

    #[test]
    fn who_has_keys_is_not_heard_without_them() {
        for (question, _) in ANSWERS.iter().filter(|(question, _)| question[0] != 0x5E) {
            assert_eq!(answer(question, WITHOUT_ITS_KEY), None, "{question:02x?}");
            assert_eq!(answer(question, WITH_LESSER_KEY), None, "{question:02x?}");
        }
        assert!(answer(&[0x5E, 0x01], WITHOUT_ITS_KEY).is_some());
    }

    #[test]
    fn reports_and_commands_are_not_questions() {
        for command in [&[0x86, 0x14, 0x25, 1][..], &[0x25, 0x02], &[0x73, 0x01, 1, 1], &[0x85, 0x01, 1, 2]] {
            assert_eq!(answer(command, SECURE_NODE), None, "{command:02x?}");
        }
    }

    #[test]
    fn classes_are_supported_with_the_highest_key_only() {
        let list = [&[0x9F, 0x0E][..], &numbers(PROTECTED).collect::<Vec<u8>>()].concat();
        assert_eq!(answer(&[0x9F, 0x0D], SECURE_NODE), Some(list));
        assert_eq!(answer(&[0x9F, 0x0D], WITH_LESSER_KEY), Some(vec![0x9F, 0x0E]));
        assert_eq!(answer(&[0x9F, 0x0D], PLAIN_NODE), None);
        let s0 = Asked { security: Some(SecurityClass::S0), granted: Some(SecurityClass::S0) };
        assert!(answer(&[0x98, 0x02], s0).unwrap().starts_with(&[0x98, 0x03, 0, 0x86]));
        assert_eq!(answer(&[0x98, 0x02], SECURE_NODE), None);
    }

    #[test]
    fn an_unknown_time_is_not_told() {
        let ourselves = Ourselves { clock: None, ..ourselves() };
        let command = Command::decode(0, &[0x8A, 0x01]).unwrap();
        assert_eq!(ourselves.answer(&command, PLAIN_NODE), None);
    }

    #[test]
    fn the_lifeline_has_five_places() {
        let mut ourselves = ourselves();
        let mut set = |command: &[u8], asked| ourselves.set(&Command::decode(0, command).unwrap(), asked);
        assert!(!set(&[0x85, 0x01, 1, 2], WITHOUT_ITS_KEY));
        assert!(!set(&[0x85, 0x01, 2, 2], SECURE_NODE));
        assert!(set(&[0x85, 0x01, 1, 2, 3, 4, 5, 6, 7], SECURE_NODE));
        assert!(set(&[0x85, 0x04, 1, 2], SECURE_NODE));
        assert!(!set(&[0x85, 0x04, 1, 200], SECURE_NODE));
        assert_eq!(ourselves.lifeline, BTreeSet::from([3, 4, 5, 9]));
        assert!(ourselves.set(&Command::decode(0, &[0x85, 0x04, 0]).unwrap(), PLAIN_NODE));
        assert!(ourselves.lifeline.is_empty());
    }

    #[test]
    fn the_node_information_is_short_enough_for_every_stick() {
        let classes = command_classes();
        assert_eq!(classes[0], 0x5E, "Z-Wave Plus Info comes first");
        assert!(classes.len() <= crate::serial_api::application_node_information::MOST_COMMAND_CLASSES);
    }
}
