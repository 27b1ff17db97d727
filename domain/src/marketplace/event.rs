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
