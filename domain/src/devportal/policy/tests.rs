//! Tests of policies, limits, failures and money.

mod money;

use std::collections::BTreeMap;

use time::Duration;
use ulid::Ulid;

use super::*;
use crate::{
    devportal::{
        invariants::V_INV_16,
        values::{
            Address, Channel, ChannelOrder, ChannelStep, CountryCode, Destination, DestinationHash,
            DestinationKey, DestinationKind, DialPrefix, E164Phone, EmailAddress, Environment, Purpose,
            SubjectKind,
        },
        verify::{Terms, TermsAsked},
    },
    kernel::{
        Aggregate, Coded, Currency, DomainEvent, Id, IdKind, Kind, Outcome, Price, TenantId, Timestamp,
    },
};

fn id<K: IdKind>(number: u128) -> Id<K> {
    Id::new(Ulid::from(number))
}

fn now() -> Timestamp {
    "2026-04-20T09:30:00Z".parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    now().plus(Duration::seconds(seconds))
}

fn price(text: &str) -> Price {
    Price::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn key() -> PolicyKey {
    PolicyKey { tenant_id: TenantId::try_new("acme").unwrap(), environment: Environment::Production }
}

fn phone(text: &str) -> Destination {
    Destination::try_new(Some(E164Phone::parse(text).unwrap()), None).unwrap()
}

fn sms() -> ChannelOrder {
    ChannelOrder::try_new(vec![ChannelStep::try_new(Channel::Sms, None).unwrap()]).unwrap()
}

fn country(text: &str) -> CountryCode {
    CountryCode::parse(text).unwrap()
}

fn policy() -> VerifyPolicy {
    VerifyPolicy::default_for(key(), country("AF"), now())
}

#[test]
fn only_home_is_allowed_where_no_country_is_named() {
    let mut policy = policy();
    assert_eq!(policy.admit(&phone("+93701231234"), &sms()), Ok(()));
    let error = policy.admit(&phone("+923001234567"), &sms()).unwrap_err();
    assert_eq!((error.code(), error.kind()), ("verification.country_not_allowed", Kind::Forbidden));
    let settings = PolicySettings {
        allowed_countries: [country("PK")].into(),
        blocked_prefixes: [DialPrefix::parse("+92300").unwrap()].into(),
        allowed_channels: [Channel::Sms].into(),
        ..PolicySettings::at_home(country("AF"))
    };
    assert_eq!(policy.set(settings.clone(), now()), Ok(Outcome::Applied));
    assert_eq!(policy.admit(&phone("+923101234567"), &sms()), Ok(()));
    assert!(policy.admit(&phone("+93701231234"), &sms()).is_err());
    for blocked in ["+923001234567", "+8811234567", "+97912345678"] {
        let error = policy.admit(&phone(blocked), &sms()).unwrap_err();
        assert_eq!(error.code(), "verification.destination_blocked", "{blocked}");
        assert_eq!(error.details().len(), 1);
    }
    let email = Destination::try_new(None, EmailAddress::parse("a@example.com").ok()).unwrap();
    let error = policy.admit(&email, &ChannelOrder::default_for(&email)).unwrap_err();
    assert_eq!(error.code(), "verification.channel_not_allowed");
    let stored = VerifyPolicy::rehydrate(policy.data().clone(), Vec::new(), 1).unwrap();
    assert_eq!(stored.clone().set(settings, now()), Ok(Outcome::AlreadyApplied));
    assert_eq!(stored.snapshot(TermsAsked::default()).unwrap().policy_version, 1);
    assert_eq!(
        stored.snapshot(TermsAsked { ttl_seconds: Some(1), ..TermsAsked::default() }).unwrap_err().kind(),
        Kind::Invalid
    );
}

#[test]
fn a_country_is_allowed_beside_home_and_beside_what_was_named() {
    let mut policy = policy();
    let sent_to = |policy: &VerifyPolicy, to: &str| policy.admit(&phone(to), &sms()).is_ok();
    assert_eq!(policy.allow(country("AF"), now()), Ok(Outcome::AlreadyApplied), "home is allowed");
    assert_eq!(policy.allow(country("PK"), now()), Ok(Outcome::Applied));
    assert_eq!(policy.allow(country("PK"), now()), Ok(Outcome::AlreadyApplied));
    assert!(sent_to(&policy, "+923001234567") && sent_to(&policy, "+93701231234"));
    let named = PolicySettings {
        allowed_countries: [country("PK")].into(),
        ..PolicySettings::at_home(country("AF"))
    };
    assert_eq!(policy.set(named, now()), Ok(Outcome::Applied));
    assert_eq!(policy.allow(country("IN"), now()), Ok(Outcome::Applied));
    assert_eq!(policy.data().settings.allowed_countries, [country("IN"), country("PK")].into());
}

#[test]
fn settings_out_of_bounds_are_refused() {
    let base = || PolicySettings::at_home(country("AF"));
    for bad in [
        PolicySettings { allowed_channels: [].into(), ..base() },
        PolicySettings { tenant_sends_per_hour: Some(0), ..base() },
        PolicySettings { terms: Terms { max_sends: 9, ..Terms::default() }, ..base() },
    ] {
        assert_eq!(policy().set(bad.clone(), now()).unwrap_err().kind(), Kind::Invalid);
        let stored = VerifyPolicyData { key: key(), settings: bad, updated_at: now() };
        assert!(VerifyPolicy::rehydrate(stored, Vec::new(), 1).is_err());
    }
}

#[test]
fn a_blocked_start_is_explained_in_an_event() {
    let error = AdmissionError::RateLimited { bucket: Bucket::Ip, until: at(60) };
    let (reasons, bucket, until) = error.explanation();
    let start = BlockedStart::record(BlockedStartData {
        verification_id: id(1),
        tenant_id: key().tenant_id,
        environment: Environment::Production,
        api_key_id: id(2),
        purpose: Purpose::SignIn,
        channel: Channel::Sms,
        destination_hash: hash("+93701231234"),
        destination_masked: "+93•••••1234".into(),
        country_code: None,
        code: error.code().to_owned(),
        reasons,
        bucket,
        until,
        at: now(),
    });
    let stored = BlockedStart::rehydrate(start.data().clone(), Vec::new(), 1).unwrap();
    assert_eq!((stored.version(), stored.id()), (1, id(1)));
    let changes = start.into_changes();
    let json = serde_json::to_value(&changes.events[0]).unwrap();
    assert_eq!((&json["event"], &json["bucket"]), (&"blocked".into(), &"ip".into()));
    assert_eq!(serde_json::from_value::<BlockedStartEvent>(json).unwrap(), changes.events[0]);
    assert_eq!(changes.events[0].topic(), BlockedStartEvent::TOPICS[0]);
    let blocked = AdmissionError::DestinationBlocked { reasons: vec!["pumping".into()] };
    assert_eq!(blocked.explanation().0, ["pumping"]);
    assert_eq!(
        AdmissionError::DestinationHeldBack { until: None }.explanation().1.as_deref(),
        Some("failed_checks")
    );
}

#[test]
fn a_policy_s_key_survives_its_text() {
    assert_eq!("acme:PRODUCTION".parse::<PolicyKey>().unwrap(), key());
    let spend = SpendPolicyKey(key());
    assert_eq!(spend.to_string(), "spend:acme:PRODUCTION", "no other aggregate has this key");
    assert_eq!(spend.to_string().parse::<SpendPolicyKey>().unwrap(), spend);
    assert!("acme:PRODUCTION".parse::<SpendPolicyKey>().is_err());
    assert_eq!(key().to_string(), "acme:PRODUCTION");
    assert!("acme".parse::<PolicyKey>().is_err() && "acme:X".parse::<PolicyKey>().is_err());
}

fn failed(times: u32) -> FailureLedger {
    let mut ledger = FailureLedger::default();
    for _ in 0..times {
        ledger.fail(now());
    }
    ledger
}

#[test]
fn v_inv_16_rejects_a_start_before_the_wait_is_over() {
    for (times, wait) in [(10, 30), (11, 60), (12, 120), (16, 1_920), (17, 3_600), (24, 3_600)] {
        let ledger = failed(times);
        let error = ledger.admit_start(false, at(wait - 1)).unwrap_err();
        assert_eq!(error, AdmissionError::DestinationHeldBack { until: Some(at(wait)) }, "{times}");
        assert_eq!((error.invariant(), error.kind()), (Some(V_INV_16), Kind::Limited));
        assert_eq!(error.code(), "verification.destination_rate_limited");
        assert!(ledger.admit_start(false, at(wait)).is_ok(), "{times}");
    }
    let day = failed(25);
    let error = day.admit_start(true, at(4_000)).unwrap_err();
    assert_eq!(error, AdmissionError::DestinationHeldBack { until: Some(at(86_400)) });
    let error = day.admit_check(at(1)).unwrap_err();
    assert_eq!((error.invariant(), error.code()), (Some(V_INV_16), "verification.destination_check_limited"));
    let mut locked = FailureLedger::default();
    for hour in 0..100 {
        locked.fail(at(hour * 3_600));
    }
    let error = locked.admit_start(true, at(1_000_000)).unwrap_err();
    assert_eq!(error, AdmissionError::DestinationHeldBack { until: None });
}

#[test]
fn v_inv_16_allows_starts_below_ten_after_the_wait_with_a_token_and_after_clearing() {
    assert!(failed(9).admit_start(false, now()).is_ok(), "{V_INV_16}");
    let evidence = failed(10).admit_start(true, now()).unwrap();
    assert!(evidence.by_token && evidence.admits(now()));
    assert!(failed(24).admit_check(now()).is_ok());
    assert!(failed(25).admit_check(at(86_400)).is_ok());
    assert!(failed(25).admit_start(false, at(86_400)).is_ok());
    let mut ledger = failed(200);
    assert_eq!(ledger.recent.len(), 25);
    ledger.clear();
    assert!(ledger.admit_start(false, now()).is_ok());
    let json = serde_json::to_string(&failed(3)).unwrap();
    assert_eq!(serde_json::from_str::<FailureLedger>(&json).unwrap(), failed(3));
}

#[test]
fn a_verdict_admits_challenges_or_blocks() {
    assert_eq!(FraudVerdict::Allow.admit(false), Ok(()));
    let challenge = FraudVerdict::Challenge { reason: "velocity".into() };
    assert_eq!(challenge.admit(true), Ok(()));
    assert_eq!(challenge.admit(false).unwrap_err().code(), "verification.challenge_required");
    let block = FraudVerdict::Block { reasons: vec!["pumping".into()] };
    assert_eq!(block.admit(true).unwrap_err().code(), "verification.destination_blocked");
}

fn hash(number: &str) -> DestinationHash {
    let address = Address::Phone(E164Phone::parse(number).unwrap());
    DestinationKey::new([1; 32]).hash(&key().tenant_id, &address)
}

fn subject() -> SendSubject {
    let keys = DestinationKey::new([1; 32]);
    let of = |kind, text: &str| Some(keys.subject(&key().tenant_id, kind, text));
    SendSubject {
        tenant_id: key().tenant_id,
        environment: Environment::Production,
        destination: hash("+93701231234"),
        platform: keys.platform_hash(&Address::Phone(E164Phone::parse("+93701231234").unwrap())),
        prefix4: of(SubjectKind::Prefix4, "+9370123"),
        ip: of(SubjectKind::Ip, "203.0.113.7"),
        end_user_ref: of(SubjectKind::EndUserRef, "user-1"),
    }
}

fn admitted(bucket: Bucket, sends: &[i64]) -> BTreeMap<BucketKey, Vec<Timestamp>> {
    let keys = subject().keys().into_iter();
    keys.map(|key| {
        let own = key.bucket == bucket;
        (key, if own { sends.iter().map(|seconds| at(*seconds)).collect() } else { Vec::new() })
    })
    .collect()
}

#[test]
fn a_send_counts_for_each_of_its_buckets_in_the_order_of_locks() {
    let keys = subject().keys();
    assert_eq!(keys.len(), Bucket::ALL.len());
    assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
    let platform = keys.iter().find(|key| key.bucket == Bucket::Platform).unwrap();
    assert_eq!(platform.tenant_id, None);
    let bare = SendSubject { prefix4: None, ip: None, end_user_ref: None, ..subject() };
    assert_eq!(bare.keys().len(), 3);
}

#[test]
fn every_window_admits_its_number_and_no_more() {
    for window in WINDOWS {
        let one_less: Vec<i64> = (1..window.max).map(|_| -1).collect();
        let full: Vec<i64> = (0..window.max).map(|_| -1).collect();
        let others = WINDOWS.iter().filter(|one| one.bucket == window.bucket && one.seconds < window.seconds);
        let shortest = others.map(|one| i64::from(one.seconds)).max().unwrap_or(0);
        let aged = |sends: &[i64]| sends.iter().map(|_| -shortest - 1).collect::<Vec<_>>();
        let admitted = |sends: &[i64]| {
            let mut admitted = admitted(window.bucket, sends);
            admitted.extend(proven().filter(|_| window.bucket == Bucket::Owner));
            admitted
        };
        let judge = |sends: &[i64]| {
            limits::admit(&admitted(&aged(sends)), None, ApprovalRate::default(), false, now())
        };
        assert_eq!(judge(&one_less), Ok(()), "{window:?}");
        let error = judge(&full).unwrap_err();
        let shown = match window.bucket {
            Bucket::Platform | Bucket::Owner => Bucket::Destination,
            own => own,
        };
        assert!(matches!(error, AdmissionError::RateLimited { bucket, .. } if bucket == shown), "{window:?}");
        assert_eq!(error.kind(), Kind::Limited);
        let old: Vec<i64> = full.iter().map(|_| -i64::from(window.seconds)).collect();
        assert_eq!(
            limits::admit(&admitted(&old), None, ApprovalRate::default(), false, now()),
            Ok(()),
            "{window:?}"
        );
    }
}

#[test]
fn the_limit_over_all_tenants_reads_like_the_tenant_s_own() {
    let own = limits::admit(
        &admitted(Bucket::Destination, &[-700; 10]),
        None,
        ApprovalRate::default(),
        false,
        now(),
    );
    let platform =
        limits::admit(&admitted(Bucket::Platform, &[-700; 20]), None, ApprovalRate::default(), false, now());
    assert_eq!(own, platform);
    assert_eq!(own.unwrap_err().code(), "verification.destination_rate_limited");
    let error = limits::admit(&admitted(Bucket::Ip, &[-1; 20]), None, ApprovalRate::default(), false, now())
        .unwrap_err();
    assert_eq!(error.code(), "verification.rate_limited");
}

/// Noted for whoever has proven the address lately.
fn proven() -> impl Iterator<Item = (BucketKey, Vec<Timestamp>)> {
    let address = FailureKey {
        tenant_id: key().tenant_id,
        environment: Environment::Production,
        kind: DestinationKind::Phone,
        hash: subject().destination,
    };
    let noted = BucketKey::proven(&address, subject().end_user_ref.unwrap());
    std::iter::once((noted, vec![limits::proven_at(now())]))
}

#[test]
fn nobody_locks_out_who_has_proven_an_address_by_asking_for_codes() {
    let judge = |admitted| limits::admit(&admitted, None, ApprovalRate::default(), false, now());
    let flooded = || admitted(Bucket::Destination, &[-1; 10]);
    assert!(judge(flooded()).is_err());
    assert_eq!(judge(flooded().into_iter().chain(proven()).collect()), Ok(()));
    let own = admitted(Bucket::Owner, &[-1; 10]);
    assert_eq!(judge(own.clone()), Ok(()), "counted beside, and asked for owners only");
    let error = judge(own.into_iter().chain(proven()).collect()).unwrap_err();
    assert_eq!(error.code(), "verification.destination_rate_limited");
    let (noted, forgotten) = (limits::proven_at(now()), now().plus(Duration::days(90)));
    assert_eq!(noted.plus(limits::LONGEST), forgotten);
    let another = SendSubject { end_user_ref: Some(hash("+93701231235")), ..subject() };
    let (noted, _) = proven().next().unwrap();
    assert!(subject().keys().contains(&noted) && !another.keys().contains(&noted));
}

#[test]
fn a_block_that_answers_is_not_limited_and_a_tenant_limits_itself() {
    let full = admitted(Bucket::Prefix4, &[-1; 20]);
    let rate = |sent, approved| limits::admit(&full, None, ApprovalRate { sent, approved }, false, now());
    assert!(rate(20, 3).is_err() && rate(0, 0).is_err());
    assert_eq!(rate(20, 4), Ok(()));
    let tenant = admitted(Bucket::Tenant, &[-1; 7]);
    assert_eq!(limits::admit(&tenant, None, ApprovalRate::default(), false, now()), Ok(()));
    assert!(limits::admit(&tenant, Some(7), ApprovalRate::default(), false, now()).is_err());
    assert_eq!(limits::admit(&tenant, Some(8), ApprovalRate::default(), false, now()), Ok(()));
}

#[test]
fn a_fallback_waits_for_no_pause_between_two_sends_but_for_every_other_window() {
    let judge = |sends: &[i64], fallback| {
        let sends = admitted(Bucket::Destination, sends);
        limits::admit(&sends, None, ApprovalRate::default(), fallback, now())
    };
    assert!(judge(&[-5], false).is_err());
    assert_eq!(judge(&[-5], true), Ok(()));
    assert!(judge(&[-5, -6, -7, -8, -9], true).is_err());
}
