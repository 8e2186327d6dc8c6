//! All questions to a node, in their order.

use super::known::{Asked, Known};
use super::{lifeline, parameters, values};
use crate::command_class::CommandClass as C;
use crate::security::SecurityClass;

/// How far an interview is: the stage of the next question.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// What it is called in the protocol, and which classes it has.
    Information,
    /// Maker and model.
    Identity,
    /// Which keys it has.
    Security,
    /// The versions of its classes.
    Versions,
    /// Its endpoints. After this it can be used.
    Endpoints,
    /// To whom it reports.
    Lifeline,
    /// What exactly it can.
    Capabilities,
    /// How it is now.
    Values,
}

/// A question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// The stage that it belongs to.
    pub stage: Stage,
    /// At which endpoint.
    pub endpoint: u8,
    /// The command; empty for the question for node information.
    pub command: Vec<u8>,
    /// What the answer begins with; none = there is no answer.
    pub answer: Option<Vec<u8>>,
    /// With which security.
    pub security: Option<SecurityClass>,
}

impl Query {
    /// What tells it apart from others.
    pub(super) fn key(&self) -> Asked {
        // Whether it is protected as its class is does not matter; whether it looks for a key does.
        (self.endpoint, self.security.filter(|_| looks_for_key(&self.command)), self.command.clone())
    }
}

/// Whether a question finds out whether a key fits.
pub(super) fn looks_for_key(command: &[u8]) -> bool {
    matches!(command, S2_COMMANDS_SUPPORTED_GET | S0_COMMANDS_SUPPORTED_GET)
}

const S2_COMMANDS_SUPPORTED_GET: &[u8] = &[0x9F, 0x0D];
const S2_COMMANDS_SUPPORTED_REPORT: &[u8] = &[0x9F, 0x0E];
const S0_COMMANDS_SUPPORTED_GET: &[u8] = &[0x98, 0x02];
const S0_COMMANDS_SUPPORTED_REPORT: &[u8] = &[0x98, 0x03];

/// The list that is being made.
pub(super) struct Questions<'known> {
    pub(super) known: &'known Known,
    pub(super) list: Vec<Query>,
}

impl Questions<'_> {
    /// A command of one-byte class, and how its answer begins behind the class.
    pub(super) fn ask(&mut self, stage: Stage, endpoint: u8, class: C, command: &[u8], answer: &[u8]) {
        let with_class = |bytes: &[u8]| [&class.bytes(), bytes].concat();
        self.list.push(Query {
            stage,
            endpoint,
            command: with_class(command),
            answer: (!answer.is_empty()).then(|| with_class(answer)),
            security: self.known.protection(class),
        });
    }
}

/// The questions that follow from what is known. `own` is the stick's number; `keys` are the security classes whose keys
/// are known.
pub fn queries(known: &Known, own: u8, keys: &[SecurityClass]) -> Vec<Query> {
    let mut questions = Questions { known, list: Vec::new() };
    // A node that does not answer is found out by the shortest frame there is.
    questions.ask(Stage::Information, 0, C::NO_OPERATION, &[], &[]);
    let information =
        Query { stage: Stage::Information, endpoint: 0, command: Vec::new(), answer: Some(Vec::new()), security: None };
    questions.list.push(information);
    if known.has(C::MANUFACTURER_SPECIFIC) {
        questions.ask(Stage::Identity, 0, C::MANUFACTURER_SPECIFIC, &[0x04], &[0x05]);
    }
    if known.has(C::VERSION) {
        questions.ask(Stage::Identity, 0, C::VERSION, &[0x11], &[0x12]);
    }
    ask_security(&mut questions, keys);
    ask_versions(&mut questions);
    ask_endpoints(&mut questions);
    lifeline::ask(&mut questions, own);
    values::ask_capabilities(&mut questions);
    values::ask_values(&mut questions);
    parameters::ask(&mut questions);
    questions.list.retain(|query| !known.knows_better(query) && !known.lacks_keys_to_ask(query));
    questions.list
}

/// Each key is tried, the most trusted first, until one fits.
fn ask_security(questions: &mut Questions<'_>, keys: &[SecurityClass]) {
    let known = questions.known;
    let mut look = |class: SecurityClass, command: &[u8], answer: &[u8]| {
        questions.list.push(Query {
            stage: Stage::Security,
            endpoint: 0,
            command: command.to_vec(),
            answer: Some(answer.to_vec()),
            security: Some(class),
        });
    };
    for class in keys.iter().copied() {
        let is_s0 = class == SecurityClass::S0;
        let may_have = known.has(if is_s0 { C::SECURITY } else { C::SECURITY_2 });
        let may_be = known.security.is_none_or(|known| known == class);
        if may_have && may_be {
            match is_s0 {
                true => look(class, S0_COMMANDS_SUPPORTED_GET, S0_COMMANDS_SUPPORTED_REPORT),
                false => look(class, S2_COMMANDS_SUPPORTED_GET, S2_COMMANDS_SUPPORTED_REPORT),
            }
        }
    }
}

fn ask_versions(questions: &mut Questions<'_>) {
    if !questions.known.has(C::VERSION) {
        return;
    }
    let classes = questions.known.node.endpoints.values().flat_map(|endpoint| endpoint.versions.keys().copied());
    let classes: std::collections::BTreeSet<C> = classes.collect();
    for class in classes {
        // Those that have no version of their own, and those that nothing is done with.
        if let (Ok(byte), Some(implemented)) = (u8::try_from(class.0), class.implemented_version())
            && implemented > 1
        {
            questions.ask(Stage::Versions, 0, C::VERSION, &[0x13, byte], &[0x14, byte]);
        }
    }
}

fn ask_endpoints(questions: &mut Questions<'_>) {
    let known = questions.known;
    if !known.has(C::MULTI_CHANNEL) || known.version(C::MULTI_CHANNEL) < 2 {
        return;
    }
    questions.ask(Stage::Endpoints, 0, C::MULTI_CHANNEL, &[0x07], &[0x08]);
    for endpoint in (1..=known.endpoints).filter(|endpoint| !known.is_removed(*endpoint)) {
        questions.ask(Stage::Endpoints, 0, C::MULTI_CHANNEL, &[0x09, endpoint], &[0x0A]);
    }
}
