//! A statement, as it is shown: every number with where it comes from.

use poem_openapi::Object;
use sarai_application::marketplace::statements::Statement;
use sarai_domain::{
    kernel::{ChainHead, external_id, id::kinds},
    marketplace::earnings::{
        EarningsLine, EarningsTotals, StatementAnchor, StatementLine,
        statement::{Balance, StatementCheck},
    },
};
use sarai_ports::marketplace::Held;

use super::earnings::{ApiEarningsState, ApiLineKind};
use crate::{
    page::ApiPage,
    scalars::{ApiCurrency, ApiExternalId, ApiId, ApiMoney, ApiPeriod, ApiTimestamp},
};

/// A provider's month in one currency, line by line.
#[derive(Debug, Object)]
#[oai(rename = "Statement", rename_all = "camelCase")]
pub struct StatementBody {
    provider_tenant_id: ApiExternalId<external_id::kinds::Tenant>,
    currency: ApiCurrency,
    period_month: ApiPeriod,
    state: ApiEarningsState,
    ready_at: Option<ApiTimestamp>,
    paid_at: Option<ApiTimestamp>,
    /// Billing's payout; null unless paid, and when nothing was due.
    payout_id: Option<ApiExternalId<external_id::kinds::Payout>>,
    /// The month whose closing deficit the period opened with.
    carried_from: Option<ApiPeriod>,
    /// The sums of the sealed lines.
    totals: StatementTotalsBody,
    /// The equations of a period, with what their sides come to.
    checks: Vec<StatementCheckBody>,
    /// What all held sales bring.
    held_total: ApiMoney,
    /// How many sales are held; `held` names the first 1,000.
    held_count: u64,
    /// Sales that can still be given back: not payable yet.
    held: Vec<HeldBody>,
    /// Lines that were entered and are not sealed yet; 0 once ready.
    unsealed_lines: u64,
    /// How far the chain of lines goes.
    head: ChainHeadBody,
    /// The latest head that was signed and published; null before the first.
    anchor: Option<AnchorBody>,
    lines: ApiPage<StatementLineBody>,
}

/// The sums of a period's sealed lines.
#[derive(Debug, Object)]
#[oai(rename = "StatementTotals", rename_all = "camelCase")]
pub struct StatementTotalsBody {
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
    /// What the platform pays.
    net_payable: ApiMoney,
    /// What the next month opens with.
    closing_deficit: ApiMoney,
}

/// An equation and its two sides.
#[derive(Debug, Object)]
#[oai(rename = "StatementCheck", rename_all = "camelCase")]
pub struct StatementCheckBody {
    equation: String,
    left: SignedMoneyBody,
    right: SignedMoneyBody,
    holds: bool,
}

/// An amount that may be below zero.
#[derive(Debug, Object)]
#[oai(rename = "SignedMoney", rename_all = "camelCase")]
pub struct SignedMoneyBody {
    #[oai(validator(pattern = "^-?(0|[1-9][0-9]{0,16})(\\.[0-9]{1,4})?$"))]
    amount: String,
    currency: ApiCurrency,
}

/// A sale that can still be given back.
#[derive(Debug, Object)]
#[oai(rename = "HeldAmount", rename_all = "camelCase")]
pub struct HeldBody {
    /// The provider's part.
    amount: ApiMoney,
    /// When it cannot be given back any more.
    release_on: Option<ApiTimestamp>,
    order_id: Option<ApiId<kinds::Order>>,
    order_line_id: Option<ApiId<kinds::OrderLine>>,
}

/// How far a hash chain goes.
#[derive(Debug, Object)]
#[oai(rename = "ChainHead", rename_all = "camelCase")]
pub struct ChainHeadBody {
    count: u64,
    /// SHA-256 in hexadecimal digits.
    hash: String,
}

/// A signed head.
#[derive(Debug, Object)]
#[oai(rename = "StatementAnchor", rename_all = "camelCase")]
pub struct AnchorBody {
    count: u64,
    hash: String,
    /// Real time of the signature.
    at: ApiTimestamp,
    /// The key, as `/v1/.well-known/jwks.json` names it.
    key_id: String,
    /// Ed25519 in hexadecimal digits, over the canonical JSON of
    /// `{"anchor":"sarai.statement.anchor.v1","at":…,"chain":"provider:currency:month","count":…,"hash":…}`.
    signature: String,
}

