//! A database for each test, from one migrated template.

use std::sync::{Arc, OnceLock};

use sarai_ports::system::Clock;
use sarai_postgres::{Options, Postgres, PostgresStore, Sizes, Urls, migrate, roles::Roles};
use sarai_services::{Cluster, Database};
use sarai_testkit::SuiteClock;

/// The migrated template.
const TEMPLATE: &str = "migrated";

/// What the roles of tests log in with.
pub const PASSWORD: &str = "aTestsPassword16";

/// The cluster with the migrated template, and how its roles are reached.
fn prepared() -> &'static (&'static Cluster, Urls) {
    static PREPARED: OnceLock<(&'static Cluster, Urls)> = OnceLock::new();
    PREPARED.get_or_init(|| {
        let work = std::thread::spawn(|| {
            let cluster = Cluster::shared().expect("a cluster");
            let admin = cluster.create_database(TEMPLATE).expect("a database");
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let urls = runtime.block_on(async {
                let roles = Roles::default();
                let urls = roles.set_up(&admin, PASSWORD).await.expect("roles");
                migrate(&urls.migrate, &roles).await.expect("a schema");
                urls
            });
            (cluster, urls)
        });
        work.join().expect("a template")
    })
}

/// A database of its own, with the suite's clock.
pub struct World {
    pub database: Database,
    pub urls: Urls,
    pub clock: Arc<SuiteClock>,
}

impl World {
    /// A fresh one.
    pub fn new() -> Self {
        let (cluster, urls) = prepared();
        let database = cluster.fresh_database(TEMPLATE).expect("a database");
        let here = |url: &String| url.replace(&format!("/{TEMPLATE}?"), &format!("/{}?", database.name()));
        let urls = Urls {
            migrate: here(&urls.migrate),
            app: here(&urls.app),
            worker: here(&urls.worker),
            platform: here(&urls.platform),
        };
        Self { database, urls, clock: Arc::default() }
    }

    /// The store as a process of this name sees it.
    pub async fn store(&self, process: &str) -> PostgresStore {
        self.sized(process, Sizes::default()).await
    }

    /// The same with pools of this size.
    pub async fn sized(&self, process: &str, sizes: Sizes) -> PostgresStore {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let options =
            Options { process: Some(process.to_owned()), clock: Some(clock), sizes, ..Options::default() };
        let database = Postgres::connect(&self.urls, options).await.expect("a database that is ready");
        PostgresStore::new(Arc::new(database))
    }
}
