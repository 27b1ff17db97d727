//! Bytes come back as they went in; what breaks off or grows too long is not kept.

use async_trait::async_trait;
use sarai_domain::kernel::Hex;
use sarai_ports::devportal::{ArtifactError, ArtifactStore, Bytes, Chunks};
use sha2::{Digest as _, Sha256};

use super::Artifacts;

/// Parts that come one after the other, and how they end.
struct Given(Vec<Result<Bytes, ArtifactError>>);

#[async_trait]
impl Chunks for Given {
    async fn next(&mut self) -> Option<Result<Bytes, ArtifactError>> {
        if self.0.is_empty() { None } else { Some(self.0.remove(0)) }
    }
}

async fn all(store: &Artifacts, key: &str) -> Option<Vec<u8>> {
    let mut found = store.get(key).await.unwrap()?;
    let mut bytes = Vec::new();
    while let Some(part) = found.next().await {
        bytes.extend(part.unwrap());
    }
    Some(bytes)
}

struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn folder(name: &str) -> (Folder, Artifacts) {
    let path = std::env::temp_dir().join(format!("sarai-artifacts-{}-{name}", std::process::id()));
    let store = Artifacts::in_folder(path.clone()).unwrap();
    (Folder(path), store)
}

#[tokio::test]
async fn bytes_come_back_and_their_digest_was_computed_on_the_way() {
    let (_folder, local) = folder("back");
    for store in [Artifacts::in_memory(), local] {
        // More than one part of the service's, so that the digest is over all of them.
        let parts: Vec<Bytes> = (0..48_u8).map(|part| vec![part; 256 << 10]).collect();
        let whole = parts.concat();
        let mut given = Given(parts.into_iter().map(Ok).collect());
        let received = store.put("sdk/art_1", &mut given, 1 << 30).await.unwrap();
        assert_eq!(received.size_bytes, whole.len() as u64);
        assert_eq!(received.sha256, Hex(Sha256::digest(&whole).into()));
        assert_eq!(all(&store, "sdk/art_1").await, Some(whole));
        store.delete("sdk/art_1").await.unwrap();
        store.delete("sdk/art_1").await.unwrap();
        assert_eq!(all(&store, "sdk/art_1").await, None);
        let empty = store.put("sdk/art_2", &mut Given(Vec::new()), 10).await.unwrap();
        assert_eq!((empty.size_bytes, all(&store, "sdk/art_2").await), (0, Some(Vec::new())));
    }
}

#[tokio::test]
async fn what_breaks_off_or_grows_too_long_is_not_kept() {
    let (_folder, local) = folder("broken");
    for store in [Artifacts::in_memory(), local] {
        let broken = vec![Ok(vec![1; 9]), Err(ArtifactError::BrokenOff)];
        let outcome = store.put("sdk/art_1", &mut Given(broken), 100).await;
        assert_eq!(outcome, Err(ArtifactError::BrokenOff));
        let long = vec![Ok(vec![1; 60]), Ok(vec![1; 41])];
        assert_eq!(store.put("sdk/art_1", &mut Given(long), 100).await, Err(ArtifactError::TooLarge));
        assert_eq!(all(&store, "sdk/art_1").await, None);
    }
}

#[tokio::test]
async fn a_key_stays_within_the_folder() {
    let (folder, store) = folder("within");
    for key in ["../escaped", "a/../../escaped", "/etc/escaped", "a//b"] {
        let outcome = store.put(key, &mut Given(vec![Ok(vec![1])]), 10).await;
        assert!(outcome.is_err() || !folder.0.parent().unwrap().join("escaped").exists(), "{key}");
    }
    assert!(!folder.0.parent().unwrap().join("escaped").exists());
}
