//! What nodes ask of us, and what they set.

use std::collections::BTreeSet;
use std::sync::Arc;

use driver_api::DriverEvent;
use hub_model::household::Secret as Kept;
use hub_model::zone::Zone;
use hub_model::{Monotonic, Trust, Wall};

use super::ZWave;
use super::keep::Wear;
use crate::answers::{Asked, MOST_IN_LIFELINE, Ourselves};
use crate::command_class::value::{Date, Time};
use crate::command_class::{Command, CommandClass};
use crate::network::Received;
use crate::serial_api::NodeId;

/// Under which name our lifeline is kept: numbers of nodes, with commas.
const LIFELINE: &str = "lifeline";

/// What answers need beside the stick.
#[derive(Debug, Default)]
pub(super) struct Answering {
    zone: Option<Zone>,
    wall: Wall,
    lifeline: BTreeSet<u8>,
    wear: Wear,
}

impl Answering {
    pub(super) fn set_wall(&mut self, wall: Wall) {
        self.wall = wall;
    }

    /// What clocks on the wall show. Not known without a zone, and not told if it may be any time.
    fn clock(&self) -> Option<(Date, Time)> {
        let zone = self.zone.as_ref().filter(|_| self.wall.trust > Trust::Persisted)?;
        let local = zone.local(self.wall.time);
        let date = Date {
            year: u16::try_from(local.year()).ok()?,
            month: u8::try_from(local.month()).ok()?,
            day: u8::try_from(local.day()).ok()?,
        };
        let time = Time {
            hour: u8::try_from(local.hour()).ok()?,
            minute: u8::try_from(local.minute()).ok()?,
            second: u8::try_from(local.second()).ok()?,
        };
        Some((date, time))
    }
}

/// Major and minor version of a text like «Z-Wave 7.17.99», or «0.3.1».
fn major_minor(text: &str) -> (u8, u8) {
    let numbers = text.rsplit(' ').next().unwrap_or_default();
    let mut numbers = numbers.split('.').map(|number| number.parse().unwrap_or_default());
    (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default())
}

impl ZWave {
    /// Where the home is, so that nodes that ask what time it is are told.
    #[must_use]
    pub fn in_zone(mut self, zone: Option<Zone>) -> Self {
        self.answering.zone = zone;
        self
    }

    pub(super) fn take_lifeline(&mut self) {
        let kept = self.kept.remove(LIFELINE);
        let nodes = kept.iter().flat_map(|text| text.reveal().split(',')).filter_map(|node| node.parse().ok());
        self.answering.lifeline = nodes.take(MOST_IN_LIFELINE).collect();
    }

    /// What the network has to know of a node to speak with it.
    pub(super) fn tell_network_of(&mut self, node: NodeId) {
        let Some(member) = self.members.get(&node) else { return };
        self.network.set_security(node, member.known.security);
        self.network.set_takes_segments(node, member.known.has(CommandClass::TRANSPORT_SERVICE));
    }

    fn ourselves(&self) -> Ourselves {
        let version = self.stick.as_ref().and_then(|stick| stick.version.as_ref());
        let capabilities = self.stick.as_ref().and_then(|stick| stick.capabilities.as_ref());
        // A number may have come to another node since.
        let is_there = |node: &u8| self.members.contains_key(&NodeId(u16::from(*node)));
        let lifeline = self.answering.lifeline.iter().copied().filter(is_there).collect();
        let identity = capabilities.map(|stick| (stick.manufacturer, stick.product_type, stick.product));
        Ourselves {
            library: version.and_then(|version| version.library_type).map(|kind| kind.to_byte()).unwrap_or_default(),
            protocol: version.map(|version| major_minor(&version.library)).unwrap_or_default(),
            program: major_minor(env!("CARGO_PKG_VERSION")),
            identity: identity.unwrap_or_default(),
            lifeline,
            clock: self.answering.clock(),
        }
    }

    /// A node asks what we are, or sets something of ours. One answer at most.
    pub(super) fn handle_question(&mut self, now: Monotonic, received: &Received, command: &Command) {
        let Some(member) = self.members.get(&received.node).filter(|_| received.answer.is_some()) else { return };
        let asked = Asked { security: received.security, granted: member.known.security };
        let mut ourselves = self.ourselves();
        if ourselves.set(command, asked) && self.answering.wear.takes(now) {
            let numbers: Vec<String> = ourselves.lifeline.iter().map(u8::to_string).collect();
            let value = Some(Kept::new(numbers.join(",")));
            self.emit(DriverEvent::Keep { name: Arc::from(LIFELINE), value });
            self.answering.lifeline = ourselves.lifeline;
        } else if let Some(answer) = ourselves.answer(command, asked) {
            self.network.answer(now, received, answer.encode());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(zone: &str, trust: Trust) -> Option<(Date, Time)> {
        let wall = Wall { time: "2026-11-26T23:07:02Z".parse().unwrap(), trust };
        Answering { zone: Zone::named(zone).ok(), wall, ..Answering::default() }.clock()
    }

    #[test]
    fn the_time_is_that_of_the_home_and_only_if_it_is_known() {
        let date = Date { year: 2026, month: 11, day: 27 };
        assert_eq!(clock("Europe/Berlin", Trust::Ntp), Some((date, Time { hour: 0, minute: 7, second: 2 })));
        assert_eq!(clock("Europe/Berlin", Trust::Persisted), None);
        assert_eq!(clock("nowhere", Trust::Ntp), None);
    }

    #[test]
    fn versions_in_texts() {
        for (text, version) in [("Z-Wave 7.17.99", (7, 17)), ("0.3.1", (0, 3)), ("Z-Wave", (0, 0)), ("", (0, 0))] {
            assert_eq!(major_minor(text), version, "{text}");
        }
    }
}
