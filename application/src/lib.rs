//! Sarai's use cases: load, one domain call, save. No I/O but through ports, no clock, no randomness.
//!
//! - [`app`]: the ports a process is wired with, and the one way a command is run and saved; [`recent`]: what was just
//!   saved
//! - [`call`]: who asks, under which idempotency key; [`error`]: what every use case refuses with
//! - [`marketplace`]: the services behind the routes, the consumers of events, the saga's runner, the
//!   scheduler
//! - [`devportal`]: the services of the developer portal; [`customer_portal`]: what its pages show, as pure functions
//! - [`audit`]: the auditor; [`envelope`]: an event as others see it; [`published`]: what each type of event says
//! - [`routing`]: which consumer of which context gets which event; [`sessions`], [`test_clock`]

pub mod app;
pub mod audit;
pub mod call;
pub mod customer_portal;
pub mod devportal;
pub mod envelope;
pub mod error;
pub mod feed;
pub mod marketplace;
pub mod published;
pub mod recent;
pub mod routing;
pub mod sessions;
mod shifts;
pub mod test_clock;

pub use app::{Loaded, Ports};
pub use call::Call;
pub use error::AppError;
