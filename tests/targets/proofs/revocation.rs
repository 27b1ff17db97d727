//! T64 over processes: a key that is revoked at one server is refused by every other within five seconds, and a text that is no
//! key opens none.

use std::time::{Duration, Instant};

use sarai_services::{Cluster, SaraiProcess};

use crate::world::{Person, SARAI, server, text};

/// How long a revocation takes at most until it holds everywhere.
const EFFECTIVE: Duration = Duration::from_secs(5);

/// Two servers over one database, with what is around them in a process of its own.
pub(crate) fn two(
    cluster: &Cluster,
    with: impl Fn(SaraiProcess) -> SaraiProcess,
) -> (SaraiProcess, [SaraiProcess; 2]) {
    let make = || with(server().args(["--database-url", &cluster.url("postgres")]));
    let (one, two) = (make(), make());
    let around = SaraiProcess::standins(SARAI, &one.url()).unwrap();
    let keys = around.dir().display().to_string();
    let mut around = around.args(["--data-dir", &keys]);
    let services = ["billing", "enrollment", "auth", "messaging"]
        .map(|service| [format!("--{service}-url"), format!("{}/{service}", around.url())]);
    around.start().unwrap();
    let servers = [one, two].map(|server| {
        let mut server = server.args(["--data-dir", &keys]).args(services.iter().flatten().cloned());
        server.start().unwrap();
        server
    });
    (around, servers)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_revoked_at_one_server_is_refused_by_the_other_within_five_seconds() {
    let cluster = Cluster::fast().unwrap();
    let (_around, [one, two]) = two(&cluster, |server| server);
    let developer = Person::nobody(&one.url()).signed_in("developer").await;
    let mut slowest = Duration::ZERO;
    for _ in 0..5 {
        let (key, here) = developer.key("SANDBOX", &["keys:read"]).await;
        let there = here.at(&two.url());
        assert_eq!((here.get("/v1/keys").await.status, there.get("/v1/keys").await.status), (200, 200));
        let path = format!("/v1/keys/{}", text(&key, "keyId"));
        // It is in use, so that the other server remembers it when it is revoked.
        assert_eq!(there.get("/v1/keys").await.status, 200);
        let begun = Instant::now();
        developer.ask(reqwest::Method::DELETE, &path, &[], None).await.is(200);
        // Who was asked knows at once (ruling R24).
        here.get("/v1/keys").await.refused(401, "invalid_api_key");
        while there.get("/v1/keys").await.status != 401 {
            assert!(begun.elapsed() < EFFECTIVE, "it still works after {:?}", begun.elapsed());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        slowest = slowest.max(begun.elapsed());
        for person in [&here, &there].repeat(10) {
            person.get("/v1/keys").await.refused(401, "invalid_api_key");
        }
    }
    println!("effective after {slowest:?} at most");
    let (key, here) = developer.key("SANDBOX", &["keys:read"]).await;
    let raw = text(&key, "rawKey");
    for wrong in [
        raw[..raw.len() - 1].to_owned(),
        format!("{raw}0"),
        raw.replace("srk_sbx_", "srk_live_"),
        format!("srk_sbx_{}", raw[8..].to_uppercase()),
        format!("{}{}", &raw[..raw.len() - 1], if raw.ends_with('0') { '1' } else { '0' }),
    ] {
        for server in [&one, &two] {
            here.with(&wrong).at(&server.url()).get("/v1/keys").await.refused(401, "invalid_api_key");
        }
    }
    assert_eq!(here.at(&two.url()).get("/v1/keys").await.status, 200);
}
