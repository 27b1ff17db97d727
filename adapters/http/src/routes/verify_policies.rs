//! Where and how a tenant sends codes, how much it spends, and who verifies our approvals (devportal.md 3.10, R12, R14).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use poem_openapi::{
    OpenApi,
    param::{Header, Query},
    payload::{Json, Response},
    types::Any,
};
use sarai_application::devportal::verify::Verify;
use sarai_domain::{devportal::values::Environment, kernel::Aggregate as _};
use serde_json::{Value, json};

use super::{
    Tag,
    key_body::ApiEnvironment,
    policy_body::{AllowBody, CapsBody, SettingsBody, SpendPolicyBody, VerifyPolicyBody},
    verify_request::UnlockBody,
};
use crate::{
    answers::{Done, Tagged},
    caller::{Caller, if_match},
    problem::Problem,
};

/// Routes of Verify's policies and keys.
pub struct VerifyPolicyRoutes {
    verify: Verify,
}

impl VerifyPolicyRoutes {
    /// Over these use cases.
    pub fn new(verify: Verify) -> Self {
        Self { verify }
    }

    fn keys(&self, environment: Environment) -> Result<Response<Json<Any<Value>>>, Problem> {
        let (kid, key) = self.verify.approval_key(environment)?;
        let key = json!({
            "alg": "EdDSA", "crv": "Ed25519", "kid": kid, "kty": "OKP", "use": "sig",
            "x": URL_SAFE_NO_PAD.encode(key),
        });
        let set = Json(Any(json!({"keys": [key]})));
        Ok(Response::new(set).header("cache-control", "public, max-age=300"))
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Verify")]
impl VerifyPolicyRoutes {
    /// Where and how codes are sent
    #[oai(path = "/verify-policy", method = "get", operation_id = "verify-policy.get")]
    async fn policy(
        &self,
        caller: Caller,
        environment: Query<Option<ApiEnvironment>>,
    ) -> Result<Tagged<200, VerifyPolicyBody>, Problem> {
        let policy = self.verify.verify_policy(&caller.0, environment.0.map(Environment::from)).await?;
        let version = policy.version();
        Ok(Tagged { version, body: VerifyPolicyBody::of(&policy, version) })
    }

    /// Say where and how codes are sent
    #[oai(path = "/verify-policy", method = "put", operation_id = "verify-policy.set")]
    async fn set_policy(
        &self,
        caller: Caller,
        environment: Query<Option<ApiEnvironment>>,
        #[oai(name = "If-Match")] version: Header<Option<String>>,
        body: Json<SettingsBody>,
    ) -> Result<Tagged<200, VerifyPolicyBody>, Problem> {
        let version = if_match(version.0.as_deref())?;
        let environment = environment.0.map(Environment::from);
        let set = self.verify.set_verify_policy(&caller.0, environment, version, body.0.parse()?).await?;
        Ok(Tagged { version: set.version, body: VerifyPolicyBody::of(&set.aggregate, set.version) })
    }

    /// Send codes to one country more
    ///
    /// What a start was refused for with `verification.country_not_allowed`. The home country stays allowed; again is the
    /// same.
    #[oai(path = "/verify-policy/allow", method = "post", operation_id = "verify-policy.allow")]
    async fn allow(
        &self,
        caller: Caller,
        environment: Query<Option<ApiEnvironment>>,
        body: Json<AllowBody>,
    ) -> Result<Tagged<200, VerifyPolicyBody>, Problem> {
        let environment = environment.0.map(Environment::from);
        let set = self.verify.allow_country(&caller.0, environment, body.0.parse()?).await?;
        Ok(Tagged { version: set.version, body: VerifyPolicyBody::of(&set.aggregate, set.version) })
    }

    /// Forget the failed checks of a destination
    #[oai(path = "/verify-policy/unlock", method = "post", operation_id = "verify-policy.unlock")]
    async fn unlock(&self, caller: Caller, body: Json<UnlockBody>) -> Result<Done, Problem> {
        let (tenant, environment, to) = body.0.parse()?;
        self.verify.unlock(&caller.because(body.0.reason), &tenant, environment, &to).await?;
        Ok(Done)
    }

    /// How much is spent on codes
    #[oai(path = "/spend-policy", method = "get", operation_id = "spend-policy.get")]
    async fn spending(
        &self,
        caller: Caller,
        environment: Query<Option<ApiEnvironment>>,
    ) -> Result<Tagged<200, SpendPolicyBody>, Problem> {
        let policy = self.verify.spend_policy(&caller.0, environment.0.map(Environment::from)).await?;
        let version = policy.version();
        Ok(Tagged { version, body: SpendPolicyBody::of(&policy, version) })
    }

    /// Say how much is spent on codes
    #[oai(path = "/spend-policy", method = "put", operation_id = "spend-policy.set")]
    async fn set_spending(
        &self,
        caller: Caller,
        environment: Query<Option<ApiEnvironment>>,
        #[oai(name = "If-Match")] version: Header<Option<String>>,
        body: Json<CapsBody>,
    ) -> Result<Tagged<200, SpendPolicyBody>, Problem> {
        let version = if_match(version.0.as_deref())?;
        let environment = environment.0.map(Environment::from);
        let set = self.verify.set_spend_policy(&caller.0, environment, version, body.0.into()).await?;
        Ok(Tagged { version: set.version, body: SpendPolicyBody::of(&set.aggregate, set.version) })
    }

    /// The public key that verifies approvals of production, as a JWKS document
    #[oai(path = "/.well-known/verify-jwks.json", method = "get", operation_id = "verify-jwks.get")]
    #[allow(clippy::unused_async, reason = "the library wants every handler async")]
    async fn jwks(&self) -> Result<Response<Json<Any<Value>>>, Problem> {
        self.keys(Environment::Production)
    }

    /// The public key that verifies approvals of sandboxes, as a JWKS document
    #[oai(
        path = "/.well-known/verify-sandbox-jwks.json",
        method = "get",
        operation_id = "verify-sandbox-jwks.get"
    )]
    #[allow(clippy::unused_async, reason = "the library wants every handler async")]
    async fn sandbox_jwks(&self) -> Result<Response<Json<Any<Value>>>, Problem> {
        self.keys(Environment::Sandbox)
    }
}
