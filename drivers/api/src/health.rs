//! How well a device is reached: the answer to [`crate::ManageAction::CheckHealth`].

use std::sync::Arc;

use hub_model::Value;

/// What came of trying, and what was seen before that.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Health {
    /// From 0, not reached at all, to 10, as good as it gets.
    pub rating: u8,
    /// What is to be said of it to people, the most important first.
    pub advice: Vec<Arc<str>>,
    /// How often it was tried.
    pub tried: u32,
    /// How often it answered.
    pub reached: u32,
    /// How long it took to answer.
    pub round_trips: Option<RoundTrips>,
    /// How strong its signal is, in dBm.
    pub signal_dbm: Option<f64>,
    /// How strong the noise is, in dBm.
    pub noise_dbm: Option<f64>,
    /// How many others hear it.
    pub neighbours: Option<u32>,
    /// Through which nodes it speaks, from the hub outwards; empty = directly, none = nobody knows.
    pub repeaters: Option<Vec<Arc<str>>>,
    /// The speed of its radio, in words.
    pub speed: Option<Arc<str>>,
    /// What was counted since the driver started.
    pub traffic: Traffic,
}

/// Times in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(missing_docs)]
pub struct RoundTrips {
    pub least_ms: f64,
    pub median_ms: f64,
    pub most_ms: f64,
}

/// What was counted since the driver started.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Traffic {
    /// Frames that the device acknowledged.
    pub delivered: u64,
    /// Frames that it did not acknowledge.
    pub not_acknowledged: u64,
    /// Frames that could not be sent.
    pub not_sent: u64,
    /// Frames of the device.
    pub received: u64,
    /// The smoothed time to an answer, in milliseconds.
    pub round_trip_ms: Option<f64>,
    /// How long ago it was heard, in seconds.
    pub heard_seconds_ago: Option<f64>,
}

/// A rating from here on is this word.
const WORDS: [(u8, &str); 5] = [(10, "excellent"), (6, "good"), (4, "acceptable"), (1, "poor"), (0, "unreachable")];

impl RoundTrips {
    /// Of these times; none if there are none.
    pub fn of(mut times_ms: Vec<f64>) -> Option<Self> {
        times_ms.sort_by(f64::total_cmp);
        let (least_ms, most_ms) = (*times_ms.first()?, *times_ms.last()?);
        Some(Self { least_ms, median_ms: *times_ms.get(times_ms.len() / 2)?, most_ms })
    }
}

impl Health {
    /// The rating in a word.
    pub fn word(&self) -> &'static str {
        WORDS.iter().find(|(from, _)| self.rating >= *from).map_or("", |(_, word)| word)
    }

    /// By how much the signal is stronger than the noise, in dB.
    pub fn margin_db(&self) -> Option<f64> {
        Some(self.signal_dbm? - self.noise_dbm?)
    }

    /// As an answer.
    pub fn to_value(&self) -> Value {
        let texts = |texts: &[Arc<str>]| Value::list(texts.iter().map(|text| Value::text(Arc::clone(text))));
        let round_trips = self.round_trips.map(|times| {
            Value::composite([
                ("least_ms", Value::number(times.least_ms)),
                ("median_ms", Value::number(times.median_ms)),
                ("most_ms", Value::number(times.most_ms)),
            ])
        });
        Value::composite([
            ("rating", number(self.rating)),
            ("advice", texts(&self.advice)),
            ("tried", number(self.tried)),
            ("reached", number(self.reached)),
            ("round_trips", round_trips.unwrap_or_default()),
            ("signal_dbm", optional(self.signal_dbm)),
            ("noise_dbm", optional(self.noise_dbm)),
            ("neighbours", optional(self.neighbours.map(f64::from))),
            ("repeaters", self.repeaters.as_deref().map(texts).unwrap_or_default()),
            ("speed", self.speed.clone().map(Value::text).unwrap_or_default()),
            ("traffic", self.traffic.to_value()),
        ])
    }

    /// From an answer; none if it is none.
    pub fn from_value(value: &Value) -> Option<Self> {
        let round_trips = value.field("round_trips").and_then(|times| {
            let time = |name| times.field(name).and_then(Value::as_number);
            Some(RoundTrips { least_ms: time("least_ms")?, median_ms: time("median_ms")?, most_ms: time("most_ms")? })
        });
        Some(Self {
            rating: count(value, "rating")?.min(10) as u8,
            advice: texts(value.field("advice")?)?,
            tried: count(value, "tried")? as u32,
            reached: count(value, "reached")? as u32,
            round_trips,
            signal_dbm: value.field("signal_dbm").and_then(Value::as_number),
            noise_dbm: value.field("noise_dbm").and_then(Value::as_number),
            neighbours: count(value, "neighbours").map(|neighbours| neighbours as u32),
            repeaters: value.field("repeaters").and_then(texts),
            speed: value.field("speed").and_then(Value::as_text).map(Arc::from),
            traffic: Traffic::from_value(value.field("traffic")?)?,
        })
    }
}

impl Traffic {
    fn to_value(&self) -> Value {
        Value::composite([
            ("delivered", counted(self.delivered)),
            ("not_acknowledged", counted(self.not_acknowledged)),
            ("not_sent", counted(self.not_sent)),
            ("received", counted(self.received)),
            ("round_trip_ms", optional(self.round_trip_ms)),
            ("heard_seconds_ago", optional(self.heard_seconds_ago)),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            delivered: count(value, "delivered")?,
            not_acknowledged: count(value, "not_acknowledged")?,
            not_sent: count(value, "not_sent")?,
            received: count(value, "received")?,
            round_trip_ms: value.field("round_trip_ms").and_then(Value::as_number),
            heard_seconds_ago: value.field("heard_seconds_ago").and_then(Value::as_number),
        })
    }
}

fn number(number: impl Into<f64>) -> Value {
    Value::number(number.into())
}

fn counted(count: u64) -> Value {
    Value::number(count as f64)
}

fn optional(number: Option<f64>) -> Value {
    number.map(Value::number).unwrap_or_default()
}

fn count(value: &Value, name: &str) -> Option<u64> {
    value.field(name).and_then(Value::as_number).map(|number| number.max(0.0) as u64)
}

fn texts(value: &Value) -> Option<Vec<Arc<str>>> {
    let Value::List(items) = value else { return None };
    items.iter().map(|item| item.as_text().map(Arc::from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_from_an_answer_as_it_was() {
        let health = Health {
            rating: 7,
            advice: vec!["Bring it nearer.".into()],
            tried: 10,
            reached: 9,
            round_trips: RoundTrips::of(vec![40.0, 20.0, 90.0]),
            signal_dbm: Some(-70.0),
            noise_dbm: Some(-95.0),
            neighbours: Some(3),
            repeaters: Some(vec!["7".into()]),
            speed: Some("100 kbit/s".into()),
            traffic: Traffic { delivered: 12, round_trip_ms: Some(31.5), ..Traffic::default() },
        };
        assert_eq!(Health::from_value(&health.to_value()).as_ref(), Some(&health));
        assert_eq!((health.word(), health.margin_db()), ("good", Some(25.0)));
        assert_eq!(health.round_trips.map(|times| times.median_ms), Some(40.0));
        let nothing = Health::default();
        assert_eq!(Health::from_value(&nothing.to_value()).as_ref(), Some(&nothing));
        assert_eq!((nothing.word(), Health::from_value(&Value::Unknown)), ("unreachable", None));
    }
}
