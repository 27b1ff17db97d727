//! Share links: a phone number that only this account reads, for seven days.

use serde::{Deserialize, Serialize};

use crate::{cookies::seconds, seal::Purpose, visit::Visit};

/// For how many seconds a link is good.
const GOOD_FOR: i64 = 7 * 86_400;

#[derive(Serialize, Deserialize)]
struct Shared {
    to: String,
    account: String,
    iat: i64,
}

/// A number as a link has it.
pub(super) fn sealed(visit: &Visit<'_>, to: &str) -> Option<String> {
    let account = visit.signed.as_ref()?.who.account_id.clone();
    let shared = Shared { to: to.to_owned(), account, iat: seconds(visit.real) };
    visit.portal.ring.seal(Purpose::Share, &serde_json::to_vec(&shared).ok()?)
}

/// The number of a link, for the account that made it.
pub(super) fn open(visit: &Visit<'_>, sealed: &str) -> Option<String> {
    let shared: Shared = serde_json::from_slice(&visit.portal.ring.open(Purpose::Share, sealed)?).ok()?;
    let own = visit.signed.as_ref().is_some_and(|signed| signed.who.account_id == shared.account);
    (own && seconds(visit.real).saturating_sub(shared.iat) < GOOD_FOR).then_some(shared.to)
}
