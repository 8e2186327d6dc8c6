//! Manufacturer Specific, version 2: who made the device, and which one it is.

use super::reader::Reader;
use super::value::Names;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// What a device can say about which one it is.
pub const DEVICE_ID_TYPES: Names = &[(0, "Factory default"), (1, "Serial number"), (2, "Pseudo random")];

/// A command of Manufacturer Specific.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for the three numbers.
    Get,
    /// Manufacturer, product type and product.
    Report { manufacturer: u16, product_type: u16, product: u16 },
    /// Asks which device it is, by [`DEVICE_ID_TYPES`]; from version 2 on.
    DeviceSpecificGet { id_type: u8 },
    /// Which device it is.
    DeviceSpecificReport { id_type: u8, is_binary: bool, id: Vec<u8> },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x04 => Self::Get,
            0x05 => Self::Report {
                manufacturer: reader.word("the manufacturer")?,
                product_type: reader.word("the product type")?,
                product: reader.word("the product")?,
            },
            0x06 => Self::DeviceSpecificGet { id_type: reader.byte("the type of the id")? & 0b111 },
            0x07 => {
                let id_type = reader.byte("the type of the id")? & 0b111;
                let format = reader.byte("the format of the id")?;
                let id = reader.bytes(format & 0b1_1111, "the id")?;
                Self::DeviceSpecificReport { id_type, is_binary: format >> 5 != 0, id }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::MANUFACTURER_SPECIFIC, command);
        match self {
            Self::Get => command(0x04),
            Self::Report { manufacturer, product_type, product } => {
                command(0x05).word(*manufacturer).word(*product_type).word(*product)
            }
            Self::DeviceSpecificGet { id_type } => command(0x06).byte(id_type & 0b111),
            Self::DeviceSpecificReport { id_type, is_binary, id } => {
                command(0x07).byte(id_type & 0b111).counted(u8::from(*is_binary) << 5, 5, id)
            }
        }
    }
}
