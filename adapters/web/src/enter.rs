//! What every request passes before its page: is it a page, who asks, did the form come from us, is the session still
//! good; and what becomes of trouble after it.

use std::borrow::Cow;

use poem::{
    Request,
    http::{Method, StatusCode},
};
use sarai_application::customer_portal::session::Standing;
use sarai_ports::customer_portal::{On, PlatformError};

use crate::{
    Inner,
    cookies::{self, Signed, Visitor},
    form::{Came, FormToken},
    pages::errors,
    reply::{Reply, Trouble},
    routes::{self, Needs, Route},
    visit::{PAGE, Pairs, Visit},
};

/// The most bytes of a form.
const FORM_MAX: usize = 65_536;
/// The most bytes of a report.
const REPORT_MAX: usize = 8_192;
/// Fields that are never kept.
const NEVER_KEPT: &[&str] = &["_f", "password", "code"];

/// The pattern of the route, the answer, and the cookies to set.
pub(crate) async fn answer(
    portal: &Inner,
    request: &mut Request,
    request_id: &str,
) -> (&'static str, Reply, Vec<String>) {
    if request.uri().path() == "/csp-report" {
        return ("/csp-report", report(request).await, Vec::new());
    }
    let Some(mut visit) = visit_of(portal, request, request_id).await else {
        return ("unreadable", Reply::Empty, Vec::new());
    };
    let path = visit.path.clone();
    let Some((route, named)) = routes::find(request.method(), &path) else {
        // Whoever is signed in keeps the way back.
        recognise(portal, request, &mut visit).await;
        let page = errors::page(&visit, &Trouble::NotFound);
        return ("none", page, visit.cookies);
    };
    let outcome = if let Some(early) = admit(portal, request, route, &mut visit).await {
        Ok(early)
    } else {
        let page = routes::run(route.page, &mut visit, named);
        if route.page.is_export() {
            page.await
        } else {
            tokio::time::timeout(PAGE, page).await.unwrap_or(Err(Trouble::Api(PlatformError::Late)))
        }
    };
    let reply = match outcome {
        Ok(reply) => reply,
        Err(Trouble::Api(error)) if error.status() == Some(401) => signed_out(&mut visit),
        Err(trouble) => errors::page(&visit, &trouble),
    };
    // A sentence is told once.
    if matches!(reply, Reply::Page(..) | Reply::Secret(_)) && visit.visitor.flash.take().is_some() {
        visit.cookies.extend(visit.visitor.cookie(&portal.ring));
    }
    (route.path, reply, visit.cookies)
}

/// Reads a request; none when its body cannot be.
async fn visit_of<'p>(portal: &'p Inner, request: &mut Request, request_id: &str) -> Option<Visit<'p>> {
    let (now, real) = (portal.clock.now(), portal.clock.real());
    let preferences = cookies::preferences(request);
    let reading = preferences.reading(request.header("accept-language").unwrap_or_default());
    let mut set = Vec::new();
    let visitor = Visitor::of(request, &portal.ring, real).unwrap_or_else(|| {
        let visitor = Visitor::new(portal.ring.token(), real);
        set.extend(visitor.cookie(&portal.ring));
        visitor
    });
    let body = request.take_body().into_bytes_limit(FORM_MAX).await.ok()?;
    let pairs = |text: &[u8]| -> Pairs { form_urlencoded::parse(text).into_owned().collect() };
    let is_form =
        request.content_type().is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    Some(Visit {
        portal,
        words: portal.catalogue.of(reading.locale)?,
        reading,
        preferences,
        signed: None,
        visitor,
        now,
        real,
        request_id: request_id.to_owned(),
        client: request.remote_addr().as_socket_addr().map(std::net::SocketAddr::ip),
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        query: pairs(request.uri().query().unwrap_or_default().as_bytes()),
        form: if is_form { pairs(&body) } else { Vec::new() },
        cookies: set,
    })
}

/// Lets a request through to its page, or answers it.
async fn admit(portal: &Inner, request: &Request, route: &Route, visit: &mut Visit<'_>) -> Option<Reply> {
    let changes = *route.method == Method::POST;
    if changes {
        let came = Came { site: request.header("sec-fetch-site"), origin: request.header("origin") };
        let origins = portal.origins.get().map_or(&[][..], Vec::as_slice);
        if !came.is_from_us(origins) {
            return Some(errors::page(visit, &Trouble::Form));
        }
    }
    let had_session = recognise(portal, request, visit).await;
    if route.needs != Needs::Nothing {
        let Some(signed) = &visit.signed else {
            return Some(keep_and_sign_in(visit, had_session));
        };
        let who = &signed.who;
        if !who.may_enter() || !visit.may(route.needs) {
            return Some(errors::page(visit, &Trouble::Forbidden));
        }
    }
    if changes {
        let token = FormToken::open(&portal.ring, visit.sent("_f").unwrap_or_default());
        if !token.is_some_and(|token| token.fits(&visit.path, visit.sid(), visit.real)) {
            return Some(errors::page(visit, &Trouble::Form));
        }
    }
    None
}

