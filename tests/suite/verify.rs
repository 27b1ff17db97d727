//! Verify's sessions with what is written together with them: slots, windows, failed checks, money.

use std::{sync::Arc, time::Duration};

use sarai_domain::{
    devportal::{
        policy::{
            AdmissionError, Bucket, FailureEvidence, FailureKey, FailureLedger, SendSubject, SpendCaps,
            SpendError, SpendKey,
        },
        values::{
            Brand, Channel, ChannelOrder, ChannelStep, CodeLength, CodeSeed, Destination, DestinationKey,
            E164Phone, EmailAddress, Environment, Locale, PepperRing, Purpose, SubjectKind, SubmittedCode,
        },
        verify::{
            CheckOutcome, FailureReason, KeyGrant, Moment, NewSend, NewSession, PolicySnapshot, Sealed,
            SealedAddress, SendReport, TemplatePin, Terms, Verdict, VerifyError, VerifySession, VerifyState,
        },
    },
    kernel::{Aggregate, Currency, Outcome, Price, TenantId, VerificationId},
};
use sarai_ports::{
    Saved, Scope, StoreError, UniqueKey, Unit,
    devportal::verify::{
        Admission, Books, ChangeError, FailureEffect, SessionFilter, SessionWrite, Stamp, World,
    },
};

use crate::{SuitePorts, harness::to_nobody, make};

/// The peppers of the suite.
pub fn ring() -> PepperRing {
    let kid = || "k1".parse().expect("a name");
    PepperRing::try_new(kid(), &[(kid(), vec![7; 32].into())], true).expect("a ring")
}

/// A price in dollars.
pub fn price(text: &str) -> Price {
    Price::parse(text, Currency::parse("USD").expect("a currency")).expect("a price")
}

fn key() -> DestinationKey {
    DestinationKey::new([3; 32])
}

fn destination(phone: &str) -> Destination {
    Destination::try_new(Some(E164Phone::parse(phone).expect("a number")), None).expect("a destination")
}

/// Every address of a destination, as a session keeps it.
fn sealed(tenant_id: &TenantId, destination: &Destination) -> Vec<SealedAddress> {
    let sealed = destination.addresses().into_iter().map(|address| SealedAddress {
        kind: address.kind(),
        hash: key().hash(tenant_id, &address),
        sealed: Sealed(vec![1, 2, 3]),
        scenario: None,
    });
    sealed.collect()
}

/// A send that costs a cent.
pub fn send(ports: &SuitePorts) -> NewSend {
    NewSend { id: ports.id(), quote: price("0.01"), reserved: price("0.01") }
}

/// A session to a phone that is about to begin.
pub fn new_session(ports: &SuitePorts, tenant: &str, phone: &str) -> NewSession {
    let tenant_id = make::tenant(tenant);
    let destination = destination(phone);
    let step = |channel| ChannelStep::try_new(channel, None).expect("a step");
    NewSession {
        id: ports.id(),
        account_id: ports.id(),
        key: KeyGrant { id: ports.id(), environment: Environment::Production },
        environment: Environment::Production,
        sandbox: None,
        purpose: Purpose::SignIn,
        sealed: sealed(&tenant_id, &destination),
        destination,
        locale: Locale::Ps,
        locale_used: Locale::Ps,
        brand: Brand::parse("Sarai").expect("a brand"),
        template: TemplatePin { template_id: ports.id(), version_no: 1 },
        channel_order: ChannelOrder::try_new(vec![step(Channel::Sms), step(Channel::Voice)]).ok(),
        policy: PolicySnapshot { policy_version: 1, terms: Terms::default() },
        seed: CodeSeed::new([9; 16]),
        end_user_ip_hash: None,
        end_user_ref_hash: None,
        metadata: sarai_domain::devportal::verify::Metadata::default(),
        failures: FailureEvidence::default(),
        first: send(ports),
        tenant_id,
    }
}

/// A session to a phone of its own.
pub fn session(ports: &SuitePorts, tenant: &str) -> VerifySession {
    start(ports, tenant, &format!("+9370{:07}", ports.number()))
}

fn start(ports: &SuitePorts, tenant: &str, phone: &str) -> VerifySession {
    started(new_session(ports, tenant, phone), ports)
}

