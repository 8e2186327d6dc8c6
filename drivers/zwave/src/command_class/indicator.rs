//! Indicator, version 4: lights and sounds of a device, and how a device shows itself.

use super::reader::Reader;
use super::value::{BitMask, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The indicator that shows which device it is.
pub const NODE_IDENTIFY: u8 = 0x50;
/// In a question for what is supported: the first indicator.
pub const FIRST: u8 = 0x00;
/// Property: a level, 0–99 or 255.
pub const MULTILEVEL: u8 = 0x01;
/// Property: on or off.
pub const BINARY: u8 = 0x02;
/// Property: length of an on-and-off period, in tenths of a second.
pub const ON_OFF_PERIOD: u8 = 0x03;
/// Property: number of on-and-off periods; 255 = until it is stopped.
pub const ON_OFF_CYCLES: u8 = 0x04;
/// Property: how long it is on in a period, in tenths of a second; 0 = half of it.
pub const ON_TIME: u8 = 0x05;

/// The indicators, beside 0x60–0x7f (sounds for events) and 0x80–0x9f (the maker's own).
pub const INDICATORS: Names = &[
    (0x01, "Armed"),
    (0x02, "Not armed / disarmed"),
    (0x03, "Ready"),
    (0x04, "Fault"),
    (0x05, "Busy"),
    (0x06, "Enter ID"),
    (0x07, "Enter PIN"),
    (0x08, "Code accepted"),
    (0x09, "Code not accepted"),
    (0x0a, "Armed Stay"),
    (0x0b, "Armed Away"),
    (0x0c, "Alarming"),
    (0x0d, "Alarming: Burglar"),
    (0x0e, "Alarming: Smoke / Fire"),
    (0x0f, "Alarming: Carbon Monoxide"),
    (0x10, "Bypass challenge"),
    (0x11, "Entry Delay"),
    (0x12, "Exit Delay"),
    (0x13, "Alarming: Medical"),
    (0x14, "Alarming: Freeze warning"),
    (0x15, "Alarming: Water leak"),
    (0x16, "Alarming: Panic"),
    (0x20, "Zone 1 armed"),
    (0x21, "Zone 2 armed"),
    (0x22, "Zone 3 armed"),
    (0x23, "Zone 4 armed"),
    (0x24, "Zone 5 armed"),
    (0x25, "Zone 6 armed"),
    (0x26, "Zone 7 armed"),
    (0x27, "Zone 8 armed"),
    (0x30, "LCD backlight"),
    (0x40, "Button backlight letters"),
    (0x41, "Button backlight digits"),
    (0x42, "Button backlight command"),
    (0x43, "Button 1 indication"),
    (0x44, "Button 2 indication"),
    (0x45, "Button 3 indication"),
    (0x46, "Button 4 indication"),
    (0x47, "Button 5 indication"),
    (0x48, "Button 6 indication"),
    (0x49, "Button 7 indication"),
    (0x4a, "Button 8 indication"),
    (0x4b, "Button 9 indication"),
    (0x4c, "Button 10 indication"),
    (0x4d, "Button 11 indication"),
    (0x4e, "Button 12 indication"),
    (0x50, "Node Identify"),
    (0xf0, "Buzzer"),
];

/// What can be set of an indicator.
pub const PROPERTIES: Names = &[
    (MULTILEVEL, "Multilevel"),
    (BINARY, "Binary"),
    (ON_OFF_PERIOD, "On/Off Periods"),
    (ON_OFF_CYCLES, "On/Off Cycles"),
    (ON_TIME, "One Time On/Off Period"),
    (0x06, "Timeout: Minutes"),
    (0x07, "Timeout: Seconds"),
    (0x08, "Timeout: 1/100 Seconds"),
    (0x09, "Sound Level"),
    (0x0a, "Timeout: Hours"),
    (0x10, "Low Power"),
];

/// A property of an indicator and its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Object {
    /// By [`INDICATORS`].
    pub indicator: u8,
    /// By [`PROPERTIES`].
    pub property: u8,
    /// Its value.
    pub value: u8,
}

/// A command of Indicator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets the one indicator of version 1, or properties of others (at most 31).
    Set { value: u8, objects: Vec<Object> },
    /// Asks for an indicator; without its number, of version 2, for the one of version 1.
    Get { indicator: Option<u8> },
    /// The one indicator of version 1, or properties of another.
    Report { value: u8, objects: Vec<Object> },
    /// Asks for an indicator's properties, from version 2 on; [`FIRST`] asks for the first indicator.
    SupportedGet { indicator: u8 },
    /// An indicator's properties (bit 1 is property 1) and the next indicator (0 = there is none).
    SupportedReport { indicator: u8, next: u8, properties: BitMask },
    /// Asks what an indicator of the maker's own is, from version 4 on.
    DescriptionGet { indicator: u8 },
    /// What it is, in UTF-8.
    DescriptionReport { indicator: u8, description: Vec<u8> },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const INDICATOR: &str = "the indicator";
        Ok(match reader.command() {
            0x01 => Self::Set { value: reader.byte("the value")?, objects: read_objects(reader)? },
            0x02 => Self::Get { indicator: reader.next() },
            0x03 => Self::Report { value: reader.byte("the value")?, objects: read_objects(reader)? },
            0x04 => Self::SupportedGet { indicator: reader.byte(INDICATOR)? },
            0x05 => {
                let (indicator, next) = (reader.byte(INDICATOR)?, reader.byte("the next indicator")?);
                let length = reader.byte("the length of the properties")? & 0b1_1111;
                Self::SupportedReport { indicator, next, properties: reader.mask(length, "the properties")? }
            }
            0x06 => Self::DescriptionGet { indicator: reader.byte(INDICATOR)? },
            0x07 => {
                let (indicator, length) = (reader.byte(INDICATOR)?, reader.byte("the length of the description")?);
                Self::DescriptionReport { indicator, description: reader.bytes(length, "the description")? }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::INDICATOR, command);
        match self {
            Self::Set { value, objects } => write_objects(command(0x01).byte(*value), objects),
            Self::Get { indicator } => command(0x02).optional(*indicator),
            Self::Report { value, objects } => write_objects(command(0x03).byte(*value), objects),
            Self::SupportedGet { indicator } => command(0x04).byte(*indicator),
            Self::SupportedReport { indicator, next, properties } => {
                command(0x05).byte(*indicator).byte(*next).counted(0, 5, &properties.0)
            }
            Self::DescriptionGet { indicator } => command(0x06).byte(*indicator),
            Self::DescriptionReport { indicator, description } => {
                command(0x07).byte(*indicator).counted(0, 8, description)
            }
        }
    }
}

fn read_objects(reader: &mut Reader<'_>) -> Result<Vec<Object>, Malformed> {
    let count = reader.next().unwrap_or_default() & 0b1_1111;
    let object = |_| {
        let (indicator, property) = (reader.byte("the indicator")?, reader.byte("the property")?);
        Ok(Object { indicator, property, value: reader.byte("the value")? })
    };
    (0..count).map(object).collect()
}

fn write_objects(writer: Writer, objects: &[Object]) -> Writer {
    if objects.is_empty() {
        return writer;
    }
    let objects = objects.get(..0b1_1111).unwrap_or(objects);
    writer
        .byte(objects.len() as u8)
        .each(objects, |writer, object| writer.byte(object.indicator).byte(object.property).byte(object.value))
}
