//! Keys' bodies.

use std::collections::BTreeMap;

use sarai_domain::{
    devportal::values::{CidrBlock, Environment, KeyTrace, RawKey, ScopeSet},
    kernel::{ApiKeyId, DeveloperAccountId, SandboxId, TenantId, Timestamp},
};
use sarai_ports::devportal::{IssuedKey, KeyGrant, KeyTerms};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use zeroize::Zeroizing;

use super::{Wired, define};

/// A key to be checked.
pub struct KeyCheck<T>(pub T);

impl Serialize for KeyCheck<&RawKey> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [("rawKey", self.0.expose())].into_iter().collect::<BTreeMap<_, _>>().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for KeyCheck<RawKey> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            raw_key: Secret,
        }
        Body::deserialize(deserializer).map(|body| Self(body.raw_key.0))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "KeyTerms", rename_all = "camelCase")]
struct KeyTermsDef {
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ip_allow_list: Vec<CidrBlock>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "KeyGrant", rename_all = "camelCase")]
struct KeyGrantDef {
    key_id: ApiKeyId,
    tenant_id: TenantId,
    account_id: DeveloperAccountId,
    environment: Environment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sandbox_id: Option<SandboxId>,
    scopes: ScopeSet,
    #[serde(with = "super::wired")]
    terms: KeyTerms,
}

define! {
    KeyTerms = KeyTermsDef,
    KeyGrant = KeyGrantDef,
}

/// The answer to an issue; with a fresh key, the one body that shows a secret.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IssuedOut<'a> {
    raw_key: Option<&'a str>,
    trace: KeyTrace,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IssuedIn {
    raw_key: Option<Secret>,
    trace: KeyTrace,
}

impl Wired for IssuedKey {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (raw_key, trace) = match self {
            Self::Fresh(key) => (Some(key.expose()), KeyTrace::of(key.expose()).map_err(ser::Error::custom)?),
            Self::Before(trace) => (None, trace.clone()),
        };
        IssuedOut { raw_key, trace }.serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let IssuedIn { raw_key, trace } = IssuedIn::deserialize(deserializer)?;
        Ok(raw_key.map_or(Self::Before(trace), |Secret(key)| Self::Fresh(key)))
    }
}

/// A key as it is read: the text it came in is wiped.
struct Secret(RawKey);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        RawKey::parse(&text).map(Self).map_err(de::Error::custom)
    }
}
