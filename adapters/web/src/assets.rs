//! Style, script and pictures: in the binary, compressed once, named by what they hold, kept by browsers for ever.

use std::sync::LazyLock;

use poem::{
    Request, Response,
    http::{HeaderValue, StatusCode, header},
};
use sha2::{Digest as _, Sha256};

use crate::encoding::Encoding;

/// One file.
pub(crate) struct Asset {
    /// Where it is served.
    pub(crate) path: String,
    kind: &'static str,
    plain: &'static [u8],
    brotli: Vec<u8>,
    gzip: Vec<u8>,
}

impl Asset {
    fn new(name: &str, ending: &str, kind: &'static str, plain: &'static [u8]) -> Self {
        let hash = Sha256::digest(plain);
        let hash =
            u64::from_be_bytes(std::array::from_fn(|place| hash.get(place).copied().unwrap_or_default()));
        let path = format!("/assets/{name}.{hash:016x}.{ending}");
        let (brotli, gzip) = (Encoding::Brotli.once(plain), Encoding::Gzip.once(plain));
        Self { path, kind, plain, brotli, gzip }
    }

    /// As a browser that takes this gets it; plain when it could not be compressed.
    fn as_sent(&self, encoding: Encoding) -> (&[u8], Option<&'static str>) {
        let small = match encoding {
            Encoding::Brotli => &self.brotli,
            Encoding::Gzip => &self.gzip,
            Encoding::Plain => return (self.plain, None),
        };
        if small.is_empty() { (self.plain, None) } else { (small, encoding.name()) }
    }
}

/// All of them.
pub(crate) struct Assets {
    pub(crate) style: Asset,
    pub(crate) script: Asset,
    pub(crate) icon: Asset,
}

pub(crate) static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: Asset::new("portal", "css", "text/css; charset=utf-8", include_bytes!("../assets/portal.css")),
    script: Asset::new(
        "portal",
        "js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/portal.js"),
    ),
    icon: Asset::new("icon", "svg", "image/svg+xml", include_bytes!("../assets/icon.svg")),
});

/// What a browser takes.
pub(crate) fn encoding_of(request: &Request) -> Encoding {
    Encoding::of(request.header("accept-encoding").unwrap_or_default())
}

/// The file at a path.
pub(crate) fn answer(request: &Request) -> Option<Response> {
    let Assets { style, script, icon } = &*ASSETS;
    let asset = [style, script, icon].into_iter().find(|asset| asset.path == request.uri().path())?;
    let (body, encoding) = asset.as_sent(encoding_of(request));
    let mut response = Response::builder()
        .status(StatusCode::OK)
        .content_type(asset.kind)
        .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
        .header(header::VARY, "Accept-Encoding")
        .header("x-content-type-options", "nosniff")
        .header("cross-origin-resource-policy", "same-origin")
        .body(body.to_vec());
    if let Some(name) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_page_loads_is_small() {
        let Assets { style, script, icon } = &*ASSETS;
        assert!(
            style.plain.len() <= 20_000
                && style.brotli.len() <= 5_000
                && style.brotli.len() < style.gzip.len(),
            "{} B of style",
            style.brotli.len()
        );
        assert!(
            script.plain.len() <= 3_072 && script.gzip.len() <= 1_400,
            "{} B of script",
            script.gzip.len()
        );
        assert!(icon.gzip.len() <= 1_200, "{} B of icons", icon.gzip.len());
    }

    #[test]
    fn styles_have_no_sides_that_a_language_would_turn() {
        let css = std::str::from_utf8(ASSETS.style.plain).unwrap();
        for physical in [
            "left",
            "-right",
            ":right",
            "right:",
            "margin-top",
            "margin-bottom",
            "padding-top",
            "padding-bottom",
            "!important",
            "@import",
        ] {
            assert!(!css.contains(physical), "{physical}");
        }
        for property in [";width:", "{width:", ";height:", "{height:", ";top:", "{top:", ";bottom:"] {
            assert!(!css.replace(' ', "").contains(property), "{property}");
        }
    }

    #[test]
    fn the_script_makes_no_markup_and_runs_no_text() {
        let script = std::str::from_utf8(ASSETS.script.plain).unwrap();
        for sink in [
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "document.write",
            "eval(",
            "Function(",
            "localStorage",
        ] {
            assert!(!script.contains(sink), "{sink}");
        }
    }
}
