//! The auditor over the developer portal: nothing is wrong with what the use cases store, and a row that was changed past
//! them is found.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use sarai::{
    around::{Around, standins},
    embedded::{Clocks, Embedded},
    keys::Keys,
};
use sarai_application::{
    Call,
    audit::{AuditReport, Auditor},
    devportal::{keys::KeyRequest, sandboxes::SandboxRequest, sdks::Sdks, verify::StartRequest},
};
use sarai_domain::{
    devportal::{
        sdk_release::SdkLanguage,
        values::{Destination, E164Phone, Environment, Purpose, RawKey, ReleaseChannel, ScopeSet},
        verify::{Metadata, OnExisting, TermsAsked},
    },
    kernel::{Aggregate as _, ApiKeyId},
};
use sarai_memory::MemoryStore;
use sarai_ports::{
    auth::Via,
    devportal::{KeyAuthenticator, KeyGrant, KeyRefusal},
    inventory::Inventory,
};
use sarai_standins::{Documents, TokenIssuer};
use sarai_system::{ManualClock, OsEntropy};
use serde_json::{Value, json};

use crate::{
    tampered::{Change, Tampered},
    world::World,
};

async fn audited(world: &World, id: &str, pointer: &'static str, value: Value) -> Arc<AuditReport> {
    let change: Change = Box::new(move |data, _| {
        let place = data.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}"));
        assert_ne!(*place, value, "{pointer} is like that already");
        *place = value.clone();
    });
    let changes = BTreeMap::from([(id.to_owned(), change)]);
    let tampered = Tampered { store: world.store.clone(), changes, posting: None };
    let inventory: Arc<dyn Inventory> = Arc::new(tampered);
    Auditor::new(Arc::clone(&world.sarai.ports), inventory).run(&|_| {}).await.unwrap()
}

/// Auth as it is when it has not heard of a revocation: what was good goes on.
struct Deaf(Arc<dyn KeyAuthenticator>, Mutex<Option<KeyGrant>>);

#[async_trait]
impl KeyAuthenticator for Deaf {
    async fn verify(&self, key: &RawKey) -> Result<KeyGrant, KeyRefusal> {
        let known = self.1.lock().unwrap().clone();
        let grant = match known {
            Some(grant) => grant,
            None => self.0.verify(key).await?,
        };
        *self.1.lock().unwrap() = Some(grant.clone());
        Ok(grant)
    }
    fn remembers(&self, key: &RawKey) -> bool {
        self.0.remembers(key)
    }
    fn forget(&self, _: &ApiKeyId) {}
}

#[tokio::test]
async fn a_key_is_revoked_though_auth_has_not_heard_of_it() {
    let clocks = Clocks::of(ManualClock::at("2026-04-20T09:30:00Z".parse().unwrap()));
    let keys = Keys::random(&OsEntropy);
    let issuer = TokenIssuer { issuer: "test".to_owned(), audience: "sarai".to_owned() };
    let around = Around::standing_in(standins(&clocks, &keys, issuer, Documents::default()).unwrap());
    let deaf = Arc::new(Deaf(Arc::clone(&around.keys), Mutex::default()));
    let store = Arc::new(MemoryStore::new(Arc::clone(&clocks.clock)));
    let sarai = Embedded::over(store, &clocks, keys, Around { keys: deaf, ..around }, None);
    let developer = World::call("developer");
    let created = sarai.devportal.keys.create(&developer, sandbox_key()).await.unwrap();
    let check = async || sarai.ports.devportal.key_authenticator.verify(&created.secret).await;
    check().await.unwrap();
    sarai.devportal.keys.revoke(&developer, created.key.aggregate.id()).await.unwrap();
    assert!(matches!(check().await, Err(KeyRefusal::Invalid)));
}

fn sandbox_key() -> KeyRequest {
    KeyRequest {
        label: "shop".parse().unwrap(),
        environment: Some(Environment::Sandbox),
        scopes: ScopeSet::parse(&["verify:send"]).unwrap(),
        ip_allow_list: Vec::new(),
        sandbox_id: None,
        expires_at: None,
    }
}

