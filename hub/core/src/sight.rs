//! What rules read: the home as their author sees it.
//!
//! A rule reads at any time and whoever is at home, so what its author sees only at times is not among it. Who sees
//! everything (owners, adults, the hub itself) has no [`Sight`]: for their rules nothing is asked at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hub_access::Part;
use hub_automation::compile::NOT_SEEN;
use hub_automation::{Document, Seen, World};
use hub_model::device::DeviceRecord;
use hub_model::event::Severity;
use hub_model::household::{Area, Home, Person};
use hub_model::scene::Scene;
use hub_model::{AccountId, AttributeState, AutomationId, Availability, Cause, DeviceId, EndpointNumber, Now, Said};

use crate::core::{Core, Output};
use crate::handle::EditError;
use crate::permissions::{Permissions, who_wants};
use crate::snapshot::DeviceView;

/// What each author sees, of those who do not see everything.
#[derive(Debug, Default)]
pub(crate) struct Sights(BTreeMap<AccountId, Sight>);

/// What somebody sees at all times.
#[derive(Debug)]
pub(crate) struct Sight {
    account: AccountId,
    /// With those of their attributes that are seen.
    devices: BTreeMap<DeviceId, Arc<DeviceRecord>>,
    people: bool,
    scenes: bool,
}

impl Sight {
    /// What an account sees of these devices, and of the rest of the home; none = everything.
    pub(crate) fn of<'v>(
        account: &AccountId,
        permissions: &Permissions,
        views: impl Iterator<Item = &'v Arc<DeviceView>>,
    ) -> Option<Self> {
        if permissions.reads_everything(account) {
            return None;
        }
        let mut sight = Self {
            account: account.clone(),
            devices: BTreeMap::new(),
            people: permissions.reads_part(account, Part::Presence),
            scenes: permissions.reads_part(account, Part::Scenes),
        };
        views.for_each(|view| sight.look_at(view, permissions));
        Some(sight)
    }

    /// A device is there, or another than before.
    fn look_at(&mut self, view: &Arc<DeviceView>, permissions: &Permissions) {
        let id = &view.record.device.id;
        match view.only(&|attribute| permissions.reads(&self.account, view, attribute)) {
            Some(seen) => drop(self.devices.insert(id.clone(), Arc::clone(&seen.record))),
            None => drop(self.devices.remove(id)),
        }
    }

    /// A home as it is seen: it has the devices that were looked at.
    pub(crate) fn home<'h>(&'h self, whole: &'h dyn World) -> Box<dyn World + 'h> {
        Box::new(SeenHome { whole, sight: self })
    }
}

impl Sights {
    /// What this account sees; none = everything, or no rule is theirs.
    pub(crate) fn of(&self, account: &AccountId) -> Option<&Sight> {
        self.0.get(account)
    }
}

/// The home as somebody sees it.
struct SeenHome<'h> {
    whole: &'h dyn World,
    sight: &'h Sight,
}

impl World for SeenHome<'_> {
    fn device(&self, device: &DeviceId) -> Option<&DeviceRecord> {
        self.sight.devices.get(device).map(|record| &**record)
    }

    fn devices(&self) -> Box<dyn Iterator<Item = &DeviceRecord> + '_> {
        Box::new(self.sight.devices.values().map(|record| &**record))
    }

    fn state(&self, device: &DeviceId, endpoint: EndpointNumber, attribute: &str) -> Option<&AttributeState> {
        self.device(device)?.device.attribute(endpoint, attribute)?;
        self.whole.state(device, endpoint, attribute)
    }

    fn availability(&self, device: &DeviceId) -> Availability {
        self.device(device).map(|_| self.whole.availability(device)).unwrap_or_default()
    }

    fn areas(&self) -> &[Area] {
        self.whole.areas()
    }

    fn home(&self) -> &Home {
        self.whole.home()
    }

    /// Oneself is always seen.
    fn people(&self) -> &[Person] {
        let people = self.whole.people();
        if self.sight.people {
            return people;
        }
        let own = people.iter().position(|person| person.id == self.sight.account);
        own.and_then(|own| people.get(own..=own)).unwrap_or_default()
    }

    fn scenes(&self) -> &[Scene] {
        if self.sight.scenes { self.whole.scenes() } else { &[] }
    }

    fn is_complete(&self) -> bool {
        self.whole.is_complete()
    }

    fn whole(&self) -> Option<&dyn World> {
        Some(self.whole)
    }

    fn shows_everybody(&self) -> bool {
        self.sight.people
    }
}

