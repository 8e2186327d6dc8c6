//! The whole: work on a recorded disk, then cut after cut.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::arguments::Arguments;
use crate::check::{Verdict, check};
use crate::cut::Cutter;
use crate::disk::{Mounted, Recorded};
use crate::hub::Hub;
use crate::random::Random;
use crate::timeline::Timeline;
use crate::work::{Fact, work};

/// How many losses are told in full.
const TOLD: usize = 10;

pub fn run(arguments: &Arguments) -> Result<()> {
    let out = PathBuf::from(arguments.required("out")?);
    let scratch = arguments.text("scratch").map_or_else(|| out.join("images"), PathBuf::from);
    let program = PathBuf::from(arguments.required("hearth")?);
    let synchronous = arguments.text("synchronous").unwrap_or("full");
    let (mib, cuts) = (arguments.number("mib", 48)?, arguments.number("cuts", 1_000)?);
    let mut random = Random(arguments.number("seed", 1)?);
    std::fs::create_dir_all(&out)?;
    std::fs::create_dir_all(&scratch)?;
    let log = out.join("timeline.log");

    let start = Instant::now();
    let facts = record(&program, &out, &log, mib, synchronous, arguments.number("operations", 200)?, &mut random)?;
    let timeline = Timeline::load(&log)?;
    println!(
        "{} acknowledged changes, {} entries in the time line, {:.0} s; synchronous = {synchronous}",
        facts.len(),
        timeline.entries.len(),
        start.elapsed().as_secs_f64()
    );

    let first = timeline
        .entries
        .iter()
        .position(|entry| timeline.mark(entry) == Some("start"))
        .context("the time line has no start")?;
    let mut points: Vec<usize> = (0..cuts)
        .map(|_| first + 1 + random.below((timeline.entries.len() - first - 1) as u64) as usize)
        .collect();
    points.sort_unstable();
    let mut cutter = Cutter::new(&timeline, (mib << 20) as usize);
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut failures = Vec::new();
    for (number, at) in points.into_iter().enumerate() {
        let (image, fate) = cutter.image(at, &mut random);
        let acknowledged = cutter.acknowledged(at);
        let verdict = look(&program, &scratch, number, &image, synchronous, &facts, acknowledged)?;
        let (word, told) = match &verdict {
            Verdict::Whole => ("whole", None),
            Verdict::Lost(what) => ("lost", Some(what)),
            Verdict::Dead(why) => ("dead", Some(why)),
        };
        *counts.entry(word.to_owned()).or_default() += 1;
        if let Some(told) = told {
            failures.push(format!("cut {number} before entry {at}, {fate:?}, {acknowledged} acknowledged: {word}: {told}"));
        }
        if (number + 1) % 100 == 0 {
            eprintln!("{} cuts, {:.0} s, {counts:?}", number + 1, start.elapsed().as_secs_f64());
        }
    }
    for failure in failures.iter().take(TOLD) {
        println!("{failure}");
    }
    println!("cuts {cuts} in {:.0} s: {counts:?}", start.elapsed().as_secs_f64());
    std::process::exit(i32::from(!failures.is_empty()));
}

fn record(
    program: &Path,
    out: &Path,
    log: &Path,
    mib: u64,
    synchronous: &str,
    operations: u64,
    random: &mut Random,
) -> Result<Vec<Fact>> {
    let disk = Recorded::new(out, mib, Some(log))?;
    disk.mark("start")?;
    let data = disk.folder().join("hearth");
    let hub = Hub::start(program, &data, out, synchronous)?;
    let facts = work(&hub, &data, &disk, operations, random).with_context(|| hub.log_tail())?;
    disk.mark("end")?;
    hub.kill();
    disk.finish()?;
    Ok(facts)
}

/// Each cut gets a file and a loop device of its own: a device that is still being torn down must not be used again.
fn look(
    program: &Path,
    scratch: &Path,
    number: usize,
    image: &[u8],
    synchronous: &str,
    facts: &[Fact],
    acknowledged: usize,
) -> Result<Verdict> {
    let path = scratch.join(format!("cut-{number}.img"));
    std::fs::write(&path, image)?;
    let verdict = match Mounted::new(&path, &scratch.join("mnt")) {
        Err(error) => Verdict::Dead(format!("the disk cannot be mounted: {error:#}")),
        Ok(mounted) => match Hub::start(program, &mounted.folder.join("hearth"), scratch, synchronous) {
            Err(error) => Verdict::Dead(format!("{error:#}")),
            Ok(hub) => match check(&hub, facts, acknowledged) {
                Ok(verdict) => verdict,
                Err(error) => Verdict::Dead(format!("{error:#}\n{}", hub.log_tail())),
            },
        },
    };
    std::fs::remove_file(&path)?;
    Ok(verdict)
}
