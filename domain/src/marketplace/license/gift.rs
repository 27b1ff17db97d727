//! Gifts: a licence that waits for whoever brings its code, once, within 90 days (R60).

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::kernel::{Outcome, SeatId, Timestamp, UserId};

use super::{License, LicenseError, ValidityWindow};

/// What a licence knows of its gift's code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GiftClaim {
    /// [`GiftClaim::hash`] of the code. The code is shown once to who gives and is stored nowhere.
    pub code_hash: String,
    /// From this instant on nobody can claim it.
    pub expires_at: Timestamp,
    /// When it was claimed, by the licence's holder.
    pub claimed_at: Option<Timestamp>,
}

impl GiftClaim {
    /// Days a gift waits.
    pub const DAYS: u32 = 90;

    /// A gift given now.
    pub fn open(code_hash: String, now: Timestamp) -> Self {
        Self { code_hash, expires_at: now.plus_days(Self::DAYS), claimed_at: None }
    }

    /// The SHA-256 of a code, trimmed, in lowercase hexadecimal: what is stored and searched for. Codes are
    /// random and long, so the hash needs no salt.
    pub fn hash(code: &str) -> String {
        Sha256::digest(code.trim()).iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

impl License {
    /// Gives the gift, its seat and its first period to who brought the code. The same user again is
    /// `AlreadyApplied`.
    ///
    /// # Errors
    /// - [`LicenseError::NotAGift`], [`LicenseError::AlreadyClaimed`], [`LicenseError::ClaimExpired`]
    /// - [`LicenseError::NotActive`] (LI-INV-3) when it was taken back meanwhile
    pub fn claim(
        &mut self,
        seat_id: SeatId,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<Outcome, LicenseError> {
        let data = &self.root.data;
        let gift = data.gift.as_ref().ok_or(LicenseError::NotAGift)?;
        if gift.claimed_at.is_some() {
            let same_user = data.holder.as_ref() == Some(&user_id);
            return if same_user { Ok(Outcome::AlreadyApplied) } else { Err(LicenseError::AlreadyClaimed) };
        }
        if now >= gift.expires_at {
            return Err(LicenseError::ClaimExpired { expires_at: gift.expires_at });
        }
        let active_seats = self.allocator().allocate(data.state)?;
        let claimed = GiftClaim { claimed_at: Some(now), ..gift.clone() };
        let validity = ValidityWindow::period(now, data.interval_months, 0)?;

        let seat = self.occupy(seat_id, user_id.clone(), active_seats, now)?;
        let data = &mut self.root.data;
        data.gift = Some(claimed);
        data.holder = Some(user_id);
        data.anchor = now;
        data.validity = validity;
        self.announce(&seat);
        Ok(Outcome::Applied)
    }
}
