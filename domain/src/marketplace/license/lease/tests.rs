//! Leases: who gets one, what it says, and every way in which a token is not one.

use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    kernel::Coded,
    marketplace::license::{RevokeReason, tests::fixtures::*},
};

const ISSUER: &str = "https://licenses.example";
const KEY: &str = "key-1";

fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn keys() -> [(&'static str, [u8; 32]); 2] {
    let other = SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes();
    [("key-0", other), (KEY, signing_key().verifying_key().to_bytes())]
}

fn issue(license: &mut License, hours: u32, now: Timestamp) -> Result<Lease, LicenseError> {
    let holder = Leaseholder::User(user("ann"));
    license.issue_lease(id(1), &holder, hours, None, now)
}

/// Ann's lease of ten hours.
fn lease() -> Lease {
    issue(&mut offline(1), 10, start()).unwrap()
}

fn signed(input: &str) -> String {
    token(input, &signing_key().sign(input.as_bytes()).to_bytes())
}

fn good() -> String {
    signed(&lease().signing_input(ISSUER, KEY).unwrap())
}

fn checked(token: &str) -> Result<Lease, LeaseError> {
    verify(token, &keys(), ISSUER, start())
}

fn b64(value: &Value) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn read(part: &str) -> Value {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The good token with its header or its claims changed, signed anew by our own key.
fn resigned(part: usize, change: impl FnOnce(&mut Value)) -> Result<Lease, LeaseError> {
    let good = good();
    let mut parts: Vec<Value> = good.split('.').take(2).map(read).collect();
    change(&mut parts[part]);
    checked(&signed(&format!("{}.{}", b64(&parts[0]), b64(&parts[1]))))
}

fn after(seconds: i64) -> Timestamp {
    Timestamp::from_unix_micros(start().unix_micros() + seconds * 1_000_000)
}

#[test]
fn a_lease_says_who_learns_what_by_which_licence_and_until_when() {
    let token = good();
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(read(parts[0]), json!({"alg": "EdDSA", "typ": "sarai-lease+jwt", "kid": "key-1"}));
    let begins = start().unix_micros() / 1_000_000;
    let claims = json!({
        "iss": ISSUER, "sub": "ann", "jti": "lse_00000000000000000000000001",
        "iat": begins, "nbf": begins, "exp": begins + 36_000,
        "licenseId": "lic_00000000000000000000000001", "seatId": "sal_000000000000000000000000Z8",
        "tenantId": "acme", "courseId": "welding", "courseVersionId": "welding-3", "deviceId": null,
    });
    assert_eq!(read(parts[1]), claims);
    assert_eq!(checked(&token), Ok(lease()));
}

#[test]
fn a_known_key_makes_a_known_token() {
    // Ed25519 is deterministic, so this text is what every version must make and take.
    let signature = "q4IWIO_eilS4hQ4EYegHJdvqI_6UBejWRhpViI3ZhxXGo39vo8oAiTsm_uFkvIfCi_WtLZavQl69eIaH9O1gAg";
    assert!(good().ends_with(signature), "{}", good());
}

#[test]
fn a_lease_lasts_one_to_seventy_two_hours() {
    for hours in [0, 73, u32::MAX] {
        assert_eq!(issue(&mut offline(1), hours, start()), Err(LicenseError::LeaseHours { max: 72 }));
    }
    for hours in [1, 72] {
        let lease = issue(&mut offline(1), hours, start()).unwrap();
        assert_eq!(lease.expires_at, after(i64::from(hours) * 3_600));
    }
}

#[test]
fn a_lease_never_outlives_the_licence() {
    let mut ann = offline(1);
    let end = ann.ends_at().unwrap();
    let before = |seconds: i64| Timestamp::from_unix_micros(end.unix_micros() - seconds * 1_000_000);
    assert_eq!(issue(&mut ann, 72, before(3_600)).unwrap().expires_at, end);
    assert_eq!(issue(&mut ann, 72, before(1)).unwrap().expires_at, end);
    let last = Timestamp::from_unix_micros(end.unix_micros() - 1);
    assert_eq!(issue(&mut ann, 72, last).unwrap().expires_at, end);
    assert_eq!(issue(&mut ann, 72, end).unwrap_err().code(), "license.not_active");
}

#[test]
fn a_lease_needs_offline_access_an_active_licence_and_a_seat() {
    assert_eq!(issue(&mut subscription(1), 1, start()), Err(LicenseError::OfflineNotAllowed));
    let mut ann = offline(1);
    let (eve, free) = (Leaseholder::User(user("eve")), Leaseholder::Seat(seat(5)));
    let asked = |ann: &mut License, holder| ann.issue_lease(id(1), holder, 1, None, start()).unwrap_err();
    assert_eq!(asked(&mut ann, &eve), LicenseError::NoSeat);
    assert_eq!(asked(&mut ann, &free), LicenseError::SeatNotFound(seat(5)));
    let early = Timestamp::from_unix_micros(start().unix_micros() - 1);
    assert_eq!(issue(&mut ann, 1, early), Err(LicenseError::NotStarted { valid_from: start() }));
    applied(ann.revoke(RevokeReason::Admin, &users(&["ann"]), true, start()));
    assert_eq!(issue(&mut ann, 1, start()).unwrap_err().code(), "license.not_active");
}

#[test]
fn a_seat_that_was_given_back_is_not_leased_and_its_lease_runs_out() {
    let terms = crate::marketplace::license::LicenseTerms {
        perpetual_offline_access: true,
        ..terms(crate::marketplace::values::PlanKind::SeatPack, limited(2))
    };
    let mut org = License::grant(new(1, terms, manual("pilot", None)), start()).unwrap();
    applied(org.assign_seat(seat(1), user("ann"), start()));
    let held = Leaseholder::Seat(seat(1));
    let lease = org.issue_lease(id(1), &held, 1, None, start()).unwrap();
    applied(org.release_seat(seat(1), start()));
    assert_eq!(org.issue_lease(id(2), &held, 1, None, start()), Err(LicenseError::NoSeat));
    assert_eq!(checked(&signed(&lease.signing_input(ISSUER, KEY).unwrap())), Ok(lease));
}

#[test]
fn a_lease_is_good_from_its_first_second_to_its_last() {
    let at = |now| verify(&good(), &keys(), ISSUER, now);
    let micros = |micros: i64| Timestamp::from_unix_micros(start().unix_micros() + micros);
    assert_eq!(at(micros(-1)), Err(LeaseError::NotYetValid));
    assert_eq!(at(start()), Ok(lease()));
    assert_eq!(at(micros(36_000 * 1_000_000 - 1)), Ok(lease()));
    assert_eq!(at(after(36_000)), Err(LeaseError::Expired));
}

#[test]
fn another_key_issuer_or_key_id_is_refused() {
    let good = good();
    let other = SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes();
    assert_eq!(verify(&good, &[(KEY, other)], ISSUER, start()), Err(LeaseError::Signature));
    assert_eq!(verify(&good, &[("key-0", other)], ISSUER, start()), Err(LeaseError::UnknownKey));
    assert_eq!(verify::<&str>(&good, &[], ISSUER, start()), Err(LeaseError::UnknownKey));
    assert_eq!(verify(&good, &keys(), "https://evil.example", start()), Err(LeaseError::Issuer));
    // The neutral element and other keys of small order are no keys.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert_eq!(verify(&good, &[(KEY, neutral)], ISSUER, start()), Err(LeaseError::Signature));
}

#[test]
fn only_our_header_is_a_lease_s() {
    for alg in ["none", "None", "HS256", "ES256", "eddsa", ""] {
        assert_eq!(resigned(0, |header| header["alg"] = alg.into()), Err(LeaseError::Header), "{alg}");
    }
    for typ in ["JWT", "at+jwt", "SARAI-LEASE+JWT", ""] {
        assert_eq!(resigned(0, |header| header["typ"] = typ.into()), Err(LeaseError::Header), "{typ}");
    }
    for more in ["crit", "jwk", "jku", "x5u", "x5c", "b64", "zip"] {
        assert_eq!(resigned(0, |header| header[more] = json!(["exp"])), Err(LeaseError::Header), "{more}");
    }
    for missing in ["alg", "typ", "kid"] {
        let without = |header: &mut Value| drop(header.as_object_mut().unwrap().remove(missing));
        assert_eq!(resigned(0, without), Err(LeaseError::Header), "{missing}");
    }
}

#[test]
fn only_our_claims_are_a_lease_s() {
    assert_eq!(resigned(1, |claims| claims["later"] = "more".into()), Ok(lease()), "claims may be added");
    for missing in ["iss", "sub", "jti", "iat", "nbf", "exp", "licenseId", "seatId", "tenantId", "courseId"] {
        let without = |claims: &mut Value| drop(claims.as_object_mut().unwrap().remove(missing));
        assert_eq!(resigned(1, without), Err(LeaseError::Malformed), "{missing}");
    }
    let begins = start().unix_micros() / 1_000_000;
    for exp in [begins, begins - 1, begins + 72 * 3_600 + 1, i64::MAX, i64::MIN] {
        assert_eq!(resigned(1, |claims| claims["exp"] = exp.into()), Err(LeaseError::Term), "{exp}");
    }
    assert_eq!(resigned(1, |claims| claims["iat"] = (begins + 1).into()), Err(LeaseError::Term));
    assert_eq!(resigned(1, |claims| claims["exp"] = json!(1.5)), Err(LeaseError::Malformed));
}

#[test]
fn an_unsigned_a_padded_a_truncated_and_an_oversize_token_are_refused() {
    let good = good();
    let (input, signature) = good.rsplit_once('.').unwrap();
    for bad in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        input.to_owned(),
        format!("{input}."),
        format!("{good}="),
        format!("{good}."),
        format!(".{good}"),
        format!("{good} "),
        good.replace('.', ".."),
        format!("{input}.{signature}{signature}"),
    ] {
        let refused = checked(&bad).unwrap_err();
        assert!(matches!(refused, LeaseError::Malformed | LeaseError::Header), "{bad}: {refused:?}");
    }
    for end in 0..good.len() {
        assert!(checked(&good[..end]).is_err(), "the first {end} bytes");
    }
    // An end with stray bits is another spelling of the same bytes.
    let (start, last) = good.split_at(good.len() - 1);
    let spelled = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars();
    let taken = spelled.filter(|last| checked(&format!("{start}{last}")).is_ok());
    assert_eq!(taken.collect::<String>(), last, "there is one spelling");
    assert_eq!(checked(&format!("{good}{}", "A".repeat(MAX_TOKEN_LEN))), Err(LeaseError::TooLong));
    let long = lease().signing_input(ISSUER, &"k".repeat(MAX_TOKEN_LEN)).unwrap();
    assert_eq!(checked(&signed(&long)), Err(LeaseError::TooLong));
}

#[test]
fn the_longest_ids_make_a_token_that_is_taken() {
    let long = "~".repeat(128);
    let lease = Lease {
        user_id: long.parse().unwrap(),
        tenant_id: long.parse().unwrap(),
        course_id: long.parse().unwrap(),
        course_version_id: long.parse().unwrap(),
        device_id: Some("\"".repeat(128).parse().unwrap()),
        ..lease()
    };
    assert_eq!(checked(&signed(&lease.signing_input(ISSUER, KEY).unwrap())), Ok(lease));
}

proptest! {
    #[test]
    fn any_byte_that_is_changed_is_noticed(place: prop::sample::Index, byte in 0_u8..128) {
        let good = good();
        let mut bytes = good.clone().into_bytes();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        prop_assert!(checked(&String::from_utf8(bytes).unwrap()).is_err());
    }

    #[test]
    fn any_bit_that_is_flipped_is_noticed(place: prop::sample::Index) {
        let mut bytes = good().into_bytes();
        let place = place.index(bytes.len() * 7);
        bytes[place / 7] ^= 1 << (place % 7);
        prop_assert!(checked(&String::from_utf8(bytes).unwrap()).is_err());
    }

    #[test]
    fn no_text_is_a_lease_or_a_panic(text in "[A-Za-z0-9_.{}:\",=-]{0,300}") {
        prop_assert!(checked(&text).is_err());
    }
}
