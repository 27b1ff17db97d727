//! Releasing SDKs: for the platform's staff, and for the program that ships the first.

use std::{collections::BTreeMap, sync::Arc};

use sarai_domain::{
    devportal::{
        sdk_release::{
            MAX_SIZE, NewArtifact, NewRelease, ReleaseState, SdkArtifact, SdkError, SdkLanguage, SdkRelease,
            SdkReleaseData, SigningKey, UploadState, signature_message,
        },
        values::{HttpsUrl, Locale, PackageUrl, Scope as KeyScope, SemVer, Sha256},
    },
    kernel::{Aggregate, ArtifactId, Hex, Outcome, SdkReleaseId},
};
use sarai_ports::{
    Context, PageRequest, Scope,
    devportal::{ArtifactError, Bytes, Chunks},
    platform,
    system::Signer,
};

use super::sdks::{SdkPorts, unavailable};
use crate::{AppError, Call, Loaded, Ports};

/// How many releases are looked through at a time.
const PAGE: usize = 100;

/// The use cases of the staff.
#[derive(Clone)]
pub struct SdkDesk {
    ports: Arc<Ports>,
    sdk: SdkPorts,
}

/// A release to put together.
#[derive(Debug, Clone)]
pub struct ReleaseDraft {
    /// Its language.
    pub language: SdkLanguage,
    /// What its package is called.
    pub package_name: String,
    /// What every tool calls it.
    pub purl: PackageUrl,
    /// Its version.
    pub version: SemVer,
    /// The oldest version of the API it speaks.
    pub min_api_version: String,
    /// What changed.
    pub changelog: BTreeMap<Locale, String>,
    /// The key it is signed with.
    pub release_key_id: String,
}

/// A file to upload.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its name.
    pub filename: String,
    /// Its media type.
    pub media_type: String,
    /// What it runs on.
    pub platform: Option<String>,
    /// Which processor it is for.
    pub arch: Option<String>,
    /// The digest it is claimed to have.
    pub claimed_sha256: Option<Sha256>,
    /// The release key's signature.
    pub signature: Hex<64>,
    /// Where a Sigstore bundle is.
    pub sigstore_bundle_url: Option<HttpsUrl>,
}

/// Bytes that are all there.
struct Whole(Option<Bytes>);

#[async_trait::async_trait]
impl Chunks for Whole {
    async fn next(&mut self) -> Option<Result<Bytes, ArtifactError>> {
        self.0.take().map(Ok)
    }
}

