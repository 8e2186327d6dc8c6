//! Names and addresses by which a hub is called, and for which it may vouch.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rustls::pki_types::ServerName;
use serde::{Deserialize, Serialize};

/// The name that every hub has where it is free.
pub const SHARED_HOST: &str = "hearth.local";

/// The addresses of private networks, and the only ones that a hub's own authority can vouch for: this machine, links
/// (RFC 3927, RFC 4291) and local networks (RFC 1918, RFC 4193).
pub(crate) const PRIVATE: [(IpAddr, u8); 8] = [
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
];

/// A certificate holds so many addresses at most.
const ADDRESSES_MAX: usize = 32;

/// A hub's own name: `hearth-xxxx.local`, xxxx = the last four digits of its id.
pub fn host_name(hub_id: &str) -> String {
    format!("hearth-{}.local", tail(hub_id))
}

/// The last four digits of a hub's id.
pub fn tail(hub_id: &str) -> &str {
    let start = hub_id.char_indices().rev().nth(3).map_or(0, |(index, _)| index);
    hub_id.get(start..).unwrap_or_default()
}

/// What a certificate is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Names {
    /// Names of hosts, in lower case.
    pub(crate) hosts: Vec<String>,
    /// Private addresses.
    pub(crate) addresses: Vec<IpAddr>,
}

impl Names {
    /// By which names a hub is called. An address is none, and neither is what no certificate can hold.
    pub(crate) fn hosts_of(hub_id: &str, allowed_hosts: &[String]) -> Vec<String> {
        let mut hosts = vec![host_name(hub_id).to_ascii_lowercase(), SHARED_HOST.to_owned(), "localhost".to_owned()];
        for allowed in allowed_hosts {
            let allowed = allowed.trim_end_matches('.').to_ascii_lowercase();
            let is_name = matches!(ServerName::try_from(allowed.as_str()), Ok(ServerName::DnsName(_)));
            if is_name && !hosts.contains(&allowed) {
                hosts.push(allowed);
            }
        }
        hosts
    }

    /// The private ones among a machine's addresses, and loopback, each once and in order.
    pub(crate) fn private_of(addresses: impl IntoIterator<Item = IpAddr>) -> Vec<IpAddr> {
        let mut private = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        let mut others: Vec<IpAddr> =
            addresses.into_iter().filter(|address| is_private(*address) && !private.contains(address)).collect();
        others.sort_unstable();
        others.dedup();
        private.extend(others);
        private.truncate(ADDRESSES_MAX);
        private
    }

    /// Whether everything of `wanted` is here.
    pub(crate) fn cover(&self, wanted: &Self) -> bool {
        wanted.hosts.iter().all(|host| self.hosts.contains(host))
            && wanted.addresses.iter().all(|address| self.addresses.contains(address))
    }
}

/// Whether an address is of a private network.
pub(crate) fn is_private(address: IpAddr) -> bool {
    PRIVATE.iter().any(|(network, prefix)| match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (network.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(*prefix)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            (network.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(*prefix)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known_by_their_networks() {
        for (address, private) in [
            ("10.1.2.3", true),
            ("172.31.255.255", true),
            ("172.32.0.1", false),
            ("192.168.1.5", true),
            ("192.169.0.1", false),
            ("127.0.0.53", true),
            ("169.254.9.9", true),
            ("8.8.8.8", false),
            ("::1", true),
            ("::2", false),
            ("fd77::1", true),
            ("fe80::1", true),
            ("fec0::1", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_private(address.parse().unwrap()), private, "{address}");
        }
    }

    #[test]
    fn names_are_those_of_the_hub_and_those_that_are_allowed() {
        let allowed = ["Hub.Example", "192.168.1.5", "localhost", "küche", ""].map(ToOwned::to_owned);
        let hosts = Names::hosts_of("0123abcd", &allowed);
        assert_eq!(hosts, ["hearth-abcd.local", "hearth.local", "localhost", "hub.example"]);
        let addresses = ["192.168.1.5", "2001:db8::1", "192.168.1.5", "127.0.0.1"].map(|text| text.parse().unwrap());
        let private: Vec<String> = Names::private_of(addresses).iter().map(ToString::to_string).collect();
        assert_eq!(private, ["127.0.0.1", "::1", "192.168.1.5"]);
        let many = (0..=255).map(|last| IpAddr::from([10, 0, 0, last]));
        assert_eq!(Names::private_of(many).len(), ADDRESSES_MAX);
    }
}
