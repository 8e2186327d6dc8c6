//! Somebody asks to be allowed something; an adult answers.
//!
//! It is kept, but not waited for: what a power cut takes is asked for again.

use std::sync::Arc;

use hub_access::approval::{Answer, Approval, ApprovalError, ApprovalId, ApprovalState, Asked, AskedTarget, Decider};
use hub_access::{Action, Part, Request, Target, Via};
use hub_model::event::{Resource, Severity};
use hub_model::household::Role;
use hub_model::notification::{About, Notification, RequestNote, RequestState};
use hub_model::record::{Change, Record};
use hub_model::{AccountId, AttributeName, Cause, DeviceId, EndpointNumber, Monotonic, Now, Said, Value};

use crate::core::{Core, Output};
use crate::deed::{deed, name_of_part};
use crate::edits::not_found;
use crate::handle::EditError;
use crate::permissions::{of_part, who_wants};

/// What somebody wants an adult's word for.
#[derive(Clone, Debug, PartialEq)]
pub struct Plea {
    /// The device to control.
    pub device: DeviceId,
    /// Which attribute.
    pub attribute: AttributeName,
    /// At which of its endpoints; none = at the main one that has the attribute.
    pub endpoint: Option<EndpointNumber>,
    /// To what; none = whatever the rule's limits allow.
    pub value: Option<Value>,
}

impl Core {
    /// Takes down what somebody asks for: it must be something that an adult's word would help with.
    pub(crate) fn plead(
        &mut self,
        now: &Now,
        cause: &Cause,
        plea: &Plea,
        out: &mut Output,
    ) -> Result<Approval, EditError> {
        let Some((who, via)) = who_wants(cause) else { return Err(nobody()) };
        let view = self.table.view(&plea.device).ok_or_else(|| not_found("device", &plea.device))?;
        if !self.permissions.sees(who, view, None, now) {
            return Err(not_found("device", &plea.device));
        }
        let attribute = plea.attribute.as_str();
        let endpoint = plea.endpoint.or_else(|| view.record.device.main_endpoint(attribute));
        let (attribute, value) = (Some(attribute), plea.value.as_ref());
        let target = Target::Device { device: view.facts(), attribute, endpoint, value };
        let request = Request { action: Action::Control, target, via };
        let verdict = self.permissions.verdict_with_members(who, &request, self.members_of(view), now, false);
        if verdict.allowed {
            return Err(EditError::Conflict(Said::new("needs_no_approval", "you may do this without asking")));
        }
        if !verdict.approvable {
            return Err(EditError::NotAllowed(Box::new(verdict)));
        }
        let asked = Asked::of(who, &request);
        self.end_pleas(now, out);
        let approvals = &mut Arc::make_mut(&mut self.permissions).approvals;
        let (id, is_new) = approvals.ask(asked, now.time()).map_err(refused)?;
        let approval = approvals.get(id).cloned().ok_or_else(|| not_found("approval", &id.0))?;
        if is_new {
            self.keep_usage(out);
            self.approval_changed(now, id, cause.clone());
            self.tell_who_may_answer(now, &approval, out);
        }
        Ok(approval)
    }

    /// Somebody asked, somebody answered, or its time is over.
    pub(crate) fn approval_changed(&mut self, now: &Now, id: ApprovalId, cause: Cause) {
        self.changed(now, (Resource::Approval, Some(id.0.to_string().into())), cause);
    }

    /// Those who may answer are told that somebody waits.
    fn tell_who_may_answer(&mut self, now: &Now, approval: &Approval, out: &mut Output) {
        let answers = of_part(Action::Control, Part::Approvals, Via::Lan);
        let may_answer = |who: &AccountId| {
            *who != approval.asked.person
                && matches!(self.permissions.role(who), Some(Role::Owner | Role::Adult))
                && self.permissions.verdict(who, &answers, now, false).allowed
                && self.may_do(now, who, Via::Lan, approval)
        };
        let people = self.table.household.people.iter().map(|person| &person.id);
        let to: Vec<AccountId> = people.filter(|who| may_answer(who)).cloned().collect();
        let who = self.name_of(&approval.asked.person);
        let title = format!("{who} asks for permission");
        let message = format!("{who} would like to {}. Answer within ten minutes in the app.", self.deed_of(approval));
        let about = About::Request(self.note_of(approval));
        self.say(now, (title.into(), message.into(), Severity::Warning), to, about, out);
    }

