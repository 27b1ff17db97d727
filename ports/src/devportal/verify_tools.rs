//! What Verify needs beside its store: a vault for destinations, and who signs approvals.

use sarai_domain::{
    devportal::{
        values::{Address, DestinationKind, Environment, VerifyTokenClaims},
        verify::Sealed,
    },
    kernel::{TenantId, VerificationId},
};

/// A destination cannot be read: it is somebody else's, was changed, or its key is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the destination cannot be read")]
pub struct VaultError;

/// Encrypts destinations, bound to their session (ruling R20).
pub trait DestinationVault: Send + Sync {
    /// The ciphertext of an address.
    ///
    /// # Errors
    /// [`VaultError`] without a source of randomness.
    fn seal(&self, tenant: &TenantId, id: VerificationId, to: &Address) -> Result<Sealed, VaultError>;
    /// The address of a ciphertext.
    ///
    /// # Errors
    /// [`VaultError`].
    fn open(
        &self,
        tenant: &TenantId,
        id: VerificationId,
        kind: DestinationKind,
        sealed: &Sealed,
    ) -> Result<Address, VaultError>;
}

/// Signs approvals, so that others can check them without asking us (ruling R12). Each world has its key and its issuer.
pub trait ApprovalSigner: Send + Sync {
    /// Who signs in a world.
    fn issuer(&self, environment: Environment) -> String;
    /// The signed token of these claims.
    fn token(&self, claims: &VerifyTokenClaims) -> String;
    /// The name and the public half of a world's key.
    fn key(&self, environment: Environment) -> (String, [u8; 32]);
}
