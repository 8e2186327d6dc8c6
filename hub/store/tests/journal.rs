//! The journal after a cut at any byte, and with any bytes in it.

use std::sync::Arc;

use hub_model::{Cause, Timestamp, Value};
use hub_store::journal::{Alive, Decoded, Entry, Numbers, Payload, decode};
use hub_store::{EndedCommand, SeriesKey, StoredSample};
use proptest::prelude::*;

use crate::support::{Bench, START, decision};

const LENGTH: usize = 2_048;

fn sample(number: i64) -> StoredSample {
    StoredSample { at: Timestamp(number), value: Value::Number(number as f64 / 10.0), cause: Cause::Report }
}

fn ended(number: i64) -> EndedCommand {
    EndedCommand { id: format!("c{number}"), body: b"{}".to_vec() }
}

/// A journal with an older generation below; also where its frames begin and end.
fn journal(frames: i64) -> (Vec<u8>, Vec<usize>) {
    let mut bytes = vec![0; LENGTH];
    let mut ends = Vec::new();
    for generation in [7, 8] {
        ends = vec![0];
        let mut numbers = Numbers::default();
        let mut position = 0;
        // The older one reaches further.
        for number in 0..(if generation == 7 { frames + 3 } else { frames }) {
            let mut payload = Payload::new(Timestamp(number), &numbers);
            payload.sample(
                &numbers,
                SeriesKey::state("virtual:1", 1, if number % 3 == 0 { "a" } else { "b" }),
                &sample(number),
            );
            payload.decision(&decision("r", Timestamp(number), Some(b"state")));
            payload.command(&ended(number));
            payload.alive(Alive { seq: number as u64, day: 0, written: 0 });
            let frame = payload.frame(position, generation);
            bytes[position..position + frame.len()].copy_from_slice(&frame);
            position += frame.len();
            payload.settle(&mut numbers);
            ends.push(position);
        }
    }
    (bytes, ends)
}

fn read(bytes: &[u8], expected: Option<u64>) -> (Decoded, Vec<u64>) {
    let mut signs = Vec::new();
    let decoded = decode(bytes, expected, &mut |entry| {
        if let Entry::Alive(alive) = entry {
            signs.push(alive.seq);
        }
    });
    (decoded, signs)
}

/// A journal of generation 3 with one frame, whose checksum is right whatever is in it.
fn frame(payload: &[u8]) -> Vec<u8> {
    let mut hasher = crc32fast::Hasher::new();
    for part in [&0u64.to_le_bytes()[..], &3u64.to_le_bytes(), &(payload.len() as u64).to_le_bytes(), payload] {
        hasher.update(part);
    }
    let mut frame = (payload.len() as u32).to_le_bytes().to_vec();
    frame.extend_from_slice(&hasher.finalize().to_le_bytes());
    frame.extend_from_slice(&3u64.to_le_bytes());
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&[0; 32]);
    frame
}

/// Written at 0, then the declaration of a series whose number is the greatest that fits; behind it no number is left.
#[test]
fn a_series_number_that_nobody_gave_is_refused() {
    let (decoded, _) = read(&frame(&[0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 1, b'd', 1, 1, b'a']), None);
    assert_eq!((decoded.gaps, decoded.series.len()), (1, 0));
    let numbers = Numbers::of(&decoded);
    let mut payload = Payload::new(START, &numbers);
    payload.sample(&numbers, SeriesKey::state("d", 1, "a"), &sample(1));
    assert!(!payload.is_empty());
}

#[test]
fn a_journal_comes_back() {
    let (bytes, ends) = journal(9);
    let (decoded, signs) = read(&bytes, Some(8));
    assert_eq!((decoded.generation, decoded.end, decoded.gaps), (Some(8), ends[9], 0));
    assert_eq!(signs, (0..9).collect::<Vec<_>>());
    assert_eq!(read(&bytes, None).1, signs);
    assert_eq!(read(&bytes, Some(9)).1, Vec::<u64>::new());
    assert_eq!(read(&[], Some(8)).1, Vec::<u64>::new());
    assert_eq!(read(&vec![0; LENGTH], None).1, Vec::<u64>::new());
}

