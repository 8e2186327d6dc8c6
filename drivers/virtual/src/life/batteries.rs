//! The battery that runs low: in the remote beside the bed. After some days somebody puts a new one in.

use std::time::Duration;

use hub_model::{Monotonic, Value};

use super::Moment;
use crate::home::Home;
use crate::random::Random;

/// In what.
const ADDRESS: &str = "bedroom-remote";
/// Its charge when life begins, in percent.
const WEAK: f64 = 11.0;
/// How long after the start it falls for the first time, in seconds.
const FALLS: (f64, f64) = (120.0, 300.0);
/// How long it takes for each further percent, in seconds.
const PERCENT: (f64, f64) = (18_000.0, 30_000.0);
/// At this charge it is replaced.
const EMPTY: f64 = 3.0;
const NEW: f64 = 100.0;

#[derive(Debug)]
pub(super) struct Batteries {
    /// Their own, so that everything else is the same whether one is low or not.
    random: Random,
    charge: f64,
    falls_at: Option<Monotonic>,
}

impl Batteries {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: Random::new(seed.rotate_left(32)), charge: WEAK, falls_at: None }
    }

    pub(super) fn furnish(&self, home: &mut Home) {
        home.set(ADDRESS, &[("battery", Value::number(self.charge))]);
    }

    pub(super) fn tick(&mut self, moment: &Moment, home: &mut Home) {
        let wait = match self.falls_at {
            None => self.between(FALLS),
            Some(at) if moment.mono >= at => {
                // The first step is the one at which people are told.
                let step = if self.charge == WEAK { 2.0 } else { 1.0 };
                self.charge = if self.charge <= EMPTY { NEW } else { self.charge - step };
                self.furnish(home);
                self.between(PERCENT)
            }
            Some(_) => return,
        };
        self.falls_at = Some(moment.mono.plus(wait));
    }

    fn between(&mut self, seconds: (f64, f64)) -> Duration {
        self.random.seconds(seconds.0, seconds.1)
    }
}
