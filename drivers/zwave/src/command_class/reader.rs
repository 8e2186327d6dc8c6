//! Reads the bytes of one command from the front. Fields that a later version added may be missing; bytes that a later
//! version added are left alone.

use super::value::{BitMask, Date, DateTime, Duration, EncodedText, Level, ScaledNumber, Target, TextEncoding, Time};
use super::{CommandClass, Malformed, value};

/// The bytes of one command, and how far they are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    class: CommandClass,
    command: u8,
    version: u8,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads command class and command. A frame of No Operation ends behind its class.
    pub(super) fn new(version: u8, bytes: &'a [u8]) -> Result<Self, Malformed> {
        let first = *bytes.first().ok_or(Malformed::Empty)?;
        let mut reader = Self { class: CommandClass(u16::from(first)), command: 0, version, bytes, at: 1 };
        // Classes from 0xF1 on take two bytes.
        if first > 0xf0 {
            let second = reader.byte("the second byte of the command class")?;
            reader.class = CommandClass(u16::from_be_bytes([first, second]));
        }
        if reader.class != CommandClass::NO_OPERATION {
            reader.command = reader.byte("the command")?;
        }
        Ok(reader)
    }

    pub(super) fn class(&self) -> CommandClass {
        self.class
    }

    pub(super) fn command(&self) -> u8 {
        self.command
    }

    /// The class's version that the sender has; 0 = not known.
    pub(super) fn version(&self) -> u8 {
        self.version
    }

    fn too_short(&self, field: &'static str) -> Malformed {
        Malformed::TooShort { class: self.class, command: self.command, byte: self.bytes.len(), field }
    }

    /// The error for a command that is not known.
    pub(super) fn unknown_command<T>(&self) -> Result<T, Malformed> {
        Err(Malformed::UnknownCommand { class: self.class, command: self.command })
    }

    /// The error for the byte that was read last.
    pub(super) fn invalid<T>(&self, field: &'static str, value: u8, expected: &'static str) -> Result<T, Malformed> {
        let (class, command) = (self.class, self.command);
        Err(Malformed::Invalid { class, command, byte: self.at.saturating_sub(1), field, value, expected })
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// The next byte, where there is one.
    pub(super) fn next(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// The next byte, which is not taken.
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn byte(&mut self, field: &'static str) -> Result<u8, Malformed> {
        self.next().ok_or_else(|| self.too_short(field))
    }

    /// The next bytes, or none of them.
    pub(super) fn slice(&mut self, length: usize, field: &'static str) -> Result<&'a [u8], Malformed> {
        let slice = self.at.checked_add(length).and_then(|end| self.bytes.get(self.at..end));
        let slice = slice.ok_or_else(|| self.too_short(field))?;
        self.at += length;
        Ok(slice)
    }

    pub(super) fn bytes(&mut self, length: u8, field: &'static str) -> Result<Vec<u8>, Malformed> {
        Ok(self.slice(usize::from(length), field)?.to_vec())
    }

    fn array<const LENGTH: usize>(&mut self, field: &'static str) -> Result<[u8; LENGTH], Malformed> {
        self.slice(LENGTH, field)?.try_into().map_err(|_| self.too_short(field))
    }

    pub(super) fn key<const LENGTH: usize>(&mut self, field: &'static str) -> Result<[u8; LENGTH], Malformed> {
        self.array(field)
    }

    /// 16 bits.
    pub(super) fn word(&mut self, field: &'static str) -> Result<u16, Malformed> {
        Ok(u16::from_be_bytes(self.array(field)?))
    }

    /// 16 bits, where they are there.
    pub(super) fn next_word(&mut self) -> Option<u16> {
        self.word("").ok()
    }

    /// 24 bits.
    pub(super) fn word24(&mut self, field: &'static str) -> Result<u32, Malformed> {
        let [high, middle, low] = self.array(field)?;
        Ok(u32::from_be_bytes([0, high, middle, low]))
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        let rest = self.bytes.get(self.at..).unwrap_or_default().to_vec();
        self.at = self.bytes.len();
        rest
    }

    pub(super) fn level(&mut self, field: &'static str) -> Result<Level, Malformed> {
        self.byte(field).map(Level)
    }

    pub(super) fn next_duration(&mut self) -> Option<Duration> {
        self.next().map(Duration)
    }

    /// Target level and duration, where both are there.
    pub(super) fn next_target(&mut self) -> Option<Target> {
        (self.left() >= 2).then(|| Some(Target { level: Level(self.next()?), duration: Duration(self.next()?) }))?
    }

    pub(super) fn mask(&mut self, length: u8, field: &'static str) -> Result<BitMask, Malformed> {
        self.bytes(length, field).map(BitMask)
    }

    /// A bit mask that takes all that is left, at least one byte.
    pub(super) fn rest_mask(&mut self, field: &'static str) -> Result<BitMask, Malformed> {
        self.peek().ok_or_else(|| self.too_short(field))?;
        Ok(BitMask(self.rest()))
    }

    /// A signed whole number of 1, 2 or 4 bytes.
    pub(super) fn signed(&mut self, size: u8, field: &'static str) -> Result<i32, Malformed> {
        let bytes = self.slice(usize::from(size), field)?;
        match value::signed(bytes) {
            Some(number) => Ok(number),
            None => self.invalid(field, size, "a number takes 1, 2 or 4 bytes"),
        }
    }

    /// Precision, scale, size and number.
    pub(super) fn number(&mut self, field: &'static str) -> Result<ScaledNumber, Malformed> {
        let header = self.byte(field)?;
        let (precision, scale, size) = (header >> 5, header >> 3 & 0b11, header & 0b111);
        if !matches!(size, 1 | 2 | 4) {
            return self.invalid(field, header, "a number takes 1, 2 or 4 bytes");
        }
        Ok(ScaledNumber { precision, scale, size, number: self.signed(size, field)? })
    }

    pub(super) fn date(&mut self, field: &'static str) -> Result<Date, Malformed> {
        Ok(Date { year: self.word(field)?, month: self.byte(field)?, day: self.byte(field)? })
    }

    pub(super) fn time(&mut self, field: &'static str) -> Result<Time, Malformed> {
        Ok(Time { hour: self.byte(field)?, minute: self.byte(field)?, second: self.byte(field)? })
    }

    pub(super) fn date_time(&mut self, field: &'static str) -> Result<DateTime, Malformed> {
        Ok(DateTime { date: self.date(field)?, time: self.time(field)? })
    }

    /// A byte that says how the text that follows is encoded, and at most 16 bytes of it.
    pub(super) fn text(&mut self, field: &'static str) -> Result<EncodedText, Malformed> {
        let encoding = TextEncoding::from_bits(self.byte(field)?);
        let mut bytes = self.rest();
        bytes.truncate(EncodedText::LONGEST);
        Ok(EncodedText { encoding, bytes })
    }
}
