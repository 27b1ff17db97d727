//! The store a configuration names, with the clock that goes with it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use sarai_http::site::Readiness;
use sarai_memory::MemoryStore;
use sarai_ports::{
    Store,
    system::{Clock, MovableClock},
};
use sarai_postgres::{
    DatabaseClock, OpenError, Options, Postgres, PostgresStore, Urls, migrate, roles::Roles,
};
use sarai_sql::transfer::require_whole;
use sarai_sqlite::{FileClock, SqliteStore};
use sarai_system::SystemClock;

use crate::{config::Config, embedded::Clocks, keys::Keys, process::keys_of, same_keys, wire::WireError};

/// The store's file in the data folder.
pub const FILE: &str = "sarai.db";

/// A store that is open.
pub struct Opened {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Its clock.
    pub clocks: Clocks,
    /// Whether it can be used.
    pub ready: Arc<dyn Readiness>,
}

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place<'a> {
    /// In memory.
    Memory,
    /// In a file.
    Sqlite(PathBuf),
    /// On a server: an administrator's URL.
    Postgres(&'a str),
    /// On a server whose roles are given.
    Roles,
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory => f.write_str("in memory and ends with this process"),
            Self::Sqlite(path) => write!(f, "in {}", path.display()),
            Self::Postgres(_) | Self::Roles => f.write_str("in Postgres"),
        }
    }
}

/// Opens the store of this configuration: sets it up and migrates it, unless it is a production's.
///
/// # Errors
/// When it cannot be reached, set up or read.
pub async fn open(config: &Config, keys: &Keys) -> Result<Opened, WireError> {
    match config.place() {
        Place::Memory => {
            let clocks = Clocks::of(SystemClock::new(config.demo));
            let store = Arc::new(MemoryStore::new(Arc::clone(&clocks.clock)));
            Ok(Opened { store, clocks, ready: Arc::new(Always) })
        }
        Place::Sqlite(path) => {
            let (store, clocks) = sqlite_with_clocks(&path, config.demo).await?;
            require_whole(&store).await?;
            Ok(Opened { store: Arc::new(store), clocks, ready: Arc::new(Always) })
        }
        Place::Postgres(_) | Place::Roles => {
            let (store, clock) = postgres(config, keys).await?;
            require_whole(&store).await?;
            same_keys::require(&store, keys).await?;
            let ready = Arc::new(Reached(Arc::clone(store.database())));
            let movable: Arc<dyn MovableClock> = Arc::clone(&clock) as _;
            Ok(Opened { store: Arc::new(store), clocks: Clocks { clock: clock as _, movable }, ready })
        }
    }
}

/// The store in a file, which is made when there is none.
///
/// # Errors
/// When it cannot be opened.
pub async fn sqlite(path: &Path, clock: &Arc<dyn Clock>) -> Result<SqliteStore, WireError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let opened = sarai_sqlite::open(path, Arc::clone(clock)).await;
    Ok(opened.map_err(|error| format!("{}: {error}", path.display()))?)
}

/// The same, and its clocks: business time is ahead by what the file says.
///
/// # Errors
/// As [`sqlite`].
pub async fn sqlite_with_clocks(path: &Path, demo: bool) -> Result<(SqliteStore, Clocks), WireError> {
    let real: Arc<dyn Clock> = Arc::new(SystemClock::new(false));
    let store = sqlite(path, &real).await?;
    let clock = FileClock::start(Arc::clone(store.database()), demo).await?;
    Ok((store, Clocks { clock: Arc::clone(&clock) as _, movable: clock }))
}

/// The store on a server, and its clock.
///
/// # Errors
/// When it cannot be reached or set up.
pub async fn postgres(
    config: &Config,
    keys: &Keys,
) -> Result<(PostgresStore, Arc<DatabaseClock>), WireError> {
    let roles = Roles::default();
    let urls = match config.place() {
        Place::Postgres(admin) => set_up(&roles, admin, keys).await?,
        _ => config.role_urls().ok_or("no database is configured")?,
    };
    let database = Postgres::connect(&urls, Options { roles, ..Options::default() }).await?;
    let store = PostgresStore::new(Arc::new(database));
    let clock = DatabaseClock::start(Arc::clone(store.database()), config.demo).await?;
    Ok((store, clock))
}

/// What the roles log in with that are made from a data folder's keys.
fn password(keys: &Keys) -> String {
    let (high, low) = keys.database.split_at(16);
    let number = |bytes: &[u8]| bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{:032x}{:032x}", number(high), number(low))
}

/// Creates the roles with a password of our own, and brings the schema to this version.
async fn set_up(roles: &Roles, admin: &str, keys: &Keys) -> Result<Urls, OpenError> {
    let urls = roles.set_up(admin, &password(keys)).await?;
    migrate(&urls.migrate, roles).await?;
    Ok(urls)
}

/// Gives the roles of the configured database the password of this data folder, whoever's they have.
///
/// # Errors
/// When the configuration names no administrator, or the server refuses.
pub async fn reset_passwords(config: &Config, keys: &Keys) -> Result<(), WireError> {
    let Place::Postgres(admin) = config.place() else {
        return Err("passwords are set anew by an administrator: give --database-url".into());
    };
    Ok(Roles::default().set_up_anew(admin, &password(keys)).await.map(drop)?)
}

/// Brings the schema of the configured database to this version; gives what was done in words.
///
/// # Errors
/// When there is no database to migrate, or it cannot be.
pub async fn migrated(config: &Config) -> Result<String, WireError> {
    match (config.migrate_url.reveal(), config.place()) {
        (Some(url), _) => migrate(url, &Roles::default()).await?,
        (None, Place::Postgres(admin)) => {
            set_up(&Roles::default(), admin, &keys_of(config)?).await.map(drop)?;
        }
        (None, Place::Sqlite(path)) => {
            let clock: Arc<dyn Clock> = Arc::new(SystemClock::new(false));
            sqlite(&path, &clock).await.map(drop)?;
        }
        (None, Place::Memory | Place::Roles) => {
            return Err("nothing to migrate: give --database-url or `migrate_url`".into());
        }
    }
    Ok(format!("the schema is at version {}", sarai_postgres::schema_version()))
}

/// Inside this process: there as long as it is.
pub struct Always;

#[async_trait]
impl Readiness for Always {
    async fn missing(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Whether the server answers and has this program's schema.
struct Reached(Arc<Postgres>);

#[async_trait]
impl Readiness for Reached {
    async fn missing(&self) -> Vec<String> {
        let failed = self.0.ready().await.err();
        failed.map(|error| error.to_string()).into_iter().collect()
    }
}
