//! The marketplace's ports.

mod gateways;
mod read_models;
mod repositories;
mod statements;
mod stored;

pub use crate::scope::platform;
pub use gateways::{
    BillingGateway, EnrollmentGateway, Enrolment, IntentCreated, IntentRequest, IntentStatus,
    LearnerActivity, PaymentAnswer, PayoutStatus, RefundStatus, TaxAnswer, TaxLine, TaxRequest, VoidAnswer,
};
pub use read_models::{
    Catalog, CatalogFacts, CatalogFilter, CatalogSort, ProviderFacts, ProviderSale, Sales,
};
pub use repositories::{
    AccrueError, CouponRepository, LISTED_LINES, LicenseRepository, LicenseRows, ListingRepository,
    OpenMatters, OrderRepository, ProviderEarningsRepository, QuoteRepository, ReserveError, SagaFilter,
    SagaRepository, Waiting,
};
pub use statements::{Held, StatementStore, Unsealed};
pub use stored::saga_key;

pub use crate::repository::Repository;
