//! Points in time as the home's clocks show them.

use hub_automation::describe;
use hub_model::Timestamp;
use hub_model::zone::Zone;
use serde_json::Value;

use super::client::Client;
use super::moment;
use super::output::{self, plain};

/// The home's zone, and its time when it was asked.
#[derive(Debug, Default)]
pub(crate) struct HomeTime(Option<(Zone, Timestamp)>);

impl HomeTime {
    /// That of the hub. Programs get UTC.
    pub(crate) async fn of(client: &Client) -> Self {
        let (Ok(now), Ok(home)) = (moment::now(client).await, client.get("/home").await) else {
            return Self::default();
        };
        let zone = home["time_zone"].as_str().and_then(|zone| Zone::named(zone).ok());
        Self(zone.map(|zone| (zone, now)))
    }

    /// `18:00:05`, with the date if that is not today; without a zone `2026-11-21 18:00:05Z`.
    pub(crate) fn show(&self, value: &Value) -> String {
        let at = value.as_str().and_then(|at| at.parse::<Timestamp>().ok());
        match (&self.0, at) {
            (Some((zone, now)), Some(at)) => describe::time(at, *now, zone),
            _ => output::time(value),
        }
    }

    /// A text with the points in time that are in it.
    pub(crate) fn within(&self, value: &Value) -> String {
        match &self.0 {
            Some((zone, now)) => describe::localized(&plain(value), *now, zone),
            None => plain(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_date_is_told_where_it_is_not_today() {
        let berlin = HomeTime(Some((Zone::named("Europe/Berlin").unwrap(), "2026-11-21T22:00:00Z".parse().unwrap())));
        for (at, home, utc) in [
            ("2026-11-21T18:00:05.120Z", "19:00:05", "2026-11-21 18:00:05Z"),
            ("2026-11-21T23:30:00.000Z", "2026-11-22 00:30:00", "2026-11-21 23:30:00Z"),
        ] {
            assert_eq!((berlin.show(&json!(at)).as_str(), HomeTime::default().show(&json!(at)).as_str()), (home, utc));
        }
        assert_eq!(berlin.show(&Value::Null), "");
        assert_eq!(berlin.within(&json!("due at 2026-11-21T18:00:05.120Z, late")), "due at 19:00:05, late");
    }
}
