//! Stretches of time, summed up: least, greatest, time-weighted mean, and for counters the rise.

use std::collections::BTreeMap;
use std::time::Duration;

use hub_model::history::{Aggregate, Resolution};
use hub_model::zone::Zone;
use hub_model::{Timestamp, Value};

use crate::counter::Counter;

const MINUTE: i64 = 60_000;
/// Five minutes, in milliseconds.
pub(crate) const FIVE_MINUTES: i64 = 5 * MINUTE;
/// An hour, in milliseconds.
pub(crate) const HOUR: i64 = 60 * MINUTE;

/// Words in the names of attributes that count up: kilowatt hours, litres.
const COUNTERS: &[&str] = &["energy", "volume", "consumption", "consumed", "produced", "total", "counter"];

/// Whether an attribute counts up, so that its rise means something.
pub(crate) fn is_counter(attribute: &str) -> bool {
    attribute.split('_').any(|word| COUNTERS.contains(&word))
}

/// The number that a value counts as in a mean: a boolean is 0 or 1.
pub(crate) fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Bool(on) => Some(f64::from(u8::from(*on))),
        _ => None,
    }
}

/// How time is cut.
#[derive(Clone, Debug)]
pub(crate) enum Cut {
    /// Into equal parts of so many milliseconds, counted from 1970.
    Even(i64),
    /// Into the days of a zone: 23 to 25 hours.
    Days(Zone),
}

impl Cut {
    pub(crate) fn of(resolution: Resolution, zone: Zone) -> Option<Self> {
        match resolution {
            Resolution::Raw => None,
            Resolution::FiveMinutes => Some(Self::Even(FIVE_MINUTES)),
            Resolution::Hour => Some(Self::Even(HOUR)),
            Resolution::Day => Some(Self::Days(zone)),
        }
    }

    /// The start of the part that `at` is in.
    pub(crate) fn start(&self, at: i64) -> i64 {
        match self {
            Self::Even(width) => at.saturating_sub(at.rem_euclid(*width)),
            Self::Days(zone) => {
                let midnight = zone.local(Timestamp(at)).date().at(0, 0, 0, 0);
                zone.instant(midnight).map_or(at, |start| start.0.min(at))
            }
        }
    }

    /// The start of the next part.
    pub(crate) fn next(&self, start: i64) -> i64 {
        match self {
            Self::Even(width) => start.saturating_add(*width),
            Self::Days(zone) => {
                let next = zone.local(Timestamp(start)).date().tomorrow().ok().map(|day| day.at(0, 0, 0, 0));
                next.and_then(|midnight| zone.instant(midnight)).map_or(i64::MAX, |next| next.0.max(start + 1))
            }
        }
    }
}

/// One stretch while it is being summed up. Two of the same stretch can be put together.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Part {
    pub(crate) least: f64,
    pub(crate) greatest: f64,
    /// Value times milliseconds.
    pub(crate) integral: f64,
    /// Milliseconds for which a value was known.
    pub(crate) covered: i64,
    pub(crate) count: u32,
    pub(crate) rise: f64,
    /// The value at its end.
    pub(crate) latest: f64,
}

impl Default for Part {
    fn default() -> Self {
        Self {
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
            integral: 0.0,
            covered: 0,
            count: 0,
            rise: 0.0,
            latest: 0.0,
        }
    }
}

impl Part {
    /// Adds what came later in the same stretch.
    pub(crate) fn add(&mut self, later: &Self) {
        self.least = self.least.min(later.least);
        self.greatest = self.greatest.max(later.greatest);
        self.integral += later.integral;
        self.covered += later.covered;
        self.count = self.count.saturating_add(later.count);
        self.rise += later.rise;
        self.latest = later.latest;
    }

    fn hold(&mut self, value: f64, milliseconds: i64) {
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
        self.integral += value * milliseconds as f64;
        self.covered += milliseconds;
        self.latest = value;
    }

