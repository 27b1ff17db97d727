//! What names a period: provider, currency, month.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::kernel::{Currency, PeriodMonth, TenantId};

/// The key of a period. In text `tenant:USD:2026-04`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EarningsKey {
    /// Who earns.
    pub provider_tenant_id: TenantId,
    /// In which currency.
    pub currency: Currency,
    /// The UTC month in which the orders were fulfilled.
    pub period_month: PeriodMonth,
}

/// The text is not a period's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a period's key is provider, currency and month, such as acme:USD:2026-04")]
pub struct EarningsKeyError;

impl fmt::Display for EarningsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.provider_tenant_id, self.currency.code(), self.period_month)
    }
}

impl FromStr for EarningsKey {
    type Err = EarningsKeyError;

    fn from_str(text: &str) -> Result<Self, EarningsKeyError> {
        // From the right: a tenant's id may contain a colon, a currency and a month cannot.
        let mut parts = text.rsplitn(3, ':');
        let mut part = || parts.next().ok_or(EarningsKeyError);
        Ok(Self {
            period_month: part()?.parse().map_err(|_| EarningsKeyError)?,
            currency: Currency::parse(part()?).map_err(|_| EarningsKeyError)?,
            provider_tenant_id: part()?.parse().map_err(|_| EarningsKeyError)?,
        })
    }
}
