//! What is told of a hub: its record.

use std::net::IpAddr;
use std::sync::Arc;

use mdns_sd::ServiceInfo;

use crate::tls::{Fingerprint, names};

/// The type of service that a hub is.
pub const SERVICE: &str = "_hearth._tcp.local.";
/// The web page of a hub, by which the short name `hearth.local` is told too.
const PAGE: &str = "_http._tcp.local.";
/// A name of a home takes so many bytes at most: all of the record is to fit one packet.
const NAME_MAX: usize = 63;

/// What is told of a hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) hub_id: String,
    pub(crate) home_name: Arc<str>,
    pub(crate) version: String,
    pub(crate) is_claimed: bool,
    pub(crate) http_port: u16,
    pub(crate) tls: Option<(u16, Fingerprint)>,
    /// The one address that it is served at; none = all of this machine.
    pub(crate) address: Option<IpAddr>,
}

impl About {
    /// The properties of the record. Nothing private: whoever is on the network reads them.
    pub(crate) fn properties(&self) -> Vec<(&'static str, String)> {
        let mut properties = vec![
            ("id", self.hub_id.clone()),
            ("nm", shortened(&self.home_name, NAME_MAX).to_owned()),
            ("ver", self.version.clone()),
            ("api", "1".to_owned()),
            ("path", "/api/v1".to_owned()),
            ("st", if self.is_claimed { "1" } else { "0" }.to_owned()),
        ];
        if let Some((port, fingerprint)) = &self.tls {
            properties.push(("tls", port.to_string()));
            properties.push(("fp", fingerprint.to_string()));
        }
        properties
    }

    /// The record of the hub: by its own name, at its encrypted port.
    pub(crate) fn service(&self) -> Result<ServiceInfo, mdns_sd::Error> {
        let port = self.tls.as_ref().map_or(self.http_port, |(port, _)| *port);
        let properties = self.properties();
        self.made(SERVICE, &names::host_name(&self.hub_id), port, &properties)
    }

    /// The record of its page: by the name that all hubs share.
    pub(crate) fn page(&self) -> Result<ServiceInfo, mdns_sd::Error> {
        self.made(PAGE, names::SHARED_HOST, self.http_port, &[("path", "/".to_owned())])
    }

    fn made(
        &self,
        service: &str,
        host: &str,
        port: u16,
        properties: &[(&'static str, String)],
    ) -> Result<ServiceInfo, mdns_sd::Error> {
        // Stable, whatever the home is called, so that it is one entry to whoever remembers it.
        let instance = format!("Hearth {}", names::tail(&self.hub_id));
        let host = format!("{host}.");
        match self.address {
            Some(address) => ServiceInfo::new(service, &instance, &host, address, port, properties),
            None => {
                ServiceInfo::new(service, &instance, &host, "", port, properties).map(ServiceInfo::enable_addr_auto)
            }
        }
    }
}

/// The beginning of a text, of so many bytes at most, in whole letters.
fn shortened(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_short_and_tells_what_is_needed() {
        let about = About {
            hub_id: "0123456789abcdef".to_owned(),
            home_name: "ä".repeat(200).into(),
            version: "0.1.0".to_owned(),
            is_claimed: true,
            http_port: 8080,
            tls: Some((8443, Fingerprint::of_bytes(b"abc"))),
            address: None,
        };
        let properties = about.properties();
        let keys: Vec<&str> = properties.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, ["id", "nm", "ver", "api", "path", "st", "tls", "fp"]);
        let bytes: usize = properties.iter().map(|(key, value)| key.len() + value.len() + 2).sum();
        assert!(bytes < 400, "{bytes}");
        assert_eq!(properties[1].1, "ä".repeat(31));
        let service = about.service().unwrap();
        assert_eq!(service.get_fullname(), "Hearth cdef._hearth._tcp.local.");
        assert_eq!((service.get_hostname(), service.get_port()), ("hearth-cdef.local.", 8443));
        let page = about.page().unwrap();
        assert_eq!((page.get_hostname(), page.get_port()), ("hearth.local.", 8080));
    }
}
