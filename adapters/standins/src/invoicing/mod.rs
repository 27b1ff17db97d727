//! `billing-service` as its customers see it: a balance, and an invoice for each month that is over, both made of
//! what messaging's log says. So an invoice bills as many messages as the log shows under its id.

mod pdf;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use sarai_domain::kernel::{
    Currency, InvoiceId, MoneyError, PeriodMonth as Month, Price, TenantId, Timestamp,
};
use sarai_ports::{
    GatewayError, Page, PageRequest,
    devportal::{Balance, INVOICES_AT_ONCE, Invoice, InvoiceLine, InvoiceStatus, InvoicingGateway},
};
use sha2::{Digest as _, Sha256};

use crate::{
    faults::Faults,
    messaging::{Log, MessagingStandIn, invoice_id, invoiced_month},
};

/// How many days there are to pay.
const DAYS_TO_PAY: u32 = 31;

/// Balance and invoices, embedded.
pub struct InvoicingStandIn {
    messaging: Arc<MessagingStandIn>,
    faults: Faults,
}

impl InvoicingStandIn {
    /// Bills what this log says.
    pub fn new(messaging: Arc<MessagingStandIn>) -> Self {
        Self { messaging, faults: Faults::default() }
    }

    /// Whether every call fails as unavailable before it does anything.
    pub fn set_outage(&self, outage: bool) {
        self.faults.set_outage(outage);
    }

    /// Pays an invoice: what it billed can be spent again.
    ///
    /// # Errors
    /// Unavailable when that cannot be kept.
    pub fn pay(&self, id: InvoiceId) -> Result<(), GatewayError> {
        self.messaging.pay(id)
    }

    async fn ask<T>(
        &self,
        ask: impl FnOnce(&Log, Timestamp) -> Result<T, GatewayError>,
    ) -> Result<T, GatewayError> {
        let answer = self.faults.call(|| self.messaging.read(ask));
        self.messaging.kept().await?;
        answer
    }
}

#[async_trait]
impl InvoicingGateway for InvoicingStandIn {
    async fn balance(&self, tenant: &TenantId) -> Result<Balance, GatewayError> {
        self.ask(|log, now| {
            let balance = MessagingStandIn::left(log, tenant, now)?;
            Ok(Balance { balance, as_of: now, next_invoice_on: Month::of(now).end() })
        })
        .await
    }

    async fn invoices(
        &self,
        tenant: &TenantId,
        statuses: &BTreeSet<InvoiceStatus>,
        page: &PageRequest,
    ) -> Result<Page<Invoice>, GatewayError> {
        let page = PageRequest { limit: page.limit.clamp(1, INVOICES_AT_ONCE), cursor: page.cursor.clone() };
        self.ask(|log, now| {
            let months = log.months(tenant).into_iter();
            let made = months.filter_map(|month| invoice(log, tenant, month, now).transpose());
            let mut invoices: Vec<Invoice> = made.collect::<Result<_, _>>().map_err(unpriced)?;
            invoices.retain(|invoice| statuses.is_empty() || statuses.contains(&invoice.status));
            Ok(Page::cut(invoices, &page, true, |invoice| {
                (invoice.issued_at.unix_micros(), invoice.id.to_string())
            }))
        })
        .await
    }

    async fn invoice(&self, tenant: &TenantId, id: &InvoiceId) -> Result<Option<Invoice>, GatewayError> {
        self.ask(|log, now| match invoiced_month(tenant, id) {
            Some(month) => invoice(log, tenant, month, now).map_err(unpriced),
            None => Ok(None),
        })
        .await
    }

    async fn invoice_pdf(&self, tenant: &TenantId, id: &InvoiceId) -> Result<Option<Vec<u8>>, GatewayError> {
        let invoice = self.invoice(tenant, id).await?;
        Ok(invoice.map(|invoice| pdf::of(&invoice, tenant)))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn unpriced(error: MoneyError) -> GatewayError {
    GatewayError::Unavailable(error.to_string())
}

/// The invoice of a month that is over and in which something was billed.
fn invoice(
    log: &Log,
    tenant: &TenantId,
    month: Month,
    now: Timestamp,
) -> Result<Option<Invoice>, MoneyError> {
    let (start, end) = (month.start(), month.end());
    let Some(id) = invoice_id(tenant, month).filter(|_| end <= now) else { return Ok(None) };
    let mut total_messages = 0_u32;
    let mut by_operator: BTreeMap<(&str, i64), (u32, Price, Price)> = BTreeMap::new();
    for row in log.billed(tenant, month) {
        total_messages = total_messages.saturating_add(1);
        let operator = row.plan.operator.as_deref().unwrap_or("other operators");
        let unit = row.price.micros().checked_div(i64::from(row.segments)).unwrap_or_default();
        let zero = Price::zero(row.price.currency());
        let entry = by_operator.entry((operator, unit)).or_insert((0, zero, zero));
        entry.0 = entry.0.saturating_add(u32::from(row.segments));
        entry.1 = Price::from_micros(unit, row.price.currency())?;
        entry.2 = entry.2.checked_add(&row.price)?;
    }
    if total_messages == 0 {
        return Ok(None);
    }
    let line = |((operator, _), (quantity, unit_price, amount)): ((&str, i64), (u32, Price, Price))| {
        let description = format!("Text message parts, {operator}");
        InvoiceLine { description, quantity, unit_price, amount }
    };
    let lines: Vec<InvoiceLine> = by_operator.into_iter().map(line).collect();
    let sum = Price::sum(Currency::parse("USD")?, lines.iter().map(|line| &line.amount))?;
    let due_at = end.plus_days(DAYS_TO_PAY);
    let paid_at = log.paid.get(&id).copied().filter(|at| *at <= now);
    let status = match paid_at {
        Some(_) => InvoiceStatus::Paid,
        None if due_at <= now => InvoiceStatus::Overdue,
        None => InvoiceStatus::Open,
    };
    let mark = Sha256::digest(tenant.as_str()).first_chunk().copied().map_or(0, u16::from_be_bytes);
    Ok(Some(Invoice {
        id,
        number: format!("SR-{month}-{mark:05}"),
        period_start: start,
        period_end: end,
        total_messages,
        lines,
        amount_due: sum.to_money()?,
        status,
        issued_at: end,
        due_at,
        paid_at,
    }))
}
