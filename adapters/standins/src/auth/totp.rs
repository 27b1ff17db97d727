//! One-time passwords by time (RFC 6238): six digits, thirty seconds, HMAC-SHA-1, as authenticators have it.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sarai_domain::kernel::Timestamp;
use sarai_ports::auth::TotpEnrolment;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::Sha256;

const PERIOD_MICROS: i64 = 30_000_000;
/// How many steps early or late a password may be.
const DRIFT: i64 = 1;

/// What is kept of a second factor: its secret is made of this and a key that is kept elsewhere.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Totp {
    nonce: [u8; 32],
    pub(super) confirmed: bool,
    /// The step of the last password that was taken: no password is taken twice.
    last_step: Option<i64>,
}

impl Totp {
    pub(super) fn new(nonce: [u8; 32]) -> Self {
        Self { nonce, confirmed: false, last_step: None }
    }

    fn secret(&self, key: &[u8; 32]) -> Option<[u8; 20]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        mac.update(b"sarai.totp.v1");
        mac.update(&self.nonce);
        mac.finalize().into_bytes().first_chunk().copied()
    }

    /// What its owner is told.
    pub(super) fn enrolment(&self, key: &[u8; 32], email: &str) -> Option<TotpEnrolment> {
        let secret = BASE32_NOPAD.encode(&self.secret(key)?);
        let label = email.replace('@', "%40");
        let uri = format!("otpauth://totp/Sarai:{label}?secret={secret}&issuer=Sarai");
        Some(TotpEnrolment { secret, uri })
    }

    /// Takes a password that is good now and was not taken before.
    pub(super) fn take(&mut self, key: &[u8; 32], otp: &str, now: Timestamp) -> bool {
        let Some(secret) = self.secret(key) else { return false };
        let step = now.unix_micros().div_euclid(PERIOD_MICROS);
        let near = step.saturating_sub(DRIFT)..=step.saturating_add(DRIFT);
        let fresh = |step: &i64| self.last_step.is_none_or(|last| last < *step);
        let taken =
            near.filter(fresh).find(|step| password(&secret, *step).is_some_and(|good| good == otp.trim()));
        self.last_step = taken.or(self.last_step);
        taken.is_some()
    }
}

/// The password of a step.
fn password(secret: &[u8], step: i64) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest.last()? & 0x0f);
    let number = u32::from_be_bytes(*digest.get(at..)?.first_chunk()?) & 0x7fff_ffff;
    Some(format!("{:06}", number.rem_euclid(1_000_000)))
}

#[cfg(test)]
pub(super) fn password_at(enrolment: &TotpEnrolment, now: Timestamp) -> String {
    let secret = BASE32_NOPAD.decode(enrolment.secret.as_bytes()).unwrap();
    password(&secret, now.unix_micros().div_euclid(PERIOD_MICROS)).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_rfc_hold() {
        // RFC 6238, appendix B, the last six of the eight digits.
        for (second, otp) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(password(b"12345678901234567890", second / 30).unwrap(), otp);
        }
    }
}
