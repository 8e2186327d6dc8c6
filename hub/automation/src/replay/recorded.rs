//! A rule tried on what a home has recorded, beside its current version if there is one.
//!
//! What the current version caused is left out: both versions act by themselves, in homes of their own. What is recorded
//! is believed for the rest. At the first recorded change that cannot have happened in the home of the draft, because
//! the draft had set the attribute to something else before, the result becomes approximate.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use hub_model::history::{HistoryEntry, HistoryRecord, StateRecord};
use hub_model::record::AutomationRecord;
use hub_model::{AccountId, AttributeName, AutomationId, Cause, DeviceId, EndpointNumber, Timestamp, Value};

use super::firings::times;
use super::{Deed, Firings, Line, Replay, SimulatedHome, Site};
use crate::World;
use crate::compile::scene_named;

/// Both versions take turns of at most so much time, so that little has to be held for the comparison.
const TURN: Duration = Duration::from_secs(60 * 60);
/// A mode that was recorded without a cause is the current version's own doing if that set it so shortly before.
const SAME_MODE: Duration = Duration::from_secs(2);

type Place = (DeviceId, EndpointNumber, AttributeName);

/// What is tried, and where.
#[derive(Debug)]
pub struct Trial {
    /// The home with its devices; what is recorded from before `from` is what is known at the beginning.
    pub home: SimulatedHome,
    /// Where it lies.
    pub site: Site,
    /// The rule as it is now, to compare with; none = it is new.
    pub current: Option<AutomationRecord>,
    /// The rule as it would be.
    pub draft: AutomationRecord,
    /// The beginning of the time in which it is tried.
    pub from: Timestamp,
    /// How many lines of each list are kept.
    pub limit: usize,
}

/// What would have come of a draft.
#[derive(Debug)]
pub struct Recorded {
    /// How many recorded happenings it was shown.
    pub events: u64,
    /// How often it would have fired.
    pub firings: Firings,
    /// How many lines there are of each kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// What it would have done, the first of it.
    pub lines: Vec<Line>,
    /// There is more than these lists hold.
    pub truncated: bool,
    /// What is other than with the current version; none = there is none.
    pub differences: Option<Differences>,
    /// From here on the recorded home and the one of the draft differ in more than what is simulated.
    pub approximate_from: Option<Timestamp>,
    /// The beginning of the time in which it was tried.
    pub from: Timestamp,
    /// Where the recording begins, if that is later than was asked for: nothing is tried on what was before.
    pub recorded_from: Option<Timestamp>,
    /// The end of the time in which it was tried.
    pub to: Timestamp,
}

/// What is other than with the current version, the first of it.
#[derive(Debug, Default)]
pub struct Differences {
    /// How many times there are at which the two do not do the same.
    pub count: u64,
    /// What only the current version does.
    pub only_current: Vec<Line>,
    /// What only the draft does.
    pub only_draft: Vec<Line>,
}

/// A sentence: how often it would have fired, and how often it differs.
impl Recorded {
    /// `would have fired 14×, twice between 23:00 and 06:00; differs from the current version 3×`
    pub fn in_words(&self) -> String {
        match &self.differences {
            None => self.firings.to_string(),
            Some(Differences { count: 0, .. }) => format!("{}; does the same as the current version", self.firings),
            Some(Differences { count, .. }) => {
                format!("{}; differs from the current version {}", self.firings, times(*count))
            }
        }
    }
}

/// A trial under way. It is given what was recorded, in order of time: first the last of everything before its
/// beginning, then all that followed.
#[derive(Debug)]
pub struct RecordedReplay {
    own: AutomationId,
    /// Where the recording begins is known.
    has_begun: bool,
    limit: usize,
    draft: Replay,
    current: Option<Replay>,
    /// Lines that wait to be compared.
    waiting: [VecDeque<Line>; 2],
    /// What was last recorded, whoever caused it.
    last: HashMap<Place, Value>,
    /// What the draft has set and nobody has changed since.
    set: HashMap<Place, Value>,
    /// The mode that the current version set last.
    own_mode: Option<(Timestamp, Arc<str>)>,
    /// The mode, and the people, of whom something was recorded before.
    recorded_before: BTreeSet<Option<AccountId>>,
    result: Recorded,
}

