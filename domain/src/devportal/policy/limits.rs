//! How often codes are sent: sliding windows over sends that were admitted, kept in the store (ruling R16).

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::Duration;

use super::{AdmissionError, FailureKey};
use crate::{
    devportal::values::{DestinationHash, Environment},
    kernel::{Hex, TenantId, Timestamp},
};

/// What sends are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// The address they go to.
    Destination,
    /// The block of numbers it is of.
    Prefix4,
    /// The end user's address on the network.
    Ip,
    /// The developer's name for the end user.
    EndUserRef,
    /// The tenant.
    Tenant,
    /// The address they go to, over all tenants.
    Platform,
    /// The address and the end user they are for: instead of the address alone, where that user proved it lately.
    Owner,
    /// Counts no sends: it holds something as long as that user's last proof of that address is no older than 90 days.
    Proven,
}

impl Bucket {
    /// Every bucket.
    pub const ALL: &[Self] = &[
        Self::Destination,
        Self::Prefix4,
        Self::Ip,
        Self::EndUserRef,
        Self::Tenant,
        Self::Platform,
        Self::Owner,
        Self::Proven,
    ];

    /// As it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Destination => "destination",
            Self::Prefix4 => "prefix4",
            Self::Ip => "ip",
            Self::EndUserRef => "end_user_ref",
            Self::Tenant => "tenant",
            Self::Platform => "platform",
            Self::Owner => "owner",
            Self::Proven => "proven",
        }
    }
}

/// So many sends in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Counted by this.
    pub bucket: Bucket,
    /// Its length.
    pub seconds: u32,
    /// How many it admits.
    pub max: u32,
}

const fn window(bucket: Bucket, seconds: u32, max: u32) -> Window {
    Window { bucket, seconds, max }
}

/// Between two sends to one address. A fallback to the next channel counts there and does not wait: the send before it
/// failed, or was waited for.
const PAUSES: [Window; 2] = [window(Bucket::Destination, 30, 1), window(Bucket::Owner, 30, 1)];

/// The windows that hold for everybody; the tenant's own is in its policy.
#[rustfmt::skip]
pub const WINDOWS: &[Window] = &[
    //     bucket               seconds  max
    PAUSES[0],
    window(Bucket::Destination,     600,   5),
    window(Bucket::Destination,  86_400,  10),
    PAUSES[1],
    window(Bucket::Owner,           600,   5),
    window(Bucket::Owner,        86_400,  10),
    window(Bucket::Prefix4,       3_600,  20),
    window(Bucket::Ip,            3_600,  20),
    window(Bucket::EndUserRef,    3_600,  10),
    window(Bucket::Platform,     86_400,  20),
];

/// The longest window there is: what is older need not be kept.
pub const LONGEST: Duration = Duration::DAY;

/// What is noted under [`Bucket::Proven`] is noted as of then, so that it is among the rows of the longest window, and is
/// forgotten with them, 90 days after the proof.
pub fn proven_at(now: Timestamp) -> Timestamp {
    now.plus(Duration::days(89))
}

/// What a send counts for. The order of keys is the order in which their locks are taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketKey {
    /// Counted by this.
    pub bucket: Bucket,
    /// Whose; none for all tenants.
    pub tenant_id: Option<TenantId>,
    /// In which world.
    pub environment: Environment,
    /// Of what; none for the tenant itself.
    pub subject: Option<DestinationHash>,
}

impl BucketKey {
    /// Where it is noted that an end user has proven an address.
    pub fn proven(address: &FailureKey, end_user_ref: DestinationHash) -> Self {
        Self {
            bucket: Bucket::Proven,
            tenant_id: Some(address.tenant_id.clone()),
            environment: address.environment,
            subject: Some(owner(address.hash, end_user_ref)),
        }
    }
}

/// An address with one end user.
fn owner(address: DestinationHash, end_user_ref: DestinationHash) -> DestinationHash {
    let mut hash = Sha256::new();
    for part in [b"devportal.owner.v1".as_slice(), address.0.0.as_slice(), end_user_ref.0.0.as_slice()] {
        hash.update(part);
    }
    DestinationHash(Hex(hash.finalize().into()))
}

/// What a send is about, hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendSubject {
    /// Whose.
    pub tenant_id: TenantId,
    /// In which world.
    pub environment: Environment,
    /// The address.
    pub destination: DestinationHash,
    /// The address, without the tenant.
    pub platform: DestinationHash,
    /// The block of numbers.
    pub prefix4: Option<DestinationHash>,
    /// The end user's address on the network.
    pub ip: Option<DestinationHash>,
    /// The developer's name for the end user.
    pub end_user_ref: Option<DestinationHash>,
}

