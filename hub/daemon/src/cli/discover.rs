//! `hearth discover`: hubs on the local network.

use std::net::IpAddr;
use std::time::Duration;

use hub_api::mdns::{self, FoundService, MdnsError};
use serde_json::{Value, json};

use super::failure::Failure;
use super::find;
use super::output::{Output, counted, text};

/// A record has so many letters of a text at most; what is longer is nothing that a hub tells.
const TEXT_MAX: usize = 128;

pub(crate) async fn hubs(within: &str, output: &mut Output<'_>) -> Result<(), Failure> {
    let within = find::duration(within)?;
    let hubs: Vec<Value> = found(&[mdns::SERVICE], within).await?.iter().map(hub).collect();
    if hubs.is_empty() && !output.is_json() {
        return output.line("no hub was found; one in another network is named with --host https://ADDRESS:8443");
    }
    output.list(&hubs, ["NAME", "ID", "STATE", "VERSION", "ADDRESS", "HOST"], |hub| {
        ["name", "id", "state", "version", "url", "host"].map(|field| text(hub, field))
    })?;
    if output.is_for_people() {
        output.remark(format_args!("{} found", counted(hubs.len(), "hub")))?;
    }
    Ok(())
}

/// What is on the local network.
pub(crate) async fn found(types: &[&str], within: Duration) -> Result<Vec<FoundService>, Failure> {
    mdns::browse(types, within).await.map_err(|error: MdnsError| Failure::Failed(error.to_string()))
}

fn hub(found: &FoundService) -> Value {
    let tells = |key: &str| found.properties.get(key).map(|value| shown(value));
    let tls = tells("tls").and_then(|port| port.parse::<u16>().ok());
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = host_of(found);
    let state = match tells("st").as_deref() {
        Some("0") => "new",
        Some("1") => "claimed",
        _ => "unknown",
    };
    json!({
        "id": tells("id"),
        "name": tells("nm"),
        "state": state,
        "version": tells("ver"),
        "host": shown(&found.host),
        "port": found.port,
        "addresses": found.addresses,
        "url": format!("{scheme}://{address}:{}", tls.unwrap_or(found.port)),
        "fingerprint": tells("fp"),
    })
}

/// Where something is, as it stands in a URL: its address, else its name, of which only letters of names are taken.
pub(crate) fn host_of(found: &FoundService) -> String {
    match found.addresses.first() {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => format!("[{address}]"),
        None => found.host.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-._".contains(*letter)).collect(),
    }
}

/// What somebody on the network says, without what would make a terminal do something.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(TEXT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hub_is_what_it_tells() {
        let properties = [("id", "0123abcd"), ("nm", "Home\u{1b}[2J"), ("st", "1"), ("ver", "0.1.0"), ("tls", "8443")];
        let found = FoundService {
            service: "_hearth._tcp".to_owned(),
            name: "Hearth abcd".to_owned(),
            host: "hearth-abcd.local".to_owned(),
            port: 8443,
            addresses: vec!["192.168.1.5".parse().unwrap(), "fe80::1".parse().unwrap()],
            properties: properties.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        };
        let hub = hub(&found);
        assert_eq!(text(&hub, "url"), "https://192.168.1.5:8443");
        assert_eq!((text(&hub, "name"), text(&hub, "state")), ("Home[2J".to_owned(), "claimed".to_owned()));
        assert_eq!(hub["fingerprint"], Value::Null);
    }
}
