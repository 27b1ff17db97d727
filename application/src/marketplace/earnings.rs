//! What providers earn, read (marketplace.md 6). It is written by the consumers and the scheduler.

use std::sync::Arc;

use sarai_domain::{
    kernel::{Currency, PeriodMonth},
    marketplace::earnings::ProviderEarnings,
};
use sarai_ports::{Page, PageRequest};

use crate::{AppError, Call, Ports};

/// The queries of earnings.
#[derive(Clone)]
pub struct Earnings {
    ports: Arc<Ports>,
}

impl Earnings {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// The caller's periods, latest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        call: &Call,
        period: Option<PeriodMonth>,
        currency: Option<Currency>,
        page: &PageRequest,
    ) -> Result<Page<ProviderEarnings>, AppError> {
        let (scope, tenant) = (call.scope(), &call.principal.tenant_id);
        let found =
            self.ports.earnings.find_by_provider_and_period(&scope, tenant, period, currency, page).await?;
        Ok(found)
    }
}
