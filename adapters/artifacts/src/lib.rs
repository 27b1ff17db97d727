//! Where the bytes of SDK artifacts are kept: in memory, in a folder, or with a service that speaks S3.
//!
//! What comes is written as it comes and hashed on the way (R-INV-6); nothing of an upload that breaks off is kept.

#[cfg(test)]
mod bucket_tests;
#[cfg(test)]
mod tests;
mod wire;

use std::{path::PathBuf, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use hyper::Method;
use object_store::{
    GetResult, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig, WriteMultipart,
    aws::{AmazonS3, AmazonS3Builder},
    local::LocalFileSystem,
    memory::InMemory,
    path::Path,
    signer::Signer as _,
};
use sarai_domain::kernel::Hex;
use sarai_ports::devportal::{ArtifactError, ArtifactStore, Bytes, Chunks, Received};
use sha2::{Digest as _, Sha256};
use tokio_stream::{Stream, StreamExt as _};

use self::wire::Wire;

/// How many parts are sent to the service at the same time.
const PARTS_AT_ONCE: usize = 4;

/// How long an address at the service is good.
const LINK: Duration = Duration::from_mins(5);
/// How often, and for how long, a request to the service is tried again.
const RETRIES: usize = 3;
const RETRY_FOR: Duration = Duration::from_secs(30);

/// The store.
#[derive(Debug, Clone)]
pub struct Artifacts {
    store: Arc<dyn ObjectStore>,
    /// What signs addresses, where the store is a service.
    service: Option<Arc<AmazonS3>>,
}

/// A bucket of a service that speaks S3, and who asks for it.
#[derive(Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The service's address; Amazon's own in the region when there is none.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// The access key's id.
    pub key_id: String,
    /// The access key's secret.
    pub secret: String,
}

impl Artifacts {
    /// For as long as the process runs.
    pub fn in_memory() -> Self {
        Self { store: Arc::new(InMemory::new()), service: None }
    }

    /// In a folder, which is made where there is none.
    ///
    /// # Errors
    /// When it cannot be made or used.
    pub fn in_folder(folder: PathBuf) -> Result<Self, ArtifactError> {
        std::fs::create_dir_all(&folder).map_err(|error| ArtifactError::Unavailable(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| failed(&error))?;
        Ok(Self { store: Arc::new(store.with_automatic_cleanup(true)), service: None })
    }

    /// In a bucket, which has to be there.
    ///
    /// # Errors
    /// When its settings cannot be used. Nobody is asked yet.
    pub fn in_bucket(bucket: &Bucket) -> Result<Self, ArtifactError> {
        let wire = Wire::new().map_err(|error| ArtifactError::Unavailable(error.to_string()))?;
        let retry = RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_FOR, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&bucket.name)
            .with_region(&bucket.region)
            .with_access_key_id(&bucket.key_id)
            .with_secret_access_key(&bucket.secret)
            .with_http_connector(wire)
            .with_retry(retry);
        if let Some(endpoint) = &bucket.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let service = Arc::new(builder.build().map_err(|error| failed(&error))?);
        Ok(Self { store: Arc::clone(&service) as _, service: Some(service) })
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

    async fn link(&self, key: &str) -> Result<Option<String>, ArtifactError> {
        let Some(service) = &self.service else { return Ok(None) };
        let link = service.signed_url(Method::GET, &path(key)?, LINK).await;
        Ok(Some(link.map_err(|error| failed(&error))?.to_string()))
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
