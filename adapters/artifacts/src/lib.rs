//! Where the bytes of SDK artifacts are kept: in memory, or in a folder.
//!
//! What comes is written as it comes and hashed on the way (R-INV-6); nothing of an upload that breaks off is kept.

#[cfg(test)]
mod tests;

use std::{path::PathBuf, pin::Pin, sync::Arc};

use async_trait::async_trait;
use object_store::{
    GetResult, ObjectStore, ObjectStoreExt as _, PutPayload, WriteMultipart, local::LocalFileSystem,
    memory::InMemory, path::Path,
};
use sarai_domain::kernel::Hex;
use sarai_ports::devportal::{ArtifactError, ArtifactStore, Bytes, Chunks, Received};
use sha2::{Digest as _, Sha256};
use tokio_stream::{Stream, StreamExt as _};

/// How many parts are sent to the service at the same time.
const PARTS_AT_ONCE: usize = 4;

/// The store.
#[derive(Debug, Clone)]
pub struct Artifacts {
    store: Arc<dyn ObjectStore>,
}

impl Artifacts {
    /// For as long as the process runs.
    pub fn in_memory() -> Self {
        Self { store: Arc::new(InMemory::new()) }
    }

    /// In a folder, which is made where there is none.
    ///
    /// # Errors
    /// When it cannot be made or used.
    pub fn in_folder(folder: PathBuf) -> Result<Self, ArtifactError> {
        std::fs::create_dir_all(&folder).map_err(|error| ArtifactError::Unavailable(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| failed(&error))?;
        Ok(Self { store: Arc::new(store.with_automatic_cleanup(true)) })
    }
}

fn failed(error: &object_store::Error) -> ArtifactError {
    // Its text may say the address and the key; the kind is enough.
    let kind = match error {
        object_store::Error::NotFound { .. } => "not found",
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            "no right"
        }
        object_store::Error::AlreadyExists { .. } => "there already",
        _ => "out of reach",
    };
    ArtifactError::Unavailable(kind.to_owned())
}

fn path(key: &str) -> Result<Path, ArtifactError> {
    Path::parse(key).map_err(|_| ArtifactError::Unavailable("a key that is none".to_owned()))
}

#[async_trait]
impl ArtifactStore for Artifacts {
    async fn put(&self, key: &str, bytes: &mut dyn Chunks, most: u64) -> Result<Received, ArtifactError> {
        let path = path(key)?;
        let upload = self.store.put_multipart(&path).await.map_err(|error| failed(&error))?;
        let mut writer = WriteMultipart::new(upload);
        let mut hasher = Sha256::new();
        let mut size_bytes = 0_u64;
        let outcome = loop {
            let part = match bytes.next().await {
                None => break Ok(()),
                Some(Err(error)) => break Err(error),
                Some(Ok(part)) => part,
            };
            size_bytes = size_bytes.saturating_add(part.len() as u64);
            if size_bytes > most {
                break Err(ArtifactError::TooLarge);
            }
            hasher.update(&part);
            if let Err(error) = writer.wait_for_capacity(PARTS_AT_ONCE).await {
                break Err(failed(&error));
            }
            writer.write(&part);
        };
        match outcome {
            Ok(()) if size_bytes > 0 => {
                writer.finish().await.map_err(|error| failed(&error))?;
            }
            // An upload of no part is none for the service.
            Ok(()) => {
                let _ = writer.abort().await;
                self.store.put(&path, PutPayload::new()).await.map_err(|error| failed(&error))?;
            }
            Err(error) => {
                let _ = writer.abort().await;
                return Err(error);
            }
        }
        Ok(Received { sha256: Hex(hasher.finalize().into()), size_bytes })
    }

    async fn get(&self, key: &str) -> Result<Option<Box<dyn Chunks>>, ArtifactError> {
        match self.store.get(&path(key)?).await {
            Ok(found) => Ok(Some(Box::new(Parts::of(found)))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    async fn delete(&self, key: &str) -> Result<(), ArtifactError> {
        match self.store.delete(&path(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    async fn link(&self, _key: &str) -> Result<Option<String>, ArtifactError> {
        Ok(None)
    }
}

/// Bytes as the service gives them.
struct Parts(Pin<Box<dyn Stream<Item = Result<Bytes, ArtifactError>> + Send>>);

impl Parts {
    fn of(found: GetResult) -> Self {
        let parts = found.into_stream();
        Self(Box::pin(parts.map(|part| part.map(|part| part.to_vec()).map_err(|error| failed(&error)))))
    }
}

#[async_trait]
impl Chunks for Parts {
    async fn next(&mut self) -> Option<Result<Bytes, ArtifactError>> {
        self.0.next().await
    }
}
