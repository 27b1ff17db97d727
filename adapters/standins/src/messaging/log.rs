//! The log: what was accepted and what will become of it. Where a message is follows from the clock; nothing moves.

use std::collections::BTreeMap;

use sarai_domain::{
    devportal::{
        template::Encoding,
        values::{E164Phone, Environment},
    },
    kernel::{
        ApiKeyId, Digest, InvoiceId, MessageId, MoneyError, PeriodMonth as Month, Price, TenantId, Timestamp,
    },
};
use sarai_gateways::wire::wired;
use sarai_ports::{
    GatewayError, Page, PageRequest,
    devportal::{
        COUNTED_MESSAGES, DailyMessages, DailyRequest, Message, MessageFilter, MessageStats, MessageStatus,
        Recipient, Traffic,
    },
};
use serde::{Deserialize, Serialize};
use time::Duration;

use super::operators::{self, Plan};
use crate::{
    documents::{Changes, Documents, DocumentsError},
    keyed::refused,
    table::Table,
};

/// After how many days what a message says is removed.
pub(super) const RETENTION_DAYS: u32 = 30;
/// How many days are counted at most.
const MAX_DAYS: usize = 400;
const SWEEP: Duration = Duration::hours(1);

/// A message as it was accepted.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    #[serde(with = "wired")]
    pub(super) of: Traffic,
    pub(super) key_id: Option<ApiKeyId>,
    #[serde(with = "wired")]
    pub(super) to: E164Phone,
    pub(super) from: String,
    pub(super) body: Option<String>,
    pub(super) digest: Digest,
    pub(super) encoding: Encoding,
    pub(crate) segments: u8,
    pub(crate) price: Price,
    pub(super) submitted_at: Timestamp,
    pub(crate) plan: Plan,
}

/// A call that was answered: what was asked by its digest only, since it says what the message said.
#[derive(Serialize, Deserialize)]
pub(super) struct Call {
    pub(super) asked: Digest,
    pub(super) answer: MessageId,
}

pub(crate) struct Log {
    pub(super) rows: Table<MessageId, Row>,
    pub(super) calls: Table<String, Call>,
    /// When each paid invoice was paid.
    pub(crate) paid: Table<InvoiceId, Timestamp>,
    /// Whether the demo's messages were made, and when.
    pub(super) demo: Table<(), Timestamp>,
    swept: Option<Timestamp>,
}

impl Row {
    fn after(&self, millis: u32) -> Timestamp {
        self.submitted_at.plus(Duration::milliseconds(i64::from(millis)))
    }

    pub(super) fn sent_at(&self) -> Option<Timestamp> {
        self.plan.sent_after.map(|millis| self.after(millis))
    }

    pub(super) fn final_at(&self) -> Option<Timestamp> {
        self.plan.final_after.map(|millis| self.after(millis))
    }

    pub(super) fn status(&self, now: Timestamp) -> MessageStatus {
        match (self.final_at(), self.sent_at()) {
            (Some(at), _) if at <= now && self.plan.error.is_some() => MessageStatus::Failed,
            (Some(at), _) if at <= now => MessageStatus::Delivered,
            (_, Some(at)) if at <= now => MessageStatus::Sent,
            _ => MessageStatus::Queued,
        }
    }

    /// Whether it is paid for: production, and it left.
    pub(super) fn is_billed(&self) -> bool {
        self.of.environment == Environment::Production && self.plan.sent_after.is_some()
    }

    fn redacted_at(&self, now: Timestamp) -> Option<Timestamp> {
        Some(self.submitted_at.plus_days(RETENTION_DAYS)).filter(|at| *at <= now)
    }

