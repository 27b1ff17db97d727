//! A wired process and its broker: purchases go on without it, and what they set off is published afterwards.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use sarai::embedded::{Clocks, Embedded};
use sarai_application::Call;
use sarai_domain::kernel::TenantId;
use sarai_ports::{PageRequest, Scope, audit::AuditLog as _};
use sarai_relay::jetstream::{Broker, BrokerConfig};
use sarai_services::Nats;
use sarai_standins::TokenIssuer;
use sarai_system::SystemClock;
use serde_json::json;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    assert_complete,
    market::Market,
    nats::{context, published},
    until,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_goes_on_without_its_broker() {
    let mut nats = Nats::new().unwrap();
    nats.kill();
    let broker = Broker::connect(&BrokerConfig::at(nats.url())).await.unwrap();
    let issuer = TokenIssuer { issuer: "test".to_owned(), audience: "sarai".to_owned() };
    let clocks = Clocks::of(SystemClock::new(true));
    let (sarai, store) = Embedded::in_memory_with(&clocks, issuer, Some(broker)).unwrap();
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    sarai.start(&tasks, &stop);
    // What the demo's sources announce ends in events.
    sarai.sources.announce_demo();
    let begun = Instant::now();
    for number in 1..=3 {
        let _ = Market::new(&sarai, number).await.buy().await;
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "nobody waits for the broker");
    nats.start().unwrap();
    until("the end of the backlog", async || sarai.ports.outbox.backlog().await.unwrap().open == 0).await;
    let recorded = store.recorded();
    let events: BTreeSet<String> = recorded.iter().map(|event| event.id.to_string()).collect();
    assert_complete(&published(&nats).await, &events);

    context(&nats).await.delete_stream("SARAI_EVENTS").await.unwrap();
    let desk = &sarai.marketplace.outbox;
    let admin = Call { reason: Some("the stream is gone".to_owned()), ..crate::market::call("admin") };
    let (from, mut after) = (recorded.iter().map(|event| event.recorded_at).min().unwrap(), None);
    loop {
        let part = desk.republish(&admin, from, None, after).await.unwrap();
        after = part.next;
        if after.is_none() {
            break;
        }
    }
    until("the end of the backlog", async || desk.show(&admin).await.unwrap().consumers.is_empty()).await;
    assert_complete(&published(&nats).await, &events);
    let because = Call { reason: Some("nothing was dead".to_owned()), ..admin.clone() };
    assert_eq!(desk.redrive(&because, None).await.unwrap(), 0);
    let page = PageRequest::first(100);
    let rows = store.list(&Scope::PlatformAdmin, &page).await.unwrap().items;
    let deeds: Vec<_> = rows
        .iter()
        .filter(|row| row.version == 0)
        .map(|row| (row.action, row.actor.as_str(), row.target.as_str(), row.reason.as_deref()))
        .collect();
    let who = admin.principal.user_id.as_str();
    assert_eq!(deeds[0], ("outbox.redrive", who, "*", Some("nothing was dead")));
    assert!(deeds[1].2.starts_with(&from.to_string()), "{deeds:?}");
    assert_eq!((deeds[1].0, deeds[1].3), ("outbox.republish", Some("the stream is gone")));

    let stranger = TenantId::from_static("stranger");
    let verified = json!({
        "specversion": "1.0", "id": "kyc-1", "source": "/tenant", "type": "tenant.kyc_verified.v1",
        "data": {"tenantId": "stranger", "at": "2026-04-20T09:30:00Z"},
    });
    let context = context(&nats).await;
    let ack = context.publish("inbound.tenant", verified.to_string().into()).await.unwrap();
    ack.await.unwrap();
    until("the effect", async || sarai.ports.provider_facts.kyc(&stranger).await.unwrap().verified).await;
    stop.cancel();
    tasks.close();
    tasks.wait().await;
}
