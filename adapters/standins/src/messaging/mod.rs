//! `messaging-service`: it takes messages, says where they are, and tells when that changes.
//!
//! What becomes of a message is decided by its number when it is accepted, and where it is by the business clock, so
//! nothing has to move it. Messages in SANDBOX reach nobody and cost nothing.

mod codes;
mod demo;
mod log;
mod operators;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        template::{Measure, measure},
        values::{CountryCode, Environment},
    },
    kernel::{ApiKeyId, Hex, InvoiceId, MessageId, MoneyError, Price, TenantId, Timestamp},
};
use sarai_gateways::wire::Wire;
use sarai_ports::{
    GatewayError, Page, PageRequest, StoreError,
    devportal::{
        DailyMessages, DailyRequest, DeliveryReceipt, MESSAGES_AT_ONCE, Message, MessageErrorCode,
        MessageFilter, MessageQuote, MessageStats, MessageStatus, MessagingGateway, NewMessage,
        OperatorHealth, SHOWN_FROM, SenderId, Traffic,
    },
    inbound::{InboundEvent, InboundRecord, InboundSink, MessageReport, Source},
    system::{Clock, DueWork, IdGenerator},
};
use sha2::{Digest as _, Sha256};
use time::Duration;
use tokio_util::sync::CancellationToken;

use self::log::{Call, Row};
pub(crate) use self::log::{Log, invoice_id, invoiced_month};
use self::operators::Plan;
use crate::{
    callbacks::{Callbacks, Posted},
    documents::{Changes, Documents, DocumentsError},
    faults::Faults,
    keyed::refused,
    locked,
};

/// The most parts of a message.
const MAX_SEGMENTS: u8 = 10;

/// Messaging, embedded.
pub struct MessagingStandIn {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    documents: Arc<Documents>,
    log: Mutex<Log>,
    callbacks: Arc<Callbacks>,
    faults: Faults,
}

/// A call that changes something: what is to be told of it, and when.
type Told = Vec<(Timestamp, InboundRecord)>;

impl MessagingStandIn {
    /// The log of these documents.
    ///
    /// # Errors
    /// [`DocumentsError::Unreadable`].
    pub fn new(
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        documents: Arc<Documents>,
    ) -> Result<Self, DocumentsError> {
        let log = Mutex::new(Log::of(&documents)?);
        let callbacks = Callbacks::new("messaging.callback", Arc::clone(&clock), Arc::clone(&documents))?;
        Ok(Self { clock, ids, documents, log, callbacks, faults: Faults::default() })
    }

    /// Delivers all callbacks to this receiver from now on.
    pub fn connect(&self, sink: Arc<dyn InboundSink>) {
        self.callbacks.connect(sink);
    }

    /// Delivers callbacks as they become due by the business clock, until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        self.callbacks.run(stop).await;
    }

    /// Whether every call fails as unavailable before it does anything. Callbacks still go out.
    pub fn set_outage(&self, outage: bool) {
        self.faults.set_outage(outage);
    }

    /// Makes the next calls do their work and then fail as unavailable: the caller cannot know the outcome.
    pub fn lose_answers(&self, calls: u32) {
        self.faults.lose_answers(calls);
    }

    /// Fills the demo's log with what was sent in the last 125 days, once.
    ///
    /// # Errors
    /// Unavailable when it cannot be kept.
    pub fn seed_demo(&self) -> Result<(), GatewayError> {
        let now = self.clock.now();
        self.decide(|log, _| {
            if log.demo.is_empty() {
                demo::fill(log, now);
            }
            Ok(())
        })?
    }

    /// Says of most of a tenant's demo messages since then that they were sent with this key.
    ///
    /// # Errors
    /// Unavailable when it cannot be kept.
    pub fn demo_key(&self, tenant: &TenantId, key: ApiKeyId, since: Timestamp) -> Result<(), GatewayError> {
        self.seed_demo()?;
        self.decide(|log, _| {
            demo::attribute(log, tenant, key, since);
            Ok(())
        })?
    }

    /// Runs a call under the faults; answers when what it changed is kept.
    async fn turn<T>(
        &self,
        work: impl FnOnce(&mut Log, &mut Told) -> Result<T, GatewayError>,
    ) -> Result<T, GatewayError> {
        let answer = self.decide(work)?;
        self.documents.kept().await?;
        answer
    }

    fn decide<T>(
        &self,
        work: impl FnOnce(&mut Log, &mut Told) -> Result<T, GatewayError>,
    ) -> Result<Result<T, GatewayError>, GatewayError> {
        let mut told = Told::new();
        let mut log = locked(&self.log);
        log.sweep(self.clock.now());
        let answer = self.faults.call(|| work(&mut log, &mut told));
        let mut changes: Changes = self.documents.changes();
        log.note(&mut changes)?;
        let prepare = |(due, record)| self.callbacks.prepare(record, due, &mut changes);
        let posted: Vec<Posted> = told.into_iter().map(prepare).collect::<Result<_, _>>()?;
        self.documents.write(changes);
        drop(log);
        self.callbacks.enqueue(posted);
        Ok(answer)
    }

    /// What a tenant can still spend now.
    pub(crate) fn left(log: &Log, tenant: &TenantId, now: Timestamp) -> Result<Price, GatewayError> {
        let credit = Price::from_micros(demo::credit_micros(tenant), operators::currency().map_err(priced)?);
        log.left(tenant, credit.map_err(priced)?, now).map_err(priced)
    }

    /// Pays an invoice: what it billed can be spent again.
    ///
    /// # Errors
    /// Unavailable when it cannot be kept.
    pub(crate) fn pay(&self, id: InvoiceId) -> Result<(), GatewayError> {
        let now = self.clock.now();
        self.decide(|log, _| {
            if !log.paid.contains_key(&id) {
                log.paid.insert(id, now);
            }
            Ok(())
        })?
    }

    /// What the log says now.
    pub(crate) fn read<T>(&self, ask: impl FnOnce(&Log, Timestamp) -> T) -> T {
        let now = self.clock.now();
        ask(&locked(&self.log), now)
    }

    /// Waits until everything decided so far is kept.
    pub(crate) async fn kept(&self) -> Result<(), GatewayError> {
        self.documents.kept().await
    }
}

