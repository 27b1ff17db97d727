//! Tests of the ledger of money.

use proptest::prelude::*;

use super::*;
use crate::{
    devportal::{
        invariants::M_INV_1,
        policy::spend::{self, SpendKey},
        verify::Hold,
    },
    kernel::{Row, breaches},
};

fn ledger(cap: Option<&str>) -> SpendLedger {
    let period = SpendPeriod::of(PeriodKind::Day, now());
    let PolicyKey { tenant_id, environment } = key();
    SpendLedger::open(SpendKey { tenant_id, environment, sandbox: None, period }, cap.map(price), price("0"))
}

fn unbounded() -> SpendLedger {
    ledger(None)
}

fn reserve(ledger: &mut SpendLedger, number: u128, amount: &str) -> Result<Outcome, SpendError> {
    ledger.reserve(id(number), price(amount), price(amount), now())
}

fn topics(ledger: &SpendLedger) -> Vec<&'static str> {
    ledger.clone().into_changes().events.iter().map(DomainEvent::topic).collect()
}

#[test]
fn m_inv_1_rejects_one_millionth_over_the_cap() {
    let mut ledger = ledger(Some("0.03"));
    for number in 1..=3 {
        assert_eq!(reserve(&mut ledger, number, "0.01"), Ok(Outcome::Applied));
    }
    let before = ledger.data().clone();
    let error = reserve(&mut ledger, 4, "0.000001").unwrap_err();
    assert_eq!((error.invariant(), error.code()), (Some(M_INV_1), "spend.cap_reached"));
    assert_eq!(error.details().len(), 3);
    assert_eq!(ledger.data(), &before);
    let stored = |change: fn(&mut SpendLedgerData)| {
        let mut data = before.clone();
        change(&mut data);
        SpendLedger::rehydrate(data, Vec::new(), 1).unwrap_err().invariant()
    };
    assert_eq!(stored(|data| data.spent = price("0.000001")), Some(M_INV_1));
    assert_eq!(stored(|data| data.cap = Some(price("0.029999"))), Some(M_INV_1));
    let rows = ledger.clone().into_changes().rows;
    let less = SpendLedgerData { reserved: price("0.02"), ..before };
    assert_eq!(SpendLedger::rehydrate(less, rows, 1).unwrap_err().invariant(), Some(M_INV_1));
}

#[test]
fn m_inv_1_allows_the_cap_itself_and_a_cap_that_was_lowered() {
    let mut ledger = ledger(Some("0.03"));
    assert_eq!(reserve(&mut ledger, 1, "0.03"), Ok(Outcome::Applied), "{M_INV_1}");
    assert_eq!(reserve(&mut ledger, 1, "0.03"), Ok(Outcome::AlreadyApplied));
    assert_eq!(ledger.set_cap(Some(price("0.02"))), Ok(Outcome::Applied));
    assert_eq!(ledger.check_invariants(), Ok(()));
    assert!(reserve(&mut ledger, 2, "0.000001").is_err());
    assert_eq!(ledger.release(id(1)), Ok(Outcome::Applied));
    assert_eq!(reserve(&mut ledger, 2, "0.02"), Ok(Outcome::Applied));
    assert_eq!(ledger.data().lowered_at, None);
    assert_eq!(ledger.set_cap(Some(price("0.02"))), Ok(Outcome::AlreadyApplied));
    assert_eq!(ledger.set_cap(None), Ok(Outcome::Applied));
    assert_eq!(reserve(&mut ledger, 3, "1000"), Ok(Outcome::Applied));
    let mut free = unbounded();
    assert_eq!(reserve(&mut free, 1, "1000"), Ok(Outcome::Applied));
}

#[test]
fn held_money_is_spent_or_given_back_once() {
    for from in Hold::ALL {
        for action in SpendAction::ALL {
            let mut ledger = ledger(Some("1"));
            let _ = reserve(&mut ledger, 1, "0.01").unwrap();
            match from {
                Hold::Held => {}
                Hold::Settled => drop(ledger.settle(id(1), price("0.004")).unwrap()),
                Hold::Released => drop(ledger.release(id(1)).unwrap()),
            }
            let before = ledger.data().clone();
            let result = match action {
                SpendAction::Settle => ledger.settle(id(1), price("0.004")),
                SpendAction::Release => ledger.release(id(1)),
            };
            let edge = spend::TRANSITIONS.iter().find(|edge| edge.from == *from && edge.action == *action);
            let after = ledger.reservation(id(1)).unwrap().hold;
            if let Some(edge) = edge {
                assert_eq!((result, after), (Ok(Outcome::Applied), edge.to));
            } else {
                assert!(result != Ok(Outcome::Applied));
                assert_eq!((ledger.data(), after), (&before, *from));
            }
            assert_eq!(ledger.check_invariants(), Ok(()));
        }
    }
    let mut ledger = ledger(Some("1"));
    assert_eq!(ledger.settle(id(9), price("0")), Err(SpendError::NotReserved));
    let _ = reserve(&mut ledger, 1, "0.01").unwrap();
    let _ = ledger.settle(id(1), price("5")).unwrap();
    assert_eq!(
        (ledger.data().spent, ledger.data().reserved),
        (price("0.01"), price("0")),
        "never more than was held"
    );
    assert_eq!(spend::TERMINAL, [Hold::Settled, Hold::Released]);
}

