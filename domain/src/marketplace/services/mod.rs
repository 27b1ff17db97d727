//! The pure domain services of the seed: each is total and property-tested.

mod priced_cart;

pub mod entitlement;
pub mod money_oracle;
pub mod pricing;
pub mod receipt;
pub mod refund_eligibility;
pub mod revenue_share;
pub mod seat_allocator;

pub use money_oracle::{MoneyOracle, MoneyTally};
pub use priced_cart::{AppliedDiscount, AppliedTerms, PricedCart, PricedLine};
