//! Where a code goes, and the keyed hash by which a destination is known without being kept.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{channel::Channel, country::CountryCode, email::EmailAddress, mac::KeyedHash, phone::E164Phone};
use crate::kernel::{Coded, Hex, Kind, TenantId};

/// Which sort of address a destination is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DestinationKind {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
}

impl DestinationKind {
    /// Both.
    pub const ALL: &[Self] = &[Self::Phone, Self::Email];

    /// As it is stored and hashed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }
}

/// Why a text is no destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// Not an E.164 number.
    #[error("a phone number is + and 7 to 15 digits, with its country's calling code")]
    InvalidPhone,
    /// Not an address.
    #[error("this is not an e-mail address")]
    InvalidEmail,
    /// Neither of both.
    #[error("a destination has a phone number, an e-mail address, or both")]
    Missing,
    /// Not two letters.
    #[error("a country is two letters of ISO 3166-1, such as AF")]
    InvalidCountry,
    /// Not the beginning of a number.
    #[error("a prefix is + and 1 to 15 digits")]
    InvalidPrefix,
}

impl Coded for DestinationError {
    fn code(&self) -> &'static str {
        match self {
            Self::InvalidPhone => "verification.invalid_phone",
            Self::InvalidEmail => "verification.invalid_email",
            Self::Missing => "verification.destination_required",
            Self::InvalidCountry => "verification.invalid_country",
            Self::InvalidPrefix => "verification.invalid_prefix",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// One address of a destination.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// A phone number.
    Phone(E164Phone),
    /// An e-mail address.
    Email(EmailAddress),
}

impl Address {
    /// Reads a normalised address back, as a vault returns it.
    ///
    /// # Errors
    /// [`DestinationError`] when it is none of this kind.
    pub fn parse(kind: DestinationKind, text: &str) -> Result<Self, DestinationError> {
        match kind {
            DestinationKind::Phone => E164Phone::parse(text).map(Self::Phone),
            DestinationKind::Email => EmailAddress::parse(text).map(Self::Email),
        }
    }

    /// Which sort it is.
    pub const fn kind(&self) -> DestinationKind {
        match self {
            Self::Phone(_) => DestinationKind::Phone,
            Self::Email(_) => DestinationKind::Email,
        }
    }

    /// Its one spelling.
    pub fn normalised(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_str(),
            Self::Email(address) => address.as_str(),
        }
    }

    /// What may be shown.
    pub fn masked(&self) -> String {
        match self {
            Self::Phone(phone) => phone.masked(),
            Self::Email(address) => address.masked(),
        }
    }
}

/// Where a code may go: a phone number, an e-mail address, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    phone: Option<E164Phone>,
    email: Option<EmailAddress>,
}

impl Destination {
    /// Takes at least one of both.
    ///
    /// # Errors
    /// [`DestinationError::Missing`] for neither.
    pub fn try_new(phone: Option<E164Phone>, email: Option<EmailAddress>) -> Result<Self, DestinationError> {
        if phone.is_none() && email.is_none() {
            return Err(DestinationError::Missing);
        }
        Ok(Self { phone, email })
    }

    /// The phone number.
    pub fn phone(&self) -> Option<&E164Phone> {
        self.phone.as_ref()
    }

    /// The e-mail address.
    pub fn email(&self) -> Option<&EmailAddress> {
        self.email.as_ref()
    }

    /// The address of a kind.
    pub fn of_kind(&self, kind: DestinationKind) -> Option<Address> {
        match kind {
            DestinationKind::Phone => self.phone.clone().map(Address::Phone),
            DestinationKind::Email => self.email.clone().map(Address::Email),
        }
    }

    /// The address that a channel reaches.
    pub fn for_channel(&self, channel: Channel) -> Option<Address> {
        self.of_kind(channel.destination_kind())
    }

    /// Every address given, the phone first.
    pub fn addresses(&self) -> Vec<Address> {
        DestinationKind::ALL.iter().filter_map(|kind| self.of_kind(*kind)).collect()
    }

