//! What staff do about deliveries: see what is left undone, try dead letters again, publish a range once more.

use std::sync::Arc;

use sarai_domain::kernel::{EventId, Kind, Timestamp};
use sarai_ports::{
    audit::Deed,
    events::{ConsumerBacklog, Republished},
};

use super::routes::BROKER;
use crate::{AppError, Call, Ports};

/// How many events are published again by one request.
const PART: usize = 1_000;

/// The use cases of the platform's staff about the outbox.
#[derive(Clone)]
pub struct OutboxDesk {
    ports: Arc<Ports>,
}

/// What is left undone.
#[derive(Debug, Clone)]
pub struct LeftUndone {
    /// Whether events are published to a broker.
    pub broker: bool,
    /// By consumer.
    pub consumers: Vec<ConsumerBacklog>,
    /// Real time: what the oldest are compared with.
    pub now: Timestamp,
}

impl OutboxDesk {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// What every consumer has left undone.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn show(&self, call: &Call) -> Result<LeftUndone, AppError> {
        call.platform_scope()?;
        let consumers = self.ports.outbox.backlogs().await?;
        Ok(LeftUndone { broker: self.ports.publishes, consumers, now: self.ports.clock.real() })
    }

    /// Writes down who does what and why, before it is done.
    async fn note(&self, call: &Call, action: &'static str, target: String) -> Result<(), AppError> {
        let deed = Deed {
            at: self.ports.now(),
            tenant_id: call.principal.tenant_id.clone(),
            actor: call.principal.user_id.to_string(),
            action,
            target,
            reason: call.reason.clone(),
            request_id: call.request_id.clone(),
        };
        Ok(self.ports.audit.note(&deed).await?)
    }

    /// Gives dead letters all their tries again: of one aggregate, or of all. How many there were.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn redrive(&self, call: &Call, subject: Option<&str>) -> Result<usize, AppError> {
        call.platform_scope()?;
        self.note(call, "outbox.redrive", subject.unwrap_or("*").to_owned()).await?;
        let count = match subject {
            Some(subject) => self.ports.outbox.redrive(subject).await?,
            None => self.ports.outbox.redrive_all().await?,
        };
        let (by, reason) = (call.principal.user_id.as_str(), call.reason.as_deref().unwrap_or_default());
        tracing::info!(by, reason, subject, count, "dead letters were redriven");
        Ok(count)
    }

    /// Publishes the first events of a range, by the time of their commit, once more: those after `after`. Without an
    /// end the range ends now.
    ///
    /// # Errors
    /// `forbidden`, `outbox.no_broker`.
    pub async fn republish(
        &self,
        call: &Call,
        from: Timestamp,
        to: Option<Timestamp>,
        after: Option<(Timestamp, EventId)>,
    ) -> Result<Republished, AppError> {
        call.platform_scope()?;
        if !self.ports.publishes {
            let message = "no broker is configured: there is nowhere to publish to";
            return Err(AppError::new(Kind::Conflict, "outbox.no_broker", message));
        }
        let to = to.unwrap_or_else(|| self.ports.clock.real());
        self.note(call, "outbox.republish", format!("{from}/{to}")).await?;
        let part = self.ports.outbox.republish(BROKER, from, to, after, PART).await?;
        let (by, reason) = (call.principal.user_id.as_str(), call.reason.as_deref().unwrap_or_default());
        let (events, deliveries) = (part.events, part.deliveries);
        tracing::info!(by, reason, events, deliveries, "events are published again");
        Ok(part)
    }
}
