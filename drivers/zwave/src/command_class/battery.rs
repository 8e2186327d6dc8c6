//! Battery, version 3.

use super::reader::Reader;
use super::value::{Names, ScaledNumber};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A level that says only that the battery is nearly empty.
pub const LOW: u8 = 0xff;

/// What charging is doing.
pub const CHARGING: Names = &[(0, "Discharging"), (1, "Charging"), (2, "Maintaining")];

/// A command of Battery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for the charge.
    Get,
    /// The charge, 0–100 % or [`LOW`]; the state is of version 2.
    Report { level: u8, state: Option<State> },
    /// Asks how the battery is, from version 2 on.
    HealthGet,
    /// Capacity left of what it once was, 0–100 % (0xff = not known), and temperature in °C.
    HealthReport { maximum_capacity: u8, temperature: Option<ScaledNumber> },
}

/// The state of a battery, from version 2 on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct State {
    /// By [`CHARGING`].
    pub charging: u8,
    pub rechargeable: bool,
    /// It is only used when other power fails.
    pub backup: bool,
    pub overheating: bool,
    pub low_fluid: bool,
    /// 0 no, 1 soon, 3 now.
    pub replace_or_recharge: u8,
    pub disconnected: bool,
    /// Of version 3.
    pub low_temperature: bool,
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x02 => Self::Get,
            0x03 => {
                let level = reader.byte("the level")?;
                if level > 100 && level != LOW {
                    return reader.invalid("the level", level, "a charge is 0 to 100, or 255 for low");
                }
                Self::Report { level, state: read_state(reader) }
            }
            0x04 => Self::HealthGet,
            0x05 => {
                let maximum_capacity = reader.byte("the maximum capacity")?;
                // Precision, scale and size are 0 where the temperature is not known.
                let temperature = match reader.peek() {
                    None => return Ok(Self::HealthReport { maximum_capacity, temperature: None }),
                    Some(header) if header & 0b111 == 0 => None,
                    Some(_) => Some(reader.number("the temperature")?),
                };
                Self::HealthReport { maximum_capacity, temperature }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::BATTERY, command);
        match *self {
            Self::Get => command(0x02),
            Self::Report { level, state: None } => command(0x03).byte(level),
            Self::Report { level, state: Some(state) } => {
                let flags = [
                    (state.rechargeable, 5),
                    (state.backup, 4),
                    (state.overheating, 3),
                    (state.low_fluid, 2),
                    (state.replace_or_recharge & 0b10 != 0, 1),
                    (state.replace_or_recharge & 0b1 != 0, 0),
                ];
                command(0x03)
                    .byte(level)
                    .byte((state.charging & 0b11) << 6 | super::writer::bits(flags))
                    .flags([(state.disconnected, 0), (state.low_temperature, 1)])
            }
            Self::HealthGet => command(0x04),
            Self::HealthReport { maximum_capacity, temperature } => {
                let writer = command(0x05).byte(maximum_capacity);
                match temperature {
                    Some(temperature) => writer.number(temperature),
                    None => writer.byte(0),
                }
            }
        }
    }
}

fn read_state(reader: &mut Reader<'_>) -> Option<State> {
    if reader.left() < 2 {
        return None;
    }
    let (first, second) = (reader.next()?, reader.next()?);
    Some(State {
        charging: first >> 6,
        rechargeable: first & 0b10_0000 != 0,
        backup: first & 0b1_0000 != 0,
        overheating: first & 0b1000 != 0,
        low_fluid: first & 0b100 != 0,
        replace_or_recharge: first & 0b11,
        disconnected: second & 0b1 != 0,
        low_temperature: second & 0b10 != 0,
    })
}
