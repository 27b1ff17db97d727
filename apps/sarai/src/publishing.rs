//! The documentation and the SDKs of a process: their use cases, and what the program itself publishes.

use std::sync::Arc;

use sarai_application::{
    AppError, Ports,
    devportal::{
        docs::Docs,
        docs_desk::DocsDesk,
        release_log::ReleaseLogWriter,
        sdk_desk::{ReleaseDraft, SdkDesk},
        sdks::{SdkPorts, Sdks},
    },
};
use sarai_domain::{
    devportal::{
        sdk_release::{SdkLanguage, SigningKey},
        values::{Locale, SemVer},
    },
    kernel::Hex,
};
use sarai_http::site::has_page;
use sarai_markdown::Markdown;
use sarai_ports::{
    devportal::{ArtifactStore, Markup},
    events::Consumer,
    system::Signer,
};
use sarai_system::Ed25519Signer;
use sha2::{Digest as _, Sha256};

use crate::{content, keys::Keys, sdk_package};

/// Everything about documentation and SDKs.
#[derive(Clone)]
pub struct Publishing {
    /// The documentation, for its readers.
    pub docs: Docs,
    /// The same for its writers.
    pub docs_desk: DocsDesk,
    /// SDKs, for everybody.
    pub sdks: Sdks,
    /// The same for whoever releases them.
    pub sdk_desk: SdkDesk,
    sdk: SdkPorts,
    signer: Arc<dyn Signer>,
}

impl Publishing {
    /// Over these ports.
    pub fn over(ports: &Arc<Ports>, artifacts: Arc<dyn ArtifactStore>, keys: &Keys) -> Self {
        let markup: Arc<dyn Markup> = Arc::new(Markdown::new());
        let store = &ports.devportal.store;
        let signer = Ed25519Signer::new(keys.release);
        let published = |signer: &Ed25519Signer| SigningKey {
            key_id: signer.key_id().to_owned(),
            public_key: Hex(signer.public_key()),
        };
        // What the key before signed is still checked with it.
        let before = keys.release_previous.map(|key| published(&Ed25519Signer::new(key)));
        let published = std::iter::once(published(&signer)).chain(before);
        let sdk = SdkPorts {
            releases: Arc::clone(store) as _,
            log: Arc::clone(store) as _,
            downloads: Arc::clone(store) as _,
            artifacts,
            keys: published.collect(),
        };
        Self {
            docs: Docs::new(Arc::clone(store) as _, Arc::clone(&markup)),
            docs_desk: DocsDesk::new(Arc::clone(ports), Arc::clone(store) as _, markup, has_page),
            sdks: Sdks::new(Arc::clone(ports), sdk.clone()),
            sdk_desk: SdkDesk::new(Arc::clone(ports), sdk.clone()),
            sdk,
            signer: Arc::new(signer),
        }
    }

    /// The same over other ports.
    #[must_use]
    pub fn under(&self, ports: &Arc<Ports>, keys: &Keys) -> Self {
        Self::over(ports, Arc::clone(&self.sdk.artifacts), keys)
    }

    /// What writes the release log.
    pub fn consumer(&self) -> Arc<dyn Consumer> {
        Arc::new(ReleaseLogWriter::new(self.sdk.clone()))
    }

    /// Publishes what the program ships and is not there yet.
    ///
    /// # Errors
    /// What publishing refuses with.
    pub async fn ship(&self) -> Result<(), AppError> {
        let articles = content::articles()?;
        let changed = self.docs_desk.ship(&articles).await?;
        if changed > 0 {
            tracing::info!(changed, "published the documentation that this program ships");
        }
        let version: SemVer = sdk_package::VERSION.parse()?;
        let draft = ReleaseDraft {
            language: SdkLanguage::Rust,
            package_name: sdk_package::NAME.to_owned(),
            purl: format!("pkg:cargo/{}@{version}", sdk_package::NAME).parse()?,
            version,
            min_api_version: "v1".to_owned(),
            changelog: [(Locale::En, sdk_package::CHANGELOG.to_owned())].into(),
            release_key_id: self.signer.key_id().to_owned(),
        };
        let bytes = sdk_package::bytes();
        let digest = Hex(Sha256::digest(&bytes).into());
        let filename = sdk_package::filename();
        if let Some(id) = self.sdk_desk.ship(draft, &filename, bytes, digest, &*self.signer).await? {
            tracing::info!(%id, "released the SDK that this program ships");
        }
        Ok(())
    }
}
