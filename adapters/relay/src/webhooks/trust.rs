//! Whose certificates are believed.

use tokio_rustls::rustls::{
    self, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Not PEM, or none in it.
    #[error("there is no certificate in PEM form")]
    Pem,
    /// Not a certificate, or no version of TLS.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

/// The public authorities, and these.
///
/// # Errors
/// [`TrustError`].
pub fn roots(certificates: Option<&str>) -> Result<RootCertStore, TrustError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let Some(pem) = certificates else { return Ok(roots) };
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(certificate.map_err(|_| TrustError::Pem)?)?;
    }
    if roots.len() > before { Ok(roots) } else { Err(TrustError::Pem) }
}
