//! The stick's memory: NVM Get ID (0x29), NVM Backup/Restore (0x2E, 700 series), Extended NVM Backup/Restore (0x3D, 800
//! series), NVM Ext Read and Write Long Buffer (0x2A and 0x2B, 500 series).

use super::{Function, NodeIdWidth, Request, bare_request};
use crate::read::{Problem, Reader, length_byte, named_bytes};

bare_request! {
    /// Asks for the kind of memory.
    NvmGetId, NVM_GET_ID
}

/// The kind of memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NvmId {
    /// Its maker.
    pub manufacturer: u8,
    /// 0x80 flash, 0x81 data flash, 0xFF EEPROM.
    pub memory_type: u8,
    /// Two to the power of this is the number of bytes; 0xFF is not known.
    pub size_exponent: u8,
}

impl NvmId {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        reader.byte("length")?;
        let [manufacturer, memory_type, size_exponent] = reader.array("memory")?;
        Ok(Self { manufacturer, memory_type, size_exponent })
    }

    /// In bytes; `None` if it is not known.
    pub fn size(self) -> Option<u32> {
        1_u32.checked_shl(self.size_exponent.into())
    }
}

/// How wide addresses are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NvmWidth {
    /// NVM Backup/Restore, of the 700 series.
    Bits16,
    /// Extended NVM Backup/Restore, of the 800 series.
    Bits32,
}

/// What to do with the memory. The radio is off from open to close.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NvmOperation {
    /// Begin.
    Open,
    /// Read some bytes from an address; the stick may give fewer.
    Read {
        /// From where. With 16 bits the upper half is lost.
        address: u32,
        /// How many.
        length: u8,
    },
    /// Write bytes to an address.
    Write {
        /// Where to. With 16 bits the upper half is lost.
        address: u32,
        /// What.
        bytes: Vec<u8>,
    },
    /// End. The stick is to be restarted after something was written.
    Close,
}

/// An operation, in the function that the stick has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NvmBackupRestore {
    /// Which function.
    pub width: NvmWidth,
    /// What to do.
    pub operation: NvmOperation,
}

impl Request for NvmBackupRestore {
    fn function(&self) -> Function {
        match self.width {
            NvmWidth::Bits16 => Function::NVM_BACKUP_RESTORE,
            NvmWidth::Bits32 => Function::EXTENDED_NVM_BACKUP_RESTORE,
        }
    }

    fn write(&self, _: NodeIdWidth, payload: &mut Vec<u8>) {
        let address = |address: u32| match self.width {
            NvmWidth::Bits16 => address.to_be_bytes()[2..].to_vec(),
            NvmWidth::Bits32 => address.to_be_bytes().to_vec(),
        };
        match &self.operation {
            NvmOperation::Open => payload.push(0x00),
            NvmOperation::Read { address: from, length } => {
                payload.extend_from_slice(&[0x01, *length]);
                payload.extend(address(*from));
            }
            NvmOperation::Write { address: to, bytes } => {
                payload.extend_from_slice(&[0x02, length_byte(bytes)]);
                payload.extend(address(*to));
                payload.extend_from_slice(bytes);
            }
            NvmOperation::Close => payload.push(0x03),
        }
    }
}

named_bytes! {
    /// Whether an operation was done.
    NvmStatus, "NVM status" {
        /// It was.
        Ok = 0x00,
        /// It was not.
        Error = 0x01,
        /// Read and write were mixed.
        OperationMismatch = 0x02,
        /// Something else uses the memory.
        OperationInterference = 0x03,
        /// The stick does not know the operation.
        NotSupported = 0x04,
        /// Done, and the end of the memory is reached.
        EndOfFile = 0xFF,
    }
}

/// The stick's answer to an operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NvmResult {
    /// Whether it was done.
    pub status: NvmStatus,
    /// The size after opening, otherwise the address.
    pub address_or_size: u32,
    /// What was read.
    pub bytes: Vec<u8>,
}

impl NvmResult {
    pub(crate) fn read(reader: &mut Reader<'_>, width: NvmWidth) -> Result<Self, Problem> {
        let status = NvmStatus::from_byte(reader.byte("NVM status")?)?;
        let length = usize::from(reader.byte("length")?);
        // An error says no more.
        let address_or_size = match width {
            NvmWidth::Bits16 => reader.word("address").map(u32::from),
            NvmWidth::Bits32 => reader.array("address").map(u32::from_be_bytes),
        };
        let bytes = reader.bytes(length, "bytes");
        Ok(match status {
            NvmStatus::Ok | NvmStatus::EndOfFile => Self {
                status,
                address_or_size: address_or_size?,
                // After writing the length is what was written, and no bytes follow.
                bytes: bytes.unwrap_or_default().to_vec(),
            },
            _ => Self { status, address_or_size: address_or_size.unwrap_or_default(), bytes: Vec::new() },
        })
    }
}

/// Reads from the memory of the 500 series; the response is the bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NvmExtReadLongBuffer {
    /// From where, in 24 bits.
    pub address: u32,
    /// How many.
    pub length: u16,
}

impl Request for NvmExtReadLongBuffer {
    fn function(&self) -> Function {
        Function::NVM_EXT_READ_LONG_BUFFER
    }

    fn write(&self, _: NodeIdWidth, payload: &mut Vec<u8>) {
        payload.extend_from_slice(&self.address.to_be_bytes()[1..]);
        payload.extend_from_slice(&self.length.to_be_bytes());
    }
}

/// Writes to the memory of the 500 series; the response says whether it was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NvmExtWriteLongBuffer {
    /// Where to, in 24 bits.
    pub address: u32,
    /// What.
    pub bytes: Vec<u8>,
}

impl Request for NvmExtWriteLongBuffer {
    fn function(&self) -> Function {
        Function::NVM_EXT_WRITE_LONG_BUFFER
    }

    fn write(&self, _: NodeIdWidth, payload: &mut Vec<u8>) {
        let length = u16::try_from(self.bytes.len()).unwrap_or(u16::MAX);
        payload.extend_from_slice(&self.address.to_be_bytes()[1..]);
        payload.extend_from_slice(&length.to_be_bytes());
        payload.extend_from_slice(&self.bytes);
    }
}
