//! The parts of pages. What has a direction of its own is only ever shown by one of these.

use maud::{Markup, html};
use sarai_application::customer_portal::{calendar, keys::FieldError, tone::Tone};
use sarai_domain::kernel::Timestamp;

use crate::{shell::picture, visit::Visit};

/// A phone number.
pub(crate) fn phone(number: &str) -> Markup {
    html! { bdi dir="ltr" class="nowrap" { (number) } }
}

/// An id, a scope, an event: for machines.
pub(crate) fn ident(text: &str) -> Markup {
    html! { bdi dir="ltr" { code { (text) } } }
}

/// An address.
pub(crate) fn url(text: &str) -> Markup {
    html! { bdi dir="ltr" class="mono" { (text) } }
}

/// An amount, as it was formatted.
pub(crate) fn money(text: &str) -> Markup {
    html! { bdi dir="ltr" class="nowrap" { (text) } }
}

/// What a person wrote.
pub(crate) fn user_text(text: &str) -> Markup {
    html! { bdi dir="auto" { (text) } }
}

/// An instant.
pub(crate) fn time(visit: &Visit<'_>, at: Timestamp) -> Markup {
    html! { time datetime=(at) { (calendar::show_time(at, &visit.reading)) } }
}

/// An instant, or a word.
pub(crate) fn time_or(visit: &Visit<'_>, at: Option<Timestamp>, word: &str) -> Markup {
    at.map_or_else(|| html! { (visit.t(word)) }, |at| time(visit, at))
}

/// An instant with its Gregorian day in UTC below it.
pub(crate) fn time_long(visit: &Visit<'_>, at: Timestamp) -> Markup {
    html! { (time(visit, at)) span.sub { bdi dir="ltr" { (calendar::show_utc(at)) } } }
}

/// The zone that times are shown in.
pub(crate) fn zone_note(visit: &Visit<'_>) -> Markup {
    let offset = calendar::show_offset(visit.reading.zone, visit.now);
    html! { p.note { (visit.tf("zone-note", &[("zone", visit.reading.zone), ("offset", &offset)])) } }
}

/// A status: shape, word, colour.
pub(crate) fn state(visit: &Visit<'_>, status: &str) -> Markup {
    let tone = Tone::of(status);
    let class = format!("state {}", tone.name());
    let word = visit.t(&format!("status-{}", status.to_ascii_lowercase()));
    html! { span class=(class) { span aria-hidden="true" { (tone.shape()) } (word) } }
}

/// A table with its scroll wrapper; `label` names both.
pub(crate) fn table(id: &str, label: &str, head: &Markup, body: &Markup) -> Markup {
    let caption = format!("{id}-caption");
    html! {
        div.scroll role="region" tabindex="0" aria-labelledby=(caption) {
            table { caption id=(caption) { (label) } thead { tr { (head) } } tbody { (body) } }
        }
    }
}

/// Where nothing is: its picture, what would be there, and what to do.
pub(crate) fn empty(drawn: &str, title: &str, more: &Markup) -> Markup {
    html! { section.card.empty { (picture(drawn)) h2 { (title) } (more) } }
}

/// What could not be loaded, beside what could.
pub(crate) fn unavailable(visit: &Visit<'_>, what: &str) -> Markup {
    html! {
        div.box.waiting role="status" {
            p { (visit.tf("panel-failed", &[("what", &visit.t(what))])) " " a href=(visit.here()) { (visit.t("try-again")) } }
        }
    }
}

/// The summary of what is wrong in a form.
pub(crate) fn summary(visit: &Visit<'_>, errors: &[FieldError]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.box.bad role="alert" tabindex="-1" autofocus {
                h2 { (visit.t("form-wrong")) }
                ul { @for error in errors { li { a href={ "#f-" (error.field) } { (visit.told(error)) } } } }
            }
        }
    }
}

/// A field's sentence, when something is wrong with it.
pub(crate) fn wrong<'e>(errors: &'e [FieldError], field: &str) -> Option<&'e FieldError> {
    errors.iter().find(|error| error.field == field)
}

