//! The ways to people and what they want to be told, and what the hub itself tells them.

use std::sync::Arc;

use hub_model::event::Severity;
use hub_model::message::{Channel, MessagePreferences};
use hub_model::notification::{About, AlertNote, Notification, Recipient};
use hub_model::record::{Change, Record};
use hub_model::{AccountId, Cause, ChannelId, NotificationId, Now, Said};

use crate::core::{Core, Output};
use crate::handle::EditError;
use crate::household::Household;
use crate::notifications::{LONGEST_MESSAGE, LONGEST_TITLE, cut};
use crate::prepared::Prepared;

/// How many channels a person may have.
const MOST_CHANNELS: usize = 16;

/// What the hub itself tells people.
#[derive(Clone, Debug)]
pub struct Telling {
    /// In few words.
    pub title: Arc<str>,
    /// In more.
    pub message: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// Of which alert.
    pub alert: AlertNote,
    /// Whom.
    pub to: Vec<AccountId>,
}

impl Household {
    /// A new channel, or another form of one.
    pub(crate) fn put_channel(&mut self, channel: Channel) {
        let channels = Arc::make_mut(&mut self.channels);
        match channels.iter_mut().find(|known| known.id == channel.id) {
            Some(known) => *known = channel,
            None => channels.push(channel),
        }
    }

    /// No such channel any more.
    pub(crate) fn remove_channel(&mut self, id: &ChannelId) {
        Arc::make_mut(&mut self.channels).retain(|channel| channel.id != *id);
    }

    /// What a person wants to be told.
    pub(crate) fn put_message_preferences(&mut self, wanted: MessagePreferences) {
        let all = Arc::make_mut(&mut self.message_preferences);
        match all.iter_mut().find(|known| known.account == wanted.account) {
            Some(known) => *known = wanted,
            None => all.push(wanted),
        }
    }
}

impl Core {
    /// The hub tells people something. It is said whether or not it can be kept: a full disk silences no alarm.
    pub(crate) fn tell(&mut self, now: &Now, telling: Telling, out: &mut Output) {
        let Telling { title, message, severity, alert, to } = telling;
        self.say(now, (title, message, severity), to, About::Alert(alert), out);
    }

    /// The same, whatever it is about.
    pub(crate) fn say(
        &mut self,
        now: &Now,
        (title, message, severity): (Arc<str>, Arc<str>, Severity),
        to: Vec<AccountId>,
        about: About,
        out: &mut Output,
    ) {
        let household = &self.table.household;
        let to: Vec<Recipient> = to
            .into_iter()
            .filter(|account| household.person(account).is_some())
            .filter(|account| self.permissions.sees_part(account, hub_access::Part::Messages, now))
            .map(|account| Recipient { account, read_at: None, acknowledged_at: None })
            .collect();
        if to.is_empty() {
            return;
        }
        let (alert, request) = match about {
            About::Alert(alert) => (Some(alert), None),
            About::Request(request) => (None, Some(request)),
        };
        let notification = Notification {
            id: self.notification_id(now),
            at: now.time(),
            title: Some(cut(title, LONGEST_TITLE)),
            message: cut(message, LONGEST_MESSAGE),
            severity,
            rule: None,
            to,
            alert,
            request,
        };
        self.put_into_the_lists(now, Arc::new(notification), Cause::System, out);
    }

    /// One more person hears of what others were told.
    pub(crate) fn tell_too(&mut self, id: &NotificationId, account: AccountId, out: &mut Output) {
        let household = &mut self.table.household;
        let is_there = household.person(&account).is_some();
        let Some(known) = household.notification(id).filter(|told| is_there && told.recipient(&account).is_none())
        else {
            return;
        };
        let mut told = (**known).clone();
        told.to.push(Recipient { account, read_at: None, acknowledged_at: None });
        household.put_notification(Arc::new(told.clone()));
        self.keep_silently(vec![Change::Put(Record::Notification(told))], out);
    }

    pub(crate) fn prepare_channel(&self, channel: Channel) -> Result<Prepared, EditError> {
        let household = &self.table.household;
        self.has_account(&channel.account)?;
        match household.channels.iter().find(|known| known.id == channel.id) {
            Some(known) if known.account != channel.account => Err(no_channel(&channel.id)),
            None if household.channels.iter().filter(|known| known.account == channel.account).count()
                >= MOST_CHANNELS =>
            {
                let text = format!("you have {MOST_CHANNELS} channels already; remove one first");
                Err(EditError::Conflict(Said::new("channels", text).with("most", MOST_CHANNELS)))
            }
            _ => Ok(Prepared::Channel(channel)),
        }
    }

    pub(crate) fn prepare_removal_of_channel(&self, account: &AccountId, id: ChannelId) -> Result<Prepared, EditError> {
        let has_it = |known: &Channel| known.id == id && known.account == *account;
        match self.table.household.channels.iter().any(has_it) {
            true => Ok(Prepared::RemoveChannel(id)),
            false => Err(no_channel(&id)),
        }
    }

    pub(crate) fn prepare_message_preferences(&self, wanted: MessagePreferences) -> Result<Prepared, EditError> {
        self.has_account(&wanted.account)?;
        if let Some(quiet) = wanted.quiet.filter(|quiet| quiet.from == quiet.to) {
            let message =
                format!("quiet hours from {0} to {0} never are; give two times, or null for none", quiet.from);
            return Err(EditError::Invalid(Said::new("quiet_hours", message)));
        }
        Ok(Prepared::MessagePreferences(wanted))
    }

    /// Somebody has no account any more.
    pub(crate) fn forget_messages_of(&mut self, account: &AccountId) {
        let household = &mut self.table.household;
        Arc::make_mut(&mut household.channels).retain(|channel| channel.account != *account);
        Arc::make_mut(&mut household.message_preferences).retain(|wanted| wanted.account != *account);
    }

    fn has_account(&self, account: &AccountId) -> Result<(), EditError> {
        match self.table.household.person(account) {
            Some(_) => Ok(()),
            None => Err(EditError::NotFound { what: "person", id: account.to_string() }),
        }
    }
}

fn no_channel(id: &ChannelId) -> EditError {
    EditError::NotFound { what: "channel", id: id.to_string() }
}
