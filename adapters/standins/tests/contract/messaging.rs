//! Messaging: every method; where messages are by the clock; what is told of them.

use std::collections::BTreeSet;

use sarai_domain::{
    devportal::{
        template::Encoding,
        values::{E164Phone, Environment},
    },
    kernel::{Timestamp, Ulid},
};
use sarai_ports::{
    Direction, GatewayError, PageRequest,
    devportal::{
        DailyRequest, Message, MessageFilter, MessageStats, MessageStatus, NewMessage, Recipient, Traffic,
    },
    inbound::InboundEvent,
    system::Clock as _,
};
use time::Duration;

use crate::world::{WAYS, World};

fn of(tenant: &str, environment: Environment) -> Traffic {
    Traffic { tenant_id: tenant.parse().unwrap(), environment }
}

fn ours() -> Traffic {
    of("acme", Environment::Production)
}

fn message(to: &str, body: &str) -> NewMessage {
    NewMessage {
        of: ours(),
        key_id: Some(sarai_domain::kernel::ApiKeyId::new(Ulid::from(1_u128))),
        to: E164Phone::parse(to).unwrap(),
        from: "Sarai".to_owned(),
        body: body.to_owned(),
    }
}

fn refused<T>(code: &str) -> Result<T, GatewayError> {
    Err(GatewayError::Refused { code: code.to_owned() })
}

/// Whether a message is one of those meant.
type Fits = Box<dyn Fn(&Message) -> bool>;

impl World {
    async fn send(&self, key: &str, to: &str) -> Message {
        self.messaging.send(key, &message(to, "Salam")).await.unwrap()
    }

