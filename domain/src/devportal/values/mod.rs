//! Values that several aggregates share, validated when made (devportal.md, section 3.1).

pub mod brand;
mod calling_codes;
pub mod channel;
pub mod code;
pub mod country;
pub mod destination;
mod digits;
pub mod email;
pub mod environment;
pub mod locale;
mod mac;
pub mod pepper;
pub mod phone;
pub mod purpose;
pub mod token;

pub use brand::{BRAND_MAX, Brand, BrandError};
pub use channel::{Assurance, Channel, ChannelError, ChannelOrder, ChannelStep};
pub use code::{CodeBinding, CodeError, CodeHash, CodeLength, CodeSeed, PlainCode, SubmittedCode};
pub use country::{ALWAYS_BLOCKED, CountryCode, DialPrefix};
pub use destination::{
    Address, Destination, DestinationError, DestinationHash, DestinationKey, DestinationKind, SubjectKind,
};
pub(crate) use digits::has_long_digit_run;
pub use email::EmailAddress;
pub use environment::Environment;
pub use locale::{Direction, Locale};
pub(crate) use mac::KeyedHash;
pub use pepper::{DOCUMENTED_PEPPER, Kid, PepperError, PepperRing, UnknownKid, derive};
pub use phone::E164Phone;
pub use purpose::Purpose;
pub use token::{Approval, TOKEN_TTL, VerifyTokenClaims};
