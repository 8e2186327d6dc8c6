//! Waiting for a condition, with a limit. The one place of the tests that reads a clock and sleeps.

#![allow(clippy::disallowed_methods, reason = "tests live in real time; this is where they wait")]

use std::fmt::Debug;
use std::thread;
use std::time::{Duration, Instant};

/// How often a condition is looked at.
const PERIOD: Duration = Duration::from_millis(20);

/// Asks until the answer is `Ok`, and gives it back.
///
/// # Panics
/// When `limit` is over, with what was waited for and the last `Err`.
pub fn eventually<T, E: Debug>(what: &str, limit: Duration, mut ask: impl FnMut() -> Result<T, E>) -> T {
    let end = Instant::now() + limit;
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(last) if Instant::now() >= end => panic!("{what}: not within {limit:?}; last: {last:?}"),
            Err(_) => thread::sleep(PERIOD),
        }
    }
}

/// Whether the answer stays `Ok` for as long as `time`; the first `Err` otherwise.
pub fn throughout<E>(time: Duration, mut ask: impl FnMut() -> Result<(), E>) -> Result<(), E> {
    let end = Instant::now() + time;
    while Instant::now() < end {
        ask()?;
        thread::sleep(PERIOD);
    }
    Ok(())
}

/// Runs `work` and says how long it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begin = Instant::now();
    let result = work();
    (result, begin.elapsed())
}