/// A session that begins now.
pub(crate) fn started(new: NewSession, ports: &SuitePorts) -> VerifySession {
    VerifySession::start(new, &ring(), &Moment::new(ports.now())).expect("a session")
}

fn moment(ports: &SuitePorts) -> Moment {
    Moment::new(ports.now())
}

fn stamp(ports: &SuitePorts) -> Stamp {
    Stamp { ids: Arc::clone(&ports.ids) as _, routes: to_nobody }
}

fn write_under(ports: &SuitePorts, session: VerifySession, caps: SpendCaps) -> SessionWrite {
    let books = Books::of(&session, caps);
    SessionWrite { unit: Unit::new(session, ports.context(), &*ports.ids, to_nobody), books }
}

fn write(ports: &SuitePorts, session: VerifySession) -> SessionWrite {
    write_under(ports, session, SpendCaps::default())
}

fn scope(session: &VerifySession) -> Scope {
    Scope::Tenant(session.data().tenant_id.clone())
}

fn admission(ports: &SuitePorts, session: &VerifySession, phone: &str) -> Admission {
    let phone = E164Phone::parse(phone).expect("a number");
    let prefix = phone.prefix4().to_owned();
    let address = sarai_domain::devportal::values::Address::Phone(phone);
    let tenant_id = session.data().tenant_id.clone();
    Admission {
        subject: SendSubject {
            destination: key().hash(&tenant_id, &address),
            platform: key().platform_hash(&address),
            prefix4: Some(key().subject(&tenant_id, SubjectKind::Prefix4, &prefix)),
            ip: None,
            end_user_ref: None,
            environment: Environment::Production,
            tenant_id,
        },
        tenant_per_hour: None,
        attempt_id: session.sends().last().expect("a send").id,
        start: Some((session.failure_keys(), false)),
        fallback: false,
        now: ports.now(),
    }
}

async fn open_under(
    ports: &SuitePorts,
    session: VerifySession,
    caps: SpendCaps,
) -> Result<Saved, ChangeError> {
    let scope = scope(&session);
    let write = write_under(ports, session, caps);
    ports.sessions().open(&scope, write, None, Vec::new(), stamp(ports)).await
}

pub(crate) async fn opened(ports: &SuitePorts, session: VerifySession) -> VerificationId {
    let id = session.id();
    assert!(matches!(open_under(ports, session, SpendCaps::default()).await, Ok(Saved::Committed(_))));
    id
}

async fn load(ports: &SuitePorts, id: VerificationId) -> VerifySession {
    ports.load(ports.sessions(), &id).await
}

fn wrong() -> SubmittedCode {
    SubmittedCode::parse("000000", CodeLength::default()).expect("a code")
}

