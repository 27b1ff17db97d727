//! The account, and how somebody likes to read.

use maud::{Markup, html};
use sarai_application::customer_portal::{
    keys::FieldError,
    preferences::{Calendar, Digits, Preferences, Theme, ZONES, zone},
};

use crate::{
    components::{Pick, ident, pick, summary, time, wrong, zone_note},
    cookies,
    reply::Reply,
    shell::{self, Content, LANGUAGES, tag, token},
    visit::{Visit, borrowed},
};

/// `GET /account`.
pub(crate) fn show(visit: &mut Visit<'_>) -> Reply {
    let draft = visit.draft("/account");
    let typed = Some(Preferences::of(borrowed(&draft))).filter(|_| !draft.is_empty());
    page(visit, typed.as_ref().unwrap_or(&visit.preferences), &[])
}

fn page(visit: &Visit<'_>, filled: &Preferences, errors: &[FieldError]) -> Reply {
    let title = visit.t("nav-account");
    let main = html! {
        h1 { (title) }
        (summary(visit, errors))
        section.card {
            h2 { (visit.t("account-who")) }
            @if let Some(signed) = &visit.signed {
                dl.facts {
                    dt { (visit.t("field-email")) } dd { bdi dir="ltr" { (signed.who.email) } }
                    dt { (visit.t("account-user")) } dd { (ident(&signed.who.user_id)) }
                    dt { (visit.t("account-account")) } dd { (ident(&signed.who.account_id)) }
                    dt { (visit.t("account-roles")) } dd { @for role in &signed.who.roles { span.tag { bdi dir="ltr" { (role) } } " " } }
                    dt { (visit.t("account-ends")) } dd { (time(visit, signed.lifetime.ends_at())) span.sub { (visit.t("account-ends-note")) } }
                }
            }
            (zone_note(visit))
        }
        (reading_form(visit, filled, errors))
    };
    let content = Content { title, wrong: !errors.is_empty(), main };
    let page = shell::page(visit, &content);
    if errors.is_empty() { Reply::ok(page) } else { Reply::invalid(page) }
}

fn reading_form(visit: &Visit<'_>, chosen: &Preferences, errors: &[FieldError]) -> Markup {
    let reading = chosen.reading(visit.reading.locale.as_str());
    let choice = |name: &'static str, value: &'static str, chosen: bool, first: bool| {
        let label = html! { (visit.t(&format!("{name}-{value}"))) };
        pick(&Pick { kind: "radio", name, value, chosen, label, more: html! {} }, first)
    };
    let zone_error = wrong(errors, "tz");
    html! {
        section.card {
            h2 { (visit.t("account-reading")) }
            form.fields method="post" action="/account" {
                (token(visit, "/account"))
                fieldset { legend { (visit.t("account-language")) }
                    div.row { @for (place, (locale, name)) in LANGUAGES.iter().enumerate() {
                        (pick(&Pick { kind: "radio", name: "lang", value: locale.as_str(), chosen: *locale == reading.locale,
                            label: html! { span lang=(tag(*locale)) { (name) } }, more: html! {} }, place == 0))
                    } }
                }
                fieldset { legend { (visit.t("account-calendar")) }
                    div.row { (choice("cal", "auto", chosen.calendar.is_none(), true)) @for value in Calendar::ALL { (choice("cal", value.name(), chosen.calendar == Some(*value), false)) } }
                }
                fieldset { legend { (visit.t("account-digits")) }
                    div.row { @for (place, value) in Digits::ALL.iter().enumerate() { (choice("digits", value.name(), *value == chosen.digits.unwrap_or(Digits::Native), place == 0)) } }
                }
                div {
                    label for="f-tz" { (visit.t("account-zone")) }
                    @if let Some(error) = zone_error { p.err id="e-tz" { (visit.t(error.message)) } }
                    select id="f-tz" name="tz" dir="ltr" aria-describedby=[zone_error.map(|_| "e-tz")] {
                        @for zone in ZONES { option value=(zone) selected[*zone == reading.zone] { (zone.replace('_', " ")) } }
                    }
                }
                fieldset { legend { (visit.t("account-theme")) }
                    div.row { @for (place, value) in Theme::ALL.iter().enumerate() { (choice("theme", value.name(), *value == reading.theme, place == 0)) } }
                }
                div { button type="submit" { (visit.t("save")) } }
            }
        }
    }
}

/// `POST /account`.
pub(crate) fn save(visit: &mut Visit<'_>) -> Reply {
    let chosen = Preferences::of(borrowed(&visit.form));
    if visit.sent("tz").and_then(zone).is_none() {
        return page(visit, &chosen, &[FieldError { field: "tz", message: "error-zone" }]);
    }
    visit.cookies.push(cookies::preferences_cookie(&chosen));
    visit.tell("saved");
    Reply::To(visit.href("/account"))
}
