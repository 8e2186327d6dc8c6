//! What one evaluation knows of the home.
//!
//! minijinja's functions own what they use and cannot borrow the home. So a function answers from what is already
//! known; what is not, it notes down and ends the evaluation. The answer is fetched and the evaluation begins again. What
//! is written out in the expression is fetched beforehand, so that there is one evaluation as a rule.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use hub_model::device::{EndpointSelector, ResolveError};
use hub_model::zone::Zone;
use hub_model::{AttributeName, EndpointNumber, Timestamp, Value};
use minijinja::value::{Object, Value as Dynamic};
use minijinja::{Error, ErrorKind, State};
use serde::Deserialize;

use super::convert::from_hub;
use super::time::Time;
use super::{Function, Program, Read, Reference, Scope};
use crate::World;
use crate::rule::AttributeKey;
use hub_model::name::nearest;

/// Under this name functions find the session. Nobody can write it.
const SESSION: &str = " session";

/// A call of a function that looks something up.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Lookup {
    function: Function,
    device: String,
    attribute: String,
    endpoint: Option<Endpoint>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Endpoint {
    Number(EndpointNumber),
    Label(String),
}

/// What a lookup came to, or in words why to nothing.
type Answer = Result<Read, String>;

#[derive(Default)]
struct Known {
    answers: BTreeMap<Lookup, Answer>,
    /// What was asked for and not known.
    missing: Option<Lookup>,
    /// What was answered, in order.
    read: Vec<Read>,
}

/// What the functions of one evaluation share.
pub(super) struct Session {
    now: Timestamp,
    zone: Zone,
    trigger: Dynamic,
    variables: Dynamic,
    known: Mutex<Known>,
}

impl Lookup {
    /// A lookup by the arguments of a call.
    pub(super) fn new(
        function: Function,
        device: String,
        attribute: String,
        endpoint: Option<Dynamic>,
    ) -> Result<Self, Error> {
        let endpoint = match endpoint {
            None => None,
            Some(endpoint) => Some(match (u16::try_from(endpoint.clone()), endpoint.as_str()) {
                (Ok(number), _) => Endpoint::Number(number),
                (_, Some(label)) => Endpoint::Label(label.to_owned()),
                _ => return Err(Error::new(ErrorKind::InvalidOperation, "an endpoint is a number or a label")),
            }),
        };
        Ok(Self { function, device, attribute, endpoint })
    }

    /// The lookup that is written out. None if its attribute is computed.
    pub(super) fn of(reference: &Reference) -> Option<Self> {
        Some(Self {
            function: reference.function,
            device: reference.device.to_string(),
            attribute: reference.attribute.as_deref()?.to_owned(),
            endpoint: reference.endpoint.as_ref().map(|endpoint| match endpoint {
                EndpointSelector::Number(number) => Endpoint::Number(*number),
                EndpointSelector::Label(label) => Endpoint::Label(label.to_string()),
            }),
        })
    }

    fn answer(&self, world: &dyn World) -> Answer {
        let device = crate::compile::device_named(&self.device, world)?;
        let record = world.device(&device).ok_or_else(|| format!("there is no device {:?}", self.device))?;
        let selector = self.endpoint.as_ref().map(|endpoint| match endpoint {
            Endpoint::Number(number) => EndpointSelector::Number(*number),
            Endpoint::Label(label) => EndpointSelector::Label(label.as_str().into()),
        });
        let endpoint = record.device.resolve(selector.as_ref(), &self.attribute).map_err(|error| match error {
            ResolveError::NoSuchAttribute { known, .. } => {
                let hint = nearest(&self.attribute, known.iter().map(AttributeName::as_str))
                    .map(|nearest| format!("; did you mean {nearest:?}?"));
                format!("{:?} has no attribute {:?}{}", &*record.name, self.attribute, hint.unwrap_or_default())
            }
            other => other.to_string(),
        })?;
        let key = AttributeKey { device, endpoint, attribute: self.attribute.as_str().into() };
        let state = key.state(world);
        let value = match self.function {
            Function::State => state.map(|state| state.value.clone()).unwrap_or_default(),
            Function::Desired => state.and_then(|state| state.desired.clone()).unwrap_or_default(),
            Function::ChangedAt => {
                let known = state.filter(|state| !state.value.is_unknown()).and_then(|state| state.changed_at);
                known.map_or(Value::Unknown, |time| Value::text(time.to_string()))
            }
        };
        Ok(Read { function: self.function, key, value })
    }
}

