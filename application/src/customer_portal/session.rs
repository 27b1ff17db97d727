//! Who is signed in, and for how long (customer-portal.md 1, ruling R30).

use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::SecretText;
use serde::Deserialize;
use time::Duration;

/// How long after signing in a session ends, whatever happens.
pub const WHOLE: Duration = Duration::hours(12);
/// How long a session lasts unused.
pub const IDLE: Duration = Duration::minutes(30);
/// How old the note of the last use may grow before it is renewed.
pub const NOTED: Duration = Duration::minutes(5);
/// With less than this left, the access token is renewed.
pub const RENEW: Duration = Duration::minutes(15);

/// Who is signed in. It lives as long as a request.
#[derive(Debug)]
pub struct AuthSession {
    /// The user.
    pub user_id: String,
    /// The account.
    pub account_id: String,
    /// The address.
    pub email: String,
    /// The roles.
    pub roles: Vec<String>,
    /// What the API is called with. Never printed.
    pub access_token: SecretText,
    /// When that ends.
    pub expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    account_id: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    roles: Vec<String>,
    exp: i64,
}

impl AuthSession {
    /// What the claims of an access token say. Whoever calls got the token from the API itself.
    pub fn of(claims: &[u8], access_token: SecretText) -> Option<Self> {
        let claims: Claims = serde_json::from_slice(claims).ok()?;
        Some(Self {
            user_id: claims.sub,
            account_id: claims.account_id,
            email: claims.email,
            roles: claims.roles,
            access_token,
            expires_at: Timestamp::from_unix_micros(claims.exp.checked_mul(1_000_000)?),
        })
    }

    /// Whether the portal is for them (ruling R30).
    pub fn may_enter(&self) -> bool {
        self.has("customer") || self.has("developer")
    }

    /// Whether they may act as this.
    pub fn has(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }
}

/// The instants that decide how long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// When they signed in.
    pub signed_in_at: Timestamp,
    /// When they were here last, to [`NOTED`].
    pub seen_at: Timestamp,
    /// When the access token ends.
    pub token_ends_at: Timestamp,
}

/// What a session's age asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Good,
    /// Its note of the last use.
    Note,
    /// The next token.
    Renew,
    /// Signing in again.
    Over,
}

impl Lifetime {
    /// When the session ends if nothing happens.
    pub fn ends_at(&self) -> Timestamp {
        self.signed_in_at.plus(WHOLE).min(self.seen_at.plus(IDLE))
    }

    /// What is to be done now. A token that ended is renewed while the session lasts.
    pub fn standing(&self, now: Timestamp) -> Standing {
        if now >= self.ends_at() || now < self.signed_in_at.plus(-NOTED) {
            Standing::Over
        } else if now >= self.token_ends_at.plus(-RENEW) {
            Standing::Renew
        } else if now >= self.seen_at.plus(NOTED) {
            Standing::Note
        } else {
            Standing::Good
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(minutes: i64) -> Timestamp {
        Timestamp::from_unix_micros(0).plus(Duration::minutes(minutes))
    }

    fn standing(seen: i64, token: i64, now: i64) -> Standing {
        let lifetime = Lifetime { signed_in_at: after(0), seen_at: after(seen), token_ends_at: after(token) };
        lifetime.standing(after(now))
    }

    #[test]
    fn a_session_ends_by_idleness_by_age_and_never_by_its_cookie() {
        for (seen, token, now, expected) in [
            (0, 60, 0, Standing::Good),
            (0, 60, 4, Standing::Good),
            (0, 60, 5, Standing::Note),
            (0, 60, 29, Standing::Note),
            (0, 60, 30, Standing::Over),
            (40, 60, 44, Standing::Good),
            (40, 60, 45, Standing::Renew),
            (50, 60, 70, Standing::Renew),
            (715, 900, 719, Standing::Good),
            (715, 900, 720, Standing::Over),
            (0, 60, -6, Standing::Over),
        ] {
            assert_eq!(standing(seen, token, now), expected, "seen {seen}, token {token}, now {now}");
        }
    }

    #[test]
    fn claims_make_a_session_that_shows_no_token() {
        let claims =
            br#"{"sub":"usr_1","account_id":"acc_1","email":"a@b.c","roles":["customer"],"exp":3600}"#;
        let session = AuthSession::of(claims, SecretText::new("eyJ-secret".to_owned())).unwrap();
        assert_eq!((session.user_id.as_str(), session.account_id.as_str()), ("usr_1", "acc_1"));
        assert_eq!(session.expires_at, after(60));
        assert!(session.may_enter() && !session.has("developer"));
        assert!(!format!("{session:?}").contains("eyJ"));
        assert!(AuthSession::of(b"{}", SecretText::new(String::new())).is_none());
    }
}
