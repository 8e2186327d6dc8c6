//! What is known of a node, as text to keep: the node's own words, which are read again as if it said them anew.

use std::fmt::Write;

use super::known::{Asked, Known};
use crate::command_class::Command;
use crate::read::Reader;
use crate::security::SecurityClass;
use crate::serial_api::node_information::{CommandClasses, NodeInformation};
use crate::serial_api::node_protocol_information::NodeProtocolInformation;

/// The format; what is of another is not read, and the node asked anew.
const VERSION: &str = "zwave-node 1";

/// What was kept of a node cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("what was kept of the node cannot be read at line {line}; it is asked anew")]
pub struct CacheError {
    /// Which line, from 1.
    pub line: usize,
}

/// The words for security classes.
const CLASSES: &[(&str, Option<SecurityClass>)] = &[
    ("-", None),
    ("s0", Some(SecurityClass::S0)),
    ("s2_unauthenticated", Some(SecurityClass::S2Unauthenticated)),
    ("s2_authenticated", Some(SecurityClass::S2Authenticated)),
    ("s2_access_control", Some(SecurityClass::S2AccessControl)),
];

fn word(class: Option<SecurityClass>) -> &'static str {
    CLASSES.iter().find(|(_, known)| *known == class).map_or("-", |(word, _)| word)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?, 16).ok())
        .collect()
}

impl Known {
    /// The text to keep.
    pub fn to_text(&self) -> String {
        let mut lines = vec![VERSION.to_owned(), format!("security {}", word(self.security))];
        if let Some(information) = &self.information {
            let classes =
                [&information.command_classes.supported[..], &[0xEF], &information.command_classes.controlled];
            let classes = classes.concat().into_iter().flat_map(|class| match u8::try_from(class) {
                Ok(byte) => vec![byte],
                Err(_) => class.to_be_bytes().to_vec(),
            });
            lines.push(format!("information {} {}", hex(&information.device_class), hex(&classes.collect::<Vec<_>>())));
        }
        let line =
            |kind: &str, (endpoint, class, bytes): &Asked| format!("{kind} {endpoint} {} {}", word(*class), hex(bytes));
        lines.extend(self.said.iter().map(|said| line("said", said)));
        lines.extend(self.asked.iter().map(|asked| line("asked", asked)));
        lines.join("\n")
    }

    /// What was kept.
    pub fn from_text(protocol: NodeProtocolInformation, text: &str) -> Result<Self, CacheError> {
        let mut known = Self::new(protocol);
        let mut lines = text.lines().enumerate();
        if lines.next().is_none_or(|(_, line)| line != VERSION) {
            return Err(CacheError { line: 1 });
        }
        for (index, line) in lines.take(2 * super::known::MOST_SAID) {
            known.read_line(line).ok_or(CacheError { line: index + 1 })?;
        }
        Ok(known)
    }

    fn read_line(&mut self, line: &str) -> Option<()> {
        let mut words = line.split(' ');
        match words.next()? {
            "security" => {
                let class = words.next()?;
                self.security = CLASSES.iter().find(|(word, _)| *word == class)?.1;
            }
            "information" => {
                let device_class = unhex(words.next()?)?;
                let device_class = Reader::new(&device_class).array("device class").ok()?;
                let command_classes = CommandClasses::from_bytes(&unhex(words.next()?)?);
                self.handle_information(&NodeInformation { device_class, command_classes });
            }
            kind @ ("said" | "asked") => {
                let endpoint = words.next()?.parse().ok()?;
                let class = words.next()?;
                let class = CLASSES.iter().find(|(word, _)| *word == class)?.1;
                let bytes = unhex(words.next()?)?;
                if kind == "asked" {
                    self.asked.insert((endpoint, class, bytes));
                    return Some(());
                }
                if let Ok(command) = self.decode(endpoint, &bytes)
                    && let Some(endpoint) = self.endpoint_of(endpoint, command.class())
                {
                    self.handle_command(endpoint, class, &command);
                }
                self.said.push((endpoint, class, bytes));
            }
            _ => return None,
        }
        Some(())
    }

    /// Reads a command as this node means it.
    pub fn decode(&self, endpoint: u8, bytes: &[u8]) -> Result<Command, crate::command_class::Malformed> {
        let class = bytes.first().map(|byte| crate::command_class::CommandClass(u16::from(*byte)));
        let known = self.node.endpoints.get(&endpoint);
        let version = class.and_then(|class| known?.versions.get(&class).copied()).unwrap_or_default();
        Command::decode(version, bytes).map(|command| self.as_meant(command))
    }
}
