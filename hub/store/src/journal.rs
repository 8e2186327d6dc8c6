//! The form of the history journal: frames, each with a length, a checksum and the generation it belongs to.
//!
//! The file never grows or shrinks: a new generation overwrites the one before, so that a write touches whole data
//! blocks and no metadata. A frame counts if its checksum, which covers its place, its generation and its payload,
//! agrees. A torn last frame ends the journal; damage in the middle costs the frames it hit and no other.
//!
//! ```text
//! frame   = length u32 · checksum u32 · generation u64 · payload          (little endian)
//! payload = written at · entries
//! ```

use std::collections::HashMap;
use std::sync::Arc;

use hub_model::Timestamp;
use hub_model::record::Decision;

use crate::bytes::{Malformed, Reader, put_blob, put_signed, put_text, put_unsigned};
use crate::coding;
use crate::series::{SeriesKey, SeriesKind, StoredSample};
use crate::unsealed::EndedCommand;

/// Bytes of a frame before its payload.
pub const FRAME_HEADER: usize = 16;

/// The longest payload of a frame.
pub const PAYLOAD_LIMIT: usize = 128 * 1024;

const SERIES: u8 = 1;
const SAMPLE: u8 = 2;
const DECISION: u8 = 3;
const ALIVE: u8 = 4;
const COMMAND: u8 = 5;

/// How far the hub was when a frame was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Alive {
    /// The number of the last event.
    pub seq: u64,
    /// The local day (days since 1970) that `written` counts for.
    pub day: i64,
    /// Bytes written on that day.
    pub written: u64,
}

/// One thing in the journal.
#[derive(Clone, PartialEq, Debug)]
pub enum Entry {
    /// A value.
    Sample(Arc<SeriesKey>, StoredSample),
    /// A decision of a rule.
    Decision(Decision),
    /// A sign of life.
    Alive(Alive),
    /// A command that has ended.
    Command(EndedCommand),
}

/// What was found in a journal.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Decoded {
    /// The generation; none = there is no readable frame.
    pub generation: Option<u64>,
    /// Behind the last readable frame: the place of the next one.
    pub end: usize,
    /// When the last readable frame was written.
    pub written_at: Option<Timestamp>,
    /// Places in the middle that could not be read.
    pub gaps: usize,
    /// The series that this generation has declared, by number.
    pub series: HashMap<u32, Arc<SeriesKey>>,
}

/// Reads a journal; `visit` gets every readable entry in order. `expected` is the generation to look for; without it,
/// the one of the first frame. Memory: one entry at a time, and the series.
pub fn decode(bytes: &[u8], expected: Option<u64>, visit: &mut dyn FnMut(Entry)) -> Decoded {
    let mut decoded = Decoded::default();
    let Some(generation) = expected.or_else(|| frame_at(bytes, 0).map(|frame| frame.generation)) else {
        return decoded;
    };
    let (mut position, mut lost) = (0, false);
    while position + FRAME_HEADER < bytes.len() {
        let Some(frame) = frame_at(bytes, position).filter(|frame| frame.generation == generation) else {
            // Goes on byte by byte: only the generation is compared, so this is quick.
            lost = true;
            position = next_candidate(bytes, position + 1, generation);
            continue;
        };
        if lost {
            decoded.gaps += 1;
            lost = false;
        }
        position += FRAME_HEADER + frame.payload.len();
        decoded.end = position;
        decoded.generation = Some(generation);
        if read_payload(frame.payload, &mut decoded, visit).is_err() {
            decoded.gaps += 1;
        }
    }
    decoded
}

struct Frame<'a> {
    generation: u64,
    payload: &'a [u8],
}

fn frame_at(bytes: &[u8], position: usize) -> Option<Frame<'_>> {
    let mut reader = Reader::new(bytes.get(position..)?);
    let length = u32::from_le_bytes(reader.array().ok()?);
    let checksum = u32::from_le_bytes(reader.array().ok()?);
    let generation = u64::from_le_bytes(reader.array().ok()?);
    let length = usize::try_from(length).ok().filter(|length| (1..=PAYLOAD_LIMIT).contains(length))?;
    if generation == 0 {
        return None;
    }
    let payload = reader.take(length).ok()?;
    (checksum == checksum_of(position, generation, payload)).then_some(Frame { generation, payload })
}

fn next_candidate(bytes: &[u8], from: usize, generation: u64) -> usize {
    let wanted = generation.to_le_bytes();
    (from..bytes.len())
        .find(|position| bytes.get(position + 8..position + 16).is_none_or(|found| found == wanted))
        .unwrap_or(bytes.len())
}

fn checksum_of(position: usize, generation: u64, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&(position as u64).to_le_bytes());
    hasher.update(&generation.to_le_bytes());
    hasher.update(&(payload.len() as u64).to_le_bytes());
    hasher.update(payload);
    hasher.finalize()
}

