//! What goes through the plugs.

use std::f64::consts::TAU;
use std::time::Duration;

use hub_model::Monotonic;

use super::Moment;
use crate::home::Home;
use crate::random::Random;

/// The programme of the washing machine: up to which minute it draws how many watts.
const WASH: &[(f64, f64)] = &[
    (3.0, 40.0),
    (19.0, 2_050.0),
    (38.0, 165.0),
    (42.0, 35.0),
    (58.0, 180.0),
    (62.0, 30.0),
    (71.0, 480.0),
    (73.0, 12.0),
];
/// The hours at which it is started.
const WASH_HOURS: [f64; 2] = [9.6, 17.4];
/// The fridge cools for so many minutes of so many.
const FRIDGE_MINUTES: (f64, f64) = (17.0, 47.0);
/// How long the kettle boils.
const KETTLE: Duration = Duration::from_secs(150);

/// How often draw and voltage change a little.
const WAVERING: Duration = Duration::from_secs(3);

/// A plug and what hangs on it.
#[derive(Debug)]
struct Plug {
    address: &'static str,
    /// Mean draw, a little above the true one: a counter that starts from it never runs backwards over a restart.
    mean_watts: f64,
    power_factor: f64,
    energy: Option<f64>,
    /// Slow wavering of the draw, in parts.
    waver: f64,
}

const fn plug(address: &'static str, mean_watts: f64, power_factor: f64) -> Plug {
    Plug { address, mean_watts, power_factor, energy: None, waver: 0.0 }
}

#[derive(Debug)]
pub(super) struct Appliances {
    plugs: [Plug; 4],
    phase: f64,
    wavers_at: Monotonic,
    /// Slow wavering of the mains, in volts.
    mains_waver: f64,
    kettle_until: Option<Monotonic>,
    washing_since: Option<Monotonic>,
    started: Option<(i64, usize)>,
}

impl Appliances {
    pub(super) fn new(random: &mut Random) -> Self {
        Self {
            plugs: [
                plug("television-plug", 60.0, 0.92),
                plug("kettle-plug", 130.0, 1.0),
                plug("fridge-plug", 45.0, 0.85),
                plug("washing-machine-plug", 150.0, 0.95),
            ],
            phase: random.between(0.0, FRIDGE_MINUTES.1),
            wavers_at: Monotonic::default(),
            mains_waver: 0.0,
            kettle_until: None,
            washing_since: None,
            started: None,
        }
    }

    pub(super) fn tick(&mut self, moment: &Moment, home: &mut Home, watched: bool, tea: bool, random: &mut Random) {
        if tea {
            self.kettle_until = Some(moment.mono.plus(KETTLE));
        }
        self.start_washing(moment);
        if moment.mono >= self.wavers_at {
            self.wavers_at = moment.mono.plus(WAVERING);
            self.mains_waver = random.between(-0.5, 0.5);
            for plug in &mut self.plugs {
                plug.waver = random.between(-1.0, 1.0);
            }
        }
        let minutes = moment.mono.0.as_secs_f64() / 60.0;
        let mains = 230.5 + 1.6 * (TAU * minutes / 37.0).sin() + 0.9 * (TAU * minutes / 5.3).sin() + self.mains_waver;
        let draws = [self.television(moment, watched), self.kettle(moment), self.fridge(minutes), self.washing(moment)];
        for (plug, (watts, waver)) in self.plugs.iter_mut().zip(draws) {
            plug.tick(moment, home, watts * (1.0 + waver * plug.waver), mains);
        }
    }

    /// Each: watts and by which part they waver.
    fn television(&self, moment: &Moment, watched: bool) -> (f64, f64) {
        if watched && !(1.0..17.0).contains(&moment.hour) { (96.0, 0.12) } else { (0.4, 0.0) }
    }

    fn kettle(&mut self, moment: &Moment) -> (f64, f64) {
        if self.kettle_until.is_some_and(|until| moment.mono < until) { (1_960.0, 0.004) } else { (0.0, 0.0) }
    }

    fn fridge(&self, minutes: f64) -> (f64, f64) {
        let minute = (minutes + self.phase).rem_euclid(FRIDGE_MINUTES.1);
        // The motor draws more when it starts.
        if minute < FRIDGE_MINUTES.0 { (72.0 + 18.0 * (-minute / 2.0).exp(), 0.02) } else { (1.1, 0.0) }
    }

    fn washing(&self, moment: &Moment) -> (f64, f64) {
        let Some(since) = self.washing_since else { return (0.7, 0.0) };
        let minute = moment.mono.since(since).as_secs_f64() / 60.0;
        WASH.iter().find(|(until, _)| minute < *until).map_or((0.7, 0.0), |(_, watts)| (*watts, 0.07))
    }

    fn start_washing(&mut self, moment: &Moment) {
        for (index, hour) in WASH_HOURS.iter().enumerate() {
            let due = (*hour..*hour + 0.1).contains(&moment.hour);
            if due && self.started != Some((moment.date, index)) {
                self.started = Some((moment.date, index));
                self.washing_since = Some(moment.mono);
            }
        }
    }
}

impl Plug {
    fn tick(&mut self, moment: &Moment, home: &mut Home, watts: f64, mains: f64) {
        let watts = if home.is(self.address, "on") { watts } else { 0.0 };
        // Days since 2026-01-01 at the mean draw.
        let before = (moment.date - 20_454).max(0) as f64 * 24.0 * self.mean_watts / 1_000.0;
        let energy = self.energy.get_or_insert(before + moment.hour * self.mean_watts / 1_000.0);
        *energy += watts * moment.hours_passed() / 1_000.0;
        let volts = mains - watts / 1_000.0;
        let amperes = watts / volts / self.power_factor;
        let measured = [("power", watts), ("current", amperes), ("voltage", volts), ("energy", *energy)];
        home.sense(moment.mono, self.address, &measured);
    }
}
