//! Memory of a hub that has 240 devices and nothing to do.

use std::time::Duration;

use crate::figures::{Report, Target};
use crate::setup::Bench;

pub fn measure(bench: &mut Bench, report: &mut Report) {
    bench.stop_hub();
    let data = bench.folder.path().join("data");
    let (process, _) = bench.spawn_hub(&data);
    std::thread::sleep(Duration::from_secs(5));
    let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", process.0.id())).unwrap_or_default();
    let kilobytes = rollup
        .lines()
        .find_map(|line| line.strip_prefix("Pss:")?.split_whitespace().next()?.parse::<f64>().ok())
        .unwrap_or(f64::NAN);
    report.figure("memory at rest (PSS), 240 devices, 20 rules", kilobytes / 1_024.0, "MiB", Target::AtMost(16.0));
}
