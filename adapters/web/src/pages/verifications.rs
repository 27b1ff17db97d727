//! Verifications: the list with its filters, and one with its sends and everything that happened. No page shows a code
//! outside of a sandbox.

use maud::{Markup, html};
use poem::http::StatusCode;
use sarai_application::customer_portal::{
    calendar,
    keys::FieldError,
    verifications::{
        CHANNELS, Happened, STATES, SendItem, VerificationDetail, VerificationFilters, VerificationItem,
    },
};
use sarai_domain::devportal::values::Locale;

use crate::{
    components::{empty, ident, money, pager, phone, state, summary, table, time, time_long, zone_note},
    reply::{Outcome, Reply},
    shell::{self, Content, LANGUAGES, tag},
    visit::{Visit, borrowed},
};

const PLACE: &str = "/verifications";

/// `GET /verifications`.
pub(crate) async fn list(visit: &mut Visit<'_>) -> Outcome {
    let filters = match VerificationFilters::parse(borrowed(&visit.query)) {
        Ok(filters) => filters,
        Err(errors) => return Ok(refused(visit, &errors)),
    };
    let mut query = filters.query();
    // Sandboxes are no part of production.
    query.sandbox_id = query.sandbox_id.filter(|_| visit.is_sandbox());
    let with = |filters: &VerificationFilters| visit.link(PLACE, &filters.pairs());
    let page = visit.portal.platform.verifications(visit.on(), &query, filters.cursor.as_deref()).await?;
    // The account's own sandbox is asked unless one is named; where nothing was tried there, the newest is shown.
    if visit.is_sandbox() && query.sandbox_id.is_none() && page.data.is_empty() && filters.pairs().is_empty()
    {
        let sandboxes = visit.portal.platform.sandboxes(visit.on(), None).await?;
        if let Some(newest) = sandboxes.data.into_iter().find(|sandbox| sandbox.used.verifications > 0) {
            let sandbox = Some(newest.sandbox_id);
            return Ok(Reply::To(with(&VerificationFilters { sandbox, ..filters.clone() })));
        }
    }
    let items: Vec<VerificationItem> = page.data.iter().map(VerificationItem::from).collect();
    let at = |cursor: String| with(&VerificationFilters { cursor: Some(cursor), ..filters.clone() });
    let (newer, older) = (page.prev_cursor.map(at), page.next_cursor.map(at));
    let newest = filters.cursor.as_ref().map(|_| with(&filters.from_the_start()));
    let title = visit.t("nav-verifications");
    let main = html! {
        h1 { (title) }
        p.lead { (visit.t("verifications-lead")) }
        (filter_form(visit, &filters, &[]))
        @if let Some(sandbox) = &query.sandbox_id {
            p.lead { (visit.t("verifications-in")) " " a href=(visit.href(&format!("/sandbox/{sandbox}"))) { (ident(sandbox)) } }
        }
        @if items.is_empty() {
            (empty("verification", &visit.t(if filters.narrow() { "verifications-no-match" } else { "verifications-none" }), &html! {
                @if filters.narrow() {
                    p { a.button.plain href=(visit.href(PLACE)) { (visit.t("filter-clear")) } }
                } @else {
                    p { (visit.t("verifications-none-text")) }
                    p { a.button href=(visit.href("/docs/v1/verify")) { (visit.t("verifications-how")) } }
                    @if !visit.is_sandbox() { p { a href={ (PLACE) "?env=sandbox" } { (visit.t("verifications-sandbox")) } } }
                }
            }))
        } @else {
            (rows(visit, &items))
            (pager(visit, newest, newer, older))
        }
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// A filter that is wrong: the form, what is wrong, and no verifications.
fn refused(visit: &Visit<'_>, errors: &[FieldError]) -> Reply {
    let title = visit.t("nav-verifications");
    let main = html! {
        h1 { (title) }
        (summary(visit, errors))
        (filter_form(visit, &VerificationFilters::default(), errors))
    };
    Reply::Page(StatusCode::BAD_REQUEST, shell::page(visit, &Content { title, wrong: true, main }))
}

fn filter_form(visit: &Visit<'_>, filters: &VerificationFilters, errors: &[FieldError]) -> Markup {
    let choice = |name: &str, label: &str, start: &str, known: &[&str], chosen: Option<&str>| {
        let id = format!("f-{name}");
        let wrong = errors.iter().any(|error| error.field == name).then_some("true");
        html! {
            div {
                label for=(id) { (visit.t(label)) }
                select id=(id) name=(name) aria-invalid=[wrong] {
                    option value="" { (visit.t("any")) }
                    @for one in known { option value=(one) selected[chosen == Some(*one)] { (visit.t(&format!("{start}-{one}"))) } }
                }
            }
        }
    };
    html! {
        form.card.filters method="get" action=(PLACE) role="search" aria-label=(visit.t("filter")) {
            @if visit.is_sandbox() { input type="hidden" name="env" value="sandbox"; }
            @if let Some(sandbox) = &filters.sandbox { input type="hidden" name="sandbox" value=(sandbox); }
            (choice("state", "status", "status", STATES, filters.state))
            (choice("channel", "channel", "channel", CHANNELS, filters.channel))
            div.acts { button type="submit" { (visit.t("filter")) } }
        }
    }
}

fn channel(visit: &Visit<'_>, name: Option<&String>) -> String {
    name.map_or_else(|| "–".to_owned(), |name| visit.t(&format!("channel-{name}")))
}

fn destination(visit: &Visit<'_>, masked: Option<&String>) -> Markup {
    masked.map_or_else(|| html! { (visit.t("message-removed")) }, |masked| phone(masked))
}

fn failure(visit: &Visit<'_>, item: &VerificationItem) -> Option<String> {
    item.failure.as_ref().map(|reason| visit.t(&format!("failure-{reason}")))
}

fn rows(visit: &Visit<'_>, items: &[VerificationItem]) -> Markup {
    let head = html! {
        th scope="col" { (visit.t("message-to")) }
        th scope="col" { (visit.t("status")) }
        th scope="col" { (visit.t("channel")) }
        th scope="col" { (visit.t("purpose")) }
        th.n scope="col" { (visit.t("verify-cost")) }
        th scope="col" { (visit.t("verify-started")) }
    };
    let rows = html! {
        @for item in items {
            tr {
                th scope="row" {
                    a href=(visit.href(&format!("{PLACE}/{}", item.verification_id))) { (destination(visit, item.destination.as_ref())) }
                    @if let Some(country) = &item.country { span.sub { bdi dir="ltr" { (country) } } }
                }
                td { (state(visit, &item.state)) @if let Some(why) = failure(visit, item) { span.sub { (why) } } }
                td { (channel(visit, item.channel.as_ref())) }
                td { (visit.t(&format!("purpose-{}", item.purpose))) }
                td.n { (money(&item.cost)) }
                td { (time(visit, item.started_at)) }
            }
        }
    };
    table("verifications", &visit.t("verifications-caption"), &head, &rows)
}

/// `GET /verifications/{id}`.
pub(crate) async fn show(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let found = visit.portal.platform.verification(visit.on(), id).await?;
    // The page's badge tells its world.
    let in_sandbox = found.summary.environment == "SANDBOX";
    if in_sandbox != visit.is_sandbox() {
        let world = if in_sandbox { "?env=sandbox" } else { "" };
        return Ok(Reply::To(format!("{PLACE}/{id}{world}")));
    }
    let detail = VerificationDetail::from(&found);
    let item = &detail.item;
    let title = visit.t("verify-title");
    let main = html! {
        div.head { h1 { (title) } (state(visit, &item.state)) }
        @if let Some(why) = failure(visit, item) { div.box.bad { p { (why) } } }
        (facts(visit, &detail))
        (sandbox(visit, &detail))
        section { h2 { (visit.t("verify-sends")) } (sends(visit, &detail.sends)) }
        section.card { h2 { (visit.t("verify-way")) } (way(visit, &detail.way)) }
        (actions(visit, &detail))
        p { a.button.plain href=(visit.link(PLACE, &[])) { (visit.t("verifications-all")) } }
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

fn facts(visit: &Visit<'_>, detail: &VerificationDetail) -> Markup {
    let item = &detail.item;
    let left = |word: &str, left: u32| visit.tf(word, &[("count", &visit.number(left.into()))]);
    html! {
        section.card { dl.facts {
            dt { (visit.t("message-to")) } dd { (destination(visit, item.destination.as_ref())) }
            dt { (visit.t("id")) } dd { (ident(&item.verification_id)) }
            dt { (visit.t("purpose")) } dd { (visit.t(&format!("purpose-{}", item.purpose))) }
            dt { (visit.t("verify-brand")) } dd { bdi dir="auto" { (detail.brand) } }
            dt { (visit.t("verify-channels")) } dd { @for (place, one) in detail.channels.iter().enumerate() { @if place > 0 { " · " } (visit.t(&format!("channel-{one}"))) } }
            dt { (visit.t("account-language")) } dd { (language(&detail.locale)) }
            dt { (visit.t("verify-checks")) } dd { (visit.number(detail.attempts.into())) span.sub { (left("verify-checks-left", detail.attempts_remaining)) } }
            dt { (visit.t("verify-sends")) } dd { (visit.number(u64::try_from(detail.sends.len()).unwrap_or_default())) span.sub { (left("verify-sends-left", detail.sends_remaining)) } }
            dt { (visit.t("verify-cost")) } dd { (money(&item.cost)) span.sub { (visit.t("verify-reserved")) " " (money(&detail.reserved)) } }
            dt { (visit.t("message-key")) } dd { (ident(&detail.key_id)) }
            dt { (visit.t("verify-started")) } dd { (time_long(visit, item.started_at)) }
            @match detail.ended_at {
                Some(at) => { dt { (visit.t("verify-ended")) } dd { (time_long(visit, at)) } },
                None => { dt { (visit.t("verify-expires")) } dd { (time_long(visit, detail.expires_at)) } },
            }
        } }
    }
}

/// A language by its own name, where it is one of ours.
fn language(text: &str) -> Markup {
    let known = Locale::from_tag(text);
    let named = LANGUAGES.iter().find(|(locale, _)| known == Some(*locale));
    html! {
        @if let Some((locale, name)) = named { span lang=(tag(*locale)) dir=(locale.dir().as_str()) { (name) } }
        @else { bdi dir="ltr" { (text) } }
    }
}

/// What only a sandbox tells: where its code is read, or the code.
fn sandbox(visit: &Visit<'_>, detail: &VerificationDetail) -> Markup {
    html! {
        @if let Some(id) = &detail.sandbox_id {
            section.card {
                h2 { (visit.t("env-sandbox")) }
                @if let Some(code) = &detail.code { p { (visit.t("verify-code")) " " (ident(code)) } }
                p { (visit.t("verify-in-inbox")) " " a href=(visit.href(&format!("/sandbox/{id}#inbox"))) { (visit.t("sandbox-inbox")) } }
            }
        }
    }
}

fn sends(visit: &Visit<'_>, sends: &[SendItem]) -> Markup {
    let head = html! {
        th scope="col" { (visit.t("channel")) }
        th scope="col" { (visit.t("status")) }
        th scope="col" { (visit.t("verify-error")) }
        th.n scope="col" { (visit.t("message-segments")) }
        th.n scope="col" { (visit.t("message-price")) }
        th scope="col" { (visit.t("verify-queued")) }
    };
    let rows = html! {
        @for send in sends {
            tr {
                th scope="row" { (visit.t(&format!("channel-{}", send.channel))) @if let Some(provider) = &send.provider { span.sub { bdi dir="ltr" { (provider) } } } }
                td { (state(visit, &send.status)) }
                td { @match &send.error { Some(error) => (ident(error)), None => "–" } }
                td.n { @match send.segments { Some(count) => (visit.number(count.into())), None => "–" } }
                td.n { (money(&send.price)) @if !send.settled { span.sub { (visit.t("verify-quoted")) } } }
                td { (time(visit, send.queued_at)) }
            }
        }
    };
    html! {
        @if sends.is_empty() { p.lead { (visit.t("verify-no-sends")) } }
        @else { (table("sends", &visit.t("verify-sends-caption"), &head, &rows)) }
    }
}

fn way(visit: &Visit<'_>, way: &[Happened]) -> Markup {
    html! {
        ol.way { @for one in way {
            li {
                strong { (visit.t(&one.sentence)) }
                @if let Some(name) = &one.channel { " · " (visit.t(&format!("channel-{name}"))) }
                @if let Some(status) = &one.status { " " (state(visit, status)) }
                @if let Some(reason) = &one.reason { " " (ident(reason)) }
                span.sub {
                    (time(visit, one.at)) " · " bdi dir="ltr" { (calendar::show_utc(one.at)) }
                    @if let Some(request) = &one.request_id { " · " (visit.t("trouble-request")) " " (ident(request)) }
                }
            }
        } }
    }
}

/// What a key may ask of it now; nobody who is only signed in may (ruling "Who may call what").
fn actions(visit: &Visit<'_>, detail: &VerificationDetail) -> Markup {
    html! {
        @if !detail.actions.is_empty() {
            section.card {
                h2 { (visit.t("verify-actions")) }
                p { (visit.t("verify-actions-text")) }
                dl.facts { @for action in &detail.actions {
                    dt { (visit.t(&format!("action-{action}"))) }
                    dd { (ident(&format!("POST /v1/verifications/{}/{action}", detail.item.verification_id))) }
                } }
            }
        }
    }
}
