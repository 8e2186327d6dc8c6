//! Frames of the Serial API ⇄ bytes (INS12350, frame layout).

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// Start of a data frame.
pub const START_OF_FRAME: u8 = 0x01;
/// The last data frame was received.
pub const ACKNOWLEDGE: u8 = 0x06;
/// The last data frame was damaged.
pub const NOT_ACKNOWLEDGE: u8 = 0x15;
/// The last data frame was dropped, because both sides sent at once.
pub const CANCEL: u8 = 0x18;

/// Type, function and checksum, which the length counts as well as the payload.
const LENGTH_WITHOUT_PAYLOAD: usize = 3;
/// Start and length, which the length does not count.
const BEFORE_LENGTH_COUNTS: usize = 2;
/// The longest payload that the length byte can count.
pub const LONGEST_PAYLOAD: usize = u8::MAX as usize - LENGTH_WITHOUT_PAYLOAD;
/// The longest data frame on the wire.
pub const LONGEST_FRAME: usize = u8::MAX as usize + BEFORE_LENGTH_COUNTS;

/// Which way a data frame goes in an exchange.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Begins something: a request of the host, a callback or an event of the stick.
    Request,
    /// The stick's direct answer to a request.
    Response,
}

impl Kind {
    fn to_byte(self) -> u8 {
        match self {
            Self::Request => 0x00,
            Self::Response => 0x01,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Request, Self::Response].into_iter().find(|kind| kind.to_byte() == byte)
    }
}

/// A data frame without what only the wire needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Data {
    /// Request or response.
    pub kind: Kind,
    /// The number of the Serial API function.
    pub function: u8,
    /// What the function defines.
    pub payload: Bytes,
}

/// What the wire brings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Frame {
    /// Our frame was received.
    Ack,
    /// Our frame was damaged.
    Nak,
    /// Our frame was dropped.
    Cancel,
    /// A data frame whose checksum is right.
    Data(Data),
    /// Bytes between frames.
    Garbage(Bytes),
    /// A whole data frame whose checksum or type is wrong.
    Corrupt(Bytes),
}

/// The payload is longer than a frame can carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a frame carries {LONGEST_PAYLOAD} bytes at most, not {length}: send less at once")]
pub struct FrameTooLong {
    /// Of the payload.
    pub length: usize,
}

impl Data {
    /// A request of the host.
    pub fn request(function: u8, payload: impl Into<Bytes>) -> Self {
        Self { kind: Kind::Request, function, payload: payload.into() }
    }

    /// The bytes for the wire.
    pub fn encode(&self) -> Result<Bytes, FrameTooLong> {
        let length = self.payload.len() + LENGTH_WITHOUT_PAYLOAD;
        let length_byte = u8::try_from(length).map_err(|_| FrameTooLong { length: self.payload.len() })?;
        let mut frame = BytesMut::with_capacity(length + BEFORE_LENGTH_COUNTS);
        frame.put_slice(&[START_OF_FRAME, length_byte, self.kind.to_byte(), self.function]);
        frame.put_slice(&self.payload);
        frame.put_u8(checksum(&frame[1..]));
        Ok(frame.freeze())
    }
}

/// Takes the first frame out of the buffer, or nothing if it is not complete: then the buffer begins with a start of
/// frame and holds less than [`LONGEST_FRAME`] bytes.
pub fn decode(buffer: &mut BytesMut) -> Option<Frame> {
    let single = match *buffer.first()? {
        ACKNOWLEDGE => Frame::Ack,
        NOT_ACKNOWLEDGE => Frame::Nak,
        CANCEL => Frame::Cancel,
        START_OF_FRAME => return decode_data(buffer),
        _ => {
            let end = buffer.iter().position(|byte| begins_frame(*byte)).unwrap_or(buffer.len());
            return Some(Frame::Garbage(buffer.split_to(end).freeze()));
        }
    };
    buffer.advance(1);
    Some(single)
}

/// Gives the data frame up that the buffer begins with: its start is garbage, and what follows may be a frame.
pub fn abandon(buffer: &mut BytesMut) -> Option<Frame> {
    (!buffer.is_empty()).then(|| Frame::Garbage(buffer.split_to(1).freeze()))
}

fn decode_data(buffer: &mut BytesMut) -> Option<Frame> {
    let length = usize::from(*buffer.get(1)?);
    if length < LENGTH_WITHOUT_PAYLOAD {
        return abandon(buffer);
    }
    if buffer.len() < length + BEFORE_LENGTH_COUNTS {
        return None;
    }
    let frame = buffer.split_to(length + BEFORE_LENGTH_COUNTS).freeze();
    // A damaged frame goes as a whole: bytes of its payload that look like acknowledgements are none.
    let (body, expected) = (&frame[1..=length], frame[length + 1]);
    match Kind::from_byte(frame[2]) {
        Some(kind) if checksum(body) == expected => {
            Some(Frame::Data(Data { kind, function: frame[3], payload: frame.slice(4..=length) }))
        }
        _ => Some(Frame::Corrupt(frame)),
    }
}

