//! Configuration, version 4: parameters in the maker's own numbers.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// How the bytes of a parameter are to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// A whole number with a sign; devices that do not say otherwise mean this.
    Signed,
    /// A whole number without one.
    Unsigned,
    /// One of several, without a sign.
    Enumerated,
    /// Bits.
    BitField,
    /// A number that has no meaning yet.
    Reserved(u8),
}

impl Format {
    fn from_bits(bits: u8) -> Self {
        match bits & 0b111 {
            0 => Self::Signed,
            1 => Self::Unsigned,
            2 => Self::Enumerated,
            3 => Self::BitField,
            other => Self::Reserved(other),
        }
    }

    fn bits(self) -> u8 {
        match self {
            Self::Signed => 0,
            Self::Unsigned => 1,
            Self::Enumerated => 2,
            Self::BitField => 3,
            Self::Reserved(other) => other & 0b111,
        }
    }
}

/// The value of a parameter: its bytes, 1, 2 or 4 of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParameterValue {
    /// How many bytes: 1, 2 or 4.
    pub size: u8,
    /// The bytes as a number with a sign.
    pub signed: i32,
}

impl ParameterValue {
    /// The number that is meant.
    pub fn number(self, format: Format) -> i64 {
        match (format, self.size) {
            (Format::Signed | Format::Reserved(_), _) => i64::from(self.signed),
            (_, 1) => i64::from(self.signed as u8),
            (_, 2) => i64::from(self.signed as u16),
            _ => i64::from(self.signed as u32),
        }
    }

    /// A number in so many bytes; what does not fit is clamped.
    pub fn new(number: i64, size: u8, format: Format) -> Self {
        let (size, bits) = match size {
            0 | 1 => (1, 8),
            2 => (2, 16),
            _ => (4, 32),
        };
        let (least, greatest) = match format {
            Format::Signed | Format::Reserved(_) => (-(1_i64 << (bits - 1)), (1_i64 << (bits - 1)) - 1),
            _ => (0, (1_i64 << bits) - 1),
        };
        let number = number.clamp(least, greatest);
        let signed = match size {
            1 => i32::from(number as i8),
            2 => i32::from(number as i16),
            _ => number as i32,
        };
        Self { size, signed }
    }
}

/// What a parameter is, from version 3 on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Properties {
    /// Its number.
    pub parameter: u16,
    /// How to read it.
    pub format: Format,
    /// Least, greatest and default value; none = there is no such parameter.
    pub range: Option<Range>,
    /// The number of the next parameter; 0 = this is the last.
    pub next: u16,
    /// Of version 4.
    pub flags: Option<Flags>,
}

/// The values that a parameter can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// The least.
    pub minimum: ParameterValue,
    /// The greatest; of bits, those that can be set.
    pub maximum: ParameterValue,
    /// What it is from the factory.
    pub default: ParameterValue,
}

/// What else is to be known of a parameter, from version 4 on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flags {
    /// A change of it changes what the node can do.
    pub alters_capabilities: bool,
    /// It cannot be set.
    pub is_read_only: bool,
    /// For those who know what they do.
    pub is_advanced: bool,
    /// Not in bulk commands.
    pub no_bulk: bool,
}

