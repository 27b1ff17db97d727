//! `GET /provider/earnings`: what a provider is owed, month by month.

use poem_openapi::{Enum, Object, OpenApi, param::Query, payload::Json, types::ToJSON};
use sarai_application::marketplace::earnings::Earnings;
use sarai_domain::{
    kernel::{Aggregate, external_id, id::kinds},
    marketplace::earnings::{EarningsLine, EarningsState, LineKind, ProviderEarnings},
};

use super::Tag;
use crate::{
    caller::Caller,
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::{ApiCurrency, ApiExternalId, ApiId, ApiMoney, ApiPeriod, ApiTimestamp},
};

/// Routes of earnings.
#[derive(Clone)]
pub struct EarningsRoutes {
    earnings: Earnings,
    cursors: Cursors,
}

/// Where a period is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "EarningsState", rename_all = "snake_case", remote = "EarningsState")]
pub enum ApiEarningsState {
    /// Lines are entered.
    Accruing,
    /// Closed: its amounts are final.
    Ready,
    /// Paid out, or nothing was due.
    Paid,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "EarningsLineKind", rename_all = "snake_case", remote = "LineKind")]
pub enum ApiLineKind {
    /// Plus: an order line was fulfilled, or a subscription renewed.
    Sale,
    /// Minus: the whole line was given back.
    Refund,
    /// Plus: the platform returns its fee of a line given back.
    FeeReversal,
    /// Minus: tax withheld from the provider.
    Tax,
    /// Minus: the closing deficit of the month before.
    Carry,
}

/// What a provider is owed for one month in one currency.
#[derive(Debug, Object)]
#[oai(rename = "Earnings", rename_all = "camelCase")]
pub struct EarningsBody {
    currency: ApiCurrency,
    period_month: ApiPeriod,
    state: ApiEarningsState,
    /// Sales net of discount, before tax.
    gross_revenue: ApiMoney,
    /// The platform's fees of the sales.
    platform_fee: ApiMoney,
    /// Fees the platform returned with refunds.
    fee_reversed: ApiMoney,
    /// Sales given back, before tax.
    refunds: ApiMoney,
    taxes_withheld: ApiMoney,
    /// The closing deficit of the month before.
    opening_deficit: ApiMoney,
    /// What the next month opens with.
    closing_deficit: ApiMoney,
    /// What the platform pays.
    net_payable: ApiMoney,
    /// Billing's payout; null unless paid, and when nothing was due.
    payout_id: Option<ApiExternalId<external_id::kinds::Payout>>,
    /// How many lines it has.
    line_count: u64,
    /// The 100 that were entered last; all of them are in the period's statement.
    lines: Vec<EarningsLineBody>,
}

/// One line, never changed once entered.
#[derive(Debug, Object)]
#[oai(rename = "EarningsLine", rename_all = "camelCase")]
pub struct EarningsLineBody {
    id: ApiId<kinds::EarningsLine>,
    kind: ApiLineKind,
    order_id: Option<ApiId<kinds::Order>>,
    order_line_id: Option<ApiId<kinds::OrderLine>>,
    /// What was sold; null for a carry.
    listing_id: Option<ApiId<kinds::Listing>>,
    /// The event that caused it.
    source_event_id: String,
    /// What was sold, given back, withheld or carried, before tax.
    gross: ApiMoney,
    /// The platform's part.
    fee: ApiMoney,
    /// By how much the line moves what is payable, signed by its kind.
    net: ApiMoney,
    /// The platform's frozen share in basis points.
    bps: u32,
    occurred_at: ApiTimestamp,
}

impl From<&ProviderEarnings> for EarningsBody {
    fn from(earnings: &ProviderEarnings) -> Self {
        let (data, totals) = (earnings.data(), earnings.totals());
        Self {
            currency: data.key.currency.into(),
            period_month: data.key.period_month.into(),
            state: data.state.into(),
            gross_revenue: totals.gross_revenue.into(),
            platform_fee: totals.platform_fee.into(),
            fee_reversed: totals.fee_reversed.into(),
            refunds: totals.refunds.into(),
            taxes_withheld: totals.taxes_withheld.into(),
            opening_deficit: totals.opening_deficit.into(),
            closing_deficit: totals.closing_deficit.into(),
            net_payable: totals.net_payable.into(),
            payout_id: data.payout_id.clone().map(Into::into),
            line_count: data.line_count,
            lines: earnings.lines().map(EarningsLineBody::from).collect(),
        }
    }
}

impl From<&EarningsLine> for EarningsLineBody {
    fn from(line: &EarningsLine) -> Self {
        Self {
            id: line.id.into(),
            kind: line.kind.into(),
            order_id: line.order_id.map(Into::into),
            order_line_id: line.order_line_id.map(Into::into),
            listing_id: line.listing_id.map(Into::into),
            source_event_id: line.source_event_id.clone(),
            gross: line.gross.into(),
            fee: line.fee.into(),
            net: line.net.into(),
            bps: line.bps,
            occurred_at: line.occurred_at.into(),
        }
    }
}

impl EarningsRoutes {
    /// Over this use case.
    pub fn new(earnings: Earnings, cursors: Cursors) -> Self {
        Self { earnings, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Earnings")]
impl EarningsRoutes {
    /// The caller's periods with their latest lines, latest first.
    #[oai(path = "/provider/earnings", method = "get", operation_id = "provider.earnings.list")]
    async fn list(
        &self,
        caller: Caller,
        period: Query<Option<ApiPeriod>>,
        currency: Query<Option<ApiCurrency>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<EarningsBody>>, Problem> {
        let list = self
            .cursors
            .list("provider.earnings.list", caller.tenant())
            .filter("period", period.0.to_json())
            .filter("currency", currency.0.to_json());
        let request = list.request(*limit, cursor.as_deref())?;
        let (period, currency) = (period.0.map(|period| period.0), currency.0.map(|currency| currency.0));
        let page = self.earnings.list(&caller.0, period, currency, &request).await?;
        Ok(Json(list.answer(page, |earnings| EarningsBody::from(&earnings))))
    }
}
