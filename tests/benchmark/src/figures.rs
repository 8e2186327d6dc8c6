//! Figures, and the table they are printed in.

use std::time::Duration;

/// Durations, sorted.
#[derive(Clone, Debug)]
pub(crate) struct Sample(Vec<Duration>);

impl Sample {
    pub(crate) fn new(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        Self(durations)
    }

    /// In milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let index = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(index).map_or(f64::NAN, |duration| duration.as_secs_f64() * 1_000.0)
    }

    /// The median of the samples' p50, and of their p99.
    pub(crate) fn median_of<'a>(samples: impl Iterator<Item = &'a Self> + Clone) -> [f64; 2] {
        [50, 99].map(|percent| {
            let mut figures: Vec<f64> = samples.clone().map(|sample| sample.percentile(percent)).collect();
            figures.sort_by(f64::total_cmp);
            figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
        })
    }
}

/// What a figure is held against.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// At most so much.
    AtMost(f64),
    /// At least so much.
    AtLeast(f64),
    /// At most so many times the floor.
    TimesFloor(f64),
    /// At least this share of the floor.
    ShareOfFloor(f64),
    /// Only told.
    None,
}

struct Row {
    name: String,
    hub: f64,
    floor: Option<f64>,
    unit: &'static str,
    target: Target,
}

#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    notes: Vec<String>,
}

impl Report {
    pub(crate) fn figure(&mut self, name: impl Into<String>, hub: f64, unit: &'static str, target: Target) {
        self.add(Row { name: name.into(), hub, floor: None, unit, target });
    }

    pub(crate) fn beside(&mut self, name: impl Into<String>, hub: f64, floor: f64, unit: &'static str, target: Target) {
        self.add(Row { name: name.into(), hub, floor: Some(floor), unit, target });
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        eprintln!("{note}");
        self.notes.push(note);
    }

    fn add(&mut self, row: Row) {
        eprintln!("{}", row.line());
        self.rows.push(row);
    }

    pub(crate) fn print(&self) {
        println!();
        for row in &self.rows {
            println!("{}", row.line());
        }
        for note in &self.notes {
            println!("{note}");
        }
    }
}

impl Row {
    fn line(&self) -> String {
        let ratio = self.floor.map(|floor| self.hub / floor);
        let (target, met) = match (self.target, ratio) {
            (Target::AtMost(limit), _) => (format!("≤ {limit} {}", self.unit), Some(self.hub <= limit)),
            (Target::AtLeast(limit), _) => (format!("≥ {limit} {}", self.unit), Some(self.hub >= limit)),
            (Target::TimesFloor(limit), Some(ratio)) => (format!("≤ {limit} × floor"), Some(ratio <= limit)),
            (Target::ShareOfFloor(limit), Some(ratio)) => (format!("≥ {limit} × floor"), Some(ratio >= limit)),
            _ => (String::new(), None),
        };
        let verdict = match met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        let floor =
            self.floor.map_or(String::new(), |floor| format!("floor {floor:.3} = × {:.2}", ratio.unwrap_or(f64::NAN)));
        format!("{:<52} {:>12.3} {:<8} {:<28} {:<18} {verdict}", self.name, self.hub, self.unit, floor, target)
    }
}
