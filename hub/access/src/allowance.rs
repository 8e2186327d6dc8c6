//! Daily allowances: how long what somebody switched on was on.

use std::sync::Arc;
use std::time::Duration;

use hub_model::zone::Zone;
use hub_model::{AccountId, DeviceId, EndpointNumber, Monotonic, Now, Timestamp, Trust};
use serde::{Deserialize, Serialize};

use crate::request::Household;
use crate::window::start_of_day;

/// The most allowances that are counted at once. Where there are more, new ones count as used up.
pub const ALLOWANCES_MAX: usize = 1_000;
/// The most switches of one allowance that are counted; of more the first ones are.
pub const SWITCHES_MAX: usize = 200;
/// A clock that was set back by up to so much, as after a power cut, begins no new day.
const SAME_DAY: Duration = Duration::from_secs(36 * 3600);

/// What was used of daily allowances, and what is on now. It is kept, so that a restart gives nobody a second hour.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Allowances {
    used: Vec<Used>,
    /// Everything is counted up to here.
    counted_until: Timestamp,
    /// The same on the clock that never jumps; none after a restart.
    #[serde(skip)]
    counted: Option<Monotonic>,
}

/// What one person used under one rule on one day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Used {
    person: AccountId,
    rule: Arc<str>,
    /// Minutes that the rule gives.
    minutes: u32,
    /// When the day began.
    day: Timestamp,
    milliseconds: u64,
    /// What is on. Things that are on together count once.
    #[serde(default)]
    switches: Vec<Switch>,
}

/// What of a device is on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Switch {
    /// The device.
    pub device: DeviceId,
    /// Which of its switches; none = whichever.
    pub endpoint: Option<EndpointNumber>,
}

/// What must be switched off, because its allowance is used up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SwitchOff {
    /// Who switched it on.
    pub person: AccountId,
    /// The rule that allowed it.
    pub rule: Arc<str>,
    /// What is on.
    pub switches: Vec<Switch>,
}

/// The time a rule gives for a day.
fn allowed(minutes: u32) -> Duration {
    Duration::from_secs(u64::from(minutes) * 60)
}

fn in_milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Used {
    /// The day that counts and what was used of it, if so much time has passed since it was last counted.
    fn after(&self, elapsed: Duration, now: Timestamp, today: Timestamp) -> (Timestamp, Duration) {
        let elapsed = if self.switches.is_empty() { Duration::ZERO } else { elapsed };
        let is_same_day = today <= self.day && self.day.since(today) <= SAME_DAY;
        if is_same_day {
            return (self.day, Duration::from_millis(self.milliseconds).saturating_add(elapsed));
        }
        // Of a time over midnight only what lies behind it is of the new day.
        (today, elapsed.min(now.since(today)))
    }
}

impl Allowances {
    /// What is left of a day's allowance; none = nothing.
    pub fn left(&self, person: &str, rule: &str, minutes: u32, household: &Household<'_>) -> Option<Duration> {
        let now = household.now;
        let used = match self.used.iter().find(|used| used.person.as_str() == person && &*used.rule == rule) {
            Some(used) => used.after(self.elapsed(now), now.time(), start_of_day(now.time(), household.zone)).1,
            None if self.is_full(now.time(), household.zone) => return None,
            None => Duration::ZERO,
        };
        allowed(minutes).checked_sub(used).filter(|left| !left.is_zero())
    }

    /// Somebody switched something on under a rule that gives so many minutes a day.
    pub fn start(
        &mut self,
        person: &AccountId,
        rule: &Arc<str>,
        minutes: u32,
        switch: &Switch,
        now: &Now,
        zone: &Zone,
    ) {
        self.count(now, zone);
        let today = start_of_day(now.time(), zone);
        if !self.used.iter().any(|used| used.person == *person && used.rule == *rule) {
            if self.is_full(now.time(), zone) {
                return;
            }
            let (person, rule) = (person.clone(), Arc::clone(rule));
            self.used.push(Used { person, rule, minutes, day: today, milliseconds: 0, switches: Vec::new() });
        }
        for used in self.used.iter_mut().filter(|used| used.person == *person && used.rule == *rule) {
            used.minutes = minutes;
            if used.switches.len() < SWITCHES_MAX && !used.switches.contains(switch) {
                used.switches.push(switch.clone());
            }
        }
    }

    /// Something is off, whoever switched it off, or gone.
    pub fn stop(&mut self, switch: &Switch, now: &Now, zone: &Zone) {
        self.count(now, zone);
        for used in &mut self.used {
            used.switches.retain(|one| one != switch);
        }
    }

    /// What must be switched off by now. Each is said once, and no longer counted from then on.
    pub fn take_due(&mut self, now: &Now, zone: &Zone) -> Vec<SwitchOff> {
        self.count(now, zone);
        let is_due =
            |used: &&mut Used| !used.switches.is_empty() && used.milliseconds >= in_milliseconds(allowed(used.minutes));
        let due = self.used.iter_mut().filter(is_due);
        due.map(|used| SwitchOff {
            person: used.person.clone(),
            rule: Arc::clone(&used.rule),
            switches: std::mem::take(&mut used.switches),
        })
        .collect()
    }

    /// In how long [`Self::take_due`] should be asked again; none = not before somebody switches something on.
    pub fn next_due(&self, now: &Now, zone: &Zone) -> Option<Duration> {
        let today = start_of_day(now.time(), zone);
        let running = self.used.iter().filter(|used| !used.switches.is_empty());
        let left = running
            .map(|used| allowed(used.minutes).saturating_sub(used.after(self.elapsed(now), now.time(), today).1));
        left.min()
    }

    /// Whether there is no room for one more. What was used on days before takes none.
    fn is_full(&self, now: Timestamp, zone: &Zone) -> bool {
        self.used.len() >= ALLOWANCES_MAX && {
            let today = start_of_day(now, zone);
            self.used.iter().all(|used| used.day >= today || !used.switches.is_empty())
        }
    }

    /// Counts everything up to now.
    fn count(&mut self, now: &Now, zone: &Zone) {
        let (elapsed, today) = (self.elapsed(now), start_of_day(now.time(), zone));
        for used in &mut self.used {
            let (day, time) = used.after(elapsed, now.time(), today);
            used.day = day;
            used.milliseconds = in_milliseconds(time);
        }
        self.used.retain(|used| used.milliseconds > 0 || !used.switches.is_empty());
        self.counted_until = now.time();
        self.counted = Some(now.mono);
    }

    /// The time since it was last counted. The time of a stop counts too, if it is known.
    fn elapsed(&self, now: &Now) -> Duration {
        match self.counted {
            Some(counted) => now.mono.since(counted),
            None if now.wall.trust > Trust::Persisted => now.time().since(self.counted_until),
            None => Duration::ZERO,
        }
    }
}
