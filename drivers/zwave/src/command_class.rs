//! Command classes, one file each, named as in the specification: typed commands to bytes and back.
//!
//! Nothing here does input or output, and nothing is encrypted or put together: classes that wrap commands of others
//! have the inner command as bytes, and those that encrypt them, split them or add a checksum are in
//! [`crate::security`] and [`crate::encapsulation`]. Numbers that later versions may give a meaning stay numbers, so that
//! what a device says is never lost; tables beside the commands have the specification's names for them.
//!
//! A command is understood by its length: fields of a later version are `None` where they are missing, and bytes behind
//! the last known field are left alone. Writing writes the fields that are there, so that the version a node has is
//! chosen by what is filled in. Layouts and names are those of the Z-Wave Application, Management and
//! Transport-Encapsulation Command Class Specifications.
#![allow(missing_docs, reason = "fields are named as in the specification; what a name does not say has a comment")]

mod id;
mod malformed;
mod reader;
mod writer;
pub mod value;

pub mod no_operation;
pub mod basic;
pub mod binary_switch;
pub mod multilevel_switch;
pub mod binary_sensor;
pub mod multilevel_sensor;
pub mod meter;
pub mod notification;
pub mod alarm_sensor;
pub mod battery;
pub mod wake_up;
pub mod version;
pub mod manufacturer_specific;
pub mod z_wave_plus_info;
pub mod association;
pub mod multi_channel_association;
pub mod association_group_information;
pub mod multi_channel;
pub mod configuration;
pub mod supervision;
pub mod central_scene;
pub mod scene_activation;
pub mod scene_actuator_configuration;
pub mod scene_controller_configuration;
pub mod door_lock;
pub mod door_lock_logging;
pub mod lock;
pub mod schedule_entry_lock;
pub mod user_code;
pub mod user_credential;
pub mod entry_control;
pub mod color_switch;
pub mod window_covering;
pub mod basic_window_covering;
pub mod barrier_operator;
pub mod thermostat_mode;
pub mod thermostat_setpoint;
pub mod thermostat_setback;
pub mod thermostat_fan_mode;
pub mod thermostat_fan_state;
pub mod thermostat_operating_state;
pub mod climate_control_schedule;
pub mod humidity_control_mode;
pub mod humidity_control_setpoint;
pub mod humidity_control_operating_state;
pub mod energy_production;
pub mod irrigation;
pub mod sound_switch;
pub mod indicator;
pub mod protection;
pub mod node_naming_and_location;
pub mod clock;
pub mod time;
pub mod time_parameters;
pub mod language;
pub mod powerlevel;
pub mod device_reset_locally;
pub mod hail;
pub mod application_status;
pub mod firmware_update_meta_data;
pub mod inclusion_controller;
pub mod security;
pub mod security_2;

#[cfg(test)]
mod tests;

pub use id::CommandClass;
pub use malformed::Malformed;

use reader::Reader;

/// A command of a class that has no file here, as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownCommandClass {
    /// The class.
    pub class: CommandClass,
    /// The whole command, the class's byte included.
    pub bytes: Vec<u8>,
}

