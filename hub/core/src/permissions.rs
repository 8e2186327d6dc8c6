//! Who may do what: the one place where it is asked, whatever door somebody comes by.

use std::collections::HashMap;
use std::sync::Arc;

use hub_access::{
    Action, Allowances, Approvals, CompiledPolicy, DeviceFacts, Household, Part, Policy, Reason, ReasonCode, Request,
    Resident, Subject, Target, Through, Verdict, Via, Whereabouts, can,
};
use hub_model::household::{Account, Person};
use hub_model::record::Kept;
use hub_model::zone::Zone;
use hub_model::{AccountId, Cause, Now, Timestamp};

use crate::snapshot::DeviceView;

/// What of the hub acts by itself: whoever may open its local socket before it has an owner, and the hub as the author
/// of what it comes with.
const THE_HUB_ITSELF: [&str; 2] = ["local", "hub"];

/// What everybody may, made ready, and what it depends on.
#[derive(Clone, Debug)]
pub struct Permissions {
    policy: Arc<Policy>,
    accounts: HashMap<AccountId, Of>,
    residents: Vec<Resident>,
    zone: Zone,
    pub(crate) allowances: Allowances,
    pub(crate) approvals: Approvals,
}

/// What one account may.
#[derive(Clone, Debug)]
struct Of {
    account: Account,
    person: Arc<CompiledPolicy>,
    /// What rules that they wrote may: the same, also when the account is over, or a home would go dark when the
    /// installer's week ends.
    rules: Arc<CompiledPolicy>,
}

impl Default for Permissions {
    fn default() -> Self {
        Self {
            policy: Arc::default(),
            accounts: HashMap::new(),
            residents: Vec::new(),
            zone: Zone::utc(),
            allowances: Allowances::default(),
            approvals: Approvals::default(),
        }
    }
}

impl Permissions {
    /// As it was kept. A policy that cannot be read leaves the ready-made rules; the second value says so.
    pub(crate) fn restored(kept: &Kept, people: &[Person], zone: Zone) -> (Self, Option<String>) {
        let (policy, trouble) = match kept.permissions.as_deref().map(serde_json::from_str) {
            None => (Policy::default(), None),
            Some(Ok(policy)) => (policy, None),
            Some(Err(error)) => (
                Policy::default(),
                Some(format!("The permissions could not be read ({error}): only the ready-made ones are in force.")),
            ),
        };
        // What was used up or allowed for an hour is not worth an alert.
        let Usage { allowances, approvals } =
            kept.usage.as_deref().and_then(|usage| serde_json::from_str(usage).ok()).unwrap_or_default();
        let mut permissions = Self { policy: Arc::new(policy), zone, allowances, approvals, ..Self::default() };
        for account in &kept.accounts {
            permissions.put_account(account.clone());
        }
        permissions.people_are(people);
        (permissions, trouble)
    }

    /// What owners decided.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// What was asked for and answered.
    pub fn approvals(&self) -> &Approvals {
        &self.approvals
    }

    /// What a person may; none = they have no account.
    pub fn of(&self, account: &AccountId) -> Option<&Arc<CompiledPolicy>> {
        self.accounts.get(account).map(|of| &of.person)
    }

    /// What everybody may who has an account.
    pub(crate) fn policies(&self) -> impl Iterator<Item = (&AccountId, &CompiledPolicy)> {
        self.accounts.iter().map(|(account, of)| (account, &*of.person))
    }

    /// What is so in the home. `pin`: the person's right PIN came with the request.
    pub fn household<'a>(&'a self, now: &'a Now, pin: bool) -> Household<'a> {
        Household {
            now,
            zone: &self.zone,
            people: &self.residents,
            allowances: &self.allowances,
            approvals: &self.approvals,
            pin,
        }
    }

    /// Whether somebody may do something. A hub without accounts has no owner yet, and nobody but its local socket
    /// leads to it.
    pub fn verdict(&self, account: &AccountId, request: &Request<'_>, now: &Now, pin: bool) -> Verdict {
        if self.is_the_hub_itself(account) {
            return Verdict { allowed: true, ..Verdict::default() };
        }
        let Some(of) = self.accounts.get(account) else { return without_account() };
        let policy = if request.via == Via::Rule { &of.rules } else { &of.person };
        can(policy, request, &self.household(now, pin))
    }

