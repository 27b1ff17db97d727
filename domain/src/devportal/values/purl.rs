//! Package URLs: what a package is called by every tool (the purl specification).

use super::{Malformed, text::text_value};

text_value! {
    /// `pkg:type[/namespace]/name[@version][?qualifiers][#subpath]`, at most 512 visible ASCII characters.
    ///
    /// ```
    /// # use sarai_domain::devportal::values::PackageUrl;
    /// let purl: PackageUrl = "pkg:npm/%40sarai/sdk@1.2.0".parse()?;
    /// assert_eq!((purl.kind(), purl.version().as_deref()), ("npm", Some("1.2.0")));
    /// # Ok::<(), sarai_domain::devportal::values::Malformed>(())
    /// ```
    PackageUrl, Malformed::PackageUrl, |text| is_purl(text).then(|| text.to_owned())
}

fn is_purl(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\\<>\"^`{|}".contains(&byte);
    let Some((kind, rest)) = text.strip_prefix("pkg:").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let kind_is_good = kind.starts_with(|first: char| first.is_ascii_lowercase())
        && kind
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    let (path, version) = path_and_version(rest);
    kind_is_good
        && text.len() <= 512
        && text.bytes().all(plain)
        && path.split('/').all(|part| !part.is_empty())
        && version != Some("")
}

/// What stands before `@`, and what stands between it and the qualifiers.
fn path_and_version(rest: &str) -> (&str, Option<&str>) {
    let main = rest.split(['?', '#']).next().unwrap_or_default();
    main.rsplit_once('@').map_or((main, None), |(path, version)| (path, Some(version)))
}

impl PackageUrl {
    /// Its type, such as `npm`.
    pub fn kind(&self) -> &str {
        self.0.strip_prefix("pkg:").and_then(|rest| rest.split('/').next()).unwrap_or_default()
    }

    /// Its version, with `%2B` read as the plus sign it stands for.
    pub fn version(&self) -> Option<String> {
        let (_, rest) = self.0.split_once('/')?;
        path_and_version(rest).1.map(|version| version.replace("%2B", "+").replace("%2b", "+"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_url_has_a_type_and_a_name() {
        for (text, kind, version) in [
            ("pkg:cargo/sarai@1.2.0-rc.1", "cargo", Some("1.2.0-rc.1")),
            ("pkg:npm/%40sarai/sdk@1.0.0", "npm", Some("1.0.0")),
            ("pkg:maven/org.sarai/sdk@1.0.0%2B7?type=jar#x", "maven", Some("1.0.0+7")),
            ("pkg:golang/sarai.example/sdk", "golang", None),
        ] {
            let purl: PackageUrl = text.parse().unwrap();
            assert_eq!((purl.kind(), purl.version().as_deref()), (kind, version));
        }
        for bad in [
            "",
            "pkg:",
            "pkg:cargo",
            "pkg:cargo/",
            "pkg:Cargo/a",
            "pkg:/a",
            "cargo/a@1",
            "pkg:cargo/a@",
            "pkg:cargo//a",
            "pkg:cargo/a b",
            "pkg:cargo/\u{e9}",
            &format!("pkg:cargo/{}", "a".repeat(512)),
        ] {
            assert_eq!(bad.parse::<PackageUrl>(), Err(Malformed::PackageUrl), "{bad}");
        }
    }
}
