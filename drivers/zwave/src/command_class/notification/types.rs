//! Notification types, their events and states, as the specification's registry of Notification types has them.

use super::super::value::Names;

/// What the parameter of an event is.
#[derive(Clone, Copy, Debug)]
pub enum Parameter {
    /// There is none, or it is a place.
    None,
    /// A number of this.
    Number(&'static str),
    /// One of these.
    OneOf(Names),
    /// How long it takes.
    Duration,
    /// A report of another command class, e.g. of User Code.
    Command,
}

/// An event of a notification type. Events with a variable are states: the variable has the event for its value, until
/// another event of it comes or it becomes idle.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// The notification type.
    pub notification_type: u8,
    /// The number of the event.
    pub number: u8,
    /// The variable whose value it is; none = it happens and has no state.
    pub variable: Option<&'static str>,
    /// The variable can become idle, value 0.
    pub has_idle: bool,
    /// What the specification calls it.
    pub name: &'static str,
    /// What comes with it.
    pub parameter: Parameter,
}

/// The event of this number.
pub fn event(notification_type: u8, number: u8) -> Option<&'static Event> {
    EVENTS.iter().find(|event| event.notification_type == notification_type && event.number == number)
}

/// The variables of a notification type with the events that are their values.
pub fn events_of(notification_type: u8) -> impl Iterator<Item = &'static Event> {
    EVENTS.iter().filter(move |event| event.notification_type == notification_type)
}

const fn state(notification_type: u8, variable: &'static str, number: u8, name: &'static str) -> Event {
    let (variable, parameter) = (Some(variable), Parameter::None);
    Event { notification_type, number, variable, has_idle: true, name, parameter }
}
const fn happening(notification_type: u8, number: u8, name: &'static str) -> Event {
    Event { notification_type, number, variable: None, has_idle: false, name, parameter: Parameter::None }
}
impl Event {
    const fn never_idle(mut self) -> Self {
        self.has_idle = false;
        self
    }
    const fn with(mut self, parameter: Parameter) -> Self {
        self.parameter = parameter;
        self
    }
}

/// The notification types.
pub const TYPES: Names = &[
    (0x01, "Smoke Alarm"),
    (0x02, "CO Alarm"),
    (0x03, "CO2 Alarm"),
    (0x04, "Heat Alarm"),
    (0x05, "Water Alarm"),
    (0x06, "Access Control"),
    (0x07, "Home Security"),
    (0x08, "Power Management"),
    (0x09, "System"),
    (0x0a, "Emergency Alarm"),
    (0x0b, "Clock"),
    (0x0c, "Appliance"),
    (0x0d, "Home Health"),
    (0x0e, "Siren"),
    (0x0f, "Water Valve"),
    (0x10, "Weather Alarm"),
    (0x11, "Irrigation"),
    (0x12, "Gas Alarm"),
    (0x13, "Pest Control"),
    (0x14, "Light Sensor"),
    (0x15, "Water Quality Monitoring"),
    (0x16, "Home Monitoring"),
];

const TEST: Names = &[(1, "Test OK"), (2, "Test failed")];
const THRESHOLD_OR_GREATEST: Names =
    &[(1, "No data"), (2, "Below low threshold"), (3, "Above high threshold"), (4, "Max")];
const THRESHOLD: Names = &[(1, "No data"), (2, "Below low threshold"), (3, "Above high threshold")];
const OPENING: Names = &[(0, "Window/door is open in regular position"), (1, "Window/door is open in tilt position")];
const PROCESS: Names = &[(0, "Process completed"), (255, "Performing process")];
const MODE: Names = &[(0, "Mode disabled"), (255, "Mode enabled")];
const OBSTRUCTION: Names = &[(0, "No obstruction"), (255, "Obstruction")];
const POLLUTION: Names = &[(1, "Clean"), (2, "Slightly polluted"), (3, "Moderately polluted"), (4, "Highly polluted")];
const BREATH: Names = &[(1, "Low breath"), (2, "No breath at all")];
const VALVE: Names = &[(0, "Off / Closed"), (1, "On / Open")];
const RANGE: Names = &[(1, "Below low threshold"), (2, "Above high threshold")];
const ACIDITY: Names =
    &[(1, "Below low threshold"), (2, "Above high threshold"), (3, "Decreasing pH"), (4, "Increasing pH")];