#[test]
fn a_cut_at_any_byte_loses_nothing_before_it() {
    let (bytes, ends) = journal(9);
    for cut in 0..=ends[9] {
        let whole = ends.iter().skip(1).filter(|end| **end <= cut).count() as u64;
        let mut zeroed = bytes.clone();
        zeroed[cut..].fill(0);
        for image in [zeroed.as_slice(), &bytes[..cut]] {
            let (decoded, signs) = read(image, Some(8));
            // A short file may end right behind the header of nothing.
            assert!(signs.len() as u64 >= whole.min(9) || image.len() < LENGTH, "cut at {cut}: {signs:?}");
            assert!(signs.iter().copied().eq(0..signs.len() as u64) && decoded.end <= cut.max(ends[signs.len()]));
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_costs_one_frame() {
    let (bytes, ends) = journal(9);
    for place in 0..ends[9] {
        for bit in [0x01, 0x80] {
            let mut image = bytes.clone();
            image[place] ^= bit;
            let (_, signs) = read(&image, Some(8));
            let hit = ends.iter().skip(1).position(|end| place < *end).unwrap() as u64;
            let expected: Vec<u64> = (0..9).filter(|number| *number != hit).collect();
            assert_eq!(signs, expected, "flipped at {place}");
        }
    }
}

#[test]
fn a_store_goes_on_behind_a_torn_frame() {
    let bench = Bench::new();
    for number in 0..8 {
        bench.state("power", f64::from(number));
        bench.advance(1);
        bench.handle.flush();
    }
    let image = bench.cut();
    let path = image.path().join("history.journal");
    let whole = std::fs::read(&path).unwrap();
    let end = decode(&whole, None, &mut |_| {}).end;
    for lost in [1, 5, 12, 20] {
        let mut torn = whole.clone();
        torn[end - lost..].fill(0xff);
        std::fs::write(&path, &torn).unwrap();
        let again = Bench::of(image.path());
        assert_eq!(again.values("power").len(), 7, "{lost}");
        again.state("power", 99.0);
        let again = again.restart();
        assert_eq!(again.values("power").len(), 8);
        assert_eq!(again.values("power").last(), Some(&Value::Number(99.0)));
        again.store.close();
    }
}

#[test]
fn decisions_survive_damage_around_them() {
    let bench = Bench::new();
    for number in 0..6 {
        bench.handle.decide(decision(&format!("r{number}"), START, Some(b"waits")));
        bench.handle.flush();
    }
    let bench = bench.restart_after(|folder| {
        let path = folder.join("history.journal");
        let mut bytes = std::fs::read(&path).unwrap();
        // The first frame, which also says which generation it is.
        bytes[10] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    });
    assert_eq!(bench.kept.decisions.len(), 5);
    assert!(!bench.kept.findings.is_empty());
    assert!(bench.troubles().contains(&"history_damaged"));
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_without_a_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        payload in proptest::collection::vec(any::<u8>(), 1..300),
    ) {
        read(&bytes, None);
        read(&bytes, Some(1));
        // Behind a right checksum too.
        let frame = frame(&payload);
        prop_assert_eq!(read(&frame, None).0.generation, Some(3));
    }

    #[test]
    fn samples_come_back(values in proptest::collection::vec((any::<i64>(), any::<f64>(), 0usize..5), 0..80)) {
        let mut numbers = Numbers::default();
        let mut payload = Payload::new(START, &numbers);
        let mut expected = Vec::new();
        for (at, number, series) in values {
            let key = SeriesKey::state("d:1", 1, ["a", "b", "c", "d", "e"][series]);
            let sample = StoredSample { at: Timestamp(at), value: Value::number(number), cause: Cause::System };
            payload.sample(&numbers, key.clone(), &sample);
            expected.push(Entry::Sample(Arc::new(key), sample));
        }
        let mut bytes = payload.frame(0, 1);
        bytes.extend_from_slice(&[0; 32]);
        payload.settle(&mut numbers);
        let mut found = Vec::new();
        decode(&bytes, None, &mut |entry| found.push(entry));
        prop_assert_eq!(found, expected);
    }
}
