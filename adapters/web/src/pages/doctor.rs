//! The signature doctor: what a server saw of a delivery, held against what was sent to it.

use maud::{Markup, html};
use sarai_application::customer_portal::{doctor::DoctorForm, keys::FieldError};
use sarai_ports::customer_portal::webhooks::Diagnosis;

use crate::{
    components::{Line, ident, line, summary, wrong},
    reply::{Outcome, Reply},
    shell::{self, Content, token},
    visit::{Visit, borrowed},
};

/// `GET /deliveries/{id}/doctor`.
pub(crate) async fn show(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let delivery = visit.portal.platform.delivery(visit.on(), id).await?;
    let draft = visit.draft(&format!("/deliveries/{id}/doctor"));
    let form = DoctorForm::of(borrowed(&draft));
    Ok(Reply::ok(page(visit, &delivery.id, &form, &[], None)))
}

/// `POST /deliveries/{id}/doctor`.
pub(crate) async fn examine(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let form = DoctorForm::of(borrowed(&visit.form));
    let seen = match form.seen() {
        Ok(seen) => seen,
        Err(errors) => return Ok(Reply::invalid(page(visit, id, &form, &errors, None))),
    };
    let diagnosis = visit.portal.platform.diagnose_delivery(visit.on(), id, &seen).await?;
    Ok(Reply::ok(page(visit, id, &form, &[], Some(&diagnosis))))
}

fn page(
    visit: &Visit<'_>,
    id: &str,
    form: &DoctorForm,
    errors: &[FieldError],
    diagnosis: Option<&Diagnosis>,
) -> Markup {
    let title = visit.t("doctor-title");
    let action = format!("/deliveries/{id}/doctor");
    let area = |name: &str, label: &str, hint: &str, value: &str, most: u32| {
        let told = wrong(errors, name);
        let described = format!("h-{name}{}", told.map(|_| format!(" e-{name}")).unwrap_or_default());
        html! { div {
            label for={ "f-" (name) } { (visit.t(label)) }
            p.hint id={ "h-" (name) } { (visit.t(hint)) }
            @if let Some(error) = told { p.err id={ "e-" (name) } { (visit.t(error.message)) } }
            textarea.mono id={ "f-" (name) } name=(name) dir="ltr" maxlength=(most) spellcheck="false" autocomplete="off"
                aria-describedby=(described) aria-invalid=[told.map(|_| "true")] { (value) }
        } }
    };
    let main = html! {
        h1 { (title) }
        p.lead { (visit.t("doctor-lead")) }
        (summary(visit, errors))
        @if let Some(diagnosis) = diagnosis { (found(visit, diagnosis)) }
        section.card {
            form.fields method="post" action=(action) {
                (token(visit, &action))
                (area("headers", "doctor-headers", "doctor-headers-hint", &form.headers, 8_192))
                (area("body", "doctor-body", "doctor-body-hint", &form.body, 20_480))
                (line(visit, &Line { name: "received", label: "doctor-received", hint: Some("doctor-received-hint"), value: &form.received, most: 40, latin: true, required: false, ..Line::default() }, errors))
                div.acts {
                    button type="submit" data-busy=(visit.t("busy-next")) { (visit.t("doctor-examine")) }
                    a.button.plain href=(visit.href(&format!("/deliveries/{id}"))) { (visit.t("back")) }
                }
            }
        }
    };
    shell::page(visit, &Content { title, wrong: !errors.is_empty(), main })
}

/// Each step with what was found; the first that is wrong is what is to be mended.
fn found(visit: &Visit<'_>, diagnosis: &Diagnosis) -> Markup {
    let word = |kind: &str, name: &str| {
        visit.t(&format!("doctor-{kind}-{}", name.to_ascii_lowercase().replace('_', "-")))
    };
    html! {
        div role="status" class={ "box " @if diagnosis.valid { "good" } @else { "bad" } } {
            p { @match &diagnosis.culprit {
                None => (visit.t("doctor-valid")),
                Some(step) => (visit.tf("doctor-culprit", &[("step", &word("step", step))])),
            } }
        }
        section.card {
            h2 { (visit.t("doctor-steps")) }
            ol.way { @for step in &diagnosis.steps {
                @let good = step.finding == "GOOD";
                li .wrong[!good] {
                    strong { (word("step", &step.step)) } " "
                    span class={ "state " @if good { "good" } @else { "bad" } } {
                        span aria-hidden="true" { @if good { "●" } @else { "▲" } }
                        (visit.t(if good { "doctor-good" } else { "doctor-wrong" }))
                    }
                    @if !good { div { (word("finding", &step.finding)) } }
                }
            } }
        }
        section.card {
            h2 { (visit.t("doctor-curl")) }
            p { (visit.t("doctor-curl-text")) " " (ident("127.0.0.1:3000")) }
            pre #curl dir="ltr" { (diagnosis.curl) }
            div.acts {
                button.plain.small type="button" hidden data-js data-copy="curl" data-say="copied" data-done=(visit.t("copied")) data-fail=(visit.t("copy-failed")) { (visit.t("copy")) }
                output #copied role="status" {}
            }
        }
    }
}
