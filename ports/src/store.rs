//! Everything a store is asked, as one trait: what a process is wired with, whichever store it is.

use crate::{
    audit::AuditLog,
    devportal::DevportalStore,
    events::{EventLog, Outbox},
    feed::Feed,
    idempotency::IdempotencyStore,
    inventory::Inventory,
    leases::Leases,
    marketplace::{
        Catalog, CatalogFacts, CouponRepository, LicenseRepository, ListingRepository, OrderRepository,
        ProviderEarningsRepository, ProviderFacts, QuoteRepository, SagaRepository, Sales, StatementStore,
    },
};

macro_rules! store {
    ($($port:ident),* $(,)?) => {
        /// A store: every port that keeps something.
        pub trait Store: $($port +)* {}

        impl<S: $($port +)*> Store for S {}
    };
}

store! {
    ListingRepository, OrderRepository, LicenseRepository, CouponRepository, SagaRepository, QuoteRepository,
    ProviderEarningsRepository, StatementStore, Catalog, CatalogFacts, ProviderFacts, Sales, Outbox, EventLog, Feed,
    Leases, IdempotencyStore, AuditLog, Inventory, DevportalStore,
}
