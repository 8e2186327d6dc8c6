//! Serial API Setup (0x0B): how the stick talks to us, region and power.

use std::collections::BTreeSet;

use super::{Function, NodeIdWidth, Request};
use crate::node_id::bits_of_mask;
use crate::read::{Problem, Reader, named_bytes};

named_bytes! {
    /// What is set or asked.
    SetupCommand, "setup command" {
        /// The stick does not know the command.
        Unsupported = 0x00,
        /// Which commands there are.
        GetSupportedCommands = 0x01,
        /// Whether callbacks of transmissions have a report.
        SetTransmitReport = 0x02,
        /// Power of Long Range.
        SetLongRangeMaximumPower = 0x03,
        /// Power, in tenths of dBm in 8 bits.
        SetPowerLevel = 0x04,
        /// Power of Long Range.
        GetLongRangeMaximumPower = 0x05,
        /// Power, in tenths of dBm in 8 bits.
        GetPowerLevel = 0x08,
        /// The longest command.
        GetMaximumPayload = 0x10,
        /// The longest command by Long Range.
        GetLongRangeMaximumPayload = 0x11,
        /// Power, in tenths of dBm in 16 bits.
        SetPowerLevel16 = 0x12,
        /// Power, in tenths of dBm in 16 bits.
        GetPowerLevel16 = 0x13,
        /// Regions of the stick.
        GetSupportedRegions = 0x15,
        /// What a region has.
        GetRegionInformation = 0x16,
        /// The region.
        GetRegion = 0x20,
        /// The region.
        SetRegion = 0x40,
        /// Width of node numbers.
        SetNodeIdWidth = 0x80,
    }
}

/// Where the stick may send, by law.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Region(pub u8);

/// The specification's regions.
const REGIONS: &[(u8, &str)] = &[
    (0x00, "Europe"),
    (0x01, "USA"),
    (0x02, "Australia and New Zealand"),
    (0x03, "Hong Kong"),
    (0x05, "India"),
    (0x06, "Israel"),
    (0x07, "Russia"),
    (0x08, "China"),
    (0x09, "USA with Long Range"),
    (0x0B, "Europe with Long Range"),
    (0x20, "Japan"),
    (0x21, "Korea"),
    (0xFE, "not known"),
    (0xFF, "Europe, as delivered"),
];

impl Region {
    /// Its name, if the specification knows it.
    pub fn name(self) -> Option<&'static str> {
        REGIONS.iter().find(|(region, _)| *region == self.0).map(|(_, name)| *name)
    }
}

/// Power, in tenths of dBm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PowerLevel {
    /// With which the stick sends.
    pub normal: i16,
    /// What the stick measures where it should be 0 dBm, from its maker.
    pub measured_at_zero: i16,
}

/// A setup command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setup {
    /// Asks for the supported commands.
    GetSupportedCommands,
    /// Has callbacks of transmissions carry a report.
    SetTransmitReport(bool),
    /// Sets the width of node numbers; it is lost when the stick restarts.
    SetNodeIdWidth(NodeIdWidth),
    /// Asks for the region.
    GetRegion,
    /// Sets the region; it takes effect when the stick restarts.
    SetRegion(Region),
    /// Asks for the regions there are.
    GetSupportedRegions,
    /// Asks what a region has.
    GetRegionInformation(Region),
    /// Asks for the power, in 8 bits.
    GetPowerLevel,
    /// Sets the power, in 8 bits: what does not fit becomes the nearest that does.
    SetPowerLevel(PowerLevel),
    /// Asks for the power, in 16 bits.
    GetPowerLevel16,
    /// Sets the power, in 16 bits.
    SetPowerLevel16(PowerLevel),
    /// Asks for the highest power of Long Range.
    GetLongRangeMaximumPower,
    /// Sets the highest power of Long Range, in tenths of dBm.
    SetLongRangeMaximumPower(i16),
    /// Asks for the longest command.
    GetMaximumPayload,
    /// Asks for the longest command by Long Range.
    GetLongRangeMaximumPayload,
}

