//! Logs go to the standard error, quiet unless somebody asks for more.
//!
//! What the hub itself logs names things by ids that mean nothing to strangers. What a library logs of what passes
//! through it, nobody can promise: below `info` libraries stay silent, whatever the filter says.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{ParseError, Targets, filter_fn};
use tracing_subscriber::prelude::*;

/// How the names of the project's own crates begin.
const OWN: [&str; 3] = ["hearth", "hub_", "driver_"];

/// Starts logging: `HEARTH_LOG` wins over the configuration. Gives back what is wrong with the filter.
pub fn start(filter: &str) -> Result<(), String> {
    // Levels by target only: filters by fields would bring a whole engine of regular expressions into memory.
    let filter: Targets = filter.parse().map_err(|error: ParseError| error.to_string())?;
    let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(color);
    let started = tracing_subscriber::registry().with(lines).with(filter).with(filter_fn(may_be_logged)).try_init();
    // Somebody else has set logs up already: a test that runs several hubs.
    started.or(Ok(()))
}

fn may_be_logged(what: &Metadata<'_>) -> bool {
    *what.level() <= Level::INFO || is_own(what.target())
}

fn is_own(target: &str) -> bool {
    OWN.iter().any(|own| target.starts_with(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_projects_own_crates_log_details() {
        for (target, own) in [
            ("hearth::hub", true),
            ("hub_core::core", true),
            ("driver_mqtt::link", true),
            ("axum::rejection", false),
            ("hyper::proto", false),
            ("log", false),
        ] {
            assert_eq!(is_own(target), own, "{target}");
        }
    }
}
