//! Meter, version 6: what is consumed and produced.

use super::reader::Reader;
use super::value::{BitMask, ScaledNumber};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Type, scale, name and unit; the unit is empty where there is none.
pub const SCALES: &[(u8, u8, &str, &str)] = &[
    (ELECTRIC, 0, "kWh", "kWh"),
    (ELECTRIC, 1, "kVAh", "kVAh"),
    (ELECTRIC, 2, "W", "W"),
    (ELECTRIC, 3, "Pulse count", ""),
    (ELECTRIC, 4, "V", "V"),
    (ELECTRIC, 5, "A", "A"),
    (ELECTRIC, 6, "Power factor", ""),
    (ELECTRIC, 7, "kvar", "kvar"),
    (ELECTRIC, 8, "kvarh", "kvarh"),
    (GAS, 0, "Cubic meters", "m³"),
    (GAS, 1, "Cubic feet", "ft³"),
    (GAS, 3, "Pulse count", ""),
    (WATER, 0, "Cubic meters", "m³"),
    (WATER, 1, "Cubic feet", "ft³"),
    (WATER, 2, "US gallons", "gal"),
    (WATER, 3, "Pulse count", ""),
    (HEATING, 0, "kWh", "kWh"),
    (COOLING, 0, "kWh", "kWh"),
];

/// Meter type: electricity.
pub const ELECTRIC: u8 = 1;
/// Meter type: gas.
pub const GAS: u8 = 2;
/// Meter type: water.
pub const WATER: u8 = 3;
/// Meter type: heat.
pub const HEATING: u8 = 4;
/// Meter type: cold.
pub const COOLING: u8 = 5;

/// The meter types and what the specification calls them.
pub const TYPES: super::value::Names =
    &[(ELECTRIC, "Electric"), (GAS, "Gas"), (WATER, "Water"), (HEATING, "Heating"), (COOLING, "Cooling")];

/// Name and unit of a scale.
pub fn scale(meter_type: u8, scale: u8) -> Option<(&'static str, &'static str)> {
    SCALES.iter().find(|row| row.0 == meter_type && row.1 == scale).map(|row| (row.2, row.3))
}

/// Which way it is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RateType {
    /// The meter does not say.
    Unspecified,
    /// Consumed, or imported.
    Consumed,
    /// Produced, or exported.
    Produced,
    /// A number that has no meaning yet.
    Reserved,
}

impl RateType {
    fn from_bits(bits: u8) -> Self {
        match bits & 0b11 {
            0 => Self::Unspecified,
            1 => Self::Consumed,
            2 => Self::Produced,
            _ => Self::Reserved,
        }
    }

    fn bits(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::Consumed => 1,
            Self::Produced => 2,
            Self::Reserved => 3,
        }
    }
}

/// A reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The meter type, by [`TYPES`].
    pub meter_type: u8,
    /// Which way.
    pub rate_type: RateType,
    /// The scale, by [`SCALES`]. From 7 on it takes a byte of its own, of version 4.
    pub scale: u16,
    /// The number; its own scale is left at 0.
    pub value: ScaledNumber,
    /// Seconds since the previous reading; 0 = there is none.
    pub delta_time: Option<u16>,
    /// The previous reading, with the decimals of the value.
    pub previous: Option<i32>,
}

