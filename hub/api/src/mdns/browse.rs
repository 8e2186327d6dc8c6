//! Looks who is on the local network.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use mdns_sd::{ResolvedService, ServiceEvent};
use tokio::time::timeout;

use super::{MdnsError, daemon};

/// So many services of a type are looked at; more is no home.
const FOUND_MAX: usize = 256;

/// A service that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundService {
    /// Its type, e.g. `_hearth._tcp`.
    pub service: String,
    /// What it calls itself.
    pub name: String,
    /// The name of its host, without a dot at the end.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The addresses of its host, IPv4 first.
    pub addresses: Vec<IpAddr>,
    /// What it tells of itself.
    pub properties: BTreeMap<String, String>,
}

/// All services of these types (`_hearth._tcp.local.`) that answer within a time, by type and name.
pub async fn browse(types: &[&str], within: Duration) -> Result<Vec<FoundService>, MdnsError> {
    let daemon = daemon()?;
    let mut searches = Vec::new();
    for service in types {
        let events = daemon.browse(service)?;
        searches.push(tokio::spawn(async move {
            let mut found = BTreeMap::new();
            let listen = async {
                while let Ok(event) = events.recv_async().await {
                    match event {
                        ServiceEvent::ServiceResolved(service) if found.len() < FOUND_MAX => {
                            found.insert(service.get_fullname().to_owned(), FoundService::from(&*service));
                        }
                        ServiceEvent::ServiceRemoved(_, name) => drop(found.remove(&name)),
                        _ => {}
                    }
                }
            };
            // The end of the time is the usual end.
            let _ = timeout(within, listen).await;
            found
        }));
    }
    let mut all = Vec::new();
    for search in searches {
        all.extend(search.await.unwrap_or_default().into_values());
    }
    daemon.shutdown()?;
    Ok(all)
}

impl From<&ResolvedService> for FoundService {
    fn from(found: &ResolvedService) -> Self {
        let mut addresses: Vec<IpAddr> = found.get_addresses().iter().map(mdns_sd::ScopedIp::to_ip_addr).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let service = found.ty_domain.trim_end_matches('.').trim_end_matches(".local");
        let name = found.get_fullname().strip_suffix(&*found.ty_domain).unwrap_or(found.get_fullname());
        let properties =
            found.get_properties().iter().map(|property| (property.key().to_owned(), property.val_str().to_owned()));
        Self {
            service: service.to_owned(),
            name: name.trim_end_matches('.').replace("\\.", ".").replace("\\\\", "\\"),
            host: found.get_hostname().trim_end_matches('.').to_owned(),
            port: found.get_port(),
            addresses,
            properties: properties.collect(),
        }
    }
}
