//! T54: migrators side by side, and killed at any time.

use std::process::{Child, Command, Stdio};

use sarai_services::{Cluster, sarai};
use tokio::time::sleep;

use crate::world::{Dice, SARAI, figure};

fn migrator(cluster: &Cluster) -> Child {
    sarai(SARAI)
        .args(["migrate", "--database-url", &cluster.url("postgres")])
        // Where the roles' password comes from: the same for all of one database.
        .arg("--data-dir")
        .arg(cluster.dir().join("keys"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn succeeds(child: Child) {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What `pg_dump` writes of the schema, and which migrations are noted.
fn schema(cluster: &Cluster) -> String {
    let dump = Command::new(cluster.programs().join("pg_dump"))
        .args(["--schema-only", &cluster.url("postgres")])
        .output()
        .unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let text = String::from_utf8(dump.stdout).unwrap();
    // Newer versions guard their dumps with a token of chance.
    let lines =
        text.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    let noted = "SELECT version, success, encode(checksum, 'hex') FROM _sqlx_migrations ORDER BY version";
    lines.collect::<Vec<_>>().join("\n") + &cluster.psql("postgres", &[noted]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn migrators_side_by_side_and_killed_come_to_the_same_schema() {
    let mut dice = Dice::new();
    let clean = Cluster::fast().unwrap();
    succeeds(migrator(&clean));
    let wanted = schema(&clean);
    succeeds(migrator(&clean));
    assert_eq!(schema(&clean), wanted, "again is the same");

    let together = Cluster::fast().unwrap();
    let four: Vec<Child> = (0..4).map(|_| migrator(&together)).collect();
    four.into_iter().for_each(succeeds);
    assert!(schema(&together) == wanted, "four at once");

    let killed = Cluster::fast().unwrap();
    for _ in 0..figure(10, 200) {
        let mut one = migrator(&killed);
        sleep(dice.pause(5, 400)).await;
        one.kill().unwrap();
        one.wait().unwrap();
    }
    succeeds(migrator(&killed));
    assert!(schema(&killed) == wanted, "killed on the way");
}
