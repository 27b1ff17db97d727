//! The feed of events: numbered without gaps, cut to its reader, in parts, by waiting, and as a stream.

use std::{collections::BTreeSet, time::Duration};

use reqwest::Method;
use sarai::config::Config;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

use crate::{
    market::{Market, one_time, seat_pack, text},
    stream::Stream,
    world::{Answer, Api, User, generous},
};

const SOON: Duration = Duration::from_secs(10);

/// Everything in a feed, in parts of seven; fails when a number is missing.
async fn feed(user: &User) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    loop {
        let page = user.get(&format!("/v1/events?after={}&limit=7", found.len())).await.is(200);
        for row in page["data"].as_array().unwrap() {
            found.push(row["event"].clone());
            assert_eq!(row["number"], found.len(), "{page}");
        }
        assert_eq!(page["next"], found.len());
        assert_eq!(page["firstKept"], 1);
        if page["hasMore"] == false {
            assert_eq!(page["last"], found.len());
            return found;
        }
    }
}

/// The feed once an event of this type is in it.
async fn feed_with(user: &User, topic: &str) -> Vec<Value> {
    let until = Instant::now() + SOON;
    loop {
        let found = feed(user).await;
        if found.iter().any(|event| event["type"] == topic) {
            return found;
        }
        assert!(Instant::now() < until, "no {topic} in {:?}", topics(&found));
        sleep(Duration::from_millis(50)).await;
    }
}

fn topics(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| text(event, "type")).collect()
}

