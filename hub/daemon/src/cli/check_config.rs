//! `hearth check-config`

use std::path::PathBuf;

use serde_json::json;

use super::failure::Failure;
use super::output::Output;
use crate::config::paths::{self, Environment};
use crate::config::{self, DriverKind, DriverSection, SmtpSection, keys};

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
    config.tls.own_files(&file)?;
    // The hub starts all the same, without that driver.
    if let Some(conflict) = config.drivers.iter().find_map(|driver| driver.conflict.clone()) {
        return Err(conflict.into());
    }
    let drivers: Vec<&str> = config.drivers.iter().map(|driver| driver.id.as_str()).collect();
    let mut warnings = config.warnings.clone();
    warnings.extend(config.drivers.iter().filter_map(password_missing));
    warnings.extend(mail_incomplete(&config.messages.smtp));
    if !output.is_json() {
        warnings.iter().try_for_each(|warning| output.line(format_args!("warning: {warning}")))?;
    }
    let found = if file.exists() { "is right" } else { "does not exist: defaults hold" };
    output.done(
        &json!({ "file": file, "exists": file.exists(), "drivers": drivers, "warnings": warnings }),
        format_args!("{} {found}", file.display()),
    )
}

/// What keeps mail from being sent, though nothing else.
fn mail_incomplete(smtp: &SmtpSection) -> Option<String> {
    smtp.server.as_ref()?;
    if smtp.from.is_none() {
        return Some("messages.smtp: `from` is missing, so that no mail is sent".to_owned());
    }
    let file = smtp.password_file.as_ref().filter(|file| !file.is_file())?;
    Some(format!("messages.smtp: the password_file {} is not there, or this user may not see it", file.display()))
}

/// A password that is not there yet keeps nobody from checking the rest.
fn password_missing(driver: &DriverSection) -> Option<String> {
    let DriverKind::Zigbee2Mqtt(config) = &driver.kind else { return None };
    let file = config.password_file.as_ref().filter(|file| !file.is_file())?;
    Some(format!(
        "driver {}: the password_file {} is not there, or this user may not see it",
        driver.id,
        file.display()
    ))
}