    /// As it is shown now.
    pub(super) fn view(&self, id: &MessageId, now: Timestamp) -> Message {
        let status = self.status(now);
        let past = |at: Option<Timestamp>| at.filter(|at| *at <= now);
        let over = |wanted| past(self.final_at()).filter(|_| status == wanted);
        let body_redacted_at = self.redacted_at(now);
        let sent_at = past(self.sent_at());
        Message {
            id: id.clone(),
            key_id: self.key_id,
            to: self.to.clone(),
            from: self.from.clone(),
            body: self.body.clone().filter(|_| body_redacted_at.is_none()),
            body_redacted_at,
            body_digest: self.digest,
            encoding: self.encoding,
            segments: self.segments,
            price: self.price,
            status,
            submitted_at: self.submitted_at,
            sent_at,
            delivered_at: over(MessageStatus::Delivered),
            failed_at: over(MessageStatus::Failed),
            operator_name: self.plan.operator.clone().filter(|_| sent_at.is_some()),
            error_code: self.plan.error.clone().filter(|_| status == MessageStatus::Failed),
        }
    }
}

/// The tenant and month of an invoice.
pub(crate) fn invoice_id(tenant: &TenantId, month: Month) -> Option<InvoiceId> {
    InvoiceId::try_new(format!("inv_{month}_{tenant}")).ok()
}

/// The month that an invoice of this tenant bills.
pub(crate) fn invoiced_month(tenant: &TenantId, id: &InvoiceId) -> Option<Month> {
    let (month, whose) = id.as_str().strip_prefix("inv_")?.split_once('_')?;
    month.parse().ok().filter(|_| whose == tenant.as_str())
}

/// Whether a filter wants a row, but for its status.
fn wanted(row: &Row, filter: &MessageFilter) -> bool {
    let MessageFilter { statuses: _, to, from, after, before, key_id, invoice_id } = filter;
    let to = match to {
        None => true,
        Some(Recipient::Number(number)) => row.to == *number,
        Some(Recipient::Prefix(prefix)) => row.to.as_str().starts_with(prefix.as_str()),
    };
    let when = match invoice_id {
        Some(id) => {
            let month = invoiced_month(&row.of.tenant_id, id);
            row.is_billed() && month == Some(Month::of(row.submitted_at))
        }
        None => {
            after.is_none_or(|after| after <= row.submitted_at)
                && before.is_none_or(|before| row.submitted_at < before)
        }
    };
    to && when
        && from.as_ref().is_none_or(|from| row.from == *from)
        && key_id.is_none_or(|key| row.key_id == Some(key))
}

impl Log {
    pub(super) fn of(documents: &Documents) -> Result<Self, DocumentsError> {
        let mut log = Self {
            rows: Table::new("messaging.message"),
            calls: Table::new("messaging.call"),
            paid: Table::new("billing.paid_invoice"),
            demo: Table::new("messaging.demo"),
            swept: None,
        };
        log.rows.fill(documents)?;
        log.calls.fill(documents)?;
        log.paid.fill(documents)?;
        log.demo.fill(documents)?;
        Ok(log)
    }

    pub(super) fn note(&mut self, changes: &mut Changes) -> Result<(), GatewayError> {
        self.rows.note(changes)?;
        self.calls.note(changes)?;
        self.paid.note(changes)?;
        self.demo.note(changes)
    }

