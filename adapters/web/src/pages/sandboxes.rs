//! Sandboxes: the list, a new one, and what ends one.

use maud::{Markup, html};
use sarai_application::customer_portal::{
    keys::FieldError,
    sandboxes::{LIVES, NewSandboxForm, SandboxItem},
};
use sarai_ports::customer_portal::{PlatformError, sandboxes::SandboxScenario};

use super::messages::signed_in_still;
use crate::{
    components::{
        Line, empty, ident, line, pager, state, summary, table, time, unavailable, wrong, zone_note,
    },
    reply::{Outcome, Reply, Trouble},
    shell::{self, Content, token},
    visit::{Visit, borrowed},
};

pub(super) const PLACE: &str = "/sandbox";

/// What ends in a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SandboxEnd {
    /// Its data; it begins anew.
    Reset,
    /// All of it.
    Close,
}

impl SandboxEnd {
    const fn verb(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Close => "close",
        }
    }

    /// Title, what comes of it, the button, and what is told after it.
    const fn words(self) -> [&'static str; 4] {
        match self {
            Self::Reset => {
                ["sandbox-reset-title", "sandbox-reset-text", "sandbox-reset", "sandbox-reset-done"]
            }
            Self::Close => {
                ["sandbox-close-title", "sandbox-close-text", "sandbox-close", "sandbox-close-done"]
            }
        }
    }
}

pub(super) fn place_of(id: &str) -> String {
    format!("{PLACE}/{id}")
}

/// Where it stands, by the real time: the API notes the end a little later.
pub(super) fn standing(visit: &Visit<'_>, item: &SandboxItem) -> Markup {
    let over = !item.is_open(visit.real) && item.state != "closed";
    state(visit, if over { "expired" } else { &item.state })
}

pub(super) fn used(visit: &Visit<'_>, (used, most): (u64, u64)) -> String {
    visit.tf("sandbox-used", &[("used", &visit.number(used)), ("most", &visit.number(most))])
}

/// `GET /sandbox`.
pub(crate) async fn list(visit: &mut Visit<'_>) -> Outcome {
    let page = visit.portal.platform.sandboxes(visit.on(), visit.asked("cursor")).await?;
    let items: Vec<SandboxItem> = page.data.iter().map(SandboxItem::from).collect();
    let head = html! {
        th scope="col" { (visit.t("env-sandbox")) }
        th scope="col" { (visit.t("status")) }
        th scope="col" { (visit.t("sandbox-clock")) }
        th.n scope="col" { (visit.t("nav-verifications")) }
        th.n scope="col" { (visit.t("nav-messages")) }
        th scope="col" { (visit.t("sandbox-ends")) }
    };
    let rows = html! {
        @for item in &items {
            tr {
                th scope="row" {
                    a href=(visit.href(&place_of(&item.sandbox_id))) { (ident(&item.sandbox_id)) }
                    @if item.is_default { span.sub { (visit.t("sandbox-default")) } }
                }
                td { (standing(visit, item)) }
                td { (time(visit, item.virtual_now)) }
                td.n { (used(visit, item.verifications)) }
                td.n { (used(visit, item.messages)) }
                td { (time(visit, item.expires_at)) }
            }
        }
    };
    let title = visit.t("sandboxes-title");
    let newest = visit.asked("cursor").map(|_| visit.link(PLACE, &[]));
    let at = |cursor: &str| visit.link(PLACE, &[("cursor", cursor)]);
    let (newer, older) = (page.prev_cursor.as_deref().map(at), page.next_cursor.as_deref().map(at));
    let main = html! {
        div.head { h1 { (title) } a.button href=(visit.href("/sandbox/new")) { (visit.t("sandbox-create")) } }
        p.lead { (visit.t("sandboxes-lead")) }
        @if items.is_empty() {
            (empty("sandbox", &visit.t("sandboxes-none"), &html! { p { (visit.t("sandboxes-none-text")) } }))
        } @else {
            (table("sandboxes", &visit.t("sandboxes-caption"), &head, &rows))
            (pager(visit, newest, newer, older))
        }
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// `GET /sandbox/new`.
pub(crate) async fn new(visit: &mut Visit<'_>) -> Outcome {
    let draft = visit.draft("/sandbox/new");
    let filled = NewSandboxForm::of(borrowed(&draft));
    Ok(Reply::ok(form_page(visit, &filled, &[]).await?))
}

async fn form_page(
    visit: &Visit<'_>,
    filled: &NewSandboxForm,
    errors: &[FieldError],
) -> Result<Markup, Trouble> {
    let scenarios = visit.portal.platform.sandbox_scenarios(visit.on()).await;
    signed_in_still(&scenarios)?;
    let title = visit.t("sandbox-create");
    let text = |name, label, hint, value: &str, most| {
        let hint = Some(hint);
        line(
            visit,
            &Line { name, label, hint, value, most, latin: true, required: false, ..Line::default() },
            errors,
        )
    };
    let told = |field| html! { @if let Some(error) = wrong(errors, field) { p.err id={ "e-" (field) } { (visit.t(error.message)) } } };
    let ttl = if filled.ttl.is_empty() { "86400" } else { &filled.ttl };
    let main = html! {
        h1 { (title) }
        (summary(visit, errors))
        form.card.fields method="post" action=(PLACE) {
            (token(visit, PLACE))
            (text("seed", "sandbox-seed", "sandbox-seed-hint", &filled.seed, 20))
            div {
                label for="f-ttl" { (visit.t("sandbox-life")) }
                (told("ttl"))
                select #f-ttl name="ttl" {
                    @for life in LIVES { option value=(life) selected[ttl == life.to_string()] { (visit.t(&format!("life-{life}"))) } }
                }
            }
            fieldset.stack {
                legend { (visit.t("sandbox-override")) }
                p.hint { (visit.t("sandbox-override-hint")) }
                (text("to", "sandbox-to", "sandbox-to-hint", &filled.to, 254))
                @match &scenarios {
                    Ok(scenarios) => {
                        div {
                            label for="f-scenario" { (visit.t("sandbox-as")) }
                            (told("scenario"))
                            select #f-scenario name="scenario" {
                                option value="" { (visit.t("sandbox-as-it-looks")) }
                                @for one in scenarios { option value=(one.scenario) selected[filled.scenario == one.scenario] { (one.scenario) " – " (summary_of(visit, one)) } }
                            }
                        }
                    },
                    Err(_) => {
                        div #f-scenario {
                            (told("scenario"))
                            // What was chosen stays chosen.
                            @if !filled.scenario.is_empty() { input type="hidden" name="scenario" value=(filled.scenario); }
                            (unavailable(visit, "panel-scenarios"))
                        }
                    },
                }
            }
            div.acts {
                button type="submit" data-busy=(visit.t("busy-create")) { (visit.t("sandbox-create")) }
                a.button.plain href=(visit.href(PLACE)) { (visit.t("cancel")) }
            }
        }
    };
    Ok(shell::page(visit, &Content { title, wrong: !errors.is_empty(), main }))
}

