//! `/docs/api`: the document to browse, one self-contained page in an origin of its own (ruling R5).

use std::marker::PhantomData;

use base64::{Engine, engine::general_purpose::STANDARD};
use poem_openapi::OpenApiService;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Described;

const SCRIPT: &str = "<script charset=\"UTF-8\">";
const SCRIPT_END: &str = "</script>";
const TITLE: &str = "<title>Scalar</title>";

/// An origin of its own has no storage, and asking for it throws: the page keeps its settings while it is open.
const STORAGE: &str = r#"for (const name of ["localStorage", "sessionStorage"]) {
  const kept = new Map();
  Object.defineProperty(window, name, { value: {
    getItem: (key) => kept.get(String(key)) ?? null,
    setItem: (key, value) => void kept.set(String(key), String(value)),
    removeItem: (key) => void kept.delete(String(key)),
    clear: () => kept.clear(),
    key: (index) => [...kept.keys()][index] ?? null,
    get length() { return kept.size; },
  } });
}"#;

/// The page, and the policy it is served with: nothing runs but its own script, nothing is loaded or sent.
pub(crate) fn docs_page(document: &Value) -> (String, String) {
    let empty = OpenApiService::new(Described::<()>(PhantomData), "", "");
    // In a script element no text may look like a tag.
    let document = document.to_string().replace('<', "\\u003c");
    let head = format!("<title>Sarai API</title>\n<script>{STORAGE}</script>");
    let page = empty.scalar_html().replacen(TITLE, &head, 1).replacen(&empty.spec(), &document, 1);
    let script = page
        .split_once(SCRIPT)
        .and_then(|(_, rest)| rest.rsplit_once(SCRIPT_END))
        .map_or("", |(script, _)| script);
    let hash = |script: &str| STANDARD.encode(Sha256::digest(script.as_bytes()));
    let (storage, script) = (hash(STORAGE), hash(script));
    let policy = format!(
        "sandbox allow-scripts; default-src 'none'; script-src 'sha256-{storage}' 'sha256-{script}'; style-src 'unsafe-inline'; \
         img-src data:; font-src data:"
    );
    (page, policy)
}
