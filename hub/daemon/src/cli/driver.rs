//! `hearth driver …`

use std::io::{BufWriter, Write};
use std::path::Path;

use driver_mqtt::zigbee2mqtt::inspect::{InspectError, inspect_file};
use serde_json::Value;

use super::Terminal;
use super::arguments::Dialect;
use super::failure::Failure;
use super::output::{Output, text};

pub(crate) async fn list(terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let drivers = terminal.client.items("/drivers").await?;
    table(&drivers, &mut terminal.output)
}

pub(crate) fn table(drivers: &[Value], output: &mut Output<'_>) -> Result<(), Failure> {
    output.list(drivers, ["DRIVER", "TYPE", "STATE", "DEVICES", "DETAIL"], |driver| {
        ["id", "type", "state", "devices", "detail"].map(|field| text(driver, field))
    })
}

/// Works without a hub.
pub(crate) fn inspect(dialect: Dialect, file: &Path, output: &mut Output<'_>) -> Result<(), Failure> {
    let Dialect::Zigbee2mqtt = dialect;
    let mut writer = BufWriter::new(output.writer());
    let summary = inspect_file(file, &mut writer).map_err(|error| match error {
        InspectError::Read { path, source } => Failure::File { file: path, source },
        InspectError::Write(source) => Failure::Output(source),
    })?;
    writer.flush()?;
    match summary.errors {
        0 => Ok(()),
        errors => Err(Failure::Failed(format!("{errors} lines hold no definition; they say `error` above"))),
    }
}
