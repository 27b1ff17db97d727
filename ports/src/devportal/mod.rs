//! Gateways of the developer portal and of the customers' pages.

mod gateways;

pub use gateways::*;
