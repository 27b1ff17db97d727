//! Certificates of an authority that only the sender under test knows, and what every sender makes of them.

use std::{path::PathBuf, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use sarai_domain::devportal::values::{Channel, Locale};
use tokio_rustls::TlsAcceptor;

use crate::{
    mail_server::{MailServer, Manner},
    provider::{Provider, Reply},
    smsc::{Conduct, Smsc},
    stage::{self, CODE, file, mail, not_sent, sms},
};

/// An authority, and servers for `localhost` that it vouches for.
pub(crate) struct Authority {
    pub(crate) file: PathBuf,
    pub(crate) acceptor: TlsAcceptor,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = server.signed_by(&key, &authority).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        // Another run of this test has another authority.
        let file = file(&format!("{name}-{}.pem", std::process::id()), &authority.pem());
        Self { file, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

#[tokio::test]
async fn mail_goes_over_implicit_tls_and_over_starttls_to_a_server_that_is_vouched_for() {
    let authority = Authority::new("mail");
    for (scheme, manner) in [
        ("smtps", Manner { tls: Some(authority.acceptor.clone()), ..Manner::default() }),
        ("smtp", Manner { starttls: Some(authority.acceptor.clone()), ..Manner::default() }),
    ] {
        let server = MailServer::start(manner).await;
        let ca = authority.file.display();
        let table = |host: &str, ca: String| {
            let port = server.port;
            format!(
                "[senders.mail]\nkind = \"smtp\"\nurl = \"{scheme}://{host}:{port}\"\nchannels = [\"EMAIL\"]\n{ca}"
            )
        };
        let letter = mail(1, Locale::En, "Code", CODE, CODE);
        let (trusting, _) = stage::started(&table("localhost", format!("ca_file = \"{ca}\"")));
        let outcome = stage::send(&trusting, &letter).await;
        assert_eq!(outcome.parts().len(), 1, "{scheme}: {outcome:?}");
        assert!(server.letters().iter().all(|letter| letter.encrypted), "{scheme}");
        // Another authority, or another name than the certificate's, and nothing is said.
        let (stranger, _) = stage::started(&table("localhost", String::new()));
        assert_eq!(stage::send(&stranger, &letter).await, not_sent("tls_failed"), "{scheme}");
        let (misnamed, _) = stage::started(&table("127.0.0.1", format!("ca_file = \"{ca}\"")));
        assert_eq!(stage::send(&misnamed, &letter).await, not_sent("tls_failed"), "{scheme}");
        assert_eq!(server.letters().len(), 1, "{scheme}");
    }
}

#[tokio::test]
async fn text_messages_go_over_tls_to_a_centre_that_is_vouched_for() {
    let authority = Authority::new("smsc");
    let centre = Smsc::start(Conduct { tls: Some(authority.acceptor.clone()), ..Conduct::default() }).await;
    let config = |ca: String| {
        let port = centre.port;
        format!(
            "[senders.sms]\nkind = \"smpp\"\nurl = \"smpps://localhost:{port}\"\nchannels = [\"SMS\"]\n\
             user = \"sarai\"\npassword_file = \"$PASSWORD\"\n{ca}"
        )
    };
    let (stranger, _) = stage::hurried(&config(String::new()));
    assert_eq!(stage::send(&stranger, &sms(1, CODE)).await, not_sent("smpp_unbound"));
    let ca = authority.file.display().to_string();
    let (table, _) = stage::started(&config(format!("ca_file = \"{ca}\"")));
    assert_eq!(stage::send(&table, &sms(2, CODE)).await.parts().len(), 1);
    assert_eq!(centre.submitted().len(), 1);
}

#[tokio::test]
async fn a_provider_over_https_has_to_be_vouched_for() {
    let authority = Authority::new("provider");
    let provider = Provider::start_tls(Reply::taken("m-1"), authority.acceptor.clone()).await;
    let config = |ca: String| {
        let port = provider.port;
        format!(
            "[senders.any]\nkind = \"http\"\nurl = \"https://localhost:{port}\"\nchannels = [\"SMS\"]\n\
             password_file = \"$SECRET\"\n{ca}"
        )
    };
    let (stranger, _) = stage::started(&config(String::new()));
    assert_eq!(stage::send(&stranger, &stage::text(1, Channel::Sms, CODE)).await, not_sent("tls_failed"));
    let ca = authority.file.display().to_string();
    let (table, _) = stage::started(&config(format!("ca_file = \"{ca}\"")));
    assert_eq!(stage::send(&table, &stage::text(2, Channel::Sms, CODE)).await.parts().len(), 1);
    assert_eq!(provider.heard().len(), 1);
}
