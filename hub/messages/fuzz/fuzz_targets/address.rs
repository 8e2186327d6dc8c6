//! Lines: hosts that the owner allows, an address that a person gives, and where the answers lead from there. What is
//! accepted can be written as the header `Host`, is encrypted or allowed by name, and leads from there to nothing that is
//! neither.
#![no_main]

#[allow(dead_code)]
#[path = "../../src/address.rs"]
mod address;
#[allow(dead_code)]
#[path = "../../src/target.rs"]
mod target;

use std::net::IpAddr;

use address::{Allowed, forbidden, is_near};
use hyper::header::HeaderValue;
use libfuzzer_sys::fuzz_target;
use target::Target;

/// More redirects are not followed anyway.
const LONGEST_WAY: usize = 8;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n');
    let allowed = Allowed::new(lines.next().unwrap_or_default().split(' '));
    let Ok(mut target) = Target::of(lines.next().unwrap_or_default(), &allowed) else { return };
    check(&target, &allowed);
    for location in lines.take(LONGEST_WAY) {
        let Ok(next) = target.joined(location, &allowed) else { continue };
        check(&next, &allowed);
        assert!(next.is_https || !target.is_https, "nobody is led away from encryption");
        target = next;
    }
});

fn check(target: &Target, allowed: &Allowed) {
    assert!(!target.host.is_empty() && !target.host.contains(['@', '/', ' ', '\r', '\n']), "{target:?}");
    assert!(target.is_https || allowed.names(&target.host), "{target:?}");
    assert!(HeaderValue::from_str(&target.authority()).is_ok(), "{target:?}");
    assert!(target.path.starts_with(['/', '?', '*']) && !target.path.contains([' ', '\r', '\n']), "{target:?}");
    if let Ok(address) = target.host.parse::<IpAddr>() {
        // The same address in another spelling is the same.
        assert!(forbidden(address).is_some() || forbidden(address.to_canonical()).is_none(), "{address}");
        assert!(is_near(address, address));
    }
}