    /// The phone's country.
    pub fn country_code(&self) -> Option<CountryCode> {
        self.phone.as_ref().and_then(E164Phone::country_code)
    }
}

/// How indexes, limits and events know a destination: an HMAC under a key that the database does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DestinationHash(pub Hex<32>);

/// What else limits are counted by, besides destinations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A number without its last four digits.
    Prefix4,
    /// The end user's address on the network.
    Ip,
    /// The developer's name for the end user.
    EndUserRef,
}

impl SubjectKind {
    /// As it is hashed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prefix4 => "prefix4",
            Self::Ip => "ip",
            Self::EndUserRef => "end_user_ref",
        }
    }
}

/// `K_dest`: changes only with a migration that hashes again (ruling R20).
pub struct DestinationKey(Zeroizing<[u8; 32]>);

impl DestinationKey {
    /// Takes the key.
    pub fn new(key: [u8; 32]) -> Self {
        Self(Zeroizing::new(key))
    }

    /// HMAC(`K_dest`, LP(label) ‖ LP(tenantId) ‖ LP(kind) ‖ LP(normalised)).
    pub fn hash(&self, tenant: &TenantId, address: &Address) -> DestinationHash {
        let mac = KeyedHash::new(&self.0, "devportal.dest.v1").part(tenant.as_str().as_bytes());
        Self::finish(mac, address.kind().as_str(), address.normalised())
    }

    /// The same without a tenant, under a label of its own: for the limit that all tenants share.
    pub fn platform_hash(&self, address: &Address) -> DestinationHash {
        let mac = KeyedHash::new(&self.0, "devportal.dest.platform.v1");
        Self::finish(mac, address.kind().as_str(), address.normalised())
    }

    /// The hash of something else that limits are counted by.
    pub fn subject(&self, tenant: &TenantId, kind: SubjectKind, text: &str) -> DestinationHash {
        let mac = KeyedHash::new(&self.0, "devportal.subject.v1").part(tenant.as_str().as_bytes());
        Self::finish(mac, kind.as_str(), text)
    }

    fn finish(mac: KeyedHash, kind: &str, text: &str) -> DestinationHash {
        DestinationHash(Hex(mac.part(kind.as_bytes()).part(text.as_bytes()).finish()))
    }
}

impl fmt::Debug for DestinationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Display for DestinationHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_hash_depends_on_every_part_and_on_nothing_else() {
        let key = DestinationKey::new([7; 32]);
        let tenant = |name: &str| TenantId::try_new(name).unwrap();
        let phone = Address::Phone(E164Phone::parse("+93701231234").unwrap());
        let email = Address::Email(EmailAddress::parse("a@example.com").unwrap());
        let hashes = [
            key.hash(&tenant("a"), &phone),
            key.hash(&tenant("b"), &phone),
            key.hash(&tenant("a"), &email),
            key.platform_hash(&phone),
            key.subject(&tenant("a"), SubjectKind::Prefix4, "+93701231234"),
            DestinationKey::new([8; 32]).hash(&tenant("a"), &phone),
        ];
        assert_eq!(hashes.iter().collect::<BTreeSet<_>>().len(), hashes.len());
        let typed = Address::Phone(E164Phone::parse("0093 70 123 1234").unwrap());
        assert_eq!(hashes[0], key.hash(&tenant("a"), &typed));
        assert_eq!(format!("{key:?}"), "[redacted]");
    }

    #[test]
    fn a_destination_has_an_address_for_each_channel_it_can_be_reached_by() {
        assert_eq!(Destination::try_new(None, None), Err(DestinationError::Missing));
        let phone = Destination::try_new(E164Phone::parse("+93701231234").ok(), None).unwrap();
        assert!(phone.for_channel(Channel::Voice).is_some() && phone.for_channel(Channel::Email).is_none());
        let both =
            Destination::try_new(phone.phone().cloned(), EmailAddress::parse("a@example.com").ok()).unwrap();
        assert_eq!(both.addresses().len(), 2);
        for address in both.addresses() {
            assert_eq!(Address::parse(address.kind(), address.normalised()), Ok(address));
        }
    }
}
