//! Who there is to be told something, and how they want it.

use hub_model::event::Severity;
use hub_model::household::Validity;
use hub_model::message::{Channel, ChannelKind, MessagePreferences};
use hub_model::notification::AlertNote;
use hub_model::zone::Zone;
use hub_model::{AccountId, Now, Timestamp};

/// Everybody who may be told something.
#[derive(Clone, Debug)]
pub struct Household {
    /// The home's clocks.
    pub zone: Zone,
    /// Everybody who has an account.
    pub people: Vec<Person>,
    /// Who is told next if nobody acknowledges something critical, in order.
    pub escalation: Vec<AccountId>,
}

impl Default for Household {
    fn default() -> Self {
        Self { zone: Zone::utc(), people: Vec::new(), escalation: Vec::new() }
    }
}

/// Somebody who may be told something.
#[derive(Clone, Debug)]
pub struct Person {
    /// What they want to be told.
    pub preferences: MessagePreferences,
    /// The ways to them, in the order in which they are tried.
    pub channels: Vec<Channel>,
    /// When their account ends: nothing is sent to them from then on.
    pub ends_at: Option<Timestamp>,
    /// Whether the pages of rules are for them.
    pub sees_rules: bool,
}

impl Household {
    /// The person of this account.
    pub fn person(&self, account: &AccountId) -> Option<&Person> {
        self.people.iter().find(|person| person.preferences.account == *account)
    }
}

impl Person {
    /// Whether they still have an account.
    pub(crate) fn validity(&self, now: &Now) -> Validity {
        Validity::of(self.ends_at, now)
    }

    /// Whether they want to be told this, sometime.
    pub(crate) fn wants(&self, severity: Severity, alert: Option<&AlertNote>) -> bool {
        let preferences = &self.preferences;
        let is_muted = alert.is_some_and(|alert| {
            preferences.muted_kinds.iter().any(|kind| **kind == *alert.kind())
                || preferences.muted_devices.iter().any(|device| alert.subject() == Some(device.as_str()))
        });
        !is_muted && severity >= preferences.least && self.takes(severity).next().is_some()
    }

    /// When their quiet hours end; none = they have none now.
    pub(crate) fn quiet_until(&self, zone: &Zone, now: Timestamp) -> Option<Timestamp> {
        let quiet = self.preferences.quiet?;
        let ends = zone.next(now, quiet.to, &[])?;
        // Whichever border comes first says where we are. Comparing clock times would be wrong in the hour that comes
        // twice in autumn: quiet hours that have ended would begin again.
        let begins = zone.next(now, quiet.from, &[])?;
        (ends < begins).then_some(ends)
    }

    /// The channels that take this, in order.
    fn takes(&self, severity: Severity) -> impl Iterator<Item = &Channel> {
        self.channels.iter().filter(move |channel| severity >= channel.least)
    }

    /// The channels that are tried together: all of the first kind of which none is in `tried`. A person who has two
    /// phones hears a message on both; their mail is for when that was not enough.
    pub(crate) fn next_step(&self, severity: Severity, tried: &dyn Fn(&Channel) -> bool) -> Vec<&Channel> {
        let word = |channel: &Channel| ChannelKind::word(&channel.kind);
        let done: Vec<&'static str> = self.channels.iter().filter(|channel| tried(channel)).map(word).collect();
        let Some(kind) = self.takes(severity).map(word).find(|kind| !done.contains(kind)) else { return Vec::new() };
        self.takes(severity).filter(|channel| word(channel) == kind).collect()
    }

    /// The channel of this id.
    pub(crate) fn channel(&self, id: &hub_model::ChannelId) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == *id)
    }
}

#[cfg(test)]
mod tests {
    use hub_model::message::QuietHours;

    use super::*;

    fn quiet(from: &str, to: &str, now: &str) -> Option<String> {
        let mut preferences = MessagePreferences::of("anna".into());
        preferences.quiet = Some(QuietHours { from: from.parse().unwrap(), to: to.parse().unwrap() });
        let zone = Zone::named("Europe/Berlin").unwrap();
        let person = Person { preferences, channels: Vec::new(), ends_at: None, sees_rules: false };
        person.quiet_until(&zone, now.parse().unwrap()).map(|until| until.to_string())
    }

    #[test]
    fn quiet_hours_follow_the_clocks_of_the_home() {
        for (from, to, now, until) in [
            ("22:00", "07:00", "2026-11-20T20:59:59Z", None),
            ("22:00", "07:00", "2026-11-20T21:00:00Z", Some("2026-11-21T06:00:00.000Z")),
            ("22:00", "07:00", "2026-11-21T05:59:59Z", Some("2026-11-21T06:00:00.000Z")),
            ("22:00", "07:00", "2026-11-21T06:00:00Z", None),
            ("13:00", "15:00", "2026-11-21T12:30:00Z", Some("2026-11-21T14:00:00.000Z")),
            ("13:00", "15:00", "2026-11-21T11:30:00Z", None),
            // The spring night is an hour shorter.
            ("22:00", "07:00", "2027-03-27T22:00:00Z", Some("2027-03-28T05:00:00.000Z")),
            // Their end is in the hour that spring leaves out.
            ("22:00", "02:30", "2027-03-28T00:45:00Z", Some("2027-03-28T01:30:00.000Z")),
            ("22:00", "02:30", "2027-03-28T01:30:00Z", None),
            // Their end is in the hour that comes twice in autumn: they end the first time, and do not begin again.
            ("22:00", "02:30", "2027-10-31T00:15:00Z", Some("2027-10-31T00:30:00.000Z")),
            ("22:00", "02:30", "2027-10-31T00:30:00Z", None),
            ("22:00", "02:30", "2027-10-31T01:15:00Z", None),
            // Equal borders are no stretch.
            ("07:00", "07:00", "2026-11-21T05:00:00Z", None),
        ] {
            assert_eq!(quiet(from, to, now).as_deref(), until, "{from}–{to} at {now}");
        }
    }
}
