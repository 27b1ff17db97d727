//! Counters of usage: counted once, summed up, of one tenant and one world.

use std::collections::BTreeSet;

use sarai_domain::{
    devportal::{
        usage::{UsageBucket, UsageKey, UsageMetric},
        values::Environment,
    },
    kernel::{ApiKeyId, Timestamp},
};
use sarai_ports::{
    Consumed, Scope, StoreError,
    devportal::{UsageCount, UsageGroup, UsagePoint, UsageQuery},
};

use crate::{SuitePorts, harness::at_once, make};

use UsageMetric::{Sent, Spent};

/// The hour that counters are of.
const HOUR: &str = "2026-04-20T23:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn acme() -> Scope {
    Scope::Within(make::tenant("acme"))
}

fn message(id: &str) -> Consumed {
    Consumed { consumer: "usage", event_id: id.to_owned() }
}

fn count(hour: &str, key: Option<ApiKeyId>, channel: &str, metric: UsageMetric, amount: u64) -> UsageCount {
    let key = UsageKey {
        tenant_id: make::tenant("acme"),
        environment: Environment::Production,
        hour: at(hour),
        key_id: key,
        channel: Some(channel.to_owned()),
        country: (channel != "EMAIL").then(|| "AF".to_owned()),
        metric,
    };
    UsageCount { key, amount }
}

fn query(group: Option<UsageGroup>, bucket: UsageBucket) -> UsageQuery {
    UsageQuery {
        tenant_id: make::tenant("acme"),
        environment: Environment::Production,
        from: at("2026-04-01T00:00:00Z"),
        until: at("2026-05-01T00:00:00Z"),
        metrics: UsageMetric::ALL.iter().copied().collect(),
        key_id: None,
        bucket,
        group,
    }
}

async fn counted(ports: &SuitePorts, id: &str, counts: &[UsageCount]) -> bool {
    ports.devportal.count(&acme(), &message(id), counts, ports.now()).await.expect("counted")
}

async fn asked(ports: &SuitePorts, scope: &Scope, query: &UsageQuery) -> Vec<UsagePoint> {
    ports.devportal.usage(scope, query).await.expect("sums")
}

fn point(at_text: &str, group: Option<&str>, metric: UsageMetric, amount: u64) -> UsagePoint {
    UsagePoint { at: at(at_text), group: group.map(str::to_owned), metric, amount }
}

/// A message adds all that it says, and only the first time.
pub async fn a_message_is_counted_once(ports: &SuitePorts) {
    let counts = [count(HOUR, None, "SMS", Sent, 1), count(HOUR, None, "SMS", Spent, 7_900)];
    assert!(counted(ports, "one", &counts).await);
    assert!(!counted(ports, "one", &counts).await, "it was counted");
    assert!(counted(ports, "two", &counts).await);
    let sums = asked(ports, &acme(), &query(None, UsageBucket::Hour)).await;
    assert_eq!(sums, [point(HOUR, None, Sent, 2), point(HOUR, None, Spent, 15_800)]);
}

/// Of messages at the same time none is lost, and of copies of one all but one are.
pub async fn of_racing_messages_each_is_counted_once(ports: &SuitePorts) {
    let first = at_once(16, |number| {
        let ports = ports.clone();
        async move {
            let id = format!("message-{}", number % 8);
            counted(&ports, &id, &[count(HOUR, None, "SMS", Sent, 1)]).await
        }
    })
    .await;
    assert_eq!(first.into_iter().filter(|first| *first).count(), 8);
    let sums = asked(ports, &acme(), &query(None, UsageBucket::Day)).await;
    assert_eq!(sums, [point("2026-04-20T00:00:00Z", None, Sent, 8)]);
}

/// Sums are by hour or day, split by key, channel or country; what is not known stands under nothing.
pub async fn counters_are_summed_up_as_asked(ports: &SuitePorts) {
    let key: ApiKeyId = ports.id();
    let later = "2026-04-21T00:00:00Z";
    let counts = [
        count("2026-04-20T01:00:00Z", Some(key), "SMS", Sent, 3),
        count(HOUR, None, "EMAIL", Sent, 1),
        count(later, Some(key), "VOICE", Sent, 2),
        count(later, Some(key), "VOICE", Spent, 40_000),
    ];
    assert!(counted(ports, "one", &counts).await);
    let day = "2026-04-20T00:00:00Z";
    let only = |group| UsageQuery { metrics: BTreeSet::from([Sent]), ..query(group, UsageBucket::Day) };
    let sums = asked(ports, &acme(), &only(None)).await;
    assert_eq!(sums, [point(day, None, Sent, 4), point(later, None, Sent, 2)]);
    let sums = asked(ports, &acme(), &only(Some(UsageGroup::Channel))).await;
    let expected = [
        point(day, Some("EMAIL"), Sent, 1),
        point(day, Some("SMS"), Sent, 3),
        point(later, Some("VOICE"), Sent, 2),
    ];
    assert_eq!(sums, expected);
    let sums = asked(ports, &acme(), &only(Some(UsageGroup::Country))).await;
    assert_eq!(sums[..2], [point(day, None, Sent, 1), point(day, Some("AF"), Sent, 3)]);
    let name = key.to_string();
    let sums = asked(ports, &acme(), &only(Some(UsageGroup::Key))).await;
    assert_eq!(sums[..2], [point(day, None, Sent, 1), point(day, Some(&name), Sent, 3)]);
    let of_key = UsageQuery { key_id: Some(key), ..only(None) };
    let sums = asked(ports, &acme(), &of_key).await;
    assert_eq!(sums, [point(day, None, Sent, 3), point(later, None, Sent, 2)]);
    let window = UsageQuery { from: at("2026-04-20T23:30:00Z"), until: at(later), ..only(None) };
    assert_eq!(asked(ports, &acme(), &window).await, [point(day, None, Sent, 1)], "the hour it begins in");
    let nothing = UsageQuery { until: at("2026-04-19T00:00:00Z"), ..only(None) };
    assert_eq!(asked(ports, &acme(), &nothing).await, []);
}

/// Counters are of their tenant and world.
pub async fn nobody_else_counts_or_sees(ports: &SuitePorts) {
    let counts = [count(HOUR, None, "SMS", Sent, 1)];
    let other = Scope::Within(make::tenant("evil"));
    let refused = ports.devportal.count(&other, &message("one"), &counts, ports.now()).await;
    assert_eq!(refused, Err(StoreError::NotFound));
    assert!(counted(ports, "one", &counts).await, "a refusal consumes nothing");
    let asked = async |scope: &Scope| asked(ports, scope, &query(None, UsageBucket::Day)).await.len();
    let world = |environment| Scope::World(make::tenant("acme"), environment);
    assert_eq!(asked(&world(Environment::Production)).await, 1);
    for scope in [other, world(Environment::Sandbox), Scope::Public] {
        assert_eq!(asked(&scope).await, 0, "{scope:?}");
    }
    let sandbox = UsageQuery { environment: Environment::Sandbox, ..query(None, UsageBucket::Day) };
    assert_eq!(ports.devportal.usage(&acme(), &sandbox).await, Ok(Vec::new()));
}