    /// Who asked is told what became of it, and nobody else need answer it.
    fn tell_what_became(&mut self, now: &Now, approval: &Approval, note: RequestNote, cause: &Cause, out: &mut Output) {
        let what = match note.state {
            RequestState::Waiting | RequestState::Unanswered => "Nobody answered",
            RequestState::AllowedOnce => "allowed it, once within ten minutes",
            RequestState::AllowedForAnHour => "allowed it, for an hour",
            RequestState::Refused => "refused it",
            RequestState::TakenBack => "took back what was allowed",
        };
        let title = match &note.by_name {
            Some(by) => format!("{by} {what}"),
            None => what.to_owned(),
        };
        let message = format!("You asked to {}.", self.deed_of(approval));
        self.requests_are_read(now, &note, cause, out);
        let to = vec![approval.asked.person.clone()];
        self.say(now, (title.into(), message.into(), Severity::Info), to, About::Request(note), out);
    }

    /// Those who were told that somebody asks see what became of it, and have nothing more to read.
    fn requests_are_read(&mut self, now: &Now, note: &RequestNote, cause: &Cause, out: &mut Output) {
        let is_of_it = |told: &&Arc<Notification>| {
            told.request.as_ref().is_some_and(|own| own.id == note.id && own.person == note.person)
                && told.recipient(&note.person).is_none()
        };
        let read: Vec<Notification> = self
            .table
            .household
            .notifications
            .iter()
            .filter(is_of_it)
            .map(|told| {
                let told = Notification { request: Some(note.clone()), ..(**told).clone() };
                told.read_by_all(now.time())
            })
            .collect();
        for told in read {
            for recipient in &told.to {
                self.changed(now, (Resource::Messages, Some(recipient.account.as_str().into())), cause.clone());
            }
            self.table.household.put_notification(Arc::new(told.clone()));
            self.keep_silently(vec![Change::Put(Record::Notification(told))], out);
        }
    }

    /// Requests whose time is over.
    pub(crate) fn end_pleas(&mut self, now: &Now, out: &mut Output) {
        if self.permissions.approvals.next_end(now.time()).is_none_or(|end| end > now.time()) {
            return;
        }
        let over = Arc::make_mut(&mut self.permissions).approvals.expire(now.time());
        for approval in &over {
            self.approval_changed(now, approval.id, Cause::System);
        }
        for approval in over.iter().filter(|approval| approval.state == ApprovalState::Waiting) {
            let note = RequestNote { state: RequestState::Unanswered, ..self.note_of(approval) };
            self.tell_what_became(now, approval, note, &Cause::System, out);
        }
        self.keep_usage(out);
    }

    /// When the time of the next one is over.
    pub(crate) fn pleas_end(&self, now: &Now) -> Option<Monotonic> {
        let end = self.permissions.approvals.next_end(now.time())?;
        Some(now.mono.plus(end.since(now.time())))
    }

    fn name_of(&self, account: &AccountId) -> Arc<str> {
        let person = self.table.household.person(account);
        person.map_or_else(|| account.as_str().into(), |person| Arc::clone(&person.name))
    }

    /// What somebody would like to do.
    fn deed_of(&self, approval: &Approval) -> String {
        match &approval.asked.target {
            AskedTarget::Part(part) => format!("use {part:?}"),
            AskedTarget::Device { device, attribute, endpoint } => {
                let Some(view) = self.table.view(device) else { return format!("control {device}") };
                let Some(attribute) = attribute else { return format!("control {}", view.record.name) };
                let name = name_of_part(&view.record, attribute, *endpoint);
                let schema = view.attributes().map(|(_, schema, _)| schema).find(|schema| schema.name == *attribute);
                deed(&name, attribute, schema, approval.asked.value.as_ref())
            }
        }
    }

