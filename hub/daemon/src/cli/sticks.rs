//! `hearth driver discover`: sticks and bridges that a driver could speak to, on the network and at this machine.

use std::path::Path;

use hub_api::mdns::FoundService;
use serde_json::{Value, json};

use super::discover::{found, host_of, shown};
use super::failure::Failure;
use super::find;
use super::output::{Output, text};
use crate::config::keys::DRIVER_TYPES;

/// What something is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// A Zigbee radio.
    Zigbee,
    /// A Z-Wave radio.
    Zwave,
    /// A server of Z-Wave JS.
    ZwaveJs,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Zigbee => "zigbee",
            Self::Zwave => "zwave",
            Self::ZwaveJs => "zwave-js",
        }
    }
}

/// What is looked for on the network.
const SERVICES: [(&str, Kind); 8] = [
    ("_zigbee-coordinator._tcp.local.", Kind::Zigbee),
    ("_slzb-06._tcp.local.", Kind::Zigbee),
    ("_uzg-01._tcp.local.", Kind::Zigbee),
    ("_czc._tcp.local.", Kind::Zigbee),
    ("_xzg._tcp.local.", Kind::Zigbee),
    ("_zigate-zigbee-gateway._tcp.local.", Kind::Zigbee),
    ("_zigstar_gw._tcp.local.", Kind::Zigbee),
    ("_zwave-js-server._tcp.local.", Kind::ZwaveJs),
];

/// Sticks by a part of the name that they give themselves, in lower case. The first that fits says what it is.
const STICKS: [(&str, Kind); 17] = [
    ("zwa-2", Kind::Zwave),
    ("z-wave", Kind::Zwave),
    ("zwave", Kind::Zwave),
    ("z-stick", Kind::Zwave),
    ("zooz", Kind::Zwave),
    ("aeotec", Kind::Zwave),
    // Made by Sigma Designs: UZB and the fifth generation of Aeotec.
    ("0658_0200", Kind::Zwave),
    ("zigbee", Kind::Zigbee),
    ("conbee", Kind::Zigbee),
    ("raspbee", Kind::Zigbee),
    ("zbt-", Kind::Zigbee),
    ("skyconnect", Kind::Zigbee),
    ("slzb", Kind::Zigbee),
    ("slaesh", Kind::Zigbee),
    ("zigstar", Kind::Zigbee),
    ("cc2531", Kind::Zigbee),
    ("cc2652", Kind::Zigbee),
];

pub(crate) async fn discover(within: &str, output: &mut Output<'_>) -> Result<(), Failure> {
    let within = find::duration(within)?;
    let ports = tokio::task::spawn_blocking(driver_api::link::stable_ports).await.unwrap_or_default();
    let mut items: Vec<Value> = ports.iter().filter_map(|port| stick(port)).collect();
    let types = SERVICES.map(|(service, _)| service);
    // What is plugged in is shown even where the network is not.
    match found(&types, within).await {
        Ok(services) => items.extend(services.iter().filter_map(server)),
        Err(error) => output.remark(format_args!("the network could not be searched: {error}"))?,
    }
    if output.is_json() {
        return output.json(&json!({ "items": items }));
    }
    if items.is_empty() {
        return output.line("no stick and no bridge was found; plug one in, or see that it is in this network");
    }
    for item in &items {
        output.line(format_args!("{}: {}\n\n{}", text(item, "name"), text(item, "address"), text(item, "block")))?;
    }
    Ok(())
}

/// What is plugged in; none if it is no radio that is known.
fn stick(port: &Path) -> Option<Value> {
    let name = port.file_name()?.to_str()?;
    let small = name.to_lowercase();
    let (_, kind) = STICKS.iter().find(|(part, _)| small.contains(part))?;
    Some(item(*kind, &shown(name), &shown(port.to_str()?)))
}

/// What is on the network.
fn server(found: &FoundService) -> Option<Value> {
    let service = format!("{}.local.", found.service);
    let (_, kind) = SERVICES.iter().find(|(one, _)| *one == service)?;
    let host = host_of(found);
    let scheme = if *kind == Kind::ZwaveJs { "ws" } else { "tcp" };
    Some(item(*kind, &shown(&found.name), &format!("{scheme}://{host}:{}", found.port)))
}

fn item(kind: Kind, name: &str, address: &str) -> Value {
    json!({ "kind": kind.name(), "name": name, "address": address, "block": block(kind, address) })
}

/// What to write into the configuration.
fn block(kind: Kind, address: &str) -> String {
    match kind {
        // Zigbee radios are driven by Zigbee2MQTT.
        Kind::Zigbee => format!(
            "# In the configuration.yaml of Zigbee2MQTT:\n\
             #   serial:\n\
             #     port: {address}\n\
             [[driver]]\n\
             id = \"zigbee\"\n\
             type = \"zigbee2mqtt\"\n\
             broker = \"mqtt://127.0.0.1:1883\"\n"
        ),
        Kind::Zwave | Kind::ZwaveJs => {
            let key = if kind == Kind::ZwaveJs { "url" } else { "port" };
            let lacking = if DRIVER_TYPES.contains(&kind.name()) {
                ""
            } else {
                "# This version of Hearth has no driver of this type yet.\n"
            };
            format!("{lacking}[[driver]]\nid = \"zwave\"\ntype = \"{}\"\n{key} = \"{address}\"\n", kind.name())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sticks_are_known_by_their_names() {
        for (name, kind) in [
            ("usb-ITead_Sonoff_Zigbee_3.0_USB_Dongle_Plus_0a1b-if00-port0", Some("zigbee")),
            ("usb-dresden_elektronik_ingenieurtechnik_GmbH_ConBee_II_DE2-if00", Some("zigbee")),
            ("usb-Nabu_Casa_SkyConnect_v1.0_b8-if00-port0", Some("zigbee")),
            ("usb-Nabu_Casa_ZWA-2_94A990-if00", Some("zwave")),
            ("usb-0658_0200-if00", Some("zwave")),
            ("usb-Zooz_800_Z-Wave_Stick_533D-if00", Some("zwave")),
            ("usb-FTDI_FT232R_USB_UART_A5-if00-port0", None),
        ] {
            let found = stick(&Path::new("/dev/serial/by-id").join(name)).map(|item| text(&item, "kind"));
            assert_eq!(found.as_deref(), kind, "{name}");
        }
    }

    #[test]
    fn a_block_can_be_pasted() {
        let found = FoundService {
            service: "_zwave-js-server._tcp".to_owned(),
            name: "Z-Wave JS".to_owned(),
            host: "pi.local".to_owned(),
            port: 3000,
            addresses: vec!["192.168.1.9".parse().unwrap()],
            properties: Default::default(),
        };
        let named = FoundService { addresses: Vec::new(), host: "a\"\n[x]\n.local".to_owned(), ..found.clone() };
        assert_eq!(text(&server(&named).unwrap(), "address"), "ws://ax.local:3000");
        let items = [server(&found).unwrap(), stick(Path::new("/dev/serial/by-id/usb-Zigbee-if00")).unwrap()];
        assert_eq!(text(&items[0], "address"), "ws://192.168.1.9:3000");
        for item in &items {
            let block = text(item, "block");
            let parsed: toml::Table = block.parse().unwrap();
            assert_eq!(parsed["driver"].as_array().unwrap().len(), 1, "{block}");
        }
        assert!(crate::config::parse(Path::new("x"), &text(&items[1], "block"), []).is_ok());
    }
}
