//! One request of a page: who asks, how they read, what they sent, and what they are to keep.

use std::{net::IpAddr, time::Duration};

use poem::http::Method;
use sarai_application::customer_portal::{
    calendar,
    keys::FieldError,
    numbers,
    preferences::{Preferences, Reading},
};
use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::{On, PlatformError};

use crate::{
    Inner,
    cookies::{Draft, Signed, Visitor},
    form::{self, FormToken, Made},
    routes::{self, Needs},
    words::Words,
};

/// How long the calls of one page may take together.
pub(crate) const PAGE: Duration = Duration::from_secs(5);

/// Fields that are never kept.
pub(crate) const NEVER_KEPT: &[&str] = &["_f", "password", "code"];

/// Pairs of names and values.
pub(crate) type Pairs = Vec<(String, String)>;

/// A request of a page.
pub(crate) struct Visit<'a> {
    pub(crate) portal: &'a Inner,
    pub(crate) words: &'a Words,
    pub(crate) reading: Reading,
    pub(crate) preferences: Preferences,
    pub(crate) signed: Option<Signed>,
    pub(crate) visitor: Visitor,
    /// Business time: what is shown is counted from it.
    pub(crate) now: Timestamp,
    /// Real time: sessions and forms end by it.
    pub(crate) real: Timestamp,
    pub(crate) request_id: String,
    pub(crate) client: Option<IpAddr>,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Pairs,
    pub(crate) form: Pairs,
    /// Cookies of the answer.
    pub(crate) cookies: Vec<String>,
}

/// The first value of a name.
pub(crate) fn first<'p>(pairs: &'p Pairs, name: &str) -> Option<&'p str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Pairs as they are borrowed.
pub(crate) fn borrowed(pairs: &Pairs) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

