//! What auth says of a key, held against our own row: a revocation is final here before auth has heard of it (ruling R24).

use std::sync::Arc;

use async_trait::async_trait;
use sarai_domain::{
    devportal::{api_key::EffectiveStatus, values::RawKey},
    kernel::{Aggregate as _, ApiKeyId},
};
use sarai_ports::{
    GatewayError, Scope, StoreError,
    devportal::{KeyAuthenticator, KeyGrant, KeyRefusal, KeyRepository},
    system::Clock,
};

/// Keys that are good where both auth and their row say so. A key without a row is as auth says.
pub struct KeysInEffect {
    auth: Arc<dyn KeyAuthenticator>,
    rows: Arc<dyn KeyRepository>,
    clock: Arc<dyn Clock>,
}

impl KeysInEffect {
    /// Those that auth knows, held against these rows.
    pub fn new(auth: Arc<dyn KeyAuthenticator>, rows: Arc<dyn KeyRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { auth, rows, clock }
    }
}

#[async_trait]
impl KeyAuthenticator for KeysInEffect {
    async fn verify(&self, key: &RawKey) -> Result<KeyGrant, KeyRefusal> {
        let grant = self.auth.verify(key).await?;
        let unavailable = |error: StoreError| GatewayError::Unavailable(error.to_string());
        let row = self.rows.find(&Scope::System, &grant.key_id).await.map_err(unavailable)?;
        match row.map(|row| row.data().effective_status(self.clock.now())) {
            Some(EffectiveStatus::Revoked) => Err(KeyRefusal::Invalid),
            Some(EffectiveStatus::Active) | None => Ok(grant),
        }
    }

    fn remembers(&self, key: &RawKey) -> bool {
        self.auth.remembers(key)
    }

    fn forget(&self, key_id: &ApiKeyId) {
        self.auth.forget(key_id);
    }
}
