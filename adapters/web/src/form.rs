//! What says that a form is ours: `_f`, sealed for the page, the session and eight hours. Its ULID is the API's
//! `Idempotency-Key`, so that a form that is sent twice acts once.

use sarai_domain::kernel::Timestamp;
use sarai_ports::system::IdGenerator;
use serde::{Deserialize, Serialize};

use crate::{
    cookies::seconds,
    seal::{Purpose, Ring},
};

/// For how many seconds a form may lie open.
const GOOD_FOR: i64 = 8 * 3_600;

/// What is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FormToken {
    /// Names this rendering of the form.
    pub(crate) ulid: String,
    action: String,
    sid: String,
    iat: i64,
    /// Whom it was shown to: what was typed into it is theirs. Nobody when nobody was signed in.
    #[serde(default)]
    pub(crate) user: String,
}

/// What a form is made for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made<'a> {
    /// The path it is sent to.
    pub(crate) action: &'a str,
    /// The visit.
    pub(crate) sid: &'a str,
    /// Who is signed in.
    pub(crate) user: &'a str,
}

/// A fresh token.
pub(crate) fn sealed(ring: &Ring, ids: &dyn IdGenerator, made: Made<'_>, now: Timestamp) -> String {
    let token = FormToken {
        ulid: ids.ulid().to_string(),
        action: made.action.to_owned(),
        sid: made.sid.to_owned(),
        iat: seconds(now),
        user: made.user.to_owned(),
    };
    let plain = serde_json::to_vec(&token).unwrap_or_default();
    ring.seal(Purpose::Form, &plain).unwrap_or_default()
}

impl FormToken {
    pub(crate) fn open(ring: &Ring, text: &str) -> Option<Self> {
        serde_json::from_slice(&ring.open(Purpose::Form, text)?).ok()
    }

    /// Whether it was made for this path and this visit, lately.
    pub(crate) fn fits(&self, path: &str, sid: &str, now: Timestamp) -> bool {
        self.is_of(path, now) && self.sid == sid && !sid.is_empty()
    }

    /// Whether it was made for this path, lately, in whatever visit.
    pub(crate) fn is_of(&self, path: &str, now: Timestamp) -> bool {
        let age = seconds(now).saturating_sub(self.iat);
        self.action == path && (-60..GOOD_FOR).contains(&age)
    }
}

/// Where a request came from, as its headers say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Came<'a> {
    /// `Sec-Fetch-Site`.
    pub(crate) site: Option<&'a str>,
    /// `Origin`.
    pub(crate) origin: Option<&'a str>,
}

impl Came<'_> {
    /// Whether it came from one of our own pages, or was typed. Who says nothing is not believed.
    pub(crate) fn is_from_us(&self, origins: &[String]) -> bool {
        match self.site {
            Some(site) => matches!(site, "same-origin" | "none"),
            None => self.origin.is_some_and(|origin| origins.iter().any(|own| own == origin)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sarai_system::{OsEntropy, UlidGenerator};

    use super::*;
    use crate::seal::SealingKey;

    #[test]
    fn a_form_is_good_for_its_page_its_visit_and_eight_hours() {
        let ring = Ring::new(&[SealingKey { id: "k".to_owned(), key: [7; 32] }], Arc::new(OsEntropy));
        let at = |seconds: i64| Timestamp::from_unix_micros(seconds * 1_000_000);
        let made = Made { action: "/api-keys", sid: "sid", user: "usr_1" };
        let text = sealed(&ring, &UlidGenerator::default(), made, at(0));
        let token = FormToken::open(&ring, &text).unwrap();
        assert!(token.fits("/api-keys", "sid", at(0)) && token.fits("/api-keys", "sid", at(8 * 3_600 - 1)));
        assert!(!token.fits("/api-keys", "sid", at(8 * 3_600)), "too old");
        assert!(!token.fits("/api-keys", "sid", at(-61)), "from the future");
        assert!(!token.fits("/sign-out", "sid", at(0)), "another page");
        assert!(!token.fits("/api-keys", "other", at(0)), "another visit");
        assert!(FormToken::open(&ring, "v1.k.AAAA").is_none());
        assert!(token.is_of("/api-keys", at(0)) && !token.is_of("/sign-out", at(0)));
        let again = FormToken::open(&ring, &sealed(&ring, &UlidGenerator::default(), made, at(0)));
        assert_ne!(again.unwrap().ulid, token.ulid);
    }

    #[test]
    fn only_our_own_pages_may_send_a_form() {
        let ours = ["http://127.0.0.1:8080".to_owned(), "http://localhost:8080".to_owned()];
        let sites =
            [None, Some("same-origin"), Some("none"), Some("same-site"), Some("cross-site"), Some("")];
        let origins = [None, Some("http://127.0.0.1:8080"), Some("https://evil.example"), Some("null")];
        for site in sites {
            for origin in origins {
                let expected = match site {
                    Some("same-origin" | "none") => true,
                    Some(_) => false,
                    None => origin == Some("http://127.0.0.1:8080"),
                };
                assert_eq!(Came { site, origin }.is_from_us(&ours), expected, "{site:?} {origin:?}");
            }
        }
    }
}
