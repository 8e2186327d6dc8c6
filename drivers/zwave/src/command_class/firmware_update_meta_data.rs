//! Firmware Update Meta Data, version 8: new firmware over the air.

use super::reader::Reader;
use super::value::Names;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// What a node says to a firmware that is offered.
pub const REQUEST_STATUSES: Names = &[
    (0x00, "Invalid combination of manufacturer and firmware"),
    (0x01, "Needs an out-of-band authentication event"),
    (0x02, "Fragment size too large"),
    (0x03, "Firmware target is not upgradable"),
    (0x04, "Invalid hardware version"),
    (0x05, "Another firmware update is in progress"),
    (0x06, "Battery level is too low"),
    (OK, "OK"),
];
/// How an update ended.
pub const UPDATE_STATUSES: Names = &[
    (0x00, "Checksum error"),
    (0x01, "Transmission failed"),
    (0x02, "Invalid manufacturer"),
    (0x03, "Invalid firmware"),
    (0x04, "Invalid firmware target"),
    (0x05, "Invalid header information"),
    (0x06, "Invalid header format"),
    (0x07, "Insufficient memory"),
    (0x08, "Invalid hardware version"),
    (0xfd, "OK, waiting for activation"),
    (0xfe, "OK, without restart"),
    (OK, "OK, restart follows"),
];
/// It worked.
pub const OK: u8 = 0xff;

/// What can be updated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MetaData {
    pub manufacturer: u16,
    /// Of target 0, the node itself.
    pub firmware: u16,
    pub checksum: u16,
    /// Of version 3.
    pub targets: Option<Targets>,
}

/// The targets beside the node itself; from version 3 on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Targets {
    /// The node itself can be updated.
    pub is_upgradable: bool,
    /// The longest part of a firmware, in bytes.
    pub largest_fragment: u16,
    /// The firmwares of the targets 1 and following.
    pub firmwares: Vec<u16>,
    /// Of version 5.
    pub hardware: Option<u8>,
    /// Of version 6: bit 0 it works on meanwhile, 1 activation is a command of its own, 2 parts without security, 3 an
    /// update can be taken up again.
    pub capabilities: Option<u8>,
}

/// A firmware that is offered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request {
    pub manufacturer: u16,
    pub firmware: u16,
    pub checksum: u16,
    /// Target and length of a part; of version 3.
    pub target: Option<(u8, u16)>,
    /// Of version 4: bit 0 activation is a command of its own, 1 parts without security (version 7), 2 take it up again.
    pub options: Option<u8>,
    /// Of version 5.
    pub hardware: Option<u8>,
}

/// A firmware that is to be activated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Activation {
    pub manufacturer: u16,
    pub firmware: u16,
    pub checksum: u16,
    pub target: u8,
}

