//! A line of an order or a quote, as it is shown.

use poem_openapi::{Object, Union};
use sarai_domain::{
    kernel::{Money, external_id, id::kinds},
    marketplace::{
        order::OrderLine,
        services::{AppliedDiscount, PricedLine},
    },
};

use super::plan_kind::ApiPlanKind;
use crate::scalars::{ApiExternalId, ApiId, ApiMoney, ApiTimestamp};

/// A line: a frozen snapshot of a plan, and what became of it.
#[derive(Debug, Clone, Object)]
#[oai(rename = "OrderLine", rename_all = "camelCase")]
pub struct LineBody {
    id: ApiId<kinds::OrderLine>,
    listing_id: ApiId<kinds::Listing>,
    pricing_plan_id: ApiId<kinds::PricingPlan>,
    plan_kind: ApiPlanKind,
    /// Seats.
    quantity: u32,
    /// Packs the seats come in.
    packs: u32,
    /// The price of one pack, before tax.
    unit_price: ApiMoney,
    /// `unitPrice * packs`.
    subtotal: ApiMoney,
    /// What the coupons take off.
    discount_total: ApiMoney,
    /// The tax; null before billing has answered.
    tax_total: Option<ApiMoney>,
    /// `subtotal - discountTotal`, before tax.
    net: ApiMoney,
    course_id: ApiExternalId<external_id::kinds::Course>,
    course_version_id: ApiExternalId<external_id::kinds::CourseVersion>,
    /// The last instant at which the buyer may return the line; null before it is paid.
    refund_deadline: Option<ApiTimestamp>,
    /// The licence granted for the line; null before fulfilment.
    license_id: Option<ApiId<kinds::License>>,
}

impl From<&OrderLine> for LineBody {
    fn from(line: &OrderLine) -> Self {
        Self {
            id: line.id.into(),
            listing_id: line.offer.listing_id.into(),
            pricing_plan_id: line.offer.pricing_plan_id.into(),
            plan_kind: line.offer.plan_kind.into(),
            quantity: line.quantity.get(),
            packs: line.packs,
            unit_price: line.unit_price.into(),
            subtotal: line.subtotal.into(),
            discount_total: line.discount_total.into(),
            tax_total: line.tax_total.map(Into::into),
            net: line.net.into(),
            course_id: line.offer.course_id.clone().into(),
            course_version_id: line.offer.course_version_id.clone().into(),
            refund_deadline: line.refund_deadline.map(Into::into),
            license_id: line.license_id.map(Into::into),
        }
    }
}

impl LineBody {
    /// The line of a quote, with its tax.
    #[must_use]
    pub fn quoted(line: &PricedLine, tax: Money) -> Self {
        Self {
            id: line.id.into(),
            listing_id: line.offer.listing_id.into(),
            pricing_plan_id: line.offer.pricing_plan_id.into(),
            plan_kind: line.offer.plan_kind.into(),
            quantity: line.quantity.get(),
            packs: line.packs,
            unit_price: line.unit_price.into(),
            subtotal: line.subtotal.into(),
            discount_total: line.discount_total.into(),
            tax_total: Some(tax.into()),
            net: line.net.into(),
            course_id: line.offer.course_id.clone().into(),
            course_version_id: line.offer.course_version_id.clone().into(),
            refund_deadline: None,
            license_id: None,
        }
    }
}

/// A line with who gets how much of it: for its provider and the platform's staff.
#[derive(Debug, Clone, Object)]
#[oai(rename = "SharedOrderLine", rename_all = "camelCase")]
pub struct SharedLineBody {
    #[oai(flatten)]
    line: LineBody,
    /// The platform's share of `net`.
    fee_amount: ApiMoney,
    /// The provider's share of `net`; both sum to it.
    provider_amount: ApiMoney,
}

impl From<&OrderLine> for SharedLineBody {
    fn from(line: &OrderLine) -> Self {
        Self {
            line: line.into(),
            fee_amount: line.fee_amount.into(),
            provider_amount: line.provider_amount.into(),
        }
    }
}

/// A line as far as who asks may see it.
#[derive(Debug, Clone, Union)]
#[oai(rename = "ShownOrderLine")]
pub enum ShownLineBody {
    /// With its shares.
    Shared(SharedLineBody),
    /// Without them.
    Plain(LineBody),
}

/// What one coupon takes off.
#[derive(Debug, Clone, Object)]
#[oai(rename = "AppliedDiscount", rename_all = "camelCase")]
pub struct DiscountBody {
    coupon_id: ApiId<kinds::Coupon>,
    code: String,
    amount: ApiMoney,
}

impl From<&AppliedDiscount> for DiscountBody {
    fn from(discount: &AppliedDiscount) -> Self {
        Self {
            coupon_id: discount.coupon_id.into(),
            code: discount.code.to_string(),
            amount: discount.amount.into(),
        }
    }
}
