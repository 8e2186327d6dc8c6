//! Facts under names, put down cheaply on the way of a command and made into JSON later, if at all.

use std::sync::{Arc, OnceLock};

use hub_model::{AttributeName, RunId, Timestamp, Value};
use serde_json::{Map, Value as Json};

/// Facts under names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts(Vec<(&'static str, Fact)>);

/// One fact.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fact {
    Nothing,
    Flag(bool),
    Number(u64),
    Text(Arc<str>),
    Word(&'static str),
    Time(Timestamp),
    Value(Value),
    Settings(Vec<(AttributeName, Value)>),
    Facts(Facts),
    List(Vec<Facts>),
    Shared(Arc<What>),
}

/// What set a rule off: facts, and the JSON that expressions see, made when the first looks at it.
#[derive(Debug, Default)]
pub(super) struct What {
    facts: Facts,
    json: OnceLock<Json>,
}

impl Facts {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(10))
    }

    pub(super) fn put(&mut self, name: &'static str, fact: impl Into<Fact>) {
        self.0.push((name, fact.into()));
    }

    pub(super) fn with(mut self, name: &'static str, fact: impl Into<Fact>) -> Self {
        self.put(name, fact);
        self
    }

    /// Whether this is about a run.
    pub fn is_of(&self, run: &RunId) -> bool {
        self.0.iter().any(|(name, fact)| *name == "run" && matches!(fact, Fact::Text(text) if **text == *run.as_str()))
    }

    /// Says in words what came of it, if nothing does yet.
    pub fn explain(&mut self, detail: &Arc<str>) {
        if !self.0.iter().any(|(name, _)| *name == "detail") {
            self.put("detail", detail);
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> Json {
        Json::Object(self.0.iter().map(|(name, fact)| ((*name).to_owned(), fact.to_json())).collect())
    }
}

impl Fact {
    fn to_json(&self) -> Json {
        match self {
            Self::Nothing => Json::Null,
            Self::Flag(flag) => Json::from(*flag),
            Self::Number(number) => Json::from(*number),
            Self::Text(text) => Json::from(&**text),
            Self::Word(word) => Json::from(*word),
            Self::Time(time) => Json::from(time.to_string()),
            Self::Value(value) => json_of(value),
            Self::Settings(settings) => {
                let settings = settings.iter().map(|(name, value)| (name.as_str().to_owned(), json_of(value)));
                Json::Object(settings.collect::<Map<String, Json>>())
            }
            Self::Facts(facts) => facts.to_json(),
            Self::List(list) => list.iter().map(Facts::to_json).collect(),
            Self::Shared(what) => what.json().clone(),
        }
    }
}

fn json_of(value: &Value) -> Json {
    serde_json::to_value(value).unwrap_or_default()
}

impl What {
    /// What expressions see.
    pub(super) fn json(&self) -> &Json {
        self.json.get_or_init(|| self.facts.to_json())
    }
}

impl From<Facts> for What {
    fn from(facts: Facts) -> Self {
        Self { facts, json: OnceLock::new() }
    }
}

/// As it was kept.
impl From<Json> for What {
    fn from(json: Json) -> Self {
        Self { facts: Facts::default(), json: OnceLock::from(json) }
    }
}

impl PartialEq for What {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl<F: Into<Fact>> From<Option<F>> for Fact {
    fn from(fact: Option<F>) -> Self {
        fact.map_or(Self::Nothing, Into::into)
    }
}
impl From<bool> for Fact {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}
impl From<u64> for Fact {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}
impl From<usize> for Fact {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}
impl From<u16> for Fact {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}
impl From<&Arc<str>> for Fact {
    fn from(text: &Arc<str>) -> Self {
        Self::Text(Arc::clone(text))
    }
}
impl From<String> for Fact {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}
impl From<&'static str> for Fact {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}
impl<K> From<&hub_model::id::Id<K>> for Fact {
    fn from(id: &hub_model::id::Id<K>) -> Self {
        Self::Text(id.shared())
    }
}
impl From<Timestamp> for Fact {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}
impl From<&Value> for Fact {
    fn from(value: &Value) -> Self {
        Self::Value(value.clone())
    }
}
impl From<Facts> for Fact {
    fn from(facts: Facts) -> Self {
        Self::Facts(facts)
    }
}
impl From<Vec<Facts>> for Fact {
    fn from(list: Vec<Facts>) -> Self {
        Self::List(list)
    }
}
impl From<&Arc<What>> for Fact {
    fn from(what: &Arc<What>) -> Self {
        Self::Shared(Arc::clone(what))
    }
}
