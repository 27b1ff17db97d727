//! T27 and T30 at two servers over one database: a thousand guesses at once are five, and no number of starts at once spends more
//! than may be spent.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Method;
use sarai_services::Cluster;
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    flow::SENDERS,
    revocation::two,
    world::{Peers, Person, text},
};

/// How many guess at once; `SARAI_SOAK` asks for more.
fn at_once() -> usize {
    if std::env::var_os("SARAI_SOAK").is_some() { 1_000 } else { 200 }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_guesses_at_two_servers_five_are_compared() {
    let cluster = Cluster::fast().unwrap();
    let (_around, servers) = two(&cluster, |server| server);
    let developer = Person::nobody(&servers[0].url()).signed_in("developer").await;
    let (_, key) = developer.key("SANDBOX", &["verify:send", "verify:read"]).await;
    for round in 0..3_usize {
        let phone = format!("+9370{:07}", 1_000_000 + round);
        let started = key.post("/v1/verifications", &json!({"to": {"phone": phone}})).await.is(201);
        let code = text(&started["sandbox"], "code").to_owned();
        let path = format!("/v1/verifications/{}", text(&started, "verificationId"));
        let mut guesses = JoinSet::new();
        for place in 0..at_once() {
            let typed = if place == round * 3 { code.clone() } else { format!("{place:06}") };
            let (person, path) = (key.at(&servers[place % 2].url()), format!("{path}/check"));
            guesses.spawn(async move { person.post(&path, &json!({"code": typed})).await });
        }
        let mut outcomes = BTreeMap::<String, usize>::new();
        for answer in guesses.join_all().await {
            let outcome = if answer.status == 200 { &answer.json["outcome"] } else { &answer.json["code"] };
            *outcomes.entry(outcome.as_str().unwrap_or("none").to_owned()).or_default() += 1;
        }
        println!("{outcomes:?}");
        let of = |outcome: &str| outcomes.get(outcome).copied().unwrap_or(0);
        assert!((1..=5).contains(&(of("INCORRECT") + of("APPROVED"))), "{outcomes:?}");
        let shown = key.get(&path).await.is(200);
        assert!(shown["attempts"].as_u64().unwrap() <= 5, "{shown}");
        assert_eq!(
            (of("APPROVED"), &shown["state"] == "APPROVED"),
            (of("APPROVED").min(1), of("APPROVED") == 1)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn starts_at_two_servers_spend_no_more_than_may_be_spent() {
    const PAID: usize = 7;
    let (cluster, peers) = (Cluster::fast().unwrap(), Peers::start().await);
    let (_around, servers) = two(&cluster, |server| peers.known_to(server, SENDERS));
    let developer = Person::nobody(&servers[0].url()).signed_in("developer").await;
    let caps = json!({
        "perDay": {"amount": format!("0.{:06}", 7_900 * PAID), "currency": "USD"}, "perMonth": null,
        "maxPricePerSend": null,
    });
    let headers = [("if-match", "\"v0\"")];
    developer.ask(Method::PUT, "/v1/spend-policy", &headers, Some(caps.to_string())).await.is(200);
    let (_, key) = developer.key("PRODUCTION", &["verify:send", "verify:read"]).await;
    let mut starts = JoinSet::new();
    for place in 0..60_usize {
        let (person, phone) = (key.at(&servers[place % 2].url()), format!("+9370{place:03}1234"));
        let body = json!({"to": {"phone": phone}, "channelOrder": [{"channel": "SMS"}]});
        starts.spawn(async move { person.post("/v1/verifications", &body).await });
    }
    let mut statuses = BTreeMap::<(u16, String), usize>::new();
    for answer in starts.join_all().await {
        let code = answer.json["code"].as_str().unwrap_or_default().to_owned();
        *statuses.entry((answer.status, code)).or_default() += 1;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let sent = peers.centre.submitted().len();
    println!("{statuses:?}, {sent} sent");
    let begun: usize =
        statuses.iter().filter(|((status, _), _)| *status == 201).map(|(_, count)| count).sum();
    assert!((1..=PAID).contains(&begun) && sent <= PAID, "{statuses:?}, {sent} sent");
    assert!(statuses.keys().all(|(status, _)| [201, 402, 409, 503].contains(status)), "{statuses:?}");
}
