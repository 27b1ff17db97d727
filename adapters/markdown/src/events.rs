//! What the parser says, shaped: no raw HTML, safe links only, ids on headings, directions on code.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use sarai_ports::devportal::Heading;

use crate::{
    ids::Ids,
    sanitise::{escaped, is_safe},
};

/// `CommonMark` with tables and strike-through.
pub(crate) const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH);

/// A text, shaped.
pub(crate) struct Shaped<'a> {
    /// What is to be written as HTML.
    pub(crate) events: Vec<Event<'a>>,
    /// Its headings.
    pub(crate) headings: Vec<Heading>,
    /// What it says, a line a block.
    pub(crate) text: String,
}

/// Shapes a text.
pub(crate) fn shaped(markdown: &str) -> Shaped<'_> {
    let mut shaped = Shaped { events: Vec::new(), headings: Vec::new(), text: String::new() };
    let mut ids = Ids::default();
    // Where the heading under way begins, and what it says; whether links under way are kept.
    let mut heading: Option<(usize, HeadingLevel, String)> = None;
    let mut links: Vec<bool> = Vec::new();
    for event in Parser::new_ext(markdown, OPTIONS) {
        if let Event::Text(text) | Event::Code(text) = &event {
            shaped.text.push_str(text);
            if let Some((_, _, said)) = &mut heading {
                said.push_str(text);
            }
        }
        let kept = match event {
            // Raw HTML is no part of a text.
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::Start(Tag::HtmlBlock)
            | Event::End(TagEnd::HtmlBlock) => None,
            Event::Code(code) => Some(Event::InlineHtml(code_span(&code))),
            Event::Start(Tag::CodeBlock(kind)) => Some(Event::Html(code_block(&kind))),
            Event::End(TagEnd::CodeBlock) => {
                shaped.text.push('\n');
                Some(Event::Html(CowStr::Borrowed("</code></pre>\n")))
            }
            Event::Start(Tag::Link { ref dest_url, .. } | Tag::Image { ref dest_url, .. }) => {
                let safe = is_safe(dest_url);
                links.push(safe);
                safe.then_some(event)
            }
            Event::End(TagEnd::Link | TagEnd::Image) => links.pop().unwrap_or_default().then_some(event),
            Event::Start(Tag::Heading { level, .. }) => {
                heading = Some((shaped.events.len(), level, String::new()));
                Some(event)
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((place, level, said)) = heading.take() {
                    let id = ids.of(&said);
                    if let Some(Event::Start(Tag::Heading { id: own, .. })) = shaped.events.get_mut(place) {
                        *own = Some(CowStr::from(id.clone()));
                    }
                    shaped.headings.push(Heading { level: level as u8, id, text: said });
                }
                shaped.text.push('\n');
                Some(event)
            }
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead) => {
                shaped.text.push('\n');
                Some(event)
            }
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::TableCell) => {
                shaped.text.push(' ');
                Some(event)
            }
            other => Some(other),
        };
        shaped.events.extend(kept);
    }
    shaped
}

fn code_span(code: &str) -> CowStr<'static> {
    format!("<code dir=\"ltr\">{}</code>", escaped(code)).into()
}

fn code_block(kind: &CodeBlockKind<'_>) -> CowStr<'static> {
    let named = match kind {
        CodeBlockKind::Fenced(info) => info.split_whitespace().next().unwrap_or_default(),
        CodeBlockKind::Indented => "",
    };
    let decent = !named.is_empty() && named.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let class = if decent { format!(" class=\"language-{named}\"") } else { String::new() };
    format!("<pre dir=\"ltr\"><code dir=\"ltr\"{class}>").into()
}
