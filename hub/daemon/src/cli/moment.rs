//! Points in time as people write them.

use std::time::Duration;

use hub_model::zone::{TimeOfDay, Zone};
use hub_model::{Clock, Timestamp};

use super::client::Client;
use super::failure::{FORBIDDEN, Failure};
use super::output::text;
use crate::clock::SystemClock;

/// A point in time as it is written: one in UTC, one that the home's clocks show, what they showed last (`18:05`), or
/// so long ago (`2h`).
pub(crate) async fn moment(given: &str, client: &Client) -> Result<Timestamp, Failure> {
    read_by(read, given, client).await
}

/// The same, but a time of the day (`20:30`) is that of today, also where it is yet to come.
pub(crate) async fn moment_of_today(given: &str, client: &Client) -> Result<Timestamp, Failure> {
    read_by(read_of_today, given, client).await
}

/// Until when: a point in time, or so long from now (`12h`, `7d`, `2w`).
pub(crate) async fn until(given: &str, client: &Client) -> Result<Timestamp, Failure> {
    match length(given) {
        Some(length) => Ok(now(client).await?.plus(length)),
        None => moment_of_today(given, client).await,
    }
}

async fn read_by(
    read: impl Fn(&str, Timestamp, &Zone) -> Option<Timestamp>,
    given: &str,
    client: &Client,
) -> Result<Timestamp, Failure> {
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

/// What the hub takes the time to be; for who may not see that, what this machine does.
pub(crate) async fn now(client: &Client) -> Result<Timestamp, Failure> {
    match client.get("/system").await {
        Err(Failure::Refused(problem)) if problem.status == FORBIDDEN => Ok(SystemClock::new().now().time()),
        system => {
            let now = system?["time"].as_str().and_then(|now| now.parse().ok());
            now.ok_or_else(|| Failure::Failed("the hub does not say what time it is".to_owned()))
        }
    }
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

fn read_of_today(given: &str, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
    match given.parse::<TimeOfDay>() {
        Ok(clock) => shown_on(zone.local(now).date(), clock, zone),
        Err(_) => read(given, now, zone),
    }
}

/// When local clocks last showed a time.
fn last_shown(clock: TimeOfDay, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
    let today = zone.local(now).date();
    let days = [today, today.yesterday().ok()?].into_iter();
    days.filter_map(|date| shown_on(date, clock, zone)).find(|at| *at <= now)
}

/// When local clocks show a time on a day.
fn shown_on(date: jiff::civil::Date, clock: TimeOfDay, zone: &Zone) -> Option<Timestamp> {
    let [hour, minute, second] = [clock.hour, clock.minute, clock.second].map(|part| i8::try_from(part).ok());
    zone.instant(date.at(hour?, minute?, second?, 0))
}

fn length(given: &str) -> Option<Duration> {
    let unit = given.chars().last()?;
    let hours = match unit {
        'h' => 1,
        'd' => 24,
        'w' => 7 * 24,
        _ => return None,
    };
    let count: u32 = given.strip_suffix(unit)?.parse().ok()?;
    Some(Duration::from_secs(u64::from(count) * hours * 3_600))
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

    #[test]
    fn a_time_of_today_may_be_yet_to_come() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let now = "2026-11-20T18:00:00Z".parse().unwrap();
        for (given, expected) in [
            ("20:30", Some("2026-11-20T19:30:00.000Z")),
            ("07:30", Some("2026-11-20T06:30:00.000Z")),
            ("2026-11-21T20:30", Some("2026-11-21T19:30:00.000Z")),
            ("25:00", None),
        ] {
            let read = read_of_today(given, now, &zone);
            assert_eq!(read.map(|at| at.to_string()).as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (given, hours) in [("12h", Some(12)), ("7d", Some(168)), ("2w", Some(336)), ("7", None), ("d", None)] {
            assert_eq!(length(given), hours.map(|hours| Duration::from_secs(hours * 3_600)), "{given}");
        }
    }
}