/// The word of the alert about a rule whose author does not see all of it any more.
fn not_seen_code(automation: &AutomationId) -> String {
    format!("rule_{NOT_SEEN}:{automation}")
}

impl Core {
    /// What who wants a change sees at all times; none = everything.
    pub(crate) fn sight_of(&self, cause: &Cause) -> Option<Sight> {
        let (who, _) = who_wants(cause)?;
        Sight::of(who, &self.permissions, self.table.views())
    }

    /// A device as who wants something sees it now; none = they see nothing of it.
    pub(crate) fn seen_by_cause(&self, now: &Now, cause: &Cause, view: &Arc<DeviceView>) -> Option<Arc<DeviceView>> {
        match who_wants(cause) {
            Some((who, _)) if !self.permissions.sees_everything(who) => {
                view.only(&|attribute| self.permissions.sees(who, view, attribute, now))
            }
            _ => Some(Arc::clone(view)),
        }
    }

    /// Finds out anew what the authors of rules see: somebody may see more or less, or wrote a rule.
    pub(crate) fn look_for_authors(&mut self) {
        let authors: BTreeSet<&AccountId> = self.automations.values().map(|rule| &rule.author).collect();
        let sights = authors.into_iter().filter_map(|author| {
            let sight = Sight::of(author, &self.permissions, self.table.views())?;
            Some((author.clone(), sight))
        });
        self.table.sights = Sights(sights.collect());
    }

    /// Somebody writes a rule.
    pub(crate) fn author_looks(&mut self, author: &AccountId) {
        if self.table.sights.of(author).is_none()
            && let Some(sight) = Sight::of(author, &self.permissions, self.table.views())
        {
            self.table.sights.0.insert(author.clone(), sight);
        }
    }

    /// A rule with every name resolved, if it has no errors for who sees so much of the home.
    pub(crate) fn checked(&self, home: &dyn World, document: &Document) -> Result<String, EditError> {
        let resolved = document.resolved(home);
        hub_automation::compile(&resolved, home).map_err(EditError::Rule)?;
        Ok(resolved.to_json())
    }

    /// The same for a rule that was written already, by whoever does not have to see what is in it to switch it.
    pub(crate) fn checked_as_it_is(&self, cause: &Cause, document: &Document) -> Result<String, EditError> {
        let checked = self.checked(&self.table, document);
        if checked.is_ok() || self.sight_of(cause).is_none() {
            return checked;
        }
        let errors = "the rule has errors in what you do not see; ask its author, or an owner";
        Err(EditError::Conflict(Said::new("errors_not_seen", errors)))
    }

    /// The same for one device that came, went or is another.
    pub(crate) fn authors_look_at(&mut self, device: &DeviceId) {
        let view = self.table.view(device).map(Arc::clone);
        for sight in self.table.sights.0.values_mut() {
            match &view {
                Some(view) => sight.look_at(view, &self.permissions),
                None => drop(sight.devices.remove(device)),
            }
        }
    }

    /// Somebody may see another part of the home than before: their rules read that from now on.
    pub(crate) fn sights_changed(&mut self, now: &Now, out: &mut Output) {
        self.look_for_authors();
        self.refresh_rules(now, out);
        self.say_what_authors_do_not_see(now);
    }

    /// Which rules do not work any more because their authors do not see all that they name is said to people.
    pub(crate) fn say_what_authors_do_not_see(&mut self, now: &Now) {
        let mut blind = BTreeMap::new();
        for rule in self.automations.values().filter(|rule| self.table.sights.of(&rule.author).is_some()) {
            let status = self.engine.status(&rule.id);
            if let Some(status) = status.filter(|it| it.findings.iter().any(|finding| finding.code == NOT_SEEN)) {
                blind.insert(not_seen_code(&rule.id), status.name);
            }
        }
        let prefix = not_seen_code(&AutomationId::new(""));
        let over = self.alerts.iter().map(|alert| alert.code.to_string());
        let over: Vec<String> = over.filter(|code| code.starts_with(&prefix) && !blind.contains_key(code)).collect();
        over.iter().for_each(|code| self.resolve(now, code));
        for (code, name) in blind {
            let text = format!(
                "part of the rule {name:?} was stopped: its author may not see all that it reads. Whoever sees it can \
                 save the rule anew, or let the author see it"
            );
            self.raise(now, &code, Severity::Warning, text.into());
        }
    }
}

/// What a home is for a sight, which may be everything.
pub(crate) fn as_seen<'h>(sight: Option<&'h Sight>, whole: &'h dyn World) -> Seen<'h> {
    match sight {
        Some(sight) => Seen::Part(sight.home(whole)),
        None => Seen::All(whole),
    }
}
