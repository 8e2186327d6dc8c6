//! CRC-16 Encapsulation (SDS13783): a command with a checksum better than the radio's.

use super::Problem;
use crate::read::Reader;

/// Command class and command.
const HEADER: [u8; 2] = [0x56, 0x01];
const START: u16 = 0x1D0F;
const POLYNOMIAL: u16 = 0x1021;

/// CRC-CCITT with the start value of Z-Wave (AUG-CCITT), over the parts one after the other.
pub fn checksum(parts: &[&[u8]]) -> u16 {
    parts.iter().copied().flatten().fold(START, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| match sum & 0x8000 {
            0 => sum << 1,
            _ => sum << 1 ^ POLYNOMIAL,
        })
    })
}

/// Why a message is not read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// It is no such message.
    #[error("the CRC-16 message cannot be read: {0}")]
    Malformed(#[from] Problem),
    /// It was damaged.
    #[error("the CRC-16 message was damaged on its way")]
    Checksum,
}

/// A command with its checksum.
pub fn encapsulate(command: &[u8]) -> Vec<u8> {
    [&HEADER, command, &checksum(&[&HEADER, command]).to_be_bytes()].concat()
}

/// The command of a message.
pub fn decapsulate(message: &[u8]) -> Result<&[u8], Refused> {
    let mut reader = Reader::new(message);
    let header: [u8; 2] = reader.array("command")?;
    if header != HEADER {
        return Err(Problem::Unknown { field: "command", value: header[1] }.into());
    }
    let command = reader.bytes(reader.remaining().saturating_sub(2), "command")?;
    if reader.word("checksum")? == checksum(&[&header, command]) { Ok(command) } else { Err(Refused::Checksum) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let message = encapsulate(&[0x25, 0x03, 0xFF]);
        assert_eq!(message, [0x56, 0x01, 0x25, 0x03, 0xFF, 0x79, 0x58]);
        assert_eq!(decapsulate(&message), Ok(&[0x25, 0x03, 0xFF][..]));
    }

    #[test]
    fn as_other_software_writes_it() {
        let message = [0x56, 0x01, 0x20, 0x02, 0x4D, 0x26];
        assert_eq!(decapsulate(&message), Ok(&message[2..4]));
        assert_eq!(encapsulate(&message[2..4]), message);
    }

    #[test]
    fn what_is_refused() {
        assert_eq!(decapsulate(&[0x56, 0x01, 0x25, 0x03, 0xFE, 0x79, 0x58]), Err(Refused::Checksum));
        for message in [&[][..], &[0x56], &[0x56, 0x01], &[0x56, 0x01, 0x00], &[0x56, 0x02, 0, 0], &[0x57, 0x01, 0, 0]]
        {
            assert!(matches!(decapsulate(message), Err(Refused::Malformed(_))), "{message:?}");
        }
    }
}
