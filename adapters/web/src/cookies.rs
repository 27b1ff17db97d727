//! The three cookies: who is signed in, who is not yet, and how somebody likes to read.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{Request, http::header};
use sarai_application::customer_portal::{
    preferences::Preferences,
    session::{AuthSession, Lifetime},
};
use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::{SecretText, session::Tokens};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::seal::{Purpose, Ring};

/// Who is signed in.
pub(crate) const SESSION: &str = "__Host-portal";
/// Who is not yet.
pub(crate) const VISITOR: &str = "__Host-pre";
/// How somebody likes to read.
pub(crate) const PREFERENCES: &str = "__Host-prefs";
/// The most bytes of a cookie: browsers drop what is longer than 4 KiB with its attributes.
pub(crate) const COOKIE_MAX: usize = 3_500;
/// For how many seconds a visitor's cookie is good.
const VISITOR_SECONDS: i64 = 1_800;
/// How old its note of the last use may grow, in seconds.
const VISITOR_NOTED: i64 = 300;

/// A cookie of the request.
pub(crate) fn of<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    let headers = request.headers().get_all(header::COOKIE).into_iter();
    headers.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';')).find_map(|pair| {
        let (known, value) = pair.trim().split_once('=')?;
        (known == name).then_some(value)
    })
}

/// A cookie to be kept for so many seconds; zero ends it.
pub(crate) fn kept(name: &str, value: &str, seconds: i64) -> String {
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}", seconds.max(0))
}

/// What the session's cookie holds.
#[derive(Serialize, Deserialize)]
struct Sealed {
    tok: String,
    refresh: String,
    sid: String,
    auth_at: i64,
    seen: i64,
    exp: i64,
}

impl Drop for Sealed {
    fn drop(&mut self) {
        self.tok.zeroize();
        self.refresh.zeroize();
    }
}

/// A session as a request has it.
#[derive(Debug)]
pub(crate) struct Signed {
    /// Who.
    pub(crate) who: AuthSession,
    /// Gets the next token.
    pub(crate) refresh: SecretText,
    /// Names the session in forms.
    pub(crate) sid: String,
    /// For how long.
    pub(crate) lifetime: Lifetime,
}

/// The claims of a token. The API gave it to us, so its signature says nothing new.
fn claims(token: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()
}

impl Signed {
    /// Whoever just signed in, or got the next tokens of a session that began before.
    pub(crate) fn new(
        tokens: Tokens,
        before: Option<(String, Timestamp)>,
        ring: &Ring,
        now: Timestamp,
    ) -> Option<Self> {
        let claims = claims(tokens.access_token.reveal())?;
        let who = AuthSession::of(&claims, tokens.access_token)?;
        let (sid, signed_in_at) = before.unwrap_or_else(|| (ring.token(), now));
        let lifetime = Lifetime { signed_in_at, seen_at: now, token_ends_at: who.expires_at };
        Some(Self { who, refresh: tokens.refresh_token, sid, lifetime })
    }

    /// The session of a request, whether it is over or not.
    pub(crate) fn of(request: &Request, ring: &Ring) -> Option<Self> {
        let plain = ring.open(Purpose::Session, of(request, SESSION)?)?;
        let mut sealed: Sealed = serde_json::from_slice(&plain).ok()?;
        let claims = claims(&sealed.tok)?;
        let who = AuthSession::of(&claims, SecretText::new(std::mem::take(&mut sealed.tok)))?;
        let at = Timestamp::from_unix_micros;
        let lifetime = Lifetime {
            signed_in_at: at(sealed.auth_at),
            seen_at: at(sealed.seen),
            token_ends_at: at(sealed.exp),
        };
        let refresh = SecretText::new(std::mem::take(&mut sealed.refresh));
        Some(Self { who, refresh, sid: std::mem::take(&mut sealed.sid), lifetime })
    }

    /// The cookie; none when it would be too long for a browser.
    pub(crate) fn cookie(&self, ring: &Ring, now: Timestamp) -> Option<String> {
        let sealed = Sealed {
            tok: self.who.access_token.reveal().to_owned(),
            refresh: self.refresh.reveal().to_owned(),
            sid: self.sid.clone(),
            auth_at: self.lifetime.signed_in_at.unix_micros(),
            seen: self.lifetime.seen_at.unix_micros(),
            exp: self.lifetime.token_ends_at.unix_micros(),
        };
        let plain = Zeroizing::new(serde_json::to_vec(&sealed).ok()?);
        let value = ring.seal(Purpose::Session, &plain)?;
        let seconds = self.lifetime.ends_at().since(now).whole_seconds();
        (value.len() <= COOKIE_MAX).then(|| kept(SESSION, &value, seconds))
    }
}

/// A form that was sent after its session was over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Draft {
    /// The page that shows it again.
    pub(crate) page: String,
    /// Who typed it: nobody else sees it.
    pub(crate) user: String,
    /// Its fields.
    pub(crate) fields: Vec<(String, String)>,
}

/// Whoever is not signed in yet, and what is to be told to anybody next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Visitor {
    /// Names the visit in forms.
    pub(crate) sid: String,
    /// A sentence for the next page.
    #[serde(default)]
    pub(crate) flash: Option<String>,
    /// A form that was sent after its session was over.
    #[serde(default)]
    pub(crate) draft: Option<Draft>,
    /// When it was made or used, to [`VISITOR_NOTED`], in seconds.
    at: i64,
}

impl Visitor {
    pub(crate) fn new(sid: String, now: Timestamp) -> Self {
        Self { sid, at: seconds(now), ..Self::default() }
    }

    pub(crate) fn of(request: &Request, ring: &Ring, now: Timestamp) -> Option<Self> {
        let plain = ring.open(Purpose::Visitor, of(request, VISITOR)?)?;
        let visitor: Self = serde_json::from_slice(&plain).ok()?;
        (seconds(now).saturating_sub(visitor.at) < VISITOR_SECONDS).then_some(visitor)
    }

    /// Goes on from now. Whether that is to be told to the browser.
    pub(crate) fn renew(&mut self, now: Timestamp) -> bool {
        let old = seconds(now).saturating_sub(self.at) >= VISITOR_NOTED;
        if old {
            self.at = seconds(now);
        }
        old
    }

    /// The cookie; none when it would be too long for a browser.
    pub(crate) fn cookie(&self, ring: &Ring) -> Option<String> {
        let plain = Zeroizing::new(serde_json::to_vec(self).ok()?);
        let value = ring.seal(Purpose::Visitor, &plain)?;
        (value.len() <= COOKIE_MAX).then(|| kept(VISITOR, &value, VISITOR_SECONDS))
    }
}

/// Whole seconds since 1970.
pub(crate) fn seconds(at: Timestamp) -> i64 {
    at.unix_micros().div_euclid(1_000_000)
}

/// What somebody chose.
pub(crate) fn preferences(request: &Request) -> Preferences {
    let text = of(request, PREFERENCES).unwrap_or_default();
    let pairs: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    Preferences::of(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// The cookie of a choice, for a year.
pub(crate) fn preferences_cookie(chosen: &Preferences) -> String {
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(chosen.pairs()).finish();
    kept(PREFERENCES, &text, 31_536_000)
}
