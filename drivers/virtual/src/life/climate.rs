//! Warmth and moisture of the rooms, and the thermostats that work on them.

use std::f64::consts::TAU;

use hub_model::Value;

use super::Moment;
use super::weather::Weather;
use crate::home::{Home, Room, round};
use crate::random::Random;

/// How a room holds its warmth.
struct RoomClimate {
    room: Room,
    /// What measures it.
    sensor: Option<&'static str>,
    /// What heats it; a room without one is held near `mean` by the house.
    thermostat: Option<&'static str>,
    window: Option<&'static str>,
    mean: f64,
    humidity: f64,
}

const ROOMS: &[RoomClimate] = &[
    RoomClimate {
        room: Room::LivingRoom,
        sensor: Some("living-room-climate"),
        thermostat: Some("living-room-thermostat"),
        window: None,
        mean: 20.4,
        humidity: 44.0,
    },
    RoomClimate {
        room: Room::Bedroom,
        sensor: Some("bedroom-climate"),
        thermostat: None,
        window: Some("bedroom-window"),
        mean: 18.3,
        humidity: 49.0,
    },
    RoomClimate {
        room: Room::Bathroom,
        sensor: Some("bathroom-climate"),
        thermostat: None,
        window: None,
        mean: 21.6,
        humidity: 54.0,
    },
    RoomClimate {
        room: Room::AnnasRoom,
        sensor: None,
        thermostat: Some("annas-thermostat"),
        window: None,
        mean: 20.4,
        humidity: 45.0,
    },
];

/// Hours in which a room without heating loses most of its warmth to the outside.
const WARMTH_HOURS: f64 = 22.0;
/// The same with a window open.
const WINDOW_HOURS: f64 = 1.2;
/// Degrees an hour that a radiator adds.
const RADIATOR: f64 = 2.6;
/// How far the temperature may leave the setpoint.
const HYSTERESIS: f64 = 0.2;

#[derive(Debug)]
struct Air {
    temperature: f64,
    humidity: f64,
    phase: f64,
    heating: bool,
}

#[derive(Debug)]
pub(super) struct Climate {
    air: Vec<Air>,
}

impl Climate {
    pub(super) fn new(random: &mut Random) -> Self {
        let air = ROOMS.iter().map(|room| Air {
            temperature: room.mean + random.between(-0.3, 0.1),
            humidity: room.humidity,
            phase: random.between(0.0, 1.0),
            heating: false,
        });
        Self { air: air.collect() }
    }

    pub(super) fn tick(&mut self, moment: &Moment, home: &mut Home, weather: &Weather, shower: bool) {
        let hours = moment.hours_passed();
        for (room, air) in ROOMS.iter().zip(&mut self.air) {
            if shower && room.room == Room::Bathroom {
                air.humidity = (air.humidity + 24.0).min(88.0);
                air.temperature += 0.6;
            }
            let aired = room.window.is_some_and(|window| home.is(window, "open"));
            let loss = if aired { WINDOW_HOURS } else { WARMTH_HOURS };
            air.temperature += (weather.temperature - air.temperature) * (hours / loss).min(1.0);
            match room.thermostat {
                Some(thermostat) => air.heat(thermostat, hours, home),
                None => {
                    // The house's own heating breathes a little.
                    let breath = 0.5 * (TAU * (moment.hour / 2.5 + air.phase)).sin();
                    air.temperature += (room.mean + breath - air.temperature) * (hours / 0.7).min(1.0);
                }
            }
            let damp =
                room.humidity + 2.5 * (TAU * (moment.hour / 3.3 + air.phase)).sin() - if aired { 8.0 } else { 0.0 };
            air.humidity += (damp - air.humidity) * (hours / 0.35).min(1.0);
            if let Some(thermostat) = room.thermostat {
                home.sense(moment.mono, thermostat, &[("temperature", air.temperature)]);
            }
            if let Some(sensor) = room.sensor {
                let measured =
                    [("temperature", air.temperature), ("humidity", air.humidity), ("pressure", weather.pressure)];
                home.sense(moment.mono, sensor, &measured);
            }
        }
    }
}

impl Air {
    fn heat(&mut self, thermostat: &str, hours: f64, home: &mut Home) {
        let wanted = home.number(thermostat, "heating_setpoint").unwrap_or(20.0);
        let measured = round(self.temperature, 0.1);
        let allowed = home.value(thermostat, "hvac_mode").as_text() != Some("off");
        if !allowed || measured >= wanted + HYSTERESIS {
            self.heating = false;
        } else if measured <= wanted - HYSTERESIS {
            self.heating = true;
        }
        if self.heating {
            self.temperature += RADIATOR * hours;
        }
        let action = if self.heating { "heating" } else { "idle" };
        home.set(thermostat, &[("hvac_action", Value::text(action))]);
    }
}
