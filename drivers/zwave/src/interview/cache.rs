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

/// The word for no security class.
const NO_CLASS: &str = "-";

fn word(class: Option<SecurityClass>) -> &'static str {
    class.map_or(NO_CLASS, SecurityClass::word)
}

fn class_of(word: &str) -> Option<Option<SecurityClass>> {
    if word == NO_CLASS { Some(None) } else { SecurityClass::of_word(word).map(Some) }
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
        lines.extend(self.keys_missing.then(|| "keys missing".to_owned()));
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
        if known.keys_missing {
            // A backup may have brought them back.
            known.forget_search_for_keys();
        }
        Ok(known)
    }

    fn read_line(&mut self, line: &str) -> Option<()> {
        let mut words = line.split(' ');
        match words.next()? {
            "security" => {
                self.security = class_of(words.next()?)?;
            }
            "keys" => self.keys_missing = words.next()? == "missing",
            "information" => {
                let device_class = unhex(words.next()?)?;
                let device_class = Reader::new(&device_class).array("device class").ok()?;
                let command_classes = CommandClasses::from_bytes(&unhex(words.next()?)?);
                self.handle_information(&NodeInformation { device_class, command_classes });
            }
            kind @ ("said" | "asked") => {
                let endpoint = words.next()?.parse().ok()?;
                let class = class_of(words.next()?)?;
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
