//! Where a person may send the hub. An address that somebody names must not lead to what stands behind the hub's own
//! door: itself, the home's network, the network of its provider.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses that begin with these bits, and what they are. RFC 6890 and the registries of IANA that it names.
const FORBIDDEN_V4: &[([u8; 4], u32, &str)] = &[
    ([0, 0, 0, 0], 8, "no address of a machine"),
    ([10, 0, 0, 0], 8, "in a private network"),
    ([100, 64, 0, 0], 10, "in a provider's own network"),
    ([127, 0, 0, 0], 8, "the hub itself"),
    ([169, 254, 0, 0], 16, "link-local"),
    ([172, 16, 0, 0], 12, "in a private network"),
    ([192, 0, 0, 0], 24, "reserved"),
    ([192, 0, 2, 0], 24, "for documentation"),
    ([192, 88, 99, 0], 24, "reserved"),
    ([192, 168, 0, 0], 16, "in a private network"),
    ([198, 18, 0, 0], 15, "for measurements"),
    ([198, 51, 100, 0], 24, "for documentation"),
    ([203, 0, 113, 0], 24, "for documentation"),
    ([224, 0, 0, 0], 4, "multicast"),
    ([240, 0, 0, 0], 4, "reserved"),
];

const FORBIDDEN_V6: &[([u16; 8], u32, &str)] = &[
    ([0, 0, 0, 0, 0, 0, 0, 0], 128, "no address of a machine"),
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, "the hub itself"),
    ([0, 0, 0, 0, 0, 0, 0, 0], 96, "reserved"),
    ([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, "in a private network"),
    ([0x100, 0, 0, 0, 0, 0, 0, 0], 64, "reserved"),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, "reserved"),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, "for documentation"),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "for documentation"),
    ([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16, "reserved"),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, "in a private network"),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, "link-local"),
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, "in a private network"),
    ([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, "multicast"),
];

/// Addresses that have an IPv4 address within, at this bit: RFC 4291 (mapped), 6052 (NAT64), 3056 (6to4).
const WITH_V4_WITHIN: &[([u16; 8], u32, u32)] = &[
    ([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, 96),
    ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, 96),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, 16),
];

/// Why the hub does not send there for a person; none = it does.
pub fn forbidden(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => forbidden_v4(address),
        IpAddr::V6(address) => forbidden_v6(address),
    }
}

fn forbidden_v4(address: Ipv4Addr) -> Option<&'static str> {
    let begins = |network: [u8; 4], length: u32| {
        (address.to_bits() ^ Ipv4Addr::from(network).to_bits()).leading_zeros() >= length
    };
    FORBIDDEN_V4.iter().find(|(network, length, _)| begins(*network, *length)).map(|(_, _, what)| *what)
}

fn forbidden_v6(address: Ipv6Addr) -> Option<&'static str> {
    let begins = |network: [u16; 8], length: u32| {
        (address.to_bits() ^ Ipv6Addr::from(network).to_bits()).leading_zeros() >= length
    };
    if let Some((_, _, at)) = WITH_V4_WITHIN.iter().find(|(network, length, _)| begins(*network, *length)) {
        let within = address.to_bits() >> (96 - at);
        return forbidden_v4(Ipv4Addr::from_bits(u32::try_from(within & u128::from(u32::MAX)).unwrap_or_default()));
    }
    FORBIDDEN_V6.iter().find(|(network, length, _)| begins(*network, *length)).map(|(_, _, what)| *what)
}

/// Whether an address that the hub would speak from says that the other one is itself or its neighbour: machines of
/// the home have public IPv6 addresses too. A network has 64 bits, but a home may have several: it is given 56 of its
/// own, or 48 at most (RFC 6177), and nothing says how many. Others in the same 48 are of the same provider; who is to
/// be told there is named by the owner.
pub fn is_near(own: IpAddr, other: IpAddr) -> bool {
    match (own, other) {
        (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()) >> 80 == 0,
        (own, other) => own == other,
    }
}

/// The hosts that the owner allows although they are near.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    names: Vec<String>,
    addresses: Vec<IpAddr>,
}

