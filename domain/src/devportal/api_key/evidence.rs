//! Facts that the creation of a key is decided on. They are true at a moment, so the key keeps what was seen.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{KeyCreator, KeyError};
use crate::{
    devportal::{
        account::AccountStanding,
        values::{Environment, Scope, ScopeSet},
    },
    kernel::{ApiKeyId, DeveloperAccountId, UserId},
};

/// How many keys of an account can be in effect in an environment (K-INV-9).
pub const MAX_KEYS: u32 = 20;

/// Who asks for a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum KeyCaller {
    /// Somebody who is signed in.
    User {
        /// Who.
        user_id: UserId,
    },
    /// A key.
    Key {
        /// Which.
        key_id: ApiKeyId,
        /// What it may do itself.
        scopes: ScopeSet,
        /// Where it works.
        environment: Environment,
    },
}

/// The keys of an account in one environment, those still to be issued included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeysInEffect {
    /// The account spoken of.
    pub account_id: DeveloperAccountId,
    /// The environment spoken of.
    pub environment: Environment,
    /// How many are in effect.
    pub count: u32,
    /// Those of them, in the same sandbox, with the label asked for.
    pub same_label: Vec<ApiKeyId>,
}

/// What the creation of a key was admitted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyAdmission {
    /// What the account was.
    pub standing: AccountStanding,
    /// Every scope that the account could be given.
    pub grantable: BTreeSet<Scope>,
    /// Who asked.
    pub caller: KeyCaller,
    /// What was there already.
    pub in_effect: KeysInEffect,
}

impl KeyCaller {
    /// Who it is.
    pub fn creator(&self) -> KeyCreator {
        match self {
            Self::User { user_id } => KeyCreator::User(user_id.clone()),
            Self::Key { key_id, .. } => KeyCreator::Key(*key_id),
        }
    }

    /// K-INV-12: a key creates nothing beyond itself.
    fn require(&self, scopes: &ScopeSet, environment: Environment) -> Result<(), KeyError> {
        match self {
            Self::Key { environment: own, .. } if *own != environment => {
                Err(KeyError::OtherEnvironment { own: *own })
            }
            Self::Key { scopes: own, .. } => match scopes.beyond(own.as_set()) {
                Some(scope) => Err(KeyError::BeyondCaller(scope)),
                None => Ok(()),
            },
            Self::User { .. } => Ok(()),
        }
    }
}

impl KeysInEffect {
    /// K-INV-9: whether there is room for one more. Evidence of others proves nothing.
    fn require_room(&self, account: DeveloperAccountId, environment: Environment) -> Result<(), KeyError> {
        if self.account_id != account || self.environment != environment || self.count >= MAX_KEYS {
            return Err(KeyError::LimitReached);
        }
        Ok(())
    }

    /// R24: whether nobody has the label.
    pub(super) fn require_free_label(&self) -> Result<(), KeyError> {
        if self.same_label.is_empty() { Ok(()) } else { Err(KeyError::LabelTaken) }
    }
}

impl KeyAdmission {
    /// Whether a key with these scopes can be created (A-INV-4, K-INV-3, K-INV-9, K-INV-10, K-INV-12).
    pub(super) fn require(&self, scopes: &ScopeSet, environment: Environment) -> Result<(), KeyError> {
        self.standing.require_active()?;
        self.caller.require(scopes, environment)?;
        self.require_grantable(scopes)?;
        if environment == Environment::Production {
            self.standing.require_production().map_err(KeyError::NoProduction)?;
        }
        self.in_effect.require_room(self.standing.account_id, environment)
    }

    /// K-INV-3.
    pub(super) fn require_grantable(&self, scopes: &ScopeSet) -> Result<(), KeyError> {
        scopes.beyond(&self.grantable).map_or(Ok(()), |scope| Err(KeyError::NotGrantable(scope)))
    }
}
