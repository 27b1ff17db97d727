//! Values that several aggregates share, validated when made (devportal.md, section 3.1).

pub mod cidr;
pub mod environment;
pub mod key_format;
pub mod label;
pub mod locale;
pub mod malformed;
pub mod percent;
pub mod purl;
pub mod scope;
pub mod slug;
pub(crate) mod text;
pub mod url;
pub mod version;

pub use cidr::CidrBlock;
pub use environment::Environment;
pub use key_format::{KEY_REGEX, KeyPrefix, KeyTail, KeyTrace, RawKey};
pub use label::{CompanyName, DisplayName, Label};
pub use locale::{Direction, Locale};
pub use malformed::Malformed;
pub use percent::Percent;
pub use purl::PackageUrl;
pub use scope::{Scope, ScopeGroup, ScopeSet};
pub use slug::{Slug, Timezone};
pub use url::HttpsUrl;
pub use version::{ReleaseChannel, SemVer};

pub use crate::kernel::Digest as Sha256;
