//! What is known for good of a message, signed, on one sheet in three languages: to be printed, and checked by anybody
//! without asking us.

use maud::{Markup, html};
use sarai_application::customer_portal::{calendar, preferences::Preferences};
use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::messages::DeliveryReceipt;

use crate::{
    components::{ident, phone},
    reply::{Outcome, Reply},
    shell::{self, Content, LANGUAGES, tag},
    visit::Visit,
};

/// `GET /messages/{id}/receipt`.
pub(crate) async fn show(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let receipt = visit.portal.platform.message_receipt(visit.on(), id).await?;
    let title = visit.t("receipt-title");
    let main = html! {
        h1 { (title) }
        p.lead { (visit.t("receipt-lead")) }
        @for (locale, _) in LANGUAGES { (in_language(visit, locale, &receipt)) }
        section.card.break {
            h2 { (visit.t("receipt-signature")) }
            p { (visit.t("receipt-check")) " " (ident("/v1/.well-known/jwks.json")) " · " (ident(&receipt.key_id)) }
            pre #token dir="ltr" translate="no" { (receipt.token) }
            div.acts {
                button.plain.small type="button" hidden data-js data-copy="token" data-say="copied" data-done=(visit.t("copied")) data-fail=(visit.t("copy-failed")) { (visit.t("copy")) }
                output #copied role="status" {}
                a.button.plain.small href=(visit.href(&format!("/messages/{id}"))) { (visit.t("back")) }
            }
        }
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// The statement in a language, with its days and digits.
fn in_language(
    visit: &Visit<'_>,
    locale: sarai_domain::devportal::values::Locale,
    receipt: &DeliveryReceipt,
) -> Markup {
    let preferences =
        Preferences { locale: Some(locale), zone: visit.preferences.zone, ..Preferences::default() };
    let reading = preferences.reading("");
    let words = visit.portal.catalogue.of(locale, reading.digits);
    let say = |id: &str| words.map(|words| words.say(id, &[])).unwrap_or_default();
    let time = |at: Timestamp| {
        html! { time datetime=(at) { (calendar::show_time(at, &reading)) } span.sub { bdi dir="ltr" { (calendar::show_utc(at)) } } }
    };
    let over = if receipt.status == "delivered" { "way-delivered" } else { "way-failed" };
    html! {
        section.card lang=(tag(locale)) dir=(locale.dir().as_str()) {
            h2 { (say("receipt-statement")) }
            dl.facts {
                dt { (say("id")) } dd { (ident(&receipt.message_id)) }
                dt { (say("message-to")) } dd { (phone(&receipt.to)) }
                dt { (say("message-from")) } dd { bdi dir="auto" { (receipt.from) } }
                dt { (say("status")) } dd { (say(&format!("status-{}", receipt.status))) @if let Some(code) = &receipt.error_code { " · " (ident(code)) } }
                dt { (say("message-operator")) } dd { @match &receipt.operator_name { Some(name) => { bdi dir="auto" { (name) } }, None => (say("not-known")) } }
                dt { (say("way-submitted")) } dd { (time(receipt.submitted_at)) }
                @if let Some(at) = receipt.sent_at { dt { (say("way-sent")) } dd { (time(at)) } }
                dt { (say(over)) } dd { (time(receipt.final_at)) }
                dt { (say("receipt-digest")) } dd { (ident(&receipt.body_digest)) }
            }
        }
    }
}
