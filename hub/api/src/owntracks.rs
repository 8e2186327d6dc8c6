//! Messages of OwnTracks, a program for phones, as they come by HTTP.

use std::time::Duration;

use hub_model::Timestamp;
use hub_model::presence::Fix;
use serde::Deserialize;

/// A phone's clock may be so much ahead.
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// How far off a position may be that does not say it, in metres.
const USUAL_ACCURACY: f64 = 100.0;

/// A message of OwnTracks. What else it has is of no interest here.
#[derive(Deserialize)]
pub(crate) struct Message {
    #[serde(rename = "_type")]
    kind: String,
    lat: Option<f64>,
    lon: Option<f64>,
    /// Metres.
    acc: Option<f64>,
    /// Seconds since 1970.
    tst: Option<i64>,
}

/// A message is of no use. None of these shows the position.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("The message is encrypted.")]
    Encrypted,
    #[error("The position or its time is missing or cannot be.")]
    Incomplete,
    #[error("The position is of {at}, and it is {now}.")]
    InTheFuture { at: Timestamp, now: Timestamp },
}

impl Message {
    /// Where the phone says that it is; none if the message is about something else.
    pub(crate) fn fix(&self, now: Timestamp) -> Result<Option<Fix>, Refusal> {
        match self.kind.as_str() {
            "location" | "transition" => {}
            "encrypted" => return Err(Refusal::Encrypted),
            _ => return Ok(None),
        }
        let within = |degrees: f64, most: f64| degrees.is_finite() && degrees.abs() <= most;
        let (latitude, longitude, seconds) = match (self.lat, self.lon, self.tst) {
            (Some(north), Some(east), Some(seconds)) if within(north, 90.0) && within(east, 180.0) => {
                (north, east, seconds)
            }
            _ => return Err(Refusal::Incomplete),
        };
        let at = Timestamp(seconds.saturating_mul(1_000));
        if at > now.plus(AHEAD) {
            return Err(Refusal::InTheFuture { at, now });
        }
        let accuracy_m = self.acc.unwrap_or(USUAL_ACCURACY);
        // A phone whose clock is a little ahead was not somewhere later than now.
        Ok(Some(Fix { latitude, longitude, accuracy_m, at: at.min(now) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_owntracks_are_read_as_they_are() {
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        let table = [
            // As iOS, then as Android sends it.
            (
                r#"{"_type":"location","acc":12,"alt":43,"batt":77,"bs":1,"conn":"w","lat":52.52,"lon":13.4,"m":1,"p":101.2,
                    "t":"u","tid":"AN","topic":"owntracks/anna/phone","tst":1795197600,"vac":3,"vel":0,"inregions":["Home"]}"#,
                "Ok(Some(a position at 2026-11-20T18:00:00.000Z))",
            ),
            (
                r#"{"_type":"transition","acc":20.5,"desc":"Home","event":"leave","lat":52.52,"lon":13.4,"t":"c","tid":"AN",
                    "tst":1795197500,"wtst":1790000000}"#,
                "Ok(Some(a position at 2026-11-20T17:58:20.000Z))",
            ),
            (r#"{"_type":"lwt","tst":1795197600}"#, "Ok(None)"),
            (r#"{"_type":"waypoints","waypoints":[]}"#, "Ok(None)"),
            (r#"{"_type":"encrypted","data":"x"}"#, "Err(Encrypted)"),
            (r#"{"_type":"location","lat":52.52,"lon":13.4}"#, "Err(Incomplete)"),
            (r#"{"_type":"location","lat":91,"lon":13.4,"tst":1795197600}"#, "Err(Incomplete)"),
            (
                r#"{"_type":"location","lat":52.52,"lon":13.4,"tst":1795197901}"#,
                "Err(InTheFuture { at: 2026-11-20T18:05:01.000Z, now: 2026-11-20T18:00:00.000Z })",
            ),
        ];
        for (text, wanted) in table {
            let read = serde_json::from_str::<Message>(text).unwrap().fix(now);
            let shown = format!("{read:?}");
            assert_eq!(shown, wanted, "{text}");
        }
    }

    #[test]
    fn what_no_phone_sends_is_refused() {
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        for (text, is_read) in [
            (r#"{"_type":"location","lat":"52","lon":13.4,"tst":1}"#, false),
            (r#"{"_type":"location","lat":52,"lon":13.4,"tst":1.5}"#, false),
            (r#"{"_type":"location","lat":1e999,"lon":13.4,"tst":1}"#, false),
            (r#"{"_type":1}"#, false),
            (r#"["location"]"#, false),
            (r#"{"lat":52,"lon":13.4,"tst":1}"#, false),
            (r#"{"_type":"location","lat":null,"lon":13.4,"tst":1}"#, true),
            (r#"{"_type":"location","lat":52,"lon":-180.1,"tst":1}"#, true),
            (r#"{"_type":"location","lat":52,"lon":13.4,"tst":9223372036854775807}"#, true),
        ] {
            let read = serde_json::from_str::<Message>(text);
            assert_eq!(read.is_ok(), is_read, "{text}");
            assert!(read.is_err() || read.unwrap().fix(now).is_err(), "{text}");
        }
        // Older than there are phones, and nobody is harmed.
        let old = r#"{"_type":"location","lat":-90,"lon":180,"acc":-1e300,"tst":-9223372036854775808}"#;
        assert!(serde_json::from_str::<Message>(old).unwrap().fix(now).is_ok());
    }
}