/// A command of Configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets every parameter back, from version 4 on.
    DefaultReset,
    /// Sets a parameter, or sets it back with no value.
    Set { parameter: u8, value: Option<ParameterValue> },
    /// Asks for a parameter.
    Get { parameter: u8 },
    /// The value of a parameter.
    Report { parameter: u8, value: ParameterValue },
    /// Sets parameters in a row, or sets them back; from version 2 on. All values have the size of the first.
    BulkSet { first: u16, count: u8, to_default: bool, handshake: bool, values: Vec<ParameterValue> },
    /// Asks for parameters in a row.
    BulkGet { first: u16, count: u8 },
    /// Values of parameters in a row.
    BulkReport { first: u16, reports_to_follow: u8, are_default: bool, handshake: bool, values: Vec<ParameterValue> },
    /// Asks for a parameter's name, from version 3 on.
    NameGet { parameter: u16 },
    /// A part of a parameter's name, in UTF-8; a letter may be cut in two.
    NameReport { parameter: u16, reports_to_follow: u8, name: Vec<u8> },
    /// Asks what a parameter is for, from version 3 on.
    InfoGet { parameter: u16 },
    /// A part of what a parameter is for, in UTF-8.
    InfoReport { parameter: u16, reports_to_follow: u8, info: Vec<u8> },
    /// Asks what a parameter is, from version 3 on; parameter 0 asks for the first.
    PropertiesGet { parameter: u16 },
    /// What a parameter is.
    PropertiesReport(Properties),
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const PARAMETER: &str = "the parameter";
        const FOLLOW: &str = "the reports to follow";
        Ok(match reader.command() {
            0x01 => Self::DefaultReset,
            0x04 => {
                let (parameter, flags) = (reader.byte(PARAMETER)?, reader.byte("the size")?);
                let to_default = flags & 0x80 != 0;
                let value = if to_default { None } else { Some(read_value(reader, flags & 0b111)?) };
                Self::Set { parameter, value }
            }
            0x05 => Self::Get { parameter: reader.byte(PARAMETER)? },
            0x06 => {
                let (parameter, size) = (reader.byte(PARAMETER)?, reader.byte("the size")? & 0b111);
                Self::Report { parameter, value: read_value(reader, size)? }
            }
            0x07 => {
                let (first, count) = (reader.word(PARAMETER)?, reader.byte("the number of parameters")?);
                let flags = reader.byte("the size")?;
                let (to_default, handshake) = (flags & 0x80 != 0, flags & 0x40 != 0);
                let values = if to_default { Vec::new() } else { read_values(reader, count, flags & 0b111)? };
                Self::BulkSet { first, count, to_default, handshake, values }
            }
            0x08 => Self::BulkGet { first: reader.word(PARAMETER)?, count: reader.byte("the number of parameters")? },
            0x09 => {
                let (first, count) = (reader.word(PARAMETER)?, reader.byte("the number of parameters")?);
                let (reports_to_follow, flags) = (reader.byte(FOLLOW)?, reader.byte("the size")?);
                let (are_default, handshake) = (flags & 0x80 != 0, flags & 0x40 != 0);
                let values = read_values(reader, count, flags & 0b111)?;
                Self::BulkReport { first, reports_to_follow, are_default, handshake, values }
            }
            0x0a => Self::NameGet { parameter: reader.word(PARAMETER)? },
            0x0b => Self::NameReport {
                parameter: reader.word(PARAMETER)?,
                reports_to_follow: reader.byte(FOLLOW)?,
                name: reader.rest(),
            },
            0x0c => Self::InfoGet { parameter: reader.word(PARAMETER)? },
            0x0d => Self::InfoReport {
                parameter: reader.word(PARAMETER)?,
                reports_to_follow: reader.byte(FOLLOW)?,
                info: reader.rest(),
            },
            0x0e => Self::PropertiesGet { parameter: reader.word(PARAMETER)? },
            0x0f => Self::PropertiesReport(read_properties(reader)?),
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::CONFIGURATION, command);
        match self {
            Self::DefaultReset => command(0x01),
            Self::Set { parameter, value: Some(value) } => {
                write_value(command(0x04).byte(*parameter).byte(value.size), value)
            }
            // A value must stand there, and counts for nothing.
            Self::Set { parameter, value: None } => command(0x04).byte(*parameter).byte(0x80 | 1).byte(0),
            Self::Get { parameter } => command(0x05).byte(*parameter),
            Self::Report { parameter, value } => write_value(command(0x06).byte(*parameter).byte(value.size), value),
            Self::BulkSet { first, count, to_default, handshake, values } => {
                let (values, size) = bulk(values);
                let count = if *to_default { *count } else { values.len() as u8 };
                let flags = super::writer::bits([(*to_default, 7), (*handshake, 6)]);
                command(0x07).word(*first).byte(count).byte(flags | size).each(values, write_value)
            }
            Self::BulkGet { first, count } => command(0x08).word(*first).byte(*count),
            Self::BulkReport { first, reports_to_follow, are_default, handshake, values } => {
                let (values, size) = bulk(values);
                let flags = super::writer::bits([(*are_default, 7), (*handshake, 6)]);
                let writer = command(0x09).word(*first).byte(values.len() as u8).byte(*reports_to_follow);
                writer.byte(flags | size).each(values, write_value)
            }
            Self::NameGet { parameter } => command(0x0a).word(*parameter),
            Self::NameReport { parameter, reports_to_follow, name } => {
                command(0x0b).word(*parameter).byte(*reports_to_follow).bytes(name)
            }
            Self::InfoGet { parameter } => command(0x0c).word(*parameter),
            Self::InfoReport { parameter, reports_to_follow, info } => {
                command(0x0d).word(*parameter).byte(*reports_to_follow).bytes(info)
            }
            Self::PropertiesGet { parameter } => command(0x0e).word(*parameter),
            Self::PropertiesReport(properties) => write_properties(command(0x0f), properties),
        }
    }
}

