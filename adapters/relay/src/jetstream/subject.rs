//! Where an event goes: `<context>.<aggregate>.<event>.v1.<tenant>` (ruling R43), of a sandbox below `sandbox.` (R11).

use sarai_domain::devportal::{DevportalEvent, values::Environment};
use sarai_ports::events::EventRecord;

/// The alphabet of base32 (RFC 4648), in lower case.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The subject of an event: its type and its tenant, after the world where that is a sandbox's.
pub fn subject_of(event: &EventRecord) -> String {
    let world = event.event.devportal().and_then(DevportalEvent::environment);
    let prefix = if world == Some(Environment::Sandbox) { "sandbox." } else { "" };
    format!("{prefix}{}.{}", event.event.topic(), token_of(event.tenant_id.as_str()))
}

/// A tenant as one token of a subject: as it is where it can be, else in base32 without padding.
fn token_of(tenant: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !tenant.is_empty() && tenant.bytes().all(plain) {
        tenant.to_owned()
    } else {
        base32(tenant.as_bytes())
    }
}

fn base32(bytes: &[u8]) -> String {
    let letter = |group: &[u8], place: usize| {
        // Five bits from this place on; what is beyond the group is zero.
        let bit = |bit: usize| group.get(bit / 8).map_or(0, |byte| usize::from(byte >> (7 - bit % 8)) & 1);
        let value = (0..5).fold(0, |value, offset| value << 1 | bit(place * 5 + offset));
        char::from(ALPHABET[value])
    };
    let letters = bytes.chunks(5).flat_map(|group| {
        let count = (group.len() * 8).div_ceil(5);
        (0..count).map(move |place| letter(group, place))
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_as_the_standard_has_it() {
        let examples = [
            ("", ""),
            ("f", "my"),
            ("fo", "mzxq"),
            ("foo", "mzxw6"),
            ("foob", "mzxw6yq"),
            ("fooba", "mzxw6ytb"),
        ];
        for (text, encoded) in examples {
            assert_eq!(base32(text.as_bytes()), encoded);
        }
        assert_eq!(base32(b"foobar"), "mzxw6ytboi");
    }

    #[test]
    fn a_tenant_is_one_token() {
        for (tenant, token) in [("acc_Buyer-1", "acc_Buyer-1"), ("a.b", "mexge"), ("a b>*", "meqgeprk")] {
            assert_eq!(token_of(tenant), token);
        }
    }
}
