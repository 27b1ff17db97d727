//! The routes for developers as methods.

use async_trait::async_trait;
use sarai_ports::customer_portal::{
    Answer, DeveloperApi, Listed, On, PlatformError,
    docs::{DocsFound, DocsHit, DocsTree},
    sandboxes::{NewSandbox, Sandbox, SandboxMessage, SandboxScenario},
    sdks::{SdkLanguage, SdkRelease, SdkSigningKey},
    verify::{Verification, VerificationQuery, VerificationSummary},
};
use serde_json::json;

use super::{
    PlatformClient,
    client::{All, Call, encoded, read},
};

fn sandbox_path(id: &str, rest: &str) -> String {
    format!("/sandboxes/{}{rest}", encoded(id))
}

#[async_trait]
impl DeveloperApi for PlatformClient {
    async fn verifications(
        &self,
        on: On<'_>,
        query: &VerificationQuery,
        cursor: Option<&str>,
    ) -> Answer<Listed<VerificationSummary>> {
        let call = Call::get(on, "/verifications").in_sandbox(query.sandbox_id.as_deref());
        let call = call.query("environment", Some(on.environment)).query("state", query.state.as_deref());
        let call = call.query("channel", query.channel.as_deref());
        self.json(call.query("limit", Some("25")).query("cursor", cursor)).await
    }

    async fn verification(&self, on: On<'_>, id: &str) -> Answer<Verification> {
        self.json(Call::get(on, &format!("/verifications/{}", encoded(id)))).await
    }

    async fn sandboxes(&self, on: On<'_>, cursor: Option<&str>) -> Answer<Listed<Sandbox>> {
        let call = Call::get(on, "/sandboxes").query("limit", Some("25"));
        self.json(call.query("cursor", cursor)).await
    }

    async fn sandbox(&self, on: On<'_>, id: &str) -> Answer<Sandbox> {
        self.json(Call::get(on, &sandbox_path(id, ""))).await
    }

    async fn create_sandbox(&self, on: On<'_>, once: &str, sandbox: &NewSandbox) -> Answer<Sandbox> {
        self.json(Call::post(on, "/sandboxes", json!(sandbox)).once(once)).await
    }

    async fn advance_sandbox(&self, on: On<'_>, once: &str, id: &str, seconds: u32) -> Answer<Sandbox> {
        let body = json!({"advanceSeconds": seconds});
        self.json(Call::post(on, &sandbox_path(id, "/clock"), body).once(once)).await
    }

    async fn reset_sandbox(&self, on: On<'_>, once: &str, id: &str) -> Answer<Sandbox> {
        self.json(Call::new(on, "POST", &sandbox_path(id, "/reset")).once(once)).await
    }

    async fn extend_sandbox(&self, on: On<'_>, once: &str, id: &str, ttl_seconds: u32) -> Answer<Sandbox> {
        let body = json!({"ttlSeconds": ttl_seconds});
        self.json(Call::post(on, &sandbox_path(id, "/extend"), body).once(once)).await
    }

    async fn close_sandbox(&self, on: On<'_>, id: &str) -> Answer<()> {
        self.body(Call::new(on, "DELETE", &sandbox_path(id, ""))).await.map(drop)
    }

    async fn sandbox_inbox(
        &self,
        on: On<'_>,
        id: &str,
        cursor: Option<&str>,
    ) -> Answer<Listed<SandboxMessage>> {
        let call = Call::get(on, &sandbox_path(id, "/inbox")).query("limit", Some("25"));
        self.json(call.query("cursor", cursor)).await
    }

    async fn sandbox_scenarios(&self, on: On<'_>) -> Answer<Vec<SandboxScenario>> {
        let listed: All<SandboxScenario> = self.json(Call::get(on, "/sandbox-scenarios")).await?;
        Ok(listed.data)
    }

    async fn docs_tree(&self, on: On<'_>, version: &str, locale: &str) -> Answer<DocsTree> {
        let call = Call::get(on, "/docs/tree").query("apiVersion", Some(version));
        self.json(call.query("locale", Some(locale))).await
    }

    async fn docs_search(&self, on: On<'_>, question: &str, locale: &str) -> Answer<Vec<DocsHit>> {
        let call = Call::get(on, "/docs/search").query("q", Some(question));
        let listed: All<DocsHit> = self.json(call.query("locale", Some(locale))).await?;
        Ok(listed.data)
    }

