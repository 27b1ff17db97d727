//! `sarai saga` as an operator uses it: the real binary asks a real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Output, Stdio},
};

use sarai::client::{Client, ClientError};
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_sarai");

/// A server of its own, ended with the test.
struct Server {
    child: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(BINARY)
            .args(["serve", "--memory", "--listen", "127.0.0.1:0", "--admin-listen", "off", "--log", "error"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let found = lines.map_while(Result::ok).find_map(|line| {
            let rest = &line[line.find("http://127.0.0.1:")?..];
            let end = rest[7..].find(['/', ' ']).map_or(rest.len(), |end| end + 7);
            Some(rest[..end].to_owned())
        });
        Self { url: found.expect("it says where it is"), child }
    }

    /// What an operator types.
    fn saga(&self, arguments: &[&str]) -> Output {
        let who = ["--url", &self.url, "--email", "admin@demo.test", "--password", "sarai-demo"];
        Command::new(BINARY).arg("saga").args(arguments).args(who).output().expect("the binary")
    }

    /// The same, read as JSON.
    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.saga(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    async fn sign_in(&self, account: &str) -> Client {
        Client::sign_in(&self.url, &format!("{account}@demo.test"), "sarai-demo").await.expect("signed in")
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// Posts under a key of its own, which creating and paying demand.
async fn post(client: &Client, path: &str, body: Value) -> Value {
    client.post(path, &body).await.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An order that waits for its payment.
async fn order(server: &Server) -> String {
    let (provider, admin, buyer) =
        (server.sign_in("provider").await, server.sign_in("admin").await, server.sign_in("buyer").await);
    let draft = json!({
        "courseId": "crs_demo_1", "courseVersionId": "cv_demo_1", "marketing": {"tagline": "Welding"},
        "refundPolicy": {"refundDays": 14},
    });
    let listing = post(&provider, "/v1/listings", draft).await;
    let path = format!("/v1/listings/{}", listing["id"].as_str().unwrap());
    let price = json!({"amount": "10.00", "currency": "USD"});
    let plan = post(&provider, &format!("{path}/plans"), json!({"kind": "one_time", "price": price})).await;
    let submitted = post(&provider, &format!("{path}/submit"), json!({})).await;
    let reviewed = json!({"reviewedVersion": submitted["version"]});
    post(&admin, &format!("{}/approve", path.replace("/v1/", "/v1/admin/")), reviewed).await;
    post(&provider, &format!("{path}/go-live"), json!({})).await;
    let line = json!({"listingId": listing["id"], "pricingPlanId": plan["id"], "quantity": 1});
    let placed = post(&buyer, "/v1/orders", json!({"currency": "USD", "lines": [line]})).await;
    assert_eq!(placed["status"], "pending_payment", "{placed}");
    placed["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_purchase_is_listed_shown_retried_and_ended() {
    let server = Server::start();
    let order = order(&server).await;
    let listed = server.saga(&["list"]);
    assert_eq!(listed.status.code(), Some(0), "{}", stderr(&listed));
    let row = stdout(&listed).lines().find(|line| line.contains(&order)).expect("its row").to_owned();
    assert!(row.contains("awaiting_payment") && row.ends_with("the buyer, who may pay"), "{row}");
    assert_eq!(stdout(&server.saga(&["list", "--stuck"])), "no saga is like that\n");

    let shown = stdout(&server.saga(&["show", &order]));
    assert!(shown.contains("waits for  the buyer, who may pay"), "{shown}");
    assert!(shown.contains("you can    retry, compensate"), "{shown}");
    assert!(shown.contains("ask billing for taxes and an intent"), "{shown}");
    let saga = server.json(&["show", &order])["saga"]["id"].as_str().unwrap().to_owned();

    let retried = server.json(&["retry", &saga, "--reason", "the buyer called"]);
    assert_eq!(retried["saga"]["state"], "awaiting_payment");
    let ended = server.json(&["compensate", &saga, "--reason", "the buyer gave up"]);
    assert_eq!((&ended["saga"]["state"], &ended["orderStatus"]), (&json!("failed"), &json!("failed")));
    let words: Vec<&str> =
        ended["timeline"].as_array().unwrap().iter().filter_map(|entry| entry["words"].as_str()).collect();
    assert!(words.iter().any(|words| words.ends_with("ended the purchase: the buyer gave up")), "{words:?}");

    let refused = server.saga(&["retry", &saga, "--reason", "once more"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("Purchase over") && stderr(&refused).contains("(saga.over)"));
}

#[tokio::test]
async fn what_was_done_by_hand_is_stated_with_its_proof() {
    let server = Server::start();
    let order = order(&server).await;
    let (admin, buyer) = (server.sign_in("admin").await, server.sign_in("buyer").await);
    post(&admin, "/v1/demo/enrollment", json!({"outage": true})).await;
    let paid = post(&buyer, &format!("/v1/orders/{order}/pay"), json!({"paymentToken": "tok_ok"})).await;
    assert_eq!(paid["status"], "paid", "{paid}");
    let early = server.saga(&["resolve", &order, "--evidence", "class list", "--reason", "an outage"]);
    assert_eq!(early.status.code(), Some(1));
    assert!(stderr(&early).contains("no step can be resolved"), "{}", stderr(&early));

    post(&admin, "/v1/test-clock", json!({"advanceSeconds": 3_600})).await;
    let stuck = stdout(&server.saga(&["list", "--stuck"]));
    assert!(stuck.contains("failed with unavailable"), "{stuck}");
    let done = ["resolve", &order, "--evidence", "class list of 20 April", "--reason", "an outage"];
    let resolved = server.saga(&done);
    assert_eq!(resolved.status.code(), Some(0), "{}", stderr(&resolved));
    assert!(stdout(&resolved).contains("by hand: class list of 20 April"), "{}", stdout(&resolved));
    assert_eq!(server.json(&["show", &order])["orderStatus"], "fulfilled");
}

#[test]
fn whoever_may_not_is_refused_and_a_server_that_is_not_there_is_another_exit_code() {
    let ask = |arguments: &[&str]| {
        Command::new(BINARY).arg("saga").arg("list").args(arguments).output().expect("the binary")
    };
    let nowhere = ask(&["--url", "http://127.0.0.1:1", "--token", "t"]);
    assert_eq!(nowhere.status.code(), Some(2), "{}", stderr(&nowhere));
    assert!(stderr(&nowhere).contains("no answer from http://127.0.0.1:1/"));
    assert_eq!(ask(&["--url", "http://127.0.0.1:1"]).status.code(), Some(1), "nobody was named");

    let server = Server::start();
    let buyer = ["--url", &server.url, "--email", "buyer@demo.test", "--password", "sarai-demo"];
    let refused = ask(&buyer);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("(forbidden)"), "{}", stderr(&refused));
    let wrong = ask(&["--url", &server.url, "--email", "admin@demo.test", "--password", "wrong"]);
    assert!(stderr(&wrong).contains("(invalid_credentials)"), "{}", stderr(&wrong));
}

#[test]
fn every_command_explains_itself() {
    for command in ["list", "show", "retry", "compensate", "resolve"] {
        let help = Command::new(BINARY).args(["saga", command, "--help"]).output().expect("the binary");
        assert!(help.status.success() && stdout(&help).contains("--url <URL>"), "{command}");
    }
}

#[tokio::test]
async fn the_client_tells_a_refusal_from_a_missing_server() {
    let server = Server::start();
    let client = server.sign_in("admin").await;
    let missing = client.get("/v1/admin/sagas/sga_01ARZ3NDEKTSV4RRFFQ69G5FAV").await.unwrap_err();
    let ClientError::Refused(refusal) = missing else { panic!("{missing}") };
    assert_eq!((refusal.status, refusal.code.as_str()), (404, "not_found"));
    assert_eq!(refusal.to_string(), "Not found: there is no such saga (not_found)");
}
