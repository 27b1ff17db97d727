//! T64 at the service: no key that was not issued works, and the file of the stand-ins says none that was.

use std::{fs, path::PathBuf, sync::Arc};

use sarai_domain::{
    devportal::values::{Environment, RawKey, ScopeSet},
    kernel::{ApiKeyId, Ulid},
};
use sarai_gateways::RememberedKeys;
use sarai_ports::{
    auth::AuthGateway as _,
    devportal::{IssuedKey, KeyAuthenticator, KeyGrant, KeyRefusal, KeySecretIssuer as _, KeyTerms},
    system::Entropy as _,
};
use sarai_standins::{Documents, StandIns, Surroundings, TokenIssuer};
use sarai_system::{ManualClock, OsEntropy, UlidGenerator};

/// How many keys of each kind are tried; `SARAI_KEYS` asks for more.
const TRIES: usize = 25_000;

struct File(PathBuf);

impl File {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("sarai-canary-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    async fn standins(&self, clock: &Arc<ManualClock>) -> StandIns {
        let around = Surroundings {
            clock: clock.clone(),
            ids: Arc::new(UlidGenerator::default()),
            entropy: Arc::new(OsEntropy),
            issuer: TokenIssuer { issuer: "https://auth.test".to_owned(), audience: "sarai".to_owned() },
            signing_seed: [3; 32],
            key_pepper: *b"canary-of-the-pepper-32-bytes!!!",
        };
        StandIns::new(around, Documents::open(&self.0.join("standins.db")).await.unwrap()).unwrap()
    }

    /// Every byte of every file.
    fn bytes(&self) -> Vec<u8> {
        let files = fs::read_dir(&self.0).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
        files.collect::<Vec<_>>().concat()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at("2026-04-20T12:00:00Z".parse().unwrap()))
}

fn grant(number: u128, environment: Environment) -> KeyGrant {
    KeyGrant {
        key_id: ApiKeyId::new(Ulid::from(number)),
        tenant_id: "acme".parse().unwrap(),
        account_id: "dev_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
        environment,
        sandbox_id: None,
        scopes: ScopeSet::parse(&["verify:send"]).unwrap(),
        terms: KeyTerms { version: 1, ends_at: None, ip_allow_list: vec![] },
    }
}

async fn issue(standins: &StandIns, number: u128, environment: Environment) -> RawKey {
    match standins.keys.issue(&grant(number, environment)).await.unwrap() {
        IssuedKey::Fresh(key) => key,
        IssuedKey::Before(_) => panic!("{number}"),
    }
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// What becomes of a text at the gate: its form first, then the service.
async fn accepted(keys: &dyn KeyAuthenticator, text: &str) -> bool {
    match RawKey::parse(text).map_err(KeyRefusal::from) {
        Ok(key) => keys.verify(&key).await.is_ok(),
        Err(refusal) => {
            assert_eq!(refusal, KeyRefusal::Invalid);
            false
        }
    }
}

#[tokio::test]
async fn of_random_truncated_mistyped_and_revoked_keys_none_is_accepted() {
    let tries = std::env::var("SARAI_KEYS").map_or(TRIES, |text| text.parse().unwrap());
    let (clock, entropy) = (clock(), OsEntropy);
    let around = Surroundings {
        clock: clock.clone(),
        ids: Arc::new(UlidGenerator::default()),
        entropy: Arc::new(OsEntropy),
        issuer: TokenIssuer { issuer: "https://auth.test".to_owned(), audience: "sarai".to_owned() },
        signing_seed: [3; 32],
        key_pepper: [4; 32],
    };
    let standins = StandIns::new(around, Documents::default()).unwrap();
    let keys = RememberedKeys::new(standins.keys.clone(), clock, &entropy);
    let live = issue(&standins, 0, Environment::Production).await;
    assert!(accepted(&keys, live.expose()).await);
    let mut wrong = 0;
    for number in 1..=tries {
        let random = entropy.bytes();
        let environment = Environment::ALL[number % 2];
        // Of the right form, and issued by nobody.
        let forged = RawKey::from_random(environment, &random);
        wrong += usize::from(accepted(&keys, forged.expose()).await);
        // The live one cut short, with one character changed, and in the other world.
        let cut = live.expose().len() - 1 - usize::from(random[0]) % 50;
        wrong += usize::from(accepted(&keys, &live.expose()[..cut]).await);
        let mut changed = live.expose().as_bytes().to_vec();
        let at = 9 + usize::from(random[1]) % (changed.len() - 9);
        changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
        wrong += usize::from(accepted(&keys, std::str::from_utf8(&changed).unwrap()).await);
        wrong += usize::from(accepted(&keys, &live.expose().replace("live", "sbx")).await);
        // One that worked until now.
        if number % 100 == 0 {
            let revoked = issue(&standins, u128::try_from(number).unwrap(), environment).await;
            assert!(accepted(&keys, revoked.expose()).await);
            let id = grant(u128::try_from(number).unwrap(), environment).key_id;
            standins.keys.revoke(&id).await.unwrap();
            keys.forget(&id);
            wrong += usize::from(accepted(&keys, revoked.expose()).await);
        }
    }
    assert_eq!(wrong, 0, "of {} wrong keys", 4 * tries + tries / 100);
    assert!(accepted(&keys, live.expose()).await);
}

#[tokio::test]
async fn the_file_outlives_the_process_and_says_no_secret() {
    let (file, clock) = (File::new(), clock());
    let (mut raw, mut secrets) = (Vec::new(), Vec::new());
    {
        let standins = file.standins(&clock).await;
        for number in 0..50 {
            raw.push(issue(&standins, number, Environment::Production).await);
        }
        standins.keys.revoke(&grant(7, Environment::Production).key_id).await.unwrap();
        let session = standins.auth.sign_in("buyer@demo.test", "sarai-demo", None).await.unwrap();
        secrets.extend([session.access_token, session.refresh_token, "sarai-demo".to_owned()]);
        standins.documents.close().await;
    }
    let standins = file.standins(&clock).await;
    for (number, key) in raw.iter().enumerate() {
        assert_eq!(standins.keys.verify(key).await.is_ok(), number != 7, "{number}");
    }
    standins.documents.close().await;
    let bytes = file.bytes();
    assert!(holds(&bytes, "key_0000000000000000000000000F"), "the file is looked through");
    for key in &raw {
        // Neither the key nor what is random in it, but for the four characters that are shown.
        assert!(!holds(&bytes, key.expose()) && !holds(&bytes, &key.expose()[13..52]));
    }
    for secret in secrets {
        assert!(!holds(&bytes, &secret), "{secret}");
    }
    assert!(!holds(&bytes, "canary-of-the-pepper"));
}
