//! The stand-ins as a process of their own, killed in the middle of things: real binaries, real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use sarai::client::Client;
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_sarai");

/// A folder of its own, gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("sarai-{}-{name}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process that has said where it listens; killed with the test.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut child = Command::new(BINARY)
            .args(arguments)
            .args(["--admin-listen", "off", "--log", "error", "--data-dir"])
            .arg(&folder.0)
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

    /// The stand-ins, which call back to the port.
    fn standins(folder: &Folder, listen: &str, callback_port: u16) -> Self {
        let callback = format!("http://127.0.0.1:{callback_port}");
        Self::start(folder, &["standins", "--listen", listen, "--callback-url", &callback])
    }

    fn listen(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// As `kill -9`.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    async fn sign_in(&self, account: &str) -> Client {
        Client::sign_in(&self.url, &format!("{account}@demo.test"), "sarai-demo").await.expect("signed in")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn post(client: &Client, path: &str, body: Value) -> Value {
    client.post(path, &body).await.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An order that waits for its payment.
async fn order(server: &Running) -> String {
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

/// Waits until the order is fulfilled.
async fn fulfilled(buyer: &Client, order: &str) {
    let since = Instant::now();
    loop {
        let stored = buyer.get(&format!("/v1/orders/{order}")).await.unwrap();
        if stored["status"] == "fulfilled" {
            return;
        }
        assert!(since.elapsed() < Duration::from_mins(1), "{stored}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_purchase_goes_on_when_the_stand_ins_are_killed_and_started_again() {
    let (folder, port) = (Folder::new("killed"), free_port());
    let standins = Running::standins(&folder, "127.0.0.1:0", port);
    let listen = standins.listen().to_owned();
    let urls = ["billing", "enrollment", "auth", "messaging"].map(|name| format!("{}/{name}", standins.url));
    let [billing, enrollment, auth, messaging] = &urls;
    let address = format!("127.0.0.1:{port}");
    let outside = [
        ["--billing-url", billing],
        ["--enrollment-url", enrollment],
        ["--auth-url", auth],
        ["--messaging-url", messaging],
    ]
    .concat();
    let server = Running::start(&folder, &[&["serve", "--listen", &address], &outside[..]].concat());
    let (buyer, admin) = (server.sign_in("buyer").await, server.sign_in("admin").await);

    let first = order(&server).await;
    let token = json!({"paymentToken": "tok_ok"});
    standins.kill();
    let unheard = buyer.post(&format!("/v1/orders/{first}/pay"), &token).await;
    assert!(unheard.is_err(), "nobody is there to pay: {unheard:?}");
    let standins = Running::standins(&folder, &listen, port);
    let paid = post(&buyer, &format!("/v1/orders/{first}/pay"), token).await;
    assert!(["paid", "fulfilled"].contains(&paid["status"].as_str().unwrap()), "{paid}");
    standins.kill();
    let _again = Running::standins(&folder, &listen, port);
    fulfilled(&buyer, &first).await;

    // The clock that is moved here is the stand-ins' too.
    let moved = post(&admin, "/v1/test-clock", json!({"advanceSeconds": 60})).await;
    assert!(moved["now"].is_string(), "{moved}");
}

#[tokio::test]
async fn one_process_runs_the_stand_ins() {
    let folder = Folder::new("one");
    let _standins = Running::standins(&folder, "127.0.0.1:0", free_port());
    let second = Command::new(BINARY)
        .args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "off", "--data-dir"])
        .arg(&folder.0)
        .output()
        .unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("is in use") && said.contains("one process runs them"), "{said}");
}
