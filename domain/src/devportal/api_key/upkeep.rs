//! What happens to a key beside its states: it is used, it announces its end, the auth-service learns of it.

use std::net::IpAddr;

use super::{ApiKey, AuthRevocation, KeyError, KeyEvent};
use crate::{
    devportal::values::CidrBlock,
    kernel::{Outcome, Timestamp},
};

impl ApiKey {
    /// Notes that the auth-service knows it is revoked (K-INV-13).
    ///
    /// # Errors
    /// [`KeyError::NotDue`] for one that is not.
    pub fn acknowledge_revocation(&mut self, now: Timestamp) -> Result<Outcome, KeyError> {
        let data = &mut self.root.data;
        match data.auth_revocation {
            None => Err(KeyError::NotDue),
            Some(AuthRevocation::Acked) => Ok(Outcome::AlreadyApplied),
            Some(AuthRevocation::Pending) => {
                data.auth_revocation = Some(AuthRevocation::Acked);
                data.updated_at = now;
                Ok(Outcome::Applied)
            }
        }
    }

    /// Notes its use, to the minute and only forward (K-INV-11), and the neighbourhood it came from.
    pub fn record_use(&mut self, used_at: Timestamp, from: Option<IpAddr>) -> Outcome {
        let (minute, data) = (minute_of(used_at), &mut self.root.data);
        if data.last_used_at.is_some_and(|last| minute <= last) {
            return Outcome::AlreadyApplied;
        }
        data.last_used_at = Some(minute);
        data.last_used_from = from.map(CidrBlock::around).or(data.last_used_from);
        Outcome::Applied
    }

    /// Says that it expires soon, where that is due.
    pub fn announce_expiry(&mut self, now: Timestamp) -> Outcome {
        let data = &mut self.root.data;
        let (Some(notice), Some(expires_at)) = (data.notice_due(now), data.expires_at) else {
            return Outcome::AlreadyApplied;
        };
        data.expiry_notice = Some(notice);
        let key = self.facts(now);
        self.root.record(KeyEvent::ExpiringSoon { key, expires_at, days: notice.days() });
        Outcome::Applied
    }

    /// Whether a caller from this address may use it.
    pub fn admits(&self, address: IpAddr) -> bool {
        let blocks = &self.root.data.ip_allow_list;
        blocks.is_empty() || blocks.iter().any(|block| block.contains(address))
    }
}

/// The minute an instant lies in: what is stored of a key's use.
pub fn minute_of(instant: Timestamp) -> Timestamp {
    let micros = instant.unix_micros();
    Timestamp::from_unix_micros(micros.saturating_sub(micros.rem_euclid(60_000_000)))
}
