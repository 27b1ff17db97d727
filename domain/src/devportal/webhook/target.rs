//! Which addresses may be called (W-INV-1): looked at when the connection is made, so that no name can lead elsewhere
//! in between.

use std::net::IpAddr;

use super::WebhookError;
use crate::devportal::values::CidrBlock;

/// What is sent waits this long for an answer, in seconds.
pub const TIMEOUT_SECONDS: u64 = 10;
/// The most that is sent, headers included.
pub const MAX_REQUEST: usize = 64 << 10;

/// Every block that is no public unicast address (the IANA registries of special-purpose addresses).
const NOT_PUBLIC_V4: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];
/// The one block of public addresses, and what of it is not: protocols, documentation, tunnels into IPv4.
const PUBLIC_V6: &str = "2000::/3";
const NOT_PUBLIC_V6: &[&str] = &["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"];

fn lies_in(address: IpAddr, block: &str) -> bool {
    block.parse().is_ok_and(|block: CidrBlock| block.contains(address))
}

/// Whether an address is public unicast. An IPv4 address in IPv6 is the IPv4 address.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        address @ IpAddr::V4(_) => !NOT_PUBLIC_V4.iter().any(|block| lies_in(address, block)),
        address @ IpAddr::V6(_) => {
            lies_in(address, PUBLIC_V6) && !NOT_PUBLIC_V6.iter().any(|block| lies_in(address, block))
        }
    }
}

/// Whether an address may be called: public, or admitted by the operator by name (ruling R25).
///
/// # Errors
/// [`WebhookError::TargetForbidden`] (W-INV-1), which says no more than that.
pub fn require(address: IpAddr, admitted: &[IpAddr]) -> Result<(), WebhookError> {
    let address = address.to_canonical();
    if is_public(address) || admitted.iter().any(|one| one.to_canonical() == address) {
        Ok(())
    } else {
        Err(WebhookError::TargetForbidden)
    }
}
