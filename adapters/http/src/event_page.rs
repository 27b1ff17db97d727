//! `/docs/events`: every type of event to read, one page without a script.

use std::{fmt::Write as _, sync::LazyLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use poem::{
    Response,
    http::{HeaderValue, header},
};
use sarai_application::{
    envelope::schema_of,
    published::{INBOUND, announced, sample, schema, shape::Field},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;padding:1rem;background:#f4f4f4;color:#111}\
table{border-collapse:collapse}td{padding:.15rem 1rem .15rem 0;vertical-align:top}h2{margin-top:2.5rem}";

/// The page and its policy: no script, no other origin, its own style only.
static PAGE: LazyLock<(String, HeaderValue)> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    (page(), HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("sandbox")))
});

/// The page.
pub(crate) fn answer() -> Response {
    let (page, policy) = &*PAGE;
    Response::builder()
        .content_type("text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, policy.clone())
        .body(page.clone())
}

fn page() -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Sarai events</title>\n\
         <style>{STYLE}</style>\n<h1>Events</h1>\n<p>The <code>data</code> of each type; \
         <a href=\"/asyncapi.json\">the AsyncAPI document</a> describes envelope and channels. \
         Let members through that you do not know: within <code>v1</code> they are added.</p>\n"
    );
    for event in announced() {
        let about = format!("{} In the feeds of: {}.", event.when, event.readers());
        section(&mut page, event.topic, &about, event.fields());
    }
    page.push_str("<h1>Taken from other services</h1>\n");
    for event in INBOUND {
        section(&mut page, event.topic, event.when, event.data.iter());
    }
    page.push_str("</html>\n");
    page
}

fn section(
    page: &mut String,
    topic: &str,
    about: &str,
    fields: impl Iterator<Item = &'static Field> + Clone,
) {
    let example: Value = sample::payload(fields.clone());
    let rows: String = fields.map(row).collect();
    // Writing to a text cannot fail.
    let _ = write!(
        page,
        "<h2 id=\"{topic}\"><code>{topic}</code></h2>\n<p>{} <a href=\"{}\">Schema</a></p>\n<table>\n{rows}</table>\n\
         <details><summary>Example</summary><pre>{}</pre></details>\n",
        text(about),
        schema_of(topic),
        text(schema::text(&example).trim_end()),
    );
}

fn row(field: &Field) -> String {
    let null = if field.nullable { ", or null" } else { "" };
    let cut = if field.cut { " Not for every reader." } else { "" };
    format!("<tr><td><code>{}</code>{null}</td><td>{}{cut}</td></tr>\n", field.name, text(field.about))
}

/// Text that is no markup.
fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_type_with_its_schema_and_nothing_that_runs() {
        let page = page();
        for topic in announced().map(|event| event.topic).chain(INBOUND.iter().map(|event| event.topic)) {
            assert!(page.contains(&format!("<h2 id=\"{topic}\">")), "{topic}");
            assert!(page.contains(&format!("href=\"/schemas/{topic}.json\"")), "{topic}");
        }
        assert!(!page.contains("<script"));
        assert_eq!(text("<b>&</b>"), "&lt;b&gt;&amp;&lt;/b&gt;");
    }

    #[test]
    fn the_policy_lets_its_own_style_in_and_nothing_else() {
        let answer = answer();
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}
