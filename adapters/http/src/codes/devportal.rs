//! Codes of rules of the developer portal, by name; the last of them are met by workers only.

use super::{Code, code};

/// The rows.
#[rustfmt::skip]
pub(super) const CODES: &[Code] = &[
    code(409, "account.closed", "Account closed", "The account is closed: nothing changes in it any more."),
    code(422, "account.company_name_malformed", "Company name malformed", "A company's name is one line of 1 to 120 characters."),
    code(422, "account.display_name_malformed", "Display name malformed", "A display name is one line of 1 to 80 characters."),
    code(403, "account.email_not_verified", "E-mail not verified", "Production needs a verified e-mail address."),
    code(409, "account.invalid_transition", "Not possible in this state", "The account's state does not allow this."),
    code(409, "account.keys_active", "Keys in use", "The account has active keys: revoke them, or ask for it with revokeKeys=true. See activeKeys."),
    code(403, "account.mfa_required", "Second factor required", "Production needs a second factor."),
    code(403, "account.suspended", "Account suspended", "The account is suspended: it can be read, and creates nothing."),
    code(403, "account.terms_required", "Terms not accepted", "Production needs the current terms: see currentTerms."),
    code(409, "account.terms_version_outdated", "Other terms are current", "Only the current terms can be accepted: see currentTerms."),
    code(422, "account.timezone_malformed", "Time zone malformed", "A time zone is a name of the tz database, such as Asia/Kabul."),
    code(422, "key.cidr_malformed", "Block of addresses malformed", "A block of addresses is 203.0.113.0/24 or 2001:db8::/32, with zeros beyond its length."),
    code(403, "key.environment_mismatch", "Another environment", "An API key acts in its own environment only."),
    code(422, "key.expiry_out_of_range", "Expiry out of range", "A key expires more than 5 minutes and at most 2 years from now, or never."),
    code(422, "key.label_malformed", "Label malformed", "A label is one line of 1 to 64 characters."),
    code(409, "key.label_taken", "Label taken", "Another active key of the account and environment has this label."),
    code(409, "key.limit_reached", "Too many keys", "The account has its 20 keys of this environment: revoke one first."),
    code(409, "key.not_rotatable", "Key not rotatable", "An expired, retired, revoked or replaced key is not rotated."),
    code(422, "key.overlap_out_of_range", "Overlap out of range", "Old and new key overlap by at most 7 days."),
    code(409, "key.revoked", "Key revoked", "The key is revoked, for ever."),
    code(403, "key.scope_beyond_caller", "Scope beyond the caller", "A key creates no key that may do more than itself: see scope."),
    code(422, "key.scope_not_grantable", "Scope not grantable", "The account cannot be given this scope: see scope."),
    code(422, "key.scope_unknown", "Unknown scope", "There is no such scope."),
    code(422, "key.scopes_out_of_range", "Too few or too many scopes", "A key has 1 to 20 scopes."),
    code(422, "key.too_many_blocks", "Too many blocks of addresses", "A key is limited to at most 50 blocks of addresses."),

    code(409, "account.already_registered", "Account exists", "The identity has an account already."),
    code(422, "account.email_malformed", "E-mail malformed", "The address is no e-mail's."),
    code(409, "account.foreign_count", "Another account's keys", "The keys of another account were counted."),
    code(503, "account.inconsistent", "Account not readable", "What is stored of the account contradicts itself."),
    code(422, "account.reason_malformed", "Reason malformed", "A reason is one line of 1 to 500 characters."),
    code(503, "key.inconsistent", "Key not readable", "What is stored of the key contradicts itself."),
    code(409, "key.invalid_transition", "Not possible in this state", "The key's state does not allow this."),
    code(422, "key.malformed", "Key malformed", "The text has not the form of a key."),
    code(409, "key.not_due", "Key not over", "The key is not at its end."),
    code(412, "key.not_its_successor", "Another key's successor", "The other key is not this one's successor."),
    code(422, "key.prefix_malformed", "Prefix malformed", "A key's prefix is srk_live_ or srk_sbx_ and four letters or digits."),
    code(422, "key.sandbox_misplaced", "Sandbox misplaced", "Only a key of the sandbox environment is bound to a sandbox."),
    code(422, "key.tail_malformed", "End malformed", "The end of a key is four letters or digits."),
    code(503, "key.wrong_prefix", "Wrong prefix", "The auth-service issued a key of another environment."),
];
