//! Billing's bodies.

use sarai_domain::kernel::{
    Currency, Money, OrderId, OrderLineId, PaymentId, PaymentIntentId, PayoutId, TenantId,
};
use sarai_ports::marketplace::{
    IntentCreated, IntentRequest, IntentStatus, PaymentAnswer, PayoutStatus, RefundStatus, TaxAnswer,
    TaxLine, TaxRequest, VoidAnswer,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{define, list};

/// An attempt to pay an intent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// The intent.
    pub payment_intent_id: PaymentIntentId,
    /// The buyer's token.
    pub token: String,
}

/// Money to be returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// Our order.
    pub order_id: OrderId,
    /// The capture.
    pub payment_id: PaymentId,
    /// How much.
    pub amount: Money,
}

/// A provider to be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payout {
    /// The provider.
    pub provider_tenant_id: TenantId,
    /// How much.
    pub amount: Money,
}

/// The tax of a line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineTax {
    line_id: OrderLineId,
    tax: Money,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TaxLine", rename_all = "camelCase")]
struct TaxLineDef {
    #[serde(rename = "lineId")]
    id: OrderLineId,
    net: Money,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TaxRequest", rename_all = "camelCase")]
struct TaxRequestDef {
    buyer_tenant_id: TenantId,
    currency: Currency,
    #[serde(with = "list")]
    lines: Vec<TaxLine>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TaxAnswer", rename_all = "camelCase")]
enum TaxAnswerDef {
    PerLine(#[serde(with = "taxes")] Vec<(OrderLineId, Money)>),
    Total(Money),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "IntentRequest", rename_all = "camelCase")]
struct IntentRequestDef {
    order_id: OrderId,
    #[serde(with = "super::wired")]
    tax: TaxRequest,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    frozen_tax: Option<Vec<(OrderLineId, Money)>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "IntentCreated", rename_all = "camelCase")]
struct IntentCreatedDef {
    payment_intent_id: PaymentIntentId,
    #[serde(with = "super::wired")]
    tax: TaxAnswer,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PaymentAnswer", tag = "status", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum PaymentAnswerDef {
    Succeeded {
        payment_id: PaymentId,
        amount: Money,
    },
    Declined {
        code: String,
        #[serde(rename = "final")]
        is_final: bool,
    },
    Processing,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "VoidAnswer", tag = "status", rename_all = "snake_case")]
enum VoidAnswerDef {
    Voided,
    AlreadySucceeded,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "IntentStatus", tag = "status", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum IntentStatusDef {
    Open,
    Succeeded { payment_id: PaymentId, amount: Money },
    Failed { code: String },
    Voided,
    Unknown,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "RefundStatus", tag = "status", rename_all = "snake_case")]
enum RefundStatusDef {
    Pending,
    Succeeded,
    Failed { code: String },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PayoutStatus", tag = "status", rename_all = "snake_case")]
enum PayoutStatusDef {
    Pending,
    Paid(#[serde(with = "paid")] PayoutId),
    Failed { code: String },
}

define! {
    Payment = Payment,
    Refund = Refund,
    Payout = Payout,
    TaxLine = TaxLineDef,
    TaxRequest = TaxRequestDef,
    TaxAnswer = TaxAnswerDef,
    IntentRequest = IntentRequestDef,
    IntentCreated = IntentCreatedDef,
    PaymentAnswer = PaymentAnswerDef,
    VoidAnswer = VoidAnswerDef,
    IntentStatus = IntentStatusDef,
    RefundStatus = RefundStatusDef,
    PayoutStatus = PayoutStatusDef,
}

/// Taxes as objects with names.
mod taxes {
    use super::{Deserialize, Deserializer, LineTax, Money, OrderLineId, Serializer};

    pub(super) fn serialize<S: Serializer>(
        taxes: &[(OrderLineId, Money)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(taxes.iter().map(|&(line_id, tax)| LineTax { line_id, tax }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(OrderLineId, Money)>, D::Error> {
        let taxes: Vec<LineTax> = Vec::deserialize(deserializer)?;
        Ok(taxes.into_iter().map(|tax| (tax.line_id, tax.tax)).collect())
    }
}

/// Taxes that may be absent.
mod frozen {
    use super::{Deserializer, Money, OrderLineId, Serializer, taxes};

    #[expect(clippy::ref_option, reason = "the shape `serde(with)` wants")]
    pub(super) fn serialize<S: Serializer>(
        frozen: &Option<Vec<(OrderLineId, Money)>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match frozen {
            Some(lines) => taxes::serialize(lines, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<(OrderLineId, Money)>>, D::Error> {
        taxes::deserialize(deserializer).map(Some)
    }
}

/// A payout's id as a member.
mod paid {
    use super::{Deserialize, Deserializer, PayoutId, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Paid {
        payout_id: PayoutId,
    }

    pub(super) fn serialize<S: Serializer>(payout_id: &PayoutId, serializer: S) -> Result<S::Ok, S::Error> {
        Paid { payout_id: payout_id.clone() }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PayoutId, D::Error> {
        Paid::deserialize(deserializer).map(|paid| paid.payout_id)
    }
}
