//! Invoices, and their documents.

use maud::html;
use sarai_application::customer_portal::{
    calendar,
    invoices::{InvoiceItem, STATUSES},
};

use crate::{
    components::{empty, money, pager, state, table, time, zone_note},
    reply::{Outcome, Reply},
    shell::{self, Content},
    visit::Visit,
};

/// `GET /invoices`.
pub(crate) async fn list(visit: &mut Visit<'_>) -> Outcome {
    let asked = visit.asked("status");
    let status = asked.filter(|status| STATUSES.contains(status));
    let (on, platform) = (visit.on(), &visit.portal.platform);
    let of = |status: Option<&str>| {
        visit.href(
            &status.map_or_else(|| "/invoices".to_owned(), |status| format!("/invoices?status={status}")),
        )
    };
    if asked != status {
        return Ok(Reply::To(of(None)));
    }
    let (page, balance) =
        tokio::join!(platform.invoices(on, status, visit.asked("cursor")), platform.balance(on));
    let page = page?;
    let items: Vec<InvoiceItem> = page.data.iter().map(InvoiceItem::from).collect();
    let at = |cursor: String| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(status) = status {
            query.append_pair("status", status);
        }
        visit.href(&format!("/invoices?{}", query.append_pair("cursor", &cursor).finish()))
    };
    let (newer, older) = (page.prev_cursor.map(at), page.next_cursor.map(at));
    let newest = visit.asked("cursor").map(|_| of(status));
    // Months are billed by UTC, whatever the reader's zone.
    let billed = |at| calendar::show_day(calendar::day_of(at, "UTC"), &visit.reading);
    let head = html! {
        th scope="col" { (visit.t("invoice-number")) }
        th scope="col" { (visit.t("invoice-period")) }
        th.n scope="col" { (visit.t("invoice-messages")) }
        th.n scope="col" { (visit.t("invoice-amount")) }
        th scope="col" { (visit.t("status")) }
        th scope="col" { (visit.t("invoice-document")) }
    };
    let rows = html! {
        @for item in &items {
            tr {
                th scope="row" { bdi dir="ltr" class="nowrap" { (item.number) } }
                td { span.nowrap { (billed(item.period_start)) } " – " span.nowrap { (billed(item.period_end)) } }
                td.n { a href=(visit.href(&format!("/messages?invoice={}", item.invoice_id))) aria-label=(visit.tf("invoice-messages-of", &[("count", &visit.number(item.total_messages.into())), ("number", &item.number)])) { (visit.number(item.total_messages.into())) } }
                td.n { (money(&item.amount_due)) }
                td {
                    (state(visit, &item.status))
                    @if let Some(at) = item.paid_at { span.sub { (visit.t("invoice-paid-at")) " " (time(visit, at)) } }
                    @else { span.sub { (visit.t("invoice-due-at")) " " (visit.day(item.due_at)) } }
                }
                td { a href=(visit.href(&format!("/invoices/{}/pdf", item.invoice_id))) aria-label=(visit.tf("invoice-pdf-of", &[("number", &item.number)])) { bdi dir="ltr" { "PDF" } } }
            }
        }
    };
    let title = visit.t("nav-invoices");
    let main = html! {
        h1 { (title) }
        div.chips.joined {
            a.chip href=(of(None)) aria-current=[status.is_none().then_some("true")] { (visit.t("invoices-all")) }
            @for known in STATUSES { a.chip href=(of(Some(known))) aria-current=[(status == Some(*known)).then_some("true")] { (visit.t(&format!("status-{known}"))) } }
        }
        @if items.is_empty() {
            (empty("invoice", &visit.t(if status.is_some() { "invoices-none-such" } else { "invoices-none" }), &html! {
                @if let Ok(balance) = &balance { p { (visit.tf("invoices-next", &[("day", &visit.day(balance.next_invoice_on))])) } }
            }))
        } @else {
            (table("invoices", &visit.t("invoices-caption"), &head, &rows))
            (pager(visit, newest, newer, older))
            @if let Ok(balance) = &balance { p.note { (visit.tf("invoices-next", &[("day", &visit.day(balance.next_invoice_on))])) } }
        }
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// `GET /invoices/{id}/pdf`: to a fresh address of the document; none is ever in a page.
pub(crate) async fn pdf(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let answer = visit.portal.platform.invoice_pdf(visit.on(), id).await?;
    if let Some(place) = answer.url.as_deref().and_then(document) {
        // Only the API's own documents, and only there where we know it to be: whatever host the answer names.
        return Ok(Reply::To(format!("{}{place}", visit.portal.api())));
    }
    let title = visit.t("pdf-wait-title");
    let main = html! {
        h1 { (title) }
        p { (visit.t("pdf-wait-text")) }
        div.acts {
            a.button href=(visit.here()) { (visit.t("try-again")) }
            a.button.plain href=(visit.href("/invoices")) { (visit.t("nav-invoices")) }
        }
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// The path of an address that is a document of the API's.
fn document(url: &str) -> Option<&str> {
    let start = url.find("/v1/invoice-pdfs/")?;
    let (before, path) = url.split_at_checked(start)?;
    let host = before.split_once("://").map_or(before, |(_, host)| host);
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    (!host.contains('/') && !path.contains("..") && path.bytes().all(known)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_documents_of_the_api_are_gone_to() {
        let place = "/v1/invoice-pdfs/AQ-_9";
        for url in [
            place,
            "http://127.0.0.1:8080/v1/invoice-pdfs/AQ-_9",
            "https://api.example/v1/invoice-pdfs/AQ-_9",
        ] {
            assert_eq!(document(url), Some(place), "{url}");
        }
        for url in [
            "https://evil.example/phish",
            "https://evil.example/x/v1/invoice-pdfs/A",
            "/v1/invoice-pdfs/../../sign-out",
            "/v1/invoice-pdfs/A?next=//evil.example",
            "/v1/invoice-pdfs/A\\B",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(document(url), None, "{url}");
        }
    }
}
