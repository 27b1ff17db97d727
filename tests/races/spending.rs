//! T30: whatever is started at once, no more is spent than may be, and nothing is sent to who is blocked.

use std::{collections::BTreeMap, sync::Arc};

use sarai_domain::{
    devportal::{
        policy::{PeriodKind, SpendCaps, SpendKey, SpendPolicy, VerifyPolicy},
        values::{CountryCode, DialPrefix, Environment, Purpose},
    },
    kernel::{Aggregate, Currency, Price},
};
use sarai_ports::{
    Repository, Scope,
    devportal::policies::{SpendPolicyRepository, VerifyPolicyRepository, policy_key},
};
use sarai_testkit::{harness::at_once, make};

use crate::{
    races::{
        runs,
        verify::{call, caller, ports, to, verify},
    },
    world::World,
};

/// How many ask at once.
const WORKERS: usize = 500;
/// A send by SMS to Afghanistan, in millionths.
const PRICE: i64 = 7_900;
/// For how many of them there is money.
const PAID: i64 = 40;

fn usd(micros: i64) -> Price {
    Price::from_micros(micros, Currency::parse("USD").unwrap()).unwrap()
}

/// A cap that is no multiple of the price, and a block of numbers that nobody calls.
async fn policies(world: &World) {
    let (ports, scope) = (ports(world), Scope::Within(make::tenant("acme")));
    let key = || policy_key(&make::tenant("acme"), Environment::Production);
    let now = ports.now();
    let mut spending = SpendPolicy::default_for(key(), now);
    let per_day = Some(usd(PAID * PRICE + PRICE / 2));
    let _ = spending.set(SpendCaps { per_day, ..SpendCaps::default() }, now).unwrap();
    let store: &dyn SpendPolicyRepository = &*ports.devportal.store;
    ports.save(store, &scope, spending, ports.worker_context("test", &"caps")).await.unwrap();
    let mut policy = VerifyPolicy::default_for(key(), CountryCode::parse("AF").unwrap(), now);
    let mut settings = policy.data().settings.clone();
    settings.blocked_prefixes.insert(DialPrefix::parse("+93799").unwrap());
    let _ = policy.set(settings, now).unwrap();
    let store: &dyn VerifyPolicyRepository = &*ports.devportal.store;
    ports.save(store, &scope, policy, ports.worker_context("test", &"blocks")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cap_holds_to_the_last_millionth_while_hundreds_start() {
    for _ in 0..runs(5) {
        let world = Arc::new(World::new(4).await);
        policies(&world).await;
        let answers = at_once(WORKERS, |number| {
            let world = world.clone();
            // A block of numbers each, so that no window decides; every tenth is blocked.
            let phone = if number % 10 == 0 {
                format!("+93799{number:06}")
            } else {
                format!("+937{:04}{:04}", 100 + number, number)
            };
            async move {
                let verify = verify(&world, number);
                verify
                    .start(&call("start"), &caller(), &to(&phone, Purpose::SignUp))
                    .await
                    .map_err(|error| error.code)
            }
        })
        .await;
        let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
        for answer in &answers {
            *codes.entry(answer.as_ref().map_or_else(|code| *code, |_| "begun")).or_default() += 1;
        }
        let begun = *codes.get("begun").unwrap_or(&0);
        assert_eq!(begun, usize::try_from(PAID).unwrap(), "{codes:?}");
        assert_eq!(codes.get("verification.destination_blocked"), Some(&(WORKERS / 10)), "{codes:?}");
        assert_eq!(codes.get("spend.cap_reached"), Some(&(WORKERS - WORKERS / 10 - begun)), "{codes:?}");
        while verify(&world, 1).run_due().await.unwrap() > 0 {}
        let sent = world.network.destinations();
        assert_eq!(sent.len(), begun, "each leaves once");
        assert!(sent.iter().all(|to| !to.starts_with("+93799")), "nothing leaves to who is blocked");
        let now = world.suite.now();
        let keys = SpendKey::of_send(&make::tenant("acme"), Environment::Production, now);
        let day = keys.iter().find(|key| key.period.kind == PeriodKind::Day).unwrap();
        let ledger = Repository::find(world.suite.ledgers(), &Scope::System, day).await.unwrap().unwrap();
        let (data, cap) = (ledger.data(), PAID * PRICE + PRICE / 2);
        assert!(data.spent.micros() + data.reserved.micros() <= cap, "{data:?}");
        assert_eq!(data.spent.micros() + data.reserved.micros(), PAID * PRICE);
        assert_eq!(data.caps_hit.len(), 1, "that the cap is reached is announced once");
    }
}
