//! What lasts: the log and its callbacks over a restart, and what a message said no longer than it may.

use sarai_domain::devportal::values::E164Phone;
use sarai_system::SeededIds;

use super::*;
use crate::testing::{Recorder, clock};

async fn open(
    path: &std::path::Path,
    clock: &Arc<sarai_system::ManualClock>,
) -> (MessagingStandIn, Arc<Documents>) {
    let documents = Arc::new(Documents::open(path).await.unwrap());
    let ids = Arc::new(SeededIds::new(7));
    (MessagingStandIn::new(clock.clone(), ids, documents.clone()).unwrap(), documents)
}

#[tokio::test]
async fn the_log_outlives_the_process_and_what_a_message_said_does_not_outlive_its_time() {
    let folder = std::env::temp_dir().join(format!("sarai-messaging-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("standins.db");
    let (clock, sink) = (clock(), Arc::new(Recorder::default()));
    let of = Traffic { tenant_id: "acme".parse().unwrap(), environment: Environment::Production };
    let message = NewMessage {
        of: of.clone(),
        key_id: None,
        to: E164Phone::parse("+93701231234").unwrap(),
        from: "Sarai".to_owned(),
        body: "canary-of-the-body".to_owned(),
    };
    let (first, documents) = open(&path, &clock).await;
    first.seed_demo().unwrap();
    let sent = first.send("k", &message).await.unwrap();
    documents.close().await;

    let (second, documents) = open(&path, &clock).await;
    assert_eq!(second.send("k", &message).await, Ok(sent.clone()), "once under its key");
    second.seed_demo().unwrap();
    let demo =
        Traffic { tenant_id: "acc_demo_customer".parse().unwrap(), environment: Environment::Production };
    let count = |page: Page<Message>| page.items.len();
    let page = PageRequest::first(MESSAGES_AT_ONCE);
    assert_eq!(
        count(second.messages(&demo, &MessageFilter::default(), &page).await.unwrap()),
        MESSAGES_AT_ONCE
    );
    second.connect(sink.clone());
    clock.advance(Duration::minutes(1));
    second.run_due().await.unwrap();
    assert_eq!(sink.ids().len(), 2, "{:?}", sink.ids());

    clock.advance(Duration::days(30));
    let shown = second.message(&of, &sent.id).await.unwrap().unwrap();
    assert_eq!((shown.body, shown.body_digest), (None, sent.body_digest));
    documents.close().await;
    let (third, documents) = open(&path, &clock).await;
    assert!(third.log.lock().unwrap().rows.values().all(|row| row.body.is_none()), "all are old");
    documents.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_demo_is_the_same_every_time() {
    let log = || {
        let mut log = Log::of(&Documents::default()).unwrap();
        demo::fill(&mut log, clock().now());
        serde_json::to_string(&*log.rows).unwrap()
    };
    let one = log();
    assert_eq!(one, log());
    assert!(one.len() > 100_000);
}
