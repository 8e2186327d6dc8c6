//! Door Lock, version 4.

use super::reader::Reader;
use super::value::{BitMask, Duration, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Door handles and key pads are locked.
pub const SECURED: u8 = 0xff;
/// The lock is open.
pub const UNSECURED: u8 = 0x00;
/// The lock does not know how it is.
pub const UNKNOWN: u8 = 0xfe;

/// Modes of a lock.
pub const MODES: Names = &[
    (UNSECURED, "Unsecured"),
    (0x01, "Unsecured with timeout"),
    (0x10, "Unsecured for inside door handles"),
    (0x11, "Unsecured for inside door handles with timeout"),
    (0x20, "Unsecured for outside door handles"),
    (0x21, "Unsecured for outside door handles with timeout"),
    (UNKNOWN, "Unknown"),
    (SECURED, "Secured"),
];

/// How a lock works.
pub const OPERATION_TYPES: Names = &[(0x01, "Constant operation"), (0x02, "Timed operation")];

/// Handles 1–4 that can open the door, one bit each, bit 0 the first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Handles {
    /// At the outside.
    pub outside: u8,
    /// At the inside.
    pub inside: u8,
}

impl From<u8> for Handles {
    fn from(byte: u8) -> Self {
        Self { outside: byte >> 4, inside: byte & 0b1111 }
    }
}
impl From<Handles> for u8 {
    fn from(handles: Handles) -> Self {
        handles.outside << 4 | handles.inside & 0b1111
    }
}

/// Minutes and seconds until a lock closes by itself; 254 and 254 = it does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeout {
    /// 0–253.
    pub minutes: u8,
    /// 0–59.
    pub seconds: u8,
}

impl Timeout {
    /// It does not close by itself.
    pub const NONE: Self = Self { minutes: 0xfe, seconds: 0xfe };

    /// In seconds; none = it does not close by itself.
    pub fn total_seconds(self) -> Option<u16> {
        (self.minutes <= 253 && self.seconds <= 59).then(|| u16::from(self.minutes) * 60 + u16::from(self.seconds))
    }

    /// So many seconds, at most 253 minutes and 59 seconds.
    pub fn of_seconds(seconds: u16) -> Self {
        let seconds = seconds.min(253 * 60 + 59);
        Self { minutes: (seconds / 60) as u8, seconds: (seconds % 60) as u8 }
    }
}

/// How a lock is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operation {
    /// By [`MODES`].
    pub mode: u8,
    /// The handles that open the door now.
    pub handles: Handles,
    /// Bit 0: the door is closed; bit 1: the bolt is unlocked; bit 2: the latch is closed.
    pub condition: u8,
    /// The time until it closes by itself.
    pub timeout: Timeout,
    /// The mode it is changing to, and how long that takes; of version 3.
    pub target: Option<(u8, Duration)>,
}

/// How a lock is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Configuration {
    /// By [`OPERATION_TYPES`].
    pub operation_type: u8,
    /// The handles that may open the door.
    pub handles: Handles,
    /// The time after which timed operation closes it.
    pub timeout: Timeout,
    /// Of version 4.
    pub more: Option<MoreConfiguration>,
}

/// What version 4 adds. Times are in seconds; 0 = it does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MoreConfiguration {
    pub auto_relock_time: u16,
    pub hold_and_release_time: u16,
    pub block_to_block: bool,
    pub twist_assist: bool,
}

/// What a lock can, from version 4 on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capabilities {
    /// Bit 1 is constant, bit 2 timed operation.
    pub operation_types: BitMask,
    /// The modes.
    pub modes: Vec<u8>,
    /// The handles that can be set up.
    pub handles: Handles,
    /// Of [`Operation::condition`], what the lock can tell.
    pub components: u8,
    /// Bit 0: block to block; 1: twist assist; 2: hold and release; 3: auto relock.
    pub options: u8,
}

