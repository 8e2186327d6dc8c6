//! Transport Service, version 2: parts of a datagram that is too long for one frame. Nothing is put together here, and
//! checksums are only carried.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A part of a datagram.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// Length of the datagram, of 11 bits.
    pub datagram_size: u16,
    /// 0–15; tells datagrams of one node apart.
    pub session: u8,
    /// Where the part begins, of 11 bits; the first part begins at 0.
    pub offset: u16,
    /// What later versions say.
    pub header_extension: Option<Vec<u8>>,
    /// The part.
    pub payload: Vec<u8>,
    /// CRC-CCITT over everything before it, command class included.
    pub checksum: u16,
}

/// A command of Transport Service. The upper five bits of its second byte say which.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// The first part.
    FirstSegment(Segment),
    /// A later part.
    SubsequentSegment(Segment),
    /// A part that is missing is wanted.
    SegmentRequest { session: u8, offset: u16 },
    /// All parts are there.
    SegmentComplete { session: u8 },
    /// The receiver is busy with another datagram, of which so many parts are missing.
    SegmentWait { pending_segments: u8 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let command = reader.command();
        Ok(match command & 0b1111_1000 {
            0xc0 => Self::FirstSegment(read_segment(reader, true)?),
            0xe0 => Self::SubsequentSegment(read_segment(reader, false)?),
            0xc8 => {
                let (first, second) = (reader.byte("the session")?, reader.byte("the offset")?);
                Self::SegmentRequest { session: first >> 4, offset: u16::from_be_bytes([first & 0b111, second]) }
            }
            0xe8 => Self::SegmentComplete { session: reader.byte("the session")? >> 4 },
            0xf0 => Self::SegmentWait { pending_segments: reader.byte("the pending segments")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::TRANSPORT_SERVICE, command);
        match self {
            Self::FirstSegment(segment) => write_segment(0xc0, segment),
            Self::SubsequentSegment(segment) => write_segment(0xe0, segment),
            Self::SegmentRequest { session, offset } => {
                let [high, low] = offset.to_be_bytes();
                command(0xc8).byte(session << 4 | high & 0b111).byte(low)
            }
            Self::SegmentComplete { session } => command(0xe8).byte(session << 4),
            Self::SegmentWait { pending_segments } => command(0xf0).byte(*pending_segments),
        }
    }
}

fn read_segment(reader: &mut Reader<'_>, is_first: bool) -> Result<Segment, Malformed> {
    let datagram_size = u16::from_be_bytes([reader.command() & 0b111, reader.byte("the datagram's size")?]);
    let properties = reader.byte("the session")?;
    let offset = match is_first {
        true => 0,
        false => u16::from_be_bytes([properties & 0b111, reader.byte("the offset")?]),
    };
    let header_extension = match properties & 0b1000 {
        0 => None,
        _ => {
            let length = reader.byte("the length of the header extension")?;
            Some(reader.bytes(length, "the header extension")?)
        }
    };
    let payload = reader.slice(reader.left().saturating_sub(2), "the payload")?.to_vec();
    let checksum = reader.word("the checksum")?;
    Ok(Segment { datagram_size, session: properties >> 4, offset, header_extension, payload, checksum })
}

fn write_segment(command: u8, segment: &Segment) -> Writer {
    let [size_high, size_low] = segment.datagram_size.to_be_bytes();
    let [offset_high, offset_low] = segment.offset.to_be_bytes();
    let is_first = command == 0xc0;
    let properties = segment.session << 4 | if segment.header_extension.is_some() { 0b1000 } else { 0 };
    let writer = Writer::new(CommandClass::TRANSPORT_SERVICE, command | size_high & 0b111).byte(size_low);
    let writer = match is_first {
        true => writer.byte(properties),
        false => writer.byte(properties | offset_high & 0b111).byte(offset_low),
    };
    let writer = segment.header_extension.iter().fold(writer, |writer, extension| writer.counted(0, 8, extension));
    writer.bytes(&segment.payload).word(segment.checksum)
}
