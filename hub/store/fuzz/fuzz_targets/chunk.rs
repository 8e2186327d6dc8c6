//! Any bytes as a chunk of history: refused or read; what was read is written and read again without a loss.
#![no_main]

use hub_store::chunk;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    // Uncompressed too, so that the columns are reached.
    let Ok(length) = u32::try_from(bytes.len()) else { return };
    check(&[&length.to_le_bytes(), bytes].concat());
});

fn check(body: &[u8]) {
    let Ok(samples) = chunk::decode(body) else { return };
    assert!(samples.len() <= chunk::SAMPLE_LIMIT);
    assert_eq!(chunk::stretches(&samples).concat(), samples);
    for stretch in chunk::stretches(&samples) {
        let written = chunk::encode(stretch);
        let read = chunk::decode(&written).expect("what was written can be read");
        assert_eq!(chunk::encode(&read), written, "it is the same again");
    }
}
