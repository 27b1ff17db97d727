//! Developer accounts: one an identity.

use sarai_domain::kernel::{Aggregate, TenantId};
use sarai_ports::{Scope, StoreError, UniqueKey};

use crate::{
    SuitePorts,
    harness::{at_once, has_committed},
    make,
};

/// The same identity gets no second account, not even under another tenant (A-INV-1).
pub async fn an_identity_has_one_account(ports: &SuitePorts) {
    let first = ports.stored(ports.accounts(), make::portal::account(ports, "acme")).await;
    for owner in ["acme", "globex"] {
        let mut unit = ports.unit(make::portal::account(ports, owner), ports.context());
        unit.changes.data.auth_account_id = first.data().auth_account_id.clone();
        let refused = ports.accounts().save(&Scope::System, unit).await;
        assert_eq!(refused.unwrap_err(), StoreError::Taken(UniqueKey::AccountIdentity));
    }
}

/// Of registrations at once one is stored.
pub async fn of_racing_registrations_one_is_stored(ports: &SuitePorts) {
    let saves = at_once(8, |_| {
        let ports = ports.clone();
        async move {
            let mut unit = ports.unit(make::portal::account(&ports, "acme"), ports.context());
            unit.changes.data.auth_account_id = "the-one".parse().unwrap();
            ports.accounts().save(&Scope::System, unit).await
        }
    })
    .await;
    assert_eq!(saves.iter().filter(|saved| has_committed(saved)).count(), 1);
}

/// An identity leads to its account, for its tenant alone.
pub async fn its_identity_leads_to_it(ports: &SuitePorts) {
    let stored = ports.stored(ports.accounts(), make::portal::account(ports, "acme")).await;
    ports.put(ports.accounts(), make::portal::account(ports, "acme")).await;
    let identity = &stored.data().auth_account_id;
    let tenant = |name: &str| Scope::Tenant(name.parse::<TenantId>().unwrap());
    for scope in [Scope::System, tenant("acme"), Scope::PlatformAdmin] {
        let found = ports.accounts().find_by_identity(&scope, identity).await.unwrap().unwrap();
        assert_eq!((found.data(), found.version()), (stored.data(), 1));
    }
    for scope in [tenant("globex"), Scope::Public] {
        assert!(ports.accounts().find_by_identity(&scope, identity).await.unwrap().is_none());
    }
    let unknown = "nobody".parse().unwrap();
    assert!(ports.accounts().find_by_identity(&Scope::System, &unknown).await.unwrap().is_none());
}
