//! Style, script and picture: in the binary, compressed once, named by what they hold, kept by browsers for ever.

use std::{io::Write as _, sync::LazyLock};

use flate2::{Compression, write::GzEncoder};
use poem::{
    Request, Response,
    http::{HeaderValue, StatusCode, header},
};
use sha2::{Digest as _, Sha256};

/// One file.
pub(crate) struct Asset {
    /// Where it is served.
    pub(crate) path: String,
    kind: &'static str,
    plain: &'static [u8],
    small: Vec<u8>,
}

impl Asset {
    fn new(name: &str, ending: &str, kind: &'static str, plain: &'static [u8]) -> Self {
        let hash = Sha256::digest(plain);
        let hash =
            u64::from_be_bytes(std::array::from_fn(|place| hash.get(place).copied().unwrap_or_default()));
        Self { path: format!("/assets/{name}.{hash:016x}.{ending}"), kind, plain, small: gzip(plain) }
    }
}

/// Compressed as small as it gets.
pub(crate) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    written.unwrap_or_default()
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

/// Whether a browser takes what is compressed.
pub(crate) fn takes_gzip(request: &Request) -> bool {
    request.header("accept-encoding").is_some_and(|accepted| accepted.contains("gzip"))
}

/// The file at a path.
pub(crate) fn answer(request: &Request) -> Option<Response> {
    let Assets { style, script, icon } = &*ASSETS;
    let asset = [style, script, icon].into_iter().find(|asset| asset.path == request.uri().path())?;
    let small = takes_gzip(request) && !asset.small.is_empty();
    let body = if small { asset.small.clone() } else { asset.plain.to_vec() };
    let mut response = Response::builder()
        .status(StatusCode::OK)
        .content_type(asset.kind)
        .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
        .header(header::VARY, "Accept-Encoding")
        .header("x-content-type-options", "nosniff")
        .header("cross-origin-resource-policy", "same-origin")
        .body(body);
    if small {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
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
            style.plain.len() <= 20_000 && style.small.len() <= 5_000,
            "{} B of style",
            style.small.len()
        );
        assert!(
            script.plain.len() <= 3_072 && script.small.len() <= 1_400,
            "{} B of script",
            script.small.len()
        );
        assert!(icon.small.len() <= 600, "{} B of icon", icon.small.len());
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
