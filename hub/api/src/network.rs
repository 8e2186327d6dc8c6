//! The addresses of this machine.

use std::net::IpAddr;

use if_addrs::Interface;

/// All addresses of interfaces that are up.
pub fn addresses() -> Vec<IpAddr> {
    interfaces().iter().map(Interface::ip).collect()
}

pub(crate) fn interfaces() -> Vec<Interface> {
    match if_addrs::get_if_addrs() {
        Ok(interfaces) => interfaces.into_iter().filter(Interface::is_oper_up).collect(),
        Err(error) => {
            tracing::debug!(%error, "The addresses of this machine could not be read.");
            Vec::new()
        }
    }
}
