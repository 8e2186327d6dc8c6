//! Arguments as `--name value`.

use anyhow::{Context, Result};

pub struct Arguments(Vec<String>);

impl Arguments {
    pub fn from_environment() -> Self {
        Self(std::env::args().skip(1).collect())
    }

    pub fn command(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        let position = self.0.iter().position(|argument| argument.strip_prefix("--") == Some(name))?;
        self.0.get(position + 1).map(String::as_str)
    }

    pub fn required(&self, name: &str) -> Result<&str> {
        self.text(name).with_context(|| format!("--{name} is missing"))
    }

    pub fn number(&self, name: &str, default: u64) -> Result<u64> {
        match self.text(name) {
            None => Ok(default),
            Some(text) => text.parse().with_context(|| format!("--{name} is not a number")),
        }
    }
}
