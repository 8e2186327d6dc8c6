//! `hearth driver …`

use std::io::{BufWriter, Write};
use std::path::Path;

use driver_mqtt::zigbee2mqtt::inspect::{InspectError, inspect_file};
use serde_json::{Value, json};

use super::Terminal;
use super::arguments::{Dialect, DriverCommand, GroupCommand, ProvisioningCommand};
use super::client::encode;
use super::failure::Failure;
use super::find::{self, find};
use super::network;
use super::output::{Output, text};
use super::{stick_backup, sticks};

pub(crate) async fn execute(command: DriverCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    match command {
        DriverCommand::List => list(terminal).await,
        DriverCommand::Restart { driver } => {
            let id = driver_id(&driver, terminal).await?;
            terminal.client.post(&format!("/drivers/{}/restart", encode(&id)), &json!({})).await?;
            terminal.output.done(&json!({ "restarted": id }), format_args!("{id} restarts"))
        }
        DriverCommand::Backup { driver, file } => stick_backup::back_up(&driver, &file, terminal).await,
        DriverCommand::Restore { driver, file } => stick_backup::restore(&driver, &file, terminal).await,
        DriverCommand::Network { driver, scan } => network::show(driver.as_deref(), scan, terminal).await,
        DriverCommand::RepairRoutes { driver } => {
            let id = driver_id(&driver, terminal).await?;
            let progress =
                terminal.client.post(&format!("/drivers/{}/routes?wait=1s", encode(&id)), &json!({})).await?;
            if progress["status"] == "done" {
                return terminal
                    .output
                    .done(&progress, format_args!("{id} has gone through its devices: {}", progress["answer"]));
            }
            let words =
                "has its devices find their routes, one after the other; `hearth driver list` says how far it is";
            terminal.output.done(&progress, format_args!("{id} {words}"))
        }
        DriverCommand::Provisioning(command) => provisioning(command, terminal).await,
        DriverCommand::Group(command) => group(command, terminal).await,
        DriverCommand::Inspect { dialect, file } => inspect(dialect, &file, &mut terminal.output),
        DriverCommand::Discover { timeout } => sticks::discover(&timeout, &mut terminal.output).await,
    }
}

pub(super) async fn driver_id(driver: &str, terminal: &Terminal<'_>) -> Result<String, Failure> {
    let drivers = terminal.client.items("/drivers").await?;
    Ok(find::id(find(&drivers, "driver", driver)?))
}

async fn provisioning(command: ProvisioningCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    match command {
        ProvisioningCommand::List { driver } => {
            let id = driver_id(&driver, terminal).await?;
            let list = terminal.client.get(&format!("/drivers/{}/provisioning", encode(&id))).await?;
            let items = list["items"].as_array().cloned().unwrap_or_default();
            terminal.output.list(&items, ["KEY", "STATE", "NAME", "DEVICE"], |item| {
                ["key", "state", "name", "device"].map(|field| text(item, field))
            })
        }
        ProvisioningCommand::Add { driver, code, name } => {
            let id = driver_id(&driver, terminal).await?;
            let path = format!("/drivers/{}/provisioning", encode(&id));
            let list = terminal.client.post(&path, &json!({ "code": code, "name": name })).await?;
            terminal.output.done(&list, format_args!("it joins {id} by itself; give it power"))
        }
        ProvisioningCommand::Remove { driver, key } => {
            let id = driver_id(&driver, terminal).await?;
            let list = terminal.client.get(&format!("/drivers/{}/provisioning", encode(&id))).await?;
            let key = provisioned(list["items"].as_array().map_or(&[], Vec::as_slice), &key)?;
            terminal.client.delete(&format!("/drivers/{}/provisioning/{}", encode(&id), encode(&key))).await?;
            terminal.output.done(&json!({ "removed": key }), format_args!("{key} is off the list"))
        }
    }
}

/// The key of the entry with this key or name. A key may be written with other spaces or dashes than the list's.
fn provisioned(entries: &[Value], wanted: &str) -> Result<String, Failure> {
    let digits = |text: &str| text.replace(['-', ' '], "");
    if let Some(entry) = entries.iter().find(|entry| digits(&text(entry, "key")) == digits(wanted)) {
        return Ok(text(entry, "key"));
    }
    let named = entries.iter().map(|entry| json!({ "id": entry["key"], "name": entry["name"] }));
    let named: Vec<Value> = named.collect();
    Ok(find::id(find(&named, "device on the list", wanted)?))
}

async fn group(command: GroupCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        GroupCommand::Add { driver, name } => {
            let id = driver_id(&driver, terminal).await?;
            let made = client.post(&format!("/drivers/{}/groups", encode(&id)), &json!({ "name": name })).await?;
            let group = text(&made, "device");
            terminal.output.done(&made, format_args!("the group {name:?} is {group}"))
        }
        GroupCommand::Join { group, device, endpoint } => {
            let devices = client.items("/devices").await?;
            let (group, device) = members(&devices, &group, &device)?;
            let mut body = json!({ "device": device });
            if let Some(endpoint) = endpoint {
                body["endpoint"] = endpoint.parse::<u16>().map_or(Value::String(endpoint), Value::from);
            }
            client.post(&format!("/devices/{}/members", encode(&group)), &body).await?;
            terminal.output.done(&json!({ "group": group, "joined": device }), format_args!("{device} is in {group}"))
        }
        GroupCommand::Leave { group, device, endpoint } => {
            let devices = client.items("/devices").await?;
            let (group, device) = members(&devices, &group, &device)?;
            let query = endpoint.map(|endpoint| format!("?endpoint={}", encode(&endpoint))).unwrap_or_default();
            client.delete(&format!("/devices/{}/members/{}{query}", encode(&group), encode(&device))).await?;
            terminal.output.done(&json!({ "group": group, "left": device }), format_args!("{device} is out of {group}"))
        }
    }
}

/// The ids of a group and a device.
fn members(devices: &[Value], group: &str, device: &str) -> Result<(String, String), Failure> {
    Ok((find::id(find(devices, "group", group)?), find::id(find(devices, "device", device)?)))
}

async fn list(terminal: &mut Terminal<'_>) -> Result<(), Failure> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_join_is_found_by_key_and_by_name() {
        let entries = [
            json!({"key": "51525-35455", "name": "Attic"}),
            json!({"key": "00001-00002", "name": null}),
            json!({"key": "1", "name": "Lamp"}),
            json!({"key": "2", "name": "Lamp"}),
        ];
        let found = |wanted: &str| match provisioned(&entries, wanted) {
            Ok(key) => key,
            Err(failure) => failure.to_string(),
        };
        for (wanted, expected) in [
            ("51525-35455", "51525-35455"),
            ("51525 35455", "51525-35455"),
            ("0000100002", "00001-00002"),
            ("attic", "51525-35455"),
            ("Lamp", r#""Lamp" may be any of 1, 2; say which by its id"#),
            ("Atic", r#"there is no device on the list "Atic"; did you mean "Attic"?"#),
        ] {
            assert_eq!(found(wanted), expected, "{wanted}");
        }
    }
}
