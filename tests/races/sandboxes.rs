//! Five sandboxes of an account are open at once, however many processes are asked for one.

use std::{collections::BTreeMap, sync::Arc};

use sarai_application::{
    Call,
    devportal::sandboxes::{SandboxRequest, Sandboxes},
};
use sarai_domain::kernel::{AccountId, Aggregate as _, SandboxId};
use sarai_ports::auth::{Identity, Principal, Role, Via};
use sarai_testkit::{harness::at_once, make};

use crate::{races::runs, world::World};

/// How many ask at once.
const ASKING: usize = 16;

fn call(request: &str) -> Call {
    let identity = Identity {
        account_id: AccountId::from_static("acc_sandboxes"),
        sequence: 1,
        email_verified: true,
        mfa_enrolled: true,
        terms_version: None,
    };
    let principal = Principal {
        user_id: make::user("developer"),
        tenant_id: make::tenant("acme"),
        email: Some("developer@acme.example".to_owned()),
        roles: vec![Role::Developer],
        via: Via::Token(Some(identity)),
    };
    Call { principal, request_id: Some(request.to_owned()), claim: None, reason: None }
}

async fn asked(world: &Arc<World>) -> (Vec<SandboxId>, BTreeMap<&'static str, usize>) {
    let answers = at_once(ASKING, |number| {
        let world = Arc::clone(world);
        async move {
            let sandboxes = Sandboxes::new(Arc::clone(&world.process(number).ports));
            let request =
                SandboxRequest { seed: None, ttl_seconds: None, overrides: Vec::new(), webhooks: Vec::new() };
            let made = sandboxes.create(&call(&format!("s{number}")), request).await;
            made.map(|made| made.aggregate.id()).map_err(|error| error.code)
        }
    })
    .await;
    let mut refused = BTreeMap::new();
    let mut made = Vec::new();
    for answer in answers {
        match answer {
            Ok(id) => made.push(id),
            Err(code) => *refused.entry(code).or_default() += 1,
        }
    }
    (made, refused)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_sandboxes_asked_for_in_many_processes_five_are_open() {
    for _ in 0..runs(10) {
        let world = Arc::new(World::new(4).await);
        let (made, refused) = asked(&world).await;
        assert_eq!(made.len(), 5, "{refused:?}");
        assert_eq!(refused, BTreeMap::from([("sandbox.limit_reached", ASKING - 5)]));
        // The place of one that is closed is free again, for one.
        let sandboxes = Sandboxes::new(Arc::clone(&world.process(1).ports));
        sandboxes.close(&call("close"), made[2]).await.unwrap();
        let (made, refused) = asked(&world).await;
        assert_eq!((made.len(), refused.len()), (1, 1), "{refused:?}");
    }
}
