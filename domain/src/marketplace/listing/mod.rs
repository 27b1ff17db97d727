//! wip

mod offer;

pub use offer::Offer;
