//! Times in expressions.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use hub_model::Timestamp;
use hub_model::zone::{Weekday, Zone};
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Value};

/// An instant, as clocks of the home show it.
#[derive(Debug)]
pub(super) struct Time {
    instant: Timestamp,
    now: Timestamp,
    zone: Zone,
}

const WEEKDAYS: &[(Weekday, &str)] = &[
    (Weekday::Mon, "mon"),
    (Weekday::Tue, "tue"),
    (Weekday::Wed, "wed"),
    (Weekday::Thu, "thu"),
    (Weekday::Fri, "fri"),
    (Weekday::Sat, "sat"),
    (Weekday::Sun, "sun"),
];

impl Time {
    pub(super) fn value(instant: Timestamp, now: Timestamp, zone: &Zone) -> Value {
        Value::from_object(Self { instant, now, zone: zone.clone() })
    }

    /// Seconds since 1970.
    pub(super) fn seconds(&self) -> f64 {
        self.instant.milliseconds() as f64 / 1_000.0
    }
}

impl Object for Time {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        let local = self.zone.local(self.instant);
        Some(match name {
            "year" => Value::from(local.year()),
            "month" => Value::from(local.month()),
            "day" => Value::from(local.day()),
            "hour" => Value::from(local.hour()),
            "minute" => Value::from(local.minute()),
            "second" => Value::from(local.second()),
            "weekday" => {
                let today = Weekday::of(local.date());
                Value::from(WEEKDAYS.iter().find(|(weekday, _)| *weekday == today).map(|(_, name)| *name))
            }
            "date" => Value::from(local.date().to_string()),
            "time" => Value::from(format!("{:02}:{:02}", local.hour(), local.minute())),
            "timestamp" => Value::from(self.seconds()),
            "age" => Value::from((self.now.milliseconds() - self.instant.milliseconds()) as f64 / 1_000.0),
            _ => return None,
        })
    }

    fn get_value(self: &Arc<Self>, name: &Value) -> Option<Value> {
        self.get_value_by_str(name.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.instant.cmp(&other.downcast_ref::<Self>()?.instant))
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, formatter)
    }
}

/// RFC 3339 with the offset of the home's clocks: `2026-11-20T18:00:05+01:00`.
impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.zone.local(self.instant);
        let shown = local.duration_since(jiff::civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs();
        let ahead = (shown - self.instant.milliseconds().div_euclid(1_000)) / 60;
        let (sign, ahead) = if ahead < 0 { ('-', -ahead) } else { ('+', ahead) };
        let (hours, minutes) = (ahead / 60, ahead % 60);
        write!(formatter, "{}{sign}{hours:02}:{minutes:02}", local.strftime("%Y-%m-%dT%H:%M:%S"))
    }
}