/// Loads, counts, saves; again while somebody else was first.
async fn begin(
    ports: &SuitePorts,
    id: VerificationId,
) -> Result<sarai_domain::devportal::verify::Guess, VerifyError> {
    loop {
        let mut session = load(ports, id).await;
        let guess = session.begin_check(&moment(ports))?;
        let (scope, keys) = (scope(&session), session.failure_keys());
        let unit = Unit::new(session, ports.context(), &*ports.ids, to_nobody);
        match ports.sessions().begin_check(&scope, unit, keys, stamp(ports)).await {
            Ok(_) => return Ok(guess),
            Err(ChangeError::Store(StoreError::Conflict { .. })) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

async fn conclude(
    ports: &SuitePorts,
    id: VerificationId,
    verdict: Verdict,
) -> Result<CheckOutcome, VerifyError> {
    loop {
        let mut session = load(ports, id).await;
        let outcome = session.conclude_check(verdict, &moment(ports))?;
        let (scope, end_user_ref) = (scope(&session), session.data().end_user_ref_hash);
        let effect = match outcome {
            CheckOutcome::Approved { .. } => {
                let (keys, others) = session.cleared_keys();
                FailureEffect::Cleared { keys, others, end_user_ref }
            }
            CheckOutcome::Incorrect { .. } => {
                FailureEffect::Failed { keys: session.failure_keys(), end_user_ref }
            }
        };
        match ports.sessions().conclude_check(&scope, write(ports, session), effect, stamp(ports)).await {
            Ok(_) => return Ok(outcome),
            Err(ChangeError::Store(StoreError::Conflict { .. })) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

async fn miss(ports: &SuitePorts, id: VerificationId) -> Result<CheckOutcome, VerifyError> {
    let guess = begin(ports, id).await?;
    conclude(ports, id, guess.compare(&wrong(), &ring()).expect("a pepper")).await
}

/// V-INV-11: a second live session for one destination, purpose and world is refused; after the first one's end it
/// begins at once, and so it does when the first one gives way in the same transaction.
pub async fn v_inv_11_one_session_is_live_for_a_destination(ports: &SuitePorts) {
    let phone = "+93701230001";
    let first = opened(ports, start(ports, "acme", phone)).await;
    let refused = open_under(ports, start(ports, "acme", phone), SpendCaps::default()).await;
    assert_eq!(refused.unwrap_err(), ChangeError::Store(StoreError::Taken(UniqueKey::LiveSlot)));
    // Another tenant's is another destination.
    opened(ports, start(ports, "other", phone)).await;

    let mut displaced = load(ports, first).await;
    make::applied(displaced.supersede(&moment(ports)));
    let second = start(ports, "acme", phone);
    let (id, scope) = (second.id(), scope(&second));
    let slots = second.live_slots();
    let displaced = vec![write(ports, displaced)];
    let saved = ports.sessions().open(&scope, write(ports, second), None, displaced, stamp(ports)).await;
    assert!(matches!(saved, Ok(Saved::Committed(_))));
    assert_eq!(load(ports, first).await.data().failure_reason, Some(FailureReason::Superseded));
    let live = ports.sessions().find_live(&scope, &slots).await.unwrap();
    assert_eq!(live.iter().map(Aggregate::id).collect::<Vec<_>>(), [id]);

    let mut cancelled = load(ports, id).await;
    make::applied(cancelled.cancel(&moment(ports)));
    assert!(ports.sessions().settle(&scope, write(ports, cancelled), stamp(ports)).await.is_ok());
    assert_eq!(ports.sessions().find_live(&scope, &slots).await.unwrap().len(), 0);
    opened(ports, start(ports, "acme", phone)).await;
}

/// V-INV-11 in a race: of many starts at once one is live.
pub async fn v_inv_11_of_racing_starts_one_is_live(ports: &SuitePorts) {
    let second = ports.second();
    let mut starts = tokio::task::JoinSet::new();
    for n in 0..8 {
        let ports = if n % 2 == 0 { ports.clone() } else { second.clone() };
        starts.spawn(async move {
            let session = start(&ports, "acme", "+93701230002");
            open_under(&ports, session, SpendCaps::default()).await.is_ok()
        });
    }
    let won = starts.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1);
}

/// V-INV-4: of many checks at once as many are compared as the session allows, and it is failed by as many wrong ones.
pub async fn v_inv_4_no_more_checks_are_compared_than_allowed(ports: &SuitePorts) {
    let id = opened(ports, session(ports, "acme")).await;
    let second = ports.second();
    let mut guesses = tokio::task::JoinSet::new();
    for n in 0..24 {
        let ports = if n % 2 == 0 { ports.clone() } else { second.clone() };
        guesses.spawn(async move { begin(&ports, id).await.is_ok() });
    }
    let compared = guesses.join_all().await.into_iter().filter(|compared| *compared).count();
    assert_eq!(compared, 5);
    let data = load(ports, id).await.data().clone();
    assert_eq!((data.attempts, data.concluded, data.state), (5, 0, VerifyState::Pending));
    assert!(data.last_check_at.is_some());
}

/// V-INV-7: of many right codes at once one approves.
pub async fn v_inv_7_of_racing_right_codes_one_approves(ports: &SuitePorts) {
    let session = session(ports, "acme");
    let code = session.code(&ring()).unwrap().expose().to_owned();
    let id = opened(ports, session).await;
    let second = ports.second();
    let mut checks = tokio::task::JoinSet::new();
    for n in 0..5 {
        let ports = if n % 2 == 0 { ports.clone() } else { second.clone() };
        let code = SubmittedCode::parse(&code, CodeLength::default()).unwrap();
        checks.spawn(async move {
            let guess = begin(&ports, id).await?;
            conclude(&ports, id, guess.compare(&code, &ring()).expect("a pepper")).await
        });
    }
    let outcomes = checks.join_all().await;
    let approved = outcomes.iter().filter(|one| matches!(one, Ok(CheckOutcome::Approved { .. }))).count();
    assert_eq!(approved, 1, "{outcomes:?}");
    assert!(
        outcomes
            .iter()
            .all(|one| matches!(one, Ok(CheckOutcome::Approved { .. }) | Err(VerifyError::AlreadyApproved)))
    );
    let data = load(ports, id).await.data().clone();
    assert_eq!(data.state, VerifyState::Approved);
    // V-INV-21: what is stored of it has no secret any more.
    assert!(data.secrets.is_none() && data.destinations.iter().all(|one| one.sealed.is_none()));
}

/// V-INV-16: failed checks are counted over sessions, those under way with them; a right code forgets them.
pub async fn v_inv_16_failed_checks_outlive_their_session(ports: &SuitePorts) {
    let phone = "+93701230003";
    let first = start(ports, "acme", phone);
    let keys = first.failure_keys();
    let tenant = scope(&first);
    let id = opened(ports, first).await;
    for left in (0..5).rev() {
        let failed = left == 0;
        assert_eq!(miss(ports, id).await, Ok(CheckOutcome::Incorrect { attempts_remaining: left, failed }));
    }
    assert_eq!(load(ports, id).await.data().failure_reason, Some(FailureReason::MaxAttempts));
    let [ledger] =
        <[FailureLedger; 1]>::try_from(ports.sessions().failures(&tenant, &keys).await.unwrap()).unwrap();
    assert_eq!((ledger.consecutive, ledger.recent.len()), (5, 5));
    let other = Scope::Tenant(make::tenant("other"));
    assert_eq!(ports.sessions().failures(&other, &keys).await.unwrap(), [FailureLedger::default()]);

    let second = start(ports, "acme", phone);
    let code = SubmittedCode::parse(second.code(&ring()).unwrap().expose(), CodeLength::default()).unwrap();
    let id = opened(ports, second).await;
    let guess = begin(ports, id).await.unwrap();
    let ledger = ports.sessions().failures(&tenant, &keys).await.unwrap().remove(0);
    assert_eq!((ledger.consecutive, ledger.recent.len()), (5, 6), "what is under way counts");
    let right = guess.compare(&code, &ring()).unwrap();
    assert!(matches!(conclude(ports, id, right).await, Ok(CheckOutcome::Approved { .. })));
    assert_eq!(ports.sessions().failures(&tenant, &keys).await.unwrap(), [FailureLedger::default()]);
}

/// V-INV-16, ruling R14: a right code clears what failed at the address it proved. Whoever has a mailbox of their own beside
/// somebody's number gains no guesses at the number; the right check itself counts nowhere.
pub async fn v_inv_16_a_right_code_clears_the_address_it_proved_and_no_other(ports: &SuitePorts) {
    let phone = "+93701230010";
    let id = opened(ports, start(ports, "acme", phone)).await;
    for _ in 0..5 {
        miss(ports, id).await.unwrap();
    }
    let mut new = new_session(ports, "acme", phone);
    let number = E164Phone::parse(phone).unwrap();
    new.destination =
        Destination::try_new(Some(number), EmailAddress::parse("mine@example.com").ok()).unwrap();
    new.sealed = sealed(&new.tenant_id, &new.destination);
    new.channel_order = ChannelOrder::try_new(vec![ChannelStep::try_new(Channel::Email, None).unwrap()]).ok();
    let session = started(new, ports);
    let (cleared, kept) = session.cleared_keys();
    let code = SubmittedCode::parse(session.code(&ring()).unwrap().expose(), CodeLength::default()).unwrap();
    let tenant = scope(&session);
    let id = opened(ports, session).await;
    let counted = async |keys: &[FailureKey]| {
        let ledgers = ports.sessions().failures(&tenant, keys).await.unwrap();
        ledgers.iter().map(|ledger| (ledger.consecutive, ledger.recent.len())).collect::<Vec<_>>()
    };
    miss(ports, id).await.unwrap();
    assert_eq!((counted(&cleared).await, counted(&kept).await), (vec![(1, 1)], vec![(6, 6)]));
    let guess = begin(ports, id).await.unwrap();
    assert_eq!((counted(&cleared).await, counted(&kept).await), (vec![(1, 2)], vec![(6, 7)]));
    let right = guess.compare(&code, &ring()).unwrap();
    assert!(matches!(conclude(ports, id, right).await, Ok(CheckOutcome::Approved { .. })));
    assert_eq!((counted(&cleared).await, counted(&kept).await), (vec![(0, 0)], vec![(6, 6)]));
}

/// V-INV-16: the 26th check of a day is not counted, and starts are refused from then on, until staff unlocks it.
pub async fn v_inv_16_twenty_five_checks_fail_in_a_day(ports: &SuitePorts) {
    let phone = "+93701230004";
    let keys = start(ports, "acme", phone).failure_keys();
    for _ in 0..5 {
        let id = opened(ports, start(ports, "acme", phone)).await;
        for _ in 0..5 {
            miss(ports, id).await.unwrap();
        }
    }
    let mut session = start(ports, "acme", phone);
    let id = opened(ports, session.clone()).await;
    session = load(ports, id).await;
    let _ = session.begin_check(&moment(ports)).unwrap();
    let (tenant, now) = (scope(&session), ports.now());
    let unit = Unit::new(session, ports.context(), &*ports.ids, to_nobody);
    let refused = ports.sessions().begin_check(&tenant, unit, keys.clone(), stamp(ports)).await.unwrap_err();
    assert!(
        matches!(refused, ChangeError::Admission(AdmissionError::DestinationCheckLimited { .. })),
        "{refused}"
    );
    assert_eq!(load(ports, id).await.data().attempts, 0);

    let next = start(ports, "acme", "+93701230005");
    let admission =
        Admission { start: Some((keys.clone(), false)), now, ..admission(ports, &next, "+93701230005") };
    let refused =
        ports.sessions().open(&tenant, write(ports, next), Some(admission), Vec::new(), stamp(ports)).await;
    assert!(matches!(refused, Err(ChangeError::Admission(AdmissionError::DestinationHeldBack { .. }))));
    ports.sessions().unlock(&Scope::PlatformAdmin, &keys).await.unwrap();
    assert!(miss(ports, id).await.is_ok());
}

/// M-INV-1: a cap is not exceeded by one unit, however many sends are asked for at once; it is announced once.
pub async fn m_inv_1_a_cap_holds_under_racing_sends(ports: &SuitePorts) {
    let caps = SpendCaps { per_day: Some(price("0.07")), ..SpendCaps::default() };
    let second = ports.second();
    let mut starts = tokio::task::JoinSet::new();
    for n in 0..20 {
        let ports = if n % 2 == 0 { ports.clone() } else { second.clone() };
        starts.spawn(async move {
            loop {
                match open_under(&ports, session(&ports, "acme"), caps).await {
                    Err(ChangeError::Store(StoreError::Conflict { .. })) => {}
                    other => return other.map(drop),
                }
            }
        });
    }
    let outcomes = starts.join_all().await;
    assert_eq!(outcomes.iter().filter(|one| one.is_ok()).count(), 7, "{outcomes:?}");
    let capped =
        |one: &Result<(), ChangeError>| matches!(one, Err(ChangeError::Spend(SpendError::CapReached { .. })));
    assert_eq!(outcomes.iter().filter(|one| capped(one)).count(), 13, "{outcomes:?}");
    let [day, month] = keys_of(ports);
    let tenant = Scope::Tenant(make::tenant("acme"));
    let ledger = ports.ledgers().find_for_sends(&tenant, &day, &[]).await.unwrap().unwrap();
    assert_eq!((ledger.data().reserved, ledger.data().spent), (price("0.07"), price("0")));
    assert_eq!(ledger.data().caps_hit.len(), 1);
    let ledger = ports.ledgers().find_for_sends(&tenant, &month, &[]).await.unwrap().unwrap();
    assert_eq!((ledger.data().reserved, ledger.data().cap), (price("0.07"), None));
}

fn keys_of(ports: &SuitePorts) -> [SpendKey; 2] {
    SpendKey::of_send(&make::tenant("acme"), Environment::Production, ports.now())
}

/// Money that is held is spent or given back with the session's change, once.
pub async fn what_is_held_is_settled_or_released_with_the_session(ports: &SuitePorts) {
    let session = session(ports, "acme");
    let (attempt, tenant) = (session.sends()[0].id, scope(&session));
    let id = opened(ports, session).await;
    let [day, _] = keys_of(ports);
    let totals = || async {
        let ledger = ports.ledgers().find_for_sends(&tenant, &day, &[]).await.unwrap().unwrap();
        (ledger.data().reserved.micros(), ledger.data().spent.micros())
    };
    assert_eq!(totals().await, (10_000, 0));
    let reports = [
        SendReport::Dispatched { provider: "smsc".into() },
        SendReport::Accepted { provider_message_id: None, segments: Some(1) },
        SendReport::Delivered { price: Some(price("0.006")) },
    ];
    for report in reports {
        let mut session = load(ports, id).await;
        assert_eq!(session.report(attempt, report, &moment(ports)), Ok(Outcome::Applied));
        assert!(ports.sessions().settle(&tenant, write(ports, session), stamp(ports)).await.is_ok());
    }
    assert_eq!(totals().await, (0, 6_000));
    assert_eq!(ports.ledgers().find_stale(ports.now().plus_days(2), 10).await.unwrap(), []);

    let held = opened(ports, self::session(ports, "acme")).await;
    assert_eq!(totals().await, (10_000, 6_000));
    let stale = ports.ledgers().find_stale(ports.now(), 10).await.unwrap();
    assert_eq!(stale.len(), 2, "of the day and of the month");
    let mut cancelled = load(ports, held).await;
    make::applied(cancelled.cancel(&moment(ports)));
    assert!(ports.sessions().settle(&tenant, write(ports, cancelled), stamp(ports)).await.is_ok());
    assert_eq!(totals().await, (0, 6_000));
}

/// A destination is sent to once in 30 seconds, exactly, however many ask at once; a refused send leaves nothing.
pub async fn sends_are_counted_exactly(ports: &SuitePorts) {
    let phone = "+93701230006";
    let second = ports.second();
    let mut starts = tokio::task::JoinSet::new();
    for n in 0..5 {
        let ports = if n % 2 == 0 { ports.clone() } else { second.clone() };
        starts.spawn(async move {
            // Each for a purpose of its own, so that no slot decides.
            let mut new = new_session(&ports, "acme", phone);
            new.purpose = *Purpose::ALL.get(n % 5).unwrap();
            let session = VerifySession::start(new, &ring(), &moment(&ports)).unwrap();
            let admission = admission(&ports, &session, phone);
            let tenant = scope(&session);
            let write = write(&ports, session);
            ports.sessions().open(&tenant, write, Some(admission), Vec::new(), stamp(&ports)).await.map(drop)
        });
    }
    let outcomes = starts.join_all().await;
    assert_eq!(outcomes.iter().filter(|one| one.is_ok()).count(), 1, "{outcomes:?}");
    let limited = |one: &&Result<(), ChangeError>| {
        matches!(
            one,
            Err(ChangeError::Admission(AdmissionError::RateLimited { bucket: Bucket::Destination, .. }))
        )
    };
    assert_eq!(outcomes.iter().filter(limited).count(), 4, "{outcomes:?}");
    let looked = start(ports, "acme", "+93701230009");
    let looked = (scope(&looked), admission(ports, &looked, phone));
    assert!(limited(&&ports.sessions().admit(&looked.0, &looked.1).await), "a look meets the same");
    let [day, _] = keys_of(ports);
    let ledger = ports.ledgers().find_for_sends(&Scope::System, &day, &[]).await.unwrap().unwrap();
    assert_eq!(ledger.data().reserved, price("0.01"));
    ports.advance(Duration::from_secs(31));
    let next = start(ports, "acme", "+93701230007");
    let again = admission(ports, &next, phone);
    // A look counts nothing, and is nobody else's.
    for _ in 0..2 {
        assert_eq!(ports.sessions().admit(&scope(&next), &again).await, Ok(()));
    }
    let other = Scope::Tenant(make::tenant("other"));
    assert_eq!(ports.sessions().admit(&other, &again).await, Err(ChangeError::Store(StoreError::NotFound)));
    assert!(
        ports
            .sessions()
            .open(&scope(&next), write(ports, next), Some(again), Vec::new(), stamp(ports))
            .await
            .is_ok()
    );
}

/// Ruling R16: a tenant's sends are counted whether it has a limit or not, so that one that is set holds at once.
pub async fn a_tenant_s_new_limit_counts_the_hour_before_it(ports: &SuitePorts) {
    for (n, tenant) in ["acme", "acme", "other"].into_iter().enumerate() {
        let phone = format!("+9370123012{n}");
        let session = start(ports, tenant, &phone);
        let (tenant, admission) = (scope(&session), admission(ports, &session, &phone));
        let saved =
            ports.sessions().open(&tenant, write(ports, session), Some(admission), Vec::new(), stamp(ports));
        assert!(saved.await.is_ok());
    }
    let phone = "+93701230123";
    let next = start(ports, "acme", phone);
    let limited = |max| Admission { tenant_per_hour: Some(max), ..admission(ports, &next, phone) };
    let refused = ports.sessions().admit(&scope(&next), &limited(2)).await;
    let full =
        |one: &AdmissionError| matches!(one, AdmissionError::RateLimited { bucket: Bucket::Tenant, .. });
    assert!(matches!(&refused, Err(ChangeError::Admission(refusal)) if full(refusal)), "{refused:?}");
    assert_eq!(ports.sessions().admit(&scope(&next), &limited(3)).await, Ok(()));
    ports.advance(Duration::from_mins(61));
    let later = Admission { now: ports.now(), ..limited(2) };
    assert_eq!(ports.sessions().admit(&scope(&next), &later).await, Ok(()));
}

/// traps.md 5: whoever has proven an address in the last 90 days is not kept waiting by what others ask for it.
pub async fn who_has_proven_an_address_has_windows_of_their_own(ports: &SuitePorts) {
    let phone = "+93701230011";
    let amina = key().subject(&make::tenant("acme"), SubjectKind::EndUserRef, "amina");
    let opened = async |end_user_ref, purpose| {
        let mut new = new_session(ports, "acme", phone);
        (new.end_user_ref_hash, new.purpose) = (end_user_ref, purpose);
        let session = started(new, ports);
        let mut admission = admission(ports, &session, phone);
        admission.subject.end_user_ref = end_user_ref;
        let (id, tenant) = (session.id(), scope(&session));
        let code = session.code(&ring()).unwrap().expose().to_owned();
        let saved =
            ports.sessions().open(&tenant, write(ports, session), Some(admission), Vec::new(), stamp(ports));
        saved.await.map(|_| (id, code))
    };
    let (id, code) = opened(Some(amina), Purpose::SignIn).await.unwrap();
    let typed = SubmittedCode::parse(&code, CodeLength::default()).unwrap();
    let right = begin(ports, id).await.unwrap().compare(&typed, &ring()).unwrap();
    assert!(matches!(conclude(ports, id, right).await, Ok(CheckOutcome::Approved { .. })));
    ports.advance(Duration::from_secs(31));
    // Somebody asks for codes to that number.
    assert!(opened(None, Purpose::SignUp).await.is_ok());
    assert!(opened(None, Purpose::Transaction).await.is_err(), "the number has to wait");
    assert!(opened(Some(amina), Purpose::SignIn).await.is_ok(), "its owner has not");
    assert!(opened(Some(amina), Purpose::ContactChange).await.is_err(), "but for the own sends");
    ports.advance(Duration::from_hours(90 * 24));
    assert!(opened(None, Purpose::Generic).await.is_ok());
    assert!(opened(Some(amina), Purpose::ContactChange).await.is_err(), "a proof is forgotten after 90 days");
}

/// The limit over all tenants counts what others sent, and reads like the tenant's own.
pub async fn the_platform_s_limit_counts_every_tenant(ports: &SuitePorts) {
    let phone = "+93701230008";
    for n in 0..20 {
        let tenant = format!("tenant-{n}");
        let session = start(ports, &tenant, phone);
        let admission = admission(ports, &session, phone);
        let tenant = scope(&session);
        let saved =
            ports.sessions().open(&tenant, write(ports, session), Some(admission), Vec::new(), stamp(ports));
        assert!(saved.await.is_ok());
        ports.advance(Duration::from_mins(1));
    }
    let session = start(ports, "acme", phone);
    let twenty_first = admission(ports, &session, phone);
    let tenant = scope(&session);
    let refused = ports
        .sessions()
        .open(&tenant, write(ports, session), Some(twenty_first), Vec::new(), stamp(ports))
        .await;
    let Err(ChangeError::Admission(refused)) = refused else { panic!("{refused:?}") };
    assert!(matches!(refused, AdmissionError::RateLimited { bucket: Bucket::Destination, .. }));
    ports.sessions().forget(ports.now().plus_days(1)).await.unwrap();
}

/// What waits for a sender, what moves on, expires or was left undecided is found from its time on.
pub async fn what_is_due_is_found(ports: &SuitePorts) {
    let session = session(ports, "acme");
    let (id, attempt) = (session.id(), session.sends()[0].id);
    opened(ports, session).await;
    let queued = ports.sessions().find_queued(ports.now(), 10).await.unwrap();
    assert_eq!(queued.iter().map(|due| due.attempt_id).collect::<Vec<_>>(), [attempt]);
    assert_eq!(ports.sessions().find_due_sessions(ports.now(), 10).await.unwrap(), []);
    let due = ports.sessions().next_session_due(ports.now()).await.unwrap().unwrap();
    assert_eq!(due, load(ports, id).await.data().course_due_at.unwrap());
    assert_eq!(ports.sessions().find_due_sessions(due, 10).await.unwrap()[0].id, id);

    let mut session = load(ports, id).await;
    let dispatched = SendReport::Dispatched { provider: "smsc".into() };
    make::applied(session.report(attempt, dispatched, &moment(ports)));
    ports.put(ports.sessions(), session).await;
    assert_eq!(ports.sessions().find_queued(ports.now(), 10).await.unwrap(), []);
    assert_eq!(ports.sessions().find_sending(10).await.unwrap()[0].attempt_id, attempt);

    // Left undecided: due 30 seconds after the last check.
    for _ in 0..5 {
        begin(ports, id).await.unwrap();
    }
    let due = ports.sessions().next_session_due(ports.now()).await.unwrap().unwrap();
    assert_eq!(due, crate::harness::after(ports.now(), Duration::from_secs(30)));
    ports.advance(Duration::from_secs(30));
    let mut session = load(ports, id).await;
    make::applied(session.fail_undecided(&moment(ports)));
    ports.put(ports.sessions(), session).await;
    assert_eq!(ports.sessions().find_due_sessions(ports.now().plus_days(1), 10).await.unwrap(), []);
}

/// A list is of one world of a tenant, newest first, by state and time.
pub async fn a_list_is_of_one_world(ports: &SuitePorts) {
    let tenant: TenantId = make::tenant("acme");
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(opened(ports, session(ports, "acme")).await);
        ports.advance(Duration::from_secs(1));
    }
    opened(ports, session(ports, "other")).await;
    ids.reverse();
    let scope = Scope::Tenant(tenant.clone());
    let world = World { tenant: &tenant, environment: Environment::Production, sandbox_id: None };
    let page = sarai_ports::PageRequest::first(10);
    let list = |filter| ports.sessions().list(&scope, world, filter, &page);
    let all = list(SessionFilter::default()).await.unwrap();
    assert_eq!(all.items.iter().map(Aggregate::id).collect::<Vec<_>>(), ids);
    let approved = SessionFilter { state: Some(VerifyState::Approved), ..SessionFilter::default() };
    assert_eq!(list(approved).await.unwrap().items.len(), 0);
    let recent = SessionFilter { from: Some(all.items[0].data().started_at), ..SessionFilter::default() };
    assert_eq!(list(recent).await.unwrap().items.len(), 1);
    let world = World { environment: Environment::Sandbox, ..world };
    assert_eq!(
        ports.sessions().list(&scope, world, SessionFilter::default(), &page).await.unwrap().items.len(),
        0
    );
}
