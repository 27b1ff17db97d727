//! How long an answer about a key is believed.

use std::sync::atomic::{AtomicU32, Ordering};

use sarai_domain::devportal::values::Environment;
use sarai_ports::devportal::KeyTerms;
use sarai_system::{ManualClock, OsEntropy};
use time::Duration;
use tokio::sync::Semaphore;

use super::*;

/// Counts how often it is asked, answers when it may, and knows one key.
struct Service {
    asked: AtomicU32,
    may_answer: Semaphore,
    live: Mutex<Option<KeyGrant>>,
}

#[async_trait]
impl KeyAuthenticator for Service {
    async fn verify(&self, key: &RawKey) -> Result<KeyGrant, KeyRefusal> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.live.lock().unwrap().clone().filter(|_| key.expose() == raw(1).expose());
        let _answered = self.may_answer.acquire().await.unwrap();
        answer.ok_or(KeyRefusal::Invalid)
    }
}

fn raw(seed: u8) -> RawKey {
    RawKey::from_random(Environment::Sandbox, &[seed; 32])
}

fn grant(ends_at: Option<Timestamp>) -> KeyGrant {
    KeyGrant {
        key_id: "key_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
        tenant_id: "acme".parse().unwrap(),
        account_id: "dev_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
        environment: Environment::Sandbox,
        sandbox_id: None,
        scopes: sarai_domain::devportal::values::ScopeSet::parse(&["sms:send"]).unwrap(),
        terms: KeyTerms { version: 1, ends_at, ip_allow_list: vec![] },
    }
}

fn remembered(
    ends_at: Option<Timestamp>,
    answers: usize,
) -> (Arc<RememberedKeys>, Arc<Service>, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at("2026-04-20T12:00:00Z".parse().unwrap()));
    let service = Arc::new(Service {
        asked: AtomicU32::default(),
        may_answer: Semaphore::new(answers),
        live: Mutex::new(Some(grant(ends_at))),
    });
    let keys = RememberedKeys::new(service.clone(), clock.clone(), &OsEntropy);
    (Arc::new(keys), service, clock)
}

#[tokio::test]
async fn an_answer_is_believed_for_three_seconds_from_when_it_was_asked_for() {
    let (keys, service, clock) = remembered(None, 1);
    for _ in 0..3 {
        assert_eq!(keys.verify(&raw(1)).await, Ok(grant(None)));
    }
    clock.advance(Duration::milliseconds(2_999));
    assert_eq!(keys.verify(&raw(1)).await, Ok(grant(None)));
    assert_eq!(service.asked.load(Ordering::SeqCst), 1);
    *service.live.lock().unwrap() = None;
    clock.advance(Duration::milliseconds(1));
    assert_eq!(keys.verify(&raw(1)).await, Err(KeyRefusal::Invalid));
    assert_eq!(service.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_refusal_is_asked_again_and_another_key_is_not_this_one() {
    let (keys, service, _) = remembered(None, 1);
    assert!(keys.verify(&raw(1)).await.is_ok());
    for asked in 2..4 {
        assert_eq!(keys.verify(&raw(2)).await, Err(KeyRefusal::Invalid));
        assert_eq!(service.asked.load(Ordering::SeqCst), asked);
    }
}

#[tokio::test]
async fn what_is_forgotten_is_asked_again_also_when_the_answer_was_under_way() {
    let (keys, service, _) = remembered(None, 0);
    let early = tokio::spawn({
        let keys = keys.clone();
        async move { keys.verify(&raw(1)).await }
    });
    while service.asked.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    // It was good when it was asked about; then it is revoked, and only then comes the answer.
    *service.live.lock().unwrap() = None;
    keys.forget(&grant(None).key_id);
    service.may_answer.add_permits(9);
    assert_eq!(early.await.unwrap(), Ok(grant(None)));
    assert_eq!(keys.verify(&raw(1)).await, Err(KeyRefusal::Invalid));

    *service.live.lock().unwrap() = Some(grant(None));
    assert!(keys.verify(&raw(1)).await.is_ok());
    *service.live.lock().unwrap() = None;
    assert!(keys.verify(&raw(1)).await.is_ok(), "remembered");
    keys.forget(&grant(None).key_id);
    assert_eq!(keys.verify(&raw(1)).await, Err(KeyRefusal::Invalid));
}

#[tokio::test]
async fn a_remembered_key_ends_when_its_time_has_come() {
    let end = "2026-04-20T12:00:02Z".parse().unwrap();
    let (keys, _, clock) = remembered(Some(end), 1);
    assert!(keys.verify(&raw(1)).await.is_ok());
    clock.advance(Duration::seconds(2));
    assert_eq!(keys.verify(&raw(1)).await, Err(KeyRefusal::Invalid));
}

#[tokio::test]
async fn that_a_key_was_good_is_known_until_it_is_refused_or_forgotten() {
    let (keys, service, clock) = remembered(None, 1);
    assert!(!keys.remembers(&raw(1)), "not asked about yet");
    assert!(keys.verify(&raw(1)).await.is_ok());
    clock.advance(Duration::hours(1));
    assert!(keys.remembers(&raw(1)), "also when its answer is too old to be given");
    assert!(keys.verify(&raw(2)).await.is_err());
    assert!(!keys.remembers(&raw(2)));

    keys.forget(&grant(None).key_id);
    assert!(!keys.remembers(&raw(1)));
    assert!(keys.verify(&raw(1)).await.is_ok());
    *service.live.lock().unwrap() = None;
    clock.advance(Duration::hours(1));
    assert!(keys.verify(&raw(1)).await.is_err());
    assert!(!keys.remembers(&raw(1)), "refused since");
}
