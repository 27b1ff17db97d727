//! Values that several aggregates share, validated when made (devportal.md, section 3.1).

pub mod brand;
mod calling_codes;
pub mod channel;
pub mod cidr;
pub mod code;
pub mod country;
pub mod destination;
mod digits;
pub mod email;
pub mod environment;
pub mod key_format;
pub mod label;
pub mod locale;
mod mac;
pub mod malformed;
pub mod pepper;
pub mod percent;
pub mod phone;
pub mod purl;
pub mod purpose;
pub mod scope;
pub mod slug;
pub(crate) mod text;
pub mod token;
pub mod url;
pub mod version;

pub use brand::{BRAND_MAX, Brand, BrandError};
pub use channel::{Assurance, Channel, ChannelError, ChannelOrder, ChannelStep};
pub use cidr::CidrBlock;
pub use code::{CodeBinding, CodeError, CodeHash, CodeLength, CodeSeed, PlainCode, SubmittedCode};
pub use country::{ALWAYS_BLOCKED, CountryCode, DialPrefix};
pub use destination::{
    Address, Destination, DestinationError, DestinationHash, DestinationKey, DestinationKind, SubjectKind,
};
pub(crate) use digits::has_long_digit_run;
pub use email::EmailAddress;
pub use environment::Environment;
pub use key_format::{KEY_REGEX, KeyPrefix, KeyTail, KeyTrace, RawKey};
pub use label::{CompanyName, DisplayName, Label};
pub use locale::{Direction, Locale};
pub(crate) use mac::KeyedHash;
pub use malformed::Malformed;
pub use pepper::{DOCUMENTED_PEPPER, Kid, PepperError, PepperRing, UnknownKid, derive};
pub use percent::Percent;
pub use phone::E164Phone;
pub use purl::PackageUrl;
pub use purpose::Purpose;
pub use scope::{Scope, ScopeGroup, ScopeSet};
pub use slug::{Slug, Timezone};
pub use token::{Approval, TOKEN_TTL, VerifyTokenClaims};
pub use url::HttpsUrl;
pub use version::{ReleaseChannel, SemVer};

pub use crate::kernel::Digest as Sha256;
