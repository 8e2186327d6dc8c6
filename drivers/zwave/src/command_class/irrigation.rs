//! Irrigation, version 1: valves that water, one or several, behind a master valve.

use super::reader::Reader;
use super::value::ScaledNumber;
use super::writer::{Writer, bits};
use super::{CommandClass, Malformed};

/// Until it is set again.
pub const FOREVER: u8 = 0xff;

/// A valve: the master valve, or one of the zones from 1 on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Valve {
    pub is_master: bool,
    /// 1 for the master valve.
    pub number: u8,
}

/// How the system is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SystemStatus {
    /// In volts.
    pub voltage: u8,
    /// Bit 0 flow, 1 pressure, 2 rain, 3 moisture: that sensor detects something, and its number counts.
    pub sensors: u8,
    /// Litres in an hour.
    pub flow: ScaledNumber,
    /// In kPa.
    pub pressure: ScaledNumber,
    /// Hours for which it is still shut off; 255 = until it is switched on.
    pub shutoff_hours: u8,
    /// Bit 0 not programmed, 1 emergency shutdown, 2 high pressure, 3 low pressure, 4 a valve.
    pub errors: u8,
    pub is_master_open: bool,
    /// The first zone that is open; 0 = none.
    pub first_open: u8,
}

/// How the system is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SystemConfiguration {
    /// Seconds between the master valve and the others.
    pub master_valve_delay: u8,
    /// In kPa.
    pub high_pressure: ScaledNumber,
    /// In kPa.
    pub low_pressure: ScaledNumber,
    /// Bit 0 rain, 1 moisture: high means wet; bit 7: these bits count.
    pub sensor_polarity: u8,
}

/// How a valve is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ValveConfiguration {
    pub valve: Valve,
    /// In tens of milliamperes.
    pub high_current: u8,
    /// In tens of milliamperes.
    pub low_current: u8,
    /// Litres in an hour.
    pub maximum_flow: ScaledNumber,
    /// Litres in an hour.
    pub high_flow: ScaledNumber,
    /// Litres in an hour.
    pub low_flow: ScaledNumber,
    pub uses_rain_sensor: bool,
    pub uses_moisture_sensor: bool,
}

/// A step of a valve table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// The zone.
    pub valve: u8,
    pub seconds: u16,
}

/// A command of Irrigation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    SystemInfoGet,
    /// Whether there is a master valve, how many valves and valve tables, and how many steps a table can have.
    SystemInfoReport {
        has_master: bool,
        valves: u8,
        tables: u8,
        longest_table: u8,
    },
    SystemStatusGet,
    SystemStatusReport(SystemStatus),
    SystemConfigSet(SystemConfiguration),
    SystemConfigGet,
    SystemConfigReport(SystemConfiguration),
    ValveInfoGet {
        valve: Valve,
    },
    /// Whether a valve is connected, its current (in tens of milliamperes), and what is wrong with it: bit 0 short
    /// circuit, 1 high current, 2 low current, and of the master valve 3 maximum flow, 4 high flow, 5 low flow.
    ValveInfoReport {
        valve: Valve,
        is_connected: bool,
        current: u8,
        errors: u8,
    },
    ValveConfigSet(ValveConfiguration),
    ValveConfigGet {
        valve: Valve,
    },
    ValveConfigReport(ValveConfiguration),
    /// Opens a valve for so long; 0 closes it.
    ValveRun {
        valve: Valve,
        seconds: u16,
    },
    ValveTableSet {
        table: u8,
        steps: Vec<Step>,
    },
    ValveTableGet {
        table: u8,
    },
    ValveTableReport {
        table: u8,
        steps: Vec<Step>,
    },
    /// Runs tables one after the other.
    ValveTableRun {
        tables: Vec<u8>,
    },
    /// Closes everything for so many hours, or [`FOREVER`]; 0 takes that back.
    SystemShutoff {
        hours: u8,
    },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const TABLE: &str = "the valve table";
        Ok(match reader.command() {
            0x01 => Self::SystemInfoGet,
            0x02 => Self::SystemInfoReport {
                has_master: reader.byte("whether there is a master valve")? & 0b1 != 0,
                valves: reader.byte("the number of valves")?,
                tables: reader.byte("the number of valve tables")?,
                longest_table: reader.byte("the longest valve table")? & 0b1111,
            },
            0x03 => Self::SystemStatusGet,
            0x04 => Self::SystemStatusReport(SystemStatus {
                voltage: reader.byte("the voltage")?,
                sensors: reader.byte("the sensors")? & 0b1111,
                flow: reader.number("the flow")?,
                pressure: reader.number("the pressure")?,
                shutoff_hours: reader.byte("the hours")?,
                errors: reader.byte("the errors")?,
                is_master_open: reader.byte("the master valve")? & 0b1 != 0,
                first_open: reader.byte("the first open zone")?,
            }),
            0x05 => Self::SystemConfigSet(read_system(reader)?),
            0x06 => Self::SystemConfigGet,
            0x07 => Self::SystemConfigReport(read_system(reader)?),
            0x08 => Self::ValveInfoGet { valve: read_valve(reader)?.0 },
            0x09 => {
                let (valve, flags) = read_valve(reader)?;
                let (current, errors) = (reader.byte("the current")?, reader.byte("the errors")?);
                Self::ValveInfoReport { valve, is_connected: flags & 0b10 != 0, current, errors }
            }
            0x0a => Self::ValveConfigSet(read_valve_configuration(reader)?),
            0x0b => Self::ValveConfigGet { valve: read_valve(reader)?.0 },
            0x0c => Self::ValveConfigReport(read_valve_configuration(reader)?),
            0x0d => Self::ValveRun { valve: read_valve(reader)?.0, seconds: reader.word("the seconds")? },
            0x0e => Self::ValveTableSet { table: reader.byte(TABLE)?, steps: read_steps(reader)? },
            0x0f => Self::ValveTableGet { table: reader.byte(TABLE)? },
            0x10 => Self::ValveTableReport { table: reader.byte(TABLE)?, steps: read_steps(reader)? },
            0x11 => Self::ValveTableRun { tables: reader.rest() },
            0x12 => Self::SystemShutoff { hours: reader.byte("the hours")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::IRRIGATION, command);
        match self {
            Self::SystemInfoGet => command(0x01),
            Self::SystemInfoReport { has_master, valves, tables, longest_table } => {
                command(0x02).byte(*has_master).byte(*valves).byte(*tables).byte(longest_table & 0b1111)
            }
            Self::SystemStatusGet => command(0x03),
            Self::SystemStatusReport(status) => command(0x04)
                .byte(status.voltage)
                .byte(status.sensors & 0b1111)
                .number(status.flow)
                .number(status.pressure)
                .byte(status.shutoff_hours)
                .byte(status.errors)
                .byte(status.is_master_open)
                .byte(status.first_open),
            Self::SystemConfigSet(configuration) => write_system(command(0x05), configuration),
            Self::SystemConfigGet => command(0x06),
            Self::SystemConfigReport(configuration) => write_system(command(0x07), configuration),
            Self::ValveInfoGet { valve } => write_valve(command(0x08), *valve, false),
            Self::ValveInfoReport { valve, is_connected, current, errors } => {
                write_valve(command(0x09), *valve, *is_connected).byte(*current).byte(*errors)
            }
            Self::ValveConfigSet(configuration) => write_valve_configuration(command(0x0a), configuration),
            Self::ValveConfigGet { valve } => write_valve(command(0x0b), *valve, false),
            Self::ValveConfigReport(configuration) => write_valve_configuration(command(0x0c), configuration),
            Self::ValveRun { valve, seconds } => write_valve(command(0x0d), *valve, false).word(*seconds),
            Self::ValveTableSet { table, steps } => write_steps(command(0x0e).byte(*table), steps),
            Self::ValveTableGet { table } => command(0x0f).byte(*table),
            Self::ValveTableReport { table, steps } => write_steps(command(0x10).byte(*table), steps),
            Self::ValveTableRun { tables } => command(0x11).bytes(tables),
            Self::SystemShutoff { hours } => command(0x12).byte(*hours),
        }
    }
}