/// A command of Door Lock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets the mode.
    OperationSet { mode: u8 },
    /// Asks how the lock is.
    OperationGet,
    /// How the lock is.
    OperationReport(Operation),
    /// Sets it up.
    ConfigurationSet(Configuration),
    /// Asks how it is set up.
    ConfigurationGet,
    /// How it is set up.
    ConfigurationReport(Configuration),
    /// Asks what it can.
    CapabilitiesGet,
    /// What it can.
    CapabilitiesReport(Capabilities),
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::OperationSet { mode: reader.byte("the mode")? },
            0x02 => Self::OperationGet,
            0x03 => Self::OperationReport(Operation {
                mode: reader.byte("the mode")?,
                handles: reader.byte("the handles")?.into(),
                condition: reader.byte("the condition")?,
                timeout: read_timeout(reader)?,
                target: reader.next_target().map(|target| (target.level.0, target.duration)),
            }),
            0x04 => Self::ConfigurationSet(read_configuration(reader)?),
            0x05 => Self::ConfigurationGet,
            0x06 => Self::ConfigurationReport(read_configuration(reader)?),
            0x07 => Self::CapabilitiesGet,
            0x08 => {
                let length = reader.byte("the length of the operation types")? & 0b1_1111;
                let operation_types = reader.mask(length, "the operation types")?;
                let length = reader.byte("the number of modes")?;
                Self::CapabilitiesReport(Capabilities {
                    operation_types,
                    modes: reader.bytes(length, "the modes")?,
                    handles: reader.byte("the handles")?.into(),
                    components: reader.byte("the components")?,
                    options: reader.byte("the options")?,
                })
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::DOOR_LOCK, command);
        match self {
            Self::OperationSet { mode } => command(0x01).byte(*mode),
            Self::OperationGet => command(0x02),
            Self::OperationReport(operation) => {
                let writer = command(0x03).byte(operation.mode).byte(operation.handles).byte(operation.condition);
                let writer = write_timeout(writer, operation.timeout);
                match operation.target {
                    Some((mode, duration)) => writer.byte(mode).byte(duration),
                    None => writer,
                }
            }
            Self::ConfigurationSet(configuration) => write_configuration(command(0x04), configuration),
            Self::ConfigurationGet => command(0x05),
            Self::ConfigurationReport(configuration) => write_configuration(command(0x06), configuration),
            Self::CapabilitiesGet => command(0x07),
            Self::CapabilitiesReport(capabilities) => command(0x08)
                .counted(0, 5, &capabilities.operation_types.0)
                .counted(0, 8, &capabilities.modes)
                .byte(capabilities.handles)
                .byte(capabilities.components)
                .byte(capabilities.options),
        }
    }
}

fn read_timeout(reader: &mut Reader<'_>) -> Result<Timeout, Malformed> {
    Ok(Timeout { minutes: reader.byte("the minutes")?, seconds: reader.byte("the seconds")? })
}

fn write_timeout(writer: Writer, timeout: Timeout) -> Writer {
    writer.byte(timeout.minutes).byte(timeout.seconds)
}

fn read_configuration(reader: &mut Reader<'_>) -> Result<Configuration, Malformed> {
    let operation_type = reader.byte("the operation type")?;
    let handles = reader.byte("the handles")?.into();
    let timeout = read_timeout(reader)?;
    let more = match reader.left() {
        0..=4 => None,
        _ => {
            let auto_relock_time = reader.word("the relock time")?;
            let hold_and_release_time = reader.word("the hold and release time")?;
            let options = reader.byte("the options")?;
            let (block_to_block, twist_assist) = (options & 0b10 != 0, options & 0b1 != 0);
            Some(MoreConfiguration { auto_relock_time, hold_and_release_time, block_to_block, twist_assist })
        }
    };
    Ok(Configuration { operation_type, handles, timeout, more })
}

fn write_configuration(writer: Writer, configuration: &Configuration) -> Writer {
    let writer =
        write_timeout(writer.byte(configuration.operation_type).byte(configuration.handles), configuration.timeout);
    match configuration.more {
        None => writer,
        Some(more) => writer
            .word(more.auto_relock_time)
            .word(more.hold_and_release_time)
            .flags([(more.block_to_block, 1), (more.twist_assist, 0)]),
    }
}
