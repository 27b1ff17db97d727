//! Choosing a language.

use poem::http::Method;
use sarai_domain::devportal::values::Locale;

use crate::{
    cookies::{self, Draft},
    reply::Reply,
    routes,
    visit::{NEVER_KEPT, Pairs, Visit},
};

/// `POST /locale`.
pub(crate) fn choose(visit: &mut Visit<'_>) -> Reply {
    let lang = visit.sent("lang").unwrap_or_default();
    if let Some(locale) = Locale::ALL.iter().copied().find(|locale| locale.as_str() == lang) {
        visit.preferences.locale = Some(locale);
        visit.cookies.push(cookies::preferences_cookie(&visit.preferences));
    }
    let back = visit.sent("back").unwrap_or("/");
    let path = back.split(['?', '#']).next().unwrap_or("/");
    let ours = back.starts_with('/') && !back.starts_with("//") && !back.contains(['\\', '\r', '\n']);
    let known = routes::find(&Method::GET, path).is_some();
    if !(ours && known) {
        return Reply::To("/".to_owned());
    }
    let (page, back) = (path.to_owned(), back.to_owned());
    let typed = visit.sent("typed").unwrap_or_default().as_bytes();
    let fields: Pairs = form_urlencoded::parse(typed)
        .into_owned()
        .filter(|(name, _)| !NEVER_KEPT.contains(&name.as_str()))
        .collect();
    if visit.signed.is_some() && !fields.is_empty() {
        visit.keep(Draft { page, user: visit.user().to_owned(), fields });
    }
    Reply::To(back)
}