/// A command of any class.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    NoOperation(no_operation::Command),
    Basic(basic::Command),
    BinarySwitch(binary_switch::Command),
    MultilevelSwitch(multilevel_switch::Command),
    BinarySensor(binary_sensor::Command),
    MultilevelSensor(multilevel_sensor::Command),
    Meter(meter::Command),
    Notification(notification::Command),
    AlarmSensor(alarm_sensor::Command),
    Battery(battery::Command),
    WakeUp(wake_up::Command),
    Version(version::Command),
    ManufacturerSpecific(manufacturer_specific::Command),
    ZWavePlusInfo(z_wave_plus_info::Command),
    Association(association::Command),
    MultiChannelAssociation(multi_channel_association::Command),
    AssociationGroupInformation(association_group_information::Command),
    MultiChannel(multi_channel::Command),
    Configuration(configuration::Command),
    Supervision(supervision::Command),
    CentralScene(central_scene::Command),
    SceneActivation(scene_activation::Command),
    SceneActuatorConfiguration(scene_actuator_configuration::Command),
    SceneControllerConfiguration(scene_controller_configuration::Command),
    DoorLock(door_lock::Command),
    DoorLockLogging(door_lock_logging::Command),
    Lock(lock::Command),
    ScheduleEntryLock(schedule_entry_lock::Command),
    UserCode(user_code::Command),
    UserCredential(user_credential::Command),
    EntryControl(entry_control::Command),
    ColorSwitch(color_switch::Command),
    WindowCovering(window_covering::Command),
    BasicWindowCovering(basic_window_covering::Command),
    BarrierOperator(barrier_operator::Command),
    ThermostatMode(thermostat_mode::Command),
    ThermostatSetpoint(thermostat_setpoint::Command),
    ThermostatSetback(thermostat_setback::Command),
    ThermostatFanMode(thermostat_fan_mode::Command),
    ThermostatFanState(thermostat_fan_state::Command),
    ThermostatOperatingState(thermostat_operating_state::Command),
    ClimateControlSchedule(climate_control_schedule::Command),
    HumidityControlMode(humidity_control_mode::Command),
    HumidityControlSetpoint(humidity_control_setpoint::Command),
    HumidityControlOperatingState(humidity_control_operating_state::Command),
    EnergyProduction(energy_production::Command),
    Irrigation(irrigation::Command),
    SoundSwitch(sound_switch::Command),
    Indicator(indicator::Command),
    Protection(protection::Command),
    NodeNamingAndLocation(node_naming_and_location::Command),
    Clock(clock::Command),
    Time(time::Command),
    TimeParameters(time_parameters::Command),
    Language(language::Command),
    Powerlevel(powerlevel::Command),
    DeviceResetLocally(device_reset_locally::Command),
    Hail(hail::Command),
    ApplicationStatus(application_status::Command),
    FirmwareUpdateMetaData(firmware_update_meta_data::Command),
    InclusionController(inclusion_controller::Command),
    Security(security::Command),
    Security2(security_2::Command),
    Unknown(UnknownCommandClass),
}