/// The attribute of a call that is written out, if this home has it.
pub(super) fn named(reference: &Reference, world: &dyn World) -> Option<AttributeKey> {
    Lookup::of(reference)?.answer(world).ok().map(|read| read.key)
}

impl Session {
    /// A session that knows what is written out in `programs`.
    pub(super) fn new<'p>(scope: &Scope<'_>, programs: impl IntoIterator<Item = &'p Program>) -> Arc<Self> {
        let trigger = Value::deserialize(scope.trigger).unwrap_or_default();
        let variables = scope
            .variables
            .iter()
            .map(|(name, value)| (name.as_str(), from_hub(&Value::deserialize(value).unwrap_or_default())));
        let references = programs.into_iter().flat_map(|program| &program.references);
        let answers = references.filter_map(Lookup::of).map(|lookup| {
            let answer = lookup.answer(scope.world);
            (lookup, answer)
        });
        Arc::new(Self {
            now: scope.now.time(),
            zone: scope.zone.clone(),
            trigger: from_hub(&trigger),
            variables: Dynamic::from_pairs(variables),
            known: Mutex::new(Known { answers: answers.collect(), ..Known::default() }),
        })
    }

    /// The session of the evaluation that a function is called in.
    pub(super) fn of(state: &State<'_, '_>) -> Result<Arc<Self>, Error> {
        let session = state.lookup(SESSION).and_then(|session| session.downcast_object::<Self>());
        session.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "there is no home to look at"))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of the evaluation.
    pub(super) fn now(&self) -> Dynamic {
        Time::value(self.now, self.now, &self.zone)
    }

    /// What a lookup comes to. Ends the evaluation if it is not known yet.
    pub(super) fn look_up(&self, lookup: Lookup) -> Result<Dynamic, Error> {
        let known = &mut *self.known();
        let Some(answer) = known.answers.get(&lookup) else {
            known.missing = Some(lookup);
            return Err(Error::new(ErrorKind::InvalidOperation, "not looked up yet"));
        };
        let read = answer.clone().map_err(|message| Error::new(ErrorKind::InvalidOperation, message))?;
        let value = match (read.function, read.value.as_text().map(str::parse)) {
            (Function::ChangedAt, Some(Ok(time))) => Time::value(time, self.now, &self.zone),
            _ => from_hub(&read.value),
        };
        if !known.read.contains(&read) {
            known.read.push(read);
        }
        Ok(value)
    }

    /// Fetches what was missing; false if nothing was.
    pub(super) fn fetch(&self, world: &dyn World) -> bool {
        let Some(lookup) = self.known().missing.take() else { return false };
        let answer = lookup.answer(world);
        self.known().answers.insert(lookup, answer);
        true
    }

    /// How much was read so far; reading begins there again.
    pub(super) fn mark(&self) -> usize {
        self.known().read.len()
    }

    /// Forgets what was read since.
    pub(super) fn rewind(&self, mark: usize) {
        self.known().read.truncate(mark);
    }

    /// What was read, in order.
    pub(super) fn read(&self) -> Vec<Read> {
        self.known().read.clone()
    }
}

/// The names of an expression.
impl Object for Session {
    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Dynamic> {
        match name {
            "trigger" => Some(self.trigger.clone()),
            "vars" => Some(self.variables.clone()),
            SESSION => Some(Dynamic::from_dyn_object(Arc::clone(self))),
            _ => None,
        }
    }

    fn get_value(self: &Arc<Self>, name: &Dynamic) -> Option<Dynamic> {
        self.get_value_by_str(name.as_str()?)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Session")
    }
}
