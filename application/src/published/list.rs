//! The table as Markdown, for people.

use std::fmt::Write as _;

use super::{INBOUND, announced, shape::Field};

const HEAD: &str = "# Events\n\nRendered from the table in `application/src/published`: `cargo xtask golden` rewrites \
this file, the schemas and the payloads.\n\nA payload is the `data` of a `CloudEvents` envelope. `?` marks members that \
can be `null`, `*` members that are only for \
readers whom they concern.\n";

/// Every type: when it is announced, and what it says.
pub fn markdown() -> String {
    let mut text =
        format!("{HEAD}\n## Announced\n\n| type | when | in the feeds of | members |\n|---|---|---|---|\n");
    for event in announced() {
        let when = format!("{} | {}", event.when, event.readers());
        row(&mut text, "", event.topic, &when, event.fields());
    }
    text.push_str("\n## Taken from other services\n\n| type | when | members |\n|---|---|---|\n");
    for event in INBOUND {
        row(&mut text, "inbound/", event.topic, event.when, event.data.iter());
    }
    text
}

fn row(
    text: &mut String,
    folder: &str,
    topic: &str,
    when: &str,
    fields: impl Iterator<Item = &'static Field>,
) {
    let members: Vec<_> = fields.map(member).collect();
    let members = members.join(", ");
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        "| `{topic}` [payload]({folder}{topic}.json), [schema](schemas/{topic}.json) | {when} | {members} |"
    );
}

fn member(field: &Field) -> String {
    let (null, cut) = (if field.nullable { "?" } else { "" }, if field.cut { "*" } else { "" });
    format!("`{}`{null}{cut}", field.name)
}
