//! `POST /integrations/{source}/events`: what other services tell us, signed (ruling R44).

use poem_openapi::{Enum, Object, OpenApi, param::Path, payload::Json};
use sarai_application::marketplace::inbound::Inbound;
use sarai_ports::inbound::Source;
use serde_json::Value;

use super::{Tag, cloud_event};
use crate::{answers::Accepted, problem::Problem};

/// Routes of integration events.
#[derive(Clone)]
pub struct IntegrationRoutes {
    inbound: Inbound,
}

/// A service that tells us things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "IntegrationSource", rename_all = "snake_case", remote = "Source")]
pub enum ApiSource {
    /// Accounts.
    Auth,
    /// Payments, refunds, payouts, disputes, renewals.
    Billing,
    /// Published course versions.
    Catalog,
    /// Built play packages.
    Content,
    /// Messages on their way.
    Messaging,
    /// Tenants' verification.
    Tenant,
}

/// An event that was taken.
#[derive(Debug, Object)]
#[oai(rename = "TakenEvent", rename_all = "camelCase")]
pub struct TakenBody {
    /// The event's id.
    id: String,
}

impl IntegrationRoutes {
    /// Over this consumer.
    pub fn new(inbound: Inbound) -> Self {
        Self { inbound }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Integrations")]
impl IntegrationRoutes {
    /// Takes an event: structured `CloudEvents` 1.0 JSON, signed as a Standard Webhook.
    ///
    /// Taking one twice changes nothing. `type` and the members of `data`, with or without the source before
    /// and `.v1` after the type:
    ///
    /// | source | type | data |
    /// |---|---|---|
    /// | billing | `payment.succeeded` | `orderId`, `paymentIntentId`, `paymentId`, `amount` |
    /// | billing | `payment.declined`, `payment.failed` | `orderId`, `paymentIntentId`, `code` |
    /// | billing | `payment.voided` | `orderId`, `paymentIntentId` |
    /// | billing | `refund.succeeded` | `orderId`, `key` |
    /// | billing | `refund.failed` | `orderId`, `key`, `code` |
    /// | billing | `payout.paid` | `key`, `payoutId` |
    /// | billing | `payout.failed` | `key`, `code` |
    /// | billing | `dispute.opened`, `dispute.won`, `dispute.lost` | `orderId`, `disputeId` |
    /// | billing | `subscription.renewed` | `orderLineId`, `invoiceId`, `periodIndex`, `amount`, `tax` |
    /// | catalog | `course_version.published` | `courseId`, `courseVersionId` |
    /// | content | `play_package.built` | `courseVersionId` |
    /// | tenant | `kyc_verified`, `kyc_revoked` | `tenantId`, `at` |
    /// | auth | `account.created`, `.email_verified`, `.mfa_enrolled`, `.suspended`, `.reinstated`, `.closed` | `accountId`, `tenantId`, `sequence`, `email`, `emailVerified`, `mfaEnrolled`, `disabled` |
    /// | messaging | `message.sent`, `message.delivered`, `message.failed` | `messageId`, `tenantId`, `environment`, `keyId`, `to`, `operatorName`, `errorCode`, `at` |
    #[oai(path = "/integrations/:source/events", method = "post", operation_id = "integrations.receive")]
    async fn receive(
        &self,
        source: Path<ApiSource>,
        body: Json<Value>,
    ) -> Result<Accepted<TakenBody>, Problem> {
        let record = cloud_event::read(source.0.into(), &body)?;
        let id = record.id.clone();
        self.inbound.receive(record).await?;
        Ok(Accepted(TakenBody { id }))
    }
}
