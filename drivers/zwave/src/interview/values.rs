//! What a node is asked about its classes: tables of questions, and those that depend on what it can.

use super::queries::{Questions, Stage};
use crate::attributes::{Endpoint, Property, Source};
use crate::command_class::{Command, CommandClass as C, meter};

/// A class, the version from which on the question is there, the question, and the command that answers it.
type Row = (C, u8, &'static [u8], u8);

/// What a class can.
#[rustfmt::skip]
const CAPABILITIES: &[Row] = &[
    (C::BINARY_SENSOR, 2, &[0x01], 0x04),
    (C::MULTILEVEL_SENSOR, 5, &[0x01], 0x02),
    (C::METER, 2, &[0x03], 0x04),
    (C::NOTIFICATION, 2, &[0x07], 0x08),
    (C::COLOR_SWITCH, 1, &[0x01], 0x02),
    (C::WINDOW_COVERING, 1, &[0x01], 0x02),
    (C::THERMOSTAT_MODE, 1, &[0x04], 0x05),
    (C::THERMOSTAT_SETPOINT, 1, &[0x04], 0x05),
    (C::THERMOSTAT_FAN_MODE, 1, &[0x04], 0x05),
    (C::HUMIDITY_CONTROL_MODE, 1, &[0x04], 0x05),
    (C::HUMIDITY_CONTROL_SETPOINT, 1, &[0x04], 0x05),
    (C::DOOR_LOCK, 4, &[0x07], 0x08),
    (C::DOOR_LOCK, 1, &[0x05], 0x06),
    (C::USER_CODE, 1, &[0x04], 0x05),
    (C::BARRIER_OPERATOR, 1, &[0x04], 0x05),
    (C::SOUND_SWITCH, 1, &[0x01], 0x02),
    (C::PROTECTION, 2, &[0x04], 0x05),
    (C::CENTRAL_SCENE, 1, &[0x01], 0x02),
    (C::INDICATOR, 2, &[0x04, 0x00], 0x05),
    (C::WAKE_UP, 2, &[0x09], 0x0A),
    (C::CONFIGURATION, 3, &[0x0E, 0x00, 0x00], 0x0F),
    (C::FIRMWARE_UPDATE_META_DATA, 1, &[0x01], 0x02),
];

/// How a class is.
#[rustfmt::skip]
const VALUES: &[Row] = &[
    (C::BINARY_SWITCH, 1, &[0x02], 0x03),
    (C::MULTILEVEL_SWITCH, 1, &[0x02], 0x03),
    (C::BATTERY, 1, &[0x02], 0x03),
    (C::THERMOSTAT_MODE, 1, &[0x02], 0x03),
    (C::THERMOSTAT_OPERATING_STATE, 1, &[0x02], 0x03),
    (C::THERMOSTAT_FAN_MODE, 1, &[0x02], 0x03),
    (C::THERMOSTAT_FAN_STATE, 1, &[0x02], 0x03),
    (C::THERMOSTAT_SETBACK, 1, &[0x02], 0x03),
    (C::HUMIDITY_CONTROL_MODE, 1, &[0x02], 0x03),
    (C::HUMIDITY_CONTROL_OPERATING_STATE, 1, &[0x01], 0x02),
    (C::DOOR_LOCK, 1, &[0x02], 0x03),
    (C::LOCK, 1, &[0x02], 0x03),
    (C::BARRIER_OPERATOR, 1, &[0x02], 0x03),
    (C::SOUND_SWITCH, 1, &[0x06], 0x07),
    (C::PROTECTION, 1, &[0x02], 0x03),
    (C::NODE_NAMING_AND_LOCATION, 1, &[0x02], 0x03),
    (C::NODE_NAMING_AND_LOCATION, 1, &[0x05], 0x06),
    (C::CENTRAL_SCENE, 3, &[0x05], 0x06),
];

/// Of how many users of a lock the status is asked.
const MOST_USERS: u16 = 20;

fn ask_rows(questions: &mut Questions<'_>, stage: Stage, number: u8, endpoint: &Endpoint, rows: &[Row]) {
    let there = rows.iter().filter(|row| endpoint.has(row.0) && endpoint.version(row.0) >= row.1);
    for (class, _, command, answer) in there {
        questions.ask(stage, number, *class, command, &[*answer]);
    }
}

/// The endpoints whose values are told, with their numbers.
fn told<'known>(questions: &Questions<'known>) -> Vec<(u8, &'known Endpoint)> {
    questions.known.node.endpoints.iter().map(|(number, endpoint)| (*number, endpoint)).collect()
}

