//! What every request passes before its page: is it a page, who asks, did the form come from us, is the session still
//! good; and what becomes of trouble after it.

use poem::{
    Request,
    http::{Method, StatusCode, Uri},
};
use sarai_application::customer_portal::session::Standing;
use sarai_ports::customer_portal::{On, PlatformError};

use crate::{
    Inner,
    cookies::{self, Signed, Visitor},
    form::{Came, FormToken},
    pages::{errors, sign_in},
    reply::{Reply, Trouble},
    routes::{self, Needs, Page, Route},
    visit::{Pairs, Visit},
};

/// The most bytes of a form: what the doctor is pasted, each letter written as six or nine.
const FORM_MAX: usize = 262_144;
/// The most bytes of a report.
const REPORT_MAX: usize = 8_192;

/// The pattern of the route, the answer, and the cookies to set.
pub(crate) async fn answer(
    portal: &Inner,
    request: &mut Request,
    request_id: &str,
) -> (&'static str, Reply, Vec<String>) {
    if request.uri().path() == "/csp-report" {
        return ("/csp-report", report(portal, request).await, Vec::new());
    }
    let Some((mut visit, whole)) = visit_of(portal, request, request_id).await else {
        return ("unreadable", Reply::Empty, Vec::new());
    };
    let path = visit.path.clone();
    let Some((route, named)) = routes::find(request.method(), &path) else {
        // Whoever is signed in keeps the way back.
        recognise(portal, request, &mut visit).await;
        let page = errors::page(&visit, &Trouble::NotFound);
        return ("none", page, visit.cookies);
    };
    if !whole {
        recognise(portal, request, &mut visit).await;
        let page = errors::page(&visit, &Trouble::TooLarge);
        return (route.path, page, visit.cookies);
    }
    let outcome = if let Some(early) = admit(portal, request, route, &mut visit).await {
        Ok(early)
    } else {
        let page = routes::run(route.page, &mut visit, named);
        let outcome = match route.page.limit() {
            None => page.await,
            Some(limit) => {
                tokio::time::timeout(limit, page).await.unwrap_or(Err(Trouble::Api(PlatformError::Late)))
            }
        };
        if outcome.is_ok() && visit.method == Method::POST && visit.signed.is_some() {
            // What was kept of it was sent after all.
            let _ = visit.draft(&routes::stands(&path).page);
        }
        outcome
    };
    let reply = match outcome {
        Ok(reply) => reply,
        Err(Trouble::Api(error)) if error.status() == Some(401) => signed_out(&mut visit),
        Err(Trouble::Api(error)) if visit.is_no_place(&error) => Reply::To(visit.start_of_list()),
        Err(trouble) => {
            // The way back leads to the form, with what was typed.
            if visit.method == Method::POST {
                visit.keep_draft();
            }
            errors::page(&visit, &trouble)
        }
    };
    // A sentence is told once.
    if matches!(reply, Reply::Page(..) | Reply::Later(..) | Reply::Secret(_))
        && visit.visitor.flash.take().is_some()
    {
        visit.cookies.extend(visit.visitor.cookie(&portal.ring));
    }
    (route.path, reply, visit.cookies)
}

