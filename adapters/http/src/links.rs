//! Addresses of our own that open one thing for a while, for whoever has them: browsers follow them without a token.
//!
//! What an address opens stands in it, with the time it ends, under a MAC: nothing is kept, and nobody can make one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use poem::{
    FromRequest, Request, RequestBody,
    http::{header, uri::Authority},
};
use sarai_domain::kernel::{InvoiceId, TenantId, Timestamp};
use sha2::Sha256;

use crate::secret::{KeyRing, SecretKey};

/// Before what an invoice's address says, and under no other label is it one.
const PDF: &[u8] = b"sarai.invoice-pdf.v1";
/// Before the text of an address that says in clear what it opens.
const TEXT: &[u8] = b"link.v1";
/// Before what tells a client from others.
const CLIENT: &[u8] = b"client.v1";
/// Bytes of the MAC kept.
const MAC_LEN: usize = 16;
/// Bytes of the time.
const TIME_LEN: usize = 8;

/// Makes, signs and opens addresses, and hides who asks for them.
#[derive(Debug, Clone)]
pub struct Links {
    keys: KeyRing,
    /// Where the API is, for whoever does not say where it asked.
    listen: String,
}

impl Links {
    /// Signs with the current key and takes what either signed; `listen` is where the API listens.
    pub fn new(keys: impl Into<KeyRing>, listen: &impl ToString) -> Self {
        Self { keys: keys.into(), listen: listen.to_string() }
    }

    /// What opens the document of an invoice until then.
    pub fn seal(&self, tenant: &TenantId, invoice: &InvoiceId, until: Timestamp) -> String {
        let mut bytes = until.unix_micros().to_be_bytes().to_vec();
        bytes.extend_from_slice(format!("{tenant} {invoice}").as_bytes());
        let mac = mac(&self.keys.current, PDF, &bytes).finalize().into_bytes();
        bytes.extend_from_slice(mac.get(..MAC_LEN).unwrap_or_default());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Which document a text opens now.
    pub fn open(&self, text: &str, now: Timestamp) -> Option<(TenantId, InvoiceId)> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC_LEN)?)?;
        let ours = |key| self::mac(key, PDF, body).verify_truncated_left(mac).is_ok();
        self.keys.known().find(|key| ours(key))?;
        let (until, names) = body.split_at_checked(TIME_LEN)?;
        let until = Timestamp::from_unix_micros(i64::from_be_bytes(until.try_into().ok()?));
        let (tenant, invoice) = std::str::from_utf8(names).ok()?.split_once(' ')?;
        let opened = (TenantId::try_new(tenant).ok()?, InvoiceId::try_new(invoice).ok()?);
        (now < until).then_some(opened)
    }

    /// The whole address for whoever asked there.
    pub fn address(&self, asked: &Asked, path: &str) -> String {
        let host = asked.0.as_ref().map_or(self.listen.as_str(), Authority::as_str);
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let loopback = name == "localhost" || name.starts_with("127.") || name == "[::1]";
        let scheme = if loopback { "http" } else { "https" };
        format!("{scheme}://{host}{path}")
    }

    /// The signature of what an address says.
    pub fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(mac(&self.keys.current, TEXT, text.as_bytes()).finalize().into_bytes())
    }

    /// Whether a signature is ours.
    pub(crate) fn verify(&self, text: &str, signature: &str) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        self.keys.known().any(|key| mac(key, TEXT, text.as_bytes()).verify_slice(&signature).is_ok())
    }

    /// A client without a name: the same for the same, and nobody's without the key.
    pub(crate) fn anonymous(&self, client: &str) -> [u8; 32] {
        mac(&self.keys.current, CLIENT, client.as_bytes()).finalize().into_bytes().into()
    }
}

fn mac(key: &SecretKey, label: &[u8], body: &[u8]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256>>::new(&key.block().into());
    mac.update(label);
    mac.update(b"\n");
    mac.update(body);
    mac
}

/// Where a request was sent to, as it says itself: an extractor. Only whoever says so is told it.
#[derive(Debug, Clone)]
pub struct Asked(Option<Authority>);

impl<'a> FromRequest<'a> for Asked {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let host = request.header(header::HOST).map(str::to_owned);
        let host = host.or_else(|| request.uri().authority().map(ToString::to_string));
        Ok(Self(
            host.and_then(|host| host.parse().ok()).filter(|host: &Authority| !host.as_str().contains('@')),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> Links {
        Links::new(SecretKey::new([7; 32]), &"127.0.0.1:8080")
    }

    #[test]
    fn an_address_opens_its_document_until_it_ends_and_no_other_text_does() {
        let (tenant, invoice) = ("acme".parse().unwrap(), "inv_1".parse().unwrap());
        let now: Timestamp = "2026-04-20T12:00:00Z".parse().unwrap();
        let text = links().seal(&tenant, &invoice, now.plus_days(1));
        assert_eq!(links().open(&text, now), Some((tenant, invoice)));
        assert_eq!(links().open(&text, now.plus_days(1)), None, "it has ended");
        let other = Links::new(SecretKey::new([8; 32]), &"");
        assert_eq!(other.open(&text, now), None);
        let sealed = URL_SAFE_NO_PAD.decode(&text).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(links().open(&URL_SAFE_NO_PAD.encode(changed), now), None, "bit {bit}");
        }
        assert!(links().open("", now).is_none() && links().open("bm9uc2Vuc2U", now).is_none());
    }

    #[test]
    fn what_the_key_before_signed_opens_while_it_is_known() {
        let (tenant, invoice) = ("acme".parse().unwrap(), "inv_1".parse().unwrap());
        let now: Timestamp = "2026-04-20T12:00:00Z".parse().unwrap();
        let (text, signature) = (links().seal(&tenant, &invoice, now.plus_days(1)), links().sign("sdk"));
        let new = SecretKey::new([8; 32]);
        let changed = Links::new(KeyRing::new(new.clone(), Some(SecretKey::new([7; 32]))), &"");
        assert_eq!(changed.open(&text, now), Some((tenant, invoice)));
        assert!(changed.verify("sdk", &signature));
        assert_eq!(changed.sign("sdk"), Links::new(new, &"").sign("sdk"), "the new key signs");
    }

    #[tokio::test]
    async fn clear_text_stays_on_this_machine() {
        for (host, address) in [
            (Some("localhost:9"), "http://localhost:9/x"),
            (Some("127.0.0.1"), "http://127.0.0.1/x"),
            (Some("[::1]:8080"), "http://[::1]:8080/x"),
            (Some("api.example.com"), "https://api.example.com/x"),
            (Some("a@127.0.0.1"), "http://127.0.0.1:8080/x"),
            (None, "http://127.0.0.1:8080/x"),
        ] {
            let mut request = Request::builder();
            if let Some(host) = host {
                request = request.header("host", host);
            }
            let asked = Asked::from_request(&request.finish(), &mut RequestBody::default()).await.unwrap();
            assert_eq!(links().address(&asked, "/x"), address, "{host:?}");
        }
    }

    #[test]
    fn only_what_was_signed_verifies() {
        let links = links();
        let signature = links.sign("sdk\nart_1\n100");
        assert!(links.verify("sdk\nart_1\n100", &signature));
        assert!(!links.verify("sdk\nart_1\n101", &signature));
        assert!(!links.verify("sdk\nart_1\n100", ""));
        assert!(!Links::new(SecretKey::new([8; 32]), &"").verify("sdk\nart_1\n100", &signature));
        assert_ne!(links.anonymous("a"), links.anonymous("b"));
    }
}