impl Visit<'_> {
    /// A sentence.
    pub(crate) fn t(&self, id: &str) -> String {
        self.words.say(id, &[])
    }

    /// A sentence with values.
    pub(crate) fn tf(&self, id: &str, values: &[(&str, &str)]) -> String {
        self.words.say(id, values)
    }

    /// A sentence about a number of things: `n` chooses the form, `count` is what is read.
    pub(crate) fn tn(&self, id: &str, count: u64) -> String {
        self.words.say(id, &[("n", &count.to_string()), ("count", &self.number(count))])
    }

    /// What is wrong with a field; a sentence may say how many characters were typed into it.
    pub(crate) fn told(&self, error: &FieldError) -> String {
        let typed = self.sent(error.field).unwrap_or_default().replace("\r\n", "\n");
        let count = u64::try_from(typed.chars().count()).unwrap_or_default();
        self.tf(error.message, &[("count", &self.number(count))])
    }

    /// A count.
    pub(crate) fn number(&self, count: u64) -> String {
        numbers::count(count, &self.reading)
    }

    /// A day.
    pub(crate) fn day(&self, at: Timestamp) -> String {
        calendar::show_date(at, &self.reading)
    }

    /// A value of the address.
    pub(crate) fn asked(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// A value of the form.
    pub(crate) fn sent(&self, name: &str) -> Option<&str> {
        first(&self.form, name)
    }

    /// The world as the API names it.
    pub(crate) fn environment(&self) -> &'static str {
        if self.is_sandbox() { "SANDBOX" } else { "PRODUCTION" }
    }

    /// Whether the page is about the sandbox.
    pub(crate) fn is_sandbox(&self) -> bool {
        self.asked("env").or_else(|| self.sent("env")) == Some("sandbox")
            || self.path.split('/').nth(1) == Some("sandbox")
    }

    /// An address of ours with this query, in the same world.
    pub(crate) fn link(&self, path: &str, pairs: &[(&str, &str)]) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.href(&if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") })
    }

    /// Whether whoever is signed in is a developer.
    pub(crate) fn is_developer(&self) -> bool {
        self.signed.as_ref().is_some_and(|signed| signed.who.has("developer"))
    }

    /// Whether whoever is signed in is a customer.
    pub(crate) fn is_customer(&self) -> bool {
        self.signed.as_ref().is_some_and(|signed| signed.who.has("customer"))
    }

    /// Whether whoever is signed in may give a key this scope: to buy for the tenant is its administrators' to give.
    pub(crate) fn may_give(&self, scope: sarai_domain::devportal::values::Scope) -> bool {
        scope.as_str() != "marketplace:write"
            || self.signed.as_ref().is_some_and(|signed| signed.who.has("tenant-admin"))
    }

    /// Whether a page is for the roles of whoever is signed in.
    pub(crate) fn may_see(&self, path: &str) -> bool {
        routes::find(&Method::GET, path).is_some_and(|(route, _)| self.may(route.needs))
    }

    /// Whether whoever is signed in has the role that is needed.
    pub(crate) fn may(&self, needs: Needs) -> bool {
        match needs {
            Needs::Nothing | Needs::Session => true,
            Needs::Customer => self.is_customer(),
            Needs::Developer => self.is_developer(),
        }
    }

    /// An address of ours in the same world.
    pub(crate) fn href(&self, path: &str) -> String {
        if !self.is_sandbox() {
            return path.to_owned();
        }
        let (path, mark) = path.split_once('#').map_or((path, None), |(path, mark)| (path, Some(mark)));
        let join = if path.contains('?') { '&' } else { '?' };
        let mark = mark.map(|mark| format!("#{mark}")).unwrap_or_default();
        format!("{path}{join}env=sandbox{mark}")
    }

    /// The page's own address, for a link that tries again; a form that was sent leads to the page it stands on.
    pub(crate) fn here(&self) -> String {
        if self.method == Method::POST {
            return self.of_form(&routes::stands(&self.path).page);
        }
        let query =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(borrowed(&self.query)).finish();
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }

    /// Whether a page cannot be shown because of the place in a list that its address names: a cursor of before its key was
    /// changed, or of other filters.
    pub(crate) fn is_no_place(&self, error: &PlatformError) -> bool {
        self.method == Method::GET
            && self.asked("cursor").is_some()
            && matches!(error.status(), Some(400 | 422))
    }

    /// The page's own address, from the start of its list.
    pub(crate) fn start_of_list(&self) -> String {
        let rest: Vec<_> =
            borrowed(&self.query).filter(|(name, _)| !matches!(*name, "cursor" | "env")).collect();
        self.link(&self.path, &rest)
    }

    /// A page of the form that was sent: in its world, with the filters that it named.
    pub(crate) fn of_form(&self, page: &str) -> String {
        let named = self.sent("query").unwrap_or_default();
        let pairs: Pairs = form_urlencoded::parse(named.as_bytes()).into_owned().collect();
        let pairs: Vec<(&str, &str)> = borrowed(&pairs).filter(|(name, _)| *name != "env").collect();
        self.link(page, &pairs)
    }

    /// On whose behalf the API is called.
    pub(crate) fn on(&self) -> On<'_> {
        On {
            token: self.signed.as_ref().map(|signed| &signed.who.access_token),
            request_id: &self.request_id,
            client: self.client,
            environment: self.environment(),
        }
    }

    /// Whose visit it is; nobody's before somebody is signed in.
    pub(crate) fn user(&self) -> &str {
        self.signed.as_ref().map_or("", |signed| &signed.who.user_id)
    }

    /// What names the visit in forms.
    pub(crate) fn sid(&self) -> &str {
        self.signed.as_ref().map_or(&self.visitor.sid, |signed| &signed.sid)
    }

    /// A token for a form that is sent to this path.
    pub(crate) fn form_token(&self, action: &str) -> String {
        let path = action.split(['?', '#']).next().unwrap_or(action);
        let made = Made { action: path, sid: self.sid(), user: self.user() };
        form::sealed(&self.portal.ring, &*self.portal.ids, made, self.real)
    }

    /// The form's own token, checked before the page was reached.
    pub(crate) fn once(&self) -> String {
        let token = self.sent("_f").unwrap_or_default();
        FormToken::open(&self.portal.ring, token).map(|token| token.ulid).unwrap_or_default()
    }

    /// What was typed into the form that was sent, where its page would show it again.
    pub(crate) fn typed(&self) -> Option<String> {
        let kept = self.method == Method::POST && self.signed.is_some() && routes::stands(&self.path).keeps;
        let fields = borrowed(&self.form).filter(|(name, _)| !NEVER_KEPT.contains(name));
        kept.then(|| form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish())
    }

    /// Keeps what was typed into the form that was sent, for its page to show again to the same person; not what is
    /// secret, not where no page would show it, and not more than a cookie takes.
    pub(crate) fn keep_draft(&mut self) {
        let stands = routes::stands(&self.path);
        let token = FormToken::open(&self.portal.ring, self.sent("_f").unwrap_or_default());
        let Some(token) = token.filter(|token| stands.keeps && token.is_of(&self.path, self.real)) else {
            return;
        };
        let fields = self.form.iter().filter(|(name, _)| !NEVER_KEPT.contains(&name.as_str())).cloned();
        self.keep(Draft { page: stands.page, user: token.user, fields: fields.collect() });
    }

    /// Keeps a draft, unless it is more than a cookie takes.
    pub(crate) fn keep(&mut self, draft: Draft) {
        let mut kept = self.visitor.clone();
        kept.draft = Some(draft);
        if let Some(cookie) = kept.cookie(&self.portal.ring) {
            self.visitor = kept;
            self.cookies.push(cookie);
        }
    }

    /// What was typed into this page's form before the session was over; it is given once, and to nobody else.
    pub(crate) fn draft(&mut self, page: &str) -> Pairs {
        let user = self.user().to_owned();
        match self.visitor.draft.take_if(|draft| draft.page == page || draft.user != user) {
            Some(draft) => {
                self.cookies.extend(self.visitor.cookie(&self.portal.ring));
                if draft.user == user { draft.fields } else { Vec::new() }
            }
            None => Vec::new(),
        }
    }

    /// Tells a sentence on the next page.
    pub(crate) fn tell(&mut self, id: &str) {
        self.visitor.flash = Some(id.to_owned());
        self.cookies.extend(self.visitor.cookie(&self.portal.ring));
    }
}
