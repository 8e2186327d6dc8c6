//! The parts of the hub beside devices: each route of the API is an action on one of them, or on a device.

use serde::{Deserialize, Serialize};

use crate::action::Action::{self, Configure, Control, See};
use crate::set::{Member, Set};

/// A part of the hub that is no device.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Part {
    Account,
    Messages,
    Home,
    Mode,
    Areas,
    Scenes,
    Rules,
    History,
    Why,
    Energy,
    Alerts,
    Webhooks,
    People,
    Presence,
    Permissions,
    Approvals,
    Tokens,
    Drivers,
    Network,
    System,
    Clock,
    Audit,
    Backups,
    Updates,
    Relay,
}

/// Some parts.
pub type Parts = Set<Part>;

/// What there is to know of a part.
#[derive(Clone, Copy, Debug)]
pub struct PartRow {
    /// The part.
    pub part: Part,
    /// The word in documents.
    pub word: &'static str,
    /// What everybody with an account may do with it.
    pub everybody: &'static [Action],
    /// For what it is protected: a rule that does not name it does not allow that.
    pub protected: &'static [Action],
    /// Whether events of the home speak of it.
    pub in_events: bool,
    /// What see, control and configure mean here.
    pub meaning: &'static str,
}

const NOTHING: &[Action] = &[];
const ALL: &[Action] = &[See, Control, Configure];

const fn part(part: Part, word: &'static str, meaning: &'static str) -> PartRow {
    PartRow { part, word, everybody: NOTHING, protected: NOTHING, in_events: false, meaning }
}

impl PartRow {
    const fn everybody(mut self, may: &'static [Action]) -> Self {
        self.everybody = may;
        self
    }

    const fn protected(mut self, actions: &'static [Action]) -> Self {
        self.protected = actions;
        self
    }

    const fn in_events(mut self) -> Self {
        self.in_events = true;
        self
    }
}

/// All parts, in the order of [`Part`].
#[rustfmt::skip]
pub const PARTS: &[PartRow] = &[
    part(Part::Account, "account", "one's own account, preferences and presence").everybody(ALL),
    part(Part::Messages, "messages", "what one was told; control: mark as read").everybody(ALL),
    part(Part::Home, "home", "name, place, time zone, units, currency").everybody(&[See]).protected(&[Configure]),
    part(Part::Mode, "mode", "the mode in force; control: change it; configure: the list of modes").everybody(&[See]).in_events(),
    part(Part::Areas, "areas", "the list of rooms").everybody(&[See]),
    part(Part::Scenes, "scenes", "scenes; control: activate, undo; what they set is asked for each device"),
    part(Part::Rules, "rules", "rules, their runs and revisions, checks and replays; control: start and switch on and off").in_events(),
    part(Part::History, "history", "what was; asked beside the device"),
    part(Part::Why, "why", "why something is as it is; asked beside the device"),
    part(Part::Energy, "energy", "what was used"),
    part(Part::Alerts, "alerts", "what needs a person").in_events(),
    part(Part::Webhooks, "webhooks", "the ids of webhooks, which open them").protected(ALL),
    part(Part::People, "people", "who has an account; configure: accounts").protected(ALL),
    part(Part::Presence, "presence", "where people are; control: say it for others").protected(ALL).in_events(),
    part(Part::Permissions, "permissions", "these permissions, and what others may").protected(ALL),
    part(Part::Approvals, "approvals", "what others ask for; control: answer").protected(ALL),
    part(Part::Tokens, "tokens", "one's own tokens for programs, which do no more than oneself").everybody(ALL),
    part(Part::Drivers, "drivers", "drivers and how they are; control: restart").protected(ALL).in_events(),
    part(Part::Network, "network", "radio networks; configure: pair, replace and remove devices, groups, firmware, options").protected(ALL).in_events(),
    part(Part::System, "system", "the hub's own health and metrics").protected(ALL),
    part(Part::Clock, "clock", "configure: say what time it is").protected(ALL),
    part(Part::Audit, "audit", "who did what").protected(ALL),
    part(Part::Backups, "backups", "control: make and fetch; configure: restore").protected(ALL),
    part(Part::Updates, "updates", "newer versions of the hub; control: install").protected(ALL),
    part(Part::Relay, "relay", "the way in from outside; configure: join and leave").protected(ALL),
];

impl Member for Part {
    const ALL: &'static [Self] = &[
        Self::Account,
        Self::Messages,
        Self::Home,
        Self::Mode,
        Self::Areas,
        Self::Scenes,
        Self::Rules,
        Self::History,
        Self::Why,
        Self::Energy,
        Self::Alerts,
        Self::Webhooks,
        Self::People,
        Self::Presence,
        Self::Permissions,
        Self::Approvals,
        Self::Tokens,
        Self::Drivers,
        Self::Network,
        Self::System,
        Self::Clock,
        Self::Audit,
        Self::Backups,
        Self::Updates,
        Self::Relay,
    ];

    fn index(self) -> u32 {
        self as u32
    }
}

impl Part {
    /// The part of this word.
    pub fn named(word: &str) -> Option<Self> {
        PARTS.iter().find(|row| row.word == word).map(|row| row.part)
    }

    /// The word in documents.
    pub fn as_str(self) -> &'static str {
        PARTS.iter().find(|row| row.part == self).map_or("", |row| row.word)
    }
}

/// The parts whose rows are as asked.
pub(crate) fn parts_where(is_meant: impl Fn(&PartRow) -> bool) -> Parts {
    PARTS.iter().filter(|row| is_meant(row)).map(|row| row.part).collect()
}

/// The parts that a rule must name to allow this.
pub(crate) fn protected_for(action: Action) -> Parts {
    parts_where(|row| row.protected.contains(&action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_its_row() {
        let listed: Vec<Part> = PARTS.iter().map(|row| row.part).collect();
        assert_eq!(listed, Part::ALL);
        for row in PARTS {
            assert_eq!(serde_json::to_value(row.part).unwrap(), row.word);
            assert_eq!(Part::named(row.word), Some(row.part));
            assert_eq!(PARTS[row.part.index() as usize].part, row.part);
        }
    }
}
