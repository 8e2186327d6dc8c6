//! Being found on the local network, and finding others (multicast DNS, RFC 6762; service discovery, RFC 6763).
//!
//! [`announce`] tells of this hub while it is ready; [`browse`] looks who is there. The protocol is a library's; here is
//! what is told, on which networks, and when it is told anew.

mod announce;
mod browse;
mod record;

pub use announce::{Announced, announce};
pub use browse::{FoundService, browse};
pub use record::SERVICE;

/// Multicast DNS cannot be spoken.
#[derive(Debug, thiserror::Error)]
#[error("multicast DNS cannot be spoken on this machine ({0})")]
pub struct MdnsError(#[from] mdns_sd::Error);

/// Whether an interface belongs to containers or virtual machines of this machine: nobody lives there.
pub(crate) fn is_virtual(interface: &str) -> bool {
    const PREFIXES: [&str; 8] = ["docker", "veth", "virbr", "vnet", "cni", "flannel", "cali", "podman"];
    // Networks of Docker are bridges named by twelve digits; a bridge named otherwise may be a home's own.
    let is_docker_network = interface
        .strip_prefix("br-")
        .is_some_and(|rest| rest.len() == 12 && rest.bytes().all(|digit| digit.is_ascii_hexdigit()));
    is_docker_network || PREFIXES.iter().any(|prefix| interface.starts_with(prefix))
}

/// Multicast DNS on the networks of the home.
fn daemon() -> Result<mdns_sd::ServiceDaemon, MdnsError> {
    use mdns_sd::{IfKind, IfPredicate, ServiceDaemon};
    let daemon = ServiceDaemon::new()?;
    let nobodys = IfPredicate::new(|interface| interface.is_loopback() || is_virtual(&interface.name));
    daemon.disable_interface(IfKind::Predicate(nobodys))?;
    Ok(daemon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_containers_are_known_by_their_names() {
        for (name, expected) in [
            ("eth0", false),
            ("wlan0", false),
            ("enp3s0", false),
            ("br0", false),
            ("br-lan", false),
            ("br-0123456789ab", true),
            ("docker0", true),
            ("veth12ab", true),
            ("virbr0", true),
        ] {
            assert_eq!(is_virtual(name), expected, "{name}");
        }
    }
}
