//! Any JSON as a message of OwnTracks, at several times of the hub: refused or read; a position that is read is one on
//! earth, and of no later than now.
#![no_main]

#[path = "../../src/owntracks.rs"]
mod owntracks;

use hub_model::Timestamp;
use libfuzzer_sys::fuzz_target;
use owntracks::Message;

const TIMES: [i64; 4] = [0, 1_795_194_005_250, i64::MAX, i64::MIN];

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = serde_json::from_slice::<Message>(bytes) else { return };
    for now in TIMES.map(Timestamp) {
        match message.fix(now) {
            Ok(Some(fix)) => {
                assert!(fix.latitude.abs() <= 90.0 && fix.longitude.abs() <= 180.0 && fix.at <= now);
            }
            Ok(None) => {}
            Err(refusal) => assert!(!refusal.to_string().is_empty()),
        }
    }
});
