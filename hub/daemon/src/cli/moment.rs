//! Points in time as people write them.

use hub_model::Timestamp;
use hub_model::zone::{TimeOfDay, Zone};

use super::client::Client;
use super::failure::Failure;
use super::output::text;

/// A point in time as it is written: one in UTC, one that the home's clocks show, what they showed last (`18:05`), or
/// so long ago (`2h`).
pub(crate) async fn moment(given: &str, client: &Client) -> Result<Timestamp, Failure> {
    if let Ok(at) = given.parse() {
        return Ok(at);
    }
    let zone = Zone::named(&text(&client.get("/home").await?, "time_zone")).unwrap_or_else(|_| Zone::utc());
    let now = now(client).await?;
    read(given, now, &zone).ok_or_else(|| {
        Failure::Usage(format!(
            "{given:?} is no time; write it like 18:05, 2h (so long ago), 2026-11-25T18:00 (as the home's clocks show it) \
             or 2026-11-25T17:00:00Z"
        ))
    })
}

/// What the hub takes the time to be.
pub(crate) async fn now(client: &Client) -> Result<Timestamp, Failure> {
    let now = client.get("/system").await?["time"].as_str().and_then(|now| now.parse().ok());
    now.ok_or_else(|| Failure::Failed("the hub does not say what time it is".to_owned()))
}

fn read(given: &str, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
    // 07:30:10 is a length of time too.
    if let Ok(clock) = given.parse::<TimeOfDay>() {
        return last_shown(clock, now, zone);
    }
    if let Ok(ago) = given.parse::<jiff::SignedDuration>() {
        return now.to_jiff().checked_sub(ago).ok().map(Timestamp::from_jiff);
    }
    zone.instant(given.parse().ok()?)
}

/// When local clocks last showed a time.
fn last_shown(clock: TimeOfDay, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
    let today = zone.local(now).date();
    [today, today.yesterday().ok()?].into_iter().find_map(|date| {
        let second = i8::try_from(clock.second).ok()?;
        let local = date.at(i8::try_from(clock.hour).ok()?, i8::try_from(clock.minute).ok()?, second, 0);
        zone.instant(local).filter(|at| *at <= now)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let now = "2026-11-20T18:00:00Z".parse().unwrap();
        for (given, expected) in [
            ("19:00", Some("2026-11-20T18:00:00.000Z")),
            ("07:30:10", Some("2026-11-20T06:30:10.000Z")),
            ("19:01", Some("2026-11-19T18:01:00.000Z")),
            ("2h", Some("2026-11-20T16:00:00.000Z")),
            ("2026-11-19T18:00", Some("2026-11-19T17:00:00.000Z")),
            ("2026-11-19 18:00:05", Some("2026-11-19T17:00:05.000Z")),
            ("2026-11-19", Some("2026-11-18T23:00:00.000Z")),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(read(given, now, &zone).map(|at| at.to_string()).as_deref(), expected, "{given}");
        }
    }
}