impl Setup {
    /// The command's number.
    pub fn command(self) -> SetupCommand {
        match self {
            Self::GetSupportedCommands => SetupCommand::GetSupportedCommands,
            Self::SetTransmitReport(_) => SetupCommand::SetTransmitReport,
            Self::SetNodeIdWidth(_) => SetupCommand::SetNodeIdWidth,
            Self::GetRegion => SetupCommand::GetRegion,
            Self::SetRegion(_) => SetupCommand::SetRegion,
            Self::GetSupportedRegions => SetupCommand::GetSupportedRegions,
            Self::GetRegionInformation(_) => SetupCommand::GetRegionInformation,
            Self::GetPowerLevel => SetupCommand::GetPowerLevel,
            Self::SetPowerLevel(_) => SetupCommand::SetPowerLevel,
            Self::GetPowerLevel16 => SetupCommand::GetPowerLevel16,
            Self::SetPowerLevel16(_) => SetupCommand::SetPowerLevel16,
            Self::GetLongRangeMaximumPower => SetupCommand::GetLongRangeMaximumPower,
            Self::SetLongRangeMaximumPower(_) => SetupCommand::SetLongRangeMaximumPower,
            Self::GetMaximumPayload => SetupCommand::GetMaximumPayload,
            Self::GetLongRangeMaximumPayload => SetupCommand::GetLongRangeMaximumPayload,
        }
    }
}

impl Request for Setup {
    fn function(&self) -> Function {
        Function::SETUP
    }

    fn write(&self, _: NodeIdWidth, payload: &mut Vec<u8>) {
        payload.push(self.command().to_byte());
        match *self {
            Self::SetTransmitReport(on) => payload.push(if on { 0xFF } else { 0x00 }),
            Self::SetNodeIdWidth(NodeIdWidth::Bits8) => payload.push(0x01),
            Self::SetNodeIdWidth(NodeIdWidth::Bits16) => payload.push(0x02),
            Self::SetRegion(region) | Self::GetRegionInformation(region) => payload.push(region.0),
            Self::SetPowerLevel(power) => {
                let bytes = [power.normal, power.measured_at_zero].map(narrow);
                payload.extend(bytes.map(i8::cast_unsigned));
            }
            Self::SetPowerLevel16(power) => {
                payload.extend([power.normal, power.measured_at_zero].into_iter().flat_map(i16::to_be_bytes));
            }
            Self::SetLongRangeMaximumPower(power) => payload.extend(power.to_be_bytes()),
            Self::GetSupportedCommands
            | Self::GetRegion
            | Self::GetSupportedRegions
            | Self::GetPowerLevel
            | Self::GetPowerLevel16
            | Self::GetLongRangeMaximumPower
            | Self::GetMaximumPayload
            | Self::GetLongRangeMaximumPayload => {}
        }
    }
}

fn narrow(tenths: i16) -> i8 {
    i8::try_from(tenths).unwrap_or(if tenths < 0 { i8::MIN } else { i8::MAX })
}

/// The stick's answer to a setup command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SetupResponse {
    /// The stick does not know this command.
    Unsupported(u8),
    /// Which commands it knows. Before firmware 7.19.1 the longer list is off by one; see [`SupportedCommands`].
    SupportedCommands(SupportedCommands),
    /// Whether a command that sets something was obeyed.
    Accepted(SetupCommand, bool),
    /// The region.
    Region(Region),
    /// The regions there are.
    SupportedRegions(Vec<Region>),
    /// What a region has.
    RegionInformation {
        /// Which.
        region: Region,
        /// Classic Z-Wave.
        classic: bool,
        /// Long Range.
        long_range: bool,
        /// The region that it contains.
        includes: Option<Region>,
    },
    /// The power.
    PowerLevel(PowerLevel),
    /// The highest power of Long Range, in tenths of dBm.
    LongRangeMaximumPower(i16),
    /// The longest command.
    MaximumPayload(u8),
    /// The longest command by Long Range.
    LongRangeMaximumPayload(u8),
}

