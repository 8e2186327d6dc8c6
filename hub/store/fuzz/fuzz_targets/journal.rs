//! Any bytes as a journal, and any bytes behind right checksums: what is read is written and read again without a loss.
#![no_main]

use std::sync::Arc;

use hub_model::{Cause, Timestamp, Value};
use hub_store::journal::{Decoded, Entry, FRAME_HEADER, Numbers, Payload, decode};
use hub_store::{SeriesKey, StoredSample};
use libfuzzer_sys::fuzz_target;

const GENERATION: u64 = 3;

fuzz_target!(|bytes: &[u8]| {
    for expected in [None, Some(GENERATION)] {
        check(bytes, expected);
    }
    check(&framed(bytes), Some(GENERATION));
});

/// Bytes as frames whose checksums agree. Before each payload: its length u16, of which the highest bit spoils the
/// frame.
fn framed(mut bytes: &[u8]) -> Vec<u8> {
    let mut journal = Vec::new();
    while let Some((head, rest)) = bytes.split_first_chunk() {
        let head = u16::from_le_bytes(*head);
        let (payload, rest) = rest.split_at(rest.len().min(usize::from(head & 0x7fff)));
        journal.extend_from_slice(&frame(journal.len(), payload, head >> 15));
        bytes = rest;
    }
    // As in a file that is larger than what is in it.
    journal.extend_from_slice(&[0; 2 * FRAME_HEADER]);
    journal
}

fn frame(position: usize, payload: &[u8], spoilt: u16) -> Vec<u8> {
    let mut checksum = crc32fast::Hasher::new();
    for part in [position as u64, GENERATION, payload.len() as u64] {
        checksum.update(&part.to_le_bytes());
    }
    checksum.update(payload);
    let mut frame = (payload.len() as u32).to_le_bytes().to_vec();
    frame.extend_from_slice(&(checksum.finalize() ^ u32::from(spoilt)).to_le_bytes());
    frame.extend_from_slice(&GENERATION.to_le_bytes());
    frame.extend_from_slice(payload);
    frame
}

fn check(journal: &[u8], expected: Option<u64>) {
    let (decoded, entries) = read(journal, expected);
    assert!(decoded.end <= journal.len());
    assert!(expected.is_none() || decoded.generation.is_none() || decoded.generation == expected);
    // Each entry takes bytes of its own, so there are never more than there are bytes.
    assert!(entries.len() <= journal.len() && decoded.series.len() <= journal.len());
    let written = write(&entries);
    let (again, entries) = read(&written, Some(GENERATION));
    assert_eq!(again.gaps, 0, "what was written has no gaps");
    assert_eq!(write(&entries), written, "it is the same again");
    goes_on(journal, &decoded);
}

/// A hub that goes on in this journal loses nothing of it, and gives no number of a series twice.
fn goes_on(journal: &[u8], decoded: &Decoded) {
    let Some(generation) = decoded.generation else { return };
    let numbers = Numbers::of(decoded);
    let mut payload = Payload::new(Timestamp(0), &numbers);
    let mut expected = read(journal, Some(generation)).1;
    for attribute in ["one", "two"] {
        let sample = StoredSample { at: Timestamp(7), value: Value::Bool(true), cause: Cause::Report };
        let key = SeriesKey::state("fuzz:new", 1, attribute);
        payload.sample(&numbers, key.clone(), &sample);
        expected.push(Entry::Sample(Arc::new(key), sample));
    }
    let frame = payload.frame(decoded.end, generation);
    let end = decoded.end + frame.len();
    let mut longer = journal.to_vec();
    longer.resize(longer.len().max(end + 2 * FRAME_HEADER), 0);
    longer[decoded.end..end].copy_from_slice(&frame);
    assert_eq!(read(&longer, Some(generation)).1, expected);
}

fn read(journal: &[u8], expected: Option<u64>) -> (Decoded, Vec<Entry>) {
    let mut entries = Vec::new();
    let decoded = decode(journal, expected, &mut |entry| entries.push(entry));
    (decoded, entries)
}

fn write(entries: &[Entry]) -> Vec<u8> {
    let (mut journal, mut numbers) = (Vec::new(), Numbers::default());
    for entries in entries.chunks(100) {
        let mut payload = Payload::new(Timestamp(0), &numbers);
        for entry in entries {
            add(&mut payload, &numbers, entry);
        }
        journal.extend_from_slice(&payload.frame(journal.len(), GENERATION));
        payload.settle(&mut numbers);
    }
    journal.extend_from_slice(&[0; 2 * FRAME_HEADER]);
    journal
}

fn add(payload: &mut Payload, numbers: &Numbers, entry: &Entry) {
    match entry {
        Entry::Sample(key, sample) => payload.sample(numbers, (**key).clone(), sample),
        Entry::Decision(decision) => payload.decision(decision),
        Entry::Alive(alive) => payload.alive(*alive),
        Entry::Command(ended) => payload.command(ended),
    }
}
