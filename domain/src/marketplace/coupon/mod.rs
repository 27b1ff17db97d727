//! wip

mod terms;

pub use terms::CouponTerms;
