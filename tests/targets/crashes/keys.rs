//! Processes of one deployment that were given different keys.

use std::fs;

use crate::{migrations::migrated_by_its_role, world::server};

/// Where a server keeps them.
const KEYS: &str = "sarai-data/keys.toml";

/// A repeat that comes to the other process would be a new request there.
#[test]
fn a_process_with_other_keys_than_the_rest_does_not_start() {
    let (cluster, _) = migrated_by_its_role();
    let over_it = || {
        ["app", "worker", "platform"].into_iter().fold(server(), |server, role| {
            let url = format!("postgres://sarai_{role}@{}/postgres", cluster.address());
            server.env(&format!("SARAI_{}_URL", role.to_uppercase()), &url)
        })
    };
    let (mut first, mut stranger) = (over_it(), over_it());
    first.start().unwrap();
    assert!(stranger.start().is_err());
    let told = stranger.log();
    assert!(told.contains("another `idempotency`") && told.contains("OPERATIONS.md"), "{told}");
    fs::copy(first.dir().join(KEYS), stranger.dir().join(KEYS)).unwrap();
    stranger.start().unwrap();
}
