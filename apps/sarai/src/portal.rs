//! The customer portal over this process's API, or over another's (ruling R29).

use std::sync::Arc;

use async_trait::async_trait;
use sarai_gateways::platform::{
    Connector, ConnectorError, HttpConnector, PlatformAnswer, PlatformClient, PlatformRequest,
};
use sarai_http::{api::Api, memory_call};
use sarai_standins::demo;
use sarai_system::OsEntropy;
use sarai_web::{Portal, PortalParts, seal::SealingKey};

use crate::{
    config::{Config, Profile},
    embedded::Embedded,
    wire::WireError,
};

/// The account that the demo's sign-in page names.
const DEMO_ACCOUNT: &str = "developer@demo.test";

/// Hands calls to the API of this process, without a socket: everything it checks is checked.
struct InMemory(Api);

#[async_trait]
impl Connector for InMemory {
    async fn send(&self, request: PlatformRequest) -> Result<PlatformAnswer, ConnectorError> {
        let PlatformRequest { method, target, headers, body, client } = request;
        let answer = memory_call::call(&self.0, method, &target, &headers, body.unwrap_or_default(), client);
        let answer = answer.await.ok_or(ConnectorError::Unreachable)?;
        let memory_call::Answered { status, retry_after, location, body } = answer;
        Ok(PlatformAnswer { status, retry_after, location, body })
    }
}

/// The portal of a wired process.
///
/// # Errors
/// When the address of the API is none.
pub fn portal(embedded: &Embedded, config: &Config, api: &Api) -> Result<Portal, WireError> {
    let connector: Arc<dyn Connector> = match &config.api_url {
        Some(address) => Arc::new(HttpConnector::new(address)?),
        None => Arc::new(InMemory(api.clone())),
    };
    Ok(Portal::new(PortalParts {
        platform: Arc::new(PlatformClient::new(connector)),
        clock: Arc::clone(&embedded.ports.clock),
        ids: Arc::clone(&embedded.ports.ids),
        entropy: Arc::new(OsEntropy),
        keys: vec![SealingKey { id: "k1".to_owned(), key: embedded.keys.portal }],
        tls: config.profile == Profile::Production,
        demo: config.demo.then(|| (DEMO_ACCOUNT.to_owned(), demo::PASSWORD.to_owned())),
    }))
}
