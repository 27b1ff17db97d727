//! What each table is searched by.

use sarai_domain::{
    kernel::Aggregate,
    marketplace::{
        coupon::{Coupon, CouponRedemption, RedemptionStatus},
        earnings::{EarningsLine, EarningsState, ProviderEarnings},
        license::{License, LicenseData, LicenseRow, LicenseState, WaitlistState},
        listing::{Listing, ListingState},
        order::{Order, OrderData, OrderStatus, PaymentState},
        quote::{Quote, QuoteState},
        saga::{PurchaseSaga, SagaState},
    },
};
use sarai_ports::Stored;

use crate::table::{Indexed, at};

type Keys = Vec<(&'static str, String)>;

/// What stands for a variant in an index.
pub(crate) fn name(variant: impl std::fmt::Debug) -> String {
    format!("{variant:?}")
}

impl Indexed for Listing {
    fn index(data: &<Self as Aggregate>::Data) -> Keys {
        let mut keys = vec![("provider", data.provider_tenant_id.to_string()), ("state", name(data.state))];
        if data.state == ListingState::Live {
            keys.push(("live_provider", data.provider_tenant_id.to_string()));
        }
        if data.pending_revision.is_some() {
            keys.push(("pending_revision", String::new()));
        }
        keys
    }
}

impl Indexed for Order {
    fn index(data: &OrderData) -> Keys {
        let mut keys = vec![("buyer", data.buyer_tenant_id.to_string()), ("status", name(data.status))];
        let open = match data.status {
            OrderStatus::Created | OrderStatus::PendingPayment | OrderStatus::Paid => true,
            OrderStatus::Fulfilled | OrderStatus::Refunded | OrderStatus::Failed => false,
        };
        for line in &data.lines {
            keys.push(("line", line.id.to_string()));
            keys.push(("provider", line.offer.provider_tenant_id.to_string()));
            if open {
                keys.push(("open_listing", line.offer.listing_id.to_string()));
            }
        }
        if data.payment_state == PaymentState::RefundPending {
            keys.push(("refund_pending", String::new()));
        }
        if data.stray_captures.iter().any(|stray| stray.refunded_at.is_none()) {
            keys.push(("stray", String::new()));
        }
        keys
    }
}

impl Indexed for License {
    fn index(data: &LicenseData) -> Keys {
        let mut keys = vec![
            ("tenant", data.tenant_id.to_string()),
            ("provider", data.provider_tenant_id.to_string()),
            ("course", format!("{} {}", data.tenant_id, data.course_id)),
        ];
        if data.state == LicenseState::Active {
            keys.push(("active_listing", data.listing_id.to_string()));
            let unclaimed = data.gift.as_ref().filter(|gift| gift.claimed_at.is_none());
            let ends = unclaimed.map(|gift| gift.expires_at).or(data.validity.valid_until());
            keys.extend(ends.map(|ends| ("expiry", at(ends))));
        }
        keys.extend(data.order_id.map(|order| ("order", order.to_string())));
        keys
    }

    fn row_index(row: &LicenseRow) -> Keys {
        match row {
            LicenseRow::Seat(seat) => vec![("user", seat.user_id.to_string())],
            LicenseRow::Waiting(entry) => {
                let waits = (entry.state == WaitlistState::Waiting).then(|| ("waiting", String::new()));
                let known = [("user", entry.user_id.to_string()), ("entry", entry.id.to_string())];
                known.into_iter().chain(waits).collect()
            }
        }
    }
}

impl Indexed for Coupon {
    fn index(data: &<Self as Aggregate>::Data) -> Keys {
        vec![("owner", Self::owner(data).to_string())]
    }

    fn row_index(row: &CouponRedemption) -> Keys {
        let hold = (row.status == RedemptionStatus::Reserved).then(|| ("hold", at(row.expires_at)));
        [("user", row.user_id.to_string())].into_iter().chain(hold).collect()
    }
}

impl Indexed for PurchaseSaga {
    fn index(data: &<Self as Aggregate>::Data) -> Keys {
        let due = data.next_attempt_at.map(|due| ("due", at(due)));
        let timeout = data
            .awaiting_payment_timeout_at
            .filter(|_| data.state == SagaState::AwaitingPayment)
            .map(|timeout| ("timeout", at(timeout)));
        let attention = data.needs_attention.then(|| ("attention", String::new()));
        due.into_iter().chain(timeout).chain(attention).collect()
    }
}

impl Indexed for Quote {
    fn index(data: &<Self as Aggregate>::Data) -> Keys {
        let expiry = (data.state == QuoteState::Open).then(|| ("expiry", at(data.expires_at)));
        [("order", data.order_id.to_string())].into_iter().chain(expiry).collect()
    }
}

impl Indexed for ProviderEarnings {
    fn index(data: &<Self as Aggregate>::Data) -> Keys {
        let key = &data.key;
        let provider = key.provider_tenant_id.to_string();
        let mut keys =
            vec![("provider_currency", format!("{provider} {}", key.currency)), ("provider", provider)];
        if data.state == EarningsState::Accruing {
            let over = key.period_month.end();
            keys.push(("closes", at(data.hold_until.map_or(over, |held| held.max(over)))));
        }
        // What is paid is never looked for by its state.
        if data.state != EarningsState::Paid {
            keys.push(("state", name(data.state)));
        }
        keys
    }

    fn row_index(row: &EarningsLine) -> Keys {
        row.order_line_id.iter().map(|line| ("line", line.to_string())).collect()
    }

    fn appended(row: &EarningsLine) -> Option<String> {
        Some(row.id.to_string())
    }
}
