//! A lease as text: header, claims and signature of a compact JWS.

use serde::{Deserialize, Serialize};

pub use crate::kernel::jws::token;
use crate::kernel::{
    CourseId, CourseVersionId, DeviceId, LeaseId, LicenseId, SeatId, TenantId, Timestamp, UserId, jws,
};

use super::{Lease, SECOND};

/// The header `typ` of a lease: a token of another kind is no lease, and a lease no access token.
pub const LEASE_TYPE: &str = "sarai-lease+jwt";
/// The one algorithm.
pub(super) const ALGORITHM: &str = "EdDSA";

/// The protected header. Any other member is refused, so `crit` is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) typ: String,
    pub(super) kid: String,
}

/// The payload. Members that are not known are left alone: later versions may say more.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: UserId,
    pub(super) jti: LeaseId,
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
    license_id: LicenseId,
    seat_id: SeatId,
    tenant_id: TenantId,
    course_id: CourseId,
    course_version_id: CourseVersionId,
    device_id: Option<DeviceId>,
}

fn seconds(instant: Timestamp) -> i64 {
    instant.unix_micros().div_euclid(SECOND)
}

fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_unix_micros(seconds.saturating_mul(SECOND))
}

impl Lease {
    /// What is signed: the header and the claims, each in base64url, with a dot between them.
    ///
    /// # Errors
    /// None that a lease can cause: only that the JSON could not be written.
    pub fn signing_input(&self, issuer: &str, key_id: &str) -> Result<String, serde_json::Error> {
        let begins = seconds(self.issued_at);
        let claims = Claims {
            iss: issuer.to_owned(),
            sub: self.user_id.clone(),
            jti: self.id,
            iat: begins,
            nbf: begins,
            exp: seconds(self.expires_at),
            license_id: self.license_id,
            seat_id: self.seat_id,
            tenant_id: self.tenant_id.clone(),
            course_id: self.course_id.clone(),
            course_version_id: self.course_version_id.clone(),
            device_id: self.device_id.clone(),
        };
        jws::signing_input(LEASE_TYPE, key_id, &claims)
    }
}

impl From<Claims> for Lease {
    fn from(claims: Claims) -> Self {
        Self {
            id: claims.jti,
            user_id: claims.sub,
            license_id: claims.license_id,
            seat_id: claims.seat_id,
            tenant_id: claims.tenant_id,
            course_id: claims.course_id,
            course_version_id: claims.course_version_id,
            device_id: claims.device_id,
            issued_at: instant(claims.iat),
            expires_at: instant(claims.exp),
        }
    }
}