/// An amount that is none.
#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn priced(error: MoneyError) -> GatewayError {
    GatewayError::Unavailable(error.to_string())
}

/// Whether a message can be sent, and what it measures and costs.
fn admit(message: &NewMessage) -> Result<(Measure, Price), GatewayError> {
    if message.body.is_empty() {
        return Err(refused("body_empty"));
    }
    let measure = measure(&message.body);
    if measure.segments > MAX_SEGMENTS {
        return Err(refused("body_too_long"));
    }
    if !operators::is_reachable(&message.to) {
        return Err(refused("no_route"));
    }
    let country = message.to.country_code();
    let fits = |known: &SenderId| {
        known.sender == message.from
            && (known.countries.is_empty()
                || country.is_some_and(|country| known.countries.contains(&country)))
    };
    let sandbox = message.of.environment == Environment::Sandbox;
    if !sandbox && !demo::senders(&message.of.tenant_id).iter().any(fits) {
        return Err(refused("sender_not_allowed"));
    }
    Ok((measure, operators::price(&message.to, measure.segments).map_err(priced)?))
}

/// The digest of what was asked under a key.
fn digest_of(message: &NewMessage) -> Result<Hex<32>, GatewayError> {
    let text = serde_json::to_vec(&Wire(message));
    let text = text.map_err(|error| GatewayError::Unavailable(error.to_string()))?;
    Ok(Hex(Sha256::digest(text).into()))
}

/// What will be told of a message.
fn tellings(id: &MessageId, row: &Row) -> Told {
    let report = |at: Timestamp, error_code: Option<String>| MessageReport {
        message_id: id.clone(),
        tenant_id: row.of.tenant_id.clone(),
        environment: row.of.environment,
        key_id: row.key_id,
        to: row.to.masked(),
        operator_name: row.plan.operator.clone(),
        error_code,
        at,
    };
    let sent = row.sent_at().map(|at| (at, "sent", InboundEvent::MessageSent(report(at, None))));
    let over = row.final_at().map(|at| match row.plan.error.clone() {
        None => (at, "delivered", InboundEvent::MessageDelivered(report(at, None))),
        error => (at, "failed", InboundEvent::MessageFailed(report(at, error))),
    });
    let record =
        |what: &str, event| InboundRecord { id: format!("{id}:{what}"), source: Source::Messaging, event };
    sent.into_iter().chain(over).map(|(at, what, event)| (at, record(what, event))).collect()
}

#[async_trait]
impl MessagingGateway for MessagingStandIn {
    async fn send(&self, key: &str, message: &NewMessage) -> Result<Message, GatewayError> {
        let (now, asked) = (self.clock.now(), digest_of(message)?);
        let key = format!("{} {} {key}", message.of.tenant_id, message.of.environment.as_str());
        self.turn(|log, told| {
            if let Some(call) = log.calls.get(&key) {
                let known = log.rows.get(&call.answer).filter(|_| call.asked == asked);
                return known.map(|row| row.view(&call.answer, now)).ok_or_else(|| refused("key_reused"));
            }
            let (measure, price) = admit(message)?;
            let tenant = &message.of.tenant_id;
            let pays = message.of.environment == Environment::Production;
            if pays && Self::left(log, tenant, now)?.checked_sub(&price).is_err() {
                return Err(refused("insufficient_balance"));
            }
            let id = MessageId::try_new(format!("msg_{}", self.ids.ulid()))
                .map_err(|_| refused("invalid_request"))?;
            let row = Row {
                of: message.of.clone(),
                key_id: message.key_id,
                to: message.to.clone(),
                from: message.from.clone(),
                body: Some(message.body.clone()),
                digest: Hex(Sha256::digest(&message.body).into()),
                encoding: measure.encoding,
                segments: measure.segments,
                price,
                submitted_at: now,
                plan: Plan::of(&message.to),
            };
            told.extend(tellings(&id, &row));
            let view = row.view(&id, now);
            log.rows.insert(id.clone(), row);
            log.calls.insert(key, Call { asked, answer: id });
            Ok(view)
        })
        .await
    }

