//! Notification, version 8, and Alarm, version 1, of the same number: what happened at a sensor, lock or appliance.

mod types;

pub use types::{EVENTS, Event, Parameter, TYPES, event, events_of};

use super::reader::Reader;
use super::value::BitMask;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The event of a notification that says that a state has ended.
pub const IDLE: u8 = 0x00;
/// The event of a notification that nothing is known about.
pub const UNKNOWN: u8 = 0xfe;

/// A notification of version 2 or later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notification {
    /// By [`TYPES`].
    pub notification_type: u8,
    /// Unsolicited reports are switched on (0xff) or off (0); 0xfe in the answer of a queue that is empty.
    pub status: u8,
    /// By [`EVENTS`]; [`IDLE`] has the event that ended as its parameter, or none for all of them.
    pub event: u8,
    /// What comes with it, at most 31 bytes.
    pub parameters: Vec<u8>,
    /// The same number again is the same event again; of version 3.
    pub sequence_number: Option<u8>,
    /// Type and level of the old Alarm class, in the device's own numbers; 0 where there is none.
    pub alarm: Alarm,
}

/// Type and level of the old Alarm class, in the device's own numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Alarm {
    /// Type.
    pub alarm_type: u8,
    /// Level.
    pub level: u8,
}

/// A command of Notification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for the events of a type, from version 3 on.
    EventSupportedGet { notification_type: u8 },
    /// The events of a type: bit 1 is event 1.
    EventSupportedReport { notification_type: u8, events: BitMask },
    /// Asks for an alarm of version 1.
    AlarmGet { alarm_type: u8 },
    /// Asks for a notification. Event 0 asks for what is active, or for what was queued.
    Get { notification_type: u8, event: u8 },
    /// An alarm of version 1.
    AlarmReport(Alarm),
    /// A notification.
    Report(Notification),
    /// Switches unsolicited reports of a type on or off, or clears a persistent notification.
    Set { notification_type: u8, enabled: bool },
    /// Asks for the types.
    SupportedGet,
    /// The types: bit 1 is type 1.
    SupportedReport { has_alarms: bool, types: BitMask },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const TYPE: &str = "the notification type";
        Ok(match reader.command() {
            0x01 => Self::EventSupportedGet { notification_type: reader.byte(TYPE)? },
            0x02 => {
                let notification_type = reader.byte(TYPE)?;
                let length = reader.byte("the length of the events")? & 0b1_1111;
                Self::EventSupportedReport { notification_type, events: reader.mask(length, "the events")? }
            }
            0x04 => {
                let alarm_type = reader.byte("the alarm type")?;
                match reader.next() {
                    None => Self::AlarmGet { alarm_type },
                    Some(notification_type) => {
                        Self::Get { notification_type, event: reader.next().unwrap_or_default() }
                    }
                }
            }
            0x05 => {
                let alarm = Alarm { alarm_type: reader.byte("the alarm type")?, level: reader.byte("the level")? };
                // The third byte is that of a bridge to sensors of before Z-Wave; version 1 ends before it.
                if reader.left() < 4 {
                    return Ok(Self::AlarmReport(alarm));
                }
                read_notification(reader, alarm)?
            }
            0x06 => Self::Set { notification_type: reader.byte(TYPE)?, enabled: reader.byte("the status")? != 0 },
            0x07 => Self::SupportedGet,
            0x08 => {
                let first = reader.byte("the length of the types")?;
                Self::SupportedReport {
                    has_alarms: first & 0x80 != 0,
                    types: reader.mask(first & 0b1_1111, "the notification types")?,
                }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::NOTIFICATION, command);
        match self {
            Self::EventSupportedGet { notification_type } => command(0x01).byte(*notification_type),
            Self::EventSupportedReport { notification_type, events } => {
                command(0x02).byte(*notification_type).counted(0, 5, &events.0)
            }
            Self::AlarmGet { alarm_type } => command(0x04).byte(*alarm_type),
            Self::Get { notification_type, event } => command(0x04).byte(0).byte(*notification_type).byte(*event),
            Self::AlarmReport(alarm) => command(0x05).byte(alarm.alarm_type).byte(alarm.level),
            Self::Report(report) => {
                let writer = command(0x05).byte(report.alarm.alarm_type).byte(report.alarm.level).byte(0);
                let flags = if report.sequence_number.is_some() { 0x80 } else { 0 };
                writer
                    .byte(report.status)
                    .byte(report.notification_type)
                    .byte(report.event)
                    .counted(flags, 5, &report.parameters)
                    .optional(report.sequence_number)
            }
            Self::Set { notification_type, enabled } => {
                command(0x06).byte(*notification_type).byte(if *enabled { 0xff } else { 0 })
            }
            Self::SupportedGet => command(0x07),
            Self::SupportedReport { has_alarms, types } => {
                command(0x08).counted(if *has_alarms { 0x80 } else { 0 }, 5, &types.0)
            }
        }
    }
}

fn read_notification(reader: &mut Reader<'_>, alarm: Alarm) -> Result<Command, Malformed> {
    reader.byte("the source of the alarm")?;
    let (status, notification_type) = (reader.byte("the status")?, reader.byte("the notification type")?);
    let event = reader.byte("the event")?;
    // Some devices of version 2 leave the rest out.
    let properties = reader.next().unwrap_or_default();
    let parameters = reader.bytes(properties & 0b1_1111, "the event's parameters")?;
    let sequence_number = match properties & 0x80 {
        0 => None,
        _ => Some(reader.byte("the sequence number")?),
    };
    Ok(Command::Report(Notification { notification_type, status, event, parameters, sequence_number, alarm }))
}
