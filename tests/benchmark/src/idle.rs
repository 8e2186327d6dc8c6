//! Memory of a hub that has 240 devices and nothing to do.

use std::time::Duration;

use crate::figures::{Report, Target};
use crate::setup::{Bench, memory};

pub(crate) fn measure(bench: &mut Bench, report: &mut Report) {
    bench.stop_hub();
    let data = bench.folder.path().join("data");
    let (process, _) = bench.spawn_hub(&data);
    std::thread::sleep(Duration::from_secs(5));
    let mebibytes = |name: &str| memory(process.0.id(), name);
    report.figure("memory at rest (PSS), 240 devices, 20 rules", mebibytes("Pss:"), "MiB", Target::AtMost(16.0));
    report.figure("  of it the program's own", mebibytes("Pss_Anon:"), "MiB", Target::None);
    report.figure("  of it the program's file", mebibytes("Pss_File:"), "MiB", Target::None);
}
