//! How well devices are reached, on the wire.

use driver_api::ManageError;
use driver_api::health::{Health, RoundTrips, Traffic};
use hub_model::Value;
use serde::Serialize;
use utoipa::ToSchema;

use super::maintenance::ProgressStatus;
use crate::problem::Problem;

/// A try of how well a device is reached.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthCheck {
    status: ProgressStatus,
    /// What came of it; null while it is under way.
    health: Option<HealthBody>,
}

/// How well a device is reached.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
struct HealthBody {
    /// 0, not reached at all, to 10, as good as it gets.
    rating: u8,
    /// The rating in a word: `excellent`, `good`, `acceptable`, `poor` or `unreachable`.
    word: &'static str,
    /// What people can do, the most important first.
    advice: Vec<String>,
    /// How often it was tried.
    tried: u32,
    /// How often it answered.
    reached: u32,
    /// How long that took; null if it never did.
    round_trips: Option<RoundTripsBody>,
    /// How strong its signal is; null = nobody says.
    signal_dbm: Option<f64>,
    /// How strong the noise is; null = nobody says.
    noise_dbm: Option<f64>,
    /// By how much the signal is stronger.
    margin_db: Option<f64>,
    /// How many others hear it; null = nobody knows.
    neighbours: Option<u32>,
    /// Through which nodes of the network it speaks, from the hub outwards; null = nobody knows.
    repeaters: Option<Vec<String>>,
    /// The speed of its radio, in words.
    speed: Option<String>,
    traffic: TrafficBody,
}

/// Times to an answer.
#[derive(Serialize, ToSchema)]
#[schema(as = RoundTrips)]
struct RoundTripsBody {
    least_ms: f64,
    median_ms: f64,
    most_ms: f64,
}

/// What was counted since the driver started.
#[derive(Serialize, ToSchema)]
#[schema(as = Traffic)]
struct TrafficBody {
    /// Frames that the device acknowledged.
    delivered: u64,
    /// Frames that it did not acknowledge.
    not_acknowledged: u64,
    /// Frames that could not be sent.
    not_sent: u64,
    /// Frames of the device.
    received: u64,
    /// The smoothed time to an answer.
    round_trip_ms: Option<f64>,
    /// How long ago it was heard.
    heard_seconds_ago: Option<f64>,
}

impl HealthCheck {
    /// What the driver answered.
    pub(crate) fn done(answer: &Value) -> Result<Self, Problem> {
        let health = Health::from_value(answer);
        let health =
            health.ok_or_else(|| ManageError::NotPossible("the driver answered with something else".into()))?;
        Ok(Self { status: ProgressStatus::Done, health: Some(HealthBody::new(health)) })
    }

    /// It takes longer than anybody waits.
    pub(crate) fn under_way() -> Self {
        Self { status: ProgressStatus::UnderWay, health: None }
    }
}

impl HealthBody {
    fn new(health: Health) -> Self {
        let (word, margin_db) = (health.word(), health.margin_db());
        let texts = |texts: Vec<std::sync::Arc<str>>| texts.iter().map(ToString::to_string).collect();
        let Traffic { delivered, not_acknowledged, not_sent, received, round_trip_ms, heard_seconds_ago } =
            health.traffic;
        Self {
            rating: health.rating,
            word,
            advice: texts(health.advice),
            tried: health.tried,
            reached: health.reached,
            round_trips: health.round_trips.map(|RoundTrips { least_ms, median_ms, most_ms }| RoundTripsBody {
                least_ms,
                median_ms,
                most_ms,
            }),
            signal_dbm: health.signal_dbm,
            noise_dbm: health.noise_dbm,
            margin_db,
            neighbours: health.neighbours,
            repeaters: health.repeaters.map(texts),
            speed: health.speed.map(|speed| speed.to_string()),
            traffic: TrafficBody { delivered, not_acknowledged, not_sent, received, round_trip_ms, heard_seconds_ago },
        }
    }
}