/// What a node can.
pub(super) fn ask_capabilities(questions: &mut Questions<'_>) {
    for (number, endpoint) in told(questions) {
        ask_rows(questions, Stage::Capabilities, number, endpoint, CAPABILITIES);
        let mut ask = |class: C, command: &[u8], answer: &[u8]| {
            questions.ask(Stage::Capabilities, number, class, command, answer);
        };
        if endpoint.version(C::MULTILEVEL_SENSOR) >= 5 {
            for sensor in endpoint.sensors.keys() {
                ask(C::MULTILEVEL_SENSOR, &[0x03, *sensor], &[0x06, *sensor]);
            }
        }
        for kind in endpoint.notifications.keys() {
            if endpoint.version(C::NOTIFICATION) >= 3 {
                ask(C::NOTIFICATION, &[0x01, *kind], &[0x02, *kind]);
            }
        }
        if endpoint.version(C::THERMOSTAT_SETPOINT) >= 3 {
            for setpoint in endpoint.setpoints.keys() {
                ask(C::THERMOSTAT_SETPOINT, &[0x09, *setpoint], &[0x0A, *setpoint]);
            }
        }
        for setpoint in endpoint.humidity_setpoints.keys() {
            ask(C::HUMIDITY_CONTROL_SETPOINT, &[0x08, *setpoint], &[0x09, *setpoint]);
        }
        for tone in endpoint.tones.keys() {
            ask(C::SOUND_SWITCH, &[0x03, *tone], &[0x04, *tone]);
        }
        ask_chains(questions, number);
    }
}

/// Lists in which each answer names the next.
fn ask_chains(questions: &mut Questions<'_>, number: u8) {
    let said = &questions.known.said;
    let here = said.iter().filter(|(endpoint, ..)| *endpoint == number).map(|(.., command)| command.as_slice());
    let here: Vec<&[u8]> = here.collect();
    for command in here {
        match command {
            [0x87, 0x05, _, next, ..] if *next != 0 => {
                questions.ask(Stage::Capabilities, number, C::INDICATOR, &[0x04, *next], &[0x05, *next]);
            }
            [0x70, 0x0F, high, low, properties, rest @ ..] => {
                // Size, then least, greatest and default value of that size, then the next parameter.
                let size = usize::from(properties & 0b111);
                if let Some([next_high, next_low]) = rest.get(3 * size..3 * size + 2)
                    && [*next_high, *next_low] != [0, 0]
                {
                    let next = [*next_high, *next_low];
                    let answer = [&[0x0F], &next[..]].concat();
                    let command = [&[0x0E], &next[..]].concat();
                    questions.ask(Stage::Capabilities, number, C::CONFIGURATION, &command, &answer);
                }
                if size > 0 {
                    let name = [0x0A, *high, *low];
                    questions.ask(Stage::Capabilities, number, C::CONFIGURATION, &name, &[0x0B, *high, *low]);
                    let info = [0x0C, *high, *low];
                    questions.ask(Stage::Capabilities, number, C::CONFIGURATION, &info, &[0x0D, *high, *low]);
                }
            }
            _ => {}
        }
    }
}

