//! `SQLite` files under the suite's clock, in a directory that goes when nobody uses it any more.

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
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// In memory, where the machine has files there.
    pub(crate) fn quick() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { Self::below(memory) } else { Self::new() }
    }

    fn below(parent: &Path) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("sarai-sqlite-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let path = parent.join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("sarai.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Stores in files of their own.
pub(crate) struct SqliteHarness;

/// A handle on a file under a clock.
pub(crate) async fn store(path: &Path, clock: &Arc<SuiteClock>) -> SqliteStore {
    open(path, clock.clone()).await.unwrap()
}

/// The same from within a call that cannot wait.
fn at_once(path: &Path, clock: &Arc<SuiteClock>) -> SqliteStore {
    std::thread::scope(|scope| {
        let opening = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(store(path, clock))
        });
        opening.join().unwrap()
    })
}

/// Ports over a new file in this folder, which goes with them.
pub(crate) async fn ports_in(folder: Folder, clock: Arc<SuiteClock>) -> SuitePorts {
    let path = folder.file();
    let first = store(&path, &clock).await;
    let time = clock.clone();
    let start = move || SuitePorts::of(Arc::new(at_once(&path, &time)), time.clone());
    let ports = SuitePorts::of(Arc::new(first), clock).beside(start);
    SuitePorts { keep: Arc::new(folder), ..ports }
}

impl Harness for SqliteHarness {
    async fn fresh() -> SuitePorts {
        ports_in(Folder::new(), Arc::default()).await
    }
}
