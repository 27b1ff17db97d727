//! What is worth knowing before and after a message: sender ids, error codes, how operators do.

use poem_openapi::{
    Enum, Object, OpenApi,
    param::Path,
    payload::Json,
    types::{ParseFromJSON, ToJSON},
};
use sarai_application::devportal::messages::Messages;
use sarai_ports::devportal::{Fault, MessageErrorCode, OperatorHealth, SenderId, Translated};

use super::Tag;
use crate::{caller::Caller, problem::Problem, scalars::ApiTimestamp};

/// Routes of these facts.
pub struct MessagingRoutes {
    messages: Messages,
}

/// All there are.
#[derive(Object)]
#[oai(rename = "ListOf")]
pub struct ListBody<T: ParseFromJSON + ToJSON> {
    data: Vec<T>,
}

/// A name or number that the tenant may send from.
#[derive(Object)]
#[oai(rename = "SenderId")]
pub struct SenderIdBody {
    /// As it is shown.
    sender: String,
    /// Where it is registered; empty: everywhere.
    countries: Vec<String>,
}

impl From<SenderId> for SenderIdBody {
    fn from(id: SenderId) -> Self {
        Self { sender: id.sender, countries: id.countries.iter().map(ToString::to_string).collect() }
    }
}

/// Who can do something about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "MessageFault", rename_all = "snake_case")]
pub enum ApiFault {
    /// Whoever sent it.
    Sender,
    /// Whoever should have received it.
    Recipient,
    /// The operator.
    Operator,
    /// The platform.
    Platform,
}

impl From<Fault> for ApiFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sender => Self::Sender,
            Fault::Recipient => Self::Recipient,
            Fault::Operator => Self::Operator,
            Fault::Platform => Self::Platform,
        }
    }
}

/// A text in three languages.
#[derive(Object)]
#[oai(rename = "Translated")]
pub struct TranslatedBody {
    /// English.
    en: String,
    /// Pashto.
    ps: String,
    /// Dari.
    fa: String,
}

impl From<Translated> for TranslatedBody {
    fn from(Translated { en, ps, fa }: Translated) -> Self {
        Self { en, ps, fa }
    }
}

/// Why a message comes to nothing.
#[derive(Object)]
#[oai(rename = "MessageErrorCode", rename_all = "camelCase")]
pub struct MessageErrorCodeBody {
    code: String,
    fault: ApiFault,
    /// What it means.
    meaning: TranslatedBody,
    /// What to do next.
    next_step: TranslatedBody,
}

impl From<MessageErrorCode> for MessageErrorCodeBody {
    fn from(code: MessageErrorCode) -> Self {
        Self {
            code: code.code,
            fault: code.fault.into(),
            meaning: code.meaning.into(),
            next_step: code.next_step.into(),
        }
    }
}

/// How an operator did, over all tenants.
#[derive(Object)]
#[oai(rename = "OperatorHealth", rename_all = "camelCase")]
pub struct OperatorHealthBody {
    operator_name: String,
    from: ApiTimestamp,
    until: ApiTimestamp,
    /// How many messages were over in that time; null when they are too few to say.
    messages: Option<u32>,
    /// How many ten-thousandths of them failed; null likewise.
    failed_bps: Option<u32>,
}

impl From<OperatorHealth> for OperatorHealthBody {
    fn from(health: OperatorHealth) -> Self {
        Self {
            operator_name: health.operator_name,
            from: health.from.into(),
            until: health.until.into(),
            messages: health.messages,
            failed_bps: health.failed_bps,
        }
    }
}

fn all<R, T: ParseFromJSON + ToJSON + From<R>>(rows: Vec<R>) -> Json<ListBody<T>> {
    Json(ListBody { data: rows.into_iter().map(T::from).collect() })
}

impl MessagingRoutes {
    /// Over these use cases.
    pub fn new(messages: Messages) -> Self {
        Self { messages }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Messages")]
impl MessagingRoutes {
    /// What the tenant may send from
    #[oai(path = "/sender-ids", method = "get", operation_id = "sender-ids.list")]
    async fn sender_ids(&self, caller: Caller) -> Result<Json<ListBody<SenderIdBody>>, Problem> {
        Ok(all(self.messages.sender_ids(&caller.0).await?))
    }

    /// Every code that a message can fail with
    #[oai(path = "/message-error-codes", method = "get", operation_id = "message-error-codes.list")]
    async fn error_codes(&self, caller: Caller) -> Result<Json<ListBody<MessageErrorCodeBody>>, Problem> {
        Ok(all(self.messages.error_codes(&caller.0).await?))
    }

    /// How an operator did in the last hour, over all tenants
    #[oai(path = "/operators/:name/health", method = "get", operation_id = "operators.health")]
    async fn operator_health(
        &self,
        caller: Caller,
        name: Path<String>,
    ) -> Result<Json<OperatorHealthBody>, Problem> {
        Ok(Json(self.messages.operator_health(&caller.0, &name.0).await?.into()))
    }
}