    /// What messages about it carry.
    fn note_of(&self, approval: &Approval) -> RequestNote {
        let (device, endpoint, attribute) = match &approval.asked.target {
            AskedTarget::Device { device, attribute, endpoint } => (Some(device.clone()), *endpoint, attribute.clone()),
            AskedTarget::Part(_) => (None, None, None),
        };
        let (state, by) = approval.state.told();
        let person = &approval.asked.person;
        RequestNote {
            id: approval.id.0,
            person: person.clone(),
            person_name: self.name_of(person),
            device,
            endpoint,
            attribute,
            value: approval.asked.value.clone(),
            state,
            by: by.cloned(),
            by_name: by.map(|by| self.name_of(by)),
        }
    }

    /// An adult or owner answers.
    pub(crate) fn answer_plea(
        &mut self,
        now: &Now,
        cause: &Cause,
        id: ApprovalId,
        answer: Answer,
        out: &mut Output,
    ) -> Result<Approval, EditError> {
        let who = self.must_answer(now, cause)?;
        let via = who_wants(cause).map_or(Via::Remote, |(_, via)| via);
        let known = self.permissions.approvals().get(id).ok_or_else(|| not_found("approval", &id.0))?;
        let decider = Decider {
            person: who,
            role: self.permissions.role(who).unwrap_or(Role::Guest),
            may_do_it: self.may_do(now, who, via, known),
        };
        let approvals = &mut Arc::make_mut(&mut self.permissions).approvals;
        let approval = approvals.answer(id, decider, answer, now.time()).cloned().map_err(refused)?;
        self.keep_usage(out);
        self.approval_changed(now, id, cause.clone());
        let note = self.note_of(&approval);
        self.tell_what_became(now, &approval, note, cause, out);
        Ok(approval)
    }

    /// An adult or owner takes back what was allowed.
    pub(crate) fn take_back_plea(
        &mut self,
        now: &Now,
        cause: &Cause,
        id: ApprovalId,
        out: &mut Output,
    ) -> Result<Approval, EditError> {
        let who = self.must_answer(now, cause)?;
        let decider =
            Decider { person: who, role: self.permissions.role(who).unwrap_or(Role::Guest), may_do_it: false };
        let approvals = &mut Arc::make_mut(&mut self.permissions).approvals;
        let approval = approvals.take_back(id, decider, now.time()).map_err(|error| match error {
            ApprovalError::Unknown => not_found("approval", &id.0),
            error => refused(error),
        })?;
        self.keep_usage(out);
        self.approval_changed(now, id, cause.clone());
        let note = RequestNote {
            state: RequestState::TakenBack,
            by: Some(who.clone()),
            by_name: Some(self.name_of(who)),
            ..self.note_of(&approval)
        };
        self.tell_what_became(now, &approval, note, cause, out);
        Ok(approval)
    }

    /// Who answers, if they may.
    fn must_answer<'c>(&self, now: &Now, cause: &'c Cause) -> Result<&'c AccountId, EditError> {
        let Some((who, via)) = who_wants(cause) else { return Err(nobody()) };
        let verdict = self.permissions.verdict(who, &of_part(Action::Control, Part::Approvals, via), now, false);
        if verdict.allowed { Ok(who) } else { Err(EditError::NotAllowed(Box::new(verdict))) }
    }

    /// Whether somebody may do themself what was asked for.
    fn may_do(&self, now: &Now, who: &AccountId, via: Via, approval: &Approval) -> bool {
        let asked = &approval.asked;
        let request = |target| Request { action: asked.action, target, via };
        match &asked.target {
            AskedTarget::Part(part) => self.permissions.verdict(who, &request(Target::Part(*part)), now, false).allowed,
            AskedTarget::Device { device, attribute, endpoint } => self.table.view(device).is_some_and(|view| {
                let attribute = attribute.as_ref().map(AttributeName::as_str);
                let (endpoint, value) = (*endpoint, asked.value.as_ref());
                let target = Target::Device { device: view.facts(), attribute, endpoint, value };
                let members = self.members_of(view);
                self.permissions.verdict_with_members(who, &request(target), members, now, false).allowed
            }),
        }
    }
}

fn nobody() -> EditError {
    EditError::Invalid(Said::new("only_people_ask", "only a person asks and answers"))
}

fn refused(error: ApprovalError) -> EditError {
    EditError::Conflict(Said::new(error.case(), error.to_string()))
}