/// What a scenario shows, in the reader's language where it is known.
pub(super) fn summary_of(visit: &Visit<'_>, scenario: &SandboxScenario) -> String {
    let id = format!("scenario-{}", scenario.scenario);
    if visit.words.has(&id) { visit.t(&id) } else { scenario.summary.clone() }
}

/// The sentence about a refusal of the API, when it is about the form.
fn refused(error: &PlatformError) -> Option<FieldError> {
    let PlatformError::Refused(refusal) = error else { return None };
    let about = |name: &str| refusal.fields.iter().any(|field| field.pointer.contains(name));
    let (field, message) = match refusal.code.as_str() {
        "sandbox.limit_reached" => ("seed", "error-sandbox-limit"),
        "sandbox.unknown_scenario" => ("scenario", "error-sandbox-scenario"),
        _ if about("scenarioOverrides") => ("to", "error-sandbox-destination"),
        _ => return None,
    };
    Some(FieldError { field, message })
}

/// `POST /sandbox`.
pub(crate) async fn create(visit: &mut Visit<'_>) -> Outcome {
    let filled = NewSandboxForm::of(borrowed(&visit.form));
    let errors = match filled.request() {
        Ok(wanted) => match visit.portal.platform.create_sandbox(visit.on(), &visit.once(), &wanted).await {
            Ok(made) => {
                visit.tell("sandbox-created");
                return Ok(Reply::To(visit.href(&place_of(&made.sandbox_id))));
            }
            Err(error) => vec![refused(&error).ok_or(error)?],
        },
        Err(errors) => errors,
    };
    Ok(Reply::invalid(form_page(visit, &filled, &errors).await?))
}

/// `GET /sandbox/{id}/reset`, `/close`: asks before it is done.
pub(crate) async fn ask_end(visit: &mut Visit<'_>, id: &str, end: SandboxEnd) -> Outcome {
    let item = SandboxItem::from(&visit.portal.platform.sandbox(visit.on(), id).await?);
    let [title, text, button, _] = end.words().map(|word| visit.t(word));
    let (place, action) = (place_of(id), format!("{}/{}", place_of(id), end.verb()));
    let main = html! {
        h1 { (title) }
        section.card.narrow { dl.facts {
            dt { (visit.t("id")) } dd { (ident(&item.sandbox_id)) }
            dt { (visit.t("nav-verifications")) } dd { (used(visit, item.verifications)) }
            dt { (visit.t("nav-messages")) } dd { (used(visit, item.messages)) }
        } }
        div.box.waiting.narrow { p { (text) } }
        form method="post" action=(action) {
            (token(visit, &action))
            div.acts {
                button.danger type="submit" { (button) }
                a.button.plain href=(visit.href(&place)) autofocus { (visit.t("cancel")) }
            }
        }
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// `POST /sandbox/{id}/reset`, `/close`.
pub(crate) async fn end(visit: &mut Visit<'_>, id: &str, end: SandboxEnd) -> Outcome {
    let (on, platform) = (visit.on(), &visit.portal.platform);
    match end {
        SandboxEnd::Reset => platform.reset_sandbox(on, &visit.once(), id).await.map(drop)?,
        SandboxEnd::Close => platform.close_sandbox(on, id).await?,
    }
    let [_, _, _, told] = end.words();
    visit.tell(told);
    let place = if end == SandboxEnd::Close { PLACE.to_owned() } else { place_of(id) };
    Ok(Reply::To(visit.href(&place)))
}
