//! `GET /orders/{id}/explain`: how every amount of an order came about.

use poem_openapi::{Enum, Object, OpenApi, param::Path, payload::Json};
use sarai_application::marketplace::orders::Orders;
use sarai_domain::{
    kernel::{external_id, id::kinds},
    marketplace::services::receipt::{
        Check, CouponShare, CouponStep, Ratio, Receipt, ReceiptLine, ReceiptRefund, ReceiptSplit, Share,
        TaxBasis,
    },
};

use super::{
    Tag,
    coupons::DiscountBody,
    order_body::{ApiRefundSource, ApiRefundState},
};
use crate::{
    caller::Caller,
    problem::Problem,
    scalars::{ApiCurrency, ApiExternalId, ApiId, ApiMoney},
};

/// Routes of receipts.
#[derive(Clone)]
pub struct ReceiptRoutes {
    orders: Orders,
}

/// How an order's amounts came about: the frozen amounts, their derivation beside them, and the proof.
#[derive(Debug, Object)]
#[oai(rename = "Receipt", rename_all = "camelCase")]
pub struct ReceiptBody {
    order_id: ApiId<kinds::Order>,
    currency: ApiCurrency,
    lines: Vec<ReceiptLineBody>,
    /// The coupons in the order in which they were applied: percent, then fixed, then by id.
    coupons: Vec<CouponStepBody>,
    subtotal: ApiMoney,
    discount_total: ApiMoney,
    /// How the lines' taxes came about; null before billing has answered.
    tax_basis: Option<ApiTaxBasis>,
    tax_total: Option<ApiMoney>,
    /// `subtotal - discountTotal + taxTotal`; null before billing has answered.
    totals: Option<ApiMoney>,
    refunds: Vec<ReceiptRefundBody>,
    refunded_total: ApiMoney,
    /// Equations over the numbers above; all hold.
    checks: Vec<CheckBody>,
}

/// How the lines' taxes came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "TaxBasis", rename_all = "snake_case", remote = "TaxBasis")]
pub enum ApiTaxBasis {
    /// Billing named the tax of each line.
    PerLine,
    /// They are the total, spread over the lines' nets; also where billing named them and both agree.
    Allocated,
}

/// An exact number of minor units: 967.5 cents are 9675 of 10.
#[derive(Debug, Object)]
#[oai(rename = "ExactAmount", rename_all = "camelCase")]
pub struct RatioBody {
    /// A whole number; a text, because it may be larger than a JSON reader can hold.
    numerator: String,
    /// A whole number, not zero.
    denominator: String,
}

/// A part of an amount that was split.
#[derive(Debug, Object)]
#[oai(rename = "Share", rename_all = "camelCase")]
pub struct ShareBody {
    /// The part before rounding.
    exact: RatioBody,
    /// The part rounded down.
    floor: ApiMoney,
    /// Whether it has one of the units left over: they go to the largest fractions, of equal ones to the first.
    remainder_unit: bool,
    /// `floor`, and the unit.
    derived: ApiMoney,
    /// The frozen part.
    amount: ApiMoney,
}

/// One line.
#[derive(Debug, Object)]
#[oai(rename = "ReceiptLine", rename_all = "camelCase")]
pub struct ReceiptLineBody {
    order_line_id: ApiId<kinds::OrderLine>,
    provider_tenant_id: ApiExternalId<external_id::kinds::Tenant>,
    unit_price: ApiMoney,
    packs: u32,
    /// `unitPrice * packs`.
    subtotal: ApiMoney,
    discount_total: ApiMoney,
    /// `subtotal - discountTotal`.
    net: ApiMoney,
    /// Null before billing has answered.
    tax: Option<ApiMoney>,
    /// How the tax came about, where a total was spread.
    tax_share: Option<ShareBody>,
    /// `net + tax`; null before billing has answered.
    total: Option<ApiMoney>,
    split: ReceiptSplitBody,
    refunded: bool,
}

/// Who gets how much of a line's `net`. The odd unit is with the larger fraction, with the provider where
/// both are equal.
#[derive(Debug, Object)]
#[oai(rename = "ReceiptSplit", rename_all = "camelCase")]
pub struct ReceiptSplitBody {
    /// The platform's share, in basis points, as frozen.
    platform_bps: u32,
    /// The provider's.
    provider_bps: u32,
    fee: ShareBody,
    provider: ShareBody,
}

/// One coupon.
#[derive(Debug, Object)]
#[oai(rename = "CouponStep", rename_all = "camelCase")]
pub struct CouponStepBody {
    coupon_id: ApiId<kinds::Coupon>,
    code: String,
    /// What it takes off, as it was then; null in old orders that did not keep it.
    discount: Option<DiscountBody>,
    /// The provider whose lines alone are eligible; null: all lines are.
    provider_scope: Option<ApiExternalId<external_id::kinds::Tenant>>,
    /// What was left of the eligible lines before it.
    base: Option<ApiMoney>,
    /// Its amount before rounding half a unit up.
    exact: Option<RatioBody>,
    amount: ApiMoney,
    /// `base - amount`.
    remaining: Option<ApiMoney>,
    lines: Vec<CouponShareBody>,
}

/// What a coupon takes off a line.
#[derive(Debug, Object)]
#[oai(rename = "CouponShare", rename_all = "camelCase")]
pub struct CouponShareBody {
    order_line_id: ApiId<kinds::OrderLine>,
    /// What was left of the line before.
    before: ApiMoney,
    /// How the part came about; null for a line that is not eligible.
    share: Option<ShareBody>,
    amount: ApiMoney,
    /// `before - amount`.
    after: ApiMoney,
}

