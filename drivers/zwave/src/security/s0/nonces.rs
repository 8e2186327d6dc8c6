//! Nonces that we gave to nodes: each is good for one frame, and not for long.

use std::collections::VecDeque;
use std::time::Duration;

use hub_model::Monotonic;

use crate::node_id::NodeId;

/// Half of an initialization vector. Its first byte is its name in frames.
pub type S0Nonce = [u8; 8];

/// How long a nonce is good. The specification allows 3 to 20 s.
pub const LIFETIME: Duration = Duration::from_secs(10);
/// How many nonces are open. When there are more, the oldest is forgotten.
const MOST: usize = 64;

/// The open nonces.
#[derive(Debug, Default)]
pub struct Nonces {
    /// The oldest first.
    open: VecDeque<Issued>,
}

#[derive(Debug)]
struct Issued {
    nonce: S0Nonce,
    to: NodeId,
    until: Monotonic,
}

impl Nonces {
    /// Makes a nonce for a node of eight random bytes; the first is changed if another open nonce begins with it, or if
    /// it is zero.
    pub fn issue(&mut self, now: Monotonic, to: NodeId, mut random: S0Nonce) -> S0Nonce {
        self.open.retain(|issued| issued.until > now);
        while self.open.len() >= MOST {
            self.open.pop_front();
        }
        while random[0] == 0 || self.open.iter().any(|issued| issued.nonce[0] == random[0]) {
            random[0] = random[0].wrapping_add(1);
        }
        self.open.push_back(Issued { nonce: random, to, until: now.plus(LIFETIME) });
        random
    }

    /// The nonce of a frame from a node. It is used up by that, whatever becomes of the frame.
    pub fn take(&mut self, now: Monotonic, from: NodeId, id: u8) -> Option<S0Nonce> {
        let place = self.open.iter().position(|issued| issued.nonce[0] == id && issued.to == from)?;
        self.open.remove(place).filter(|issued| issued.until > now).map(|issued| issued.nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Monotonic {
        Monotonic(Duration::from_secs(seconds))
    }

    #[test]
    fn a_nonce_is_good_once_for_its_node_and_not_for_long() {
        let mut nonces = Nonces::default();
        let nonce = nonces.issue(at(0), NodeId(5), [7; 8]);
        assert_eq!(nonces.take(at(1), NodeId(6), 7), None);
        assert_eq!(nonces.take(at(1), NodeId(5), 7), Some(nonce));
        assert_eq!(nonces.take(at(1), NodeId(5), 7), None);
        nonces.issue(at(1), NodeId(5), [7; 8]);
        assert_eq!(nonces.take(at(11), NodeId(5), 7), None);
    }

    #[test]
    fn names_differ_and_memory_is_bounded() {
        let mut nonces = Nonces::default();
        let names: Vec<u8> = (0..200).map(|_| nonces.issue(at(0), NodeId(5), [0; 8])[0]).collect();
        assert!(!names.contains(&0));
        assert_eq!(nonces.open.len(), MOST);
        let mut open: Vec<u8> = nonces.open.iter().map(|issued| issued.nonce[0]).collect();
        open.sort_unstable();
        open.dedup();
        assert_eq!(open.len(), MOST);
    }
}