#[tokio::test]
async fn a_row_of_the_portal_that_was_changed_past_its_rules_is_found_and_no_other() {
    let world = World::new().await;
    let (developer, portal) = (World::call("developer"), &world.sarai.devportal);
    let created = portal.keys.create(&developer, sandbox_key()).await.unwrap();
    let asked =
        SandboxRequest { seed: Some(7), ttl_seconds: None, overrides: Vec::new(), webhooks: Vec::new() };
    let sandbox = portal.sandboxes.create(&developer, asked).await.unwrap().aggregate.id();

    let grant = world.sarai.ports.devportal.key_authenticator.verify(&created.secret).await.unwrap();
    let by_key = Call { principal: developer.principal.clone(), ..World::call("developer") };
    let by_key = Call {
        principal: sarai_ports::auth::Principal { via: Via::Key(Box::new(grant)), ..by_key.principal },
        ..World::call("developer")
    };
    let caller = portal.verify.caller(&by_key, Some(sandbox)).await.unwrap();
    let start = StartRequest {
        to: Destination::try_new(Some(E164Phone::parse("+12025550100").unwrap()), None).unwrap(),
        channel_order: None,
        locale: None,
        brand: None,
        template_id: None,
        purpose: Purpose::Generic,
        terms: TermsAsked::default(),
        on_existing: OnExisting::default(),
        ip: None,
        end_user_ref: None,
        risk_token: None,
        metadata: Metadata::default(),
    };
    let session = portal.verify.start(&by_key, &caller, &start).await.unwrap().session.id();

    let report = world.sarai.auditor.run(&|_| {}).await.unwrap();
    assert_eq!(report.violations(), 0, "{:?}", report.checks.iter().find(|row| row.violations > 0));
    for check in ["K-INV-2", "V-INV-4", "SB-INV-3", "A-INV-3"] {
        assert!(report.of(check).unwrap().checked > 0, "{check} was checked of something");
    }
    let key = created.key.aggregate.id();
    for (check, id, pointer, value) in [
        ("K-INV-2", key.to_string(), "/trace/prefix", json!("srk_live_aaaa")),
        ("V-INV-4", session.to_string(), "/attempts", json!(6)),
        ("SB-INV-3", sandbox.to_string(), "/clockOffset", json!(2_592_001)),
        ("readable", session.to_string(), "/state", json!("NEVER")),
    ] {
        let report = audited(&world, &id, pointer, value).await;
        let row = report.of(check).unwrap();
        assert_eq!((row.violations, &row.offenders[0].id), (1, &id), "{check}");
        assert_eq!(report.violations(), 1, "{check}");
        assert!(!row.offenders[0].repair.is_empty());
    }
}

#[tokio::test]
async fn what_the_key_before_signed_is_checked_with_it_after_the_key_was_changed() {
    let world = World::new().await;
    let sarai = &world.sarai;
    sarai.publishing.ship().await.unwrap();
    let changed = |previous| Keys { release: [9; 32], release_previous: previous, ..sarai.keys.clone() };
    let with = |keys: Keys| sarai.publishing.under(&sarai.ports, &keys).sdks;
    let after = with(changed(Some(sarai.keys.release)));
    let release = after.latest(SdkLanguage::Rust, ReleaseChannel::Stable).await.unwrap();
    let known = |sdks: &Sdks| {
        let key = sdks.signing_keys().iter().find(|key| key.key_id == release.release_key_id).cloned();
        key.map(|key| key.public_key)
    };
    let key = known(&after).expect("it is published still");
    release.artifacts[0].verify(&release.purl, &key).unwrap();
    assert_eq!(after.signing_keys().len(), 2);
    assert_ne!(after.signing_keys()[0].public_key, key, "the new one signs");
    assert!(known(&with(changed(None))).is_none(), "without it nobody could check");
}