fn begins_frame(byte: u8) -> bool {
    matches!(byte, ACKNOWLEDGE | NOT_ACKNOWLEDGE | CANCEL | START_OF_FRAME)
}

/// INS12350, frame layout, checksum.
fn checksum(body: &[u8]) -> u8 {
    body.iter().fold(0xFF, |sum, byte| sum ^ byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frames(bytes: &[u8]) -> (Vec<Frame>, BytesMut) {
        let mut buffer = BytesMut::from(bytes);
        let frames = std::iter::from_fn(|| decode(&mut buffer)).collect();
        (frames, buffer)
    }

    fn version_response() -> Data {
        let payload = b"Z-Wave 7.17.99\0\x01".as_slice();
        Data { kind: Kind::Response, function: 0x15, payload: payload.into() }
    }

    const VERSION: &[u8] = &[
        0x01, 0x13, 0x01, 0x15, 0x5a, 0x2d, 0x57, 0x61, 0x76, 0x65, 0x20, 0x37, 0x2e, 0x31, 0x37, 0x2e, 0x39, 0x39,
        0x00, 0x01, 0xba,
    ];

    #[test]
    fn one_frame() {
        assert_eq!(frames(VERSION), (vec![Frame::Data(version_response())], BytesMut::new()));
        assert_eq!(version_response().encode().unwrap(), VERSION);
    }

    #[test]
    fn an_acknowledgement_and_a_frame_in_one_segment() {
        let (frames, _) = frames(&[&[0x06], VERSION, &[0x15, 0x18]].concat());
        assert_eq!(frames, [Frame::Ack, Frame::Data(version_response()), Frame::Nak, Frame::Cancel]);
    }

    #[test]
    fn one_frame_in_two_chunks() {
        let mut buffer = BytesMut::from(&VERSION[..7]);
        assert_eq!(decode(&mut buffer), None);
        buffer.extend_from_slice(&VERSION[7..]);
        assert_eq!(decode(&mut buffer), Some(Frame::Data(version_response())));
    }

    #[test]
    fn garbage_before_a_frame() {
        let (frames, _) = frames(&[b"noise", VERSION].concat());
        assert_eq!(frames, [Frame::Garbage("noise".into()), Frame::Data(version_response())]);
    }

    #[test]
    fn a_length_that_cannot_be_is_garbage() {
        let (frames, _) = frames(&[&[0x01, 0x02], VERSION].concat());
        let garbage = |bytes: &'static [u8]| Frame::Garbage(Bytes::from_static(bytes));
        assert_eq!(frames, [garbage(&[0x01]), garbage(&[0x02]), Frame::Data(version_response())]);
    }

    #[test]
    fn a_wrong_checksum_is_one_corrupt_frame() {
        let mut damaged = VERSION.to_vec();
        damaged[9] = 0x06;
        assert_eq!(frames(&damaged), (vec![Frame::Corrupt(damaged.clone().into())], BytesMut::new()));
    }

    #[test]
    fn a_type_that_is_none_is_a_corrupt_frame() {
        let frame = [0x01, 0x03, 0x02, 0x15, 0xeb];
        assert_eq!(frames(&frame).0, [Frame::Corrupt(frame.to_vec().into())]);
    }

    #[test]
    fn a_payload_too_long_is_refused() {
        assert!(Data::request(0x13, vec![0; LONGEST_PAYLOAD]).encode().is_ok());
        assert_eq!(Data::request(0x13, vec![0; 253]).encode(), Err(FrameTooLong { length: 253 }));
    }

    proptest! {
        #[test]
        fn whatever_comes_every_byte_is_in_one_frame(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let (frames, rest) = frames(&bytes);
            let mut length = rest.len();
            for frame in &frames {
                length += match frame {
                    Frame::Ack | Frame::Nak | Frame::Cancel => 1,
                    Frame::Data(data) => data.encode().unwrap().len(),
                    Frame::Garbage(skipped) | Frame::Corrupt(skipped) => skipped.len(),
                };
            }
            prop_assert_eq!(length, bytes.len());
            prop_assert!(rest.len() < LONGEST_FRAME && rest.first().is_none_or(|byte| *byte == START_OF_FRAME));
        }

        #[test]
        fn a_changed_bit_never_makes_another_frame(
            payload in proptest::collection::vec(any::<u8>(), 0..20),
            bit in 16_usize..8 * 25,
        ) {
            let mut bytes = Data::request(0x13, payload).encode().unwrap().to_vec();
            let bit = 16 + bit % (8 * (bytes.len() - 2));
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(frames(&bytes).0, [Frame::Corrupt(bytes.into())]);
        }

        #[test]
        fn a_frame_is_found_behind_garbage_without_frame_starts(
            garbage in proptest::collection::vec(0x20_u8..=0xFF, 0..40),
            function: u8,
            payload in proptest::collection::vec(any::<u8>(), 0..=LONGEST_PAYLOAD),
        ) {
            let data = Data::request(function, payload);
            let (frames, rest) = frames(&[&garbage, &data.encode().unwrap()[..]].concat());
            prop_assert_eq!(frames.last(), Some(&Frame::Data(data)));
            prop_assert!(rest.is_empty());
        }
    }
}