/// A command of Meter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for a reading. The scale is of version 2, the rate type of version 4; [`RateType::Unspecified`] is written
    /// as nothing for older versions.
    Get { rate_type: RateType, scale: Option<u16> },
    /// A reading.
    Report(Reading),
    /// Asks what the meter can.
    SupportedGet,
    /// What the meter can. The first byte of the scales has bits 0–6 for scales 0–6; bit 0 of the second byte is scale 7.
    SupportedReport { meter_type: u8, rate_types: u8, can_reset: bool, scales: BitMask },
    /// Sets counters to zero, or from version 6 on one counter to a value.
    Reset { to: Option<Reading> },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => match reader.next() {
                None => Self::Get { rate_type: RateType::Unspecified, scale: None },
                Some(byte) => {
                    let scale = match byte >> 3 & 0b111 {
                        7 => 7 + u16::from(reader.byte("the second scale")?),
                        scale => u16::from(scale),
                    };
                    Self::Get { rate_type: RateType::from_bits(byte >> 6), scale: Some(scale) }
                }
            },
            0x02 => Self::Report(read_reading(reader, true)?),
            0x03 => Self::SupportedGet,
            0x04 => {
                let (first, second) = (reader.byte("the meter type")?, reader.byte("the scales")?);
                let mut scales = vec![second & 0x7f];
                if second & 0x80 != 0 {
                    let more = reader.byte("the number of scale bytes")?;
                    scales.extend(reader.bytes(more, "more scales")?);
                }
                let (meter_type, rate_types) = (first & 0b1_1111, first >> 5 & 0b11);
                Self::SupportedReport { meter_type, rate_types, can_reset: first & 0x80 != 0, scales: BitMask(scales) }
            }
            0x05 if reader.left() == 0 => Self::Reset { to: None },
            0x05 => Self::Reset { to: Some(read_reading(reader, false)?) },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::METER, command);
        match self {
            Self::Get { scale: None, .. } => command(0x01),
            Self::Get { rate_type, scale: Some(scale) } => {
                let (first, second) = split_scale(*scale);
                command(0x01).byte(rate_type.bits() << 6 | first << 3).optional(second)
            }
            Self::Report(reading) => write_reading(command(0x02), reading, true),
            Self::SupportedGet => command(0x03),
            Self::SupportedReport { meter_type, rate_types, can_reset, scales } => {
                let first = meter_type & 0b1_1111 | (rate_types & 0b11) << 5 | if *can_reset { 0x80 } else { 0 };
                let (lower, more) = scales.0.split_first().unwrap_or((&0, &[]));
                let writer = command(0x04).byte(first);
                match more {
                    [] => writer.byte(lower & 0x7f),
                    more => writer.byte(lower | 0x80).counted(0, 8, more),
                }
            }
            Self::Reset { to: None } => command(0x05),
            Self::Reset { to: Some(reading) } => write_reading(command(0x05), reading, false),
        }
    }
}

/// The scales in the mask of a Supported Report.
pub fn scales_of(mask: &BitMask) -> impl Iterator<Item = u16> + '_ {
    // Bit 7 of the first byte is taken, so that what follows stands one place late.
    mask.positions().map(|position| if position < 8 { position } else { position - 1 })
}

/// The three bits of a scale, and a second byte from 7 on.
fn split_scale(scale: u16) -> (u8, Option<u8>) {
    match u8::try_from(scale) {
        Ok(scale @ 0..=6) => (scale, None),
        _ => (7, Some(u8::try_from(scale.saturating_sub(7)).unwrap_or(u8::MAX))),
    }
}

fn read_reading(reader: &mut Reader<'_>, has_previous: bool) -> Result<Reading, Malformed> {
    let first = reader.byte("the meter type")?;
    let mut value = reader.number("the value")?;
    let (mut delta_time, mut previous) = (None, None);
    if has_previous {
        delta_time = reader.next_word();
        if delta_time.is_some_and(|seconds| seconds != 0) && reader.left() >= usize::from(value.size) {
            previous = Some(reader.signed(value.size, "the previous value")?);
        }
    }
    let scale = match (first >> 7) << 2 | value.scale {
        7 => {
            // It stands behind the time.
            delta_time = delta_time.or(has_previous.then_some(0));
            7 + u16::from(reader.byte("the second scale")?)
        }
        scale => u16::from(scale),
    };
    // Bits of the scale that say nothing more.
    value.scale = 0;
    let (meter_type, rate_type) = (first & 0b1_1111, RateType::from_bits(first >> 5));
    Ok(Reading { meter_type, rate_type, scale, value, delta_time, previous })
}

fn write_reading(writer: Writer, reading: &Reading, has_previous: bool) -> Writer {
    let (scale, second) = split_scale(reading.scale);
    let first = reading.meter_type & 0b1_1111 | reading.rate_type.bits() << 5 | (scale >> 2) << 7;
    let value = ScaledNumber { scale: scale & 0b11, ..reading.value };
    let writer = writer.byte(first).number(value);
    let writer = match (has_previous, reading.delta_time, reading.previous) {
        (true, Some(seconds), Some(previous)) if seconds != 0 => writer.word(seconds).signed(previous, value.size),
        (true, Some(seconds), _) => writer.word(seconds),
        // A second scale stands behind the time, so that there must be one.
        (true, None, _) if second.is_some() => writer.word(0),
        _ => writer,
    };
    writer.optional(second)
}