/// A line of input.
pub(crate) struct Line<'a> {
    /// Its name.
    pub(crate) name: &'static str,
    /// The id of its label.
    pub(crate) label: &'static str,
    /// The id of its hint.
    pub(crate) hint: Option<&'static str>,
    /// What is in it.
    pub(crate) value: &'a str,
    /// `text`, `email`, `password`, `tel`, `url`.
    pub(crate) kind: &'static str,
    /// `autocomplete`.
    pub(crate) complete: &'static str,
    /// The most characters.
    pub(crate) most: u16,
    /// Whether it is written from left to right whatever the language.
    pub(crate) latin: bool,
    /// Whether it has to be there.
    pub(crate) required: bool,
}

impl Default for Line<'_> {
    fn default() -> Self {
        Self {
            name: "",
            label: "",
            hint: None,
            value: "",
            kind: "text",
            complete: "off",
            most: 200,
            latin: false,
            required: true,
        }
    }
}

/// A line of input with its label, hint and error.
pub(crate) fn line(visit: &Visit<'_>, line: &Line<'_>, errors: &[FieldError]) -> Markup {
    let error = wrong(errors, line.name);
    let id = format!("f-{}", line.name);
    let hint = line.hint.map(|_| format!("h-{}", line.name));
    let told = error.map(|_| format!("e-{}", line.name));
    let described: Vec<String> = [hint.clone(), told.clone()].into_iter().flatten().collect();
    let described = Some(described.join(" ")).filter(|ids| !ids.is_empty());
    let dir = if line.latin { "ltr" } else { "auto" };
    let invalid = error.map(|_| "true");
    html! {
        div {
            label for=(id) { (visit.t(line.label)) }
            @if let Some(text) = line.hint { p.hint id=[hint.as_deref()] { (visit.t(text)) } }
            @if let Some(error) = error { p.err id=[told.as_deref()] { (visit.told(error)) } }
            input id=(id) name=(line.name) type=(line.kind) value=(line.value) dir=(dir) maxlength=(line.most)
                autocomplete=(line.complete) aria-describedby=[described] aria-invalid=[invalid] required[line.required];
        }
    }
}

/// A box or a knob to choose, with its explanation.
pub(crate) struct Pick<'a> {
    /// `checkbox` or `radio`.
    pub(crate) kind: &'static str,
    /// The field's name.
    pub(crate) name: &'static str,
    /// What it stands for.
    pub(crate) value: &'a str,
    /// Whether it is chosen.
    pub(crate) chosen: bool,
    /// What it is.
    pub(crate) label: Markup,
    /// More about it.
    pub(crate) more: Markup,
}

/// One choice; the first of a field has the id that errors lead to.
pub(crate) fn pick(choice: &Pick<'_>, first: bool) -> Markup {
    let id = if first {
        format!("f-{}", choice.name)
    } else {
        format!("f-{}-{}", choice.name, choice.value.replace([':', '.'], "-"))
    };
    html! {
        label.pick for=(id) {
            input id=(id) type=(choice.kind) name=(choice.name) value=(choice.value) checked[choice.chosen];
            span { (choice.label) span.sub { (choice.more) } }
        }
    }
}

/// Links to the parts before and after.
pub(crate) fn pager(
    visit: &Visit<'_>,
    newest: Option<String>,
    newer: Option<String>,
    older: Option<String>,
) -> Markup {
    // On the first part there is nothing newer, whatever cursor there is.
    let newer = newer.filter(|_| newest.is_some());
    html! {
        @if newest.is_some() || older.is_some() {
            div.acts {
                @if let Some(href) = newest { a.button.plain href=(href) { (visit.t("pager-newest")) } }
                @if let Some(href) = newer { a.button.plain href=(href) rel="prev" { (visit.t("pager-newer")) } }
                @if let Some(href) = older { a.button.plain href=(href) rel="next" { (visit.t("pager-older")) } }
            }
        }
    }
}
