//! Blocks of addresses that a key may be used from.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use super::Malformed;

/// A block of IPv4 or IPv6 addresses, with zeros beyond its length. A bare address is a block of one.
///
/// ```
/// # use sarai_domain::devportal::values::CidrBlock;
/// let office: CidrBlock = "203.0.113.0/24".parse()?;
/// assert!(office.contains("203.0.113.9".parse().unwrap()));
/// assert!(office.contains("::ffff:203.0.113.9".parse().unwrap()), "the same address in IPv6");
/// assert!("203.0.113.1/24".parse::<CidrBlock>().is_err());
/// # Ok::<(), sarai_domain::devportal::values::Malformed>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CidrBlock {
    network: IpAddr,
    length: u8,
}

/// How many bits the addresses of a family have.
const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The address with zeros beyond `length`.
fn masked(address: IpAddr, length: u8) -> IpAddr {
    let host_bits = |width: u8| u32::from(width.saturating_sub(length));
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(host_bits(32)).unwrap_or_default();
            Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(host_bits(128)).unwrap_or_default();
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    }
}

impl CidrBlock {
    /// Whether an address lies in it. An IPv4 address written in IPv6 is the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        width(address) == width(self.network) && masked(address, self.length) == self.network
    }

    /// The block that is kept of an address somebody came from: /24 of IPv4, /48 of IPv6.
    pub fn around(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let length = if address.is_ipv4() { 24 } else { 48 };
        Self { network: masked(address, length), length }
    }
}

impl fmt::Display for CidrBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.length)
    }
}

impl FromStr for CidrBlock {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (address, length) =
            text.split_once('/').map_or((text, None), |(left, right)| (left, Some(right)));
        let network: IpAddr = address.parse().map_err(|_| Malformed::CidrBlock)?;
        // `::ffff:203.0.113.0/120` would never match: callers are compared in IPv4.
        if network.to_canonical() != network {
            return Err(Malformed::CidrBlock);
        }
        let length = match length {
            None => width(network),
            Some(digits)
                if digits.bytes().all(|b| b.is_ascii_digit())
                    && (digits == "0" || !digits.starts_with('0')) =>
            {
                digits.parse().map_err(|_| Malformed::CidrBlock)?
            }
            Some(_) => return Err(Malformed::CidrBlock),
        };
        if length <= width(network) && masked(network, length) == network {
            Ok(Self { network, length })
        } else {
            Err(Malformed::CidrBlock)
        }
    }
}

impl TryFrom<String> for CidrBlock {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<CidrBlock> for String {
    fn from(block: CidrBlock) -> Self {
        block.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(text: &str) -> CidrBlock {
        text.parse().unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_block_has_its_addresses_and_no_others() {
        for (text, inside, outside) in [
            ("203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
            ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::/0", "::1", "1.2.3.4"),
            ("2001:db8::1/128", "2001:db8::1", "2001:db8::2"),
        ] {
            assert!(block(text).contains(ip(inside)), "{text}");
            assert!(!block(text).contains(ip(outside)), "{text}");
        }
        assert_eq!(block("203.0.113.7").to_string(), "203.0.113.7/32");
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for bad in [
            "",
            "/",
            "1.2.3.4/",
            "1.2.3.4/33",
            "1.2.3.4/-1",
            "1.2.3.4/+8",
            "1.2.3.4/08",
            "1.2.3.4/8",
            "1.2.3/8",
            "01.2.3.4",
            "::1/129",
            "2001:db8::1/32",
            "::ffff:1.2.3.4",
            "::ffff:0:0/96 ",
            "a/8",
            "1.2.3.4/8/8",
        ] {
            assert_eq!(bad.parse::<CidrBlock>(), Err(Malformed::CidrBlock), "{bad}");
        }
    }

    #[test]
    fn of_who_came_only_the_neighbourhood_is_kept() {
        assert_eq!(CidrBlock::around(ip("203.0.113.9")), block("203.0.113.0/24"));
        assert_eq!(CidrBlock::around(ip("::ffff:203.0.113.9")), block("203.0.113.0/24"));
        assert_eq!(CidrBlock::around(ip("2001:db8:1:2::3")), block("2001:db8:1::/48"));
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity_and_a_block_has_its_first_address(bits: u32, length in 0_u8..=32) {
            let network = masked(Ipv4Addr::from_bits(bits).into(), length);
            let one = CidrBlock { network, length };
            prop_assert_eq!(block(&one.to_string()), one);
            prop_assert!(one.contains(network) && one.contains(Ipv4Addr::from_bits(bits).into()));
        }
    }
}
