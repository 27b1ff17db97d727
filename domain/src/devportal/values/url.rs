//! Addresses on the web that we call: https only, a name and not an address.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use super::Malformed;
use crate::kernel::Unreadable;

/// The longest URL.
const MAX_LEN: usize = 2_048;

/// An `https` URL without user information or fragment; port 443 or from 1024 on (W-INV-1).
///
/// Its host is a name in its ASCII form. An address instead of a name is refused, unless the operator admits that very
/// address (ruling R25). Where a name leads to is looked at when it is called.
///
/// ```
/// # use sarai_domain::devportal::values::HttpsUrl;
/// let url: HttpsUrl = "https://Hooks.Example:8443/a?b=c".parse()?;
/// assert_eq!((url.as_str(), url.port()), ("https://hooks.example:8443/a?b=c", 8443));
/// assert!("https://127.0.0.1/".parse::<HttpsUrl>().is_err());
/// # Ok::<(), sarai_domain::devportal::values::Malformed>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "String")]
pub struct HttpsUrl {
    text: String,
    host: String,
    port: u16,
    address: Option<IpAddr>,
}

/// A text out of a store, where an address that was admitted may stand.
#[derive(Deserialize)]
struct Stored(String);

impl HttpsUrl {
    /// The same as parsing, but an address is taken if it is one of `admitted`.
    ///
    /// # Errors
    /// [`Malformed::HttpsUrl`]; [`Malformed::AddressInUrl`] for another address.
    pub fn parse_admitting(text: &str, admitted: &[IpAddr]) -> Result<Self, Malformed> {
        let url = parse(text).ok_or(Malformed::HttpsUrl)?;
        match url.address {
            Some(address) if !admitted.contains(&address) => Err(Malformed::AddressInUrl),
            Some(_) | None => Ok(url),
        }
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host: a name in its ASCII form, or an address, IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its host's address, where it is an address.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

fn parse(text: &str) -> Option<HttpsUrl> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\\<>\"^`{|}#".contains(&byte);
    let (scheme, rest) = text.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("https") || text.len() > MAX_LEN {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    if authority.contains(['@', '%']) || !path.bytes().all(plain) {
        return None;
    }
    let (host, port) = host_and_port(authority)?;
    let address = match host.strip_prefix('[') {
        Some(inner) => Some(IpAddr::V6(inner.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?)),
        None => host.parse().ok().map(IpAddr::V4),
    };
    let host = match address {
        Some(IpAddr::V6(address)) => format!("[{address}]"),
        Some(IpAddr::V4(address)) => address.to_string(),
        None => name(host)?,
    };
    let shown_port = if port == 443 { String::new() } else { format!(":{port}") };
    let slash = if path.starts_with('/') { "" } else { "/" };
    let text = format!("https://{host}{shown_port}{slash}{path}");
    (text.len() <= MAX_LEN).then_some(HttpsUrl { text, host, port, address })
}

fn host_and_port(authority: &str) -> Option<(&str, u16)> {
    // The colons of an IPv6 address stand inside brackets.
    let after = authority.rfind(']').map_or(0, |at| at.saturating_add(1));
    let Some(colon) = authority.get(after..)?.find(':').map(|at| at.saturating_add(after)) else {
        return Some((authority, 443));
    };
    let digits = authority.get(colon.saturating_add(1)..)?;
    if digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let port: u16 = digits.parse().ok()?;
    (port == 443 || port >= 1_024).then_some((authority.get(..colon)?, port))
}

/// A host's name in its ASCII form. A name that ends in a number is how some programs write an address.
fn name(host: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_strict(host).ok()?;
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = ascii.rsplit('.').next()?;
    let number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    (ascii.len() <= 253 && ascii.split('.').all(label) && !number).then_some(ascii)
}

impl fmt::Display for HttpsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for HttpsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for HttpsUrl {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::parse_admitting(text, &[])
    }
}

impl TryFrom<Stored> for HttpsUrl {
    type Error = Unreadable<Malformed>;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        parse(&stored.0).ok_or(Unreadable(Malformed::HttpsUrl))
    }
}

impl From<HttpsUrl> for String {
    fn from(url: HttpsUrl) -> Self {
        url.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Result<String, Malformed> {
        text.parse().map(|url: HttpsUrl| url.as_str().to_owned())
    }

    #[test]
    fn a_url_has_one_spelling() {
        for (text, spelled) in [
            ("https://example.com", "https://example.com/"),
            ("HTTPS://EXAMPLE.com:443/Path?Q=1", "https://example.com/Path?Q=1"),
            ("https://example.com?q", "https://example.com/?q"),
            ("https://b\u{fc}cher.example/%D9%BE", "https://xn--bcher-kva.example/%D9%BE"),
            ("https://localhost:9443/hook", "https://localhost:9443/hook"),
            ("https://a.b.c.example:65535/", "https://a.b.c.example:65535/"),
        ] {
            assert_eq!(url(text).as_deref(), Ok(spelled));
        }
    }

    #[test]
    fn what_is_no_https_url_is_refused() {
        for bad in [
            "",
            "https://",
            "https:///a",
            "http://example.com/",
            "ftp://example.com",
            "//example.com",
            "example.com",
            "https://user@example.com/",
            "https://user:pw@example.com",
            "https://example.com:80/",
            "https://example.com:0/",
            "https://example.com:65536/",
            "https://example.com:/",
            "https://example.com:44 3/",
            "https://example.com/a b",
            "https://example.com/#top",
            "https://example.com\\@evil.example/",
            "https://exa_mple.com/",
            "https://-a.example/",
            "https://a..example/",
            "https://example.com./",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://0177.0.0.1/",
            "https://a.0x7f/",
            "https://%65xample.com/",
            "https://[::1/",
            "https://[::1]x/",
            "https://exa\u{202e}mple.com/",
            "https://example.com/\u{633}",
            " https://example.com/",
            &format!("https://example.com/{}", "a".repeat(2_048)),
        ] {
            assert_eq!(url(bad), Err(Malformed::HttpsUrl), "{bad}");
        }
    }

    #[test]
    fn an_address_is_taken_only_where_it_is_admitted() {
        let admitted: Vec<IpAddr> = vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
        for (text, spelled) in [
            ("https://127.0.0.1:9443/h", "https://127.0.0.1:9443/h"),
            ("https://[0:0::1]:9443", "https://[::1]:9443/"),
        ] {
            assert_eq!(url(text), Err(Malformed::AddressInUrl));
            let one = HttpsUrl::parse_admitting(text, &admitted).unwrap();
            assert_eq!((one.as_str(), one.port(), one.address().is_some()), (spelled, 9443, true));
            let stored = serde_json::to_string(&one).unwrap();
            assert_eq!(serde_json::from_str::<HttpsUrl>(&stored).unwrap(), one);
        }
        let other = HttpsUrl::parse_admitting("https://10.0.0.1/", &admitted);
        assert_eq!(other, Err(Malformed::AddressInUrl));
        assert!(serde_json::from_str::<HttpsUrl>("\"http://example.com\"").is_err());
    }
}
