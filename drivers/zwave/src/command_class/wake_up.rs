//! Wake Up, version 3: nodes that sleep and wake now and then.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Wake Up. Intervals are in seconds, of 24 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets how often the node wakes, and whom it tells. 0 = it never wakes by itself.
    IntervalSet { seconds: u32, node: u8 },
    /// Asks how often it wakes.
    IntervalGet,
    /// How often it wakes, and whom it tells.
    IntervalReport { seconds: u32, node: u8 },
    /// It is awake.
    Notification,
    /// It may sleep again.
    NoMoreInformation,
    /// Asks which intervals can be set, from version 2 on.
    IntervalCapabilitiesGet,
    /// Which intervals can be set. On demand is of version 3: it wakes when it is told so over a beam.
    IntervalCapabilitiesReport { minimum: u32, maximum: u32, default: u32, step: u32, on_demand: Option<bool> },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x04 => Self::IntervalSet { seconds: reader.word24("the interval")?, node: reader.byte("the node")? },
            0x05 => Self::IntervalGet,
            0x06 => Self::IntervalReport { seconds: reader.word24("the interval")?, node: reader.byte("the node")? },
            0x07 => Self::Notification,
            0x08 => Self::NoMoreInformation,
            0x09 => Self::IntervalCapabilitiesGet,
            0x0a => Self::IntervalCapabilitiesReport {
                minimum: reader.word24("the least interval")?,
                maximum: reader.word24("the greatest interval")?,
                default: reader.word24("the default interval")?,
                step: reader.word24("the step")?,
                on_demand: reader.next().map(|byte| byte & 0b1 != 0),
            },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::WAKE_UP, command);
        match *self {
            Self::IntervalSet { seconds, node } => command(0x04).word24(seconds).byte(node),
            Self::IntervalGet => command(0x05),
            Self::IntervalReport { seconds, node } => command(0x06).word24(seconds).byte(node),
            Self::Notification => command(0x07),
            Self::NoMoreInformation => command(0x08),
            Self::IntervalCapabilitiesGet => command(0x09),
            Self::IntervalCapabilitiesReport { minimum, maximum, default, step, on_demand } => command(0x0a)
                .word24(minimum)
                .word24(maximum)
                .word24(default)
                .word24(step)
                .optional(on_demand.map(u8::from)),
        }
    }
}
