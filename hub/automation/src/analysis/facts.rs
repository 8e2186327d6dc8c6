//! What is known of the home in a situation, and the situations in which something is so.

use std::collections::BTreeMap;

use super::set::Set;
use super::sun::is_possible;

/// Something of the home that can have values: an attribute, the mode, where a person is, what clocks show …
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Variable(pub(super) u32);

/// What clocks show, in seconds since Monday began.
pub(super) const CLOCK: Variable = Variable(0);
/// Where the sun is: what clocks show on each of some days of the year, in seconds, one day behind the other.
pub(super) const SUN: Variable = Variable(1);

/// In how many situations something may be so; beyond that the analysis says nothing.
pub(super) const MOST_CASES: usize = 64;

/// One situation: each of these has one of its values. What is not named may have any.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Facts(BTreeMap<Variable, Set>);

impl Facts {
    pub(super) fn of(variable: Variable, set: Set) -> Self {
        Self(BTreeMap::from([(variable, set)]))
    }

    pub(super) fn get(&self, variable: Variable) -> Option<&Set> {
        self.0.get(&variable)
    }

    pub(super) fn put(&mut self, variable: Variable, set: Set) {
        self.0.insert(variable, set);
    }

    pub(super) fn forget(&mut self, variable: Variable) {
        self.0.remove(&variable);
    }

    pub(super) fn keep(&mut self, kept: impl Fn(Variable) -> bool) {
        self.0.retain(|variable, _| kept(*variable));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Variable, &Set)> {
        self.0.iter().map(|(variable, set)| (*variable, set))
    }

    /// Both; none if they exclude each other.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
        let (small, large) = if self.0.len() < other.0.len() { (self, other) } else { (other, self) };
        for (variable, set) in &small.0 {
            if large.0.get(variable).is_some_and(|known| !known.intersects(set)) {
                return None;
            }
        }
        let mut both = large.clone();
        for (variable, set) in &small.0 {
            let known = match both.0.get(variable) {
                Some(known) => known.intersect(set),
                None => set.clone(),
            };
            both.0.insert(*variable, known);
        }
        both.is_possible().then_some(both)
    }

    fn is_possible(&self) -> bool {
        match (self.0.get(&CLOCK), self.0.get(&SUN)) {
            (Some(clock), Some(sun)) => is_possible(clock, sun),
            _ => true,
        }
    }

    /// Whether it can be so with nothing unknown.
    pub(super) fn has_known(&self) -> bool {
        self.0.values().all(Set::has_known)
    }
}

/// The situations in which something is so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guard {
    cases: Vec<Facts>,
    /// There were too many: it is so in no others than these, but perhaps not in all of them.
    vague: bool,
}

impl Guard {
    pub(super) fn always() -> Self {
        Self::of(Facts::default())
    }

    pub(super) fn never() -> Self {
        Self { cases: Vec::new(), vague: false }
    }

    pub(super) fn of(facts: Facts) -> Self {
        Self { cases: vec![facts], vague: false }
    }

    /// It may be so in any situation; nobody can say in which.
    pub(super) fn unclear() -> Self {
        Self { vague: true, ..Self::always() }
    }

    pub(super) fn cases(&self) -> &[Facts] {
        &self.cases
    }

    pub(super) fn is_vague(&self) -> bool {
        self.vague
    }

    pub(super) fn is_never(&self) -> bool {
        self.cases.is_empty()
    }

    /// Whether it can be so with nothing unknown.
    pub(super) fn has_known(&self) -> bool {
        self.cases.iter().any(Facts::has_known)
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        if self.cases.len().saturating_mul(other.cases.len()) > MOST_CASES * MOST_CASES {
            return Self { cases: self.cases.clone(), vague: true };
        }
        let mut cases: Vec<Facts> = Vec::new();
        for left in &self.cases {
            for right in &other.cases {
                if let Some(both) = left.and(right) {
                    cases.push(both);
                }
            }
        }
        if cases.len() > MOST_CASES {
            return Self { cases: self.cases.clone(), vague: true };
        }
        Self { cases, vague: self.vague || other.vague }
    }

    pub(super) fn and_facts(&self, facts: &Facts) -> Self {
        let cases = self.cases.iter().filter_map(|case| case.and(facts)).collect();
        Self { cases, vague: self.vague }
    }

    pub(super) fn or(mut self, other: Self) -> Self {
        self.vague |= other.vague;
        for case in other.cases {
            if !self.cases.contains(&case) {
                self.cases.push(case);
            }
        }
        if self.cases.len() > MOST_CASES { Self::unclear() } else { self }
    }

    /// The same without what is known of some variables.
    pub(super) fn forget(&mut self, forgotten: &[Variable]) {
        if forgotten.is_empty() {
            return;
        }
        for case in &mut self.cases {
            for variable in forgotten {
                case.forget(*variable);
            }
        }
    }

    /// Whether it is so in every situation of `facts`.
    pub(super) fn follows_from(&self, facts: &Facts) -> bool {
        if self.vague {
            return false;
        }
        let mut rest = vec![facts.clone()];
        for case in &self.cases {
            let mut left = Vec::new();
            for facts in rest {
                subtract(facts, case, &mut left);
            }
            if left.len() > MOST_CASES {
                return false;
            }
            rest = left;
        }
        rest.is_empty()
    }
}

/// The situations of `facts` that are not in `taken`.
fn subtract(facts: Facts, taken: &Facts, left: &mut Vec<Facts>) {
    let mut inside = facts;
    for (variable, set) in taken.iter() {
        match inside.get(variable) {
            None => {
                // What may be anything may also be something else.
                left.push(inside);
                return;
            }
            Some(known) => {
                let outside = known.without(set);
                let within = known.intersect(set);
                if !outside.is_empty() {
                    let mut other = inside.clone();
                    other.put(variable, outside);
                    if other.is_possible() {
                        left.push(other);
                    }
                }
                if within.is_empty() {
                    return;
                }
                inside.put(variable, within);
            }
        }
    }
}