/// Reads a request, and whether all of its body could be read.
async fn visit_of<'p>(
    portal: &'p Inner,
    request: &mut Request,
    request_id: &str,
) -> Option<(Visit<'p>, bool)> {
    let (now, real) = (portal.clock.now(), portal.clock.real());
    let preferences = cookies::preferences(request);
    let reading = preferences.reading(request.header("accept-language").unwrap_or_default());
    let mut set = Vec::new();
    let known = Visitor::of(request, &portal.ring, real);
    let fresh = known.is_none();
    let mut visitor = known.unwrap_or_else(|| Visitor::new(portal.ring.token(), real));
    if visitor.renew(real) || fresh {
        set.extend(visitor.cookie(&portal.ring));
    }
    let body = request.take_body().into_bytes_limit(FORM_MAX).await;
    let whole = body.is_ok();
    let body = body.unwrap_or_default();
    let pairs = |text: &[u8]| -> Pairs { form_urlencoded::parse(text).into_owned().collect() };
    let is_form =
        request.content_type().is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let visit = Visit {
        portal,
        words: portal.catalogue.of(reading.locale, reading.digits)?,
        reading,
        preferences,
        signed: None,
        visitor,
        now,
        real,
        request_id: request_id.to_owned(),
        client: (portal.client)(request),
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        query: pairs(request.uri().query().unwrap_or_default().as_bytes()),
        form: if is_form { pairs(&body) } else { Vec::new() },
        cookies: set,
    };
    Some((visit, whole))
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
        // Signing out or choosing a language from a page whose visit is over meanwhile: nobody is signed in for whom that
        // could do anything, so the form has to be ours and not of this visit. Signing in does something: who gave somebody
        // else's browser a form of their own would have it signed in as themselves.
        let any_visit = matches!(route.page, Page::SignOut | Page::Locale) && visit.signed.is_none();
        let token = FormToken::open(&portal.ring, visit.sent("_f").unwrap_or_default());
        let theirs = token.as_ref().is_some_and(|token| token.user == visit.user());
        let of_page = token.as_ref().is_some_and(|token| token.is_of(&visit.path, visit.real));
        if matches!(route.page, Page::SendSignIn) && visit.signed.is_some() && of_page {
            // Somebody signed in meanwhile in another tab. They stay who they are, whatever is typed here.
            return Some(Reply::To(sign_in::next(visit)));
        }
        let fits = any_visit && of_page
            || token.is_some_and(|token| token.fits(&visit.path, visit.sid(), visit.real));
        if !fits {
            // Of whoever signed in anew elsewhere in this browser, what was typed is there when the form is opened again.
            if theirs {
                visit.keep_draft();
            }
            return Some(errors::page(visit, &Trouble::Form));
        }
    }
    None
}

/// Finds out who is signed in. Whether there was a session, be it over.
async fn recognise(portal: &Inner, request: &Request, visit: &mut Visit<'_>) -> bool {
    let Some(signed) = Signed::of(request, &portal.ring) else { return false };
    visit.signed = still_good(portal, signed, visit).await;
    true
}

/// The session as it goes on; none when it is over.
async fn still_good(portal: &Inner, mut signed: Signed, visit: &mut Visit<'_>) -> Option<Signed> {
    match signed.lifetime.standing(visit.real) {
        Standing::Good => return Some(signed),
        Standing::Over => {
            visit.cookies.push(cookies::kept(cookies::SESSION, "", 0));
            return None;
        }
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
                // Another request of this browser may have renewed it just now: its cookie is the one to keep, so none
                // is set. The token it has may do for a while.
                Err(_) => return Some(signed).filter(|own| visit.real < own.lifetime.token_ends_at),
            }
        }
    }
    visit.cookies.extend(signed.cookie(&portal.ring, visit.real));
    Some(signed)
}

/// To the sign-in; a form that was sent too late is kept, and comes back filled, never sent by itself.
fn keep_and_sign_in(visit: &mut Visit<'_>, had_session: bool) -> Reply {
    let mut had_session = had_session;
    if visit.method == Method::POST {
        visit.keep_draft();
        // The browser forgets a cookie when it ends; the form still says that somebody was signed in.
        let token = FormToken::open(&visit.portal.ring, visit.sent("_f").unwrap_or_default());
        had_session |= token.is_some_and(|token| !token.user.is_empty());
    }
    // A form is shown again where it stood.
    let next = visit.here();
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

/// A browser's report of a breach of the policy: counted by its directive and the page's pattern, never by its address.
async fn report(portal: &Inner, request: &mut Request) -> Reply {
    if request.method() != Method::POST {
        return Reply::Page(StatusCode::METHOD_NOT_ALLOWED, maud::html! {});
    }
    if !portal.reports.may_come(portal.clock.real()) {
        return Reply::Empty;
    }
    let Ok(body) = request.take_body().into_bytes_limit(REPORT_MAX).await else { return Reply::Empty };
    let report: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let report = report.get(0).unwrap_or(&report);
    let body = report.get("body").or_else(|| report.get("csp-report")).unwrap_or(report);
    let text = |names: [&str; 2]| names.iter().find_map(|name| body.get(*name)?.as_str()).unwrap_or_default();
    let directive = text(["effectiveDirective", "violated-directive"]);
    let directive: String =
        directive.chars().filter(|c| c.is_ascii_alphabetic() || *c == '-').take(40).collect();
    let address: Option<Uri> = text(["documentURL", "document-uri"]).parse().ok();
    let path = address.as_ref().and_then(|address| routes::find(&Method::GET, address.path()));
    let path = path.map_or("other", |(route, _)| route.path);
    let count = portal.reports.count(&directive, path);
    tracing::warn!(directive, path, count, "a page broke its policy");
    Reply::Empty
}
