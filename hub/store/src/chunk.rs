//! A sealed stretch of one series: columns of times, values and causes, compressed together.
//!
//! Numbers are scaled to integers where that is exact (21.5 °C is 215) and, like times, kept as differences: what a
//! sensor says changes little from one report to the next. Anything else goes through a dictionary of the chunk.

use std::collections::HashMap;

use hub_model::{Timestamp, Value};

use crate::bytes::{Malformed, Reader, put_blob, put_signed, put_unsigned};
use crate::coding;
use crate::series::StoredSample;

/// The most samples of a chunk.
pub const SAMPLE_LIMIT: usize = 4_096;
/// The most bytes of a chunk before compression. Longer stretches are cut into several chunks.
pub const SIZE_LIMIT: usize = 1024 * 1024;
/// What decoding accepts: a chunk of the size limit whose last sample was a long one.
const DECODED_LIMIT: usize = 2 * SIZE_LIMIT;
const COMPRESSION_LEVEL: i32 = 9;
const VERSION: u8 = 1;
/// In place of a scale: the numbers are floating point.
const FLOATS: u8 = 255;

const UNKNOWN: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NUMBER: u8 = 3;
const OTHER: u8 = 4;

/// Encodes at most [`SAMPLE_LIMIT`] samples.
pub fn encode(samples: &[StoredSample]) -> Vec<u8> {
    let mut out = vec![VERSION];
    put_unsigned(&mut out, samples.len() as u64);
    let mut before = 0i64;
    for sample in samples {
        put_signed(&mut out, sample.at.0.wrapping_sub(before));
        before = sample.at.0;
    }
    out.extend(samples.iter().map(|sample| tag_of(&sample.value)));
    put_numbers(&mut out, samples.iter().filter_map(|sample| sample.value.as_number()).collect());
    let others = samples.iter().map(|sample| &sample.value).filter(|value| tag_of(value) == OTHER);
    put_dictionary(&mut out, others, coding::put_value);
    put_dictionary(&mut out, samples.iter().map(|sample| &sample.cause), coding::put_cause);

    let mut body = u32::try_from(out.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
    // Compressing into memory fails only if memory is out; what is kept then is plain.
    match zstd::bulk::compress(&out, COMPRESSION_LEVEL) {
        Ok(compressed) if compressed.len() < out.len() => body.extend_from_slice(&compressed),
        _ => body.extend_from_slice(&out),
    }
    body
}

/// Decodes. Memory stays bounded whatever the lengths in the bytes say.
pub fn decode(body: &[u8]) -> Result<Vec<StoredSample>, Malformed> {
    let mut header = Reader::new(body);
    let length = u32::from_le_bytes(header.array()?) as usize;
    if length > DECODED_LIMIT {
        return Err(Malformed("a chunk is too long"));
    }
    let packed = header.take(header.remaining())?;
    let unpacked;
    let plain = if packed.len() == length {
        packed
    } else {
        unpacked = zstd::bulk::decompress(packed, length).map_err(|_| Malformed("a chunk does not decompress"))?;
        &unpacked
    };
    let mut reader = Reader::new(plain);
    if reader.byte()? != VERSION {
        return Err(Malformed("a chunk has an unknown version"));
    }
    let count = reader.count()?;
    if count > SAMPLE_LIMIT {
        return Err(Malformed("a chunk has too many samples"));
    }
    let mut at = 0i64;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        at = at.wrapping_add(reader.signed()?);
        times.push(Timestamp(at));
    }
    let tags = reader.take(count)?;
    let mut numbers = numbers(&mut reader, tags.iter().filter(|tag| **tag == NUMBER).count())?.into_iter();
    let mut others =
        dictionary(&mut reader, tags.iter().filter(|tag| **tag == OTHER).count(), coding::value)?.into_iter();
    let causes = dictionary(&mut reader, count, coding::cause)?;
    let mut value = |tag: u8| {
        Ok(match tag {
            UNKNOWN => Value::Unknown,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            NUMBER => Value::number(numbers.next().ok_or(Malformed("a number is missing"))?),
            OTHER => others.next().ok_or(Malformed("a value is missing"))?,
            _ => return Err(Malformed("a value has an unknown tag")),
        })
    };
    let rows = times.into_iter().zip(tags).zip(causes);
    rows.map(|((at, tag), cause)| Ok(StoredSample { at, value: value(*tag)?, cause })).collect()
}

/// Cuts samples into stretches that each fit a chunk.
pub fn stretches(samples: &[StoredSample]) -> Vec<&[StoredSample]> {
    let (mut stretches, mut start, mut size) = (Vec::new(), 0, 0);
    for (index, sample) in samples.iter().enumerate() {
        if index > start && (index - start == SAMPLE_LIMIT || size > SIZE_LIMIT) {
            stretches.extend(samples.get(start..index));
            (start, size) = (index, 0);
        }
        size += 16 + size_of_value(&sample.value);
    }
    stretches.extend(samples.get(start..).filter(|rest| !rest.is_empty()));
    stretches
}

/// About how long a value is.
pub(crate) fn size_of_value(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::List(values) => values.iter().map(|value| 8 + size_of_value(value)).sum(),
        Value::Composite(fields) => fields.iter().map(|(name, value)| 8 + name.len() + size_of_value(value)).sum(),
        _ => 0,
    }
}

fn tag_of(value: &Value) -> u8 {
    match value {
        Value::Unknown => UNKNOWN,
        Value::Bool(false) => FALSE,
        Value::Bool(true) => TRUE,
        Value::Number(_) => NUMBER,
        _ => OTHER,
    }
}