/// All events that are known, by type.
#[rustfmt::skip]
pub const EVENTS: &[Event] = &[
    // Smoke Alarm.
    state(0x01, "Sensor status", 0x01, "Smoke detected (location provided)"),
    state(0x01, "Sensor status", 0x02, "Smoke detected"),
    state(0x01, "Alarm status", 0x03, "Smoke alarm test"),
    state(0x01, "Alarm status", 0x06, "Alarm silenced"),
    state(0x01, "Maintenance status", 0x04, "Replacement required"),
    state(0x01, "Maintenance status", 0x05, "Replacement required, End-of-life"),
    state(0x01, "Periodic inspection status", 0x07, "Maintenance required, planned periodic inspection"),
    state(0x01, "Dust in device status", 0x08, "Maintenance required, dust in device"),
    // CO Alarm.
    state(0x02, "Sensor status", 0x01, "Carbon monoxide detected (location provided)"),
    state(0x02, "Sensor status", 0x02, "Carbon monoxide detected"),
    state(0x02, "Test status", 0x03, "Carbon monoxide test").never_idle().with(Parameter::OneOf(TEST)),
    state(0x02, "Maintenance status", 0x04, "Replacement required"),
    state(0x02, "Maintenance status", 0x05, "Replacement required, End-of-life"),
    state(0x02, "Alarm status", 0x06, "Alarm silenced"),
    state(0x02, "Periodic inspection status", 0x07, "Maintenance required, planned periodic inspection"),
    // CO2 Alarm.
    state(0x03, "Sensor status", 0x01, "Carbon dioxide detected (location provided)"),
    state(0x03, "Sensor status", 0x02, "Carbon dioxide detected"),
    state(0x03, "Test status", 0x03, "Carbon dioxide test").never_idle().with(Parameter::OneOf(TEST)),
    state(0x03, "Maintenance status", 0x04, "Replacement required"),
    state(0x03, "Maintenance status", 0x05, "Replacement required, End-of-life"),
    state(0x03, "Alarm status", 0x06, "Alarm silenced"),
    state(0x03, "Periodic inspection status", 0x07, "Maintenance required, planned periodic inspection"),
    // Heat Alarm.
    state(0x04, "Heat sensor status", 0x01, "Overheat detected (location provided)"),
    state(0x04, "Heat sensor status", 0x02, "Overheat detected"),
    state(0x04, "Heat sensor status", 0x05, "Underheat detected (location provided)"),
    state(0x04, "Heat sensor status", 0x06, "Underheat detected"),
    state(0x04, "Alarm status", 0x07, "Heat alarm test"),
    state(0x04, "Alarm status", 0x09, "Alarm silenced"),
    state(0x04, "Maintenance status", 0x08, "Replacement required, End-of-life"),
    state(0x04, "Periodic inspection status", 0x0b, "Maintenance required, planned periodic inspection"),
    state(0x04, "Dust in device status", 0x0a, "Maintenance required, dust in device"),
    happening(0x04, 0x03, "Rapid temperature rise (location provided)"),
    happening(0x04, 0x04, "Rapid temperature rise"),
    happening(0x04, 0x0c, "Rapid temperature fall (location provided)"),
    happening(0x04, 0x0d, "Rapid temperature fall"),
    // Water Alarm.
    state(0x05, "Sensor status", 0x01, "Water leak detected (location provided)"),
    state(0x05, "Sensor status", 0x02, "Water leak detected"),
    state(0x05, "Maintenance status", 0x05, "Replace water filter"),
    state(0x05, "Water flow alarm status", 0x06, "Water flow alarm").with(Parameter::OneOf(THRESHOLD_OR_GREATEST)),
    state(0x05, "Water pressure alarm status", 0x07, "Water pressure alarm").with(Parameter::OneOf(THRESHOLD_OR_GREATEST)),
    state(0x05, "Water temperature alarm status", 0x08, "Water temperature alarm").with(Parameter::OneOf(THRESHOLD)),
    state(0x05, "Water level alarm status", 0x09, "Water level alarm").with(Parameter::OneOf(THRESHOLD)),
    state(0x05, "Pump status", 0x0a, "Sump pump active"),
    state(0x05, "Pump status", 0x0b, "Sump pump failure"),
    happening(0x05, 0x03, "Water level dropped (location provided)"),
    happening(0x05, 0x04, "Water level dropped"),
    // Access Control.
    state(0x06, "Lock state", 0x0b, "Lock jammed"),
    state(0x06, "Keypad state", 0x10, "Keypad temporary disabled"),
    state(0x06, "Keypad state", 0x11, "Keypad busy"),
    state(0x06, "Door state", 0x16, "Window/door is open").never_idle().with(Parameter::OneOf(OPENING)),
    state(0x06, "Door state", 0x17, "Window/door is closed").never_idle(),
    state(0x06, "Door handle state", 0x18, "Window/door handle is open").never_idle(),
    state(0x06, "Door handle state", 0x19, "Window/door handle is closed").never_idle(),
    state(0x06, "Barrier performing initialization process status", 0x40, "Barrier performing initialization process").never_idle().with(Parameter::OneOf(PROCESS)),
    state(0x06, "Barrier UL disabling status", 0x45, "Barrier unattended operation has been disabled per UL requirements"),
    state(0x06, "Barrier vacation mode status", 0x47, "Barrier vacation mode").never_idle().with(Parameter::OneOf(MODE)),
    state(0x06, "Barrier safety beam obstacle status", 0x48, "Barrier safety beam obstacle").never_idle().with(Parameter::OneOf(OBSTRUCTION)),
    state(0x06, "Barrier sensor status", 0x49, "Barrier sensor not detected / supervisory error").with(Parameter::Number("sensor ID")),
    state(0x06, "Barrier battery status", 0x4a, "Barrier sensor low battery warning").with(Parameter::Number("sensor ID")),
    state(0x06, "Barrier short-circuit status", 0x4b, "Barrier detected short in wall station wires"),
    state(0x06, "Barrier control status", 0x4c, "Barrier associated with non Z-Wave remote control"),
    happening(0x06, 0x01, "Manual lock operation"),
    happening(0x06, 0x02, "Manual unlock operation"),
    happening(0x06, 0x03, "RF lock operation"),
    happening(0x06, 0x04, "RF unlock operation"),
    happening(0x06, 0x05, "Keypad lock operation").with(Parameter::Command),
    happening(0x06, 0x06, "Keypad unlock operation").with(Parameter::Command),
    happening(0x06, 0x07, "Manual not fully locked operation"),
    happening(0x06, 0x08, "RF not fully locked operation"),
    happening(0x06, 0x09, "Auto lock locked operation"),
    happening(0x06, 0x0a, "Auto lock not fully locked operation"),
    happening(0x06, 0x0c, "All user codes deleted"),
    happening(0x06, 0x0d, "Single user code deleted").with(Parameter::Command),
    happening(0x06, 0x0e, "New user code added").with(Parameter::Command),
    happening(0x06, 0x0f, "New user code not added due to duplicate code").with(Parameter::Command),
    happening(0x06, 0x12, "New program code entered: unique code for lock configuration"),
    happening(0x06, 0x13, "Manually enter user access code exceeds code limit"),
    happening(0x06, 0x14, "Unlock by RF with invalid user code"),
    happening(0x06, 0x15, "Locked by RF with invalid user code"),
    happening(0x06, 0x20, "Messaging User Code entered via keypad").with(Parameter::Number("user ID")),
    happening(0x06, 0x21, "Lock operation with User Code").with(Parameter::Number("user ID")),
    happening(0x06, 0x22, "Unlock operation with User Code").with(Parameter::Number("user ID")),
    happening(0x06, 0x23, "Credential lock/open operation").with(Parameter::Command),
    happening(0x06, 0x24, "Credential unlock/close operation").with(Parameter::Command),
    happening(0x06, 0x2f, "Valid credential access denied: User Active State set to Occupied Disabled").with(Parameter::Command),
    happening(0x06, 0x30, "Valid credential access denied: Schedule inactive").with(Parameter::Command),
    happening(0x06, 0x31, "Valid credential access denied: Not enough credentials entered"),
    happening(0x06, 0x32, "Invalid credential used"),
    happening(0x06, 0x33, "Non-Access credential entered via local interface").with(Parameter::Command),
    happening(0x06, 0x41, "Barrier operation (open/close) force has been exceeded"),
    happening(0x06, 0x42, "Barrier motor has exceeded manufacturer's operational time limit").with(Parameter::Duration),
    happening(0x06, 0x43, "Barrier operation has exceeded physical mechanical limits"),
    happening(0x06, 0x44, "Barrier unable to perform requested operation due to UL requirements"),
    happening(0x06, 0x46, "Barrier failed to perform requested operation, device malfunction"),
    // Home Security.
    state(0x07, "Sensor status", 0x01, "Intrusion (location provided)"),
    state(0x07, "Sensor status", 0x02, "Intrusion"),
    state(0x07, "Cover status", 0x03, "Tampering, product cover removed"),
    state(0x07, "Motion sensor status", 0x07, "Motion detection (location provided)"),
    state(0x07, "Motion sensor status", 0x08, "Motion detection"),
    state(0x07, "Magnetic interference status", 0x0b, "Magnetic field interference detected"),
    happening(0x07, 0x04, "Tampering, invalid code"),
    happening(0x07, 0x05, "Glass breakage (location provided)"),
    happening(0x07, 0x06, "Glass breakage"),
    happening(0x07, 0x09, "Tampering, product moved"),
    happening(0x07, 0x0a, "Impact detected"),
    happening(0x07, 0x0c, "RF Jamming detected").with(Parameter::Number("RSSI")),
    // Power Management.
    state(0x08, "Power status", 0x01, "Power has been applied"),
    state(0x08, "Mains status", 0x02, "AC mains disconnected").never_idle(),
    state(0x08, "Mains status", 0x03, "AC mains re-connected").never_idle(),
    state(0x08, "Over-current status", 0x06, "Over-current detected"),
    state(0x08, "Over-voltage status", 0x07, "Over-voltage detected"),
    state(0x08, "Over-load status", 0x08, "Over-load detected"),
    state(0x08, "Load error status", 0x09, "Load error"),
    state(0x08, "Battery maintenance status", 0x0a, "Replace battery soon"),
    state(0x08, "Battery maintenance status", 0x0b, "Replace battery now"),
    state(0x08, "Battery maintenance status", 0x11, "Battery fluid is low"),
    state(0x08, "Battery load status", 0x0c, "Battery is charging"),
    state(0x08, "Battery level status", 0x0d, "Battery is fully charged"),
    state(0x08, "Battery level status", 0x0e, "Charge battery soon"),
    state(0x08, "Battery level status", 0x0f, "Charge battery now"),
    state(0x08, "Backup battery level status", 0x10, "Back-up battery is low"),
    state(0x08, "Backup battery level status", 0x12, "Back-up battery disconnected"),
    happening(0x08, 0x04, "Surge detected"),
    happening(0x08, 0x05, "Voltage drop/drift"),
    // System.
    state(0x09, "Hardware status", 0x01, "System hardware failure"),
    state(0x09, "Hardware status", 0x03, "System hardware failure (with failure code)"),
    state(0x09, "Software status", 0x02, "System software failure"),
    state(0x09, "Software status", 0x04, "System software failure (with failure code)"),
    state(0x09, "Cover status", 0x06, "Tampering, product cover removed"),
    state(0x09, "Emergency shutoff status", 0x07, "Emergency shutoff"),
    happening(0x09, 0x05, "Heartbeat"),
    // Emergency Alarm.
    happening(0x0a, 0x01, "Contact police"),
    happening(0x0a, 0x02, "Contact fire service"),
    happening(0x0a, 0x03, "Contact medical service"),
    happening(0x0a, 0x04, "Panic alert"),
    // Clock.
    happening(0x0b, 0x01, "Wake up alert"),
    happening(0x0b, 0x02, "Timer ended"),
    happening(0x0b, 0x03, "Time remaining"),
    // Appliance.
    state(0x0c, "Program status", 0x01, "Program started"),
    state(0x0c, "Program status", 0x02, "Program in progress"),
    state(0x0c, "Program status", 0x03, "Program completed"),
    state(0x0c, "Maintenance status", 0x04, "Replace main filter"),
    state(0x0c, "Appliance status", 0x06, "Supplying water"),
    state(0x0c, "Appliance status", 0x08, "Boiling"),
    state(0x0c, "Appliance status", 0x0a, "Washing"),
    state(0x0c, "Appliance status", 0x0c, "Rinsing"),
    state(0x0c, "Appliance status", 0x0e, "Draining"),
    state(0x0c, "Appliance status", 0x10, "Spinning"),
    state(0x0c, "Appliance status", 0x12, "Drying"),
    state(0x0c, "Target temperature failure status", 0x05, "Failure to set target temperature"),
    state(0x0c, "Water supply failure status", 0x07, "Water supply failure"),
    state(0x0c, "Boiling failure status", 0x09, "Boiling failure"),
    state(0x0c, "Washing failure status", 0x0b, "Washing failure"),
    state(0x0c, "Rinsing failure status", 0x0d, "Rinsing failure"),
    state(0x0c, "Draining failure status", 0x0f, "Draining failure"),
    state(0x0c, "Spinning failure status", 0x11, "Spinning failure"),
    state(0x0c, "Drying failure status", 0x13, "Drying failure"),
    state(0x0c, "Fan failure status", 0x14, "Fan failure"),
    state(0x0c, "Compressor failure status", 0x15, "Compressor failure"),
    // Home Health.
    state(0x0d, "Position status", 0x01, "Leaving bed"),
    state(0x0d, "Position status", 0x02, "Sitting on bed"),
    state(0x0d, "Position status", 0x03, "Lying on bed"),
    state(0x0d, "Position status", 0x05, "Sitting on bed edge"),
    state(0x0d, "VOC level status", 0x06, "Volatile Organic Compound level").never_idle().with(Parameter::OneOf(POLLUTION)),
    state(0x0d, "Sleep apnea status", 0x07, "Sleep apnea detected").with(Parameter::OneOf(BREATH)),
    state(0x0d, "Sleep stage status", 0x08, "Sleep stage 0 detected (Dreaming/REM)"),
    state(0x0d, "Sleep stage status", 0x09, "Sleep stage 1 detected (Light sleep, non-REM 1)"),
    state(0x0d, "Sleep stage status", 0x0a, "Sleep stage 2 detected (Medium sleep, non-REM 2)"),
    state(0x0d, "Sleep stage status", 0x0b, "Sleep stage 3 detected (Deep sleep, non-REM 3)"),
    happening(0x0d, 0x04, "Posture changed"),
    happening(0x0d, 0x0c, "Fall detected"),
    // Siren.
    state(0x0e, "Siren status", 0x01, "Siren active"),
    // Water Valve.
    state(0x0f, "Valve operation status", 0x01, "Valve operation").never_idle().with(Parameter::OneOf(VALVE)),
    state(0x0f, "Master valve operation status", 0x02, "Master valve operation").never_idle().with(Parameter::OneOf(VALVE)),
    state(0x0f, "Valve short circuit status", 0x03, "Valve short circuit"),
    state(0x0f, "Master valve short circuit status", 0x04, "Master valve short circuit"),
    state(0x0f, "Valve current alarm status", 0x05, "Valve current alarm").with(Parameter::OneOf(THRESHOLD_OR_GREATEST)),
    state(0x0f, "Master valve current alarm status", 0x06, "Master valve current alarm").with(Parameter::OneOf(THRESHOLD_OR_GREATEST)),
    state(0x0f, "Valve jammed status", 0x07, "Valve jammed"),
    // Weather Alarm.
    state(0x10, "Rain alarm status", 0x01, "Rain alarm"),
    state(0x10, "Moisture alarm status", 0x02, "Moisture alarm"),
    state(0x10, "Freeze alarm status", 0x03, "Freeze alarm"),
    // Irrigation.
    state(0x11, "Schedule (id) status", 0x01, "Schedule started").never_idle().with(Parameter::Number("schedule ID")),
    state(0x11, "Schedule (id) status", 0x02, "Schedule finished").never_idle().with(Parameter::Number("schedule ID")),
    state(0x11, "Valve (id) run status", 0x03, "Valve table run started").never_idle().with(Parameter::Number("valve table ID")),
    state(0x11, "Valve (id) run status", 0x04, "Valve table run finished").never_idle().with(Parameter::Number("valve table ID")),
    state(0x11, "Device configuration status", 0x05, "Device is not configured"),
    // Gas alarm.
    state(0x12, "Combustible gas status", 0x01, "Combustible gas detected (location provided)"),
    state(0x12, "Combustible gas status", 0x02, "Combustible gas detected"),
    state(0x12, "Toxic gas status", 0x03, "Toxic gas detected (location provided)"),
    state(0x12, "Toxic gas status", 0x04, "Toxic gas detected"),
    state(0x12, "Alarm status", 0x05, "Gas alarm test"),
    state(0x12, "Maintenance status", 0x06, "Replacement required"),
    // Pest Control.
    state(0x13, "Trap status", 0x01, "Trap armed (location provided)"),
    state(0x13, "Trap status", 0x02, "Trap armed"),
    state(0x13, "Trap status", 0x03, "Trap re-arm required (location provided)"),
    state(0x13, "Trap status", 0x04, "Trap re-arm required"),
    happening(0x13, 0x05, "Pest detected (location provided)"),
    happening(0x13, 0x06, "Pest detected"),
    happening(0x13, 0x07, "Pest exterminated (location provided)"),
    happening(0x13, 0x08, "Pest exterminated"),
    // Light sensor.
    state(0x14, "Light detection status", 0x01, "Light detected"),
    happening(0x14, 0x02, "Light color transition detected"),
    // Water Quality Monitoring.
    state(0x15, "Chlorine alarm status", 0x01, "Chlorine alarm").with(Parameter::OneOf(RANGE)),
    state(0x15, "Acidity (pH) status", 0x02, "Acidity (pH) alarm").with(Parameter::OneOf(ACIDITY)),
    state(0x15, "Water Oxidation alarm status", 0x03, "Water Oxidation alarm").with(Parameter::OneOf(RANGE)),
    state(0x15, "Chlorine Sensor status", 0x04, "Chlorine empty"),
    state(0x15, "Acidity (pH) Sensor status", 0x05, "Acidity (pH) empty"),
    state(0x15, "Waterflow measuring station sensor", 0x06, "Waterflow measuring station shortage detected"),
    state(0x15, "Waterflow clear water sensor", 0x07, "Waterflow clear water shortage detected"),
    state(0x15, "Disinfection system status", 0x08, "Disinfection system error detected"),
    state(0x15, "Filter cleaning status", 0x09, "Filter cleaning ongoing").with(Parameter::Number("filter number")),
    state(0x15, "Heating status", 0x0a, "Heating operation ongoing"),
    state(0x15, "Filter pump status", 0x0b, "Filter pump operation ongoing"),
    state(0x15, "Freshwater flow status", 0x0c, "Freshwater operation ongoing"),
    state(0x15, "Dry protection status", 0x0d, "Dry protection operation active"),
    state(0x15, "Water tank status", 0x0e, "Water tank is empty").never_idle(),
    state(0x15, "Water tank status", 0x0f, "Water tank level is unknown").never_idle(),
    state(0x15, "Water tank status", 0x10, "Water tank is full").never_idle(),
    state(0x15, "Collective disorder status", 0x11, "Collective disorder"),
    // Home monitoring.
    state(0x16, "Home occupancy status", 0x01, "Home occupied (location provided)"),
    state(0x16, "Home occupancy status", 0x02, "Home occupied"),
];
