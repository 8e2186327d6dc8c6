//! `hearth check-config`

use std::path::PathBuf;

use serde_json::json;

use super::failure::Failure;
use super::output::Output;
use crate::config::paths::{self, Environment};
use crate::config::{self, keys};

pub(crate) fn check(
    file: Option<PathBuf>,
    example: bool,
    environment: Environment<'_>,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if example {
        return output.line(keys::example().trim_end());
    }
    let named = file.is_some();
    let file = file.unwrap_or_else(|| paths::config_file(environment));
    let config = config::load(&file, named, std::env::vars())?;
    // The hub starts all the same, without that driver.
    if let Some(conflict) = config.drivers.iter().find_map(|driver| driver.conflict.clone()) {
        return Err(conflict.into());
    }
    let drivers: Vec<&str> = config.drivers.iter().map(|driver| driver.id.as_str()).collect();
    for warning in &config.warnings {
        output.line(format_args!("warning: {warning}"))?;
    }
    let found = if file.exists() { "is right" } else { "does not exist: defaults hold" };
    output.done(
        &json!({ "file": file, "exists": file.exists(), "drivers": drivers, "warnings": config.warnings }),
        format_args!("{} {found}", file.display()),
    )
}