fn read_value(reader: &mut Reader<'_>, size: u8) -> Result<ParameterValue, Malformed> {
    Ok(ParameterValue { size, signed: reader.signed(size, "the value")? })
}

fn write_value(writer: Writer, value: &ParameterValue) -> Writer {
    writer.signed(value.signed, value.size)
}

fn read_values(reader: &mut Reader<'_>, count: u8, size: u8) -> Result<Vec<ParameterValue>, Malformed> {
    (0..count).map(|_| read_value(reader, size)).collect()
}

/// The values that have the size of the first, and as many as can be counted.
fn bulk(values: &[ParameterValue]) -> (&[ParameterValue], u8) {
    let size = values.first().map_or(1, |value| value.size);
    let same = values.iter().take(usize::from(u8::MAX)).take_while(|value| value.size == size).count();
    (values.get(..same).unwrap_or(values), size)
}

fn read_properties(reader: &mut Reader<'_>) -> Result<Properties, Malformed> {
    let (parameter, first) = (reader.word("the parameter")?, reader.byte("the format")?);
    let (format, size) = (Format::from_bits(first >> 3), first & 0b111);
    let range = match size {
        0 => None,
        _ => Some(Range {
            minimum: read_value(reader, size)?,
            maximum: read_value(reader, size)?,
            default: read_value(reader, size)?,
        }),
    };
    // Some devices end behind a parameter that they do not have.
    let next = match (range, reader.left()) {
        (None, 0) => 0,
        _ => reader.word("the next parameter")?,
    };
    let flags = reader.next().map(|second| Flags {
        alters_capabilities: first & 0x80 != 0,
        is_read_only: first & 0x40 != 0,
        is_advanced: second & 0b1 != 0,
        no_bulk: second & 0b10 != 0,
    });
    Ok(Properties { parameter, format, range, next, flags })
}

fn write_properties(writer: Writer, properties: &Properties) -> Writer {
    let flags = properties.flags.unwrap_or_default();
    let size = properties.range.map_or(0, |range| range.minimum.size);
    let first = super::writer::bits([(flags.alters_capabilities, 7), (flags.is_read_only, 6)]);
    let mut writer = writer.word(properties.parameter).byte(first | properties.format.bits() << 3 | size);
    if let Some(range) = properties.range {
        writer = [range.minimum, range.maximum, range.default].iter().fold(writer, write_value);
    }
    let second = properties.flags.map(|flags| super::writer::bits([(flags.is_advanced, 0), (flags.no_bulk, 1)]));
    writer.word(properties.next).optional(second)
}
