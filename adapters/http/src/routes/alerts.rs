//! `POST /integrations/github/secret-alerts`: keys that were found where everybody can read them.

use poem_openapi::{Enum, Object, OpenApi, param::Header, payload::Json};
use sarai_application::devportal::keys::Keys;
use sarai_domain::devportal::values::HttpsUrl;
use serde::Deserialize;
use serde_json::Value;

use super::Tag;
use crate::{alerts::AlertKeys, caller::AsSent, problem::Problem};

/// How many keys an alert names at most.
const AT_ONCE: usize = 100;

/// Routes of alerts.
pub struct AlertRoutes {
    keys: Keys,
    signers: AlertKeys,
}

/// What became of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "SecretAlertLabel", rename_all = "snake_case")]
pub enum ApiAlertLabel {
    /// It was a key that worked, and works no more.
    TruePositive,
    /// It is no key that works.
    FalsePositive,
}

/// One answer.
#[derive(Debug, Object)]
#[oai(rename = "SecretAlertAnswer")]
pub struct AlertAnswerBody {
    /// The text that was found.
    token_raw: String,
    /// What the finder took it for.
    token_type: String,
    /// What it was.
    label: ApiAlertLabel,
}

#[derive(Deserialize)]
struct Alert {
    token: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    url: Option<String>,
}

impl AlertRoutes {
    /// Over these use cases, from whoever signs with these keys.
    pub fn new(keys: Keys, signers: AlertKeys) -> Self {
        Self { keys, signers }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Integrations")]
impl AlertRoutes {
    /// Take alerts of GitHub's secret scanning
    ///
    /// A key that works is revoked at once, with the reason `EXPOSED`. The pattern for scanners is
    /// `srk_(live|sbx)_[0-9A-Za-z]{49}`.
    #[oai(
        path = "/integrations/github/secret-alerts",
        method = "post",
        operation_id = "secret-alerts.receive"
    )]
    async fn receive(
        &self,
        sent: AsSent,
        #[oai(name = "Github-Public-Key-Identifier")] identifier: Header<Option<String>>,
        #[oai(name = "Github-Public-Key-Signature")] signature: Header<Option<String>>,
        body: Json<Value>,
    ) -> Result<Json<Vec<AlertAnswerBody>>, Problem> {
        if !self.signers.signed(identifier.0.as_deref(), signature.0.as_deref(), &sent.0) {
            return Err(Problem::new(
                "secret_alert.bad_signature",
                "the alert is not signed with a key we know",
            ));
        }
        let alerts: Vec<Alert> = serde_json::from_value(body.0)
            .map_err(|_| Problem::field("", "alerts are a list of `token`, `type` and `url`"))?;
        if alerts.len() > AT_ONCE {
            return Err(Problem::field("", format!("at most {AT_ONCE} alerts at a time")));
        }
        let mut answers = Vec::with_capacity(alerts.len());
        for alert in alerts {
            let found_at = alert.url.as_deref().and_then(|url| url.parse::<HttpsUrl>().ok());
            let was_one = self.keys.exposed(&alert.token, found_at).await?;
            let label = if was_one { ApiAlertLabel::TruePositive } else { ApiAlertLabel::FalsePositive };
            answers.push(AlertAnswerBody { token_raw: alert.token, token_type: alert.kind, label });
        }
        Ok(Json(answers))
    }
}
