//! Balance and invoices: what they bill is what the log shows, and the document opens.

use std::collections::BTreeSet;

use lopdf::Document;
use sarai_domain::{
    devportal::values::Environment,
    kernel::{Price, TenantId},
};
use sarai_ports::{
    GatewayError, PageRequest,
    devportal::{Invoice, InvoiceStatus, MessageFilter, Traffic},
    system::Clock as _,
};
use time::Duration;

use crate::world::{WAYS, World};

fn tenant(name: &str) -> TenantId {
    format!("acc_demo_{name}").parse().unwrap()
}

impl World {
    async fn invoices(&self, name: &str, statuses: &[InvoiceStatus]) -> Vec<Invoice> {
        let statuses: BTreeSet<_> = statuses.iter().copied().collect();
        let page = PageRequest::first(50);
        self.invoicing.invoices(&tenant(name), &statuses, &page).await.unwrap().items
    }
}

#[tokio::test]
async fn every_call_keeps_its_contract_and_an_invoice_bills_what_the_log_shows() {
    for way in WAYS {
        let world = World::new(way).await;
        world.standins.messaging.seed_demo().unwrap();
        let invoices = world.invoices("customer", &[]).await;
        // The clock says 20 April: March is to be paid by 2 May, February by 1 April.
        let shown: Vec<_> =
            invoices.iter().map(|invoice| (invoice.period_start.to_string(), invoice.status)).collect();
        let month = |month: &str| format!("2026-{month}-01T00:00:00Z");
        assert_eq!(
            shown,
            [
                (month("03"), InvoiceStatus::Open),
                (month("02"), InvoiceStatus::Overdue),
                (month("01"), InvoiceStatus::Paid),
                ("2025-12-01T00:00:00Z".to_owned(), InvoiceStatus::Paid),
            ],
            "{way:?}"
        );
        assert_eq!(world.invoices("developer", &[InvoiceStatus::Open]).await.len(), 1, "{way:?}");
        assert_eq!(world.invoices("developer", &[InvoiceStatus::Overdue]).await.len(), 1, "{way:?}");
        assert!(world.invoices("developer", &[InvoiceStatus::Paid]).await.len() > 1, "{way:?}");
        for invoice in &invoices {
            let of = Traffic { tenant_id: tenant("customer"), environment: Environment::Production };
            let billed = MessageFilter { invoice_id: Some(invoice.id.clone()), ..MessageFilter::default() };
            let stats = world.messaging.stats(&of, &billed).await.unwrap();
            assert_eq!(stats.sent + stats.delivered + stats.failed, invoice.total_messages, "{way:?}");
            let other = Traffic { tenant_id: tenant("developer"), ..of };
            let none = world.messaging.stats(&other, &billed).await.unwrap();
            assert_eq!(none.sent + none.delivered + none.failed, 0, "{way:?}");
            let sum =
                Price::sum(invoice.amount_due.currency(), invoice.lines.iter().map(|line| &line.amount));
            assert_eq!(sum.unwrap().to_money(), Ok(invoice.amount_due), "{way:?}");
            for line in &invoice.lines {
                assert_eq!(line.unit_price.checked_mul(line.quantity), Ok(line.amount), "{way:?}");
            }
            let one = world.invoicing.invoice(&tenant("customer"), &invoice.id).await;
            assert_eq!(one, Ok(Some(invoice.clone())), "{way:?}");
            assert_eq!(world.invoicing.invoice(&tenant("developer"), &invoice.id).await, Ok(None), "{way:?}");
            assert_eq!(
                world.invoicing.invoice_pdf(&tenant("developer"), &invoice.id).await,
                Ok(None),
                "{way:?}"
            );

            let pdf = world.invoicing.invoice_pdf(&tenant("customer"), &invoice.id).await.unwrap().unwrap();
            let document = Document::load_mem(&pdf).unwrap();
            let pages: Vec<u32> = document.get_pages().into_keys().collect();
            assert_eq!(pages, [1], "{way:?}");
            let text = document.extract_text(&pages).unwrap();
            for part in [&invoice.number, &invoice.amount_due.to_string(), &invoice.lines[0].description] {
                assert!(text.contains(part.as_str()), "{way:?}: {part} in {text}");
            }
            assert!(text.contains(&format!("{} messages", invoice.total_messages)), "{way:?}: {text}");
        }
        let balance = world.invoicing.balance(&tenant("customer")).await.unwrap();
        assert_eq!(balance.as_of, world.clock.now(), "{way:?}");
        assert_eq!(balance.next_invoice_on.to_string(), "2026-05-01T00:00:00Z", "{way:?}");
        world.standins.invoicing.pay(invoices[0].id.clone()).unwrap();
        let after = world.invoicing.balance(&tenant("customer")).await.unwrap().balance;
        let back = after.checked_sub(&balance.balance).unwrap().to_money().unwrap();
        assert_eq!(back, invoices[0].amount_due, "{way:?}: what is paid can be spent again");
        assert_eq!(world.invoices("customer", &[InvoiceStatus::Paid]).await.len(), 3, "{way:?}");
        if let Some(contract) = world.contracts.first() {
            contract.assert_kept_and_used("invoices");
        }
    }
}

#[tokio::test]
async fn a_month_is_billed_when_it_is_over_and_overdue_a_month_later() {
    for way in WAYS {
        let world = World::new(way).await;
        world.standins.messaging.seed_demo().unwrap();
        assert_eq!(world.invoices("customer", &[]).await.len(), 4, "{way:?}");
        world.clock.advance(Duration::days(13));
        let april = world.invoices("customer", &[InvoiceStatus::Open]).await;
        assert_eq!(april.len(), 1, "{way:?}");
        let page = PageRequest::first(3);
        let first = world.invoicing.invoices(&tenant("customer"), &BTreeSet::new(), &page).await.unwrap();
        assert_eq!((first.items.len(), first.items[0].id.clone()), (3, april[0].id.clone()), "{way:?}");
        let rest = PageRequest { limit: 3, cursor: first.next };
        assert_eq!(
            world.invoicing.invoices(&tenant("customer"), &BTreeSet::new(), &rest).await.unwrap().items.len(),
            2
        );
        world.clock.advance(Duration::days(31));
        assert!(world.invoices("customer", &[InvoiceStatus::Open]).await.is_empty(), "{way:?}");
        assert!(world.invoices("nobody", &[]).await.is_empty(), "{way:?}");
        world.standins.invoicing.set_outage(true);
        let out = world.invoicing.balance(&tenant("customer")).await;
        assert!(matches!(out, Err(GatewayError::Unavailable(_))), "{way:?}");
    }
}
