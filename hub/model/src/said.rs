//! Sentences for people, and what it takes to say the same in another language.
//!
//! The hub speaks English. Who shows its sentences to people in their language knows them by `case`, and puts in what
//! stands in `params`; the text is for all who know no words of their own for a case.

use std::fmt;
use std::sync::Arc;

/// A sentence of the hub.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The sentence, in English.
    pub text: Arc<str>,
    /// A stable word for what it says, among sentences of one code; empty = the code says it all.
    pub case: &'static str,
    /// What varies in it, by stable names.
    pub params: Params,
}

/// What varies in a sentence, by stable names, in the order in which it was put in.
pub type Params = Vec<(&'static str, String)>;

impl Said {
    /// A sentence that says this.
    pub fn new(case: &'static str, text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), case, params: Params::new() }
    }

    /// The same with something that varies in it.
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// The same with something that may be there.
    pub fn with_some(self, name: &'static str, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

/// A sentence that its code says already.
impl From<String> for Said {
    fn from(text: String) -> Self {
        Self::new("", text)
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self::new("", text)
    }
}

impl From<Said> for Arc<str> {
    fn from(said: Said) -> Self {
        said.text
    }
}

impl From<Said> for String {
    fn from(said: Said) -> Self {
        said.text.to_string()
    }
}

impl fmt::Display for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
