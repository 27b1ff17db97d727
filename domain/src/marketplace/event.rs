//! Everything the marketplace announces: one enum over the aggregates' events.

use serde::{Deserialize, Serialize};

use super::{
    coupon::CouponEvent, earnings::EarningsEvent, license::LicenseEvent, listing::ListingEvent,
    order::OrderEvent, quote::QuoteEvent, saga::SagaMessage,
};
use crate::kernel::DomainEvent;

macro_rules! marketplace_events {
    ($($aggregate:ident($event:ty),)*) => {
        /// An event of one of the aggregates.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "aggregate", rename_all = "snake_case")]
        pub enum MarketplaceEvent {
            $(#[doc = concat!("Of ", stringify!($aggregate), ".")] $aggregate($event),)*
        }

        impl MarketplaceEvent {
            /// The event's type, such as `marketplace.order.paid.v1`.
            pub fn topic(&self) -> &'static str {
                match self {
                    $(Self::$aggregate(event) => event.topic(),)*
                }
            }

            /// Every type there is.
            pub fn topics() -> impl Iterator<Item = &'static str> {
                [$(<$event>::TOPICS),*].into_iter().flatten().copied()
            }
        }

        $(impl From<$event> for MarketplaceEvent {
            fn from(event: $event) -> Self {
                Self::$aggregate(event)
            }
        })*
    };
}

marketplace_events! {
    Listing(ListingEvent),
    Order(OrderEvent),
    License(LicenseEvent),
    Coupon(CouponEvent),
    Saga(SagaMessage),
    Earnings(EarningsEvent),
    Quote(QuoteEvent),
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::kernel::{Currency, Money};

    #[test]
    fn a_topic_names_one_type_and_has_four_parts() {
        let topics: Vec<_> = MarketplaceEvent::topics().collect();
        let distinct: BTreeSet<_> = topics.iter().collect();
        assert_eq!(distinct.len(), topics.len());
        for topic in topics {
            let parts: Vec<_> = topic.split('.').collect();
            assert!(matches!(parts[..], ["marketplace", _, _, "v1"]), "{topic}");
        }
    }

    #[test]
    fn an_event_is_stored_under_the_names_of_its_topic() {
        let event = EarningsEvent::Paid {
            key: "acme:USD:2026-04".parse().unwrap(),
            net_payable: Money::zero(Currency::parse("USD").unwrap()),
            payout_id: None,
            paid_at: "2026-05-15T00:00:00Z".parse().unwrap(),
        };
        let event = MarketplaceEvent::from(event);
        assert_eq!(event.topic(), "marketplace.earnings.paid.v1");
        let stored = serde_json::to_value(&event).unwrap();
        assert_eq!((&stored["aggregate"], &stored["event"]), (&"earnings".into(), &"paid".into()));
    }
}
