//! A chain of causes in plain sentences, one a line. Times are those of the home's clocks.

use hub_automation::describe;
use hub_automation::rule::AttributeKey;
use hub_automation::why_not::Moment;
use hub_model::command::{CommandStatus, ConfirmedBy};
use hub_model::zone::Zone;
use hub_model::{Command, Timestamp};

use super::Eyes;
use super::chain::{ActionTaken, Link, Origin, RunLink, StateLink, Why, outcome, outcome_beside};
use super::picture::Picture;

struct Teller<'a> {
    /// Who asks, if they do not see everything.
    eyes: Option<&'a Eyes>,
    picture: &'a Picture<'a>,
    zone: &'a Zone,
    near: Timestamp,
}

/// The sentences.
pub(super) fn sentences(
    why: &Why,
    is_now: bool,
    picture: &Picture<'_>,
    zone: &Zone,
    eyes: Option<&Eyes>,
) -> Vec<String> {
    let teller = Teller { eyes, picture, zone, near: why.at };
    let mut lines = Vec::new();
    let about = describe::attribute(&why.key, picture);
    let mut links = why.chain.iter().peekable();
    let mut is_first = true;
    let mut was_run_by_rule = false;
    if why.chain.is_empty() {
        lines.push(match is_now {
            true => format!("{about} is not known: it was never reported."),
            false => format!("Nothing is known of {about} at {}; history may not go back so far.", teller.time(why.at)),
        });
    }
    while let Some(link) = links.next() {
        match link {
            Link::State(state) => {
                let command = match links.peek() {
                    Some(Link::Command(command)) => {
                        links.next();
                        Some(command)
                    }
                    _ => None,
                };
                let began = if is_first { teller.standing(state, why.at, is_now) } else { teller.became(state) };
                is_first = false;
                match links.peek() {
                    Some(Link::Run(run)) => {
                        lines.push(format!("{began} because {}.", teller.set_by(run)));
                        lines.extend(teller.fired(run));
                        was_run_by_rule = is_run_by_rule(run);
                        links.next();
                    }
                    Some(Link::Origin(origin)) => {
                        lines.push(teller.begun(&began, origin));
                        links.next();
                    }
                    Some(Link::Hidden(hidden)) => {
                        lines.push(format!("{began} because {} set it.", hidden.in_words()));
                        links.next();
                    }
                    _ => lines.push(format!("{began}.")),
                }
                lines.extend(command.map(|command| teller.life(command, &state.key)));
            }
            Link::Run(run) => {
                let what = if was_run_by_rule { "That rule was run" } else { "That was set" };
                lines.push(format!("{what} by {}.", teller.rule(run).trim_end_matches(',')));
                lines.extend(teller.fired(run));
                was_run_by_rule = is_run_by_rule(run);
            }
            Link::Origin(Origin::Unknown) => lines.push("What set that off is not in history any more.".to_owned()),
            // What set a run off is told already; this is who set that.
            Link::Origin(Origin::Person { name, via, .. }) => {
                lines.push(format!("That was set by {} {}.", somebody(name), door(via)));
            }
            Link::Origin(Origin::System) => lines.push("That was set by the hub itself.".to_owned()),
            Link::Hidden(hidden) => lines.push(format!("That began with {}.", hidden.in_words())),
            // The sentence of the run has said it.
            Link::Origin(_) | Link::Command(_) => {}
        }
    }
    let is_hidden = matches!(why.chain.last(), Some(Link::Hidden(_)));
    if !why.is_complete && !is_hidden {
        lines.push("It goes further back than is followed.".to_owned());
    }
    if let Some(command) = &why.attempt {
        lines.push(teller.attempt(command, &why.key));
    }
    lines
}

