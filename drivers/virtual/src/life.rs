//! Daily life in the demo home: the sun, the weather, three people and their cat, the things they use and the batteries
//! in them.
//!
//! It goes on in ticks of about a second. Each part is told what time of day it is and changes the home; nothing is
//! planned further ahead than a part remembers by itself.

use std::time::Duration;

use hub_model::{Monotonic, Now};

use crate::home::{Home, Room};
use crate::random::Random;

mod appliances;
mod batteries;
mod cat;
mod climate;
mod people;
mod weather;

use appliances::Appliances;
use batteries::Batteries;
use cat::Cat;
use climate::Climate;
use people::People;
use weather::Weather;

/// The demo home's clocks show an hour more than universal time, summer and winter.
const LOCAL_OFFSET_HOURS: f64 = 1.0;
/// After a pause life goes on from where it was, it does not catch up.
const LONGEST_STEP: Duration = Duration::from_secs(10);

/// What time it is in the home.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) mono: Monotonic,
    /// Since the last tick.
    pub(crate) passed: Duration,
    /// Local time of day in hours, 0 to 24.
    pub(crate) hour: f64,
    /// Day of the year, from 0, with its fraction.
    pub(crate) day: f64,
    /// Days since 1970 in local time.
    pub(crate) date: i64,
}

/// Everything that lives.
#[derive(Debug)]
pub(crate) struct Life {
    random: Random,
    weather: Weather,
    people: People,
    cat: Cat,
    appliances: Appliances,
    batteries: Batteries,
    climate: Climate,
    last: Option<Monotonic>,
}

impl Life {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self {
            weather: Weather::new(&mut random),
            people: People::new(),
            cat: Cat::new(seed),
            appliances: Appliances::new(&mut random),
            batteries: Batteries::new(seed),
            climate: Climate::new(&mut random),
            random,
            last: None,
        }
    }

    /// Brings the home into the state in which life begins; nothing is said of it yet.
    pub(crate) fn furnish(&self, home: &mut Home) {
        self.batteries.furnish(home);
    }

    pub(crate) fn tick(&mut self, now: Now, home: &mut Home) {
        let passed = self.last.map_or(Duration::ZERO, |last| now.mono.since(last).min(LONGEST_STEP));
        self.last = Some(now.mono);
        let moment = Moment::of(now, passed);
        self.weather.tick(&moment, &mut self.random);
        self.cat.tick(&moment, &mut self.people);
        self.people.tick(&moment, home, &self.weather, &mut self.random);
        let watched = self.people.awake_in(Room::LivingRoom, &moment);
        let kettle = self.people.wants_tea();
        self.appliances.tick(&moment, home, watched, kettle, &mut self.random);
        self.batteries.tick(&moment, home);
        self.climate.tick(&moment, home, &self.weather, self.people.takes_shower());
    }
}

impl Moment {
    fn of(now: Now, passed: Duration) -> Self {
        let hours = now.time().milliseconds() as f64 / 3_600_000.0 + LOCAL_OFFSET_HOURS;
        let days = hours / 24.0;
        Self {
            mono: now.mono,
            passed,
            hour: hours.rem_euclid(24.0),
            day: days.rem_euclid(365.2425),
            date: days.floor() as i64,
        }
    }

    pub(crate) fn hours_passed(&self) -> f64 {
        self.passed.as_secs_f64() / 3_600.0
    }
}
