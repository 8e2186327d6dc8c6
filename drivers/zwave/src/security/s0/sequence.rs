//! Commands too long for one Security 0 frame: two parts, each in a frame with a nonce of its own.

use std::collections::VecDeque;
use std::time::Duration;

use hub_model::Monotonic;

use super::encapsulation::OVERHEAD;
use crate::node_id::NodeId;

const SEQUENCED: u8 = 0x10;
const SECOND: u8 = 0x20;
const COUNTER: u8 = 0x0F;

/// What one frame carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// A whole command.
    Whole(Vec<u8>),
    /// The beginning of one; the sender wants a nonce for the rest.
    First {
        /// The same for both parts, 0 to 15.
        counter: u8,
        /// The beginning.
        bytes: Vec<u8>,
    },
    /// The rest.
    Second {
        /// The same for both parts, 0 to 15.
        counter: u8,
        /// The rest.
        bytes: Vec<u8>,
    },
}

impl Part {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) | Self::First { bytes, .. } | Self::Second { bytes, .. } => bytes,
        }
    }

    pub(super) fn wants_nonce(&self) -> bool {
        matches!(self, Self::First { .. })
    }

    pub(super) fn control(&self) -> u8 {
        match self {
            Self::Whole(_) => 0,
            Self::First { counter, .. } => SEQUENCED | counter & COUNTER,
            Self::Second { counter, .. } => SEQUENCED | SECOND | counter & COUNTER,
        }
    }

    pub(super) fn from_control(control: u8, bytes: Vec<u8>) -> Self {
        let counter = control & COUNTER;
        match (control & SEQUENCED != 0, control & SECOND != 0) {
            (false, _) => Self::Whole(bytes),
            (true, false) => Self::First { counter, bytes },
            (true, true) => Self::Second { counter, bytes },
        }
    }
}

/// The command does not even fit into two frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{length} bytes do not fit into two Security 0 frames of {longest_frame}: send less at once")]
pub struct TooLong {
    /// Of the command.
    pub length: usize,
    /// Of a frame.
    pub longest_frame: usize,
}

/// One part or two, for frames of `longest_frame` bytes at most.
pub fn split(command: &[u8], longest_frame: usize, counter: u8) -> Result<(Part, Option<Part>), TooLong> {
    let room = longest_frame.saturating_sub(OVERHEAD);
    if command.len() <= room {
        return Ok((Part::Whole(command.to_vec()), None));
    }
    if command.len() > 2 * room {
        return Err(TooLong { length: command.len(), longest_frame });
    }
    let (first, second) = command.split_at(room);
    Ok((Part::First { counter, bytes: first.to_vec() }, Some(Part::Second { counter, bytes: second.to_vec() })))
}

/// How long a first part waits for its second.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many first parts wait. When there are more, the oldest is forgotten.
const MOST: usize = 16;

/// First parts that wait for their second.
#[derive(Debug, Default)]
pub struct Reassembly {
    waiting: VecDeque<First>,
}

#[derive(Debug)]
struct First {
    from: NodeId,
    counter: u8,
    bytes: Vec<u8>,
    until: Monotonic,
}

impl Reassembly {
    /// Takes a part, and gives the command if it is whole.
    pub fn handle_part(&mut self, now: Monotonic, from: NodeId, part: Part) -> Option<Vec<u8>> {
        self.waiting.retain(|first| first.until > now);
        match part {
            Part::Whole(bytes) => Some(bytes),
            Part::First { counter, bytes } => {
                self.waiting.retain(|first| first.from != from);
                while self.waiting.len() >= MOST {
                    self.waiting.pop_front();
                }
                self.waiting.push_back(First { from, counter, bytes, until: now.plus(PATIENCE) });
                None
            }
            Part::Second { counter, bytes } => {
                let place = self.waiting.iter().position(|first| first.from == from && first.counter == counter)?;
                self.waiting.remove(place).map(|first| [first.bytes, bytes].concat())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId(10);

    fn at(seconds: u64) -> Monotonic {
        Monotonic(Duration::from_secs(seconds))
    }

    #[test]
    fn two_parts_become_one_command() {
        let command: Vec<u8> = (0..40).collect();
        let (first, second) = split(&command, 46, 5).unwrap();
        assert_eq!((first.control(), first.bytes().len()), (0x15, 26));
        let second = second.unwrap();
        assert_eq!(Part::from_control(second.control(), second.bytes().to_vec()), second);
        let mut reassembly = Reassembly::default();
        assert_eq!(reassembly.handle_part(at(0), NODE, first), None);
        assert_eq!(reassembly.handle_part(at(1), NodeId(11), second.clone()), None);
        assert_eq!(reassembly.handle_part(at(1), NODE, second.clone()), Some(command));
        assert_eq!(reassembly.handle_part(at(1), NODE, second), None);
    }

    #[test]
    fn a_second_part_that_comes_too_late_is_nothing() {
        let (first, second) = split(&[7; 30], 46, 5).unwrap();
        let mut reassembly = Reassembly::default();
        assert_eq!(reassembly.handle_part(at(0), NODE, first), None);
        assert_eq!(reassembly.handle_part(at(10), NODE, second.unwrap()), None);
    }

    #[test]
    fn what_fits_is_not_split_and_what_never_fits_is_refused() {
        assert_eq!(split(&[1; 26], 46, 0), Ok((Part::Whole(vec![1; 26]), None)));
        assert_eq!(split(&[1; 53], 46, 0), Err(TooLong { length: 53, longest_frame: 46 }));
    }

    #[test]
    fn memory_is_bounded() {
        let mut reassembly = Reassembly::default();
        for node in 0..100 {
            reassembly.handle_part(at(0), NodeId(node), Part::First { counter: 0, bytes: vec![0; 50] });
        }
        assert_eq!(reassembly.waiting.len(), MOST);
    }
}
