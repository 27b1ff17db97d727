//! Sending a test message: write it, see what it is and costs, send it.

use maud::{Markup, html};
use sarai_application::customer_portal::{
    keys::FieldError,
    numbers,
    test_sms::{Counted, TestSmsForm, counted},
};
use sarai_domain::devportal::template::Encoding;
use sarai_ports::customer_portal::messages::{MessageQuote, NewMessage, SenderId};

use super::{Refused, messages::signed_in_still, refused};
use crate::{
    components::{Line, line, money, phone, summary, wrong},
    reply::{Outcome, Reply, Trouble},
    shell::{self, Content, token},
    visit::{Visit, borrowed},
};

/// The 7-bit alphabet, for the counter of the browser; the server counts with the domain's own.
const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// `GET /send-test`.
pub(crate) async fn show(visit: &mut Visit<'_>) -> Outcome {
    let draft = visit.draft("/send-test");
    let mut filled = TestSmsForm::of(borrowed(&draft));
    if let (true, Some(id)) = (draft.is_empty(), visit.asked("again")) {
        // Number and text are read from the log, so that they never stand in an address.
        let message = visit.portal.platform.message(visit.on(), id).await?;
        filled = TestSmsForm { to: message.to, from: message.from, body: message.body.unwrap_or_default() };
    }
    form(visit, filled, &[]).await
}

async fn form(visit: &Visit<'_>, mut filled: TestSmsForm, errors: &[FieldError]) -> Outcome {
    let senders = visit.portal.platform.sender_ids(visit.on()).await;
    signed_in_still(&senders)?;
    let senders = senders.ok();
    let first = senders.as_ref().and_then(|senders| senders.first());
    if let (true, Some(first)) = (filled.from.is_empty() && errors.is_empty(), first) {
        filled.from.clone_from(&first.sender);
    }
    let title = visit.t("send-test-title");
    let main = html! {
        h1 { (title) }
        p.lead { (visit.t(if visit.is_sandbox() { "send-test-sandbox" } else { "send-test-production" })) }
        (summary(visit, errors))
        section.card.narrow { (fields(visit, &filled, senders.as_deref(), errors)) }
    };
    let page = shell::page(visit, &Content { title, wrong: !errors.is_empty(), main });
    Ok(if errors.is_empty() { Reply::ok(page) } else { Reply::invalid(page) })
}

