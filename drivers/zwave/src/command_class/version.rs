//! Version, version 3: of the firmware and of the command classes.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Major and minor version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MajorMinor {
    /// Major.
    pub major: u8,
    /// Minor.
    pub minor: u8,
}

impl std::fmt::Display for MajorMinor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

/// Major, minor and patch version; all 0 = not used.
pub type Triple = [u8; 3];

/// What a node says about its software, from version 3 on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Software {
    pub sdk: Triple,
    pub application_framework: Triple,
    pub application_framework_build: u16,
    pub host_interface: Triple,
    pub host_interface_build: u16,
    pub protocol: Triple,
    pub protocol_build: u16,
    pub application: Triple,
    pub application_build: u16,
}

/// A command of Version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for the versions of the node.
    Get,
    /// The versions of the node; hardware and the other firmwares (after firmware 0) are of version 2.
    Report { library: u8, protocol: MajorMinor, firmware: MajorMinor, hardware: Option<Hardware> },
    /// Asks for the version of a class.
    CommandClassGet { class: u8 },
    /// The version of a class; 0 = the node does not have it.
    CommandClassReport { class: u8, version: u8 },
    /// Asks which of the following questions it answers, from version 3 on.
    CapabilitiesGet,
    /// Whether it answers [`Command::SoftwareGet`] (bit 2).
    CapabilitiesReport { capabilities: u8 },
    /// Asks for the software.
    SoftwareGet,
    /// The software.
    SoftwareReport(Software),
}

/// Version of the hardware, and versions of the firmwares 1 and following.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hardware {
    /// Of the hardware.
    pub version: u8,
    /// Of further firmwares.
    pub firmwares: Vec<MajorMinor>,
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x11 => Self::Get,
            0x12 => {
                let library = reader.byte("the library type")?;
                let (protocol, firmware) = (pair(reader, "the protocol")?, pair(reader, "the firmware")?);
                Self::Report { library, protocol, firmware, hardware: read_hardware(reader)? }
            }
            0x13 => Self::CommandClassGet { class: reader.byte("the command class")? },
            0x14 => Self::CommandClassReport {
                class: reader.byte("the command class")?,
                version: reader.byte("the version")?,
            },
            0x15 => Self::CapabilitiesGet,
            0x16 => Self::CapabilitiesReport { capabilities: reader.byte("the capabilities")? },
            0x17 => Self::SoftwareGet,
            0x18 => Self::SoftwareReport(Software {
                sdk: reader.key("the SDK")?,
                application_framework: reader.key("the application framework")?,
                application_framework_build: reader.word("the application framework's build")?,
                host_interface: reader.key("the host interface")?,
                host_interface_build: reader.word("the host interface's build")?,
                protocol: reader.key("the protocol")?,
                protocol_build: reader.word("the protocol's build")?,
                application: reader.key("the application")?,
                application_build: reader.word("the application's build")?,
            }),
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::VERSION, command);
        let pair = |writer: Writer, version: &MajorMinor| writer.byte(version.major).byte(version.minor);
        match self {
            Self::Get => command(0x11),
            Self::Report { library, protocol, firmware, hardware } => {
                let writer = pair(pair(command(0x12).byte(*library), protocol), firmware);
                match hardware {
                    None => writer,
                    Some(hardware) => {
                        let firmwares = hardware.firmwares.get(..usize::from(u8::MAX)).unwrap_or(&hardware.firmwares);
                        writer.byte(hardware.version).byte(firmwares.len() as u8).each(firmwares, pair)
                    }
                }
            }
            Self::CommandClassGet { class } => command(0x13).byte(*class),
            Self::CommandClassReport { class, version } => command(0x14).byte(*class).byte(*version),
            Self::CapabilitiesGet => command(0x15),
            Self::CapabilitiesReport { capabilities } => command(0x16).byte(*capabilities),
            Self::SoftwareGet => command(0x17),
            Self::SoftwareReport(software) => command(0x18)
                .bytes(&software.sdk)
                .bytes(&software.application_framework)
                .word(software.application_framework_build)
                .bytes(&software.host_interface)
                .word(software.host_interface_build)
                .bytes(&software.protocol)
                .word(software.protocol_build)
                .bytes(&software.application)
                .word(software.application_build),
        }
    }
}

fn pair(reader: &mut Reader<'_>, field: &'static str) -> Result<MajorMinor, Malformed> {
    Ok(MajorMinor { major: reader.byte(field)?, minor: reader.byte(field)? })
}

fn read_hardware(reader: &mut Reader<'_>) -> Result<Option<Hardware>, Malformed> {
    if reader.left() < 2 {
        return Ok(None);
    }
    let (version, count) = (reader.byte("the hardware")?, reader.byte("the number of firmwares")?);
    let firmwares = (0..count).map(|_| pair(reader, "a further firmware")).collect::<Result<_, _>>()?;
    Ok(Some(Hardware { version, firmwares }))
}