impl Teller<'_> {
    fn time(&self, at: Timestamp) -> String {
        describe::time(at, self.near, self.zone)
    }

    fn value(&self, value: &hub_model::Value, key: &AttributeKey) -> String {
        describe::value(value, Some(key), self.picture)
    }

    /// `Hallway lamp on is true since 18:00:05`.
    fn standing(&self, state: &StateLink, at: Timestamp, is_now: bool) -> String {
        let (about, value) = (describe::attribute(&state.key, self.picture), self.value(&state.value, &state.key));
        let since = self.time(state.at);
        if is_now {
            format!("{about} is {value} since {since}")
        } else {
            format!("{about} was {value} at {}, since {since},", self.time(at))
        }
    }

    /// `Hallway motion occupancy became true at 18:00:05`.
    fn became(&self, state: &StateLink) -> String {
        let (about, value) = (describe::attribute(&state.key, self.picture), self.value(&state.value, &state.key));
        format!("{about} became {value} at {}", self.time(state.at))
    }

    fn rule(&self, run: &RunLink) -> String {
        match &run.name {
            Some(name) => format!("the rule {name:?}"),
            None => format!("the rule {}, which is gone now,", run.automation),
        }
    }

    /// `the rule "Hallway light on motion" set it (action 1, revision 3)`.
    fn set_by(&self, run: &RunLink) -> String {
        let action = run.action.as_ref().map(action_words);
        let revision = run.revision.map(|revision| format!("revision {revision}"));
        let both: Vec<String> = action.into_iter().chain(revision).collect();
        let both = if both.is_empty() { String::new() } else { format!(" ({})", both.join(", ")) };
        let scene = run.action.as_ref().and_then(|action| action.scene.as_ref());
        let scene = scene.map(|scene| format!(" by the scene {scene}")).unwrap_or_default();
        format!("{} set it{scene}{both}", self.rule(run))
    }

    /// What set a run off, and its conditions.
    fn fired(&self, run: &RunLink) -> Vec<String> {
        let mut lines = Vec::new();
        let moment = Moment { at: self.near, world: self.picture, zone: self.zone, is_past: false };
        if let Some(trigger) = &run.trigger {
            let at = trigger.at.or(run.started_at).map(|at| format!(" at {}", self.time(at))).unwrap_or_default();
            lines.push(format!("The rule fired because {}{at}.", moment.what(trigger)));
        }
        let held: Vec<String> = run.conditions.iter().map(|condition| self.condition(condition)).collect();
        match held.as_slice() {
            [] => {}
            [only] => lines.push(format!("Its condition held: {only}.")),
            several => lines.push(format!("Its conditions held: {}.", several.join("; "))),
        }
        if run.is_masked && run.trigger.is_some() {
            lines.push("It looked at something that you may not see, too.".to_owned());
        }
        lines
    }

    /// `Hallway lamp on was false`.
    fn condition(&self, condition: &hub_automation::trace::TraceCondition) -> String {
        match (&condition.device, condition.endpoint, &condition.attribute) {
            (Some(device), Some(endpoint), Some(attribute)) => {
                let key = describe::key(device, endpoint, attribute);
                format!("{} was {}", describe::attribute(&key, self.picture), self.value(&condition.value, &key))
            }
            _ => format!("{} was {}", condition.path, condition.value),
        }
    }

    fn begun(&self, began: &str, origin: &Origin) -> String {
        match origin {
            Origin::Person { name, via, .. } => format!("{began} because {} set it {}.", somebody(name), door(via)),
            Origin::Device { .. } => format!("{began} because the device itself reported it."),
            Origin::Restore => format!("{began}: that was known from before (retained, cached or restored)."),
            Origin::System => format!("{began} because the hub itself set it."),
            Origin::Schedule => format!("{began} because its time had come."),
            Origin::Trigger(_) => format!("{began}."),
            Origin::Unknown => format!("{}; what caused that is not in history.", began.trim_end_matches(',')),
        }
    }

    /// What became of a command.
    fn life(&self, command: &Command, key: &AttributeKey) -> String {
        let after = |at: Option<Timestamp>| at.map(|at| describe::length(at.since(command.accepted_at)));
        let mut steps = Vec::new();
        steps.extend(after(command.sent_at).map(|after| format!("sent {after} later")));
        let (outcome, what) = match (outcome(command, key), outcome_beside(command, key)) {
            (Some(outcome), _) => (outcome, String::new()),
            (None, Some(beside)) => {
                let key = AttributeKey { attribute: beside.setting.attribute.clone(), ..key.clone() };
                (beside, format!(" for {} {}", key.attribute, self.value(&beside.setting.value, &key)))
            }
            (None, None) => return String::new(),
        };
        let ended = after(command.ended_at).unwrap_or_else(|| "not yet".to_owned());
        match outcome.status {
            CommandStatus::Confirmed => steps.push(match outcome.confirmed_by {
                Some(ConfirmedBy::Echo) => format!("confirmed by its bridge {ended} later"),
                _ => format!("confirmed by the device {ended} later"),
            }),
            CommandStatus::Acknowledged if command.has_ended() => steps.push(format!("acknowledged {ended} later")),
            CommandStatus::Expired => steps.push("never sent in time".to_owned()),
            CommandStatus::Failed => steps.push(format!("failed{}", because(outcome))),
            _ => steps.push("is still under way".to_owned()),
        }
        format!("The command{what} was accepted at {}, {}.", self.time(command.accepted_at), steps.join(" and "))
    }

    /// A command since then that came to nothing, or is under way.
    fn attempt(&self, command: &Command, key: &AttributeKey) -> String {
        let wanted = outcome(command, key).map(|outcome| self.value(&outcome.setting.value, key)).unwrap_or_default();
        let became = match outcome(command, key).map(|outcome| (outcome.status, outcome)) {
            Some((CommandStatus::Failed, outcome)) => format!("but it failed{}", because(outcome)),
            Some((CommandStatus::Expired, _)) => "but it could not be sent in time".to_owned(),
            Some((CommandStatus::Confirmed, _)) => "and the device confirmed it, but it is otherwise now".to_owned(),
            _ => "and it is still under way".to_owned(),
        };
        let at = self.time(command.accepted_at);
        format!("A command at {at} wanted {wanted} ({}), {became}.", self.by(command))
    }

    fn by(&self, command: &Command) -> String {
        if self.eyes.is_some_and(|eyes| !eyes.sees_cause(&command.cause)) {
            return "of somebody or something that you may not see".to_owned();
        }
        match &command.cause {
            hub_model::Cause::Rule { automation, .. } => match self.picture.rule(automation) {
                Some(name) => format!("of the rule {name:?}"),
                None => format!("of the rule {automation}, which is gone now"),
            },
            hub_model::Cause::Person { account, via } => {
                let name = describe::person(account.as_str(), self.picture);
                format!("of {} {}", somebody(&name), door(via))
            }
            _ => "of the hub".to_owned(),
        }
    }
}

/// Whether another rule ran it, rather than something that happened.
fn is_run_by_rule(run: &RunLink) -> bool {
    run.trigger.as_ref().is_some_and(|trigger| trigger.automation.is_some())
}

/// Whoever sat at a hub that nobody had claimed yet has no name.
fn somebody(name: &str) -> &str {
    if name == "local" { "somebody" } else { name }
}

fn because(outcome: &hub_model::command::Outcome) -> String {
    let reason = outcome.reason.map(|reason| format!(": {}", reason.as_str())).unwrap_or_default();
    let detail = outcome.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    reason + &detail
}

fn door(via: &str) -> String {
    match via {
        "api" => "over the API".to_owned(),
        "cli" => "on the command line".to_owned(),
        "relay" => "from afar".to_owned(),
        other => format!("by {other}"),
    }
}

/// `action 1` for `actions[0]`; deeper ones by their path.
fn action_words(action: &ActionTaken) -> String {
    let number = action.path.strip_prefix("actions[").and_then(|rest| rest.strip_suffix(']'));
    match number.and_then(|number| number.parse::<usize>().ok()) {
        Some(number) => format!("action {}", number + 1),
        None => action.path.to_string(),
    }
}