/// The names of all members, however deep.
fn names(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                into.insert(name.clone());
                names(value, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, into)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_purchase_is_told_to_its_buyer_and_its_seller_and_to_nobody_else() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let pack = market.sell(2, &seat_pack("50.00", 2)).await;
    let order = market.buy(&[(&sold, 1), (&pack, 2)], &[]).await;
    let license = text(&order["lines"][1], "licenseId");
    let seat = json!({"userId": "usr_somebody"});
    market.buyer.post(&format!("/v1/licenses/{license}/seats"), &seat).await.is(201);
    let bought = feed_with(&market.buyer, "marketplace.license.seat_assigned.v1").await;
    let of_order: Vec<&Value> = bought.iter().filter(|event| event["subject"] == order["id"]).collect();
    let seqs: Vec<u64> = of_order.iter().map(|event| event["aggregateseq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "every event of the order, in its order");
    for topic in ["placed", "payment_requested", "paid", "fulfilled"] {
        let topic = format!("marketplace.order.{topic}.v1");
        assert!(of_order.iter().any(|event| event["type"] == topic), "{topic}");
    }
    let assigned =
        bought.iter().find(|event| event["type"] == "marketplace.license.seat_assigned.v1").unwrap();
    assert_eq!(assigned["data"]["userId"], "usr_somebody");
    assert_eq!(
        (&assigned["specversion"], &assigned["source"]),
        (&json!("1.0"), &json!("/sarai/marketplace"))
    );
    let mut members = BTreeSet::new();
    for event in &bought {
        names(event, &mut members);
    }
    assert!(!members.contains("feeAmount") && !members.contains("platformBps"), "{members:?}");

    let sales = feed_with(&market.provider, "marketplace.license.seat_assigned.v1").await;
    let told = topics(&sales);
    for topic in ["listing.live", "order.fulfilled", "license.granted", "earnings.accrued"] {
        assert!(told.contains(&format!("marketplace.{topic}.v1").as_str()), "{topic}");
    }
    assert!(!told.contains(&"marketplace.order.payment_requested.v1"), "{told:?}");
    let mut members = BTreeSet::new();
    for event in &sales {
        names(event, &mut members);
    }
    let people: Vec<&String> =
        members.iter().filter(|name| name.to_lowercase().ends_with("userid")).collect();
    assert!(people.is_empty(), "{people:?}");
    assert!(!json!(sales).to_string().contains("usr_somebody"));
    assert!(members.contains("providerAmount"), "its own share");

    assert!(feed(&market.api.user("other").await).await.is_empty());
    assert!(feed(&market.admin).await.iter().all(|event| text(event, "type").contains(".coupon.")));
    market.api.user("customer").await.get("/v1/events").await.refused(403, "forbidden");
    market.api.nobody().get("/v1/events").await.refused(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_of_two_tenants_reads_its_own_purchases_only() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let first = market.buy(&[(&sold, 1)], &[]).await;
    let other = market.api.user("other").await;
    let market_of_other = Market { buyer: other.clone(), ..Market::open_at(&market.api).await };
    let second = market_of_other.buy(&[(&sold, 1)], &[]).await;
    let done = "marketplace.order.fulfilled.v1";
    let (mine, theirs) = (feed_with(&market.buyer, done).await, feed_with(&other, done).await);
    assert!(!json!(mine).to_string().contains(text(&second, "id")));
    assert!(!json!(theirs).to_string().contains(text(&first, "id")));
    assert!(mine.iter().all(|event| event["tenantid"] == "acc_demo_buyer"));
    assert!(theirs.iter().all(|event| event["tenantid"] == "acc_demo_other"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_platform_reads_what_became_of_its_coupons() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    market.percent("SPRING", 10, None).await;
    market.buy(&[(&sold, 1)], &["SPRING"]).await;
    let told = feed_with(&market.admin, "marketplace.coupon.confirmed.v1").await;
    assert_eq!(
        topics(&told),
        ["created", "reserved", "confirmed"].map(|done| format!("marketplace.coupon.{done}.v1"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_waits_is_woken_by_the_next_event() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let waiting = tokio::spawn({
        let buyer = market.buyer.clone();
        async move { (buyer.get("/v1/events?after=0&wait=25").await, Instant::now()) }
    });
    sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished(), "there is nothing yet");
    let placing = Instant::now();
    market.order(&[(&sold, 1)], &[]).await;
    let (answer, woken) = timeout(SOON, waiting).await.unwrap().unwrap();
    let page = answer.is(200);
    assert_eq!(page["data"][0]["event"]["type"], "marketplace.order.placed.v1");
    let took = woken - placing;
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_waits_for_nothing_gets_an_empty_part() {
    let api = Api::start().await;
    let other = api.user("other").await;
    let asked = Instant::now();
    let page = other.get("/v1/events?wait=1").await.is(200);
    assert!(asked.elapsed() >= Duration::from_secs(1), "{:?}", asked.elapsed());
    assert_eq!(page, json!({"data": [], "next": 0, "last": 0, "firstKept": 1, "hasMore": false}));
}

#[tokio::test]
async fn what_a_feed_cannot_be_asked_is_refused() {
    let api = Api::start().await;
    let other = api.user("other").await;
    for bad in [
        "after=-1",
        "after=x",
        "after=",
        "after=1.0",
        "after=9007199254740992",
        "limit=0",
        "limit=101",
        "wait=26",
        "wait=-1",
        "until=3",
        "after=1&after=2",
    ] {
        other.get(&format!("/v1/events?{bad}")).await.refused(422, "validation_failed");
    }
    let ahead = other.get("/v1/events?after=1").await.refused(422, "feed.ahead");
    assert_eq!(ahead["last"], 0);
    let ask = other.ask(Method::GET, "/v1/events").header("accept", "text/event-stream");
    ask.header("last-event-id", "x").send().await.refused(422, "validation_failed");
    let ask = other.ask(Method::GET, "/v1/events").header("accept", "text/event-stream");
    ask.header("last-event-id", "7").send().await.refused(422, "feed.ahead");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_goes_on_where_it_was_left() {
    let market = Market::open().await;
    let mut seen: Vec<Value> = Vec::new();
    for course in 1..=3 {
        let sold = market.sell(course, &one_time("10.00")).await;
        let mut stream = Stream::open(&market.buyer, (!seen.is_empty()).then_some(seen.len() as u64)).await;
        market.buy(&[(&sold, 1)], &[]).await;
        // Left in the middle of a purchase, every time somewhere else.
        for _ in 0..5 {
            let (id, topic, event) = stream.next().await.expect("an event");
            assert_eq!(id, seen.len() as u64 + 1);
            assert_eq!(event["type"], topic);
            seen.push(event);
        }
    }
    let all = feed(&market.buyer).await;
    assert_eq!(seen, all[..seen.len()], "the stream tells what the parts tell");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn last_event_id_wins_over_after() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    market.buy(&[(&sold, 1)], &[]).await;
    feed_with(&market.buyer, "marketplace.order.fulfilled.v1").await;
    let mut stream = Stream::open_at(&market.buyer, "/v1/events?after=1", Some(3)).await;
    assert_eq!(stream.next().await.unwrap().0, 4);
    let mut stream = Stream::open_at(&market.buyer, "/v1/events?after=1", None).await;
    assert_eq!(stream.next().await.unwrap().0, 2);
}

/// A stream on a socket of its own: closing it is what a client does that goes away.
async fn stream_on_a_socket(user: &User) -> TcpStream {
    let host = user.api.base().strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "GET /v1/events HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         Accept: text/event-stream\r\n\r\n",
        user.token(),
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 15];
    socket.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200 OK");
    socket
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn streams_have_so_many_slots_and_leave_them() {
    let api = Api::start_with(Config { feed_slots: 2, concurrency: 1, ..generous() }).await;
    let other = api.user("other").await;
    let first = stream_on_a_socket(&other).await;
    let _second = Stream::open(&other, None).await;
    let full = other.get("/v1/events").await;
    assert_eq!(full.header("retry-after"), "5");
    full.refused(503, "overload");
    other.get("/v1/me").await.is(200);
    drop(first);
    let until = Instant::now() + SOON;
    while other.get("/v1/events").await.status != 200 {
        assert!(Instant::now() < until, "the slot is free again");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_poll_whose_client_went_away_leaves_its_slot_when_its_time_is_up() {
    let api = Api::start_with(Config { feed_slots: 1, ..generous() }).await;
    let other = api.user("other").await;
    let gone = timeout(Duration::from_millis(300), other.get("/v1/events?wait=2")).await;
    assert!(gone.is_err(), "it was still waiting");
    let until = Instant::now() + SOON;
    while other.get("/v1/events").await.status != 200 {
        assert!(Instant::now() < until, "the slot is free again");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_stops_ends_its_streams_and_polls() {
    let market = Market::open().await;
    let other = market.api.user("other").await;
    let mut stream = Stream::open(&market.buyer, None).await;
    let polling: tokio::task::JoinHandle<Answer> = tokio::spawn({
        let other = other.clone();
        async move { other.get("/v1/events?wait=25").await }
    });
    sleep(Duration::from_millis(300)).await;
    market.api.stop();
    assert!(timeout(SOON, stream.next()).await.expect("it ends").is_none(), "cleanly");
    let page = timeout(SOON, polling).await.expect("it ends").unwrap().is(200);
    assert_eq!(page["data"], json!([]));
    timeout(SOON, market.api.stopped()).await.expect("it ends").expect("without an error");
}
