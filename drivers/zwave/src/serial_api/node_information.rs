//! What a node says of itself: device classes and command classes, as it stands in several functions.

use super::{NodeId, NodeIdWidth};
use crate::read::{Problem, Reader};

/// From here on a command class has two bytes.
const FIRST_EXTENDED: u8 = 0xF1;
/// Supported classes stand before it, controlled ones after it.
const SUPPORT_CONTROL_MARK: u8 = 0xEF;

/// Command classes by their numbers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CommandClasses {
    /// What the node can be asked to do.
    pub supported: Vec<u16>,
    /// What the node asks others to do.
    pub controlled: Vec<u16>,
}

impl CommandClasses {
    /// Reads a list; half a class at its end is left out.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut classes = Self::default();
        let mut after_mark = false;
        let mut rest = bytes.iter();
        while let Some(first) = rest.next() {
            let class = match *first {
                SUPPORT_CONTROL_MARK => {
                    after_mark = true;
                    continue;
                }
                FIRST_EXTENDED.. => match rest.next() {
                    Some(second) => u16::from_be_bytes([*first, *second]),
                    None => break,
                },
                class => u16::from(class),
            };
            if after_mark { &mut classes.controlled } else { &mut classes.supported }.push(class);
        }
        classes
    }
}

/// A node information frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeInformation {
    /// Basic, generic and specific device class.
    pub device_class: [u8; 3],
    /// What it can do.
    pub command_classes: CommandClasses,
}

impl NodeInformation {
    /// Node, length, and as many bytes; `None` where the length says that nothing is known.
    pub(crate) fn read_of_node(reader: &mut Reader<'_>, nodes: NodeIdWidth) -> Result<(NodeId, Option<Self>), Problem> {
        let node = nodes.read(reader, "node")?;
        let information = reader.counted("node information")?;
        Ok((node, if information.is_empty() { None } else { Some(Self::read(&mut Reader::new(information))?) }))
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        Ok(Self {
            device_class: reader.array("device class")?,
            command_classes: CommandClasses::from_bytes(reader.rest()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_before_and_after_the_mark() {
        let classes = CommandClasses::from_bytes(&[0x5E, 0xF1, 0x00, 0xEF, 0x20, 0xF2]);
        assert_eq!(classes, CommandClasses { supported: vec![0x5E, 0xF100], controlled: vec![0x20] });
    }
}
