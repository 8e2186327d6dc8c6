//! Color Switch, version 3: the channels of a coloured light.

use super::multilevel_switch::{change, read_change};
use super::reader::Reader;
use super::value::{BitMask, Direction, Duration, Names, Target};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The channels.
pub const COMPONENTS: Names = &[
    (WARM_WHITE, "Warm White"),
    (COLD_WHITE, "Cold White"),
    (RED, "Red"),
    (GREEN, "Green"),
    (BLUE, "Blue"),
    (0x05, "Amber"),
    (0x06, "Cyan"),
    (0x07, "Purple"),
    (0x08, "Indexed Color"),
];
/// Warm white.
pub const WARM_WHITE: u8 = 0x00;
/// Cold white.
pub const COLD_WHITE: u8 = 0x01;
/// Red.
pub const RED: u8 = 0x02;
/// Green.
pub const GREEN: u8 = 0x03;
/// Blue.
pub const BLUE: u8 = 0x04;

/// A channel and how much of it there is, 0–255.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Component {
    /// By [`COMPONENTS`].
    pub component: u8,
    /// 0–255.
    pub value: u8,
}

/// A command of Color Switch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for the channels.
    SupportedGet,
    /// The channels: bit 0 is channel 0.
    SupportedReport { components: BitMask },
    /// Asks for a channel.
    Get { component: u8 },
    /// How much of a channel there is; from version 3 on with its target.
    Report { current: Component, target: Option<Target> },
    /// Sets channels, at most 31; the duration is of version 2.
    Set { components: Vec<Component>, duration: Option<Duration> },
    /// Changes a channel until it is stopped. The duration is of version 3.
    StartLevelChange { direction: Direction, ignore_start_level: bool, start: Component, duration: Option<Duration> },
    /// Stops the change of a channel.
    StopLevelChange { component: u8 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const COMPONENT: &str = "the color component";
        Ok(match reader.command() {
            0x01 => Self::SupportedGet,
            0x02 => Self::SupportedReport { components: reader.mask(2, "the color components")? },
            0x03 => Self::Get { component: reader.byte(COMPONENT)? },
            0x04 => Self::Report { current: read_component(reader)?, target: reader.next_target() },
            0x05 => {
                let count = reader.byte("the number of color components")? & 0b1_1111;
                let components = (0..count).map(|_| read_component(reader)).collect::<Result<_, _>>()?;
                Self::Set { components, duration: reader.next_duration() }
            }
            0x06 => {
                let (direction, ignore_start_level) = read_change(reader.byte("the direction")?);
                let (start, duration) = (read_component(reader)?, reader.next_duration());
                Self::StartLevelChange { direction, ignore_start_level, start, duration }
            }
            0x07 => Self::StopLevelChange { component: reader.byte(COMPONENT)? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::COLOR_SWITCH, command);
        let component = |writer: Writer, item: &Component| writer.byte(item.component).byte(item.value);
        match self {
            Self::SupportedGet => command(0x01),
            Self::SupportedReport { components } => {
                let byte = |index: usize| components.0.get(index).copied().unwrap_or_default();
                command(0x02).byte(byte(0)).byte(byte(1))
            }
            Self::Get { component } => command(0x03).byte(*component),
            Self::Report { current, target } => component(command(0x04), current).target(*target),
            Self::Set { components, duration } => {
                let components = components.get(..0b1_1111).unwrap_or(components);
                command(0x05).byte(components.len() as u8).each(components, component).optional(*duration)
            }
            Self::StartLevelChange { direction, ignore_start_level, start, duration } => {
                component(command(0x06).byte(change(*direction, *ignore_start_level)), start).optional(*duration)
            }
            Self::StopLevelChange { component } => command(0x07).byte(*component),
        }
    }
}

fn read_component(reader: &mut Reader<'_>) -> Result<Component, Malformed> {
    Ok(Component { component: reader.byte("the color component")?, value: reader.byte("the value")? })
}
