//! What the auditor found: every invariant over everything stored.

use poem_openapi::{Enum, Object, OpenApi, payload::Json};
use sarai_application::audit::{self, AuditReport, Auditor, Check, Checked, Kind, Offender};
use sarai_domain::kernel::{Currency, external_id};
use sarai_domain::marketplace::services::MoneyTally;

use super::{Tag, reason};
use crate::{
    caller::Caller,
    problem::Problem,
    scalars::{ApiCurrency, ApiExternalId, ApiMoney, ApiTimestamp},
};

/// Routes of the auditor.
#[derive(Clone)]
pub struct InvariantRoutes {
    auditor: Auditor,
}

/// Why an audit is run.
#[derive(Debug, Object)]
#[oai(rename = "AuditRequest", rename_all = "camelCase")]
pub struct AuditRequestBody {
    reason: String,
}

/// How a rule is audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "AuditKind", rename_all = "snake_case")]
pub enum ApiAuditKind {
    /// On the stored state.
    State,
    /// On the evidence stored with the transition.
    Evidence,
    /// By tests over the code: nothing stored could show a breach.
    Code,
    /// A rule without an invariant's id.
    Ours,
}

/// What breaks a rule.
#[derive(Debug, Object)]
#[oai(rename = "Offender", rename_all = "camelCase")]
pub struct OffenderBody {
    /// The kind of thing.
    aggregate: String,
    /// Its id.
    id: String,
    tenant_id: ApiExternalId<external_id::kinds::Tenant>,
    /// What is wrong.
    detail: String,
    /// The command or request that repairs it, or what a person has to do.
    repair: String,
}

/// A rule and what the last audit found.
#[derive(Debug, Object)]
#[oai(rename = "CheckedInvariant", rename_all = "camelCase")]
pub struct CheckedBody {
    /// The invariant's id, or the name of a rule of ours.
    id: String,
    text: String,
    kind: ApiAuditKind,
    /// The tests that prove a rule audited by code.
    proved_by: Vec<String>,
    /// How many rows were checked; null before the first audit and for rules audited by code.
    checked: Option<u64>,
    /// How many of them break it; null before the first audit.
    violations: Option<u64>,
    /// At most 100 of these.
    offenders: Vec<OffenderBody>,
}

/// One currency of the money oracle.
#[derive(Debug, Object)]
#[oai(rename = "MoneyTally", rename_all = "camelCase")]
pub struct TallyBody {
    currency: ApiCurrency,
    /// The lines' nets of fulfilled orders.
    sold: ApiMoney,
    /// Of these, what is under way to the earnings.
    sold_under_way: ApiMoney,
    /// Posted sales.
    gross: ApiMoney,
    platform_fee: ApiMoney,
    provider_share: ApiMoney,
    /// The nets of what went back after fulfilment.
    returned: ApiMoney,
    /// Of these, what is under way to the earnings.
    returned_under_way: ApiMoney,
    /// Posted refunds.
    refunds: ApiMoney,
    /// Posted renewals of subscriptions, which no order sold.
    renewals: ApiMoney,
    /// Whether both sides agree to the minor unit.
    balances: bool,
}

/// An audit of everything stored.
#[derive(Debug, Object)]
#[oai(rename = "AuditReport", rename_all = "camelCase")]
pub struct AuditReportBody {
    /// Null before the first audit of this process.
    started_at: Option<ApiTimestamp>,
    finished_at: Option<ApiTimestamp>,
    /// Aggregates read.
    aggregates: Option<u64>,
    /// Breaches in all.
    violations: Option<u64>,
    /// Every rule, the invariants first.
    invariants: Vec<CheckedBody>,
    /// The money oracle.
    money: Vec<TallyBody>,
}

impl From<Kind> for ApiAuditKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::State => Self::State,
            Kind::Evidence => Self::Evidence,
            Kind::Code => Self::Code,
            Kind::Ours => Self::Ours,
        }
    }
}

impl From<&Offender> for OffenderBody {
    fn from(offender: &Offender) -> Self {
        Self {
            aggregate: offender.aggregate.to_owned(),
            id: offender.id.clone(),
            tenant_id: offender.tenant_id.clone().into(),
            detail: offender.detail.clone(),
            repair: offender.repair.clone(),
        }
    }
}

impl CheckedBody {
    fn of(check: &Check, found: Option<&Checked>) -> Self {
        Self {
            id: check.id.to_owned(),
            text: check.text.to_owned(),
            kind: check.kind.into(),
            proved_by: check.proved_by.iter().map(|name| (*name).to_owned()).collect(),
            checked: found.filter(|_| check.kind != Kind::Code).map(|found| found.checked),
            violations: found.map(|found| found.violations),
            offenders: found.iter().flat_map(|found| &found.offenders).map(OffenderBody::from).collect(),
        }
    }
}

impl From<&(Currency, MoneyTally)> for TallyBody {
    fn from((currency, tally): &(Currency, MoneyTally)) -> Self {
        Self {
            currency: (*currency).into(),
            sold: tally.sold.into(),
            sold_under_way: tally.sold_under_way.into(),
            gross: tally.gross.into(),
            platform_fee: tally.platform_fee.into(),
            provider_share: tally.provider_share.into(),
            returned: tally.returned.into(),
            returned_under_way: tally.returned_under_way.into(),
            refunds: tally.refunds.into(),
            renewals: tally.renewals.into(),
            balances: tally.balances(),
        }
    }
}

impl AuditReportBody {
    fn of(report: Option<&AuditReport>) -> Self {
        Self {
            started_at: report.map(|report| report.started_at.into()),
            finished_at: report.map(|report| report.finished_at.into()),
            aggregates: report.map(|report| report.aggregates),
            violations: report.map(AuditReport::violations),
            invariants: audit::checks()
                .map(|check| CheckedBody::of(check, report.and_then(|report| report.of(check.id))))
                .collect(),
            money: report.into_iter().flat_map(|report| &report.money).map(TallyBody::from).collect(),
        }
    }
}

impl InvariantRoutes {
    /// Over this use case.
    pub fn new(auditor: Auditor) -> Self {
        Self { auditor }
    }
}

#[allow(clippy::unused_async, reason = "the library wants every handler async")]
#[OpenApi(prefix_path = "/v1", tag = "Tag::Admin")]
impl InvariantRoutes {
    /// What the last audit of everything stored found.
    #[oai(path = "/admin/invariants", method = "get", operation_id = "admin.invariants.get")]
    async fn get(&self, caller: Caller) -> Result<Json<AuditReportBody>, Problem> {
        Ok(Json(AuditReportBody::of(self.auditor.last(&caller.0)?.as_deref())))
    }

    /// Audits everything stored now.
    #[oai(path = "/admin/invariants/run", method = "post", operation_id = "admin.invariants.run")]
    async fn run(
        &self,
        caller: Caller,
        body: Json<AuditRequestBody>,
    ) -> Result<Json<AuditReportBody>, Problem> {
        let call = caller.because(reason::given(&body.reason)?);
        Ok(Json(AuditReportBody::of(Some(&*self.auditor.run_for(&call).await?))))
    }
}
