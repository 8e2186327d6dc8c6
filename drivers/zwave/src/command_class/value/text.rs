//! Texts of nodes.

/// How a text is encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextEncoding {
    /// Seven bits.
    Ascii,
    /// The upper half as on old terminals; only its lower half is read.
    ExtendedAscii,
    /// Two bytes for each unit, the greater first.
    Utf16,
}

impl TextEncoding {
    pub(in crate::command_class) fn from_bits(bits: u8) -> Self {
        match bits & 0b111 {
            1 => Self::ExtendedAscii,
            2 => Self::Utf16,
            _ => Self::Ascii,
        }
    }

    pub(in crate::command_class) fn bits(self) -> u8 {
        match self {
            Self::Ascii => 0,
            Self::ExtendedAscii => 1,
            Self::Utf16 => 2,
        }
    }
}

/// A text that says how it is encoded; 16 bytes at most.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncodedText {
    /// How.
    pub encoding: TextEncoding,
    /// As it was sent.
    pub bytes: Vec<u8>,
}

impl EncodedText {
    /// The most bytes that a node keeps.
    pub const LONGEST: usize = 16;

    /// A text in the plainest encoding that can say it, cut to what a node keeps.
    pub fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Self { encoding: TextEncoding::Ascii, bytes: text.bytes().take(Self::LONGEST).collect() };
        }
        let mut bytes = Vec::new();
        for letter in text.chars() {
            let mut units = [0; 2];
            let letter: Vec<u8> = letter.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()).collect();
            if bytes.len() + letter.len() > Self::LONGEST {
                break;
            }
            bytes.extend(letter);
        }
        Self { encoding: TextEncoding::Utf16, bytes }
    }

    /// The text; what cannot be read becomes �.
    pub fn text(&self) -> String {
        match self.encoding {
            TextEncoding::Ascii => text_of(&self.bytes),
            TextEncoding::ExtendedAscii => {
                text_of(&self.bytes.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }).collect::<Vec<_>>())
            }
            TextEncoding::Utf16 => {
                let units = self.bytes.chunks_exact(2).filter_map(|unit| <[u8; 2]>::try_from(unit).ok());
                let letters = char::decode_utf16(units.map(u16::from_be_bytes));
                let text: String = letters.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
                text.trim_end_matches('\0').to_owned()
            }
        }
    }
}

/// A text in UTF-8, without the zeros that some devices pad with. What cannot be read becomes �.
pub fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_letters() {
        for (text, kept) in [
            ("Hall", "Hall"),
            ("Küche", "Küche"),
            ("a name that is too long", "a name that is t"),
            ("Wohnzimmergröße", "Wohnzimm"),
            ("🏠🏠🏠🏠🏠", "🏠🏠🏠🏠"),
        ] {
            assert_eq!(EncodedText::new(text).text(), kept);
        }
    }
}
