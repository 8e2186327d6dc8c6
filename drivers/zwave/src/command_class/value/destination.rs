//! Nodes and their Multi Channel endpoints as destinations.

/// Endpoints of one node (Multi Channel, version 3: one, or several of the first seven at once).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Endpoints {
    /// One of 0–127; 0 is the root device.
    One(u8),
    /// Several at once: bit 0 is endpoint 1, bit 6 endpoint 7.
    Mask(u8),
}

impl Endpoints {
    /// The endpoints that are meant, rising.
    pub fn numbers(self) -> impl Iterator<Item = u8> {
        let (first, mask) = match self {
            Self::One(endpoint) => (endpoint, 1),
            Self::Mask(mask) => (1, mask),
        };
        (0..7).filter(move |bit| mask & (1 << bit) != 0).map(move |bit| first.saturating_add(bit))
    }
}

impl From<u8> for Endpoints {
    fn from(byte: u8) -> Self {
        if byte & 0x80 == 0 { Self::One(byte) } else { Self::Mask(byte & 0x7f) }
    }
}

impl From<Endpoints> for u8 {
    fn from(endpoints: Endpoints) -> Self {
        match endpoints {
            Endpoints::One(endpoint) => endpoint & 0x7f,
            Endpoints::Mask(mask) => mask | 0x80,
        }
    }
}

/// An endpoint of another node. Command classes have 8 bits for a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Destination {
    /// The node, 1–232.
    pub node: u8,
    /// Its endpoints.
    pub endpoints: Endpoints,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_one_or_several() {
        assert_eq!(Endpoints::from(0x85), Endpoints::Mask(0b101));
        assert_eq!(Endpoints::Mask(0b101).numbers().collect::<Vec<_>>(), [1, 3]);
        assert_eq!(Endpoints::One(9).numbers().collect::<Vec<_>>(), [9]);
        assert!((0..=255).all(|byte: u8| u8::from(Endpoints::from(byte)) == byte));
    }
}
