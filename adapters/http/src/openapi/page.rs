//! `/docs/api`: the document to browse, one self-contained page in an origin of its own (ruling R5).

use std::marker::PhantomData;

use base64::{Engine, engine::general_purpose::STANDARD};
use poem_openapi::OpenApiService;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Described;

const SCRIPT: &str = "<script charset=\"UTF-8\">";
const SCRIPT_END: &str = "</script>";

/// The page, and the policy it is served with: nothing runs but its own script, nothing is loaded or sent.
pub(crate) fn docs_page(document: &Value) -> (String, String) {
    let empty = OpenApiService::new(Described::<()>(PhantomData), "", "");
    // In a script element no text may look like a tag.
    let document = document.to_string().replace('<', "\\u003c");
    let page = empty.scalar_html().replacen(&empty.spec(), &document, 1);
    let script = page
        .split_once(SCRIPT)
        .and_then(|(_, rest)| rest.rsplit_once(SCRIPT_END))
        .map_or("", |(script, _)| script);
    let hash = STANDARD.encode(Sha256::digest(script.as_bytes()));
    let policy = format!(
        "sandbox allow-scripts; default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; \
         img-src data:; font-src data:"
    );
    (page, policy)
}
