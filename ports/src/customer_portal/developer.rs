//! What developers use the platform's API for, beside what customers do.

use async_trait::async_trait;

use super::{
    Answer, Listed, On,
    docs::{DocsFound, DocsHit, DocsTree},
    sandboxes::{NewSandbox, Sandbox, SandboxMessage, SandboxScenario},
    sdks::{SdkLanguage, SdkRelease, SdkSigningKey},
    verify::{Verification, VerificationQuery, VerificationSummary},
};

/// The part of the API for developers (ruling R31). A method is a route.
#[async_trait]
pub trait DeveloperApi: Send + Sync {
    /// `GET /verifications`.
    async fn verifications(
        &self,
        on: On<'_>,
        query: &VerificationQuery,
        cursor: Option<&str>,
    ) -> Answer<Listed<VerificationSummary>>;
    /// `GET /verifications/{id}`.
    async fn verification(&self, on: On<'_>, id: &str) -> Answer<Verification>;

    /// `GET /sandboxes`.
    async fn sandboxes(&self, on: On<'_>, cursor: Option<&str>) -> Answer<Listed<Sandbox>>;
    /// `GET /sandboxes/{id}`.
    async fn sandbox(&self, on: On<'_>, id: &str) -> Answer<Sandbox>;
    /// `POST /sandboxes`.
    async fn create_sandbox(&self, on: On<'_>, once: &str, sandbox: &NewSandbox) -> Answer<Sandbox>;
    /// `POST /sandboxes/{id}/clock`.
    async fn advance_sandbox(&self, on: On<'_>, once: &str, id: &str, seconds: u32) -> Answer<Sandbox>;
    /// `POST /sandboxes/{id}/reset`.
    async fn reset_sandbox(&self, on: On<'_>, once: &str, id: &str) -> Answer<Sandbox>;
    /// `POST /sandboxes/{id}/extend`.
    async fn extend_sandbox(&self, on: On<'_>, once: &str, id: &str, ttl_seconds: u32) -> Answer<Sandbox>;
    /// `DELETE /sandboxes/{id}`.
    async fn close_sandbox(&self, on: On<'_>, id: &str) -> Answer<()>;
    /// `GET /sandboxes/{id}/inbox`.
    async fn sandbox_inbox(
        &self,
        on: On<'_>,
        id: &str,
        cursor: Option<&str>,
    ) -> Answer<Listed<SandboxMessage>>;
    /// `GET /sandbox-scenarios`.
    async fn sandbox_scenarios(&self, on: On<'_>) -> Answer<Vec<SandboxScenario>>;

    /// `GET /docs/tree`.
    async fn docs_tree(&self, on: On<'_>, version: &str, locale: &str) -> Answer<DocsTree>;
    /// `GET /docs/search`.
    async fn docs_search(&self, on: On<'_>, question: &str, locale: &str) -> Answer<Vec<DocsHit>>;
    /// `GET /docs/{apiVersion}/{slug}`.
    async fn docs_article(&self, on: On<'_>, version: &str, slug: &str, locale: &str) -> Answer<DocsFound>;

    /// `GET /sdks/languages`.
    async fn sdk_languages(&self, on: On<'_>) -> Answer<Vec<SdkLanguage>>;
    /// `GET /sdks/languages/{lang}/releases`.
    async fn sdk_releases(
        &self,
        on: On<'_>,
        language: &str,
        cursor: Option<&str>,
    ) -> Answer<Listed<SdkRelease>>;
    /// `GET /sdks/signing-keys`.
    async fn sdk_signing_keys(&self, on: On<'_>) -> Answer<Vec<SdkSigningKey>>;
    /// `GET /sdks/artifacts/{id}/download`: the short-lived address of the file.
    async fn sdk_download(&self, on: On<'_>, id: &str) -> Answer<String>;
}
