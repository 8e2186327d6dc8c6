//! Sets of values: intervals of numbers, and whether the unknown value is among them. What is no number is told apart by
//! numbers too: false is 0, true is 1, and each text has one of its own.

/// Numbers further apart than this have no middle that a person would name.
const FAR: f64 = 200.0;

/// A cut of the line of numbers: right in front of a number, or right behind it.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Cut {
    at: f64,
    behind: bool,
}

impl Cut {
    pub(super) fn before(at: f64) -> Self {
        Self { at, behind: false }
    }

    pub(super) fn behind(at: f64) -> Self {
        Self { at, behind: true }
    }

    /// The number that it is beside.
    pub(super) fn at(self) -> f64 {
        self.at
    }

    /// Whether it lies behind the number.
    pub(super) fn is_behind(self) -> bool {
        self.behind
    }

    fn moved(self, by: f64) -> Self {
        Self { at: self.at + by, ..self }
    }
}

/// Values.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Set {
    /// Rising, apart from each other, none of them empty.
    spans: Vec<(Cut, Cut)>,
    /// The unknown value is one of them.
    pub(super) unknown: bool,
}

impl Set {
    /// All numbers.
    pub(super) fn line() -> Self {
        Self::span(Cut::before(f64::NEG_INFINITY), Cut::behind(f64::INFINITY))
    }

    /// One number.
    pub(super) fn point(at: f64) -> Self {
        Self::span(Cut::before(at), Cut::behind(at))
    }

    /// Some numbers.
    pub(super) fn points(at: impl IntoIterator<Item = f64>) -> Self {
        Self::of(at.into_iter().map(|at| (Cut::before(at), Cut::behind(at))).collect())
    }

    /// From one number up to another, both among them.
    pub(super) fn closed(low: f64, high: f64) -> Self {
        Self::span(Cut::before(low), Cut::behind(high))
    }

    /// Between two numbers, neither among them.
    pub(super) fn open(low: f64, high: f64) -> Self {
        Self::span(Cut::behind(low), Cut::before(high))
    }

    /// From one number on, up to but without another.
    pub(super) fn half_open(low: f64, high: f64) -> Self {
        Self::span(Cut::before(low), Cut::before(high))
    }

    fn span(low: Cut, high: Cut) -> Self {
        Self::of(vec![(low, high)])
    }

    /// The unknown value alone.
    pub(super) fn unknown() -> Self {
        Self { spans: Vec::new(), unknown: true }
    }

    /// The same with or without the unknown value.
    pub(super) fn with_unknown(mut self, unknown: bool) -> Self {
        self.unknown = unknown;
        self
    }

    /// These spans, in whatever order.
    pub(super) fn of(mut spans: Vec<(Cut, Cut)>) -> Self {
        spans.retain(|(low, high)| low < high);
        spans.sort_by(|left, right| left.partial_cmp(right).unwrap_or(std::cmp::Ordering::Equal));
        let mut joined: Vec<(Cut, Cut)> = Vec::with_capacity(spans.len());
        for (low, high) in spans {
            match joined.last_mut() {
                Some(last) if low <= last.1 => {
                    if high > last.1 {
                        last.1 = high;
                    }
                }
                _ => joined.push((low, high)),
            }
        }
        Self { spans: joined, unknown: false }
    }

