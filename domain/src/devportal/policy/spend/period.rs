//! The UTC day or month that a ledger is for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime, Time};

use crate::{
    devportal::{policy::PolicyKey, values::Environment},
    kernel::{PeriodMonth, SandboxId, TenantId, Timestamp},
};

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PeriodKind {
    /// A UTC day.
    Day,
    /// A UTC month.
    Month,
}

/// A period, by its first instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SpendPeriod {
    /// How long it is.
    pub kind: PeriodKind,
    /// When it begins.
    pub starts_at: Timestamp,
}

/// A sandbox between two of its resets: what a scenario pretends of money is announced once in each (ruling R7). In text
/// `sbx_….0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SandboxRound {
    /// Which.
    pub sandbox_id: SandboxId,
    /// How often it was reset.
    pub round: u32,
}

/// The key of a ledger. In text `tenant:PRODUCTION:DAY:2026-04-20T00:00:00Z`, in a sandbox
/// `tenant:SANDBOX:sbx_….0:DAY:2026-04-20T00:00:00Z`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SpendKey {
    /// Whose.
    pub tenant_id: TenantId,
    /// In which world.
    pub environment: Environment,
    /// In which sandbox; none in production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<SandboxRound>,
    /// For which period.
    pub period: SpendPeriod,
}

/// The text is not a ledger's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ledger's key is tenant, environment, DAY or MONTH, and the period's first instant")]
pub struct SpendKeyError;

impl PeriodKind {
    /// Both.
    pub const ALL: &[Self] = &[Self::Day, Self::Month];

    /// As it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Month => "MONTH",
        }
    }
}

impl SpendPeriod {
    /// The period an instant lies in.
    pub fn of(kind: PeriodKind, at: Timestamp) -> Self {
        let starts_at = match kind {
            PeriodKind::Day => day(at.to_offset_date_time().date()),
            PeriodKind::Month => PeriodMonth::of(at).start(),
        };
        Self { kind, starts_at }
    }

    /// The first instant after it.
    pub fn ends_at(&self) -> Timestamp {
        match self.kind {
            PeriodKind::Day => self.starts_at.plus_days(1),
            PeriodKind::Month => PeriodMonth::of(self.starts_at).end(),
        }
    }
}

fn day(date: Date) -> Timestamp {
    Timestamp::new(OffsetDateTime::new_utc(date, Time::MIDNIGHT))
}

impl SpendKey {
    /// The ledgers that a send of this time is held in: of its day and of its month. A later settlement is theirs too.
    pub fn of_send(tenant_id: &TenantId, environment: Environment, queued_at: Timestamp) -> [Self; 2] {
        [PeriodKind::Day, PeriodKind::Month].map(|kind| Self {
            tenant_id: tenant_id.clone(),
            environment,
            sandbox: None,
            period: SpendPeriod::of(kind, queued_at),
        })
    }
}

impl fmt::Display for SpendKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant_id, environment, sandbox, period } = self;
        write!(f, "{tenant_id}:{}:", environment.as_str())?;
        if let Some(SandboxRound { sandbox_id, round }) = sandbox {
            write!(f, "{sandbox_id}.{round}:")?;
        }
        write!(f, "{}:{}", period.kind.as_str(), period.starts_at)
    }
}

impl FromStr for SpendKey {
    type Err = SpendKeyError;

    fn from_str(text: &str) -> Result<Self, SpendKeyError> {
        let kind = PeriodKind::ALL.iter().find_map(|kind| {
            let (rest, starts_at) = text.rsplit_once(&format!(":{}:", kind.as_str()))?;
            Some((*kind, rest, starts_at))
        });
        let (kind, rest, starts_at) = kind.ok_or(SpendKeyError)?;
        let in_sandbox = rest.rsplit_once(':').and_then(|(rest, last)| Some((rest, sandbox_round(last)?)));
        let (rest, sandbox) = in_sandbox.map_or((rest, None), |(rest, sandbox)| (rest, Some(sandbox)));
        let PolicyKey { tenant_id, environment } = rest.parse().map_err(|_| SpendKeyError)?;
        let starts_at = starts_at.parse().map_err(|_| SpendKeyError)?;
        let period = SpendPeriod { kind, starts_at };
        if SpendPeriod::of(kind, starts_at) == period {
            Ok(Self { tenant_id, environment, sandbox, period })
        } else {
            Err(SpendKeyError)
        }
    }
}

fn sandbox_round(text: &str) -> Option<SandboxRound> {
    let (sandbox, round) = text.split_once('.')?;
    Some(SandboxRound { sandbox_id: sandbox.parse().ok()?, round: round.parse().ok()? })
}
