//! URLs that lead, or pretend to lead, where nobody may be called.

use std::net::IpAddr;

use super::dns::Zone;

/// Refused as a URL: `@` stands for the port.
const REFUSED: &[&str] = &[
    // Addresses in every spelling that some program takes for one.
    "https://127.0.0.1:@/",
    "https://10.0.0.1:@/",
    "https://169.254.169.254:@/latest/meta-data",
    "https://8.8.8.8:@/",
    "https://2130706433:@/",
    "https://0x7f000001:@/",
    "https://0x7f.0.0.1:@/",
    "https://0x7F.1:@/",
    "https://017700000001:@/",
    "https://0177.0.0.1:@/",
    "https://127.1:@/",
    "https://127.0.1:@/",
    "https://0:@/",
    "https://0.0.0.0:@/",
    "https://127.0.0.1.:@/",
    "https://127.000.000.001:@/",
    "https://3232235777:@/",
    "https://[::1]:@/",
    "https://[::]:@/",
    "https://[0:0:0:0:0:0:0:1]:@/",
    "https://[::ffff:127.0.0.1]:@/",
    "https://[::ffff:7f00:1]:@/",
    "https://[0:0:0:0:0:ffff:7f00:1]:@/",
    "https://[::127.0.0.1]:@/",
    "https://[64:ff9b::7f00:1]:@/",
    "https://[64:ff9b::127.0.0.1]:@/",
    "https://[64:ff9b:1::7f00:1]:@/",
    "https://[2002:7f00:1::]:@/",
    "https://[2002:a00:1::1]:@/",
    "https://[2001:0:7f00:1::]:@/",
    "https://[fe80::1]:@/",
    "https://[fe80::1%25eth0]:@/",
    "https://[fe80::1%eth0]:@/",
    "https://[::1%25lo]:@/",
    "https://[fc00::1]:@/",
    "https://[fd00:ec2::254]:@/",
    "https://[ff02::1]:@/",
    "https://[2606:4700::1111]:@/",
    "https://[::1:@/",
    "https://[127.0.0.1]:@/",
    // The same in letters that are digits and dots elsewhere.
    "https://\u{ff11}\u{ff12}\u{ff17}.0.0.1:@/",
    "https://127\u{3002}0\u{3002}0\u{3002}1:@/",
    "https://\u{2460}\u{2461}\u{2466}.0.0.1:@/",
    "https://\u{661}\u{662}\u{667}.0.0.1:@/",
    "https://%31%32%37.0.0.1:@/",
    "https://127.0.0.1%00.example:@/",
    "https://loc\u{ad}alhost%2f:@/",
    // Somebody else in front, or behind.
    "https://user@127.0.0.1:@/",
    "https://user:word@localhost:@/",
    "https://example.com@127.0.0.1:@/",
    "https://example.com%40127.0.0.1:@/",
    "https://127.0.0.1:@\\@example.com/",
    "https://example.com:@#@127.0.0.1/",
    "https://127.0.0.1:@?.example.com/",
    "https://example.com:80@127.0.0.1:@/",
    // Another scheme, another port, another line.
    "http://localhost:@/",
    "HTTP://127.0.0.1:@/",
    "ftp://localhost:@/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:@/",
    "//127.0.0.1:@/",
    "https:/127.0.0.1:@/",
    "https:127.0.0.1:@",
    "https://example.com:22/",
    "https://example.com:25/",
    "https://example.com:80/",
    "https://example.com:0/",
    "https://example.com:65536/",
    "https://example.com:-1/",
    "https://example.com:4 43/",
    "https://exa\nmple.com:@/",
    "https://example.com:@/a\r\nhost: localhost",
    " https://localhost:@/",
    "https://localhost\t:@/",
    "https://:@/",
    "https://.:@/",
    "https://",
];

/// Names, each with every address that it leads to: one of them may not be called.
const NAMES: &[(&str, &[&str])] = &[
    ("localhost", &["127.0.0.1", "::1"]),
    ("localhost.localdomain", &["127.0.0.1"]),
    ("loopback-high", &["127.255.255.254"]),
    ("this", &["0.0.0.0"]),
    ("this-network", &["0.1.2.3"]),
    ("ten", &["10.0.0.1"]),
    ("one-seven-two", &["172.16.0.1"]),
    ("one-seven-two-end", &["172.31.255.255"]),
    ("one-nine-two", &["192.168.1.1"]),
    ("link-local", &["169.254.1.1"]),
    ("metadata", &["169.254.169.254"]),
    ("metadata-six", &["fd00:ec2::254"]),
    ("carrier", &["100.64.0.1"]),
    ("metadata-carrier", &["100.100.100.200"]),
    ("benchmark", &["198.18.0.1"]),
    ("documentation", &["192.0.2.1"]),
    ("documentation-two", &["198.51.100.1"]),
    ("documentation-three", &["203.0.113.1"]),
    ("protocols", &["192.0.0.1"]),
    ("relay", &["192.88.99.1"]),
    ("multicast", &["224.0.0.1"]),
    ("reserved", &["240.0.0.1"]),
    ("broadcast", &["255.255.255.255"]),
    ("six", &["::1"]),
    ("six-this", &["::"]),
    ("mapped", &["::ffff:127.0.0.1"]),
    ("mapped-ten", &["::ffff:10.0.0.1"]),
    ("compatible", &["::127.0.0.1"]),
    ("nat64", &["64:ff9b::7f00:1"]),
    ("nat64-local", &["64:ff9b:1::a00:1"]),
    ("six-to-four", &["2002:7f00:1::1"]),
    ("teredo", &["2001:0:7f00:1::1"]),
    ("orchid", &["2001:20::1"]),
    ("unique-local", &["fc00::1"]),
    ("unique-local-two", &["fdff::1"]),
    ("six-link-local", &["fe80::1"]),
    ("site-local", &["fec0::1"]),
    ("six-multicast", &["ff02::1"]),
    ("six-documentation", &["2001:db8::1"]),
    ("six-documentation-two", &["3fff::1"]),
    ("discard", &["100::1"]),
    ("outside", &["4000::1"]),
    ("mixed", &["1.1.1.1", "127.0.0.1"]),
    ("mixed-last", &["1.1.1.1", "8.8.8.8", "10.1.1.1"]),
    ("mixed-families", &["8.8.8.8", "::1"]),
    ("mixed-six", &["2606:4700::1111", "fd00::1"]),
];

/// What the name server knows.
pub(crate) fn zone() -> Zone {
    let addresses = |list: &[&str]| list.iter().map(|one| one.parse::<IpAddr>().unwrap()).collect();
    NAMES.iter().map(|(name, list)| (full(name), vec![addresses(list)])).collect()
}

/// Every URL, and whether it is one whose name has to be asked for.
pub(crate) fn urls(port: u16) -> Vec<(String, bool)> {
    let refused = REFUSED.iter().map(|text| (with_port(text, port), false));
    let names = NAMES.iter().map(|(name, _)| (format!("https://{}:{port}/in", full(name)), true));
    refused.chain(names).collect()
}

/// `:@` is where the port goes; other `@` stay.
fn with_port(text: &str, port: u16) -> String {
    text.replace(":@", &format!(":{port}"))
}

fn full(name: &str) -> String {
    if name.starts_with("localhost") { name.to_owned() } else { format!("{name}.test") }
}