fn read_payload(payload: &[u8], decoded: &mut Decoded, visit: &mut dyn FnMut(Entry)) -> Result<(), Malformed> {
    let (mut reader, end) = (Reader::new(payload), decoded.end);
    let written_at = Timestamp(reader.signed()?);
    decoded.written_at = Some(written_at);
    let mut at = written_at.0;
    let mut result = Ok(());
    while !reader.is_empty() {
        match reader.byte()? {
            SERIES => {
                let number = series_number(&mut reader, end)?;
                let key = SeriesKey {
                    kind: SeriesKind::of(reader.byte()?).ok_or(Malformed("a series has an unknown kind"))?,
                    device: reader.text()?.into(),
                    endpoint: u16::try_from(reader.unsigned()?).map_err(|_| Malformed("an endpoint is too great"))?,
                    attribute: reader.text()?.into(),
                };
                decoded.series.insert(number, Arc::new(key));
            }
            SAMPLE => {
                let number = series_number(&mut reader, end)?;
                at = at.wrapping_add(reader.signed()?);
                let value = coding::value(&mut reader)?;
                let cause = coding::cause(&mut reader)?;
                match decoded.series.get(&number) {
                    Some(key) => {
                        visit(Entry::Sample(Arc::clone(key), StoredSample { at: Timestamp(at), value, cause }));
                    }
                    // Its declaration was in a damaged frame.
                    None => result = Err(Malformed("a series was never declared")),
                }
            }
            DECISION => visit(Entry::Decision(coding::decision(&mut reader)?)),
            ALIVE => visit(Entry::Alive(Alive {
                seq: reader.unsigned()?,
                day: reader.signed()?,
                written: reader.unsigned()?,
            })),
            COMMAND => {
                let (id, body) = (reader.text()?.to_owned(), reader.blob()?.to_vec());
                visit(Entry::Command(EndedCommand { id, body }));
            }
            _ => return Err(Malformed("an entry has an unknown tag")),
        }
    }
    result
}

/// Series are numbered from 0 and each is declared in bytes of its own before `end`, so a greater number is damage. To
/// believe it could leave no number for the next series.
fn series_number(reader: &mut Reader<'_>, end: usize) -> Result<u32, Malformed> {
    let number = u32::try_from(reader.unsigned()?).ok().filter(|number| (*number as usize) < end);
    number.ok_or(Malformed("a series number is too great"))
}

/// Numbers the series of one generation. Each is declared in the first frame that needs it, so that a journal can be
/// read by itself.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    numbers: HashMap<Arc<SeriesKey>, u32>,
    next: u32,
}

impl Numbers {
    /// Goes on from what a decoded journal has declared.
    pub fn of(decoded: &Decoded) -> Self {
        Self {
            numbers: decoded.series.iter().map(|(number, key)| (Arc::clone(key), *number)).collect(),
            next: decoded.series.keys().max().map_or(0, |greatest| greatest.saturating_add(1)),
        }
    }
}

/// Builds the payload of one frame.
#[derive(Debug)]
pub struct Payload {
    bytes: Vec<u8>,
    at: i64,
    declared: Vec<(Arc<SeriesKey>, u32)>,
    next: u32,
}

impl Payload {
    /// An empty one.
    pub fn new(written_at: Timestamp, numbers: &Numbers) -> Self {
        let mut bytes = Vec::new();
        put_signed(&mut bytes, written_at.0);
        Self { bytes, at: written_at.0, declared: Vec::new(), next: numbers.next }
    }

    /// Adds a value.
    pub fn sample(&mut self, numbers: &Numbers, key: SeriesKey, sample: &StoredSample) {
        let declared = |(known, number): &(Arc<SeriesKey>, u32)| (**known == key).then_some(*number);
        let number = numbers.numbers.get(&key).copied().or_else(|| self.declared.iter().find_map(declared));
        let number = number.unwrap_or_else(|| self.declare(key));
        self.bytes.push(SAMPLE);
        put_unsigned(&mut self.bytes, u64::from(number));
        put_signed(&mut self.bytes, sample.at.0.wrapping_sub(self.at));
        self.at = sample.at.0;
        coding::put_value(&mut self.bytes, &sample.value);
        coding::put_cause(&mut self.bytes, &sample.cause);
    }

    fn declare(&mut self, key: SeriesKey) -> u32 {
        let number = self.next;
        self.next += 1;
        self.bytes.push(SERIES);
        put_unsigned(&mut self.bytes, u64::from(number));
        self.bytes.push(key.kind as u8);
        put_text(&mut self.bytes, &key.device);
        put_unsigned(&mut self.bytes, u64::from(key.endpoint));
        put_text(&mut self.bytes, &key.attribute);
        self.declared.push((Arc::new(key), number));
        number
    }

    /// Adds a decision.
    pub fn decision(&mut self, decision: &Decision) {
        self.bytes.push(DECISION);
        coding::put_decision(&mut self.bytes, decision);
    }

    /// Adds a sign of life.
    pub fn alive(&mut self, alive: Alive) {
        self.bytes.push(ALIVE);
        put_unsigned(&mut self.bytes, alive.seq);
        put_signed(&mut self.bytes, alive.day);
        put_unsigned(&mut self.bytes, alive.written);
    }

    /// Adds a command that has ended.
    pub fn command(&mut self, ended: &EndedCommand) {
        self.bytes.push(COMMAND);
        put_text(&mut self.bytes, &ended.id);
        put_blob(&mut self.bytes, &ended.body);
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing but the time is in it.
    pub fn is_empty(&self) -> bool {
        let mut only_time = Reader::new(&self.bytes);
        only_time.signed().is_ok() && only_time.is_empty()
    }

    /// The frame for this place.
    pub fn frame(&self, position: usize, generation: u64) -> Vec<u8> {
        let mut frame = Vec::with_capacity(FRAME_HEADER + self.bytes.len());
        frame.extend_from_slice(&u32::try_from(self.bytes.len()).unwrap_or(0).to_le_bytes());
        frame.extend_from_slice(&checksum_of(position, generation, &self.bytes).to_le_bytes());
        frame.extend_from_slice(&generation.to_le_bytes());
        frame.extend_from_slice(&self.bytes);
        frame
    }

    /// After the frame was written: its declarations hold.
    pub fn settle(self, numbers: &mut Numbers) {
        numbers.next = self.next;
        numbers.numbers.extend(self.declared);
    }
}