impl SendSubject {
    /// What it counts for, in the order in which locks are taken.
    pub fn keys(&self) -> Vec<BucketKey> {
        let own = |bucket, subject| BucketKey {
            bucket,
            tenant_id: Some(self.tenant_id.clone()),
            environment: self.environment,
            subject,
        };
        let mut keys = vec![
            own(Bucket::Destination, Some(self.destination)),
            own(Bucket::Tenant, None),
            BucketKey { tenant_id: None, ..own(Bucket::Platform, Some(self.platform)) },
        ];
        let owner = self.end_user_ref.map(|end_user| owner(self.destination, end_user));
        let optional = [
            (Bucket::Prefix4, self.prefix4),
            (Bucket::Ip, self.ip),
            (Bucket::EndUserRef, self.end_user_ref),
            (Bucket::Owner, owner),
            (Bucket::Proven, owner),
        ];
        keys.extend(optional.into_iter().filter_map(|(bucket, subject)| Some(own(bucket, Some(subject?)))));
        keys.sort();
        keys
    }
}

/// How many of a block's sends were approved in the last 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ApprovalRate {
    /// Sends.
    pub sent: u64,
    /// Approvals.
    pub approved: u64,
}

impl ApprovalRate {
    /// Whether real people answer there: at least one in five.
    pub const fn is_real(self) -> bool {
        self.sent > 0 && self.approved.saturating_mul(5) >= self.sent
    }
}

/// Decides on a send by what was admitted before, under the locks of its keys.
///
/// # Errors
/// [`AdmissionError::RateLimited`] by the window that clears last. The limit over all tenants reads like the tenant's own
/// longest window, so that nobody learns of others' sends. For whoever has proven the address lately its own sends count and
/// nobody else's, so that nobody locks an owner out by asking for codes (traps.md 5).
pub fn admit(
    admitted: &BTreeMap<BucketKey, Vec<Timestamp>>,
    tenant_per_hour: Option<u32>,
    prefix: ApprovalRate,
    fallback: bool,
    now: Timestamp,
) -> Result<(), AdmissionError> {
    let tenant = tenant_per_hour.map(|max| window(Bucket::Tenant, 3_600, max));
    let windows = || WINDOWS.iter().copied().chain(tenant).filter(|one| !(fallback && PAUSES.contains(one)));
    let proven = admitted.iter().any(|(key, noted)| key.bucket == Bucket::Proven && !noted.is_empty());
    let aside = if proven { Bucket::Destination } else { Bucket::Owner };
    let refusals = admitted.iter().flat_map(|(key, sends)| {
        let of_bucket = windows().filter(|window| window.bucket == key.bucket);
        let lifted = key.bucket == aside || (key.bucket == Bucket::Prefix4 && prefix.is_real());
        of_bucket
            .filter(move |_| !lifted)
            .filter_map(move |window| Some((key.bucket, clears(&window, sends, now)?)))
    });
    match refusals.max_by_key(|(_, until)| *until) {
        None => Ok(()),
        Some((Bucket::Platform | Bucket::Owner, until)) => {
            Err(AdmissionError::RateLimited { bucket: Bucket::Destination, until })
        }
        Some((bucket, until)) => Err(AdmissionError::RateLimited { bucket, until }),
    }
}

/// When a full window admits again; none when it does now. Longer windows are told to the minute only.
fn clears(window: &Window, sends: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    let length = Duration::seconds(i64::from(window.seconds));
    let mut within: Vec<Timestamp> = sends.iter().copied().filter(|at| at.plus(length) > now).collect();
    within.sort_unstable();
    let surplus = within.len().checked_sub(usize::try_from(window.max).unwrap_or(usize::MAX))?;
    let until = within.get(surplus).map_or_else(|| now.plus(length), |at| at.plus(length));
    Some(if window.seconds < 600 { until } else { whole_minute(until) })
}

fn whole_minute(at: Timestamp) -> Timestamp {
    const MINUTE: i64 = 60_000_000;
    let micros = at.unix_micros();
    let over = micros.rem_euclid(MINUTE);
    if over == 0 {
        at
    } else {
        Timestamp::from_unix_micros(micros.saturating_add(MINUTE.saturating_sub(over)))
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