    async fn docs_article(&self, on: On<'_>, version: &str, slug: &str, locale: &str) -> Answer<DocsFound> {
        let call = Call::get(on, &format!("/docs/{}/{}", encoded(version), encoded(slug)));
        let answer = self.answered(call.query("locale", Some(locale))).await?;
        match answer.location.filter(|_| answer.status >= 300) {
            Some(location) => Ok(DocsFound::Moved(location)),
            None => Ok(DocsFound::Here(Box::new(read(&answer.body)?))),
        }
    }

    async fn sdk_languages(&self, on: On<'_>) -> Answer<Vec<SdkLanguage>> {
        let listed: All<SdkLanguage> = self.json(Call::get(on, "/sdks/languages")).await?;
        Ok(listed.data)
    }

    async fn sdk_releases(
        &self,
        on: On<'_>,
        language: &str,
        cursor: Option<&str>,
    ) -> Answer<Listed<SdkRelease>> {
        let call = Call::get(on, &format!("/sdks/languages/{}/releases", encoded(language)));
        self.json(call.query("limit", Some("25")).query("cursor", cursor)).await
    }

    async fn sdk_signing_keys(&self, on: On<'_>) -> Answer<Vec<SdkSigningKey>> {
        let listed: All<SdkSigningKey> = self.json(Call::get(on, "/sdks/signing-keys")).await?;
        Ok(listed.data)
    }

    async fn sdk_download(&self, on: On<'_>, id: &str) -> Answer<String> {
        let call = Call::get(on, &format!("/sdks/artifacts/{}/download", encoded(id)));
        self.answered(call).await?.location.ok_or(PlatformError::Misunderstood)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::{super::*, *};

    /// Answers everything with this, and notes what was asked.
    struct Canned {
        status: u16,
        location: Option<&'static str>,
        body: &'static str,
        asked: Mutex<Vec<String>>,
    }

    #[async_trait]
    impl Connector for Canned {
        async fn send(&self, request: PlatformRequest) -> Result<PlatformAnswer, ConnectorError> {
            let sandbox = request.headers.iter().find(|(name, _)| *name == "sarai-sandbox");
            let sandbox = sandbox.map_or("", |(_, value)| value);
            self.asked.lock().unwrap().push(format!("{} {} {sandbox}", request.method, request.target));
            let (location, body) = (self.location.map(str::to_owned), self.body.as_bytes().to_vec());
            Ok(PlatformAnswer { status: self.status, retry_after: None, location, body })
        }
    }

    fn canned(
        status: u16,
        location: Option<&'static str>,
        body: &'static str,
    ) -> (Arc<Canned>, PlatformClient) {
        let canned = Arc::new(Canned { status, location, body, asked: Mutex::default() });
        (Arc::clone(&canned), PlatformClient::new(canned))
    }

    const ON: On<'_> = On { token: None, request_id: "", client: None, environment: "SANDBOX" };

    #[tokio::test]
    async fn an_article_that_moved_and_a_file_are_followed_by_whoever_asked() {
        let (_, moved) = canned(308, Some("/v1/docs/v1/new"), "");
        let found = moved.docs_article(ON, "v1", "old", "ps").await;
        assert_eq!(found, Ok(DocsFound::Moved("/v1/docs/v1/new".to_owned())));
        let (_, file) = canned(302, Some("/v1/sdks/content/art_1?signature=x"), "");
        assert_eq!(file.sdk_download(ON, "art_1").await.unwrap(), "/v1/sdks/content/art_1?signature=x");
        // Where an answer is wanted, an address is none.
        assert_eq!(file.sdk_languages(ON).await, Err(PlatformError::Misunderstood));
        let (_, nowhere) = canned(200, None, "{}");
        assert_eq!(nowhere.sdk_download(ON, "art_1").await, Err(PlatformError::Misunderstood));
    }

    #[tokio::test]
    async fn verifications_are_asked_for_in_their_sandbox() {
        let (asked, client) = canned(200, None, r#"{"data":[],"nextCursor":null,"hasMore":false}"#);
        let query = VerificationQuery {
            state: Some("FAILED".to_owned()),
            sandbox_id: Some("sbx_1".to_owned()),
            ..VerificationQuery::default()
        };
        assert!(client.verifications(ON, &query, Some("a b")).await.unwrap().data.is_empty());
        let wanted = "GET /v1/verifications?environment=SANDBOX&state=FAILED&limit=25&cursor=a%20b sbx_1";
        assert_eq!(*asked.asked.lock().unwrap(), [wanted]);
    }
}
