//! The vault of destinations: each is sealed for its session (ruling R20).

use sarai_domain::{
    devportal::{
        values::{Address, DestinationKind},
        verify::Sealed,
    },
    kernel::{TenantId, VerificationId},
};
use sarai_ports::devportal::verify_tools::{DestinationVault, VaultError};

use crate::vault::{Place, Vault};

/// What destinations of Verify are bound to.
const LABEL: &str = "devportal.verify.destination.v1";

impl DestinationVault for Vault {
    fn seal(&self, tenant: &TenantId, id: VerificationId, to: &Address) -> Result<Sealed, VaultError> {
        let id = id.to_string();
        let place = Place { label: LABEL, tenant: tenant.as_str(), id: &id };
        let (kid, sealed) = Vault::seal(self, place, to.normalised().as_bytes()).map_err(|_| VaultError)?;
        Ok(Sealed(format!("{kid}:{sealed}").into_bytes()))
    }

    fn open(
        &self,
        tenant: &TenantId,
        id: VerificationId,
        kind: DestinationKind,
        sealed: &Sealed,
    ) -> Result<Address, VaultError> {
        let id = id.to_string();
        let place = Place { label: LABEL, tenant: tenant.as_str(), id: &id };
        let text = std::str::from_utf8(&sealed.0).map_err(|_| VaultError)?;
        let (key, sealed) = text.split_once(':').ok_or(VaultError)?;
        let address = Vault::open(self, place, key, sealed).map_err(|_| VaultError)?;
        let address = std::str::from_utf8(&address).map_err(|_| VaultError)?;
        Address::parse(kind, address).map_err(|_| VaultError)
    }
}
