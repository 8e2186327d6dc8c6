//! The messages of Transport Service ⇄ bytes (SDS13783).

use super::super::crc16::checksum;
use crate::encapsulation::Problem;
use crate::read::Reader;

/// The command class.
pub const COMMAND_CLASS: u8 = 0x55;
/// The longest command, which 11 bits can count.
pub const LONGEST_DATAGRAM: usize = 0x7FF;
/// The longest payload of one segment.
pub const LONGEST_PAYLOAD: usize = 39;
/// What a segment has beside its payload: at most five bytes of header, and the checksum.
pub const OVERHEAD: usize = 7;

/// The upper five bits of the command; the lower three belong to the size.
const COMMAND: u8 = 0b1111_1000;
const FIRST: u8 = 0xC0;
const REQUEST: u8 = 0xC8;
const SUBSEQUENT: u8 = 0xE0;
const COMPLETE: u8 = 0xE8;
const WAIT: u8 = 0xF0;
const HAS_HEADER_EXTENSION: u8 = 0x08;

/// A message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Segment {
    /// The beginning of a datagram.
    First {
        /// Of the whole datagram.
        size: u16,
        /// 0 to 15.
        session: u8,
        /// The first bytes.
        payload: Vec<u8>,
    },
    /// What follows.
    Subsequent {
        /// Of the whole datagram.
        size: u16,
        /// 0 to 15.
        session: u8,
        /// Where the payload belongs.
        offset: u16,
        /// More bytes.
        payload: Vec<u8>,
    },
    /// The receiver lacks the segment at this offset.
    Request {
        /// 0 to 15.
        session: u8,
        /// Of the segment.
        offset: u16,
    },
    /// The receiver has everything.
    Complete {
        /// 0 to 15.
        session: u8,
    },
    /// The receiver has other things to do: begin anew later.
    Wait {
        /// How many segments it waits for from others.
        pending: u8,
    },
}

/// Why a message is not read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// It is no such message.
    #[error("the Transport Service segment cannot be read: {0}")]
    Malformed(#[from] Problem),
    /// It was damaged.
    #[error("the Transport Service segment was damaged on its way")]
    Checksum,
}

impl Segment {
    /// The message.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::First { size, session, payload } => {
                let [size_high, size_low] = size.to_be_bytes();
                let header = [COMMAND_CLASS, FIRST | size_high & !COMMAND, size_low, session << 4];
                with_checksum(&header, payload)
            }
            Self::Subsequent { size, session, offset, payload } => {
                let [size_high, size_low] = size.to_be_bytes();
                let [offset_high, offset_low] = offset.to_be_bytes();
                let session = session << 4 | offset_high & 0x07;
                let header = [COMMAND_CLASS, SUBSEQUENT | size_high & !COMMAND, size_low, session, offset_low];
                with_checksum(&header, payload)
            }
            Self::Request { session, offset } => {
                let [offset_high, offset_low] = offset.to_be_bytes();
                vec![COMMAND_CLASS, REQUEST, session << 4 | offset_high & 0x07, offset_low]
            }
            Self::Complete { session } => vec![COMMAND_CLASS, COMPLETE, session << 4],
            Self::Wait { pending } => vec![COMMAND_CLASS, WAIT, *pending],
        }
    }

    /// Reads a message.
    pub fn decode(message: &[u8]) -> Result<Self, Refused> {
        let mut reader = Reader::new(message);
        let [class, command] = reader.array("command")?;
        if class != COMMAND_CLASS {
            return Err(Problem::Unknown { field: "command class", value: class }.into());
        }
        match command & COMMAND {
            REQUEST => {
                let [session, offset_low] = reader.array("session and offset")?;
                Ok(Self::Request { session: session >> 4, offset: u16::from_be_bytes([session & 0x07, offset_low]) })
            }
            COMPLETE => Ok(Self::Complete { session: reader.byte("session")? >> 4 }),
            WAIT => Ok(Self::Wait { pending: reader.byte("pending segments")? }),
            FIRST | SUBSEQUENT => Self::decode_payload(command, reader, message),
            value => Err(Problem::Unknown { field: "command", value }.into()),
        }
    }

    fn decode_payload(command: u8, mut reader: Reader<'_>, message: &[u8]) -> Result<Self, Refused> {
        let size = u16::from_be_bytes([command & !COMMAND, reader.byte("datagram size")?]);
        let session = reader.byte("session")?;
        let offset_low = if command & COMMAND == SUBSEQUENT { Some(reader.byte("datagram offset")?) } else { None };
        if session & HAS_HEADER_EXTENSION != 0 {
            // There is none yet that means something.
            reader.counted("header extension")?;
        }
        let length = reader.remaining().saturating_sub(2).max(1);
        let payload = reader.bytes(length, "payload")?.to_vec();
        let expected = reader.word("checksum")?;
        if checksum(&[&message[..message.len() - 2]]) != expected {
            return Err(Refused::Checksum);
        }
        Ok(match offset_low {
            None => Self::First { size, session: session >> 4, payload },
            Some(low) => {
                let offset = u16::from_be_bytes([session & 0x07, low]);
                Self::Subsequent { size, session: session >> 4, offset, payload }
            }
        })
    }
}

fn with_checksum(header: &[u8], payload: &[u8]) -> Vec<u8> {
    [header, payload, &checksum(&[header, payload]).to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn there_and_back() {
        let payload = vec![7; 39];
        for segment in [
            Segment::First { size: 0x7FF, session: 15, payload: payload.clone() },
            Segment::Subsequent { size: 300, session: 3, offset: 0x123, payload },
            Segment::Request { session: 3, offset: 0x123 },
            Segment::Complete { session: 3 },
            Segment::Wait { pending: 9 },
        ] {
            let message = segment.encode();
            assert!(message.len() <= 46);
            assert_eq!(Segment::decode(&message), Ok(segment));
        }
    }

    #[test]
    fn as_other_software_writes_them() {
        for (message, segment) in [
            (&[0x55, 0xC8, 0x21, 0x2C][..], Segment::Request { session: 2, offset: 300 }),
            (&[0x55, 0xE8, 0x30], Segment::Complete { session: 3 }),
            (&[0x55, 0xF0, 0x03], Segment::Wait { pending: 3 }),
        ] {
            assert_eq!(Segment::decode(message), Ok(segment));
        }
    }

    #[test]
    fn a_header_extension_is_skipped() {
        let message = with_checksum(&[0x55, 0xC0, 80, 0x38, 2, 0xAA, 0xBB], &[1, 2, 3]);
        let expected = Segment::First { size: 80, session: 3, payload: vec![1, 2, 3] };
        assert_eq!(Segment::decode(&message), Ok(expected));
    }

    proptest! {
        #[test]
        fn no_message_makes_it_panic(mut message in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some(class) = message.first_mut() {
                *class = COMMAND_CLASS;
            }
            let _ = Segment::decode(&message);
        }
    }
}