    pub(super) fn spans(&self) -> &[(Cut, Cut)] {
        &self.spans
    }

    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty() && !self.unknown
    }

    /// Whether a known value is in it.
    pub(super) fn has_known(&self) -> bool {
        !self.spans.is_empty()
    }

    pub(super) fn intersect(&self, other: &Self) -> Self {
        let mut spans = Vec::new();
        let (mut left, mut right) = (self.spans.iter().peekable(), other.spans.iter().peekable());
        while let (Some(&&(low, high)), Some(&&(other_low, other_high))) = (left.peek(), right.peek()) {
            let from = if low > other_low { low } else { other_low };
            let to = if high < other_high { high } else { other_high };
            if from < to {
                spans.push((from, to));
            }
            if high < other_high {
                left.next();
            } else {
                right.next();
            }
        }
        Self { spans, unknown: self.unknown && other.unknown }
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        let spans = self.spans.iter().chain(&other.spans).copied().collect();
        Self::of(spans).with_unknown(self.unknown || other.unknown)
    }

    /// What of it is not in `other`.
    pub(super) fn without(&self, other: &Self) -> Self {
        let mut gaps = Vec::with_capacity(other.spans.len() + 1);
        let mut from = Cut::before(f64::NEG_INFINITY);
        for (low, high) in &other.spans {
            gaps.push((from, *low));
            from = *high;
        }
        gaps.push((from, Cut::behind(f64::INFINITY)));
        self.intersect(&Self::of(gaps).with_unknown(!other.unknown))
    }

    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.without(other).is_empty()
    }

    pub(super) fn intersects(&self, other: &Self) -> bool {
        !self.intersect(other).is_empty()
    }

    /// Whether a known value is in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.intersect(other).has_known()
    }

    /// The same with every number moved down by at most `down` and up by at most `up`.
    pub(super) fn stretched(&self, down: f64, up: f64) -> Self {
        let spans = self.spans.iter().map(|(low, high)| (low.moved(-down), high.moved(up))).collect();
        Self::of(spans).with_unknown(self.unknown)
    }

    /// The part from `from` up to but without `to`, counted from `from`.
    pub(super) fn part(&self, from: f64, to: f64) -> Self {
        let mut part = self.intersect(&Self::half_open(from, to)).with_unknown(false);
        for (low, high) in &mut part.spans {
            *low = low.moved(-from);
            *high = high.moved(-from);
        }
        part
    }

    /// The only value, if there is one number in it and nothing else.
    pub(super) fn single(&self) -> Option<f64> {
        match self.spans.as_slice() {
            [(low, high)] if low.at == high.at && !self.unknown => Some(low.at),
            _ => None,
        }
    }

    pub(super) fn contains(&self, number: f64) -> bool {
        let (before, behind) = (Cut::before(number), Cut::behind(number));
        self.spans.iter().any(|(low, high)| *low <= before && behind <= *high)
    }

    /// A number in it that a person would name.
    pub(super) fn example(&self) -> Option<f64> {
        let (low, high) = self.spans.first()?;
        let inside = |number: f64| Cut::before(number) >= *low && Cut::behind(number) <= *high;
        let middle = match (low.at.is_finite(), high.at.is_finite()) {
            // Where the end is far away, it is only what no device can pass.
            (true, true) if high.at - low.at > FAR => high.at - 1.0,
            (true, true) => f64::midpoint(low.at, high.at),
            (true, false) => low.at + 1.0,
            (false, true) => high.at - 1.0,
            (false, false) => 0.0,
        };
        let rounded = [middle.round(), (middle * 10.0).round() / 10.0, middle];
        rounded.into_iter().find(|number| inside(*number)).or(Some(low.at))
    }
}

#[cfg(test)]
mod tests {
    use super::Set;

    #[test]
    fn ranges_that_meet_share_nothing() {
        let (below, above) = (Set::open(f64::NEG_INFINITY, 40.0), Set::open(40.0, f64::INFINITY));
        assert!(!below.intersects(&above));
        assert!(!below.union(&above).contains(40.0));
        assert!(below.union(&above).union(&Set::point(40.0)).contains(40.0));
    }

    #[test]
    fn what_is_taken_away_and_put_back_is_the_whole() {
        let whole = Set::closed(0.0, 100.0).with_unknown(true);
        let part = Set::open(20.0, 30.0);
        let rest = whole.without(&part);
        assert!(rest.contains(20.0) && rest.contains(30.0) && !rest.contains(25.0) && rest.unknown);
        assert_eq!(rest.union(&part), whole);
        assert!(rest.is_within(&whole) && !whole.is_within(&rest));
    }

    #[test]
    fn examples_are_numbers_that_people_would_name() {
        assert_eq!(Set::open(20.0, 25.0).example(), Some(23.0));
        assert_eq!(Set::open(20.0, 21.0).example(), Some(20.5));
        assert_eq!(Set::open(24.0, f64::INFINITY).example(), Some(25.0));
        assert_eq!(Set::unknown().example(), None);
    }
}
