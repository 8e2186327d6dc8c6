//! From the start of the process to the first command of a rule.

use std::time::{Duration, Instant};

use crate::figures::{Report, Sample, Target};
use crate::mqtt::Client;
use crate::setup::{BASE, Bench, lamp_address, motion_state};

const STARTS: usize = 7;

pub(crate) fn measure(bench: &mut Bench, report: &mut Report) {
    let port = bench.broker();
    bench.hub();
    // The rules and devices are kept; another process on the same data is what a restart is.
    bench.stop_hub();
    let data = bench.folder.path().join("data");
    let mut client = Client::connect(port, "starter");
    client.subscribe(&format!("{BASE}/+/set"));
    let wanted = format!("{BASE}/{}/set", lamp_address(0));
    let mut times = Vec::new();
    for start in 0..STARTS {
        let begin = Instant::now();
        let (process, _) = bench.spawn_hub(&data);
        let mut occupancy = start % 2 == 0;
        'answered: loop {
            assert!(begin.elapsed() < Duration::from_secs(20), "no rule works after 20 s");
            occupancy = !occupancy;
            client.publish(&format!("{BASE}/motion-0"), &motion_state(occupancy, 1), false);
            while let Some((topic, _)) = client.receive(Duration::from_millis(5)) {
                if topic == wanted {
                    times.push(begin.elapsed());
                    break 'answered;
                }
            }
        }
        drop(process);
        while client.receive(Duration::from_millis(100)).is_some() {}
    }
    report.figure(
        "process start → a rule works, p50",
        Sample::new(times).percentile(50) / 1_000.0,
        "s",
        Target::AtMost(0.3),
    );
}
