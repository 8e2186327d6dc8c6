//! Which command classes there are: number, name and the version that is implemented here.

/// The number of a command class; those from 0xF100 on take two bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Deserialize)]
pub struct CommandClass(pub u16);

/// The classes that have a file of their own.
#[allow(missing_docs, reason = "the constants are named as the classes")]
impl CommandClass {
    pub const NO_OPERATION: Self = Self(0x00);
    pub const BASIC: Self = Self(0x20);
    pub const APPLICATION_STATUS: Self = Self(0x22);
    pub const BINARY_SWITCH: Self = Self(0x25);
    pub const MULTILEVEL_SWITCH: Self = Self(0x26);
    pub const SCENE_ACTIVATION: Self = Self(0x2b);
    pub const SCENE_ACTUATOR_CONFIGURATION: Self = Self(0x2c);
    pub const SCENE_CONTROLLER_CONFIGURATION: Self = Self(0x2d);
    pub const BINARY_SENSOR: Self = Self(0x30);
    pub const MULTILEVEL_SENSOR: Self = Self(0x31);
    pub const METER: Self = Self(0x32);
    pub const COLOR_SWITCH: Self = Self(0x33);
    pub const THERMOSTAT_MODE: Self = Self(0x40);
    pub const THERMOSTAT_OPERATING_STATE: Self = Self(0x42);
    pub const THERMOSTAT_SETPOINT: Self = Self(0x43);
    pub const THERMOSTAT_FAN_MODE: Self = Self(0x44);
    pub const THERMOSTAT_FAN_STATE: Self = Self(0x45);
    pub const CLIMATE_CONTROL_SCHEDULE: Self = Self(0x46);
    pub const THERMOSTAT_SETBACK: Self = Self(0x47);
    pub const DOOR_LOCK_LOGGING: Self = Self(0x4c);
    pub const SCHEDULE_ENTRY_LOCK: Self = Self(0x4e);
    pub const BASIC_WINDOW_COVERING: Self = Self(0x50);
    pub const TRANSPORT_SERVICE: Self = Self(0x55);
    pub const CRC_16_ENCAPSULATION: Self = Self(0x56);
    pub const ASSOCIATION_GROUP_INFORMATION: Self = Self(0x59);
    pub const DEVICE_RESET_LOCALLY: Self = Self(0x5a);
    pub const CENTRAL_SCENE: Self = Self(0x5b);
    pub const Z_WAVE_PLUS_INFO: Self = Self(0x5e);
    pub const MULTI_CHANNEL: Self = Self(0x60);
    pub const DOOR_LOCK: Self = Self(0x62);
    pub const USER_CODE: Self = Self(0x63);
    pub const HUMIDITY_CONTROL_SETPOINT: Self = Self(0x64);
    pub const BARRIER_OPERATOR: Self = Self(0x66);
    pub const WINDOW_COVERING: Self = Self(0x6a);
    pub const IRRIGATION: Self = Self(0x6b);
    pub const SUPERVISION: Self = Self(0x6c);
    pub const HUMIDITY_CONTROL_MODE: Self = Self(0x6d);
    pub const HUMIDITY_CONTROL_OPERATING_STATE: Self = Self(0x6e);
    pub const ENTRY_CONTROL: Self = Self(0x6f);
    pub const CONFIGURATION: Self = Self(0x70);
    pub const NOTIFICATION: Self = Self(0x71);
    pub const MANUFACTURER_SPECIFIC: Self = Self(0x72);
    pub const POWERLEVEL: Self = Self(0x73);
    pub const INCLUSION_CONTROLLER: Self = Self(0x74);
    pub const PROTECTION: Self = Self(0x75);
    pub const LOCK: Self = Self(0x76);
    pub const NODE_NAMING_AND_LOCATION: Self = Self(0x77);
    pub const SOUND_SWITCH: Self = Self(0x79);
    pub const FIRMWARE_UPDATE_META_DATA: Self = Self(0x7a);
    pub const BATTERY: Self = Self(0x80);
    pub const CLOCK: Self = Self(0x81);
    pub const HAIL: Self = Self(0x82);
    pub const USER_CREDENTIAL: Self = Self(0x83);
    pub const WAKE_UP: Self = Self(0x84);
    pub const ASSOCIATION: Self = Self(0x85);
    pub const VERSION: Self = Self(0x86);
    pub const INDICATOR: Self = Self(0x87);
    pub const LANGUAGE: Self = Self(0x89);
    pub const TIME: Self = Self(0x8a);
    pub const TIME_PARAMETERS: Self = Self(0x8b);
    pub const MULTI_CHANNEL_ASSOCIATION: Self = Self(0x8e);
    pub const MULTI_COMMAND: Self = Self(0x8f);
    pub const ENERGY_PRODUCTION: Self = Self(0x90);
    pub const SECURITY: Self = Self(0x98);
    pub const ALARM_SENSOR: Self = Self(0x9c);
    pub const SECURITY_2: Self = Self(0x9f);
}

