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
/// The sensors that report.
const SENSORS: usize = 200;

/// How many rules watch a sensor that reports, and how many watch one that is silent.
const CASES: [(usize, usize); 5] = [(0, 0), (200, 0), (200, 1_800), (200, 18_000), (2_000, 0)];

/// Rules with a lamp each; each has a wait under way most of the time once its sensor has reported.
fn rules(watching: usize, elsewhere: usize) -> Replay {
    let reporting = (0..watching).map(|number| format!("motion-{}", number % SENSORS));
    let silent = (0..elsewhere).map(|number| format!("silent-{number}"));
    let documents: Vec<_> = reporting
        .chain(silent)
        .enumerate()
        .map(|(number, sensor)| {
            let text = format!(
                "id: rule-{number}\nname: Rule {number}\nmode: restart\ntriggers:\n  - state: {{device: {sensor}, attribute: occupancy, to: true}}\nconditions:\n  - not: {{numeric: {{device: {sensor}, attribute: illuminance, above: 50}}}}\nactions:\n  - command: {{device: lamp-{number}, set: {{on: true}}}}\n  - wait_for: {{state: {{device: {sensor}, attribute: occupancy, to: false, for: 2m}}}}\n  - command: {{device: lamp-{number}, set: {{on: false}}}}"
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

/// Every sensor in turn sees somebody, then in turn nobody.
fn happening(number: u64) -> Happening {
    let sensor = number % SENSORS as u64;
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
    for (watching, elsewhere) in CASES {
        let mut replay = rules(watching, elsewhere);
        let begin = Instant::now();
        let mut deeds = 0;
        for number in 0..EVENTS {
            let at = Timestamp(1_790_000_000_000).plus(Duration::from_millis(number * 100));
            replay.happen(at, happening(number));
            deeds += replay.take_lines().count();
        }
        let rate = EVENTS as f64 / begin.elapsed().as_secs_f64();
        let name =
            format!("engine in virtual time, {watching} rules that watch and {elsewhere} elsewhere ({deeds} deeds)");
        report.beside(name, rate, floor, "/s", Target::None);
    }
}
