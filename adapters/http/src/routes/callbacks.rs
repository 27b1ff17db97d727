//! `POST /callbacks/{provider}/receipts`: what providers say of messages they took, signed with a secret of theirs
//! (`fixtures/contracts/sender-http.yaml`).

use poem_openapi::{
    OpenApi,
    param::{Header, Path},
    payload::Json,
};
use sarai_application::devportal::verify::Verify;
use sarai_ports::devportal::Callback;
use serde_json::Value;

use super::Tag;
use crate::{answers::Done, caller::AsSent, problem::Problem};

/// Routes of providers' callbacks.
pub struct CallbackRoutes {
    verify: Verify,
}

impl CallbackRoutes {
    /// Over these use cases.
    pub fn new(verify: Verify) -> Self {
        Self { verify }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Integrations")]
impl CallbackRoutes {
    /// Take receipts of a provider
    ///
    /// A receipt, a list of them, or `{"receipts": [...]}`. Whatever they say, late, twice or out of order, the answer to
    /// the provider is the same; an unknown provider is one whose signature is wrong.
    #[oai(path = "/callbacks/:provider/receipts", method = "post", operation_id = "callbacks.receive")]
    async fn receive(
        &self,
        sent: AsSent,
        provider: Path<String>,
        #[oai(name = "Sarai-Timestamp")] timestamp: Header<Option<String>>,
        #[oai(name = "Sarai-Signature")] signature: Header<Option<String>>,
        _body: Json<Value>,
    ) -> Result<Done, Problem> {
        let callback =
            Callback { timestamp: timestamp.0.as_deref(), signature: signature.0.as_deref(), body: &sent.0 };
        if self.verify.callback(&provider.0, callback).await? {
            Ok(Done)
        } else {
            Err(Problem::new("bad_signature", "the signature is not this provider's, or too old"))
        }
    }
}