/// A sealed line. `hash` is SHA-256 of the 32 bytes of `prev` and of the canonical JSON (RFC 8785) of all other
/// members but `seq`; the first `prev` is SHA-256 of `sarai.chain.v1:provider:currency:month`.
#[derive(Debug, Object)]
#[oai(rename = "StatementLine", rename_all = "camelCase")]
pub struct StatementLineBody {
    seq: u64,
    line_id: ApiId<kinds::EarningsLine>,
    kind: ApiLineKind,
    order_id: Option<ApiId<kinds::Order>>,
    order_line_id: Option<ApiId<kinds::OrderLine>>,
    listing_id: Option<ApiId<kinds::Listing>>,
    /// The event that caused it.
    source_event_id: String,
    occurred_at: ApiTimestamp,
    /// Until then the sale can be given back.
    held_until: Option<ApiTimestamp>,
    /// What was sold, given back, withheld or carried, before tax.
    gross: ApiMoney,
    /// The platform's frozen share in basis points.
    bps: u32,
    /// The platform's part.
    fee: ApiMoney,
    /// By how much the line moves what is payable.
    net: ApiMoney,
    /// The same, signed by its kind.
    effect: SignedMoneyBody,
    /// The sum of the effects up to here.
    balance: SignedMoneyBody,
    prev: String,
    hash: String,
}

impl StatementBody {
    /// A statement with a part of its lines.
    pub fn new(statement: &Statement, held: &Held, lines: ApiPage<StatementLineBody>) -> Self {
        let (period, sealed) = (&statement.period, &statement.head);
        Self {
            provider_tenant_id: period.key.provider_tenant_id.clone().into(),
            currency: period.key.currency.into(),
            period_month: period.key.period_month.into(),
            state: period.state.into(),
            ready_at: period.ready_at.map(Into::into),
            paid_at: period.paid_at.map(Into::into),
            payout_id: period.payout_id.clone().map(Into::into),
            carried_from: period.carried_from.map(Into::into),
            totals: (&sealed.totals).into(),
            checks: statement.checks.iter().map(Into::into).collect(),
            held_total: held.total.into(),
            held_count: held.count,
            held: held.lines.iter().map(Into::into).collect(),
            unsealed_lines: period.line_count.saturating_sub(sealed.chain.count),
            head: (&sealed.chain).into(),
            anchor: period.anchor.as_ref().map(Into::into),
            lines,
        }
    }
}

impl From<&EarningsTotals> for StatementTotalsBody {
    fn from(totals: &EarningsTotals) -> Self {
        Self {
            gross_revenue: totals.gross_revenue.into(),
            platform_fee: totals.platform_fee.into(),
            fee_reversed: totals.fee_reversed.into(),
            refunds: totals.refunds.into(),
            taxes_withheld: totals.taxes_withheld.into(),
            opening_deficit: totals.opening_deficit.into(),
            net_payable: totals.net_payable.into(),
            closing_deficit: totals.closing_deficit.into(),
        }
    }
}

impl From<&StatementCheck> for StatementCheckBody {
    fn from(check: &StatementCheck) -> Self {
        Self {
            equation: check.equation.to_owned(),
            left: check.left.into(),
            right: check.right.into(),
            holds: check.holds(),
        }
    }
}

impl From<Balance> for SignedMoneyBody {
    fn from(balance: Balance) -> Self {
        Self { amount: balance.to_string(), currency: balance.currency().into() }
    }
}

impl From<&EarningsLine> for HeldBody {
    fn from(line: &EarningsLine) -> Self {
        Self {
            amount: line.net.into(),
            release_on: line.hold_until.map(Into::into),
            order_id: line.order_id.map(Into::into),
            order_line_id: line.order_line_id.map(Into::into),
        }
    }
}

impl From<&ChainHead> for ChainHeadBody {
    fn from(head: &ChainHead) -> Self {
        Self { count: head.count, hash: head.hash.to_string() }
    }
}

impl From<&StatementAnchor> for AnchorBody {
    fn from(anchor: &StatementAnchor) -> Self {
        Self {
            count: anchor.count,
            hash: anchor.hash.to_string(),
            at: anchor.at.into(),
            key_id: anchor.key_id.clone(),
            signature: anchor.signature.to_string(),
        }
    }
}

impl From<&StatementLine> for StatementLineBody {
    fn from(StatementLine { row, link }: &StatementLine) -> Self {
        Self {
            seq: link.seq,
            line_id: row.line_id.into(),
            kind: row.kind.into(),
            order_id: row.order_id.map(Into::into),
            order_line_id: row.order_line_id.map(Into::into),
            listing_id: row.listing_id.map(Into::into),
            source_event_id: row.source_event_id.clone(),
            occurred_at: row.occurred_at.into(),
            held_until: row.held_until.map(Into::into),
            gross: row.gross.into(),
            bps: row.bps,
            fee: row.fee.into(),
            net: row.net.into(),
            effect: row.effect.into(),
            balance: row.balance.into(),
            prev: link.prev.to_string(),
            hash: link.hash.to_string(),
        }
    }
}
