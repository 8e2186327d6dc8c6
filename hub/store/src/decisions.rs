//! Live decisions of rules and the values they were made on: in the journal at once, in `core.db` at each sealing.

use std::collections::{BTreeMap, HashMap, HashSet};

use hub_model::record::{Change, DecidedOn, Decision, RecordKey};
use hub_model::{AutomationId, RunId, Timestamp};

use crate::bytes::{Malformed, Reader};
use crate::coding;
use crate::rows::{Key, Row, kind};

type Place = (AutomationId, Option<RunId>);

/// The newest decision of each run that has not ended, and the newest value of each attribute that was decided on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decisions {
    live: BTreeMap<Place, Decision>,
    decided_on: HashMap<(String, u16, String), DecidedOn>,
    /// Rows of `core.db` that are no longer right.
    stale: HashSet<Key>,
}

impl Decisions {
    /// From the rows of `core.db`.
    pub(crate) fn of(rows: &[Row]) -> (Self, usize) {
        let mut decisions = Self::default();
        let mut unreadable = 0;
        for row in rows {
            let mut reader = Reader::new(&row.body);
            let read: Result<(), Malformed> = match row.key.kind.as_str() {
                kind::DECISION => coding::decision(&mut reader).map(|decision| {
                    decisions.live.insert(place_of(&decision), decision);
                }),
                kind::DECIDED_ON => coding::decided_on(&mut reader).map(|fact| decisions.learn(&fact)),
                _ => Ok(()),
            };
            unreadable += usize::from(read.is_err());
        }
        decisions.stale.clear();
        (decisions, unreadable)
    }

    /// Takes the next decision.
    pub(crate) fn take(&mut self, decision: &Decision) {
        decision.decided_on.iter().for_each(|fact| self.learn(fact));
        let place = place_of(decision);
        self.stale.insert(key_of(&place));
        if decision.state.is_some() {
            self.live.insert(place, decision.clone());
        } else {
            self.live.remove(&place);
        }
    }

    fn learn(&mut self, fact: &DecidedOn) {
        let place = (fact.device.as_str().to_owned(), fact.endpoint, fact.attribute.as_str().to_owned());
        let known = self.decided_on.get(&place).map(|known| known.changed_at);
        if known.is_none_or(|known| known <= fact.changed_at) {
            self.stale.insert(fact_key(fact));
            self.decided_on.insert(place, fact.clone());
        }
    }

    /// A removed device's values no longer count.
    pub(crate) fn forget_device(&mut self, device: &str) {
        let stale = &mut self.stale;
        self.decided_on.retain(|_, fact| {
            let keeps = fact.device.as_str() != device;
            if !keeps {
                stale.insert(fact_key(fact));
            }
            keeps
        });
    }

    /// What ends with these changes: the runs of removed rules.
    pub(crate) fn ended_by(&self, changes: &[Change], at: Timestamp) -> Vec<Decision> {
        let removed = |automation: &AutomationId| {
            changes
                .iter()
                .any(|change| matches!(change, Change::Remove(RecordKey::Automation(gone)) if gone == automation))
        };
        let ended = self.live.keys().filter(|(automation, _)| removed(automation));
        ended
            .map(|(automation, run)| Decision {
                automation: automation.clone(),
                run: run.clone(),
                at,
                state: None,
                decided_on: Vec::new(),
            })
            .collect()
    }

    /// Live decisions.
    pub(crate) fn live(&self) -> impl Iterator<Item = &Decision> {
        self.live.values()
    }

    /// Values decided on.
    pub(crate) fn decided_on(&self) -> impl Iterator<Item = &DecidedOn> {
        self.decided_on.values()
    }

    /// What to write to `core.db` so that it agrees: rows to put, rows to remove.
    pub(crate) fn difference(&self) -> (Vec<Row>, Vec<Key>) {
        let live = self
            .live
            .iter()
            .map(|(place, decision)| (key_of(place), row_body(|out| coding::put_decision(out, decision))));
        let facts =
            self.decided_on.values().map(|fact| (fact_key(fact), row_body(|out| coding::put_decided_on(out, fact))));
        let current = live.chain(facts).filter(|(key, _)| self.stale.contains(key));
        let put: Vec<Row> = current.map(|(key, body)| Row { key, body }).collect();
        let still: HashSet<&Key> = put.iter().map(|row| &row.key).collect();
        let removed = self.stale.iter().filter(|key| !still.contains(key)).cloned().collect();
        (put, removed)
    }

    /// After the difference was written.
    pub(crate) fn settle(&mut self) {
        self.stale.clear();
    }
}

fn row_body(put: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut body = Vec::new();
    put(&mut body);
    body
}

fn place_of(decision: &Decision) -> Place {
    (decision.automation.clone(), decision.run.clone())
}

fn key_of((automation, run): &Place) -> Key {
    // A unit separator is in no id, so that two places never share a key.
    Key::record(kind::DECISION, &format!("{automation}\u{1f}{}", run.as_ref().map_or("", RunId::as_str)))
}

fn fact_key(fact: &DecidedOn) -> Key {
    Key::record(kind::DECIDED_ON, &format!("{}\u{1f}{}\u{1f}{}", fact.device, fact.endpoint, fact.attribute))
}
