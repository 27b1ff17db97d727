//! `GET /orders/{id}/refund-preview`: what a refund would do, to the cent.

use std::borrow::Cow;

use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromParameter, ParseResult, Type},
};
use sarai_application::marketplace::{
    orders::Orders,
    refund_preview::{PreviewedLine, ProviderDebit, RefundPreview},
};
use sarai_domain::{
    kernel::{Coded, OrderLineId, external_id, id::kinds},
    marketplace::services::refund_eligibility::RefundRefusal,
};

use super::Tag;
use crate::{
    caller::Caller,
    problem::Problem,
    scalars::{ApiCurrency, ApiExternalId, ApiId, ApiMoney, ApiPeriod, ApiTimestamp},
};

/// Routes of previews.
#[derive(Clone)]
pub struct RefundPreviewRoutes {
    orders: Orders,
}

/// `?lines=`: ids of lines, separated by commas. The library's own lists panic when they are left out.
pub struct LineList(Vec<OrderLineId>);

impl Type for LineList {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "order line ids".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let id = "oln_[0-7][0-9A-HJKMNP-TV-Z]{25}";
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            pattern: Some(format!("^{id}(,{id})*$")),
            ..MetaSchema::new("string")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromParameter for LineList {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        let ids = text.split(',').map(str::parse).collect::<Result<_, _>>();
        ids.map(Self).map_err(|_| ParseError::custom("ids of order lines, separated by commas"))
    }
}

/// What a refund would do now.
#[derive(Debug, Object)]
#[oai(rename = "RefundPreview", rename_all = "camelCase")]
pub struct RefundPreviewBody {
    order_id: ApiId<kinds::Order>,
    /// Whether the buyer may ask for it now: no rule failed.
    eligible: bool,
    /// Every rule that forbids it to the buyer. The platform's staff are bound by those of the order only.
    failed_rules: Vec<FailedRuleBody>,
    /// The lines that would go back.
    lines: Vec<PreviewedLineBody>,
    /// What the buyer would get, tax included.
    amount: ApiMoney,
    currency: ApiCurrency,
    /// Whether no line would be left; the last refund takes what is left of the payment.
    full: bool,
    /// What the providers would lose.
    provider_debits: Vec<ProviderDebitBody>,
}

/// A rule that forbids a refund.
#[derive(Debug, Object)]
#[oai(rename = "FailedRule", rename_all = "camelCase")]
pub struct FailedRuleBody {
    /// The code a refund would be refused with.
    code: String,
    /// One sentence for a person.
    detail: String,
    /// The last instant at which the line could be returned, when that is what failed.
    deadline: Option<ApiTimestamp>,
    /// The line it is about; null: the order, or the request.
    order_line_id: Option<ApiId<kinds::OrderLine>>,
}

/// A line that would go back.
#[derive(Debug, Object)]
#[oai(rename = "PreviewedLine", rename_all = "camelCase")]
pub struct PreviewedLineBody {
    order_line_id: ApiId<kinds::OrderLine>,
    /// Its amount before tax.
    net: ApiMoney,
    /// Its tax.
    tax: ApiMoney,
    /// `net + tax`.
    amount: ApiMoney,
    /// The last instant at which the buyer may return it; null before it is paid.
    refund_deadline: Option<ApiTimestamp>,
    /// Whether no rule about this line failed.
    eligible: bool,
    seats_touched: SeatsTouchedBody,
}

/// The seats of a line's active licences.
#[derive(Debug, Object)]
#[oai(rename = "SeatsTouched", rename_all = "camelCase")]
pub struct SeatsTouchedBody {
    /// Taken now: all of them would end.
    active: u32,
    /// Of these, released; null while enrollment cannot say who has consumed the course.
    released: Option<u32>,
    /// Of these, marked as consumed; null while enrollment cannot say.
    consumed: Option<u32>,
}

/// What one provider would lose by one line.
#[derive(Debug, Object)]
#[oai(rename = "ProviderDebit", rename_all = "camelCase")]
pub struct ProviderDebitBody {
    provider_tenant_id: ApiExternalId<external_id::kinds::Tenant>,
    order_line_id: ApiId<kinds::OrderLine>,
    /// The sale that would be taken back, before tax.
    gross: ApiMoney,
    /// What of the platform's fee would come back to the provider.
    fee_reversed: ApiMoney,
    /// `gross - feeReversed`.
    net: ApiMoney,
    /// The month the debit would be entered in.
    period_month: ApiPeriod,
}

impl From<&RefundPreview> for RefundPreviewBody {
    fn from(preview: &RefundPreview) -> Self {
        Self {
            order_id: preview.order_id.into(),
            eligible: preview.failed_rules.is_empty(),
            failed_rules: preview.failed_rules.iter().map(FailedRuleBody::from).collect(),
            lines: preview.lines.iter().map(PreviewedLineBody::from).collect(),
            amount: preview.amount.into(),
            currency: preview.currency.into(),
            full: preview.full,
            provider_debits: preview.debits.iter().map(ProviderDebitBody::from).collect(),
        }
    }
}

impl From<&RefundRefusal> for FailedRuleBody {
    fn from(rule: &RefundRefusal) -> Self {
        Self {
            code: rule.code().to_owned(),
            detail: rule.to_string(),
            deadline: rule.deadline().map(Into::into),
            order_line_id: rule.line().map(Into::into),
        }
    }
}

impl From<&PreviewedLine> for PreviewedLineBody {
    fn from(previewed: &PreviewedLine) -> Self {
        let (line, seats) = (&previewed.line, previewed.seats);
        Self {
            order_line_id: line.order_line_id.into(),
            net: line.net.into(),
            tax: line.tax_total.into(),
            amount: line.amount.into(),
            refund_deadline: previewed.refund_deadline.map(Into::into),
            eligible: previewed.eligible,
            seats_touched: SeatsTouchedBody {
                active: seats.active,
                released: seats.consumed.map(|consumed| seats.active.saturating_sub(consumed)),
                consumed: seats.consumed,
            },
        }
    }
}

impl From<&ProviderDebit> for ProviderDebitBody {
    fn from(debit: &ProviderDebit) -> Self {
        Self {
            provider_tenant_id: debit.provider_tenant_id.clone().into(),
            order_line_id: debit.order_line_id.into(),
            gross: debit.gross.into(),
            fee_reversed: debit.fee_reversed.into(),
            net: debit.net.into(),
            period_month: debit.period_month.into(),
        }
    }
}

impl RefundPreviewRoutes {
    /// Over this use case.
    pub fn new(orders: Orders) -> Self {
        Self { orders }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Orders")]
impl RefundPreviewRoutes {
    /// What returning lines, or all that are left, would do now
    ///
    /// 200 also when it is not possible: `failedRules` then holds every rule against it.
    #[oai(path = "/orders/:id/refund-preview", method = "get", operation_id = "orders.refund-preview")]
    async fn preview(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Order>>,
        /// Whole lines, separated by commas; without it all that are left.
        lines: Query<Option<LineList>>,
    ) -> Result<Json<RefundPreviewBody>, Problem> {
        let lines = lines.0.map(|lines| lines.0);
        let preview = self.orders.refund_preview(&caller.0, id.0.0, lines.as_deref()).await?;
        Ok(Json((&preview).into()))
    }
}