impl Allowed {
    /// Names and addresses as they are written.
    pub fn new<T: AsRef<str>>(hosts: impl IntoIterator<Item = T>) -> Self {
        let mut allowed = Self::default();
        for host in hosts {
            let host = plain(host.as_ref());
            match host.parse::<IpAddr>() {
                Ok(address) => allowed.addresses.push(address.to_canonical()),
                Err(_) => allowed.names.push(host),
            }
        }
        allowed
    }

    /// Whether this is a host that the owner named.
    pub fn names(&self, host: &str) -> bool {
        let host = plain(host);
        match host.parse::<IpAddr>() {
            Ok(address) => self.has(address),
            Err(_) => self.names.contains(&host),
        }
    }

    /// Whether this is an address that the owner named.
    pub fn has(&self, address: IpAddr) -> bool {
        self.addresses.contains(&address.to_canonical())
    }
}

/// A host without what does not tell hosts apart.
fn plain(host: &str) -> String {
    host.trim().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_forbidden_and_what_is_far_is_not() {
        for (address, is_forbidden) in [
            ("1.1.1.1", false),
            ("100.63.255.255", false),
            ("100.64.0.1", true),
            ("100.127.255.255", true),
            ("100.128.0.0", false),
            ("127.0.0.1", true),
            ("127.255.255.254", true),
            ("0.0.0.0", true),
            ("0.1.2.3", true),
            ("10.0.0.1", true),
            ("11.0.0.1", false),
            ("169.254.169.254", true),
            ("172.15.0.1", false),
            ("172.16.0.1", true),
            ("172.31.255.255", true),
            ("172.32.0.0", false),
            ("192.168.1.5", true),
            ("192.169.0.1", false),
            ("198.19.0.1", true),
            ("224.0.0.251", true),
            ("239.255.255.250", true),
            ("255.255.255.255", true),
            ("::", true),
            ("::1", true),
            ("::127.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("::ffff:192.168.1.5", true),
            ("::ffff:1.1.1.1", false),
            ("64:ff9b::7f00:1", true),
            ("64:ff9b::101:101", false),
            ("64:ff9b:1::101:101", true),
            ("2002:7f00:1::1", true),
            ("2002:c0a8:105::1", true),
            ("2002:101:101::1", false),
            ("2001:0:1::1", true),
            ("2001:db8::1", true),
            ("2606:4700:4700::1111", false),
            ("fc00::1", true),
            ("fd12:3456::1", true),
            ("fe80::1", true),
            ("febf::1", true),
            ("fec0::1", true),
            ("ff02::fb", true),
        ] {
            let parsed: IpAddr = address.parse().unwrap();
            assert_eq!(forbidden(parsed).is_some(), is_forbidden, "{address}: {:?}", forbidden(parsed));
        }
    }

    #[test]
    fn neighbours_share_a_site_of_48_bits() {
        for (own, other, near) in [
            ("2003:1:2:3::10", "2003:1:2:3::20", true),
            ("2003:1:2:3::10", "2003:1:2:4::20", true),
            ("2003:1:2:300::10", "2003:1:2:3ff::20", true),
            ("2003:1:2:3::10", "2003:1:3:3::10", false),
            ("1.2.3.4", "1.2.3.4", true),
            ("1.2.3.4", "1.2.3.5", false),
            ("1.2.3.4", "2003::1", false),
        ] {
            assert_eq!(is_near(own.parse().unwrap(), other.parse().unwrap()), near, "{own} {other}");
        }
    }

    #[test]
    fn the_owner_allows_hosts_by_name_or_address() {
        let allowed = Allowed::new(["ntfy.lan", "192.168.1.5", "[fd00::1]"]);
        for (host, is_named) in [
            ("ntfy.lan", true),
            ("NTFY.lan.", true),
            ("x.ntfy.lan", false),
            ("192.168.1.5", true),
            ("::ffff:192.168.1.5", true),
            ("192.168.1.6", false),
            ("[fd00::1]", true),
            ("fd00::2", false),
        ] {
            assert_eq!(allowed.names(host), is_named, "{host}");
        }
        assert!(allowed.has("fd00::1".parse().unwrap()) && !allowed.has("127.0.0.1".parse().unwrap()));
    }
}
