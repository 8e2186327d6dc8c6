//! Serial API Soft Reset (0x08) and Serial API Started (0x0A): the stick restarts, by itself or because it is told to.

use super::bare_request;
use super::node_information::CommandClasses;
use crate::read::{Problem, Reader, named_bytes};

bare_request! {
    /// Restarts the stick. Newer sticks say Serial API Started afterwards, older ones are back after 1.5 s.
    SoftReset, SOFT_RESET
}

named_bytes! {
    /// Why the stick has started.
    WakeUpReason, "wake up reason" {
        /// It was reset, or had no power.
        Reset = 0x00,
        /// A timer.
        Timer = 0x01,
        /// A beam.
        Beam = 0x02,
        /// It hung.
        Watchdog = 0x03,
        /// A pin.
        ExternalInterrupt = 0x04,
        /// It was switched on.
        PowerUp = 0x05,
        /// USB was suspended.
        UsbSuspend = 0x06,
        /// It was told to.
        SoftwareReset = 0x07,
        /// It hung.
        EmergencyWatchdog = 0x08,
        /// Its supply was too low.
        BrownOut = 0x09,
        /// It does not know.
        Unknown = 0xFF,
    }
}

/// The stick has started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Started {
    /// Why; `None` for what the specification does not know.
    pub reason: Option<WakeUpReason>,
    /// It resets itself when it hangs.
    pub watchdog: bool,
    /// It listens always.
    pub listening: bool,
    /// Generic and specific device class.
    pub device_class: [u8; 2],
    /// What it says of itself to nodes.
    pub command_classes: CommandClasses,
    /// It knows Long Range.
    pub long_range: bool,
}

impl Started {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        Ok(Self {
            reason: WakeUpReason::from_byte(reader.byte("wake up reason")?).ok(),
            watchdog: reader.byte("watchdog")? == 0x01,
            listening: reader.byte("device options")? & 0x01 != 0,
            device_class: reader.array("device class")?,
            command_classes: CommandClasses::from_bytes(reader.counted("command classes")?),
            // Sticks without Long Range end here.
            long_range: reader.byte("supported protocols").unwrap_or_default() & 0x01 != 0,
        })
    }
}
