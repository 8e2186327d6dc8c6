//! Logs go to the standard error, quiet unless somebody asks for more.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging: `HEARTH_LOG` wins over the configuration. Gives back what is wrong with the filter.
pub fn start(filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let started =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(color).try_init();
    // Somebody else has set logs up already: a test that runs several hubs.
    started.or(Ok(()))
}