/// A command of Firmware Update Meta Data. Report numbers are of 15 bits, from 1 on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks what can be updated.
    MetaDataGet,
    /// What can be updated.
    MetaDataReport(MetaData),
    /// Offers a firmware.
    RequestGet(Request),
    /// Whether the node takes it, by [`REQUEST_STATUSES`]; the options, of version 8, as in the request.
    RequestReport { status: u8, options: Option<u8> },
    /// Asks for parts.
    Get { reports: u8, number: u16 },
    /// A part; the checksum is of version 2.
    Report { is_last: bool, number: u16, data: Vec<u8>, checksum: Option<u16> },
    /// How the update ended, by [`UPDATE_STATUSES`]; seconds until the node answers again are of version 3.
    StatusReport { status: u8, wait_seconds: Option<u16> },
    /// Activates a firmware, from version 4 on.
    ActivationSet { activation: Activation, hardware: Option<u8> },
    /// Whether it was activated: 0 not valid, 1 failed, 255 worked.
    ActivationReport { activation: Activation, status: u8, hardware: Option<u8> },
    /// Asks for the firmware that is in the node, from version 5 on.
    PrepareGet { manufacturer: u16, firmware: u16, target: u8, fragment: u16, hardware: u8 },
    /// Whether the node sends it.
    PrepareReport { status: u8, checksum: u16 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const MANUFACTURER: &str = "the manufacturer";
        const FIRMWARE: &str = "the firmware";
        const CHECKSUM: &str = "the checksum";
        const STATUS: &str = "the status";
        const NUMBER: &str = "the report number";
        Ok(match reader.command() {
            0x01 => Self::MetaDataGet,
            0x02 => Self::MetaDataReport(MetaData {
                manufacturer: reader.word(MANUFACTURER)?,
                firmware: reader.word(FIRMWARE)?,
                checksum: reader.word(CHECKSUM)?,
                targets: read_targets(reader)?,
            }),
            0x03 => {
                let (manufacturer, firmware) = (reader.word(MANUFACTURER)?, reader.word(FIRMWARE)?);
                let checksum = reader.word(CHECKSUM)?;
                let mut request =
                    Request { manufacturer, firmware, checksum, target: None, options: None, hardware: None };
                if reader.left() >= 3 {
                    request.target = Some((reader.byte("the target")?, reader.word("the fragment size")?));
                    (request.options, request.hardware) = (reader.next(), reader.next());
                }
                Self::RequestGet(request)
            }
            0x04 => Self::RequestReport { status: reader.byte(STATUS)?, options: reader.next() },
            0x05 => {
                let reports = reader.byte("the number of reports")?;
                Self::Get { reports, number: reader.word(NUMBER)? & 0x7fff }
            }
            0x06 => {
                let first = reader.word(NUMBER)?;
                // A part of version 1 has no checksum.
                let has_checksum = reader.version() != 1;
                let length = reader.left().saturating_sub(if has_checksum { 2 } else { 0 });
                Self::Report {
                    is_last: first & 0x8000 != 0,
                    number: first & 0x7fff,
                    data: reader.slice(length, "the data")?.to_vec(),
                    checksum: if has_checksum { Some(reader.word(CHECKSUM)?) } else { None },
                }
            }
            0x07 => Self::StatusReport { status: reader.byte(STATUS)?, wait_seconds: reader.next_word() },
            0x08 => Self::ActivationSet { activation: read_activation(reader)?, hardware: reader.next() },
            0x09 => Self::ActivationReport {
                activation: read_activation(reader)?,
                status: reader.byte(STATUS)?,
                hardware: reader.next(),
            },
            0x0a => Self::PrepareGet {
                manufacturer: reader.word(MANUFACTURER)?,
                firmware: reader.word(FIRMWARE)?,
                target: reader.byte("the target")?,
                fragment: reader.word("the fragment size")?,
                hardware: reader.byte("the hardware version")?,
            },
            0x0b => Self::PrepareReport { status: reader.byte(STATUS)?, checksum: reader.word(CHECKSUM)? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::FIRMWARE_UPDATE_META_DATA, command);
        match self {
            Self::MetaDataGet => command(0x01),
            Self::MetaDataReport(data) => {
                let writer = command(0x02).word(data.manufacturer).word(data.firmware).word(data.checksum);
                data.targets.iter().fold(writer, write_targets)
            }
            Self::RequestGet(request) => {
                let writer = command(0x03).word(request.manufacturer).word(request.firmware).word(request.checksum);
                let writer = request.target.iter().fold(writer, |writer, target| writer.byte(target.0).word(target.1));
                writer.optional(request.options).optional(request.hardware)
            }
            Self::RequestReport { status, options } => command(0x04).byte(*status).optional(*options),
            Self::Get { reports, number } => command(0x05).byte(*reports).word(number & 0x7fff),
            Self::Report { is_last, number, data, checksum } => {
                let first = number & 0x7fff | if *is_last { 0x8000 } else { 0 };
                let writer = command(0x06).word(first).bytes(data);
                checksum.iter().fold(writer, |writer, checksum| writer.word(*checksum))
            }
            Self::StatusReport { status, wait_seconds } => {
                let writer = command(0x07).byte(*status);
                wait_seconds.iter().fold(writer, |writer, seconds| writer.word(*seconds))
            }
            Self::ActivationSet { activation, hardware } => {
                write_activation(command(0x08), activation).optional(*hardware)
            }
            Self::ActivationReport { activation, status, hardware } => {
                write_activation(command(0x09), activation).byte(*status).optional(*hardware)
            }
            Self::PrepareGet { manufacturer, firmware, target, fragment, hardware } => {
                command(0x0a).word(*manufacturer).word(*firmware).byte(*target).word(*fragment).byte(*hardware)
            }
            Self::PrepareReport { status, checksum } => command(0x0b).byte(*status).word(*checksum),
        }
    }
}

fn read_targets(reader: &mut Reader<'_>) -> Result<Option<Targets>, Malformed> {
    if reader.left() < 4 {
        return Ok(None);
    }
    let is_upgradable = reader.byte("whether it is upgradable")? == 0xff;
    let count = reader.byte("the number of firmwares")?;
    let largest_fragment = reader.word("the largest fragment")?;
    let firmwares = (0..count).map(|_| reader.word("a further firmware")).collect::<Result<_, _>>()?;
    let (hardware, capabilities) = (reader.next(), reader.next());
    Ok(Some(Targets { is_upgradable, largest_fragment, firmwares, hardware, capabilities }))
}

fn write_targets(writer: Writer, targets: &Targets) -> Writer {
    let firmwares = targets.firmwares.get(..usize::from(u8::MAX)).unwrap_or(&targets.firmwares);
    writer
        .byte(if targets.is_upgradable { 0xff } else { 0 })
        .byte(firmwares.len() as u8)
        .word(targets.largest_fragment)
        .each(firmwares, |writer, firmware| writer.word(*firmware))
        .optional(targets.hardware)
        .optional(targets.capabilities)
}

fn read_activation(reader: &mut Reader<'_>) -> Result<Activation, Malformed> {
    Ok(Activation {
        manufacturer: reader.word("the manufacturer")?,
        firmware: reader.word("the firmware")?,
        checksum: reader.word("the checksum")?,
        target: reader.byte("the target")?,
    })
}

fn write_activation(writer: Writer, activation: &Activation) -> Writer {
    writer.word(activation.manufacturer).word(activation.firmware).word(activation.checksum).byte(activation.target)
}
