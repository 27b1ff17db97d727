//! An e-mail address: its domain in one spelling, its local part as typed.

use std::fmt;

use super::destination::DestinationError;

/// An e-mail address. Its `Debug` is masked; [`EmailAddress::as_str`] is also the key by which two are compared:
/// the domain is lower-cased, the local part is not, and nothing is stripped from it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(Box<str>);

impl EmailAddress {
    /// Takes an address of at most 254 bytes, with at most 64 before its one `@`.
    ///
    /// ```
    /// # use sarai_domain::devportal::values::{DestinationError, EmailAddress};
    /// let address = EmailAddress::parse("Zar.Gul+x@BÜCHER.example")?;
    /// assert_eq!(address.as_str(), "Zar.Gul+x@xn--bcher-kva.example");
    /// assert_eq!(format!("{address:?}"), "Z•••@xn--bcher-kva.example");
    /// # Ok::<(), DestinationError>(())
    /// ```
    ///
    /// # Errors
    /// [`DestinationError::InvalidEmail`] for anything else.
    pub fn parse(text: &str) -> Result<Self, DestinationError> {
        let (local, domain) = text.trim().split_once('@').ok_or(DestinationError::InvalidEmail)?;
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| DestinationError::InvalidEmail)?;
        let names = domain.contains('.') && domain.split('.').all(|name| !name.is_empty());
        let numeric = domain.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        let address = format!("{local}@{domain}");
        if is_local_part(local) && names && !numeric && address.len() <= 254 {
            Ok(Self(address.into()))
        } else {
            Err(DestinationError::InvalidEmail)
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain, in ASCII.
    pub fn domain(&self) -> &str {
        self.0.rsplit('@').next().unwrap_or_default()
    }

    /// The part before the domain.
    pub fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }

    /// What may be shown: the first character and the domain.
    pub fn masked(&self) -> String {
        let local = self.local_part();
        let first = if local.len() > 1 { local.get(..1).unwrap_or_default() } else { "" };
        format!("{first}•••@{}", self.domain())
    }
}

/// Atoms with single points between them: what no header or envelope can be broken with.
fn is_local_part(local: &str) -> bool {
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    local.len() <= 64 && local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom))
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_has_one_spelling_and_the_local_part_stays() {
        let one = EmailAddress::parse("Zar.Gul@Example.COM").unwrap();
        assert_eq!(one, EmailAddress::parse(" Zar.Gul@example.com ").unwrap());
        assert_ne!(one, EmailAddress::parse("zar.gul@example.com").unwrap());
        assert_ne!(
            EmailAddress::parse("a+b@example.com").unwrap(),
            EmailAddress::parse("a@example.com").unwrap()
        );
        assert_eq!((one.local_part(), one.domain()), ("Zar.Gul", "example.com"));
        assert_eq!(EmailAddress::parse("a@example.com").unwrap().masked(), "•••@example.com");
    }

    #[test]
    fn what_could_break_a_header_or_an_envelope_is_no_address() {
        let long = format!("{}@example.com", "a".repeat(65));
        let whole = format!(
            "a@{}.example.com",
            ["b".repeat(60), "c".repeat(60), "d".repeat(60), "e".repeat(60)].join(".")
        );
        for text in [
            "",
            "a",
            "@example.com",
            "a@",
            "a@b",
            "a@@example.com",
            "a@b@example.com",
            "a..b@example.com",
            ".a@example.com",
            "a b@example.com",
            "a\r\nBcc: x@example.com",
            "\"a\"@example.com",
            "<a@example.com>",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@exa mple.com",
            "a@-example.com",
            "ü@example.com",
            &long,
            &whole,
        ] {
            assert_eq!(EmailAddress::parse(text), Err(DestinationError::InvalidEmail), "{text:?}");
        }
    }
}
