//! Signing in and out.

use std::time::Duration;

use maud::{Markup, html};
use poem::http::{Method, StatusCode};
use sarai_application::customer_portal::{keys::FieldError, numbers};
use sarai_ports::customer_portal::{PlatformError, SecretText, session::SignIn};

use crate::{
    components::{Line, line, summary},
    cookies::{self, Signed, Visitor},
    reply::{Outcome, Reply, Trouble},
    routes,
    shell::{self, Content, token},
    visit::Visit,
};

/// How long the API may take to end a session; it is over here whatever it says.
const SIGN_OUT: Duration = Duration::from_secs(2);

/// `GET /sign-in`.
pub(crate) fn show(visit: &mut Visit<'_>) -> Reply {
    if visit.signed.is_some() {
        return Reply::To(next(visit));
    }
    Reply::ok(form(visit, &[], false))
}

/// Where to go afterwards: a page of ours, or the first.
pub(crate) fn next(visit: &Visit<'_>) -> String {
    let wanted = visit.sent("next").or_else(|| visit.asked("next")).unwrap_or("/");
    let path = wanted.split(['?', '#']).next().unwrap_or("/");
    let ours = wanted.starts_with('/') && !wanted.starts_with("//") && !wanted.contains(['\\', '\r', '\n']);
    let known = routes::find(&Method::GET, path).is_some_and(|(route, _)| route.page != routes::Page::SignIn);
    if ours && known { wanted.to_owned() } else { "/".to_owned() }
}

fn form(visit: &Visit<'_>, errors: &[FieldError], code: bool) -> Markup {
    let email = visit.sent("email").unwrap_or_default();
    let main = html! {
        h1 { (visit.t("sign-in-title")) }
        p.lead { (visit.t("sign-in-lead")) }
        @if visit.asked("out").is_some() { div.box.good role="status" { p { (visit.t("signed-out")) } } }
        @if visit.asked("expired").is_some() {
            div.box.waiting role="status" {
                p { (visit.t(if visit.visitor.draft.is_some() { "session-expired-kept" } else { "session-expired" })) }
            }
        }
        (summary(visit, errors))
        form.card.fields method="post" action="/sign-in" {
            (token(visit, "/sign-in"))
            input type="hidden" name="next" value=(next(visit));
            (line(visit, &Line { name: "email", label: "field-email", kind: "email", complete: "username", value: email, latin: true, ..Line::default() }, errors))
            (line(visit, &Line { name: "password", label: "field-password", kind: "password", complete: "current-password", latin: true, ..Line::default() }, errors))
            label.pick hidden data-js { input type="checkbox" data-shows="f-password"; span { (visit.t("password-show")) } }
            @if code {
                (line(visit, &Line { name: "code", label: "field-code", hint: Some("field-code-hint"), complete: "one-time-code", latin: true, most: 12, ..Line::default() }, errors))
            }
            div { button type="submit" data-busy=(visit.t("busy-sign-in")) { (visit.t("sign-in")) } }
        }
        @if let Some((address, password)) = &visit.portal.demo {
            div.box {
                h2 { (visit.t("demo-title")) }
                dl.facts {
                    dt { (visit.t("field-email")) } dd { bdi dir="ltr" { code { (address) } } }
                    dt { (visit.t("field-password")) } dd { bdi dir="ltr" { code { (password) } } }
                }
            }
        }
    };
    let title = visit.t("sign-in-title");
    shell::page(visit, &Content { title, wrong: !errors.is_empty(), main })
}

/// `POST /sign-in`.
pub(crate) async fn send(visit: &mut Visit<'_>) -> Outcome {
    let email = visit.sent("email").unwrap_or_default().trim().to_owned();
    let password = visit.sent("password").unwrap_or_default().to_owned();
    let code: String = numbers::typed(visit.sent("code").unwrap_or_default()).split_whitespace().collect();
    let wants_code = visit.sent("code").is_some();
    let error = |field, message| FieldError { field, message };
    let mut errors = Vec::new();
    if email.is_empty() {
        errors.push(error("email", "error-email-empty"));
    } else if !email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) {
        errors.push(error("email", "error-email-form"));
    }
    if password.is_empty() {
        errors.push(error("password", "error-password-empty"));
    }
    if !errors.is_empty() {
        return Ok(Reply::invalid(form(visit, &errors, wants_code)));
    }
    let who = SignIn {
        email,
        password: SecretText::new(password),
        otp: Some(code).filter(|code| !code.is_empty()),
    };
    let portal = visit.portal;
    match portal.platform.sign_in(visit.on(), &who).await {
        Ok(tokens) => {
            let signed = Signed::new(tokens, None, &portal.ring, visit.real);
            let signed = signed.ok_or(Trouble::Api(PlatformError::Misunderstood))?;
            let Some(cookie) = signed.cookie(&portal.ring, visit.real) else {
                tracing::error!("an access token is too long for a cookie: shorten its claims");
                return Err(Trouble::Api(PlatformError::Misunderstood));
            };
            let to = next(visit);
            visit.cookies.push(cookie);
            // The visit gets another name with whoever is in it; a draft stays when it is theirs.
            let draft = visit.visitor.draft.take().filter(|draft| draft.user == signed.who.user_id);
            visit.visitor = Visitor::new(portal.ring.token(), visit.real);
            visit.visitor.draft = draft;
            visit.cookies.extend(visit.visitor.cookie(&portal.ring));
            Ok(Reply::To(to))
        }
        Err(error) if error.is("otp_required") => Ok(Reply::ok(form(visit, &[], true))),
        Err(error) if error.status() == Some(401) => {
            let wrong = [FieldError { field: "email", message: "error-sign-in" }];
            Ok(Reply::Page(StatusCode::UNPROCESSABLE_ENTITY, form(visit, &wrong, wants_code)))
        }
        Err(error) => Err(Trouble::Api(error)),
    }
}

/// `POST /sign-out`.
pub(crate) async fn out(visit: &mut Visit<'_>) -> Reply {
    if visit.signed.is_some() {
        let ended = tokio::time::timeout(SIGN_OUT, visit.portal.platform.sign_out(visit.on())).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("a session was not ended at the API; it ends with its token");
        }
    }
    visit.cookies.push(cookies::kept(cookies::SESSION, "", 0));
    visit.visitor.draft = None;
    visit.cookies.extend(visit.visitor.cookie(&visit.portal.ring));
    Reply::To("/sign-in?out=1".to_owned())
}
