//! Choosing a language.

use poem::http::Method;
use sarai_domain::devportal::values::Locale;

use crate::{cookies, reply::Reply, routes, visit::Visit};

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
    Reply::To(if ours && known { back.to_owned() } else { "/".to_owned() })
}