    async fn now_is(&self, sent: &Message) -> Message {
        self.messaging.message(&ours(), &sent.id).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn every_call_keeps_its_contract() {
    for way in WAYS {
        let world = World::new(way).await;
        let (messaging, to) = (&world.messaging, "+93701231234");
        let quote = messaging.quote(&message(to, "ستاسو کوډ")).await.unwrap();
        assert_eq!((quote.encoding, quote.segments), (Encoding::Ucs2, 1), "{way:?}");
        assert_eq!(
            (quote.price.to_string().as_str(), quote.balance_after.unwrap().to_string().as_str()),
            ("0.032000", "9.968000")
        );
        let sent = world.send("k/1 ü", to).await;
        assert_eq!(world.send("k/1 ü", to).await, sent, "{way:?}");
        assert_eq!(messaging.send("k/1 ü", &message(to, "Other")).await.map(drop), refused("key_reused"));
        assert_eq!((sent.status, sent.segments, sent.sent_at), (MessageStatus::Queued, 1, None), "{way:?}");
        assert_eq!(messaging.receipt(&ours(), &sent.id).await.map(drop), refused("not_final"), "{way:?}");
        world.clock.advance(Duration::minutes(1));
        let shown = world.now_is(&sent).await;
        assert_eq!(shown.status, MessageStatus::Delivered, "{way:?}");
        assert_eq!(shown.operator_name.as_deref(), Some("AWCC"), "{way:?}");
        assert!(shown.sent_at.unwrap() < shown.delivered_at.unwrap(), "{way:?}");
        let receipt = messaging.receipt(&ours(), &sent.id).await.unwrap().unwrap();
        assert_eq!((receipt.body_digest, Some(receipt.final_at)), (sent.body_digest, shown.delivered_at));

        // Nobody else has it, in the other world either.
        for other in [of("other", Environment::Production), of("acme", Environment::Sandbox)] {
            assert_eq!(messaging.message(&other, &sent.id).await, Ok(None), "{way:?}");
            assert_eq!(messaging.receipt(&other, &sent.id).await, Ok(None), "{way:?}");
            let none = messaging.messages(&other, &MessageFilter::default(), &PageRequest::first(9)).await;
            assert!(none.unwrap().items.is_empty(), "{way:?}");
        }
        let all =
            messaging.messages(&ours(), &MessageFilter::default(), &PageRequest::first(9)).await.unwrap();
        assert_eq!(all.items, [shown], "{way:?}");
        let stats = messaging.stats(&ours(), &MessageFilter::default()).await.unwrap();
        assert_eq!(
            stats,
            MessageStats { delivered: 1, retention_days: 30, ..MessageStats::default() },
            "{way:?}"
        );
        let days = DailyRequest {
            of: ours(),
            key_id: None,
            from: "2026-04-19T23:00:00Z".parse().unwrap(),
            until: "2026-04-21T00:00:00Z".parse().unwrap(),
        };
        let daily = messaging.daily(&days).await.unwrap();
        let counted: Vec<_> =
            daily.iter().map(|day| (day.day.to_string(), day.sent, day.delivered, day.failed)).collect();
        let day = |day: &str| day.to_owned();
        assert_eq!(counted, [(day("2026-04-19T00:00:00Z"), 0, 0, 0), (day("2026-04-20T00:00:00Z"), 1, 1, 0)]);
        let years = DailyRequest { from: "2020-01-01T00:00:00Z".parse().unwrap(), ..days };
        assert_eq!(messaging.daily(&years).await, refused("window_too_large"), "{way:?}");

        let ids = messaging.sender_ids(&ours().tenant_id).await.unwrap();
        assert!(ids.iter().any(|id| id.sender == "Sarai" && id.countries.is_empty()), "{way:?}");
        let codes = messaging.error_codes().await.unwrap();
        assert!(
            codes.iter().all(|code| !code.meaning.ps.is_empty() && !code.next_step.fa.is_empty()),
            "{way:?}"
        );
        let health = messaging.operator_health("AWCC").await.unwrap().unwrap();
        assert_eq!((health.messages, health.failed_bps), (None, None), "{way:?}: one message says nothing");
        assert_eq!(messaging.operator_health("Nobody").await, Ok(None), "{way:?}");
        if let Some(contract) = world.contracts.get(3) {
            contract.assert_kept_and_used("messages");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_and_sandboxes_cost_nothing() {
    for way in WAYS {
        let world = World::new(way).await;
        let long = "a".repeat(1_531);
        let cases: [(&str, NewMessage); 5] = [
            ("body_empty", message("+93701231234", "")),
            ("body_too_long", message("+93701231234", &long)),
            ("no_route", message("+881612345678", "Salam")),
            ("sender_not_allowed", NewMessage { from: "Bank".to_owned(), ..message("+93701231234", "x") }),
            // Registered in Afghanistan only.
            (
                "sender_not_allowed",
                NewMessage { from: "SARAI-OTP".to_owned(), ..message("+12025550123", "x") },
            ),
        ];
        for (code, message) in &cases {
            assert_eq!(world.messaging.send(code, message).await.map(drop), refused(code), "{way:?}");
            assert_eq!(world.messaging.quote(message).await.map(drop), refused(code), "{way:?}");
        }
        let fits = message("+93701231234", &long[..1_530]);
        assert_eq!(world.messaging.quote(&fits).await.unwrap().segments, 10, "{way:?}");
        // 10.00 is 31 messages of ten parts and some.
        for number in 0..31 {
            world.messaging.send(&format!("k{number}"), &fits).await.unwrap();
        }
        assert_eq!(
            world.messaging.send("more", &fits).await.map(drop),
            refused("insufficient_balance"),
            "{way:?}"
        );
        assert_eq!(world.messaging.quote(&fits).await.unwrap().balance_after, None, "{way:?}");
        let balance = world.invoicing.balance(&ours().tenant_id).await.unwrap().balance;
        assert_eq!(balance.to_string(), "0.080000", "{way:?}");
        let sandbox = NewMessage { of: of("acme", Environment::Sandbox), from: "Any".to_owned(), ..fits };
        assert!(world.messaging.send("sandbox", &sandbox).await.is_ok(), "{way:?}");
        assert_eq!(world.invoicing.balance(&ours().tenant_id).await.unwrap().balance, balance, "{way:?}");
    }
}

#[tokio::test]
async fn a_number_fails_as_its_last_digits_say_and_each_step_is_told_once() {
    for way in WAYS {
        let world = World::new(way).await;
        let codes = world.messaging.error_codes().await.unwrap();
        let mut failed = BTreeSet::new();
        for number in 1..=8 {
            let sent = world.send(&format!("k{number}"), &format!("+93791230{number:04}")).await;
            world.clock.advance(Duration::days(2));
            let shown = world.now_is(&sent).await;
            assert_eq!(shown.status, MessageStatus::Failed, "{way:?} {number}");
            let code = shown.error_code.unwrap();
            assert!(codes.iter().any(|known| known.code == code), "{code}");
            let left = code != "no_route";
            assert_eq!((shown.sent_at.is_some(), shown.operator_name.is_some()), (left, left), "{code}");
            let told = world.told().await;
            assert_eq!(told.len(), if left { 2 } else { 1 }, "{way:?} {told:?}");
            let over = told.iter().find_map(|event| match event {
                InboundEvent::MessageFailed(report) => report.error_code.clone(),
                _ => None,
            });
            assert_eq!(over, Some(code.clone()), "{way:?}");
            failed.insert(code);
        }
        assert_eq!(failed.len(), codes.len(), "{way:?}: every code can be seen");
        let silent = world.send("silent", "+93791230009").await;
        world.clock.advance(Duration::days(2));
        assert_eq!(world.now_is(&silent).await.status, MessageStatus::Sent, "{way:?}");
        world.told().await;

        let sent = world.send("last", "+93791239999").await;
        assert!(world.told().await.is_empty(), "{way:?}: nothing has happened");
        assert_eq!(world.next_due().await, Some(sent.submitted_at.plus(Duration::seconds(1))), "{way:?}");
        world.clock.advance(Duration::minutes(1));
        let told = world.told().await;
        let [InboundEvent::MessageDelivered(over), InboundEvent::MessageSent(left)] = told.as_slice() else {
            panic!("{way:?}: {told:?}")
        };
        assert_eq!((over.to.as_str(), left.error_code.as_ref()), ("+93•••••9999", None), "{way:?}");
        assert_eq!((&over.message_id, over.operator_name.as_deref()), (&sent.id, Some("Roshan")), "{way:?}");
    }
}

#[tokio::test]
async fn a_filter_selects_and_pages_walk_over_every_message_once() {
    for way in WAYS {
        let world = World::new(way).await;
        world.standins.messaging.seed_demo().unwrap();
        let demo = of("acc_demo_developer", Environment::Production);
        let list = async |filter: &MessageFilter, page: &PageRequest| {
            world.messaging.messages(&demo, filter, page).await.unwrap()
        };
        let (mut all, mut page) = (Vec::new(), PageRequest::first(100));
        loop {
            let part = list(&MessageFilter::default(), &page).await;
            all.extend(part.items);
            match part.next {
                Some(next) => page.cursor = Some(next),
                None => break,
            }
        }
        let ids: BTreeSet<_> = all.iter().map(|message| message.id.clone()).collect();
        assert!(all.len() > 500 && ids.len() == all.len(), "{way:?}: {}", all.len());
        assert!(all.is_sorted_by(|newer, older| newer.submitted_at >= older.submitted_at), "{way:?}");
        let first = list(&MessageFilter::default(), &PageRequest::first(10)).await;
        let second = list(&MessageFilter::default(), &PageRequest { limit: 10, cursor: first.next }).await;
        assert_eq!(second.items, all[10..20], "{way:?}");
        let back = second.prev.clone().unwrap();
        assert_eq!(back.direction, Direction::Prev, "{way:?}");
        assert_eq!(
            list(&MessageFilter::default(), &PageRequest { limit: 10, cursor: Some(back) }).await.items,
            first.items
        );

        let stats = world.messaging.stats(&demo, &MessageFilter::default()).await.unwrap();
        assert_eq!(
            usize::try_from(stats.sent + stats.delivered + stats.failed).unwrap(),
            all.len(),
            "{way:?}"
        );
        assert!(stats.failed > 20 && stats.delivered > 400, "{way:?}: {stats:?}");
        let middle: Timestamp = all[200].submitted_at;
        let cases: [(MessageFilter, Fits); 5] = [
            (
                MessageFilter { statuses: [MessageStatus::Failed].into(), ..MessageFilter::default() },
                Box::new(|message| message.status == MessageStatus::Failed),
            ),
            (
                MessageFilter { to: Some(Recipient::Prefix("+9379".to_owned())), ..MessageFilter::default() },
                Box::new(|message| message.to.as_str().starts_with("+9379")),
            ),
            (
                MessageFilter { to: Some(Recipient::Number(all[7].to.clone())), ..MessageFilter::default() },
                Box::new({
                    let to = all[7].to.clone();
                    move |message| message.to == to
                }),
            ),
            (
                MessageFilter {
                    from: Some("SARAI-OTP".to_owned()),
                    before: Some(middle),
                    ..MessageFilter::default()
                },
                Box::new(move |message| message.from == "SARAI-OTP" && message.submitted_at < middle),
            ),
            (
                MessageFilter { after: Some(middle), ..MessageFilter::default() },
                Box::new(move |message| message.submitted_at >= middle),
            ),
        ];
        for (filter, fits) in cases {
            let expected: Vec<Message> =
                all.iter().filter(|message| fits(message)).take(200).cloned().collect();
            assert!(!expected.is_empty(), "{filter:?}");
            assert_eq!(
                list(&filter, &PageRequest::first(1_000)).await.items,
                expected,
                "{way:?}: {filter:?}"
            );
        }
        let old = all.iter().filter(|message| message.body.is_none()).count();
        assert!(old > 100 && old < all.len(), "{way:?}: what is older than 30 days says nothing any more");
        assert!(all.iter().all(|message| message.body.is_none() == message.body_redacted_at.is_some()));
        let roshan = world.messaging.operator_health("Roshan").await.unwrap().unwrap();
        assert!(roshan.failed_bps.unwrap() > 2_500 && roshan.messages.unwrap() >= 180, "{way:?}: {roshan:?}");
        assert_eq!(roshan.until, world.clock.now(), "{way:?}");
        assert_eq!(
            world.messaging.operator_health("Salaam").await.unwrap().unwrap().messages,
            None,
            "{way:?}"
        );
    }
}

#[tokio::test]
async fn an_outage_does_nothing_and_a_lost_answer_did_it() {
    for way in WAYS {
        let world = World::new(way).await;
        world.standins.messaging.set_outage(true);
        let out = world.messaging.send("k", &message("+93701231234", "Salam")).await;
        assert!(matches!(out, Err(GatewayError::Unavailable(_))), "{way:?}");
        world.standins.messaging.set_outage(false);
        world.standins.messaging.lose_answers(1);
        let lost = world.messaging.send("k", &message("+93701231234", "Salam")).await;
        assert!(matches!(lost, Err(GatewayError::Unavailable(_))), "{way:?}");
        world.send("k", "+93701231234").await;
        let all = world.messaging.messages(&ours(), &MessageFilter::default(), &PageRequest::first(9)).await;
        assert_eq!(all.unwrap().items.len(), 1, "{way:?}: once under its key");
    }
}
