//! Writes the bytes of one command, field by field.

use super::CommandClass;
use super::value::{BitMask, Date, DateTime, EncodedText, ScaledNumber, Target, Time};

/// The bytes written so far. Lists are cut to what their length field can say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// Command class and command.
    pub(super) fn new(class: CommandClass, command: u8) -> Self {
        Self::class(class).byte(command)
    }

    /// The command class alone.
    pub(super) fn class(class: CommandClass) -> Self {
        Self(class.bytes())
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn byte(mut self, byte: impl Into<u8>) -> Self {
        self.0.push(byte.into());
        self
    }

    /// A field of a later version: written where it is given.
    pub(super) fn optional(self, byte: Option<impl Into<u8>>) -> Self {
        match byte {
            Some(byte) => self.byte(byte),
            None => self,
        }
    }

    /// Bits of one byte: each with its place.
    pub(super) fn flags<const COUNT: usize>(self, flags: [(bool, u8); COUNT]) -> Self {
        self.byte(bits(flags))
    }

    pub(super) fn word(mut self, word: u16) -> Self {
        self.0.extend(word.to_be_bytes());
        self
    }

    /// The lower 24 bits; what is greater is clamped.
    pub(super) fn word24(mut self, word: u32) -> Self {
        let [_, high, middle, low] = word.min(0x00ff_ffff).to_be_bytes();
        self.0.extend([high, middle, low]);
        self
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// One byte with the length (of `bits` bits, under the `flags`), then the bytes.
    pub(super) fn counted(self, flags: u8, bits: u32, bytes: &[u8]) -> Self {
        let most = (1_usize << bits.min(8)) - 1;
        let bytes = bytes.get(..most).unwrap_or(bytes);
        // At most 255.
        self.byte(flags | bytes.len() as u8).bytes(bytes)
    }

    pub(super) fn mask(self, mask: &BitMask) -> Self {
        self.bytes(&mask.0)
    }

    pub(super) fn target(self, target: Option<Target>) -> Self {
        match target {
            Some(target) => self.byte(target.level).byte(target.duration),
            None => self,
        }
    }

    pub(super) fn signed(self, number: i32, size: u8) -> Self {
        self.bytes(&super::value::last_bytes(number, size))
    }

    pub(super) fn number(self, number: ScaledNumber) -> Self {
        self.byte(number.header()).signed(number.number, number.size)
    }

    pub(super) fn date(self, date: Date) -> Self {
        self.word(date.year).byte(date.month).byte(date.day)
    }

    pub(super) fn time(self, time: Time) -> Self {
        self.byte(time.hour).byte(time.minute).byte(time.second)
    }

    pub(super) fn date_time(self, date_time: DateTime) -> Self {
        self.date(date_time.date).time(date_time.time)
    }

    pub(super) fn text(self, text: &EncodedText) -> Self {
        self.byte(text.encoding.bits()).bytes(text.bytes.get(..EncodedText::LONGEST).unwrap_or(&text.bytes))
    }

    /// Each of these.
    pub(super) fn each<T>(self, items: impl IntoIterator<Item = T>, write: impl Fn(Self, T) -> Self) -> Self {
        items.into_iter().fold(self, write)
    }
}

/// Bits of one byte: each with its place.
pub(super) fn bits<const COUNT: usize>(flags: [(bool, u8); COUNT]) -> u8 {
    flags.into_iter().filter(|(set, _)| *set).fold(0, |byte, (_, place)| byte | 1 << (place & 0b111))
}
