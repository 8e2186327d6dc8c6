//! Replays of rules on the wire.

use hub_automation::replay::{Deed, Firings, Line, Recorded, SimulatedHome};
use hub_model::{AutomationId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A rule to try on what the home has recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReplayRequest)]
pub(crate) struct ReplayRequest {
    /// The document of a rule that need not be saved. If a saved rule has its id (or, without one, its name), both are
    /// compared.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub(crate) automation: Option<Box<RawValue>>,
    /// A saved rule: it is tried itself, or `draft` in its place.
    #[serde(default)]
    pub(crate) id: Option<String>,
    /// Another word for `automation`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub(crate) draft: Option<Box<RawValue>>,
    /// Since when (included): a time, a local time of the home, or how long ago, like `7d`.
    pub(crate) from: String,
    /// Until when (excluded), in the same way; now if left out.
    #[serde(default)]
    pub(crate) to: Option<String>,
    /// How many lines of each list at most (1 to 1,000; 100 if left out).
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000)]
    pub(crate) limit: Option<usize>,
}

/// What would have come of a rule.
#[derive(Serialize, ToSchema)]
#[schema(as = Replay)]
pub(crate) struct ReplayBody<'a> {
    automation: &'a str,
    /// The beginning of the time in which it was tried.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Where the recording begins, if that is later than was asked for: nothing is tried on what was before.
    #[schema(value_type = Option<String>, format = DateTime)]
    recorded_from: Option<Timestamp>,
    /// The end of the time in which it was tried.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// false: it took too long and was ended before its time.
    complete: bool,
    /// How many recorded happenings there were.
    events: u64,
    summary: SummaryBody,
    /// What it would have done, as `hearth automation replay` prints it, each with a `text` for people.
    #[schema(value_type = Vec<Object>)]
    lines: Vec<Value>,
    /// There is more than the lists hold.
    truncated: bool,
    /// What is other than with the current version; null = there is none, or it was tried itself.
    differences: Option<DifferencesBody>,
    /// From here on the result is approximate: something was recorded that could not have happened like this.
    #[schema(value_type = Option<String>, format = DateTime)]
    approximate_from: Option<Timestamp>,
}

/// A replay in numbers.
#[derive(Serialize, ToSchema)]
#[schema(as = ReplaySummary)]
struct SummaryBody {
    /// How often it would have fired.
    fired: u64,
    /// Of these, between 23:00 and 06:00.
    fired_at_night: u64,
    commands: u64,
    scenes: u64,
    notifications: u64,
    /// How often it would have set the home's mode.
    modes: u64,
    /// E.g. `would have fired 14×, twice between 23:00 and 06:00; differs from the current version 3×`.
    text: String,
}

/// What is other than with the current version.
#[derive(Serialize, ToSchema)]
#[schema(as = ReplayDifferences)]
struct DifferencesBody {
    /// At how many moments the two do not do the same.
    count: u64,
    #[schema(value_type = Vec<Object>)]
    only_current: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    only_draft: Vec<Value>,
}

impl<'a> ReplayBody<'a> {
    /// `home` names what lines speak of.
    pub(crate) fn new(automation: &'a AutomationId, complete: bool, result: &Recorded, home: &SimulatedHome) -> Self {
        let lines = |lines: &[Line]| lines.iter().map(|line| line_value(line, home)).collect();
        let count = |kind: &str| result.kinds.get(kind).copied().unwrap_or(0);
        let Firings { total, at_night } = result.firings;
        Self {
            automation: automation.as_str(),
            from: result.from,
            recorded_from: result.recorded_from,
            to: result.to,
            complete,
            events: result.events,
            summary: SummaryBody {
                fired: total,
                fired_at_night: at_night,
                commands: count("command"),
                scenes: count("scene"),
                notifications: count("notify"),
                modes: count("set_mode"),
                text: result.in_words(),
            },
            lines: lines(&result.lines),
            truncated: result.truncated,
            differences: result.differences.as_ref().map(|differences| DifferencesBody {
                count: differences.count,
                only_current: lines(&differences.only_current),
                only_draft: lines(&differences.only_draft),
            }),
            approximate_from: result.approximate_from,
        }
    }
}

fn line_value(line: &Line, home: &SimulatedHome) -> Value {
    let mut value = line.to_json();
    value["text"] = Deed::in_words(&line.deed, home).into();
    value
}
