//! Logs go to the standard error, quiet unless somebody asks for more.

use std::io::IsTerminal;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// Starts logging: `HEARTH_LOG` wins over the configuration. Gives back what is wrong with the filter.
pub fn start(filter: &str) -> Result<(), String> {
    // Levels by target only: filters by fields would bring a whole engine of regular expressions into memory.
    let filter: Targets = filter.parse().map_err(|error: tracing_subscriber::filter::ParseError| error.to_string())?;
    let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(color).with_filter(filter);
    let started = tracing_subscriber::registry().with(lines).try_init();
    // Somebody else has set logs up already: a test that runs several hubs.
    started.or(Ok(()))
}