/// How a node is.
pub(super) fn ask_values(questions: &mut Questions<'_>) {
    for (number, endpoint) in told(questions) {
        let rows = VALUES
            .iter()
            .filter(|row| !questions.known.node.hides(number, Source::new(row.0, Property::Current)))
            .copied()
            .collect::<Vec<_>>();
        ask_rows(questions, Stage::Values, number, endpoint, &rows);
        let mut ask = |class: C, command: &[u8], answer: &[u8]| {
            questions.ask(Stage::Values, number, class, command, answer);
        };
        ask_measured(endpoint, &mut ask);
        for component in endpoint.colors.keys() {
            ask(C::COLOR_SWITCH, &[0x03, *component], &[0x04, *component]);
        }
        // An even number can only be moved.
        for parameter in endpoint.window_coverings.iter().filter(|parameter| *parameter % 2 == 1) {
            ask(C::WINDOW_COVERING, &[0x03, *parameter], &[0x04, *parameter]);
        }
        for setpoint in endpoint.setpoints.keys() {
            ask(C::THERMOSTAT_SETPOINT, &[0x02, *setpoint], &[0x03]);
        }
        for setpoint in endpoint.humidity_setpoints.keys() {
            ask(C::HUMIDITY_CONTROL_SETPOINT, &[0x02, *setpoint], &[0x03]);
        }
        for user in 1..=endpoint.users.min(MOST_USERS) {
            if let (Ok(user), true) = (u8::try_from(user), endpoint.has(C::USER_CODE)) {
                ask(C::USER_CODE, &[0x02, user], &[0x03, user]);
            }
        }
        for signal in &endpoint.barrier_signals {
            ask(C::BARRIER_OPERATOR, &[0x07, *signal], &[0x08, *signal]);
        }
        if endpoint.has(C::INDICATOR) && endpoint.version(C::INDICATOR) < 2 {
            ask(C::INDICATOR, &[0x02], &[0x03]);
        }
        for indicator in endpoint.indicators.keys() {
            ask(C::INDICATOR, &[0x02, *indicator], &[0x03]);
        }
        if endpoint.has(C::BATTERY) && endpoint.version(C::BATTERY) >= 2 {
            ask(C::BATTERY, &[0x04], &[0x05]);
        }
    }
}

/// Sensors, meters and notifications.
fn ask_measured(endpoint: &Endpoint, ask: &mut impl FnMut(C, &[u8], &[u8])) {
    if endpoint.has(C::BINARY_SENSOR) {
        match endpoint.version(C::BINARY_SENSOR) {
            1 => ask(C::BINARY_SENSOR, &[0x02], &[0x03]),
            _ => endpoint.binary_sensors.iter().for_each(|sensor| ask(C::BINARY_SENSOR, &[0x02, *sensor], &[0x03])),
        }
    }
    if endpoint.has(C::MULTILEVEL_SENSOR) {
        match endpoint.version(C::MULTILEVEL_SENSOR) {
            ..5 => ask(C::MULTILEVEL_SENSOR, &[0x04], &[0x05]),
            _ => {
                for (sensor, scale) in &endpoint.sensors {
                    ask(C::MULTILEVEL_SENSOR, &[0x04, *sensor, (scale & 0b11) << 3], &[0x05, *sensor]);
                }
            }
        }
    }
    if endpoint.has(C::METER) {
        if endpoint.version(C::METER) < 2 || endpoint.meter_scales.is_empty() {
            ask(C::METER, &[0x01], &[0x02]);
        }
        for (_, scale, rate_type) in &endpoint.meter_scales {
            let get = meter::Command::Get { rate_type: *rate_type, scale: Some(*scale) };
            if let [_, command @ ..] = Command::Meter(get).encode().as_slice() {
                ask(C::METER, command, &[0x02]);
            }
        }
    }
    if endpoint.version(C::NOTIFICATION) >= 3 {
        for kind in endpoint.notifications.keys() {
            ask(C::NOTIFICATION, &[0x04, 0x00, *kind, 0x00], &[0x05]);
        }
    }
}