impl Command {
    /// Reads one command, which takes all of `bytes`. `version` is the sender's of the command's class, 0 = not known;
    /// hardly any class needs it.
    pub fn decode(version: u8, bytes: &[u8]) -> Result<Self, Malformed> {
        let reader = &mut Reader::new(version, bytes)?;
        Ok(match reader.class() {
            CommandClass::NO_OPERATION => Self::NoOperation(no_operation::Command::read(reader)?),
            CommandClass::BASIC => Self::Basic(basic::Command::read(reader)?),
            CommandClass::BINARY_SWITCH => Self::BinarySwitch(binary_switch::Command::read(reader)?),
            CommandClass::MULTILEVEL_SWITCH => Self::MultilevelSwitch(multilevel_switch::Command::read(reader)?),
            CommandClass::BINARY_SENSOR => Self::BinarySensor(binary_sensor::Command::read(reader)?),
            CommandClass::MULTILEVEL_SENSOR => Self::MultilevelSensor(multilevel_sensor::Command::read(reader)?),
            CommandClass::METER => Self::Meter(meter::Command::read(reader)?),
            CommandClass::NOTIFICATION => Self::Notification(notification::Command::read(reader)?),
            CommandClass::ALARM_SENSOR => Self::AlarmSensor(alarm_sensor::Command::read(reader)?),
            CommandClass::BATTERY => Self::Battery(battery::Command::read(reader)?),
            CommandClass::WAKE_UP => Self::WakeUp(wake_up::Command::read(reader)?),
            CommandClass::VERSION => Self::Version(version::Command::read(reader)?),
            CommandClass::MANUFACTURER_SPECIFIC => {
                Self::ManufacturerSpecific(manufacturer_specific::Command::read(reader)?)
            }
            CommandClass::Z_WAVE_PLUS_INFO => Self::ZWavePlusInfo(z_wave_plus_info::Command::read(reader)?),
            CommandClass::ASSOCIATION => Self::Association(association::Command::read(reader)?),
            CommandClass::MULTI_CHANNEL_ASSOCIATION => {
                Self::MultiChannelAssociation(multi_channel_association::Command::read(reader)?)
            }
            CommandClass::ASSOCIATION_GROUP_INFORMATION => {
                Self::AssociationGroupInformation(association_group_information::Command::read(reader)?)
            }
            CommandClass::MULTI_CHANNEL => Self::MultiChannel(multi_channel::Command::read(reader)?),
            CommandClass::CONFIGURATION => Self::Configuration(configuration::Command::read(reader)?),
            CommandClass::SUPERVISION => Self::Supervision(supervision::Command::read(reader)?),
            CommandClass::CENTRAL_SCENE => Self::CentralScene(central_scene::Command::read(reader)?),
            CommandClass::SCENE_ACTIVATION => Self::SceneActivation(scene_activation::Command::read(reader)?),
            CommandClass::SCENE_ACTUATOR_CONFIGURATION => {
                Self::SceneActuatorConfiguration(scene_actuator_configuration::Command::read(reader)?)
            }
            CommandClass::SCENE_CONTROLLER_CONFIGURATION => {
                Self::SceneControllerConfiguration(scene_controller_configuration::Command::read(reader)?)
            }
            CommandClass::DOOR_LOCK => Self::DoorLock(door_lock::Command::read(reader)?),
            CommandClass::DOOR_LOCK_LOGGING => Self::DoorLockLogging(door_lock_logging::Command::read(reader)?),
            CommandClass::LOCK => Self::Lock(lock::Command::read(reader)?),
            CommandClass::SCHEDULE_ENTRY_LOCK => Self::ScheduleEntryLock(schedule_entry_lock::Command::read(reader)?),
            CommandClass::USER_CODE => Self::UserCode(user_code::Command::read(reader)?),
            CommandClass::USER_CREDENTIAL => Self::UserCredential(user_credential::Command::read(reader)?),
            CommandClass::ENTRY_CONTROL => Self::EntryControl(entry_control::Command::read(reader)?),
            CommandClass::COLOR_SWITCH => Self::ColorSwitch(color_switch::Command::read(reader)?),
            CommandClass::WINDOW_COVERING => Self::WindowCovering(window_covering::Command::read(reader)?),
            CommandClass::BASIC_WINDOW_COVERING => {
                Self::BasicWindowCovering(basic_window_covering::Command::read(reader)?)
            }
            CommandClass::BARRIER_OPERATOR => Self::BarrierOperator(barrier_operator::Command::read(reader)?),
            CommandClass::THERMOSTAT_MODE => Self::ThermostatMode(thermostat_mode::Command::read(reader)?),
            CommandClass::THERMOSTAT_SETPOINT => Self::ThermostatSetpoint(thermostat_setpoint::Command::read(reader)?),
            CommandClass::THERMOSTAT_SETBACK => Self::ThermostatSetback(thermostat_setback::Command::read(reader)?),
            CommandClass::THERMOSTAT_FAN_MODE => Self::ThermostatFanMode(thermostat_fan_mode::Command::read(reader)?),
            CommandClass::THERMOSTAT_FAN_STATE => {
                Self::ThermostatFanState(thermostat_fan_state::Command::read(reader)?)
            }
            CommandClass::THERMOSTAT_OPERATING_STATE => {
                Self::ThermostatOperatingState(thermostat_operating_state::Command::read(reader)?)
            }
            CommandClass::CLIMATE_CONTROL_SCHEDULE => {
                Self::ClimateControlSchedule(climate_control_schedule::Command::read(reader)?)
            }
            CommandClass::HUMIDITY_CONTROL_MODE => {
                Self::HumidityControlMode(humidity_control_mode::Command::read(reader)?)
            }
            CommandClass::HUMIDITY_CONTROL_SETPOINT => {
                Self::HumidityControlSetpoint(humidity_control_setpoint::Command::read(reader)?)
            }
            CommandClass::HUMIDITY_CONTROL_OPERATING_STATE => {
                Self::HumidityControlOperatingState(humidity_control_operating_state::Command::read(reader)?)
            }
            CommandClass::ENERGY_PRODUCTION => Self::EnergyProduction(energy_production::Command::read(reader)?),
            CommandClass::IRRIGATION => Self::Irrigation(irrigation::Command::read(reader)?),
            CommandClass::SOUND_SWITCH => Self::SoundSwitch(sound_switch::Command::read(reader)?),
            CommandClass::INDICATOR => Self::Indicator(indicator::Command::read(reader)?),
            CommandClass::PROTECTION => Self::Protection(protection::Command::read(reader)?),
            CommandClass::NODE_NAMING_AND_LOCATION => {
                Self::NodeNamingAndLocation(node_naming_and_location::Command::read(reader)?)
            }
            CommandClass::CLOCK => Self::Clock(clock::Command::read(reader)?),
            CommandClass::TIME => Self::Time(time::Command::read(reader)?),
            CommandClass::TIME_PARAMETERS => Self::TimeParameters(time_parameters::Command::read(reader)?),
            CommandClass::LANGUAGE => Self::Language(language::Command::read(reader)?),
            CommandClass::POWERLEVEL => Self::Powerlevel(powerlevel::Command::read(reader)?),
            CommandClass::DEVICE_RESET_LOCALLY => {
                Self::DeviceResetLocally(device_reset_locally::Command::read(reader)?)
            }
            CommandClass::HAIL => Self::Hail(hail::Command::read(reader)?),
            CommandClass::APPLICATION_STATUS => Self::ApplicationStatus(application_status::Command::read(reader)?),
            CommandClass::FIRMWARE_UPDATE_META_DATA => {
                Self::FirmwareUpdateMetaData(firmware_update_meta_data::Command::read(reader)?)
            }
            CommandClass::INCLUSION_CONTROLLER => {
                Self::InclusionController(inclusion_controller::Command::read(reader)?)
            }
            CommandClass::SECURITY => Self::Security(security::Command::read(reader)?),
            CommandClass::SECURITY_2 => Self::Security2(security_2::Command::read(reader)?),
            class => Self::Unknown(UnknownCommandClass { class, bytes: bytes.to_vec() }),
        })
    }

