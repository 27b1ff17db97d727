//! A database for each test, from one migrated template.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sarai_ports::system::Clock;
use sarai_postgres::{Options, Postgres, PostgresStore, Sizes, Urls, access::ACCESS, migrate, roles::Roles};
use sarai_services::{Cluster, Database};
use sarai_sql::TABLES;
use sarai_testkit::SuiteClock;

/// The migrated template.
const TEMPLATE: &str = "migrated";

/// What the roles of tests log in with.
pub(crate) const PASSWORD: &str = "aTestsPassword16";

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

/// Databases that were emptied after a test: one is quicker to empty than to create.
static FREE: Mutex<Vec<Database>> = Mutex::new(Vec::new());

/// A database of its own, with the suite's clock.
pub(crate) struct World {
    database: Option<Database>,
    pub(crate) urls: Urls,
    pub(crate) clock: Arc<SuiteClock>,
}

impl World {
    /// A fresh one.
    pub(crate) fn new() -> Self {
        let (cluster, urls) = prepared();
        let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let database = free.unwrap_or_else(|| cluster.fresh_database(TEMPLATE).expect("a database"));
        let here = |url: &String| url.replace(&format!("/{TEMPLATE}?"), &format!("/{}?", database.name()));
        let urls = Urls {
            migrate: here(&urls.migrate),
            app: here(&urls.app),
            worker: here(&urls.worker),
            platform: here(&urls.platform),
        };
        Self { database: Some(database), urls, clock: Arc::default() }
    }

    /// The database, for its superuser.
    pub(crate) fn database(&self) -> &Database {
        self.database.as_ref().expect("it is there until the end")
    }

    /// The store as a process of this name sees it.
    pub(crate) async fn store(&self, process: &str) -> PostgresStore {
        self.sized(process, Sizes::default()).await
    }

    /// The same with pools of this size.
    pub(crate) async fn sized(&self, process: &str, sizes: Sizes) -> PostgresStore {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let options =
            Options { process: Some(process.to_owned()), clock: Some(clock), sizes, ..Options::default() };
        let database = Postgres::connect(&self.urls, options).await.expect("a database that is ready");
        PostgresStore::new(Arc::new(database))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let tables = ACCESS.iter().flat_map(|access| access.tables).filter(|table| **table != "clock_groups");
        // What others point at goes last.
        let mut tables: Vec<_> = tables.collect();
        tables.sort_by_key(|table| TABLES.iter().any(|root| root.name == **table));
        let emptied: String = tables.iter().map(|table| format!("delete from {table};")).collect();
        let database = self.database.take();
        if let Some(database) = database.filter(|database| database.psql(&[&emptied]).is_ok()) {
            FREE.lock().unwrap_or_else(PoisonError::into_inner).push(database);
        }
    }
}
