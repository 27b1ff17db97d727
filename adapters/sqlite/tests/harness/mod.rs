//! SQLite files under the suite's clock, in a directory that goes when nobody uses it any more.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sarai_sqlite::{SqliteStore, open};
use sarai_testkit::{Harness, SuiteClock, SuitePorts};

/// A directory of its own.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("sarai-sqlite-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self) -> PathBuf {
        self.0.join("sarai.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Stores in files of their own.
pub struct SqliteHarness;

/// A handle on a file under a clock.
pub async fn store(path: &Path, clock: &Arc<SuiteClock>) -> SqliteStore {
    open(path, clock.clone()).await.unwrap()
}

impl Harness for SqliteHarness {
    async fn fresh() -> SuitePorts {
        let (folder, clock) = (Arc::new(Folder::new()), Arc::new(SuiteClock::default()));
        let path = folder.file();
        let first = store(&path, &clock).await;
        // A process starts within a call that cannot wait: a few are open beforehand.
        let mut others = Vec::new();
        for _ in 0..4 {
            others.push(store(&path, &clock).await);
        }
        let (others, time) = (std::sync::Mutex::new(others), clock.clone());
        let start = move || {
            let other = others.lock().unwrap().pop().expect("a process that was made ready");
            SuitePorts::of(Arc::new(other), time.clone())
        };
        let ports = SuitePorts::of(Arc::new(first), clock).beside(start);
        SuitePorts { keep: folder, ..ports }
    }
}