    /// The bytes of the command, the class's included.
    pub fn encode(&self) -> Vec<u8> {
        let writer = match self {
            Self::NoOperation(command) => command.write(),
            Self::Basic(command) => command.write(),
            Self::BinarySwitch(command) => command.write(),
            Self::MultilevelSwitch(command) => command.write(),
            Self::BinarySensor(command) => command.write(),
            Self::MultilevelSensor(command) => command.write(),
            Self::Meter(command) => command.write(),
            Self::Notification(command) => command.write(),
            Self::AlarmSensor(command) => command.write(),
            Self::Battery(command) => command.write(),
            Self::WakeUp(command) => command.write(),
            Self::Version(command) => command.write(),
            Self::ManufacturerSpecific(command) => command.write(),
            Self::ZWavePlusInfo(command) => command.write(),
            Self::Association(command) => command.write(),
            Self::MultiChannelAssociation(command) => command.write(),
            Self::AssociationGroupInformation(command) => command.write(),
            Self::MultiChannel(command) => command.write(),
            Self::Configuration(command) => command.write(),
            Self::Supervision(command) => command.write(),
            Self::CentralScene(command) => command.write(),
            Self::SceneActivation(command) => command.write(),
            Self::SceneActuatorConfiguration(command) => command.write(),
            Self::SceneControllerConfiguration(command) => command.write(),
            Self::DoorLock(command) => command.write(),
            Self::DoorLockLogging(command) => command.write(),
            Self::Lock(command) => command.write(),
            Self::ScheduleEntryLock(command) => command.write(),
            Self::UserCode(command) => command.write(),
            Self::UserCredential(command) => command.write(),
            Self::EntryControl(command) => command.write(),
            Self::ColorSwitch(command) => command.write(),
            Self::WindowCovering(command) => command.write(),
            Self::BasicWindowCovering(command) => command.write(),
            Self::BarrierOperator(command) => command.write(),
            Self::ThermostatMode(command) => command.write(),
            Self::ThermostatSetpoint(command) => command.write(),
            Self::ThermostatSetback(command) => command.write(),
            Self::ThermostatFanMode(command) => command.write(),
            Self::ThermostatFanState(command) => command.write(),
            Self::ThermostatOperatingState(command) => command.write(),
            Self::ClimateControlSchedule(command) => command.write(),
            Self::HumidityControlMode(command) => command.write(),
            Self::HumidityControlSetpoint(command) => command.write(),
            Self::HumidityControlOperatingState(command) => command.write(),
            Self::EnergyProduction(command) => command.write(),
            Self::Irrigation(command) => command.write(),
            Self::SoundSwitch(command) => command.write(),
            Self::Indicator(command) => command.write(),
            Self::Protection(command) => command.write(),
            Self::NodeNamingAndLocation(command) => command.write(),
            Self::Clock(command) => command.write(),
            Self::Time(command) => command.write(),
            Self::TimeParameters(command) => command.write(),
            Self::Language(command) => command.write(),
            Self::Powerlevel(command) => command.write(),
            Self::DeviceResetLocally(command) => command.write(),
            Self::Hail(command) => command.write(),
            Self::ApplicationStatus(command) => command.write(),
            Self::FirmwareUpdateMetaData(command) => command.write(),
            Self::InclusionController(command) => command.write(),
            Self::Security(command) => command.write(),
            Self::Security2(command) => command.write(),
            Self::Unknown(unknown) => return unknown.bytes.clone(),
        };
        writer.into_bytes()
    }

