//! The article of the documentation that lists every code: rendered from the table, so that it cannot differ.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{Code, all};

/// What stands before the tables.
const HEAD: &str = r#"# Errors

> Every code that a refusal can carry, what it means, and what to do about it.

A refusal is an [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem:

```json
{
  "type": "/problems/docs.slug_taken",
  "title": "Slug taken",
  "status": 409,
  "detail": "another article has, or had, this slug",
  "instance": "/v1/docs",
  "code": "docs.slug_taken",
  "invariant": "D-INV-4",
  "requestId": "01JZ6Y5T0Q3N8V7R2M4K9XWBCD"
}
```

Decide by `code`: it never changes, while `title` and `detail` are for people: in the language of `Accept-Language`, English,
Pashto (`ps`) or Dari (`fa`). In these two `detail` says what the code means, and `detailEn` is the sentence in English, which
names what this refusal is about. `errors` names the members of a request that are not acceptable. Quote `requestId` when you
ask us.

- `429` and `503` come with `Retry-After`. Ask again then, under the same `Idempotency-Key`.
- `409` says that something is not in the state for this; asking again changes nothing, but for `conflict.retry`.
- `422` says that the request itself has to change.
"#;

/// The article, in Markdown.
pub fn page() -> String {
    let mut groups: BTreeMap<&str, Vec<&Code>> = BTreeMap::new();
    for code in all() {
        let (group, _) = code.name.split_once('.').unwrap_or_default();
        groups.entry(group).or_default().push(code);
    }
    let mut text = HEAD.to_owned();
    for (group, mut codes) in groups {
        codes.sort_unstable_by_key(|code| code.name);
        let heading = if group.is_empty() { "Of any request".to_owned() } else { format!("`{group}`") };
        let _ = write!(text, "\n## {heading}\n\n| code | status | meaning |\n| --- | --- | --- |\n");
        for Code { name, status, explanation, .. } in codes {
            let explanation = explanation.replace('|', "\\|");
            let _ = writeln!(text, "| [`{name}`](/problems/{name}) | {status} | {explanation} |");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_line() {
        let page = page();
        for code in all() {
            let line = format!("| [`{}`](/problems/{}) | {} |", code.name, code.name, code.status);
            assert_eq!(page.matches(&line).count(), 1, "{line}");
        }
    }
}