/// A valve, and the byte of properties that stands before it.
fn read_valve(reader: &mut Reader<'_>) -> Result<(Valve, u8), Malformed> {
    let flags = reader.byte("the kind of valve")?;
    Ok((Valve { is_master: flags & 0b1 != 0, number: reader.byte("the valve")? }, flags))
}

fn write_valve(writer: Writer, valve: Valve, is_connected: bool) -> Writer {
    writer.flags([(valve.is_master, 0), (is_connected, 1)]).byte(valve.number)
}

fn read_system(reader: &mut Reader<'_>) -> Result<SystemConfiguration, Malformed> {
    Ok(SystemConfiguration {
        master_valve_delay: reader.byte("the delay")?,
        high_pressure: reader.number("the high pressure")?,
        low_pressure: reader.number("the low pressure")?,
        sensor_polarity: reader.byte("the polarity of the sensors")?,
    })
}

fn write_system(writer: Writer, configuration: &SystemConfiguration) -> Writer {
    writer
        .byte(configuration.master_valve_delay)
        .number(configuration.high_pressure)
        .number(configuration.low_pressure)
        .byte(configuration.sensor_polarity)
}

fn read_valve_configuration(reader: &mut Reader<'_>) -> Result<ValveConfiguration, Malformed> {
    let (valve, _) = read_valve(reader)?;
    let (high_current, low_current) = (reader.byte("the high current")?, reader.byte("the low current")?);
    let (maximum_flow, high_flow) = (reader.number("the maximum flow")?, reader.number("the high flow")?);
    let (low_flow, flags) = (reader.number("the low flow")?, reader.byte("the sensors")?);
    let (uses_rain_sensor, uses_moisture_sensor) = (flags & 0b1 != 0, flags & 0b10 != 0);
    Ok(ValveConfiguration {
        valve,
        high_current,
        low_current,
        maximum_flow,
        high_flow,
        low_flow,
        uses_rain_sensor,
        uses_moisture_sensor,
    })
}

fn write_valve_configuration(writer: Writer, configuration: &ValveConfiguration) -> Writer {
    let sensors = [(configuration.uses_rain_sensor, 0), (configuration.uses_moisture_sensor, 1)];
    write_valve(writer, configuration.valve, false)
        .byte(configuration.high_current)
        .byte(configuration.low_current)
        .number(configuration.maximum_flow)
        .number(configuration.high_flow)
        .number(configuration.low_flow)
        .byte(bits(sensors))
}

/// Less than one step at the end is what a later version added.
fn read_steps(reader: &mut Reader<'_>) -> Result<Vec<Step>, Malformed> {
    let mut steps = Vec::new();
    while reader.left() >= 3 {
        steps.push(Step { valve: reader.byte("the valve")?, seconds: reader.word("the seconds")? });
    }
    Ok(steps)
}

fn write_steps(writer: Writer, steps: &[Step]) -> Writer {
    writer.each(steps, |writer, step| writer.byte(step.valve).word(step.seconds))
}
