//! The lines of a period: each says which amount of which sale came or went, and why.

use serde::{Deserialize, Serialize};

use crate::kernel::{EarningsLineId, ListingId, Money, OrderId, OrderLineId, PeriodMonth, Row, Timestamp};

/// What a line is. Its amounts are never negative; the kind gives `net` its sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Plus: an order line was fulfilled, or a subscription renewed.
    Sale,
    /// Minus: the whole line was given back, by a refund or a lost dispute.
    Refund,
    /// Plus: the platform returns its fee of a line given back.
    FeeReversal,
    /// Minus: tax withheld from the provider.
    Tax,
    /// Minus: the closing deficit of the month before.
    Carry,
}

impl LineKind {
    /// Whether it takes a sale back, which happens at most once to an order line.
    pub fn reverses(self) -> bool {
        match self {
            Self::Refund | Self::FeeReversal => true,
            Self::Sale | Self::Tax | Self::Carry => false,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Refund => "refund",
            Self::FeeReversal => "fee_reversal",
            Self::Tax => "tax",
            Self::Carry => "carry",
        }
    }
}

/// One line, never changed once entered; unique by (source event, order line, kind).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EarningsLine {
    /// Its id.
    pub id: EarningsLineId,
    /// What it is.
    pub kind: LineKind,
    /// The order; none for a carry.
    pub order_id: Option<OrderId>,
    /// The order line; none for a carry.
    pub order_line_id: Option<OrderLineId>,
    /// What was sold; none for a carry.
    pub listing_id: Option<ListingId>,
    /// The event that caused it; `carry:2026-03` for the carry of that month.
    pub source_event_id: String,
    /// The base before tax: what was sold, given back, withheld or carried. Zero for a fee reversal.
    pub gross: Money,
    /// The platform's part; zero except for a sale and a fee reversal.
    pub fee: Money,
    /// By how much the line moves what is payable, signed by its kind.
    pub net: Money,
    /// The platform's frozen share in basis points; 0 where no share is involved.
    pub bps: u32,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// A sale's refund deadline: the period is not closed before.
    pub hold_until: Option<Timestamp>,
}

impl Row for EarningsLine {
    fn key(&self) -> String {
        format!("{}{}", self.key_prefix(), self.source_event_id)
    }
}

impl EarningsLine {
    /// The line that opens a month with the closing deficit of the one before it.
    pub(super) fn carry(id: EarningsLineId, from: PeriodMonth, deficit: Money, now: Timestamp) -> Self {
        Self {
            id,
            kind: LineKind::Carry,
            order_id: None,
            order_line_id: None,
            listing_id: None,
            source_event_id: format!("carry:{from}"),
            gross: deficit,
            fee: Money::zero(deficit.currency()),
            net: deficit,
            bps: 0,
            occurred_at: now,
            hold_until: None,
        }
    }

    /// The debits that take this sale back: the refund and, where the platform returns it, the fee.
    ///
    /// Every amount is copied from this line, never computed again, so whatever the sale brought goes to the
    /// cent. `source_event_id` is the event of the settled refund or the lost dispute. None when this is not
    /// a sale: no sale line, no debit (ruling R61).
    pub fn reversal(
        &self,
        [refund_id, fee_id]: [EarningsLineId; 2],
        source_event_id: &str,
        fee_on_refund: FeeOnRefund,
        now: Timestamp,
    ) -> Vec<Self> {
        if self.kind != LineKind::Sale {
            return Vec::new();
        }
        let zero = Money::zero(self.gross.currency());
        let debit = |id, kind, gross, fee, net| Self {
            id,
            kind,
            source_event_id: source_event_id.to_owned(),
            gross,
            fee,
            net,
            occurred_at: now,
            hold_until: None,
            ..self.clone()
        };
        let refund = debit(refund_id, LineKind::Refund, self.gross, zero, self.gross);
        match fee_on_refund {
            FeeOnRefund::Returned => {
                vec![refund, debit(fee_id, LineKind::FeeReversal, zero, self.fee, self.fee)]
            }
            FeeOnRefund::Kept => vec![refund],
        }
    }

    /// Whether the amounts, and what the line refers to, fit its kind.
    pub fn is_consistent(&self) -> bool {
        let of_an_order_line = self.order_id.is_some() && self.order_line_id.is_some();
        let no_fee = self.fee.is_zero() && self.net == self.gross;
        match self.kind {
            LineKind::Sale => of_an_order_line && self.net.checked_add(&self.fee) == Ok(self.gross),
            LineKind::Refund => of_an_order_line && no_fee,
            LineKind::FeeReversal => of_an_order_line && self.gross.is_zero() && self.net == self.fee,
            LineKind::Tax => no_fee,
            LineKind::Carry => !of_an_order_line && no_fee,
        }
    }

    /// The part of the key that lines of one kind and order line share. The parts before the source have no
    /// `:`, so the key is unambiguous whatever the source's text.
    pub(super) fn key_prefix(&self) -> String {
        let order_line = self.order_line_id.map(|id| id.to_string()).unwrap_or_default();
        format!("{}:{order_line}:", self.kind.name())
    }
}

/// What becomes of the platform's fee when a sale is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeOnRefund {
    /// The platform returns it: the provider loses what the sale brought, no more.
    #[default]
    Returned,
    /// The platform keeps it at the provider's expense.
    Kept,
}

/// One fulfilled order line, with the amounts frozen when it was sold (or, for a renewal, invoiced).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldLine {
    /// The order.
    pub order_id: OrderId,
    /// Its line.
    pub order_line_id: OrderLineId,
    /// What was sold.
    pub listing_id: ListingId,
    /// Net of discount, before tax.
    pub net: Money,
    /// The platform's share of `net`.
    pub fee_amount: Money,
    /// The provider's share of `net`; both sum to it.
    pub provider_amount: Money,
    /// The platform's share in basis points, as frozen.
    pub platform_bps: u32,
    /// Until when the buyer may refund.
    pub refund_deadline: Option<Timestamp>,
}

impl SoldLine {
    /// The sale's line: copies of the frozen amounts. `occurred_at` is the order's `fulfilledAt`.
    pub fn sale(&self, id: EarningsLineId, source_event_id: &str, occurred_at: Timestamp) -> EarningsLine {
        EarningsLine {
            id,
            kind: LineKind::Sale,
            order_id: Some(self.order_id),
            order_line_id: Some(self.order_line_id),
            listing_id: Some(self.listing_id),
            source_event_id: source_event_id.to_owned(),
            gross: self.net,
            fee: self.fee_amount,
            net: self.provider_amount,
            bps: self.platform_bps,
            occurred_at,
            hold_until: self.refund_deadline,
        }
    }
}
