//! The one dispatch: every command, whoever wants it, passes here.

use std::sync::Arc;
use std::time::Duration;

use driver_api::{DriverCommand, DriverRequest, ManageAction, ManageError};
use hub_model::command::{FailureReason, Setting};
use hub_model::event::DriverState;
use hub_model::record::{Change, Record};
use hub_model::{Cause, Command, CommandRequest, EventKind, Now};

use crate::CommandError;
use crate::commands::Accepted;
use crate::core::{Core, MOST_PENDING, Output, PendingCommit, PendingManage};
use crate::handle::Request;
use crate::household::AccountChange;

/// How long a command may wait to be sent, if nobody says.
const DEFAULT_TTL_MS: u64 = 10_000;
/// The longest that somebody may say.
const LONGEST_TTL_MS: u64 = 86_400_000;
/// How many attributes one command may set.
const MOST_SETTINGS: usize = 64;

impl Core {
    /// Carries a command out: resolves endpoints, checks values, asks whether it is allowed, hands it to the driver.
    /// `pin`: the person's right PIN came with it. Never waits.
    pub(crate) fn dispatch(
        &mut self,
        now: &Now,
        cause: Cause,
        request: CommandRequest,
        pin: bool,
        out: &mut Output,
    ) -> Result<Arc<Command>, CommandError> {
        let view = self
            .table
            .view(&request.device)
            .map(Arc::clone)
            .ok_or_else(|| CommandError::NoSuchDevice(request.device.clone()))?;
        self.must_see(now, &cause, &view)?;
        let device = &view.record.device;
        let settings = match resolve(device, &request) {
            Ok(settings) => settings,
            // What is wrong is said in words of what they see.
            Err(error) => {
                let seen = self.seen_by_cause(now, &cause, &view);
                return Err(seen.and_then(|seen| resolve(&seen.record.device, &request).err()).unwrap_or(error));
            }
        };
        let allowed = self.may_command(now, &cause, &view, &settings, pin)?;
        self.use_allowed(now, &allowed, out);
        let id = self.random_id().into();
        let driver = device.driver();
        let patience = self.held.patience(&driver, &cause).as_millis() as u64;
        // One that sleeps can only be told when it wakes.
        let usual = DEFAULT_TTL_MS.saturating_add(device.wake_interval_ms.unwrap_or(0));
        let ttl_ms = request.ttl_ms.unwrap_or(usual.max(patience)).min(LONGEST_TTL_MS);
        let mut steps = Vec::new();
        let transition_ms = request.transition_ms;
        let accepted = Accepted { id, device, settings, cause, transition_ms, ttl_ms };
        let command = self.commands.accept(now, accepted, &mut steps);
        self.follow(now, steps, out);
        let settings: Vec<Setting> = command.outcomes.iter().map(|outcome| outcome.setting.clone()).collect();
        for setting in &settings {
            let desired = Some(setting.value.clone());
            self.table.set_desired(&command.device, setting.endpoint, &setting.attribute, desired);
        }
        let to_send = DriverCommand {
            id: command.id.clone(),
            device: command.device.clone(),
            settings,
            transition: command.transition_ms.map(Duration::from_millis),
            deadline: now.mono.plus(Duration::from_millis(ttl_ms)),
            by_person: matches!(command.cause, Cause::Person { .. }),
        };
        let state = self.drivers.iter().find(|view| view.id == driver).map(|view| view.status.state);
        let too_many = match self.held.hold(now.mono, &driver, state, &command.cause, to_send) {
            Ok(()) => None,
            Err((to_send, None)) => {
                out.sends.push((driver, DriverRequest::Command(to_send)));
                None
            }
            Err((_, reason)) => reason,
        };
        self.emit(now, EventKind::Command(Arc::clone(&command)), command.cause.clone());
        if let Some(reason) = too_many {
            let mut steps = Vec::new();
            self.commands.fail(now, &command.id, None, reason, None, &mut steps);
            self.follow(now, steps, out);
        }
        Ok(command)
    }

    /// What was to be sent could not be handed to its driver.
    pub(crate) fn not_sent(&mut self, now: &Now, request: DriverRequest, reason: FailureReason, out: &mut Output) {
        match request {
            DriverRequest::Command(command) => {
                let mut steps = Vec::new();
                self.commands.fail(now, &command.id, None, reason, None, &mut steps);
                self.follow(now, steps, out);
            }
            DriverRequest::Manage { request, .. } => self.managed(now, request, Err(ManageError::Offline), out),
            // The read-back is a second chance; without it the deadline decides.
            DriverRequest::Read { .. } => {}
        }
    }

