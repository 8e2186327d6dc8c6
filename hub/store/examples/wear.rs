//! Writes changes of 60 attributes in batches of ten seconds, as fast as it can, into the folder given. What reaches
//! the disk is counted outside, e.g. by `/sys/block/loop0/stat` of the device that the folder is on.
//!
//! `wear FOLDER CHANGES [DECISIONS]`: so many state changes, then so many decisions one by one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hub_model::history::{HistoryEntry, HistoryRecord, StateRecord};
use hub_model::record::{DecidedOn, Decision};
use hub_model::time::ManualClock;
use hub_model::{Cause, Clock, Timestamp, Value};
use hub_store::{Options, Store};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("give a folder")?);
    let changes: u64 = arguments.next().ok_or("say how many changes")?.parse()?;
    let decisions: u64 = arguments.next().map_or(Ok(0), |count| count.parse())?;
    let clock = Arc::new(ManualClock::at(Timestamp(1_800_000_000_000)));
    let (store, _) = Store::open(&folder, clock.clone(), Options { ballast_bytes: 0, ..Options::default() })?;
    let handle = store.handle();
    let mut chance = 1u64;
    for number in 0..changes {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let series = (chance >> 33) % 60;
        let value = match series % 3 {
            0 => Value::Bool(number % 2 == 0),
            1 => Value::Number(180.0 / 10.0 + ((chance >> 40) % 60) as f64 / 10.0),
            _ => Value::Number(((chance >> 40) % 30_000) as f64 / 10.0),
        };
        let entry = HistoryEntry::State(StateRecord {
            device: format!("zigbee:0x00158d0001e82b{series:02x}").into(),
            endpoint: 1,
            attribute: "temperature".into(),
            value,
            cause: Cause::Report,
        });
        handle.record(HistoryRecord { at: clock.now().time(), entry });
        clock.advance(Duration::from_millis(150 + (chance >> 50) % 100));
        if number % 50 == 49 {
            handle.flush();
        }
    }
    for number in 0..decisions {
        let at = clock.now().time();
        handle.decide(Decision {
            automation: "hallway-light".into(),
            run: Some(format!("run-{number}").into()),
            at,
            state: (number % 2 == 0).then(|| Arc::from([7u8; 200].as_slice())),
            decided_on: vec![DecidedOn {
                device: "zigbee:0x00158d0001e82b3c".into(),
                endpoint: 1,
                attribute: "occupancy".into(),
                value: Value::Bool(true),
                changed_at: at,
            }],
        });
        handle.flush();
        clock.advance(Duration::from_secs(1));
    }
    store.close();
    Ok(())
}
