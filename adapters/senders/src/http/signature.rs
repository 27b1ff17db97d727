//! HMAC-SHA-256 over a timestamp and a body: how we sign what we say, and how providers sign what they say.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sarai_domain::kernel::Timestamp;
use sarai_ports::devportal::{Callback, CallbackError};
use sha2::Sha256;

use crate::secret::Secrets;

/// How old, or how early, a signature may be, in seconds.
const TOLERANCE: i64 = 300;
/// How many signatures of one header are looked at.
const MAX_SIGNATURES: usize = 4;

fn mac(secret: &[u8], timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// The header's value: `v1=`, then the MAC of `{timestamp}.{body}` under the first secret in hexadecimal.
pub fn sign(secrets: &Secrets, timestamp: &str, body: &[u8]) -> String {
    let mac = mac(secrets.first(), timestamp, body).map(|mac| mac.finalize().into_bytes());
    let bytes = mac.iter().flatten();
    bytes.fold("v1=".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// That a callback was signed by one of the secrets, within five minutes of now. Several signatures are separated by
/// commas: one of them has to be right.
///
/// # Errors
/// [`CallbackError::BadSignature`], whatever of it is wrong.
pub fn verify(secrets: &Secrets, callback: Callback<'_>, now: Timestamp) -> Result<(), CallbackError> {
    let bad = CallbackError::BadSignature;
    let (Some(timestamp), Some(signature)) = (callback.timestamp, callback.signature) else {
        return Err(bad);
    };
    let digits = (1..=12).contains(&timestamp.len()) && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let at: i64 = timestamp.parse().ok().filter(|_| digits).ok_or(bad.clone())?;
    if now.to_offset_date_time().unix_timestamp().abs_diff(at) > TOLERANCE.unsigned_abs() {
        return Err(bad);
    }
    let given =
        signature.split(',').take(MAX_SIGNATURES).filter_map(|one| bytes(one.trim().strip_prefix("v1=")?));
    let known = given.into_iter().any(|given| {
        secrets.iter().any(|secret| {
            mac(secret, timestamp, callback.body).is_some_and(|mac| mac.verify_slice(&given).is_ok())
        })
    });
    if known { Ok(()) } else { Err(bad) }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hex.get(at..at.saturating_add(2))?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `printf '1700000000.{"id":"x"}' | openssl dgst -sha256 -hmac 'correct horse battery staple'`.
    const VECTOR: &str = "v1=0a08235e4b43e6d27e9a6bf739fc2df74c9f61293f0eb97a8fadc125f6606d27";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_micros(seconds * 1_000_000)
    }

    fn callback<'a>(timestamp: &'a str, signature: &'a str, body: &'a [u8]) -> Callback<'a> {
        Callback { timestamp: Some(timestamp), signature: Some(signature), body }
    }

    #[test]
    fn a_signature_is_what_another_program_makes_of_it() {
        let secrets = Secrets::new(["correct horse battery staple".to_owned()]);
        assert_eq!(sign(&secrets, "1700000000", br#"{"id":"x"}"#), VECTOR);
    }

    #[test]
    fn only_what_was_signed_now_by_a_known_secret_is_taken() {
        let (old, new) = ("an old secret of 26 letters", "a new secret of 26 letters!");
        let ours = Secrets::new([new.to_owned(), old.to_owned()]);
        let body = b"[]";
        let signed = |secret: &str| sign(&Secrets::new([secret.to_owned()]), "1700000000", body);
        for (secret, now, good) in [
            (new, 1_700_000_000, true),
            (old, 1_700_000_300, true),
            (old, 1_699_999_700, true),
            (old, 1_700_000_301, false),
            (new, 1_699_999_699, false),
            ("somebody else's secret", 1_700_000_000, false),
        ] {
            let given = signed(secret);
            assert_eq!(
                verify(&ours, callback("1700000000", &given, body), at(now)).is_ok(),
                good,
                "{secret} {now}"
            );
        }
        let both = format!("{}, {}", signed("somebody else's secret"), signed(old));
        assert!(verify(&ours, callback("1700000000", &both, body), at(1_700_000_000)).is_ok());
    }

    #[test]
    fn every_part_of_a_callback_is_covered() {
        let ours = Secrets::new(["a secret of some length".to_owned()]);
        let (time, body) = ("1700000000", b"[]");
        let good = sign(&ours, time, body);
        let refused =
            |callback| verify(&ours, callback, at(1_700_000_000)) == Err(CallbackError::BadSignature);
        assert!(refused(callback(time, &good, b"[ ]")));
        assert!(refused(callback("1700000001", &good, body)));
        assert!(refused(callback("+1700000000", &good, body)));
        assert!(refused(callback(time, good.trim_start_matches("v1="), body)));
        let newer = good.replace("v1=", "v2=");
        assert!(refused(callback(time, &newer, body)));
        assert!(refused(callback(time, good.get(..60).unwrap(), body)));
        assert!(refused(callback(time, "v1=", body)));
        assert!(refused(Callback { timestamp: None, ..callback(time, &good, body) }));
        assert!(refused(Callback { signature: None, ..callback(time, &good, body) }));
        let nobody = Secrets::new([]);
        let empty = sign(&nobody, time, body);
        assert_eq!(
            verify(&nobody, callback(time, &empty, body), at(1_700_000_000)),
            Err(CallbackError::BadSignature)
        );
    }
}
