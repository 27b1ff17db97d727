//! The developer portal's invariants (devportal.md, section 3; the seed names four of them without an id).
//!
//! Each constant is what guards return, tests name, state tables list and problem bodies show.
//! `fixtures/invariants.toml` has the same ids in the same order; a test keeps both lists equal.

use crate::kernel::{
    EnforcedBy::{Aggregate, ReadModel, Storage, Value},
    Invariant, invariants,
};

#[rustfmt::skip]
invariants! {
    "the developer portal"
    K_INV_1  "K-INV-1"  Value     "no secret of a key, no hash of one and no reversible form of one is kept, logged, traced or announced here";
    K_INV_2  "K-INV-2"  Value     "a key's prefix matches its environment";
    K_INV_3  "K-INV-3"  Aggregate "a key's scopes are at least one, from the catalogue, grantable to the account and within the creating key's own";
    K_INV_4  "K-INV-4"  Aggregate "a key's environment, account and scopes never change";
    K_INV_5  "K-INV-5"  Aggregate "a key expires more than 5 minutes and at most 2 years after its creation, or never, with a warning";
    K_INV_6  "K-INV-6"  Aggregate "a revoked key stays revoked";
    K_INV_7  "K-INV-7"  Aggregate "a rotated key's successor copies it, there is at most one, and the predecessor retires no later than it expires";
    K_INV_8  "K-INV-8"  Aggregate "an expired, retired or revoked key is not rotated";
    K_INV_9  "K-INV-9"  ReadModel "an account has at most 20 keys in effect an environment";
    K_INV_10 "K-INV-10" ReadModel "a production key needs what production access needs (A-INV-5)";
    K_INV_11 "K-INV-11" Aggregate "lastUsedAt only moves forward and is cut to the minute";
    K_INV_12 "K-INV-12" Aggregate "a key creates no key with more scopes than its own and none in the other environment";
    K_INV_13 "K-INV-13" Aggregate "a key revoked here is revoked at the auth-service at last";
    V_INV_1  "V-INV-1"  Value     "a code in clear is never kept, queued, logged, traced, announced, or returned in production";
    V_INV_2  "V-INV-2"  Value     "a code's hash is bound to the verification, the generation and the pepper";
    V_INV_3  "V-INV-3"  Aggregate "a terminal session stays as it is";
    V_INV_4  "V-INV-4"  Aggregate "attempts never fall, never exceed maxAttempts, and rise by one for each well-formed check before it is compared";
    V_INV_5  "V-INV-5"  Aggregate "no resend, channel change or new code resets the attempts";
    V_INV_6  "V-INV-6"  Aggregate "expiresAt is set once, at the start";
    V_INV_7  "V-INV-7"  Aggregate "a session is approved once at most";
    V_INV_8  "V-INV-8"  Aggregate "nothing is sent for a terminal session";
    V_INV_9  "V-INV-9"  Aggregate "sends never exceed maxSends; the step never goes back and stays within the order";
    V_INV_10 "V-INV-10" Aggregate "channel order, locale, template version, policy and destination are fixed at the start";
    V_INV_11 "V-INV-11" Storage   "a tenant has one live session an environment, purpose and destination";
    V_INV_12 "V-INV-12" Aggregate "a session's environment is its key's";
    V_INV_13 "V-INV-13" Aggregate "nothing is sent without a reservation of at least its quoted price";
    V_INV_14 "V-INV-14" Aggregate "the rank of a send's status never falls";
    V_INV_15 "V-INV-15" Aggregate "with new codes only the newest generation is accepted, and all share the attempts";
    V_INV_16 "V-INV-16" Aggregate "failed checks are counted for a destination over sessions, and slow its next starts from the tenth";
    V_INV_17 "V-INV-17" Aggregate "nothing of a session is earlier than its start";
    V_INV_18 "V-INV-18" Aggregate "an unknown or late receipt makes no session and moves none out of a terminal state";
    V_INV_19 "V-INV-19" Aggregate "a session shows its assurance: contact ownership for e-mail, restricted possession for a phone";
    V_INV_20 "V-INV-20" Value     "a brand has no run of four digits";
    V_INV_21 "V-INV-21" Aggregate "a terminal session has neither seed nor hash of its code";
    A_INV_1  "A-INV-1"  Storage   "an account of the auth-service has one developer account, for ever";
    A_INV_2  "A-INV-2"  Value     "no password, token or second factor's secret is kept here";
    A_INV_3  "A-INV-3"  Aggregate "a closed account stays closed and had no active key";
    A_INV_4  "A-INV-4"  Aggregate "a suspended account creates no key, session or sandbox";
    A_INV_5  "A-INV-5"  Aggregate "production access needs an active account, a verified e-mail, a second factor and the current terms";
    A_INV_6  "A-INV-6"  Aggregate "mirrored fields follow the auth-service's events only, and only forward";
    SB_INV_1 "SB-INV-1" Storage   "sandbox keys see sandbox rows only, and the others none";
    SB_INV_2 "SB-INV-2" Value     "no network is reachable from a sandbox's sender";
    SB_INV_3 "SB-INV-3" Aggregate "virtual time never goes back; a sandbox lives in real time";
    SB_INV_4 "SB-INV-4" Aggregate "a sandbox touches no production counter, spend, usage or bill";
    SB_INV_5 "SB-INV-5" Aggregate "the same seed and the same calls give the same codes, outcomes and times";
    SB_INV_6 "SB-INV-6" Aggregate "a closed or expired sandbox stays so";
    SB_INV_7 "SB-INV-7" Value     "a sandbox destination is refused in production";
    SB_INV_8 "SB-INV-8" Value     "a real destination is accepted in a sandbox and never dialled";
    T_INV_1  "T-INV-1"  Value     "a template has {{code}} once and no other placeholder than brand, minutes and domain";
    T_INV_2  "T-INV-2"  Aggregate "an approved text never changes; sessions pin its version";
    T_INV_3  "T-INV-3"  Aggregate "each channel used has a variant in the default locale";
    T_INV_4  "T-INV-4"  Value     "the longest render fits three segments";
    T_INV_5  "T-INV-5"  Value     "a code is rendered in ASCII digits, on its own line in a text and isolated in an e-mail";
    T_INV_6  "T-INV-6"  Value     "with a domain, the last line of an SMS is @domain #code";
    T_INV_7  "T-INV-7"  Value     "a template has no other address and no run of four digits";
    T_INV_8  "T-INV-8"  Value     "a voice template speaks digits one by one, twice, in a locale that can be spoken";
    T_INV_9  "T-INV-9"  Aggregate "a retired or archived template starts no session and breaks no live one";
    R_INV_1  "R-INV-1"  Storage   "a language, package and version name one release for ever";
    R_INV_2  "R-INV-2"  Value     "build metadata of a version counts for nothing";
    R_INV_3  "R-INV-3"  Aggregate "a published release's version, artifacts, digests and signatures never change";
    R_INV_4  "R-INV-4"  Aggregate "the latest release is the highest published version, a deprecated one only for want of another, a yanked one never";
    R_INV_5  "R-INV-5"  Aggregate "a yanked release is downloaded by its exact version only, with a warning";
    R_INV_6  "R-INV-6"  Aggregate "an artifact's digest is computed here, and a claimed one matches it";
    R_INV_7  "R-INV-7"  Aggregate "an artifact's signature verifies under a published key when it is released";
    R_INV_8  "R-INV-8"  Storage   "a download is counted once an artifact, client and hour, and never waits for its count";
    D_INV_1  "D-INV-1"  Aggregate "revisions are only added, numbered one after another";
    D_INV_2  "D-INV-2"  Aggregate "a published article has a published revision in its source locale";
    D_INV_3  "D-INV-3"  Aggregate "a translation names the source revision it was made from, and is stale when that is older than the published one";
    D_INV_4  "D-INV-4"  Storage   "a slug is never used by another article; an old one leads to its article";
    D_INV_5  "D-INV-5"  Value     "rendered Markdown has no raw HTML, script or javascript: link, and links are checked when it is published";
    D_INV_6  "D-INV-6"  Value     "a text's direction follows its locale; code is always left to right";
    D_INV_7  "D-INV-7"  Aggregate "a reader is told when the locale is another than asked for";
    D_INV_8  "D-INV-8"  Aggregate "an article's audience is checked in search as in reading";
    D_INV_9  "D-INV-9"  Value     "search folds letters, digits and marks alike in texts and in questions";
    W_INV_1  "W-INV-1"  Value     "a webhook goes over https to a public address, follows no redirect, waits 10 seconds and sends 64 KB at most";
    W_INV_2  "W-INV-2"  Aggregate "a secret is shown once; a rotated one is valid beside its successor for 7 days at most";
    W_INV_3  "W-INV-3"  Aggregate "webhook-id stays the same over retries";
    W_INV_4  "W-INV-4"  Value     "a payload is at most 20 KB and has no code and no whole phone number";
    W_INV_5  "W-INV-5"  Aggregate "an endpoint that answers 410, or fails for 5 days, is disabled";
    W_INV_6  "W-INV-6"  Aggregate "a forbidden target or a failed certificate is final for its attempts";
    W_INV_7  "W-INV-7"  ReadModel "a tenant has at most 20 endpoints an environment";
    W_INV_8  "W-INV-8"  Aggregate "the order of deliveries to an endpoint is not promised: a payload carries aggregateVersion";
    M_INV_1  "M-INV-1"  Aggregate "spent and reserved are never negative, and their sum exceeds the cap only where the cap was lowered";
}
