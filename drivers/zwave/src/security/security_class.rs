//! Security classes: how far a node is trusted.

/// A security class. The order is that of trust.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SecurityClass {
    /// Security 0, for old devices.
    S0,
    /// Security 2 without a check of who the node is.
    S2Unauthenticated,
    /// Security 2, the node checked by its PIN.
    S2Authenticated,
    /// Security 2 for locks and garage doors, the node checked by its PIN.
    S2AccessControl,
}

impl SecurityClass {
    /// All, the most trusted first.
    pub const ALL: [Self; 4] = [Self::S2AccessControl, Self::S2Authenticated, Self::S2Unauthenticated, Self::S0];

    /// The bit of requested and granted keys (KEX Report and KEX Set).
    pub fn bit(self) -> u8 {
        match self {
            Self::S2Unauthenticated => 0x01,
            Self::S2Authenticated => 0x02,
            Self::S2AccessControl => 0x04,
            Self::S0 => 0x80,
        }
    }

    /// The classes of a byte of keys, the most trusted first.
    pub fn of_bits(bits: u8) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |class| bits & class.bit() != 0)
    }

    /// The keys of classes, as a byte.
    pub fn bits_of(classes: impl IntoIterator<Item = Self>) -> u8 {
        classes.into_iter().fold(0, |bits, class| bits | class.bit())
    }

    /// Its name as a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::S0 => "s0",
            Self::S2Unauthenticated => "s2_unauthenticated",
            Self::S2Authenticated => "s2_authenticated",
            Self::S2AccessControl => "s2_access_control",
        }
    }

    /// The class of this name.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }

    /// Whether a person has to compare or type a part of the DSK.
    pub fn is_authenticated(self) -> bool {
        matches!(self, Self::S2Authenticated | Self::S2AccessControl)
    }
}
