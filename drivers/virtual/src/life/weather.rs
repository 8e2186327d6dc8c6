//! Sun and weather.

use std::f64::consts::TAU;

use hub_model::Monotonic;

use super::Moment;
use crate::random::Random;

/// Where the demo home stands.
const LATITUDE_DEGREES: f64 = 50.0;
/// Full sun from a clear sky.
const BRIGHTEST_LUX: f64 = 90_000.0;

#[derive(Debug)]
pub(super) struct Weather {
    /// How much light the clouds let through, and what that is going to be.
    clearness: f64,
    next_clearness: f64,
    clouds_turn_at: Monotonic,
    /// Air pressure in hPa, and where it is going.
    pub(super) pressure: f64,
    next_pressure: f64,
    /// Light outside in lx.
    pub(super) daylight: f64,
    /// Temperature outside in °C.
    pub(super) temperature: f64,
}

impl Weather {
    pub(super) fn new(random: &mut Random) -> Self {
        let clearness = random.between(0.3, 0.9);
        let pressure = random.between(1_002.0, 1_024.0);
        Self {
            clearness,
            next_clearness: clearness,
            clouds_turn_at: Monotonic::default(),
            pressure,
            next_pressure: pressure,
            daylight: 0.0,
            temperature: 8.0,
        }
    }

    pub(super) fn tick(&mut self, moment: &Moment, random: &mut Random) {
        if moment.mono >= self.clouds_turn_at {
            self.clouds_turn_at = moment.mono.plus(random.seconds(120.0, 900.0));
            self.next_clearness = random.between(0.15, 1.0);
            self.next_pressure = (self.pressure + random.between(-1.5, 1.5)).clamp(985.0, 1_035.0);
        }
        let seconds = moment.passed.as_secs_f64();
        self.clearness += (self.next_clearness - self.clearness) * (seconds / 90.0).min(1.0);
        self.pressure += (self.next_pressure - self.pressure) * (seconds / 1_800.0).min(1.0);
        self.daylight = BRIGHTEST_LUX * sine_of_elevation(moment).max(0.0).powf(1.3) * self.clearness;
        // Warmest at four in the afternoon and at the end of July.
        let season = (TAU * (moment.day - 205.0) / 365.2425).cos();
        let time_of_day = (TAU * (moment.hour - 16.0) / 24.0).cos();
        self.temperature = 10.0 + 9.0 * season + (2.0 + 3.0 * self.clearness) * time_of_day;
    }
}

/// The sine of the sun's height above the horizon; below it is negative.
fn sine_of_elevation(moment: &Moment) -> f64 {
    let latitude = LATITUDE_DEGREES.to_radians();
    let declination = (-23.44_f64).to_radians() * (TAU * (moment.day + 10.0) / 365.2425).cos();
    // Local noon is at half past twelve.
    let hour_angle = TAU * (moment.hour - 12.5) / 24.0;
    latitude.sin() * declination.sin() + latitude.cos() * declination.cos() * hour_angle.cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daylight_at(day: f64, hour: f64) -> bool {
        let moment = Moment { mono: Monotonic::default(), passed: std::time::Duration::ZERO, hour, day, date: 0 };
        sine_of_elevation(&moment) > 0.0
    }

    #[test]
    fn days_are_long_in_summer_and_short_in_winter() {
        for (day, hour, light) in [
            (172.0, 5.5, true),
            (172.0, 20.0, true),
            (355.0, 7.0, false),
            (355.0, 12.0, true),
            (355.0, 17.5, false),
            (80.0, 0.0, false),
        ] {
            assert_eq!(daylight_at(day, hour), light, "day {day}, {hour} o'clock");
        }
    }
}