    async fn quote(&self, message: &NewMessage) -> Result<MessageQuote, GatewayError> {
        let now = self.clock.now();
        self.turn(|log, _| {
            let (Measure { encoding, segments, .. }, price) = admit(message)?;
            let left = Self::left(log, &message.of.tenant_id, now)?;
            let balance_after = match message.of.environment {
                Environment::Production => left.checked_sub(&price).ok(),
                Environment::Sandbox => Some(left),
            };
            Ok(MessageQuote { encoding, segments, price, balance_after })
        })
        .await
    }

    async fn messages(
        &self,
        of: &Traffic,
        filter: &MessageFilter,
        page: &PageRequest,
    ) -> Result<Page<Message>, GatewayError> {
        let (limit, cursor) = (page.limit.clamp(1, MESSAGES_AT_ONCE), page.cursor.clone());
        self.turn(|log, _| Ok(log.page(of, filter, &PageRequest { limit, cursor }, self.clock.now()))).await
    }

    async fn stats(&self, of: &Traffic, filter: &MessageFilter) -> Result<MessageStats, GatewayError> {
        self.turn(|log, _| Ok(log.stats(of, filter, self.clock.now()))).await
    }

    async fn message(&self, of: &Traffic, id: &MessageId) -> Result<Option<Message>, GatewayError> {
        self.turn(|log, _| Ok(log.find(of, id).map(|row| row.view(id, self.clock.now())))).await
    }

    async fn receipt(&self, of: &Traffic, id: &MessageId) -> Result<Option<DeliveryReceipt>, GatewayError> {
        let now = self.clock.now();
        self.turn(|log, _| {
            let Some(row) = log.find(of, id) else { return Ok(None) };
            let shown = row.view(id, now);
            let final_at = row.final_at().filter(|_| shown.status > MessageStatus::Sent);
            Ok(Some(DeliveryReceipt {
                message_id: shown.id,
                to: shown.to,
                from: shown.from,
                body_digest: shown.body_digest,
                status: shown.status,
                operator_name: shown.operator_name,
                error_code: shown.error_code,
                submitted_at: shown.submitted_at,
                sent_at: shown.sent_at,
                final_at: final_at.ok_or_else(|| refused("not_final"))?,
            }))
        })
        .await
    }

    async fn sender_ids(&self, tenant: &TenantId) -> Result<Vec<SenderId>, GatewayError> {
        self.turn(|_, _| Ok(demo::senders(tenant))).await
    }

    async fn error_codes(&self) -> Result<Vec<MessageErrorCode>, GatewayError> {
        self.turn(|_, _| Ok(codes::catalogue())).await
    }

    async fn operator_health(&self, operator: &str) -> Result<Option<OperatorHealth>, GatewayError> {
        let until = self.clock.now();
        let from = until.plus(Duration::hours(-1));
        self.turn(|log, _| {
            let Some(name) = operators::is_known(operator) else { return Ok(None) };
            let over = |row: &&Row| row.final_at().is_some_and(|at| from <= at && at <= until);
            let here = |row: &&Row| {
                row.of.environment == Environment::Production && operators::operator(&row.to) == Some(name)
            };
            let rows: Vec<&Row> = log.rows.values().filter(over).filter(here).collect();
            let others = if log.demo.is_empty() { (0, 0) } else { demo::others(name) };
            let count = |rows: usize| u32::try_from(rows).unwrap_or(u32::MAX);
            let failed = rows.iter().filter(|row| row.plan.error.is_some()).count();
            let (all, failed) =
                (count(rows.len()).saturating_add(others.0), count(failed).saturating_add(others.1));
            let shown = all >= SHOWN_FROM;
            Ok(Some(OperatorHealth {
                operator_name: name.to_owned(),
                from,
                until,
                messages: shown.then_some(all),
                failed_bps: shown.then(|| failed.saturating_mul(10_000).checked_div(all)).flatten(),
            }))
        })
        .await
    }

    async fn daily(&self, request: &DailyRequest) -> Result<Vec<DailyMessages>, GatewayError> {
        self.turn(|log, _| log.daily(request, self.clock.now())).await
    }
}

#[async_trait]
impl DueWork for MessagingStandIn {
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.callbacks.next_due(after))
    }

    async fn run_due(&self) -> Result<usize, StoreError> {
        self.callbacks.run_due().await
    }
}

/// The countries of these codes.
fn countries(codes: &[&str]) -> BTreeSet<CountryCode> {
    codes.iter().filter_map(|code| CountryCode::parse(code).ok()).collect()
}
