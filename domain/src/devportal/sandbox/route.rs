//! Which way a send goes: a type for each, so that nothing of a sandbox can be given to a sender of the network
//! (SB-INV-2, SB-INV-4, SB-INV-8).

use super::Scenario;
use crate::{
    devportal::values::{Address, Environment},
    kernel::SandboxId,
};

/// Where a send goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Into a sandbox's inbox.
    Sandbox(SandboxRoute),
    /// To a provider.
    Network(NetworkRoute),
}

/// A permit for a sandbox's inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxRoute {
    sandbox_id: SandboxId,
    scenario: Scenario,
}

/// A permit to reach the network: what every real sender demands. Only [`Route::of`] makes one, in production.
///
/// ```compile_fail
/// # use sarai_domain::devportal::sandbox::NetworkRoute;
/// let forged = NetworkRoute(());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkRoute(());

impl Route {
    /// The way of a session's sends. A sandbox has an id, production has none; anything else goes nowhere.
    pub fn of(
        environment: Environment,
        sandbox_id: Option<SandboxId>,
        to: &Address,
        override_: Option<Scenario>,
    ) -> Option<Self> {
        match (environment, sandbox_id) {
            (Environment::Production, None) => Some(Self::Network(NetworkRoute(()))),
            (Environment::Sandbox, Some(sandbox_id)) => {
                let scenario = override_.unwrap_or_else(|| Scenario::of(to));
                Some(Self::Sandbox(SandboxRoute { sandbox_id, scenario }))
            }
            (Environment::Production, Some(_)) | (Environment::Sandbox, None) => None,
        }
    }
}

impl SandboxRoute {
    /// Whose inbox.
    pub const fn sandbox_id(&self) -> SandboxId {
        self.sandbox_id
    }

    /// What its provider says.
    pub const fn scenario(&self) -> Scenario {
        self.scenario
    }
}

/// Whether geography, fraud, limits, spend and the ledger of failed checks are asked at all (ruling R8).
pub const fn is_governed(environment: Environment) -> bool {
    match environment {
        Environment::Production => true,
        Environment::Sandbox => false,
    }
}
