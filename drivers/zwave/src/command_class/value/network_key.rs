//! Network keys on their way to a node.

/// A network key. It opens everything, and is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct NetworkKey(pub [u8; 16]);

impl std::fmt::Debug for NetworkKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("(a key)")
    }
}