    fn finish(&self, at: i64, counter: bool) -> Aggregate {
        let mean = if self.covered > 0 { self.integral / self.covered as f64 } else { self.latest };
        Aggregate {
            at: Timestamp(at),
            min: self.least,
            // Rounding must not put the mean outside what was measured.
            mean: mean.clamp(self.least, self.greatest),
            max: self.greatest,
            count: self.count,
            covered: Duration::from_millis(u64::try_from(self.covered).unwrap_or(0)),
            change: counter.then_some(self.rise),
        }
    }
}

/// Sums up a series, sample by sample in rising time. A value holds until the next; an unknown one ends it.
#[derive(Clone, Debug)]
pub(crate) struct Summing {
    cut: Cut,
    /// The part asked for last, with its end: finding one is dear where days are concerned.
    span: (i64, i64),
    parts: BTreeMap<i64, Part>,
    holding: Option<(i64, f64)>,
    /// Goes on from the last number even if that is no longer held.
    counter: Counter,
    limit: usize,
}

impl Summing {
    /// `limit`: at most so many parts; what comes behind them is left out.
    pub(crate) fn new(cut: Cut, limit: usize) -> Self {
        Self { cut, span: (0, 0), parts: BTreeMap::new(), holding: None, counter: Counter::default(), limit }
    }

    fn span(&mut self, at: i64) -> (i64, i64) {
        if at < self.span.0 || at >= self.span.1 {
            let start = self.cut.start(at);
            self.span = (start, self.cut.next(start));
        }
        self.span
    }

    /// Whether no further part is taken.
    pub(crate) fn is_full(&self) -> bool {
        self.parts.len() >= self.limit
    }

    /// Starts from a value known before.
    pub(crate) fn carry(&mut self, at: i64, value: f64) {
        self.holding = Some((at, value));
        self.counter.read(value);
    }

    /// What a part says that came before: how far a counter had risen in it, and what it showed at its end.
    pub(crate) fn recall(&mut self, part: &Part) {
        self.counter.read(part.greatest);
        self.counter.read(part.latest);
    }

    /// Nothing is known from here on.
    pub(crate) fn lose(&mut self) {
        self.holding = None;
    }

    /// Leaves out what is held until then.
    pub(crate) fn skip_to(&mut self, at: i64) {
        if let Some((held, value)) = self.holding {
            self.holding = Some((held.max(at), value));
        }
    }

    /// Puts in a part of `width` that was summed up before. Such parts come before the first sample; between two of
    /// them the value did not change.
    pub(crate) fn put(&mut self, at: i64, width: i64, part: &Part) {
        self.hold_until(at);
        let (start, _) = self.span(at);
        if let Some(sum) = self.part(start) {
            sum.add(part);
        }
        self.holding = Some((at.saturating_add(width), part.latest));
        self.recall(part);
    }

    /// Adds a sample.
    pub(crate) fn sample(&mut self, at: i64, value: &Value) {
        self.hold_until(at);
        self.holding = None;
        let Some(number) = number_of(value) else { return };
        let (start, _) = self.span(at);
        let rise = self.counter.read(number);
        if let Some(part) = self.part(start) {
            part.count = part.count.saturating_add(1);
            part.hold(number, 0);
            part.rise += rise;
        }
        self.holding = Some((at, number));
    }

    /// The last value holds until `until`.
    pub(crate) fn hold_until(&mut self, until: i64) {
        let Some((mut at, value)) = self.holding else { return };
        while at < until {
            let (start, next) = self.span(at);
            let end = next.min(until);
            let Some(part) = self.part(start) else { break };
            part.hold(value, end - at);
            at = end;
        }
        self.holding = Some((until.max(at), value));
    }

    fn part(&mut self, start: i64) -> Option<&mut Part> {
        if self.parts.len() >= self.limit && !self.parts.contains_key(&start) {
            return None;
        }
        Some(self.parts.entry(start).or_default())
    }

    /// The parts with their starts.
    pub(crate) fn into_parts(self) -> BTreeMap<i64, Part> {
        self.parts
    }

    /// The parts from `from` on, as history gives them back.
    pub(crate) fn finish(self, from: i64, counter: bool, limit: usize) -> Vec<Aggregate> {
        let known = self.parts.range(from..).filter(|(_, part)| part.count > 0 || part.covered > 0);
        known.take(limit).map(|(at, part)| part.finish(*at, counter)).collect()
    }
}
