//! Values that several aggregates share, validated when made (devportal.md, section 3.1).

pub mod environment;
pub mod locale;

pub use environment::Environment;
pub use locale::{Direction, Locale};
