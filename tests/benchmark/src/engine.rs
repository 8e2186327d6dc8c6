//! The rules engine alone: events a second with few rules and with many. What an event costs must grow with the rules
//! that watch it, not with all rules.

use std::hint::black_box;
use std::time::{Duration, Instant};

use hub_automation::document::parse_yaml;
use hub_automation::document::tests::Happening;
use hub_automation::replay::{Replay, SimulatedHome, Site, record_of};
use hub_model::zone::Zone;
use hub_model::{AutomationId, Timestamp, Value};

use crate::figures::{Report, Target};
use crate::setup::Bench;

const EVENTS: u64 = 200_000;
const SENSORS: usize = 2_000;

/// A rule for each of so many sensors; each has a wait under way most of the time.
fn rules(count: usize) -> Replay {
    let documents: Vec<_> = (0..count)
        .map(|number| {
            let text = format!(
                "id: rule-{number}\nname: Rule {number}\nmode: restart\ntriggers:\n  - state: {{device: motion-{number}, attribute: occupancy, to: true}}\nconditions:\n  - not: {{numeric: {{device: motion-{number}, attribute: illuminance, above: 50}}}}\nactions:\n  - command: {{device: lamp-{number}, set: {{on: true}}}}\n  - wait_for: {{state: {{device: motion-{number}, attribute: occupancy, to: false, for: 2m}}}}\n  - command: {{device: lamp-{number}, set: {{on: false}}}}"
            );
            parse_yaml(&text).expect("a good rule")
        })
        .collect();
    let home = SimulatedHome::inferred(&documents);
    let records = documents
        .iter()
        .map(|document| record_of(document, &AutomationId::new(document.id().unwrap_or_default()), &home))
        .collect();
    Replay::new(home, records, Site { zone: Zone::utc(), location: None })
}

fn happening(number: u64) -> Happening {
    let sensor = (number * 7_919) % SENSORS as u64;
    let occupied = (number / SENSORS as u64).is_multiple_of(2);
    Happening::Report {
        device: format!("motion-{sensor}"),
        endpoint: None,
        attribute: "occupancy".to_owned(),
        value: Value::Bool(occupied),
    }
}

pub(crate) fn measure(_: &mut Bench, report: &mut Report) {
    let begin = Instant::now();
    for number in 0..EVENTS {
        black_box(happening(number));
    }
    let floor = EVENTS as f64 / begin.elapsed().as_secs_f64();
    for count in [0, 200, 2_000] {
        let mut replay = rules(count);
        let begin = Instant::now();
        let mut deeds = 0;
        for number in 0..EVENTS {
            let at = Timestamp(1_790_000_000_000).plus(Duration::from_millis(number * 100));
            replay.happen(at, happening(number));
            deeds += replay.take_lines().count();
        }
        let rate = EVENTS as f64 / begin.elapsed().as_secs_f64();
        let name = format!("engine in virtual time, {count} rules ({deeds} deeds)");
        report.beside(name, rate, floor, "/s", Target::None);
    }
}