impl CommandClass {
    /// The mark between the classes that a node supports and those that it controls.
    pub const SUPPORT_CONTROL_MARK: Self = Self(0xef);
    /// The mark between the classes that a node supports without security and with Security 0.
    pub const SECURITY_MARK: Self = Self(0xf100);

    /// What the specification calls it.
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.1)
    }

    /// The newest version that is understood here; none = the class has no file.
    pub fn implemented_version(self) -> Option<u8> {
        self.row().map(|row| row.2).filter(|version| *version > 0)
    }

    /// The bytes that stand for it in a frame: one, or two from 0xF100 on.
    pub fn bytes(self) -> Vec<u8> {
        match u8::try_from(self.0) {
            Ok(byte) => vec![byte],
            Err(_) => self.0.to_be_bytes().to_vec(),
        }
    }

    /// The classes in a list, as node information frames have them: one or two bytes each. Half a class at the end is
    /// left out.
    pub fn list(bytes: &[u8]) -> Vec<Self> {
        let mut bytes = bytes.iter().copied();
        let mut classes = Vec::new();
        while let Some(first) = bytes.next() {
            match first {
                0..=0xf0 => classes.push(Self(u16::from(first))),
                _ => classes.extend(bytes.next().map(|second| Self(u16::from_be_bytes([first, second])))),
            }
        }
        classes
    }

    fn row(self) -> Option<&'static (u16, &'static str, u8)> {
        CLASSES.binary_search_by_key(&self.0, |row| row.0).ok().and_then(|index| CLASSES.get(index))
    }
}

impl std::fmt::Display for CommandClass {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "command class {:#04x}", self.0),
        }
    }
}

