//! The balance and invoices: what they bill is what the log shows, and the document opens for whoever has its address.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{market::text, world::Api};

#[tokio::test]
async fn an_invoice_bills_what_the_log_shows_under_its_id() {
    let api = Api::start().await;
    let customer = api.user("customer").await;
    let invoices = customer.walk("/v1/invoices", 1).await;
    assert!(!invoices.is_empty());
    for invoice in &invoices {
        let id = text(invoice, "invoiceId");
        assert_eq!(&customer.get(&format!("/v1/invoices/{id}")).await.is(200), invoice);
        let stats = customer.get(&format!("/v1/messages/stats?invoiceId={id}")).await.is(200);
        let count = |name: &str| stats[name].as_u64().unwrap();
        assert_eq!(
            json!(count("queued") + count("sent") + count("delivered") + count("failed")),
            invoice["totalMessages"]
        );
        let exported = customer.get(&format!("/v1/messages/export?invoiceId={id}")).await;
        assert_eq!(exported.header("content-type"), "application/x-ndjson");
        assert_eq!(json!(exported.text.lines().count()), invoice["totalMessages"]);
        for line in exported.text.lines() {
            let message: Value = serde_json::from_str(line).unwrap();
            assert!(text(&message, "submittedAt") >= text(invoice, "periodStart"), "{message}");
        }
        api.user("developer").await.get(&format!("/v1/invoices/{id}")).await.refused(404, "not_found");
        let status = text(invoice, "status");
        let same = customer.get(&format!("/v1/invoices?status={status}")).await.is(200);
        assert!(same["data"].as_array().unwrap().contains(invoice), "{same}");
    }
    let all = customer.get("/v1/invoices?status=paid&status=open&status=overdue").await.is(200);
    assert_eq!(all["data"].as_array().unwrap().len(), invoices.len(), "a list may be given several times");
    customer.get("/v1/invoices?status=lost").await.refused(422, "validation_failed");
    customer.get("/v1/invoices?limit=1&limit=2").await.refused(422, "validation_failed");
    let balance = customer.get("/v1/balance").await.is(200);
    assert_eq!(balance["balance"]["currency"], "USD");
    assert!(text(&balance["balance"], "amount").contains('.'), "{balance}");
}

#[tokio::test]
async fn the_address_of_a_document_opens_it_without_a_token_and_no_other_does() {
    let api = Api::start().await;
    let customer = api.user("customer").await;
    let invoices = customer.get("/v1/invoices?limit=1").await.is(200);
    let invoice = text(&invoices["data"][0], "invoiceId");
    let link = customer.poke(&format!("/v1/invoices/{invoice}/pdf-url")).await.is(200);
    let url = text(&link, "url");
    let path = url.strip_prefix(api.base()).expect("where the client asked").to_owned();
    let pdf = api.nobody().get(&path).await;
    assert_eq!((pdf.status, pdf.header("content-type")), (200, "application/pdf"));
    assert!(pdf.text.starts_with("%PDF-") && pdf.header("cache-control") == "no-store");
    for bad in [format!("{path}A"), path[..path.len() - 1].to_owned(), "/v1/invoice-pdfs/x".to_owned()] {
        api.nobody().get(&bad).await.refused(404, "not_found");
    }
    let other = format!("/v1/invoices/{invoice}/pdf-url");
    api.user("developer").await.ask(Method::POST, &other).send().await.refused(404, "not_found");
}