/// One refund.
#[derive(Debug, Object)]
#[oai(rename = "ReceiptRefund", rename_all = "camelCase")]
pub struct ReceiptRefundBody {
    id: ApiId<kinds::Refund>,
    source: ApiRefundSource,
    state: ApiRefundState,
    lines: Vec<ApiId<kinds::OrderLine>>,
    amount: ApiMoney,
}

/// An equation over the receipt's numbers.
#[derive(Debug, Object)]
#[oai(rename = "ReceiptCheck", rename_all = "camelCase")]
pub struct CheckBody {
    /// The equation in words.
    name: String,
    /// The line, coupon or refund it is about, or `coupon/line`; null: the order.
    of: Option<String>,
    /// What its left side comes to; null: no amount at all.
    left: Option<ApiMoney>,
    /// What its right side comes to.
    right: Option<ApiMoney>,
    /// Whether both are one amount.
    holds: bool,
}

impl From<&Receipt> for ReceiptBody {
    fn from(receipt: &Receipt) -> Self {
        Self {
            order_id: receipt.order_id.into(),
            currency: receipt.currency.into(),
            lines: receipt.lines.iter().map(ReceiptLineBody::from).collect(),
            coupons: receipt.coupons.iter().map(CouponStepBody::from).collect(),
            subtotal: receipt.subtotal.into(),
            discount_total: receipt.discount_total.into(),
            tax_basis: receipt.tax_basis.map(Into::into),
            tax_total: receipt.tax_total.map(Into::into),
            totals: receipt.totals.map(Into::into),
            refunds: receipt.refunds.iter().map(ReceiptRefundBody::from).collect(),
            refunded_total: receipt.refunded_total.into(),
            checks: receipt.checks.iter().map(CheckBody::from).collect(),
        }
    }
}

impl From<Ratio> for RatioBody {
    fn from(ratio: Ratio) -> Self {
        Self { numerator: ratio.numerator.to_string(), denominator: ratio.denominator.to_string() }
    }
}

impl From<Share> for ShareBody {
    fn from(share: Share) -> Self {
        Self {
            exact: share.exact.into(),
            floor: share.floor.into(),
            remainder_unit: share.remainder_unit,
            derived: share.derived.into(),
            amount: share.amount.into(),
        }
    }
}

impl From<&ReceiptLine> for ReceiptLineBody {
    fn from(line: &ReceiptLine) -> Self {
        Self {
            order_line_id: line.order_line_id.into(),
            provider_tenant_id: line.provider_tenant_id.clone().into(),
            unit_price: line.unit_price.into(),
            packs: line.packs,
            subtotal: line.subtotal.into(),
            discount_total: line.discount_total.into(),
            net: line.net.into(),
            tax: line.tax.map(Into::into),
            tax_share: line.tax_share.map(Into::into),
            total: line.total.map(Into::into),
            split: (&line.split).into(),
            refunded: line.refunded,
        }
    }
}

impl From<&ReceiptSplit> for ReceiptSplitBody {
    fn from(split: &ReceiptSplit) -> Self {
        Self {
            platform_bps: split.revenue_share.platform_bps(),
            provider_bps: split.revenue_share.provider_bps(),
            fee: split.fee.into(),
            provider: split.provider.into(),
        }
    }
}

impl From<&CouponStep> for CouponStepBody {
    fn from(step: &CouponStep) -> Self {
        Self {
            coupon_id: step.coupon_id.into(),
            code: step.code.to_string(),
            discount: step.discount.map(Into::into),
            provider_scope: step.provider_scope.clone().map(Into::into),
            base: step.base.map(Into::into),
            exact: step.exact.map(Into::into),
            amount: step.amount.into(),
            remaining: step.remaining.map(Into::into),
            lines: step.lines.iter().map(CouponShareBody::from).collect(),
        }
    }
}

impl From<&CouponShare> for CouponShareBody {
    fn from(line: &CouponShare) -> Self {
        Self {
            order_line_id: line.order_line_id.into(),
            before: line.before.into(),
            share: line.share.map(Into::into),
            amount: line.amount.into(),
            after: line.after.into(),
        }
    }
}

impl From<&ReceiptRefund> for ReceiptRefundBody {
    fn from(refund: &ReceiptRefund) -> Self {
        Self {
            id: refund.id.into(),
            source: refund.source.into(),
            state: refund.state.into(),
            lines: refund.lines.iter().copied().map(Into::into).collect(),
            amount: refund.amount.into(),
        }
    }
}

impl From<&Check> for CheckBody {
    fn from(check: &Check) -> Self {
        Self {
            name: check.name.to_owned(),
            of: check.of.clone(),
            left: check.left.map(Into::into),
            right: check.right.map(Into::into),
            holds: check.holds(),
        }
    }
}

impl ReceiptRoutes {
    /// Over this use case.
    pub fn new(orders: Orders) -> Self {
        Self { orders }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Orders")]
impl ReceiptRoutes {
    /// How every amount of an order came about, with the proof that the sums are right.
    #[oai(path = "/orders/:id/explain", method = "get", operation_id = "orders.explain")]
    async fn explain(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Order>>,
    ) -> Result<Json<ReceiptBody>, Problem> {
        let receipt = self.orders.explain(&caller.0, id.0.0).await?;
        Ok(Json((&receipt).into()))
    }
}
