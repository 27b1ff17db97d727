//! The marketplace's use cases.
//!
//! Requests end in one of the services ([`listings`], [`quotes`], [`orders`], [`licenses`], [`coupons`],
//! [`earnings`], [`statements`], [`catalog`], [`doctor`], [`outbox_desk`]). What they set off runs in the [`consumers`] of
//! [`routes`]; what other services tell us ends in [`inbound`]; what time brings about runs in the
//! [`scheduler`]. What tenants may know of it is read in the [`feed`](crate::feed), as [`view`] cuts it.

mod cart;
pub mod catalog;
pub mod consumers;
pub mod coupons;
pub mod doctor;
pub mod earnings;
pub mod inbound;
pub mod licenses;
pub mod listings;
pub mod orders;
pub mod outbox_desk;
pub mod quotes;
pub mod refund_preview;
pub mod routes;
pub mod saga;
pub mod scheduler;
pub mod seat_desk;
pub mod statements;
pub mod timeline;
pub mod view;

use std::sync::Arc;

pub use cart::{CartRequest, RequestedLine};

use crate::Ports;

/// Every service of the marketplace over the same ports.
#[derive(Clone)]
pub struct Marketplace {
    /// Listings and their review.
    pub listings: listings::Listings,
    /// The public catalogue.
    pub catalog: catalog::CatalogQueries,
    /// Quotes.
    pub quotes: quotes::Quotes,
    /// Orders.
    pub orders: orders::Orders,
    /// Licences, seats, entitlement.
    pub licenses: licenses::Licenses,
    /// Coupons.
    pub coupons: coupons::Coupons,
    /// Providers' earnings.
    pub earnings: earnings::Earnings,
    /// Sagas, for the platform's staff.
    pub doctor: doctor::SagaDoctor,
    /// Deliveries, for the platform's staff.
    pub outbox: outbox_desk::OutboxDesk,
    /// Their statements.
    pub statements: statements::Statements,
}

impl Marketplace {
    /// Over these ports.
    pub fn new(ports: &Arc<Ports>) -> Self {
        Self {
            listings: listings::Listings::new(Arc::clone(ports)),
            catalog: catalog::CatalogQueries::new(Arc::clone(ports)),
            quotes: quotes::Quotes::new(Arc::clone(ports)),
            orders: orders::Orders::new(Arc::clone(ports)),
            licenses: licenses::Licenses::new(Arc::clone(ports)),
            coupons: coupons::Coupons::new(Arc::clone(ports)),
            earnings: earnings::Earnings::new(Arc::clone(ports)),
            doctor: doctor::SagaDoctor::new(Arc::clone(ports)),
            outbox: outbox_desk::OutboxDesk::new(Arc::clone(ports)),
            statements: statements::Statements::new(Arc::clone(ports)),
        }
    }
}