    /// Somebody wants something.
    pub(crate) fn request(&mut self, now: &Now, request: Request, out: &mut Output) {
        match request {
            Request::Command { cause, request, pin, reply } => {
                let is_person = matches!(cause, Cause::Person { .. });
                match self.dispatch(now, cause, request, pin, out) {
                    Ok(command) if is_person && self.commits.len() < MOST_PENDING => {
                        let pending = PendingCommit::Command { id: command.id.clone(), reply };
                        self.commit(vec![Change::Put(Record::Command((*command).clone()))], pending, out);
                    }
                    Ok(command) if is_person => {
                        self.commands.mark_not_kept(&command.id);
                        out.answers.add(reply, self.commands.find(&command.id).ok_or(CommandError::Busy));
                    }
                    answer => out.answers.add(reply, answer),
                }
            }
            Request::FindCommand { id, reply } => out.answers.add(reply, self.commands.find(&id)),
            Request::RecentCommands { reply } => out.answers.add(reply, self.commands.all().cloned().collect()),
            Request::Manage { driver, action, reply } => {
                let online =
                    self.drivers.iter().any(|view| view.id == driver && view.status.state != DriverState::Failed);
                if !online || self.manages.len() >= MOST_PENDING {
                    out.answers.add(reply, Err(ManageError::Offline));
                    return;
                }
                let request = self.next_request();
                if let ManageAction::StartPairing { session, action, duration } = &action {
                    let until = now.time().plus(*duration);
                    self.pairings.begin((&driver, request), session, action, until);
                }
                self.manages.insert(request, (driver.clone(), PendingManage::Reply(reply)));
                out.sends.push((driver, DriverRequest::Manage { request, action }));
            }
            Request::Keep { changes, reply } => {
                if self.commits.len() >= MOST_PENDING {
                    out.answers.add(reply, Err(hub_model::record::KeepError::Busy));
                    return;
                }
                let accounts: Vec<AccountChange> = changes.iter().filter_map(AccountChange::of).collect();
                let left = accounts.iter().flat_map(|change| self.table.household.left_by(change));
                let changes = changes.into_iter().chain(left).collect();
                self.commit(changes, PendingCommit::Keep { accounts, reply }, out);
            }
            Request::Edit { cause, edit, audit, reply } => self.edit(now, (cause, edit, audit), reply, out),
            Request::Alert { alert } => self.told(now, alert),
            Request::Changed { what, id } => self.changed(now, (what, Some(id)), Cause::System),
            Request::ActivateScene { cause, scene, transition_ms, pin, reply } => {
                self.scene_requested(now, cause, &scene, (transition_ms, pin), reply, out);
            }
            Request::Plead { cause, plea, reply } => {
                let answer = self.plead(now, &cause, &plea, out);
                out.answers.add(reply, answer);
            }
            Request::AnswerPlea { cause, id, answer, reply } => {
                let answer = match answer {
                    Some(answer) => self.answer_plea(now, &cause, id, answer, out),
                    None => self.take_back_plea(now, &cause, id, out),
                };
                out.answers.add(reply, answer);
            }
            Request::Tell { telling } => self.tell(now, telling, out),
            Request::TellToo { id, account } => self.tell_too(&id, account, out),
            Request::UndoScene { cause, scene, reply } => self.undo_requested(now, &cause, &scene, reply, out),
            Request::Webhook { id, body, reply } => {
                let known = id.filter(|id| self.engine.webhooks().contains(id));
                out.answers.add(reply, known.is_some());
                if let Some(id) = known {
                    self.emit(now, EventKind::Webhook { id, body }, Cause::System);
                }
            }
            // The task looks after every request.
            Request::LookAtClock => {}
        }
    }
}

/// Finds the endpoints that are meant and checks every value.
fn resolve(device: &hub_model::Device, request: &CommandRequest) -> Result<Vec<Setting>, CommandError> {
    if request.set.is_empty() {
        return Err(CommandError::Invalid("nothing to set; give at least one attribute".to_owned()));
    }
    if request.set.len() > MOST_SETTINGS {
        return Err(CommandError::Invalid(format!("one command sets at most {MOST_SETTINGS} attributes")));
    }
    let mut settings: Vec<Setting> = Vec::with_capacity(request.set.len());
    for (attribute, value) in &request.set {
        let endpoint = device.resolve(request.endpoint.as_ref(), attribute.as_str())?;
        if let Some(schema) = device.attribute(endpoint, attribute.as_str()) {
            if !schema.access.write {
                return Err(CommandError::NotWritable { device: device.id.clone(), attribute: attribute.clone() });
            }
            schema.check(value)?;
        }
        settings.push(Setting { endpoint, attribute: attribute.clone(), value: value.clone() });
    }
    Ok(settings)
}
