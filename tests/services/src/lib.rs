//! Throw-away services for tests and benchmarks: real servers on free ports of the loopback, each in a directory
//! of its own. What a value of these types started ends with it, and also when the process that holds it dies.
//!
//! Everything but the proxy's pumps blocks: a test may call it from any thread, with or without a runtime.

pub mod browser;
mod cluster;
mod daemon;
mod install;
pub mod load;
mod nats;
mod port;
mod proxy;
mod receiver;
mod sarai;
pub mod signatures;
mod tmpfs;

pub use cluster::{Cluster, Database};
pub use nats::Nats;
pub use proxy::{Loss, Proxy, Weather};
pub use receiver::{Answer, Received, Receiver};
pub use sarai::{SaraiProcess, command as sarai};
pub use tmpfs::Tmpfs;
