//! What is announced, of whichever context: the contexts do not know each other, so this enum stands outside them.

use sarai_domain::{
    devportal::{
        account::AccountEvent,
        api_key::KeyEvent,
        docs_article::DocsEvent,
        event::DevportalEvent,
        policy::{BlockedStartEvent, SpendEvent, SpendPolicyEvent, VerifyPolicyEvent},
        sandbox::SandboxEvent,
        sdk_release::SdkEvent,
        template::TemplateEvent,
        verify::VerifyEvent,
        webhook::WebhookEvent,
    },
    marketplace::{
        coupon::CouponEvent, earnings::EarningsEvent, event::MarketplaceEvent, license::LicenseEvent,
        listing::ListingEvent, order::OrderEvent, quote::QuoteEvent, saga::SagaMessage,
    },
};
use serde::Serialize;

/// An event of one of the contexts. It is written as the context's own event is; [`Event::topic`] says how to read it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// Of the marketplace.
    Marketplace(MarketplaceEvent),
    /// Of the developer portal.
    Devportal(DevportalEvent),
}

macro_rules! events {
    ($($context:ident of $all:ident: $($event:ident),*;)*) => {
        impl Event {
            /// Its type, such as `marketplace.order.paid.v1`.
            pub fn topic(&self) -> &'static str {
                match self {
                    $(Self::$context(event) => event.topic(),)*
                }
            }

            /// Every type there is, by context.
            pub fn topics() -> impl Iterator<Item = &'static str> {
                std::iter::empty()$(.chain($all::topics()))*
            }
        }

        $(
            impl From<$all> for Event {
                fn from(event: $all) -> Self {
                    Self::$context(event)
                }
            }

            $(impl From<$event> for Event {
                fn from(event: $event) -> Self {
                    Self::$context(event.into())
                }
            })*
        )*
    };
}

events! {
    Marketplace of MarketplaceEvent:
        ListingEvent, OrderEvent, LicenseEvent, CouponEvent, SagaMessage, EarningsEvent, QuoteEvent;
    Devportal of DevportalEvent:
        AccountEvent, KeyEvent, VerifyEvent, TemplateEvent, SandboxEvent, BlockedStartEvent, VerifyPolicyEvent,
        SpendPolicyEvent, SpendEvent, SdkEvent, DocsEvent, WebhookEvent;
}

impl Event {
    /// The marketplace's event, when it is one.
    pub fn marketplace(&self) -> Option<&MarketplaceEvent> {
        match self {
            Self::Marketplace(event) => Some(event),
            Self::Devportal(_) => None,
        }
    }

    /// The developer portal's event, when it is one.
    pub fn devportal(&self) -> Option<&DevportalEvent> {
        match self {
            Self::Devportal(event) => Some(event),
            Self::Marketplace(_) => None,
        }
    }

    /// Whether an event of this type is the developer portal's: a type begins with its context (ruling R43).
    pub fn is_devportal(topic: &str) -> bool {
        topic.starts_with("devportal.")
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    #[test]
    fn a_topic_begins_with_its_context() {
        let devportal = Event::topics().filter(|topic| Event::is_devportal(topic)).count();
        let marketplace = Event::topics().filter(|topic| topic.starts_with("marketplace.")).count();
        assert!(devportal > 30 && marketplace > 50);
        assert_eq!(devportal + marketplace, Event::topics().count());
    }
}
