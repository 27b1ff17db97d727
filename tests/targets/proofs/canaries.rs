//! T68: what the server logs at its finest level, answers, counts, tells and stores holds no code, no secret and no number of
//! all those that were seen.

use std::{fs, path::Path};

use sarai_services::{Cluster, SaraiProcess};

use crate::{
    flow::{self, SENDERS},
    places::{Canary, Papers, Place, is_keys},
    world::{Peers, Person, server},
};

/// What a server keeps secret itself: every value of its key files.
fn own_secrets(folder: &Path) -> Vec<Canary> {
    let mut secrets = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !is_keys(&name) || entry.path().is_dir() {
            continue;
        }
        let content = fs::read_to_string(entry.path()).unwrap();
        for (place, value) in content.split('"').skip(1).step_by(2).enumerate() {
            if value.len() >= 20 && !value.contains(' ') {
                let value = value.trim_start_matches("whsec_").to_owned();
                secrets.push(Canary { name: format!("{name}, value {place}"), value, allowed: &[] });
            }
        }
    }
    secrets
}

async fn searched(mut server: SaraiProcess, cluster: Option<&Cluster>) {
    let peers = Peers::start().await;
    server = peers.known_to(server, SENDERS).measured().unwrap().env("SARAI_LOG", "trace");
    server.start().unwrap();
    let nobody = Person::nobody(&server.url());
    let mut seen = flow::run(&nobody, &peers).await;
    let metrics = reqwest::get(server.metrics().unwrap()).await.unwrap().text().await.unwrap();
    // What is still on its way.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert!(server.terminate(std::time::Duration::from_secs(40)).unwrap().success());

    let mut papers = Papers::default();
    papers.add_log(&server);
    papers.add_said(nobody.said());
    papers.add(Place::Metrics, "metrics", metrics);
    let hooks: Vec<String> = peers.receiver.received().into_iter().map(|received| received.body).collect();
    papers.add(Place::Webhook, "webhooks", hooks.join("\n"));
    let folder = server.dir().join("sarai-data");
    papers.add_files(&folder);
    if let Some(cluster) = cluster {
        papers.add_dump(cluster);
    }
    let own = own_secrets(&folder);
    assert!(own.len() > 5, "the server has keys of its own: {}", own.len());
    seen.0.extend(own);
    for place in
        [Place::Log, Place::Problem, Place::Read, Place::Metrics, Place::Webhook, Place::Store, Place::Around]
    {
        println!("{place:?}: {} bytes", papers.size(place));
        assert!(papers.size(place) > 500, "{place:?} is looked through");
    }
    // The control: what may be there is found, and so is what is planted, in each form.
    assert!(
        papers.holds(Place::Log, "verifications.start")
            && papers.holds(Place::Store, "devportal.verify.requested")
    );
    for text in ["planted-canary-77", "706c616e7465642d63616e6172792d3737", "cGxhbnRlZC1jYW5hcnkt"] {
        let mut planted = Papers::default();
        planted.add(Place::Log, "planted", format!("{{\"message\":\"x{text}y\"}}"));
        let canary =
            Canary { name: "planted".to_owned(), value: "planted-canary-77".to_owned(), allowed: &[] };
        assert_eq!(planted.hits(&[canary]).len(), 1, "{text}");
    }
    let hits = papers.hits(&seen.0);
    assert!(hits.is_empty(), "{} hits:\n{}", hits.len(), hits.join("\n"));
    println!("{} secrets, 0 hits", seen.0.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_left_anywhere_by_a_server_over_a_file() {
    searched(server(), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_left_anywhere_by_a_server_over_postgres() {
    let cluster = Cluster::fast().unwrap();
    searched(server().args(["--database-url", &cluster.url("postgres")]), Some(&cluster)).await;
}
