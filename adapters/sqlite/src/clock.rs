//! Business time of a file: the machine's time and the offset of the clock group, which stands in the file, so that what
//! was moved stays moved (ruling R69).

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    Scope, StoreError,
    auth::Principal,
    system::{Clock, MovableClock},
};
use sarai_sql::{Database as _, Record, Value};

use crate::Sqlite;

/// The clock group of the demo's tenants.
const DEMO: &str = "demo";

/// A clock whose offset is the file's.
pub struct FileClock {
    database: Arc<Sqlite>,
    real: Arc<dyn Clock>,
    movable: bool,
    offset: AtomicI64,
}

/// The offset that an answer names.
fn offset(found: &[Record]) -> Result<i64, StoreError> {
    found.first().map_or(Ok(0), |record| record.int(0))
}

impl FileClock {
    /// Over a file; its real time is that of the clock that the file was opened with. Business time can be moved, and
    /// has been moved, in the demo only.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn start(database: Arc<Sqlite>, movable: bool) -> Result<Arc<Self>, StoreError> {
        let real = database.clock();
        let text = "select offset_micros from clock_groups where name = $1";
        let found = database.run(&Scope::System, text, vec![DEMO.into()]).await?;
        let stored = if movable { offset(&found)? } else { 0 };
        Ok(Arc::new(Self { database, real, movable, offset: AtomicI64::new(stored) }))
    }
}

impl Clock for FileClock {
    fn now(&self) -> Timestamp {
        let ahead = self.offset.load(Ordering::SeqCst);
        Timestamp::from_unix_micros(self.real().unix_micros().saturating_add(ahead))
    }

    fn real(&self) -> Timestamp {
        self.real.real()
    }
}

#[async_trait]
impl MovableClock for FileClock {
    fn movable(&self, _principal: &Principal) -> bool {
        self.movable
    }

    async fn advance_to(&self, instant: Timestamp) -> Result<(), StoreError> {
        if !self.movable {
            return Err(StoreError::NotFound);
        }
        let ahead = instant.unix_micros().saturating_sub(self.real().unix_micros());
        let text = "insert into clock_groups (name, offset_micros) values ($1, $2) on conflict (name) do update \
                    set offset_micros = max(offset_micros, excluded.offset_micros) returning offset_micros";
        let found = self.database.run(&Scope::System, text, vec![DEMO.into(), Value::Int(ahead)]).await?;
        self.offset.fetch_max(offset(&found)?, Ordering::SeqCst);
        Ok(())
    }
}