    /// The same for a device and, where it is a group, for each of its members that the request reaches: what a person
    /// may not do to a member they may not do through a group. The first member that is in the way is the answer.
    pub fn verdict_with_members<'m>(
        &self,
        account: &AccountId,
        request: &Request<'_>,
        members: impl Iterator<Item = &'m DeviceView>,
        now: &Now,
        pin: bool,
    ) -> Verdict {
        let verdict = self.verdict(account, request, now, pin);
        if !verdict.allowed {
            return verdict;
        }
        let mut of_members = self.verdicts_of_members(account, request, members, now, pin);
        of_members.find(|(_, verdict)| !verdict.allowed).map_or(verdict, |(_, refused)| refused)
    }

    /// What is said of each member of a group that a request for the group reaches.
    pub(crate) fn verdicts_of_members<'m>(
        &self,
        account: &AccountId,
        request: &Request<'_>,
        members: impl Iterator<Item = &'m DeviceView>,
        now: &Now,
        pin: bool,
    ) -> impl Iterator<Item = (&'m DeviceView, Verdict)> {
        let (through, attribute, value) = match request.target {
            Target::Device { device, attribute, endpoint, value } => {
                (Some(Through { group: device.id, endpoint }), attribute, value)
            }
            Target::Part(_) => (None, None, None),
        };
        let is_reached = move |member: &&DeviceView| attribute.is_none_or(|name| member.has(name));
        members.filter(is_reached).map(move |member| {
            let device = DeviceFacts { through, ..member.facts() };
            let endpoint = attribute.and_then(|name| member.record.device.resolve(None, name).ok());
            let target = Target::Device { device, attribute, endpoint, value };
            (member, self.verdict(account, &Request { target, ..*request }, now, pin))
        })
    }

    /// Why a rule that somebody writes is refused this each time it runs; none = there are times at which it is not. Of a
    /// group each member that it reaches counts.
    pub fn refuses_rules_of<'m>(
        &self,
        author: &AccountId,
        target: Target<'_>,
        members: impl Iterator<Item = &'m DeviceView>,
        now: &Now,
    ) -> Option<Reason> {
        if self.is_the_hub_itself(author) {
            return None;
        }
        let Some(of) = self.accounts.get(author) else { return without_account().reasons.into_iter().next() };
        let household = self.household(now, false);
        let never = |target: Target<'_>| {
            hub_access::never(&of.rules, &Request { action: Action::Control, target, via: Via::Rule }, &household)
        };
        let of_member = |member: &DeviceView| match target {
            Target::Device { attribute, value, .. } if attribute.is_none_or(|name| member.has(name)) => {
                never(Target::Device { device: member.facts(), attribute, endpoint: None, value })
            }
            _ => None,
        };
        never(target).or_else(|| members.into_iter().find_map(of_member))
    }

    /// Whether somebody sees this of a device, or anything of it.
    pub fn sees(&self, account: &AccountId, view: &DeviceView, attribute: Option<&str>, now: &Now) -> bool {
        if self.is_the_hub_itself(account) {
            return true;
        }
        let Some(policy) = self.of(account) else { return false };
        let (facts, household) = (view.facts(), self.household(now, false));
        match attribute {
            Some(attribute) => hub_access::may_see_attribute(policy, &facts, attribute, &household),
            None => hub_access::may_see(policy, &facts, &household),
        }
    }

    /// Whether somebody sees a part of the hub.
    pub fn sees_part(&self, account: &AccountId, part: Part, now: &Now) -> bool {
        self.is_the_hub_itself(account)
            || self
                .of(account)
                .is_some_and(|policy| hub_access::may_see_part(policy, part, &self.household(now, false)))
    }

    /// Whether somebody sees every device and every event, at all times.
    pub fn sees_everything(&self, account: &AccountId) -> bool {
        self.is_the_hub_itself(account) || self.of(account).is_some_and(|policy| policy.sees_everything())
    }

    /// Whether rules that somebody wrote read this of a device, or anything of it: what they see at all times, whoever
    /// is at home.
    pub(crate) fn reads(&self, account: &AccountId, view: &DeviceView, attribute: Option<&str>) -> bool {
        self.reads_what(account, |policy, household| match attribute {
            Some(attribute) => hub_access::may_see_attribute(policy, &view.facts(), attribute, household),
            None => hub_access::may_see(policy, &view.facts(), household),
        })
    }

    /// The same for a part of the hub.
    pub(crate) fn reads_part(&self, account: &AccountId, part: Part) -> bool {
        self.reads_what(account, |policy, household| hub_access::may_see_part(policy, part, household))
    }

    /// Whether somebody sees the rules of the home, at all times.
    pub fn reads_rules(&self, account: &AccountId) -> bool {
        self.reads_part(account, Part::Rules)
    }

    /// Whether rules that somebody wrote read everything.
    pub(crate) fn reads_everything(&self, account: &AccountId) -> bool {
        self.is_the_hub_itself(account) || self.accounts.get(account).is_some_and(|of| of.rules.sees_everything())
    }

    fn reads_what(&self, account: &AccountId, sees: impl Fn(&CompiledPolicy, &Household<'_>) -> bool) -> bool {
        // Nobody is at home, and nobody knows what time it is: what is seen then is seen always.
        let never = Now::default();
        let household = Household { people: &[], ..self.household(&never, false) };
        self.is_the_hub_itself(account) || self.accounts.get(account).is_some_and(|of| sees(&of.rules, &household))
    }

    fn is_the_hub_itself(&self, account: &AccountId) -> bool {
        self.accounts.is_empty() || THE_HUB_ITSELF.contains(&account.as_str())
    }

    pub(crate) fn put_account(&mut self, account: Account) {
        let subject = Subject {
            id: account.id.clone(),
            name: Arc::clone(&account.username),
            role: account.role,
            expires_at: account.expires_at,
        };
        let endless = Subject { expires_at: None, ..subject.clone() };
        let is_endless = subject.expires_at.is_none();
        let person = Arc::new(CompiledPolicy::new(subject, &self.policy));
        let rules = if is_endless { Arc::clone(&person) } else { Arc::new(CompiledPolicy::new(endless, &self.policy)) };
        self.accounts.insert(account.id.clone(), Of { account, person, rules });
    }

    pub(crate) fn remove_account(&mut self, id: &AccountId) {
        self.accounts.remove(id);
    }

    /// The owner decided something else.
    pub(crate) fn put_policy(&mut self, policy: Policy) {
        self.policy = Arc::new(policy);
        for account in self.accounts.values().map(|of| of.account.clone()).collect::<Vec<_>>() {
            self.put_account(account);
        }
    }

    /// People, or where they are, are others than before.
    pub(crate) fn people_are(&mut self, people: &[Person]) {
        let resident = |person: &Person| {
            let of = self.accounts.get(&person.id)?;
            let whereabouts = match &person.presence {
                None => Whereabouts::Unknown,
                Some(presence) if &*presence.place == "home" => Whereabouts::Home,
                Some(_) => Whereabouts::Away,
            };
            let ends_at = of.person.subject().expires_at;
            let role = of.account.role;
            Some(Resident { id: person.id.clone(), role, whereabouts, ends_at })
        };
        self.residents = people.iter().filter_map(resident).collect();
    }

    pub(crate) fn zone_is(&mut self, zone: Zone) {
        self.zone = zone;
    }

    /// What is kept of what was used and asked for.
    pub(crate) fn usage(&self) -> Arc<str> {
        let usage = Usage { allowances: self.allowances.clone(), approvals: self.approvals.clone() };
        serde_json::to_string(&usage).unwrap_or_default().into()
    }

    /// When an account ends; none = never, or there is none.
    pub fn ends_at(&self, account: &AccountId) -> Option<Timestamp> {
        self.accounts.get(account).and_then(|of| of.person.subject().expires_at)
    }

    /// The role of an account.
    pub fn role(&self, account: &AccountId) -> Option<hub_model::household::Role> {
        self.accounts.get(account).map(|of| of.account.role)
    }

    /// The zone of the home.
    pub(crate) fn zone(&self) -> &Zone {
        &self.zone
    }
}