impl SdkDesk {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>, sdk: SdkPorts) -> Self {
        Self { ports, sdk }
    }

    /// Writes a draft without artifacts.
    ///
    /// # Errors
    /// `forbidden`, `insufficient_scope`, `sdk.version_exists` (R-INV-1), and what [`SdkRelease::create`] refuses.
    pub async fn create(&self, call: &Call, draft: ReleaseDraft) -> Result<Loaded<SdkRelease>, AppError> {
        let (scope, id) = (call.publishing_scope(KeyScope::SdkWrite)?, SdkReleaseId::new(self.ports.ulid()));
        self.create_in(&scope, call.context("sdk.create", &id, self.ports.now()), id, draft).await
    }

    /// One release, drafts included.
    ///
    /// # Errors
    /// `forbidden`, `insufficient_scope`, `sdk.not_found`.
    pub async fn get(&self, call: &Call, id: SdkReleaseId) -> Result<SdkRelease, AppError> {
        Ok(self
            .sdk
            .releases
            .find(&call.publishing_scope(KeyScope::SdkWrite)?, &id)
            .await?
            .ok_or(SdkError::NotFound)?)
    }

    /// Takes a file into a draft as it comes (R-INV-6). What is not what was claimed is noted as failed. That and
    /// what is not signed by the release's key can be sent again under the same name.
    ///
    /// # Errors
    /// `sdk.digest_mismatch`, `sdk.artifact_too_large` (R-INV-6), `sdk.immutable` (R-INV-3), `sdk.artifact_exists`, and
    /// what [`SdkRelease::add_artifact`] refuses.
    pub async fn upload(
        &self,
        call: &Call,
        id: SdkReleaseId,
        upload: Upload,
        bytes: &mut dyn Chunks,
    ) -> Result<(Loaded<SdkRelease>, SdkArtifact), AppError> {
        let (scope, context) =
            (call.publishing_scope(KeyScope::SdkWrite)?, call.context("sdk.upload", &id, self.ports.now()));
        self.upload_in(&scope, context, id, upload, bytes).await
    }

    /// Releases a draft.
    ///
    /// # Errors
    /// What [`SdkRelease::publish`] refuses.
    pub async fn publish(&self, call: &Call, id: SdkReleaseId) -> Result<Loaded<SdkRelease>, AppError> {
        let (now, keys) = (self.ports.now(), &self.sdk.keys);
        self.change(call, id, "sdk.publish", |release| Ok(release.publish(keys, now)?)).await
    }

    /// Says that there is a better one.
    ///
    /// # Errors
    /// What [`SdkRelease::deprecate`] refuses.
    pub async fn deprecate(
        &self,
        call: &Call,
        id: SdkReleaseId,
        reason: &str,
        superseded_by: Option<SdkReleaseId>,
    ) -> Result<Loaded<SdkRelease>, AppError> {
        self.require(call, superseded_by).await?;
        let now = self.ports.now();
        let command = |release: &mut SdkRelease| Ok(release.deprecate(reason, superseded_by, now)?);
        self.change(call, id, "sdk.deprecate", command).await
    }

    /// Withdraws it.
    ///
    /// # Errors
    /// What [`SdkRelease::yank`] refuses.
    pub async fn yank(
        &self,
        call: &Call,
        id: SdkReleaseId,
        reason: &str,
        superseded_by: Option<SdkReleaseId>,
    ) -> Result<Loaded<SdkRelease>, AppError> {
        self.require(call, superseded_by).await?;
        let now = self.ports.now();
        let command = |release: &mut SdkRelease| Ok(release.yank(reason, superseded_by, now)?);
        self.change(call, id, "sdk.yank", command).await
    }

    /// Takes a withdrawal back.
    ///
    /// # Errors
    /// What [`SdkRelease::unyank`] refuses.
    pub async fn unyank(&self, call: &Call, id: SdkReleaseId) -> Result<Loaded<SdkRelease>, AppError> {
        let now = self.ports.now();
        self.change(call, id, "sdk.unyank", |release| Ok(release.unyank(now)?)).await
    }

    /// Releases a package that the program ships, signed by its own key, unless this version is there. What a process
    /// left half done is finished.
    ///
    /// # Errors
    /// What the steps refuse with.
    pub async fn ship(
        &self,
        draft: ReleaseDraft,
        filename: &str,
        bytes: Bytes,
        sha256: Sha256,
        signer: &dyn Signer,
    ) -> Result<Option<SdkReleaseId>, AppError> {
        let scope = Scope::PlatformAdmin;
        let message = signature_message(&draft.purl, &sha256);
        let begun = self.find_version(&scope, &draft).await?;
        if begun.as_ref().is_some_and(|release| release.data().state != ReleaseState::Draft) {
            return Ok(None);
        }
        let id = begun.as_ref().map_or_else(|| SdkReleaseId::new(self.ports.ulid()), Aggregate::id);
        let context = || self.ports.worker_context("sdk.ship", &id);
        if begun.is_none() {
            self.create_in(&scope, context(), id, draft).await?;
        }
        let upload = Upload {
            filename: filename.to_owned(),
            media_type: "application/gzip".to_owned(),
            platform: None,
            arch: None,
            claimed_sha256: Some(sha256),
            signature: Hex(signer.sign(&message)),
            sigstore_bundle_url: None,
        };
        let whole =
            |one: &SdkArtifact| one.upload_state == UploadState::Verified && one.sha256 == Some(sha256);
        if !begun.is_some_and(|release| release.data().artifacts.iter().any(whole)) {
            self.upload_in(&scope, context(), id, upload, &mut Whole(Some(bytes))).await?;
        }
        let (now, keys) = (self.ports.now(), &self.sdk.keys);
        let publish = |release: &mut SdkRelease| Ok(release.publish(keys, now)?);
        self.ports.change(&*self.sdk.releases, &scope, &id, context(), publish).await?;
        Ok(Some(id))
    }

    /// The release of the same version of the same package, drafts included.
    async fn find_version(
        &self,
        scope: &Scope,
        draft: &ReleaseDraft,
    ) -> Result<Option<SdkRelease>, AppError> {
        let same = |release: &SdkRelease| {
            let data = release.data();
            let same = data.package_name == draft.package_name
                && data.version.precedence() == draft.version.precedence();
            same && data.version_slot().is_some()
        };
        let mut page = PageRequest::first(PAGE);
        loop {
            let releases = self.sdk.releases.find_by_language(scope, draft.language, &page).await?;
            if let Some(found) = releases.items.into_iter().find(same) {
                return Ok(Some(found));
            }
            let Some(next) = releases.next else { return Ok(None) };
            page.cursor = Some(next);
        }
    }

    async fn create_in(
        &self,
        scope: &Scope,
        context: Context,
        id: SdkReleaseId,
        draft: ReleaseDraft,
    ) -> Result<Loaded<SdkRelease>, AppError> {
        let new = NewRelease {
            id,
            tenant_id: platform(),
            language: draft.language,
            package_name: draft.package_name,
            purl: draft.purl,
            version: draft.version,
            min_api_version: draft.min_api_version,
            changelog: draft.changelog,
            release_key_id: draft.release_key_id,
        };
        let release = SdkRelease::create(new, context.now)?;
        let version = self.ports.save(&*self.sdk.releases, scope, release.clone(), context).await?;
        Ok(Loaded { aggregate: release, version: version.unwrap_or_default() })
    }

    async fn upload_in(
        &self,
        scope: &Scope,
        context: Context,
        id: SdkReleaseId,
        upload: Upload,
        bytes: &mut dyn Chunks,
    ) -> Result<(Loaded<SdkRelease>, SdkArtifact), AppError> {
        let artifact_id = ArtifactId::new(self.ports.ulid());
        let new = NewArtifact {
            id: artifact_id,
            filename: upload.filename.clone(),
            media_type: upload.media_type,
            platform: upload.platform,
            arch: upload.arch,
            claimed_sha256: upload.claimed_sha256,
            signature: upload.signature,
            sigstore_bundle_url: upload.sigstore_bundle_url,
            storage_key: format!("sdk/{artifact_id}/{}", upload.filename),
        };
        let now = context.now;
        // What it would be refused for is found before a gigabyte comes.
        let found = self.sdk.releases.find(scope, &id).await?.ok_or(SdkError::NotFound)?;
        add(&mut found.clone(), &new, &self.sdk.keys, now)?;
        let same = |one: &&SdkArtifact| one.filename == new.filename;
        let replaced = found.data().artifacts.iter().find(same).map(|one| one.storage_key.clone());
        let key = new.storage_key.clone();
        let received =
            self.sdk.artifacts.put(&key, bytes, MAX_SIZE).await.map_err(|error| unavailable(&error))?;
        let receive = |release: &mut SdkRelease| {
            add(release, &new, &self.sdk.keys, now)?;
            Ok(release.receive(artifact_id, received.sha256, received.size_bytes, now)?)
        };
        let taken = self.ports.change(&*self.sdk.releases, scope, &id, context, receive).await;
        let outcome = taken.and_then(|taken| {
            let artifact = taken.aggregate.data().artifact(artifact_id).cloned().ok_or(SdkError::NotFound)?;
            artifact.verdict()?;
            Ok((taken, artifact))
        });
        let needless = if outcome.is_err() { Some(key) } else { replaced };
        if let Some(key) = needless
            && let Err(error) = self.sdk.artifacts.delete(&key).await
        {
            tracing::warn!(%error, "the bytes of an artifact that was refused or replaced were left");
        }
        outcome
    }

    /// That there is a release to name.
    async fn require(&self, call: &Call, id: Option<SdkReleaseId>) -> Result<(), AppError> {
        match id {
            Some(id) => self.get(call, id).await.map(|_| ()),
            None => Ok(()),
        }
    }

    async fn change(
        &self,
        call: &Call,
        id: SdkReleaseId,
        action: &'static str,
        command: impl FnMut(&mut SdkRelease) -> Result<Outcome, AppError> + Send,
    ) -> Result<Loaded<SdkRelease>, AppError> {
        let scope = call.publishing_scope(KeyScope::SdkWrite)?;
        let context = call.context(action, &id, self.ports.now());
        self.ports.change(&*self.sdk.releases, &scope, &id, context, command).await
    }
}

/// The key that a release is to be signed with, when it is published.
fn key_of<'k>(data: &SdkReleaseData, keys: &'k [SigningKey]) -> Option<&'k SigningKey> {
    keys.iter().find(|key| key.key_id == data.release_key_id)
}

/// Announces an artifact in the place of one of its name that failed, or that is not signed by the release's key.
fn add(
    release: &mut SdkRelease,
    new: &NewArtifact,
    keys: &[SigningKey],
    now: sarai_domain::kernel::Timestamp,
) -> Result<(), AppError> {
    let (data, key) = (release.data(), key_of(release.data(), keys));
    let unsigned = |one: &SdkArtifact| {
        one.upload_state == UploadState::Verified
            && key.is_some_and(|key| one.verify(&data.purl, &key.public_key).is_err())
    };
    let failed = |one: &&SdkArtifact| {
        one.filename == new.filename && (one.upload_state == UploadState::Failed || unsigned(one))
    };
    if let Some(old) = release.data().artifacts.iter().find(failed).map(|one| one.id) {
        let _ = release.remove_artifact(old, now)?;
    }
    let _ = release.add_artifact(new.clone(), now)?;
    Ok(())
}