fn put_numbers(out: &mut Vec<u8>, numbers: Vec<f64>) {
    let least = numbers.iter().try_fold(0, |scale, number| coding::least_scale(*number).map(|least| least.max(scale)));
    let integers = |scale| numbers.iter().map(|number| coding::scaled(*number, scale)).collect::<Option<Vec<i64>>>();
    match least.and_then(|scale| integers(scale).map(|integers| (scale, integers))) {
        Some((scale, integers)) => {
            out.push(scale);
            let mut before = 0;
            for integer in integers {
                put_signed(out, integer.wrapping_sub(before));
                before = integer;
            }
        }
        None => {
            out.push(FLOATS);
            numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
        }
    }
}

fn numbers(reader: &mut Reader<'_>, count: usize) -> Result<Vec<f64>, Malformed> {
    match reader.byte()? {
        FLOATS => (0..count).map(|_| Ok(f64::from_le_bytes(reader.array()?))).collect(),
        scale => {
            let mut integer = 0i64;
            let mut next = || {
                integer = integer.wrapping_add(reader.signed()?);
                coding::unscaled(integer, scale)
            };
            (0..count).map(|_| next()).collect()
        }
    }
}

fn put_dictionary<'a, T: 'a>(out: &mut Vec<u8>, items: impl Iterator<Item = &'a T>, put: fn(&mut Vec<u8>, &T)) {
    let mut words: HashMap<Vec<u8>, u64> = HashMap::new();
    let (mut listed, mut places) = (Vec::new(), Vec::new());
    for item in items {
        let mut bytes = Vec::new();
        put(&mut bytes, item);
        let next = words.len() as u64;
        let place = *words.entry(bytes).or_insert_with_key(|bytes| {
            put_blob(&mut listed, bytes);
            next
        });
        put_unsigned(&mut places, place);
    }
    put_unsigned(out, words.len() as u64);
    out.extend_from_slice(&listed);
    out.extend_from_slice(&places);
}

fn dictionary<T: Clone>(
    reader: &mut Reader<'_>,
    count: usize,
    read: fn(&mut Reader<'_>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let words = reader.count()?;
    let words = (0..words).map(|_| read(&mut Reader::new(reader.blob()?))).collect::<Result<Vec<T>, Malformed>>()?;
    let mut item = || {
        let place = usize::try_from(reader.unsigned()?).unwrap_or(usize::MAX);
        words.get(place).cloned().ok_or(Malformed("a dictionary has no such word"))
    };
    (0..count).map(|_| item()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::tests::any_value;
    use hub_model::Cause;
    use proptest::prelude::*;

    fn any_cause() -> impl Strategy<Value = Cause> {
        prop_oneof![
            Just(Cause::Report),
            Just(Cause::Restore),
            "[a-z]{1,3}".prop_map(|command| Cause::Command { command: command.into() }),
            ("[a-z]{1,3}", any::<u32>()).prop_map(|(automation, depth)| Cause::Rule {
                automation: automation.into(),
                run: "r".into(),
                depth,
                parent: None,
            }),
        ]
    }

    fn any_sample() -> impl Strategy<Value = StoredSample> {
        (any::<i64>(), any_value(), any_cause()).prop_map(|(at, value, cause)| StoredSample {
            at: Timestamp(at),
            value,
            cause,
        })
    }

    proptest! {
        #[test]
        fn chunks_come_back(expected in proptest::collection::vec(any_sample(), 0..60)) {
            prop_assert_eq!(decode(&encode(&expected)).unwrap(), expected);
        }

        #[test]
        fn damaged_chunks_are_refused_or_read_but_never_panic(
            samples in proptest::collection::vec(any_sample(), 0..30),
            place in any::<prop::sample::Index>(),
            bits in 1u8..,
        ) {
            let mut body = encode(&samples);
            let place = place.index(body.len());
            body[place] ^= bits;
            let _ = decode(&body);
            let _ = decode(&body[..place]);
        }

        #[test]
        fn any_bytes_are_decoded_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = decode(&bytes);
            // Uncompressed too, so that the columns are reached.
            let mut plain = (bytes.len() as u32).to_le_bytes().to_vec();
            plain.extend_from_slice(&bytes);
            let _ = decode(&plain);
        }
    }

    #[test]
    fn a_slow_sensor_costs_few_bytes_a_sample() {
        let samples: Vec<_> = (0..2_000i64)
            .map(|index| StoredSample {
                at: Timestamp(1_800_000_000_000 + index * 12_000 + (index * 7919) % 400),
                value: Value::Number(20.0 + ((index * 31) % 17) as f64 / 10.0),
                cause: Cause::Report,
            })
            .collect();
        let bytes = encode(&samples).len();
        assert!(bytes < 4 * samples.len(), "{bytes} bytes");
    }

    #[test]
    fn long_stretches_are_cut() {
        let sample =
            |text: usize| StoredSample { at: Timestamp(0), value: Value::text("x".repeat(text)), cause: Cause::Report };
        let many = vec![sample(1); 2 * SAMPLE_LIMIT + 1];
        assert_eq!(stretches(&many).iter().map(|part| part.len()).collect::<Vec<_>>(), [SAMPLE_LIMIT, SAMPLE_LIMIT, 1]);
        let long = vec![sample(100_000); 25];
        assert!(stretches(&long).len() >= 2);
        assert_eq!(stretches(&long).concat(), long);
        assert!(stretches(&long).iter().all(|part| decode(&encode(part)).is_ok()));
        assert!(stretches(&[]).is_empty());
    }
}
