//! Reading a payload field by field, so that what is lacking has a name.

/// What is wrong with a payload.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Problem {
    /// It ends too early.
    #[error("it ends after {length} bytes, before {field} is complete")]
    TooShort {
        /// What should have been there.
        field: &'static str,
        /// How many bytes there are.
        length: usize,
    },
    /// A value that the specification does not know.
    #[error("{field} is {value:#04x}, which the specification does not know")]
    Unknown {
        /// Which value.
        field: &'static str,
        /// What it is.
        value: u8,
    },
    /// A value that contradicts the rest.
    #[error("{field} is {value}, {expected} was expected")]
    Unexpected {
        /// Which value.
        field: &'static str,
        /// What it is.
        value: usize,
        /// What it should have been.
        expected: &'static str,
    },
}

/// What of a payload is still to be read.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'payload> {
    payload: &'payload [u8],
    position: usize,
}

impl<'payload> Reader<'payload> {
    pub(crate) fn new(payload: &'payload [u8]) -> Self {
        Self { payload, position: 0 }
    }

    pub(crate) fn bytes(&mut self, count: usize, field: &'static str) -> Result<&'payload [u8], Problem> {
        let bytes = self.position.checked_add(count).and_then(|end| self.payload.get(self.position..end));
        let bytes = bytes.ok_or(Problem::TooShort { field, length: self.payload.len() })?;
        self.position += count;
        Ok(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Problem> {
        let length = self.payload.len();
        self.bytes(N, field)?.try_into().map_err(|_| Problem::TooShort { field, length })
    }

    pub(crate) fn byte(&mut self, field: &'static str) -> Result<u8, Problem> {
        Ok(u8::from_be_bytes(self.array(field)?))
    }

    pub(crate) fn signed_byte(&mut self, field: &'static str) -> Result<i8, Problem> {
        Ok(i8::from_be_bytes(self.array(field)?))
    }

    pub(crate) fn word(&mut self, field: &'static str) -> Result<u16, Problem> {
        Ok(u16::from_be_bytes(self.array(field)?))
    }

    /// As many bytes as the byte before them says.
    pub(crate) fn counted(&mut self, field: &'static str) -> Result<&'payload [u8], Problem> {
        let count = self.byte(field)?;
        self.bytes(count.into(), field)
    }

    /// Everything that is left; nothing is left afterwards.
    pub(crate) fn rest(&mut self) -> &'payload [u8] {
        let rest = self.payload.get(self.position..).unwrap_or_default();
        self.position = self.payload.len();
        rest
    }

    pub(crate) fn remaining(&self) -> usize {
        self.payload.len() - self.position
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }
}

/// The length of what fits into one frame, as the byte before it. What is longer is refused where the frame is made.
pub(crate) fn length_byte(bytes: &[u8]) -> u8 {
    u8::try_from(bytes.len()).unwrap_or(u8::MAX)
}

/// A closed list of named bytes. What is not in it reads as [`Problem::Unknown`].
macro_rules! named_bytes {
    ($(#[$meta:meta])* $name:ident, $field:literal { $($(#[$variant_meta:meta])* $variant:ident = $value:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum $name { $($(#[$variant_meta])* $variant = $value,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The byte on the wire.
            pub fn to_byte(self) -> u8 {
                self as u8
            }

            /// The value of a byte.
            pub fn from_byte(byte: u8) -> Result<Self, $crate::read::Problem> {
                let known = Self::ALL.iter().copied().find(|value| value.to_byte() == byte);
                known.ok_or($crate::read::Problem::Unknown { field: $field, value: byte })
            }
        }
    };
}
pub(crate) use named_bytes;