    /// Removes for good what is not shown any more; looks once an hour.
    pub(super) fn sweep(&mut self, now: Timestamp) {
        if self.swept.is_some_and(|swept| now.since(swept) < SWEEP) {
            return;
        }
        self.swept = Some(now);
        let old = self.rows.iter().filter(|(_, row)| row.body.is_some() && row.redacted_at(now).is_some());
        for id in old.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            if let Some(row) = self.rows.get_mut(&id) {
                row.body = None;
            }
        }
    }

    fn theirs<'a>(
        &'a self,
        of: &'a Traffic,
        filter: &'a MessageFilter,
    ) -> impl Iterator<Item = (&'a MessageId, &'a Row)> {
        self.rows.iter().filter(move |(_, row)| row.of == *of && wanted(row, filter))
    }

    pub(super) fn page(
        &self,
        of: &Traffic,
        filter: &MessageFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Page<Message> {
        let in_status = |row: &Row| filter.statuses.is_empty() || filter.statuses.contains(&row.status(now));
        let rows = self.theirs(of, filter).filter(|(_, row)| in_status(row)).collect();
        let place = |(id, row): &(&MessageId, &Row)| (row.submitted_at.unix_micros(), id.to_string());
        Page::cut(rows, page, true, place).map(|(id, row)| row.view(id, now))
    }

    pub(super) fn stats(&self, of: &Traffic, filter: &MessageFilter, now: Timestamp) -> MessageStats {
        let mut counts: BTreeMap<MessageStatus, u32> = BTreeMap::new();
        for (_, row) in self.theirs(of, filter) {
            let count = counts.entry(row.status(now)).or_default();
            *count = count.saturating_add(1).min(COUNTED_MESSAGES);
        }
        let count = |status| counts.get(&status).copied().unwrap_or_default();
        MessageStats {
            queued: count(MessageStatus::Queued),
            sent: count(MessageStatus::Sent),
            delivered: count(MessageStatus::Delivered),
            failed: count(MessageStatus::Failed),
            retention_days: RETENTION_DAYS,
        }
    }

    pub(super) fn find(&self, of: &Traffic, id: &MessageId) -> Option<&Row> {
        self.rows.get(id).filter(|row| row.of == *of)
    }

    pub(super) fn daily(
        &self,
        request: &DailyRequest,
        now: Timestamp,
    ) -> Result<Vec<DailyMessages>, GatewayError> {
        let day_of = |at: Timestamp| {
            let micros = at.unix_micros();
            Timestamp::from_unix_micros(micros.saturating_sub(micros.rem_euclid(86_400_000_000)))
        };
        let days = std::iter::successors(Some(day_of(request.from)), |day| Some(day.plus_days(1)));
        let days: Vec<_> =
            days.take_while(|day| *day < request.until).take(MAX_DAYS.saturating_add(1)).collect();
        if days.len() > MAX_DAYS {
            return Err(refused("window_too_large"));
        }
        let mut counted: BTreeMap<Timestamp, DailyMessages> = days
            .into_iter()
            .map(|day| (day, DailyMessages { day, sent: 0, delivered: 0, failed: 0 }))
            .collect();
        let filter = MessageFilter { key_id: request.key_id, ..MessageFilter::default() };
        for (_, row) in self.theirs(&request.of, &filter).filter(|(_, row)| row.submitted_at < request.until)
        {
            let Some(day) = counted.get_mut(&day_of(row.submitted_at)) else { continue };
            let status = row.status(now);
            let one = |yes: bool| u32::from(yes);
            day.sent = day.sent.saturating_add(one(row.sent_at().is_some_and(|at| at <= now)));
            day.delivered = day.delivered.saturating_add(one(status == MessageStatus::Delivered));
            day.failed = day.failed.saturating_add(one(status == MessageStatus::Failed));
        }
        Ok(counted.into_values().collect())
    }

    /// What of a month is billed to a tenant.
    pub(crate) fn billed(&self, tenant: &TenantId, month: Month) -> impl Iterator<Item = &Row> {
        let within = move |row: &Row| row.is_billed() && Month::of(row.submitted_at) == month;
        self.rows.values().filter(move |row| row.of.tenant_id == *tenant && within(row))
    }

    /// The months in which a tenant has something to pay for.
    pub(crate) fn months(&self, tenant: &TenantId) -> std::collections::BTreeSet<Month> {
        let theirs = self.rows.values().filter(|row| row.of.tenant_id == *tenant && row.is_billed());
        theirs.map(|row| Month::of(row.submitted_at)).collect()
    }

    /// What a tenant with so much credit can still spend: what is paid for is not missing any more.
    pub(super) fn left(&self, tenant: &TenantId, credit: Price, now: Timestamp) -> Result<Price, MoneyError> {
        let is_paid = |month: Month| {
            let paid = invoice_id(tenant, month).and_then(|id| self.paid.get(&id).copied());
            paid.is_some_and(|at| at <= now)
        };
        let mut spent = Price::zero(operators::currency()?);
        for month in self.months(tenant).into_iter().filter(|month| !is_paid(*month)) {
            spent = spent.checked_add(&Price::sum(
                spent.currency(),
                self.billed(tenant, month).map(|row| &row.price),
            )?)?;
        }
        Ok(credit.checked_sub(&spent).unwrap_or(Price::zero(spent.currency())))
    }
}