/// Which setup commands a stick knows: two lists, of which the second is newer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SupportedCommands {
    /// One bit for each command whose number is a power of two.
    legacy: u8,
    /// One bit for each command; empty on sticks that do not have it.
    mask: Vec<u8>,
}

impl SupportedCommands {
    /// The commands' numbers. `shifted` says that the stick's firmware is older than 7.19.1, which counts from zero
    /// where the specification counts from one.
    pub fn commands(&self, shifted: bool) -> BTreeSet<u8> {
        let first = if shifted { 0 } else { 1 };
        let listed = bits_of_mask(&self.mask).filter_map(|bit| u8::try_from(bit + first).ok());
        let legacy = (0..8).map(|bit| 1 << bit).filter(|command| self.legacy & command != 0);
        let known = [SetupCommand::GetSupportedCommands.to_byte()].into_iter();
        match self.mask.is_empty() {
            true => legacy.chain(known).collect(),
            false => listed.chain(known).collect(),
        }
    }
}

impl SetupResponse {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let command = SetupCommand::from_byte(reader.byte("setup command")?)?;
        Ok(match command {
            SetupCommand::Unsupported => Self::Unsupported(reader.byte("setup command")?),
            SetupCommand::GetSupportedCommands => {
                let legacy = reader.byte("supported commands")?;
                Self::SupportedCommands(SupportedCommands { legacy, mask: reader.rest().to_vec() })
            }
            SetupCommand::SetTransmitReport
            | SetupCommand::SetLongRangeMaximumPower
            | SetupCommand::SetPowerLevel
            | SetupCommand::SetPowerLevel16
            | SetupCommand::SetRegion
            | SetupCommand::SetNodeIdWidth => Self::Accepted(command, reader.byte("setup status")? != 0),
            SetupCommand::GetRegion => Self::Region(Region(reader.byte("region")?)),
            SetupCommand::GetSupportedRegions => {
                Self::SupportedRegions(reader.counted("regions")?.iter().copied().map(Region).collect())
            }
            SetupCommand::GetRegionInformation => {
                let region = Region(reader.byte("region")?);
                let flags = reader.byte("region information")?;
                let includes = reader.byte("included region").ok().filter(|region| *region != 0xFE).map(Region);
                Self::RegionInformation { region, classic: flags & 0x01 != 0, long_range: flags & 0x02 != 0, includes }
            }
            SetupCommand::GetPowerLevel => Self::PowerLevel(PowerLevel {
                normal: reader.signed_byte("power level")?.into(),
                measured_at_zero: reader.signed_byte("measured power")?.into(),
            }),
            SetupCommand::GetPowerLevel16 => Self::PowerLevel(PowerLevel {
                normal: reader.word("power level")?.cast_signed(),
                measured_at_zero: reader.word("measured power")?.cast_signed(),
            }),
            SetupCommand::GetLongRangeMaximumPower => Self::LongRangeMaximumPower(reader.word("power")?.cast_signed()),
            SetupCommand::GetMaximumPayload => Self::MaximumPayload(reader.byte("longest payload")?),
            SetupCommand::GetLongRangeMaximumPayload => Self::LongRangeMaximumPayload(reader.byte("longest payload")?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_commands_old_new_and_shifted() {
        let old = SupportedCommands { legacy: 0b1000_0110, mask: vec![] };
        assert_eq!(old.commands(false), BTreeSet::from([0x01, 0x02, 0x04, 0x80]));
        let new = SupportedCommands { legacy: 0, mask: vec![0b0000_0011, 0b1000_0000] };
        assert_eq!(new.commands(false), BTreeSet::from([0x01, 0x02, 0x10]));
        let shifted = SupportedCommands { legacy: 0, mask: vec![0b0000_0110, 0, 0b1] };
        assert_eq!(shifted.commands(true), BTreeSet::from([0x01, 0x02, 0x10]));
    }
}
