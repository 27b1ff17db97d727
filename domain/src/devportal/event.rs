//! Everything the developer portal announces: one enum over the aggregates' events.

use serde::{Deserialize, Serialize};

use super::{
    account::AccountEvent,
    api_key::KeyEvent,
    docs_article::DocsEvent,
    policy::{BlockedStartEvent, SpendEvent, SpendPolicyEvent, VerifyPolicyEvent},
    sandbox::SandboxEvent,
    sdk_release::SdkEvent,
    template::TemplateEvent,
    values::Environment,
    verify::VerifyEvent,
    webhook::WebhookEvent,
};
use crate::kernel::DomainEvent;

macro_rules! devportal_events {
    ($($aggregate:ident($event:ty),)*) => {
        /// An event of one of the aggregates.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "aggregate", rename_all = "snake_case")]
        pub enum DevportalEvent {
            $(#[doc = concat!("Of ", stringify!($aggregate), ".")] $aggregate($event),)*
        }

        impl DevportalEvent {
            /// The event's type, such as `devportal.key.created.v1`.
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

        $(impl From<$event> for DevportalEvent {
            fn from(event: $event) -> Self {
                Self::$aggregate(event)
            }
        })*
    };
}

impl DevportalEvent {
    /// The world it happened in, where there are two: what its envelope says and its subject begins with (ruling R11).
    pub fn environment(&self) -> Option<Environment> {
        match self {
            Self::Verify(event) => Some(event.world().environment),
            Self::Account(_) | Self::Template(_) | Self::Sdk(_) | Self::Docs(_) => None,
            Self::Key(event) => Some(event.facts().environment),
            Self::Sandbox(_) => Some(Environment::Sandbox),
            Self::BlockedStart(BlockedStartEvent::Blocked(start)) => Some(start.environment),
            Self::VerifyPolicy(VerifyPolicyEvent::Changed { environment, .. })
            | Self::SpendPolicy(SpendPolicyEvent::Changed { environment, .. })
            | Self::Webhook(WebhookEvent::Disabled { environment, .. })
            | Self::Spend(
                SpendEvent::CapHit { environment, .. } | SpendEvent::Threshold { environment, .. },
            ) => Some(*environment),
        }
    }
}

devportal_events! {
    Account(AccountEvent),
    Key(KeyEvent),
    Verify(VerifyEvent),
    Template(TemplateEvent),
    Sandbox(SandboxEvent),
    BlockedStart(BlockedStartEvent),
    VerifyPolicy(VerifyPolicyEvent),
    SpendPolicy(SpendPolicyEvent),
    Spend(SpendEvent),
    Sdk(SdkEvent),
    Docs(DocsEvent),
    Webhook(WebhookEvent),
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        devportal::{account::AccountFacts, webhook::CATALOGUE},
        kernel::{DeveloperAccountId, Ulid},
    };

    #[test]
    fn a_topic_names_one_type_and_has_four_parts() {
        let topics: Vec<_> = DevportalEvent::topics().collect();
        let distinct: BTreeSet<_> = topics.iter().collect();
        assert_eq!(distinct.len(), topics.len());
        for topic in topics {
            let parts: Vec<_> = topic.split('.').collect();
            assert!(matches!(parts[..], ["devportal", _, _, "v1"]), "{topic}");
        }
    }

    #[test]
    fn an_event_says_its_world_where_there_are_two() {
        let template_id = "vtp_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        let archived = DevportalEvent::from(TemplateEvent::Archived { template_id, version_no: 1 });
        assert_eq!(archived.environment(), None);
        let sandbox_id = "sbx_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        let account_id = "dev_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        let closed = DevportalEvent::from(SandboxEvent::Closed { sandbox_id, account_id, expired: true });
        assert_eq!(
            (closed.environment(), closed.topic()),
            (Some(Environment::Sandbox), "devportal.sandbox.closed.v1")
        );
        let stored = serde_json::to_value(&closed).unwrap();
        assert_eq!((&stored["aggregate"], &stored["event"]), (&"sandbox".into(), &"closed".into()));
    }

    #[test]
    fn what_endpoints_can_ask_for_of_these_aggregates_exists() {
        let topics: BTreeSet<_> = DevportalEvent::topics().collect();
        let ours = ["account", "key", "sdk", "docs", "webhook"];
        for topic in CATALOGUE {
            let aggregate = topic.split('.').nth(1).unwrap();
            assert!(!ours.contains(&aggregate) || topics.contains(topic), "{topic}");
        }
    }

    #[test]
    fn an_event_is_stored_under_the_names_of_its_topic() {
        let event = DevportalEvent::from(AccountEvent::Closed {
            account: AccountFacts {
                account_id: DeveloperAccountId::new(Ulid(1)),
                auth_account_id: "acc-1".parse().unwrap(),
                tenant_id: "acme".parse().unwrap(),
                at: "2026-05-15T00:00:00Z".parse().unwrap(),
            },
        });
        assert_eq!(event.topic(), "devportal.account.closed.v1");
        let stored = serde_json::to_value(&event).unwrap();
        assert_eq!((&stored["aggregate"], &stored["event"]), (&"account".into(), &"closed".into()));
        assert_eq!(serde_json::from_value::<DevportalEvent>(stored).unwrap(), event);
    }
}