    /// A number that tells happenings apart: the same from the same endpoint again is the same happening, sent twice.
    pub fn sequence_number(&self) -> Option<u8> {
        match self {
            Self::CentralScene(central_scene::Command::Notification { sequence_number, .. })
            | Self::EntryControl(entry_control::Command::Notification { sequence_number, .. }) => {
                Some(*sequence_number)
            }
            Self::Notification(notification::Command::Report(report)) => report.sequence_number,
            _ => None,
        }
    }

    /// The class it is of.
    pub fn class(&self) -> CommandClass {
        match self {
            Self::NoOperation(_) => CommandClass::NO_OPERATION,
            Self::Basic(_) => CommandClass::BASIC,
            Self::BinarySwitch(_) => CommandClass::BINARY_SWITCH,
            Self::MultilevelSwitch(_) => CommandClass::MULTILEVEL_SWITCH,
            Self::BinarySensor(_) => CommandClass::BINARY_SENSOR,
            Self::MultilevelSensor(_) => CommandClass::MULTILEVEL_SENSOR,
            Self::Meter(_) => CommandClass::METER,
            Self::Notification(_) => CommandClass::NOTIFICATION,
            Self::AlarmSensor(_) => CommandClass::ALARM_SENSOR,
            Self::Battery(_) => CommandClass::BATTERY,
            Self::WakeUp(_) => CommandClass::WAKE_UP,
            Self::Version(_) => CommandClass::VERSION,
            Self::ManufacturerSpecific(_) => CommandClass::MANUFACTURER_SPECIFIC,
            Self::ZWavePlusInfo(_) => CommandClass::Z_WAVE_PLUS_INFO,
            Self::Association(_) => CommandClass::ASSOCIATION,
            Self::MultiChannelAssociation(_) => CommandClass::MULTI_CHANNEL_ASSOCIATION,
            Self::AssociationGroupInformation(_) => CommandClass::ASSOCIATION_GROUP_INFORMATION,
            Self::MultiChannel(_) => CommandClass::MULTI_CHANNEL,
            Self::Configuration(_) => CommandClass::CONFIGURATION,
            Self::Supervision(_) => CommandClass::SUPERVISION,
            Self::CentralScene(_) => CommandClass::CENTRAL_SCENE,
            Self::SceneActivation(_) => CommandClass::SCENE_ACTIVATION,
            Self::SceneActuatorConfiguration(_) => CommandClass::SCENE_ACTUATOR_CONFIGURATION,
            Self::SceneControllerConfiguration(_) => CommandClass::SCENE_CONTROLLER_CONFIGURATION,
            Self::DoorLock(_) => CommandClass::DOOR_LOCK,
            Self::DoorLockLogging(_) => CommandClass::DOOR_LOCK_LOGGING,
            Self::Lock(_) => CommandClass::LOCK,
            Self::ScheduleEntryLock(_) => CommandClass::SCHEDULE_ENTRY_LOCK,
            Self::UserCode(_) => CommandClass::USER_CODE,
            Self::UserCredential(_) => CommandClass::USER_CREDENTIAL,
            Self::EntryControl(_) => CommandClass::ENTRY_CONTROL,
            Self::ColorSwitch(_) => CommandClass::COLOR_SWITCH,
            Self::WindowCovering(_) => CommandClass::WINDOW_COVERING,
            Self::BasicWindowCovering(_) => CommandClass::BASIC_WINDOW_COVERING,
            Self::BarrierOperator(_) => CommandClass::BARRIER_OPERATOR,
            Self::ThermostatMode(_) => CommandClass::THERMOSTAT_MODE,
            Self::ThermostatSetpoint(_) => CommandClass::THERMOSTAT_SETPOINT,
            Self::ThermostatSetback(_) => CommandClass::THERMOSTAT_SETBACK,
            Self::ThermostatFanMode(_) => CommandClass::THERMOSTAT_FAN_MODE,
            Self::ThermostatFanState(_) => CommandClass::THERMOSTAT_FAN_STATE,
            Self::ThermostatOperatingState(_) => CommandClass::THERMOSTAT_OPERATING_STATE,
            Self::ClimateControlSchedule(_) => CommandClass::CLIMATE_CONTROL_SCHEDULE,
            Self::HumidityControlMode(_) => CommandClass::HUMIDITY_CONTROL_MODE,
            Self::HumidityControlSetpoint(_) => CommandClass::HUMIDITY_CONTROL_SETPOINT,
            Self::HumidityControlOperatingState(_) => CommandClass::HUMIDITY_CONTROL_OPERATING_STATE,
            Self::EnergyProduction(_) => CommandClass::ENERGY_PRODUCTION,
            Self::Irrigation(_) => CommandClass::IRRIGATION,
            Self::SoundSwitch(_) => CommandClass::SOUND_SWITCH,
            Self::Indicator(_) => CommandClass::INDICATOR,
            Self::Protection(_) => CommandClass::PROTECTION,
            Self::NodeNamingAndLocation(_) => CommandClass::NODE_NAMING_AND_LOCATION,
            Self::Clock(_) => CommandClass::CLOCK,
            Self::Time(_) => CommandClass::TIME,
            Self::TimeParameters(_) => CommandClass::TIME_PARAMETERS,
            Self::Language(_) => CommandClass::LANGUAGE,
            Self::Powerlevel(_) => CommandClass::POWERLEVEL,
            Self::DeviceResetLocally(_) => CommandClass::DEVICE_RESET_LOCALLY,
            Self::Hail(_) => CommandClass::HAIL,
            Self::ApplicationStatus(_) => CommandClass::APPLICATION_STATUS,
            Self::FirmwareUpdateMetaData(_) => CommandClass::FIRMWARE_UPDATE_META_DATA,
            Self::InclusionController(_) => CommandClass::INCLUSION_CONTROLLER,
            Self::Security(_) => CommandClass::SECURITY,
            Self::Security2(_) => CommandClass::SECURITY_2,
            Self::Unknown(unknown) => unknown.class,
        }
    }
}