#[test]
fn what_nobody_speaks_of_for_a_day_is_settled_at_its_quote() {
    let mut ledger = ledger(Some("1"));
    let _ = ledger.reserve(id(1), price("0.02"), price("0.0079"), now()).unwrap();
    assert_eq!(ledger.settle_stale(at(86_400)), Ok(Outcome::AlreadyApplied));
    assert_eq!(ledger.settle_stale(at(86_401)), Ok(Outcome::Applied));
    assert_eq!(ledger.data().spent, price("0.0079"));
}

#[test]
fn each_threshold_and_each_cap_is_announced_once() {
    let mut ledger = ledger(Some("0.1"));
    for number in 1..=10 {
        let _ = reserve(&mut ledger, number, "0.01").unwrap();
    }
    assert_eq!(topics(&ledger), ["devportal.verify.spend_threshold.v1"; 3]);
    assert!(reserve(&mut ledger, 11, "0.01").is_err());
    assert_eq!(ledger.note_refusal(Some(id(1))), Outcome::Applied);
    assert_eq!(ledger.note_refusal(None), Outcome::AlreadyApplied);
    let _ = ledger.set_cap(Some(price("0.11"))).unwrap();
    let _ = reserve(&mut ledger, 12, "0.01").unwrap();
    assert_eq!(ledger.note_refusal(None), Outcome::Applied, "another cap");
    let changes = ledger.into_changes();
    let hits = changes.events.iter().filter(|event| matches!(event, SpendEvent::CapHit { .. })).count();
    assert_eq!((hits, changes.rows.len()), (2, 11));
    assert_eq!(changes.rows[0].key(), changes.rows[0].attempt_id.to_string());
    for event in &changes.events {
        let json = serde_json::to_string(event).unwrap();
        assert_eq!(&serde_json::from_str::<SpendEvent>(&json).unwrap(), event);
    }
    let mut free = unbounded();
    assert_eq!(free.note_refusal(None), Outcome::AlreadyApplied);
}

#[test]
fn a_period_is_a_utc_day_or_month_and_its_key_survives_its_text() {
    let day = SpendPeriod::of(PeriodKind::Day, now());
    assert_eq!(
        (day.starts_at.to_string(), day.ends_at().to_string()),
        ("2026-04-20T00:00:00Z".into(), "2026-04-21T00:00:00Z".into())
    );
    let month = SpendPeriod::of(PeriodKind::Month, now());
    assert_eq!(month.ends_at().to_string(), "2026-05-01T00:00:00Z");
    for period in [day, month] {
        for sandbox in [None, Some(SandboxRound { sandbox_id: id(7), round: 2 })] {
            let PolicyKey { environment, .. } = key();
            let tenant_id = TenantId::try_new("a:b").unwrap();
            let key = SpendKey { tenant_id, environment, sandbox, period };
            assert_eq!(key.to_string().parse::<SpendKey>(), Ok(key));
        }
    }
    assert!("acme:PRODUCTION:DAY:2026-04-20T01:00:00Z".parse::<SpendKey>().is_err());
    assert!("acme:PRODUCTION:YEAR:2026-01-01T00:00:00Z".parse::<SpendKey>().is_err());
}

#[test]
fn a_policy_bounds_a_send_and_is_of_one_currency() {
    let mut policy = SpendPolicy::default_for(key(), now());
    assert_eq!(policy.admit(price("100")), Ok(()));
    let caps =
        SpendCaps { per_day: Some(price("5")), per_month: None, max_price_per_send: Some(price("0.05")) };
    assert_eq!(policy.set(caps, now()), Ok(Outcome::Applied));
    assert_eq!(policy.admit(price("0.05")), Ok(()));
    assert_eq!(policy.admit(price("0.050001")).unwrap_err().code(), "spend.price_above_maximum");
    let afn = Price::parse("1", Currency::parse("AFN").unwrap()).unwrap();
    assert_eq!(policy.set(SpendCaps { per_month: Some(afn), ..caps }, now()), Err(SpendError::Currency));
    assert_eq!(policy.admit(afn).unwrap_err().code(), "money.currency_mismatch");
    let mut stored = SpendPolicy::rehydrate(policy.data().clone(), Vec::new(), 1).unwrap();
    assert_eq!(stored.set(caps, now()), Ok(Outcome::AlreadyApplied));
    let mut ledger = ledger(None);
    let _ = reserve(&mut ledger, 1, "1").unwrap();
    assert_eq!(ledger.set_cap(Some(afn)), Err(SpendError::Currency));
}

proptest! {
    #[test]
    fn m_inv_1_holds_on_every_walk(walk in prop::collection::vec((0_u8..6, 1_u128..12, 1_i64..40_000), 1..80)) {
        let mut ledger = ledger(Some("0.1"));
        for (step, number, micros) in walk {
            let before = ledger.data().clone();
            let amount = Price::from_micros(micros, price("0").currency()).unwrap();
            let result = match step {
                0..=2 => ledger.reserve(id(number), amount, amount, now()),
                3 => ledger.settle(id(number), amount),
                4 => ledger.release(id(number)),
                _ => ledger.set_cap(Some(Price::from_micros(micros * 4, amount.currency()).unwrap())),
            };
            let data = ledger.data();
            let total = data.spent.micros() + data.reserved.micros();
            if step < 3 && result == Ok(Outcome::Applied) {
                prop_assert!(total <= data.cap.unwrap().micros());
            }
            if result.is_err() {
                prop_assert_eq!(data, &before);
            }
            let rows: Vec<_> = (1..12).filter_map(|number| ledger.reservation(id(number)).cloned()).collect();
            prop_assert_eq!(breaches::<SpendLedger>(data, &rows), vec![]);
        }
    }
}