impl RecordedReplay {
    /// Prepares a trial.
    pub fn new(trial: Trial) -> Self {
        let Trial { home, site, current, draft, from, limit } = trial;
        let result = Recorded {
            events: 0,
            firings: Firings::default(),
            kinds: BTreeMap::new(),
            lines: Vec::new(),
            truncated: false,
            differences: current.as_ref().map(|_| Differences::default()),
            approximate_from: None,
            from,
            recorded_from: None,
            to: from,
        };
        Self {
            own: draft.id.clone(),
            has_begun: false,
            limit,
            current: current.map(|current| Replay::of_one(home.clone(), current, site.clone())),
            draft: Replay::of_one(home, draft, site),
            waiting: Default::default(),
            last: HashMap::new(),
            set: HashMap::new(),
            own_mode: None,
            recorded_before: BTreeSet::new(),
            result,
        }
    }

    /// Takes what was recorded next. `goes_on` is asked between any two things that the rule does in time; false from it
    /// ends the trial there, and false comes back.
    pub fn take(&mut self, record: &HistoryRecord, goes_on: &mut dyn FnMut() -> bool) -> bool {
        self.begin(record.at);
        if record.at < self.result.from {
            self.know(record);
            return true;
        }
        if !self.advance_to(record.at, goes_on) {
            return false;
        }
        self.result.events += 1;
        self.forget_what_is_later(record);
        if !self.is_own(record) {
            self.notice_contradiction(record);
            for replay in std::iter::once(&mut self.draft).chain(&mut self.current) {
                replay.happen_again(record.at, &record.entry);
            }
            self.gather();
        }
        if let HistoryEntry::State(state) = &record.entry {
            self.last.insert(place(state), state.value.clone());
        }
        true
    }

    /// Lets time pass without anything recorded.
    pub fn advance_to(&mut self, until: Timestamp, goes_on: &mut dyn FnMut() -> bool) -> bool {
        self.begin(until);
        for replay in std::iter::once(&mut self.draft).chain(&mut self.current) {
            replay.begin(self.result.from);
        }
        while self.result.to < until {
            let turn = self.result.to.plus(TURN).min(until);
            for replay in std::iter::once(&mut self.draft).chain(&mut self.current) {
                while replay.advance_step(turn) {
                    if !goes_on() {
                        return false;
                    }
                }
            }
            self.result.to = turn;
            self.gather();
        }
        goes_on()
    }

    /// What came of it.
    pub fn finish(mut self) -> Recorded {
        self.gather();
        self.result.firings = self.draft.firings();
        self.result
    }

    /// The recording reaches back to its first record, of which the first that is given tells.
    fn begin(&mut self, first: Timestamp) {
        if !std::mem::replace(&mut self.has_begun, true) && first > self.result.from {
            self.result.from = first;
            self.result.to = first;
            self.result.recorded_from = Some(first);
        }
    }

    /// What is known at the beginning.
    fn know(&mut self, record: &HistoryRecord) {
        if let HistoryEntry::State(state) = &record.entry {
            self.last.insert(place(state), state.value.clone());
        }
        if let Some(subject) = household_subject(record) {
            self.recorded_before.insert(subject);
        }
        for replay in std::iter::once(&mut self.draft).chain(&mut self.current) {
            replay.home.remember(record);
        }
    }

    /// The first that was ever recorded of the mode or a person changed it, so what the home knows of it is from later.
    fn forget_what_is_later(&mut self, record: &HistoryRecord) {
        let Some(subject) = household_subject(record) else { return };
        if self.recorded_before.insert(subject.clone()) {
            for replay in std::iter::once(&mut self.draft).chain(&mut self.current) {
                replay.home.forget(subject.as_ref());
            }
        }
    }

    /// Whether it is the doing of the current version.
    fn is_own(&self, record: &HistoryRecord) -> bool {
        match &record.entry {
            HistoryEntry::State(StateRecord { cause: Cause::Rule { automation, .. }, .. }) => *automation == self.own,
            HistoryEntry::Mode { cause: Cause::Rule { automation, .. }, .. } => *automation == self.own,
            // Modes were once recorded without their cause.
            HistoryEntry::Mode { mode, cause: Cause::Report } => {
                self.own_mode.as_ref().is_some_and(|(at, own)| own == mode && record.at.since(*at) <= SAME_MODE)
            }
            _ => false,
        }
    }