/// Finds out who is signed in. Whether there was a session, be it over.
async fn recognise(portal: &Inner, request: &Request, visit: &mut Visit<'_>) -> bool {
    let Some(signed) = Signed::of(request, &portal.ring) else { return false };
    visit.signed = still_good(portal, signed, visit).await;
    if visit.signed.is_none() {
        visit.cookies.push(cookies::kept(cookies::SESSION, "", 0));
    }
    true
}

/// The session as it goes on; none when it is over.
async fn still_good(portal: &Inner, mut signed: Signed, visit: &mut Visit<'_>) -> Option<Signed> {
    match signed.lifetime.standing(visit.real) {
        Standing::Good => return Some(signed),
        Standing::Over => return None,
        Standing::Note => signed.lifetime.seen_at = visit.real,
        Standing::Renew => {
            let on = On {
                token: None,
                request_id: &visit.request_id,
                client: visit.client,
                environment: "PRODUCTION",
            };
            match portal.platform.refresh(on, &signed.refresh).await {
                Ok(tokens) => {
                    let before = Some((signed.sid.clone(), signed.lifetime.signed_in_at));
                    signed = Signed::new(tokens, before, &portal.ring, visit.real)?;
                }
                // The token it has may do for a while.
                Err(_) if visit.real < signed.lifetime.token_ends_at => signed.lifetime.seen_at = visit.real,
                Err(_) => return None,
            }
        }
    }
    visit.cookies.extend(signed.cookie(&portal.ring, visit.real));
    Some(signed)
}

/// To the sign-in; a form that was sent too late is kept, and comes back filled, never sent by itself.
fn keep_and_sign_in(visit: &mut Visit<'_>, had_session: bool) -> Reply {
    let is_ours = || FormToken::open(&visit.portal.ring, visit.sent("_f").unwrap_or_default()).is_some();
    let mut next: Cow<'_, str> = Cow::Owned(visit.here());
    if visit.method == Method::POST {
        // A form is shown again where it stood.
        let page = match visit.path.as_str() {
            "/api-keys" => "/api-keys/new",
            "/webhooks" => "/webhooks/new",
            "/send-test/confirm" => "/send-test",
            "/sandbox" => "/sandbox/new",
            // What has no page of its own stood on the one above.
            other if routes::find(&Method::GET, other).is_none() => {
                other.rsplit_once('/').map_or("/", |(above, _)| above)
            }
            other => other,
        };
        next = Cow::Owned(page.to_owned());
        if is_ours() {
            let fields = visit.form.iter().filter(|(name, _)| !NEVER_KEPT.contains(&name.as_str())).cloned();
            visit.visitor.draft = Some((page.to_owned(), fields.collect()));
            visit.cookies.extend(visit.visitor.cookie(&visit.portal.ring));
        }
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    if next != "/" {
        query.append_pair("next", &next);
    }
    if had_session {
        query.append_pair("expired", "1");
    }
    let query = query.finish();
    Reply::To(if query.is_empty() { "/sign-in".to_owned() } else { format!("/sign-in?{query}") })
}

/// The API says that the session is over.
fn signed_out(visit: &mut Visit<'_>) -> Reply {
    visit.cookies.push(cookies::kept(cookies::SESSION, "", 0));
    keep_and_sign_in(visit, true)
}

/// A browser's report of a breach of the policy: counted by its directive, without the address's query.
async fn report(request: &mut Request) -> Reply {
    if request.method() != Method::POST {
        return Reply::Page(StatusCode::METHOD_NOT_ALLOWED, maud::html! {});
    }
    let Ok(body) = request.take_body().into_bytes_limit(REPORT_MAX).await else { return Reply::Empty };
    let report: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let report = report.get(0).unwrap_or(&report);
    let body = report.get("body").or_else(|| report.get("csp-report")).unwrap_or(report);
    let text = |names: [&str; 2]| names.iter().find_map(|name| body.get(*name)?.as_str()).unwrap_or_default();
    let directive = text(["effectiveDirective", "violated-directive"]);
    let directive: String =
        directive.chars().filter(|c| c.is_ascii_alphabetic() || *c == '-').take(40).collect();
    tracing::warn!(directive, "a page broke its policy");
    Reply::Empty
}
