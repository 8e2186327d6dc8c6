//! Logs go to the standard error, quiet unless somebody asks for more.
//!
//! What the hub itself logs names things by ids that mean nothing to strangers. What a library logs of what passes
//! through it, nobody can promise: below `info` libraries stay silent, whatever the filter says.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// How the names of the project's own crates begin.
const OWN: [&str; 3] = ["hearth", "hub_", "driver_"];

/// Starts logging: `HEARTH_LOG` wins over the configuration. Gives back what is wrong with the filter.
pub fn start(filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(color)
        .finish()
        .with(filter_fn(|what| may_be_logged(what)))
        .try_init();
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