/// Number, name and implemented version (0 = none), by number.
#[rustfmt::skip]
const CLASSES: &[(u16, &str, u8)] = &[
    (0x00, "No Operation", 1),
    (0x01, "Z-Wave Protocol", 0),
    (0x02, "Zensor Net", 0),
    (0x04, "Z-Wave Long Range", 0),
    (0x20, "Basic", 2),
    (0x21, "Controller Replication", 0),
    (0x22, "Application Status", 1),
    (0x23, "Z/IP", 0),
    (0x24, "Security Panel Mode", 0),
    (0x25, "Binary Switch", 2),
    (0x26, "Multilevel Switch", 4),
    (0x27, "All Switch", 0),
    (0x28, "Binary Toggle Switch", 0),
    (0x29, "Multilevel Toggle Switch", 0),
    (0x2a, "Chimney Fan", 0),
    (0x2b, "Scene Activation", 1),
    (0x2c, "Scene Actuator Configuration", 1),
    (0x2d, "Scene Controller Configuration", 1),
    (0x2e, "Security Panel Zone", 0),
    (0x2f, "Security Panel Zone Sensor", 0),
    (0x30, "Binary Sensor", 2),
    (0x31, "Multilevel Sensor", 11),
    (0x32, "Meter", 6),
    (0x33, "Color Switch", 3),
    (0x34, "Network Management Inclusion", 0),
    (0x35, "Pulse Meter", 0),
    (0x36, "Basic Tariff Information", 0),
    (0x37, "HRV Status", 0),
    (0x38, "Thermostat Heating", 0),
    (0x39, "HRV Control", 0),
    (0x3a, "Demand Control Plan Configuration", 0),
    (0x3b, "Demand Control Plan Monitor", 0),
    (0x3c, "Meter Table Configuration", 0),
    (0x3d, "Meter Table Monitor", 0),
    (0x3e, "Meter Table Push Configuration", 0),
    (0x3f, "Prepayment", 0),
    (0x40, "Thermostat Mode", 3),
    (0x41, "Prepayment Encapsulation", 0),
    (0x42, "Thermostat Operating State", 2),
    (0x43, "Thermostat Setpoint", 3),
    (0x44, "Thermostat Fan Mode", 5),
    (0x45, "Thermostat Fan State", 2),
    (0x46, "Climate Control Schedule", 1),
    (0x47, "Thermostat Setback", 1),
    (0x48, "Rate Table Configuration", 0),
    (0x49, "Rate Table Monitor", 0),
    (0x4a, "Tariff Table Configuration", 0),
    (0x4b, "Tariff Table Monitor", 0),
    (0x4c, "Door Lock Logging", 1),
    (0x4d, "Network Management Basic Node", 0),
    (0x4e, "Schedule Entry Lock", 3),
    (0x4f, "Z/IP 6LoWPAN", 0),
    (0x50, "Basic Window Covering", 1),
    (0x51, "Move To Position Window Covering", 0),
    (0x52, "Network Management Proxy", 0),
    (0x53, "Schedule", 0),
    (0x54, "Network Management Primary", 0),
    (0x55, "Transport Service", 2),
    (0x56, "CRC-16 Encapsulation", 1),
    (0x57, "Application Capability", 0),
    (0x58, "Z/IP ND", 0),
    (0x59, "Association Group Information", 3),
    (0x5a, "Device Reset Locally", 1),
    (0x5b, "Central Scene", 3),
    (0x5c, "IP Association", 0),
    (0x5d, "Anti-Theft", 0),
    (0x5e, "Z-Wave Plus Info", 2),
    (0x5f, "Z/IP Gateway", 0),
    (0x60, "Multi Channel", 4),
    (0x61, "Z/IP Portal", 0),
    (0x62, "Door Lock", 4),
    (0x63, "User Code", 2),
    (0x64, "Humidity Control Setpoint", 2),
    (0x65, "DMX", 0),
    (0x66, "Barrier Operator", 1),
    (0x67, "Network Management Installation and Maintenance", 0),
    (0x68, "Z/IP Naming and Location", 0),
    (0x69, "Mailbox", 0),
    (0x6a, "Window Covering", 1),
    (0x6b, "Irrigation", 1),
    (0x6c, "Supervision", 2),
    (0x6d, "Humidity Control Mode", 2),
    (0x6e, "Humidity Control Operating State", 1),
    (0x6f, "Entry Control", 1),
    (0x70, "Configuration", 4),
    (0x71, "Notification", 8),
    (0x72, "Manufacturer Specific", 2),
    (0x73, "Powerlevel", 1),
    (0x74, "Inclusion Controller", 1),
    (0x75, "Protection", 2),
    (0x76, "Lock", 1),
    (0x77, "Node Naming and Location", 1),
    (0x78, "Node Provisioning", 0),
    (0x79, "Sound Switch", 2),
    (0x7a, "Firmware Update Meta Data", 8),
    (0x7b, "Grouping Name", 0),
    (0x7c, "Remote Association Activation", 0),
    (0x7d, "Remote Association Configuration", 0),
    (0x7e, "Anti-Theft Unlock", 0),
    (0x80, "Battery", 3),
    (0x81, "Clock", 1),
    (0x82, "Hail", 1),
    (0x83, "User Credential", 2),
    (0x84, "Wake Up", 3),
    (0x85, "Association", 4),
    (0x86, "Version", 3),
    (0x87, "Indicator", 4),
    (0x88, "Proprietary", 0),
    (0x89, "Language", 1),
    (0x8a, "Time", 2),
    (0x8b, "Time Parameters", 1),
    (0x8c, "Geographic Location", 0),
    (0x8e, "Multi Channel Association", 5),
    (0x8f, "Multi Command", 1),
    (0x90, "Energy Production", 1),
    (0x91, "Manufacturer Proprietary", 0),
    (0x92, "Screen Meta Data", 0),
    (0x93, "Screen Attributes", 0),
    (0x94, "Simple AV Control", 0),
    (0x95, "AV Content Directory Metadata", 0),
    (0x96, "AV Renderer Status", 0),
    (0x97, "AV Content Search Metadata", 0),
    (0x98, "Security", 1),
    (0x99, "AV Tagging Metadata", 0),
    (0x9a, "IP Configuration", 0),
    (0x9b, "Association Command Configuration", 0),
    (0x9c, "Alarm Sensor", 1),
    (0x9d, "Alarm Silence", 0),
    (0x9e, "Sensor Configuration", 0),
    (0x9f, "Security 2", 1),
    (0xa0, "IR Repeater", 0),
    (0xa1, "Authentication", 0),
    (0xa2, "Authentication Media Write", 0),
    (0xa3, "Generic Schedule", 0),
    (0xef, "Support/Control Mark", 0),
    (0xf100, "Security Mark", 0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(CLASSES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn classes_have_names() {
        assert_eq!(CommandClass::BINARY_SWITCH.to_string(), "Binary Switch");
        assert_eq!(CommandClass(0xf2).to_string(), "command class 0xf2");
        assert_eq!(CommandClass::list(&[0x25, 0xf1, 0x00, 0x26, 0xf1]).len(), 3);
    }
}