/// The fields; no sender ids where they could not be loaded.
fn fields(
    visit: &Visit<'_>,
    filled: &TestSmsForm,
    senders: Option<&[SenderId]>,
    errors: &[FieldError],
) -> Markup {
    let told = wrong(errors, "body");
    let digits: String = (0_u64..10).map(|digit| visit.number(digit)).collect();
    let phrase = |id: &str, c: &str| visit.tf(id, &[("count", "{n}"), ("parts", "{k}"), ("character", c)]);
    html! {
        form.fields method="post" action="/send-test" {
            (token(visit, "/send-test"))
            (line(visit, &Line { name: "to", label: "message-to", hint: Some("sms-to-hint"), value: &filled.to, kind: "tel", complete: "tel", most: 30, latin: true, ..Line::default() }, errors))
            (line(visit, &Line { name: "from", label: "message-from", hint: Some("sms-from-hint"), value: &filled.from, most: 16, latin: true, ..Line::default() }, errors))
            @match senders {
                // Without a link that tries again: what was typed would be lost.
                None => { p.note role="status" { (visit.tf("panel-failed", &[("what", &visit.t("panel-senders"))])) } },
                Some([]) => { p.note { (visit.t("sms-no-sender")) } },
                Some(senders) => { p.note { (visit.t("sms-senders")) " " @for sender in senders { span.tag { bdi dir="auto" { (sender.sender) } } " " } } },
            }
            div {
                label for="f-body" { (visit.t("message-body")) }
                p.hint #h-body { (visit.t("sms-body-hint")) }
                @if let Some(error) = told { p.err #e-body { (visit.told(error)) } }
                textarea #f-body name="body" dir="auto" maxlength="2000" required aria-invalid=[told.map(|_| "true")]
                    aria-describedby=(if told.is_some() { "h-body e-body" } else { "h-body" })
                    data-count="counted" data-gsm=(GSM) data-digits=(digits) { "\n" (filled.body) }
                output #counted .note for="f-body" hidden data-js data-gsm=(phrase("counted-gsm", "")) data-ucs=(phrase("counted-ucs", "{c}")) { (counted_text(visit, &counted(&filled.body))) }
            }
            div { button type="submit" data-busy=(visit.t("busy-next")) { (visit.t("next")) } }
        }
    }
}

fn counted_text(visit: &Visit<'_>, counted: &Counted) -> String {
    let units = visit.number(u64::try_from(counted.units).unwrap_or_default());
    let parts = visit.number(counted.segments.into());
    let forced = counted.forced_by.map(String::from).unwrap_or_default();
    let id = if counted.encoding == Encoding::Gsm7 { "counted-gsm" } else { "counted-ucs" };
    visit.tf(id, &[("count", &units), ("parts", &parts), ("character", &forced)])
}

/// What is sent, with the number as machines write it.
fn message_of(visit: &Visit<'_>, filled: &TestSmsForm) -> NewMessage {
    NewMessage {
        to: filled.number().map_or_else(|| filled.to.clone(), |number| number.as_str().to_owned()),
        from: filled.from.clone(),
        body: filled.body.clone(),
        environment: visit.environment().to_owned(),
    }
}

/// What the API refuses of a message.
const REFUSED: &[Refused] = &[
    ("message.body_empty", "body", "error-sms-body-empty"),
    ("message.body_too_long", "body", "error-sms-body-long"),
    ("message.insufficient_balance", "body", "error-sms-credit"),
    ("message.no_route", "to", "error-sms-refused-to"),
    ("message.sender_not_allowed", "from", "error-sms-sender"),
    ("upstream_refused", "to", "error-sms-refused"),
    ("validation_failed", "to", "error-sms-refused"),
];

/// `POST /send-test`: what it would be.
pub(crate) async fn quote(visit: &mut Visit<'_>) -> Outcome {
    let filled = TestSmsForm::of(borrowed(&visit.form));
    if visit.sent("change").is_some() {
        return form(visit, filled, &[]).await;
    }
    let errors = filled.errors();
    if !errors.is_empty() {
        return form(visit, filled, &errors).await;
    }
    let message = message_of(visit, &filled);
    match visit.portal.platform.quote_message(visit.on(), &message).await {
        Ok(quote) => Ok(Reply::ok(confirm(visit, &message, &quote))),
        Err(error) => match refused(&error, REFUSED) {
            Some(wrong) => form(visit, filled, &[wrong]).await,
            None => Err(Trouble::from(error)),
        },
    }
}

fn confirm(visit: &Visit<'_>, message: &NewMessage, quote: &MessageQuote) -> Markup {
    let title = visit.t("send-confirm-title");
    let fields = html! {
        input type="hidden" name="to" value=(message.to);
        input type="hidden" name="from" value=(message.from);
        input type="hidden" name="body" value=(message.body);
    };
    let encoding = if quote.encoding == "GSM7" { "GSM-7" } else { "UCS-2" };
    let main = html! {
        h1 { (title) }
        div.pair {
        section.card {
            dl.facts {
                dt { (visit.t("message-to")) } dd { (phone(&message.to)) }
                dt { (visit.t("message-from")) } dd { bdi dir="auto" { (message.from) } }
                dt { (visit.t("message-encoding")) } dd { bdi dir="ltr" { (encoding) } }
                dt { (visit.t("message-segments")) } dd { (visit.number(quote.segments.into())) }
                dt { (visit.t("message-price")) } dd { (money(&numbers::price(&quote.price))) }
                dt { (visit.t("balance-after")) } dd { @match &quote.balance_after { Some(left) => (money(&numbers::price(left))), None => (visit.t("balance-short")) } }
                dt { (visit.t("environment")) } dd { (visit.t(if visit.is_sandbox() { "env-sandbox" } else { "env-production" })) }
            }
        }
        section.card { h2 { (visit.t("message-body")) } pre dir="auto" { (message.body) } }
        }
        @if quote.balance_after.is_none() {
            div.box.bad role="alert" { p { (visit.t("error-sms-credit")) " " a href=(visit.href("/invoices")) { (visit.t("nav-invoices")) } } }
        }
        div.acts {
            @if quote.balance_after.is_some() { form method="post" action="/send-test/confirm" {
                (token(visit, "/send-test/confirm"))
                (fields)
                button type="submit" data-busy=(visit.t("busy-send")) { (visit.t("send-now")) }
            } }
            form method="post" action="/send-test" {
                (token(visit, "/send-test"))
                (fields)
                button.plain type="submit" name="change" value="1" { (visit.t("change")) }
            }
        }
    };
    shell::page(visit, &Content::new(title, main))
}

/// `POST /send-test/confirm`.
pub(crate) async fn send(visit: &mut Visit<'_>) -> Outcome {
    let filled = TestSmsForm::of(borrowed(&visit.form));
    let errors = filled.errors();
    if !errors.is_empty() {
        return form(visit, filled, &errors).await;
    }
    let message = message_of(visit, &filled);
    match visit.portal.platform.send_message(visit.on(), &visit.once(), &message).await {
        Ok(sent) => {
            visit.tell("sent-done");
            Ok(Reply::To(visit.href(&format!("/messages/{}", sent.message_id))))
        }
        Err(error) => match refused(&error, REFUSED) {
            Some(wrong) => form(visit, filled, &[wrong]).await,
            None => Err(Trouble::from(error)),
        },
    }
}