    /// A device changes from something that it no longer is where the draft rules.
    fn notice_contradiction(&mut self, record: &HistoryRecord) {
        let HistoryEntry::State(state) = &record.entry else { return };
        let place = place(state);
        let Some(set) = self.set.remove(&place) else { return };
        let is_free = matches!(state.cause, Cause::Person { .. } | Cause::Rule { .. });
        if !is_free && self.last.get(&place) != Some(&set) {
            self.result.approximate_from.get_or_insert(record.at);
        }
    }

    /// Takes what the two did by now and compares it.
    fn gather(&mut self) {
        let [draft, current] = &mut self.waiting;
        draft.extend(self.draft.take_lines());
        if let Some(replay) = &mut self.current {
            current.extend(replay.take_lines());
        }
        for line in &*draft {
            *self.result.kinds.entry(line.deed.kind()).or_default() += 1;
            for (place, value) in set_by(line, self.draft.home()) {
                self.set.insert(place, value);
            }
            keep(&mut self.result.lines, line.clone(), self.limit, &mut self.result.truncated);
        }
        for line in &*current {
            if let Deed::SetMode { mode } = &line.deed {
                self.own_mode = Some((line.at, Arc::clone(mode)));
            }
        }
        match &mut self.result.differences {
            Some(differences) => {
                while let Some(at) = draft.front().into_iter().chain(current.front()).map(|line| line.at).min() {
                    let (mut left, right) = (take_at(draft, at), take_at(current, at));
                    let mut only_current = Vec::new();
                    for line in right {
                        match left.iter().position(|other| other.deed == line.deed) {
                            Some(index) => drop(left.remove(index)),
                            None => only_current.push(line),
                        }
                    }
                    if !left.is_empty() || !only_current.is_empty() {
                        differences.count += 1;
                    }
                    for line in only_current {
                        keep(&mut differences.only_current, line, self.limit, &mut self.result.truncated);
                    }
                    for line in left {
                        keep(&mut differences.only_draft, line, self.limit, &mut self.result.truncated);
                    }
                }
            }
            None => draft.clear(),
        }
    }
}

fn place(state: &StateRecord) -> Place {
    (state.device.clone(), state.endpoint, state.attribute.clone())
}

fn keep(lines: &mut Vec<Line>, line: Line, limit: usize, truncated: &mut bool) {
    if lines.len() < limit {
        lines.push(line);
    } else {
        *truncated = true;
    }
}

/// Takes what is of this instant from the front.
fn take_at(lines: &mut VecDeque<Line>, at: Timestamp) -> Vec<Line> {
    let count = lines.iter().take_while(|line| line.at == at).count();
    lines.drain(..count).collect()
}

/// What a line sets, and to what.
fn set_by(line: &Line, home: &SimulatedHome) -> Vec<(Place, Value)> {
    let resolved = |device: &DeviceId, endpoint: Option<EndpointNumber>, name: &AttributeName| {
        let record = home.device(device)?;
        endpoint.or_else(|| record.device.resolve(None, name.as_str()).ok())
    };
    match &line.deed {
        Deed::Command { device, endpoint, set, .. } => set
            .iter()
            .filter_map(|(name, value)| {
                Some(((device.clone(), resolved(device, *endpoint, name)?, name.clone()), value.clone()))
            })
            .collect(),
        Deed::Scene { scene, .. } => scene_named(scene, home)
            .iter()
            .flat_map(|scene| scene.commands(None))
            .flat_map(|request| {
                let record = home.device(&request.device);
                let values = request.set.iter().filter_map(|(name, value)| {
                    let number = record?.device.resolve(request.endpoint.as_ref(), name.as_str()).ok()?;
                    Some(((request.device.clone(), number, name.clone()), value.clone()))
                });
                values.collect::<Vec<_>>()
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whose presence a record is about; none in it = it is about the mode.
fn household_subject(record: &HistoryRecord) -> Option<Option<AccountId>> {
    match &record.entry {
        HistoryEntry::Mode { .. } => Some(None),
        HistoryEntry::Presence { person, .. } => Some(Some(person.clone())),
        _ => None,
    }
}
