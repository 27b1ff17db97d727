//! API keys as the page lists them, and the form for a new one.

use sarai_domain::{devportal::values::Scope, kernel::Timestamp};
use sarai_ports::customer_portal::{
    SecretText,
    keys::{CreatedKey, Key},
};

/// The most characters of a name.
pub const NAME_MAX: usize = 64;
/// After so many days without use a key is called unused.
const UNUSED_DAYS: i64 = 30;
/// What the old key may go on for after a rotation, in seconds.
pub const OVERLAPS: &[u32] = &[0, 3_600, 86_400];

/// When a key was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// It was not yet.
    Never,
    /// Lately.
    At(Timestamp),
    /// So many days ago.
    NotFor(u64),
}

/// A key in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyListItem {
    /// Its id.
    pub key_id: String,
    /// What it is called.
    pub name: String,
    /// Its beginning and end: `srk_live_abcd…wxyz`.
    pub trace: Option<String>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Whether it works: `active` or `revoked`.
    pub status: &'static str,
    /// When it stops because another took its place.
    pub retires_at: Option<Timestamp>,
    /// When it was used.
    pub used: Used,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKeyListItem {
    /// A key as it is listed now.
    pub fn of(key: &Key, now: Timestamp) -> Self {
        let days = key.last_used_at.map(|at| (at, now.since(at).whole_days()));
        Self {
            key_id: key.key_id.clone(),
            name: key.label.clone(),
            trace: key.prefix.as_ref().zip(key.last4.as_ref()).map(|(start, end)| format!("{start}…{end}")),
            scopes: key.scopes.clone(),
            status: if key.status == "ACTIVE" { "active" } else { "revoked" },
            retires_at: key.retire_at.filter(|_| key.status == "ACTIVE"),
            used: match days {
                None => Used::Never,
                Some((_, days)) if days > UNUSED_DAYS => Used::NotFor(days.unsigned_abs()),
                Some((at, _)) => Used::At(at),
            },
            created_at: key.created_at,
            revoked_at: key.revoked_at,
        }
    }

    /// Whether it works.
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// Whether it may be revoked without much thought: nothing uses it.
    pub fn is_unused(&self) -> bool {
        !matches!(self.used, Used::At(_))
    }
}

/// A key that was just created. `rawKeyValue` lives here, for one answer.
#[derive(Debug)]
pub struct ApiKeyCreated {
    /// Its id.
    pub key_id: String,
    /// What it is called.
    pub name: String,
    /// The secret; none when it was shown before.
    pub raw_key: Option<SecretText>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl From<CreatedKey> for ApiKeyCreated {
    fn from(created: CreatedKey) -> Self {
        let CreatedKey { raw_key, key } = created;
        Self { key_id: key.key_id, name: key.label, raw_key, scopes: key.scopes, created_at: key.created_at }
    }
}

/// What is wrong with a form; its name is that of the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldError {
    /// The field.
    pub field: &'static str,
    /// The sentence.
    pub message: &'static str,
}

/// The form for a new key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewKeyForm {
    /// What it is to be called.
    pub name: String,
    /// What it is to do.
    pub scopes: Vec<String>,
}

impl NewKeyForm {
    /// What was typed; scopes that are none are left out.
    pub fn of<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = Self::default();
        for (name, value) in fields {
            match name {
                "name" => value.trim().clone_into(&mut form.name),
                "scope" if offered().any(|scope| scope.as_str() == value) => {
                    form.scopes.push(value.to_owned());
                }
                _ => {}
            }
        }
        form
    }

    /// What is wrong with it.
    pub fn errors(&self) -> Vec<FieldError> {
        let error = |field, message| FieldError { field, message };
        let mut errors = Vec::new();
        if self.name.is_empty() {
            errors.push(error("name", "error-key-name-empty"));
        } else if self.name.chars().count() > NAME_MAX {
            errors.push(error("name", "error-key-name-long"));
        }
        if self.scopes.is_empty() {
            errors.push(error("scope", "error-key-scopes-none"));
        }
        errors
    }
}

/// The scopes that customers are offered.
pub fn offered() -> impl Iterator<Item = Scope> {
    Scope::ALL.iter().copied().filter(|scope| !scope.staff_only())
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    fn key() -> Key {
        Key {
            key_id: "key_1".to_owned(),
            label: "Shop".to_owned(),
            prefix: Some("srk_live_AbCd".to_owned()),
            last4: Some("wXyZ".to_owned()),
            scopes: vec!["sms:send".to_owned()],
            status: "ACTIVE".to_owned(),
            retire_at: None,
            replaced_by: None,
            last_used_at: None,
            revoked_at: None,
            revoked_reason: None,
            created_at: Timestamp::from_unix_micros(0),
        }
    }

    #[test]
    fn a_key_says_when_it_was_used() {
        let now = Timestamp::from_unix_micros(0).plus(Duration::days(100));
        let used = |days| {
            let last_used_at = Some(now.plus(-Duration::days(days)));
            ApiKeyListItem::of(&Key { last_used_at, ..key() }, now).used
        };
        assert_eq!(ApiKeyListItem::of(&key(), now).used, Used::Never);
        assert_eq!(used(30), Used::At(now.plus(-Duration::days(30))));
        assert_eq!(used(31), Used::NotFor(31));
        assert_eq!(ApiKeyListItem::of(&key(), now).trace.unwrap(), "srk_live_AbCd…wXyZ");
    }

    #[test]
    fn a_form_says_what_is_wrong_with_it() {
        let form = |name: &str, scopes: &[&str]| {
            let scopes = scopes.iter().map(|scope| ("scope", *scope));
            NewKeyForm::of(std::iter::once(("name", name)).chain(scopes))
        };
        let messages = |form: NewKeyForm| form.errors().iter().map(|error| error.message).collect::<Vec<_>>();
        assert!(messages(form(" Shop ", &["sms:send"])).is_empty());
        assert_eq!(messages(form(" ", &[])), ["error-key-name-empty", "error-key-scopes-none"]);
        assert_eq!(messages(form(&"x".repeat(65), &["sms:send"])), ["error-key-name-long"]);
        assert_eq!(form("a", &["docs:write", "all", "sms:read"]).scopes, ["sms:read"]);
    }
}
