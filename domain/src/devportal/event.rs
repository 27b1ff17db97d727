//! Everything the developer portal announces: one enum over the aggregates' events.

use serde::{Deserialize, Serialize};

use super::{
    policy::{BlockedStartEvent, SpendEvent, SpendPolicyEvent, VerifyPolicyEvent},
    sandbox::SandboxEvent,
    template::TemplateEvent,
    values::Environment,
    verify::VerifyEvent,
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
            /// The event's type, such as `devportal.verify.requested.v1`.
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
            Self::Template(_) => None,
            Self::Sandbox(_) => Some(Environment::Sandbox),
            Self::BlockedStart(BlockedStartEvent::Blocked(start)) => Some(start.environment),
            Self::VerifyPolicy(VerifyPolicyEvent::Changed { environment, .. })
            | Self::SpendPolicy(SpendPolicyEvent::Changed { environment, .. })
            | Self::Spend(
                SpendEvent::CapHit { environment, .. } | SpendEvent::Threshold { environment, .. },
            ) => Some(*environment),
        }
    }
}

devportal_events! {
    Verify(VerifyEvent),
    Template(TemplateEvent),
    Sandbox(SandboxEvent),
    BlockedStart(BlockedStartEvent),
    VerifyPolicy(VerifyPolicyEvent),
    SpendPolicy(SpendPolicyEvent),
    Spend(SpendEvent),
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

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
}
