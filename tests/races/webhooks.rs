//! Twenty endpoints of a tenant stand in an environment, however many processes are asked for one (W-INV-7).

use std::{collections::BTreeMap, sync::Arc};

use sarai_application::{
    Call,
    devportal::webhooks::{WantedWebhook, Webhooks},
};
use sarai_domain::devportal::{
    values::Environment,
    webhook::{EventFilter, MAX_ENDPOINTS, SealedSecret, SignatureScheme, SigningSecret},
};
use sarai_ports::{
    Scope,
    auth::{Principal, Role, Via},
    devportal::{SecretError, SecretOf, WebhookKeys},
};
use sarai_testkit::{harness::at_once, make};

use crate::{races::runs, world::World};

/// How many ask at once for the last place.
const ASKING: usize = 16;

/// Secrets that nobody signs with.
pub(crate) struct Minted;

impl WebhookKeys for Minted {
    fn mint(&self, _of: SecretOf<'_>) -> Result<(SealedSecret, Option<SigningSecret>), SecretError> {
        let sealed =
            SealedSecret { kid: "vault-1".to_owned(), sealed: "minted".to_owned(), public_key: None };
        Ok((sealed, None))
    }

    fn sign(&self, _of: SecretOf<'_>, secret: &SealedSecret, _content: &str) -> Result<String, SecretError> {
        Err(SecretError::UnknownKey(secret.kid.clone()))
    }
}

async fn asked(world: &Arc<World>, number: usize) -> Result<(), &'static str> {
    let principal = Principal {
        user_id: make::user("developer"),
        tenant_id: make::tenant("acme"),
        email: None,
        roles: vec![Role::Developer],
        via: Via::default(),
    };
    let call = Call { principal, request_id: Some(format!("w{number}")), claim: None, reason: None };
    let wanted = WantedWebhook {
        environment: Environment::Production,
        sandbox_id: None,
        scheme: SignatureScheme::Hmac,
        url: "https://hooks.example/in".to_owned(),
        events: EventFilter::All,
        description: String::new(),
        keep_answers: false,
    };
    let webhooks = Webhooks::new(Arc::clone(&world.process(number).ports));
    webhooks.create(&call, wanted).await.map(drop).map_err(|error| error.code)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_endpoints_asked_for_in_many_processes_none_is_the_twenty_first() {
    for _ in 0..runs(20) {
        let world = Arc::new(World::new(4).await);
        for number in 1..MAX_ENDPOINTS as usize {
            asked(&world, number).await.unwrap();
        }
        let answers = at_once(ASKING, |number| {
            let world = Arc::clone(&world);
            async move { asked(&world, number).await }
        })
        .await;
        let mut counted = BTreeMap::new();
        for answer in answers {
            *counted.entry(answer.err()).or_insert(0) += 1;
        }
        let made = counted.remove(&None).unwrap_or(0);
        assert_eq!(counted, BTreeMap::from([(Some("webhook.limit_reached"), ASKING - made)]));
        let process = world.process(0);
        let store = process.ports.devportal.webhooks();
        let scope = Scope::Tenant(make::tenant("acme"));
        let stand =
            store.endpoints_in_use(&scope, &make::tenant("acme"), Environment::Production).await.unwrap();
        assert!(made <= 1, "{made} places where there was one");
        assert_eq!(stand as usize, MAX_ENDPOINTS as usize - 1 + made, "what gave way is not there");
    }
}
