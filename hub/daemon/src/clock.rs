//! The one place that reads the system's clocks.

use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hub_api::{ClockRefusal, SettableClock};
use hub_model::{Clock, Monotonic, Now, Timestamp, Trust, Wall};

/// No hub runs before it was written: 2026-11-01T00:00:00Z.
const NOT_BEFORE: Timestamp = Timestamp(1_793_491_200_000);

/// Exists once systemd has heard from a time server.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";
/// Exists where a battery-backed clock is.
const BATTERY_CLOCK: &str = "/dev/rtc0";

/// No hub runs so long: 2200-01-01T00:00:00Z.
const NOT_AFTER: Timestamp = Timestamp(7_258_118_400_000);

/// How often it is looked whether a time server was heard.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The clock of this machine, and how far it is to be believed.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    /// What the person who started the hub vouches for.
    vouched: Option<Trust>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Wall time is at least this, and goes on from here when the system's clock is behind it.
    floor: Timestamp,
    /// When the floor was set.
    floor_set: Instant,
    /// What a person said, and when: it holds until a time server is heard.
    person: Option<(Timestamp, Instant)>,
    trust: Trust,
    looked: Option<Instant>,
}

impl SystemClock {
    /// A clock that knows nothing but when the hub was written, until [`SystemClock::not_before`].
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn new() -> Self {
        let started = Instant::now();
        let state =
            State { floor: NOT_BEFORE, floor_set: started, person: None, trust: Trust::Persisted, looked: None };
        Self { started, vouched: None, state: Mutex::new(state) }
    }

    /// A clock that somebody vouches for: that of a machine at which a person sits and tries things out.
    pub fn vouched() -> Self {
        Self { vouched: Some(Trust::Person), ..Self::new() }
    }

    /// It is at least as late as the last time that was written down.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn not_before(&self, last_known: Timestamp) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if last_known > state.floor {
            state.floor = last_known;
            state.floor_set = Instant::now();
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Now {
        let instant = Instant::now();
        let system = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let system = Timestamp(i64::try_from(system.as_millis()).unwrap_or(i64::MAX));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.looked.is_none_or(|looked| instant.duration_since(looked) >= LOOK_EVERY) {
            state.looked = Some(instant);
            state.trust = trust(Path::new(SYNCHRONISED).exists(), Path::new(BATTERY_CLOCK).exists());
        }
        let (time, trust) = match state.person {
            Some((said, at)) if state.trust != Trust::Ntp => (said.plus(instant.duration_since(at)), Trust::Person),
            _ => believe(system, state.floor, instant.duration_since(state.floor_set), state.trust),
        };
        let trust = self.vouched.map_or(trust, |vouched| trust.max(vouched));
        Now { wall: Wall { time, trust }, mono: Monotonic(instant.duration_since(self.started)) }
    }
}

impl SettableClock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn set(&self, time: Timestamp) -> Result<(), ClockRefusal> {
        if self.now().wall.trust == Trust::Ntp {
            return Err(ClockRefusal::NetworkTime);
        }
        if time < NOT_BEFORE {
            return Err(ClockRefusal::TooEarly(NOT_BEFORE));
        }
        if time > NOT_AFTER {
            return Err(ClockRefusal::TooLate(NOT_AFTER));
        }
        self.state.lock().unwrap_or_else(PoisonError::into_inner).person = Some((time, Instant::now()));
        Ok(())
    }
}

/// How far the system's clock is to be believed, by what is on this machine.
fn trust(synchronised: bool, battery: bool) -> Trust {
    match (synchronised, battery) {
        (true, _) => Trust::Ntp,
        (false, true) => Trust::Rtc,
        (false, false) => Trust::Persisted,
    }
}

/// A system clock that is behind what is known to have been is not believed: time goes on from the last known one.
/// After a time server was heard the system is right, even if that means that the hub was wrong before.
fn believe(system: Timestamp, floor: Timestamp, since_floor: Duration, trust: Trust) -> (Timestamp, Trust) {
    if system < floor && trust != Trust::Ntp {
        return (floor.plus(since_floor), Trust::Persisted);
    }
    (system, trust)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_behind_the_last_known_time_is_not_believed() {
        let floor = Timestamp(2_000_000_000_000);
        let second = Duration::from_secs(1);
        let table = [
            // system, trust → time, trust
            (0, Trust::Persisted, floor.0 + 1_000, Trust::Persisted),
            (0, Trust::Rtc, floor.0 + 1_000, Trust::Persisted),
            (floor.0 + 5, Trust::Rtc, floor.0 + 5, Trust::Rtc),
            (floor.0 - 3_600_000, Trust::Ntp, floor.0 - 3_600_000, Trust::Ntp),
            (floor.0 + 5, Trust::Persisted, floor.0 + 5, Trust::Persisted),
        ];
        for (system, trust, time, believed) in table {
            assert_eq!(
                believe(Timestamp(system), floor, second, trust),
                (Timestamp(time), believed),
                "{system} {trust:?}"
            );
        }
    }

    #[test]
    fn a_person_sets_the_clock_where_no_time_server_does() {
        let clock = SystemClock::new();
        let synchronised = |clock: &SystemClock| clock.now().wall.trust == Trust::Ntp;
        let noon = Timestamp(4_000_000_000_000);
        if synchronised(&clock) {
            assert_eq!(clock.set(noon), Err(ClockRefusal::NetworkTime));
            return;
        }
        assert_eq!(clock.set(Timestamp(0)), Err(ClockRefusal::TooEarly(NOT_BEFORE)));
        assert_eq!(clock.set(Timestamp(i64::MAX)), Err(ClockRefusal::TooLate(NOT_AFTER)));
        for time in [noon, noon.minus(Duration::from_secs(3_600))] {
            clock.set(time).unwrap();
            let now = clock.now();
            assert!(now.time() >= time && now.time() < time.plus(Duration::from_secs(60)), "also backwards");
            assert_eq!(now.wall.trust, Trust::Person);
        }
        // A time server knows better.
        let mut state = clock.state.lock().unwrap_or_else(PoisonError::into_inner);
        (state.trust, state.looked) = (Trust::Ntp, Some(clock.started + Duration::from_secs(3_600)));
        drop(state);
        assert_eq!(clock.now().wall.trust, Trust::Ntp);
        assert_eq!(clock.set(noon), Err(ClockRefusal::NetworkTime));
    }

    #[test]
    fn time_goes_on() {
        let clock = SystemClock::new();
        let first = clock.now();
        clock.not_before(Timestamp(4_000_000_000_000));
        let second = clock.now();
        assert!(second.mono >= first.mono);
        assert!(first.time() >= NOT_BEFORE && second.time() >= Timestamp(4_000_000_000_000));
    }
}