/// What changes as people use what they may.
#[derive(Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
struct Usage {
    allowances: Allowances,
    approvals: Approvals,
}

fn without_account() -> Verdict {
    let text = "There is no such account any more.".to_owned();
    Verdict { reasons: vec![Reason::new(ReasonCode::NoRule, text.into())], ..Verdict::default() }
}

impl DeviceView {
    /// What permissions need to know of it.
    pub fn facts(&self) -> DeviceFacts<'_> {
        DeviceFacts { id: &self.record.device.id, area: self.record.area.as_ref(), types: self.types, through: None }
    }

    /// Whether it has an attribute of this name.
    pub(crate) fn has(&self, attribute: &str) -> bool {
        self.attributes().any(|(_, schema, _)| schema.name.as_str() == attribute)
    }
}

/// Who wants something by a cause, and by which door; none = nobody in particular, whom nothing stops.
pub fn who_wants(cause: &Cause) -> Option<(&AccountId, Via)> {
    let Cause::Person { account, via } = cause else { return None };
    let via = match &**via {
        "cli" => Via::LocalSocket,
        "api" => Via::Lan,
        "voice" => Via::Voice,
        // What is not known is as far away as can be.
        _ => Via::Remote,
    };
    Some((account, via))
}

/// The same for a part of the hub.
pub fn of_part(action: Action, part: Part, via: Via) -> Request<'static> {
    Request { action, target: Target::Part(part), via }
}
