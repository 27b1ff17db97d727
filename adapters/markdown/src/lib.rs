//! Markdown of the documentation as safe HTML (D-INV-5, D-INV-6).
//!
//! Three walls: raw HTML of the text is dropped as it is read, links with a scheme that is not `https` or `mailto` lose
//! their link, and what is left is sanitised once more by a library that knows HTML. Code, in blocks and within a line,
//! runs left to right in every locale; headings have ids to link to.

mod events;
mod ids;
mod sanitise;
#[cfg(test)]
mod tests;

use pulldown_cmark::{Event, Parser, Tag, html};
use sarai_ports::devportal::{Markup, Rendered};

use crate::sanitise::Sanitiser;

/// Renders Markdown.
#[derive(Debug)]
pub struct Markdown {
    sanitiser: Sanitiser,
}

impl Markdown {
    /// A renderer: make one and keep it.
    pub fn new() -> Self {
        Self { sanitiser: Sanitiser::new() }
    }
}

impl Default for Markdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Markup for Markdown {
    fn render(&self, markdown: &str) -> Rendered {
        let events::Shaped { events, headings, text } = events::shaped(markdown);
        let mut raw = String::with_capacity(markdown.len().saturating_mul(2));
        html::push_html(&mut raw, events.into_iter());
        Rendered { html: self.sanitiser.clean(&raw), headings, text }
    }

    fn links(&self, markdown: &str) -> Vec<String> {
        let target = |event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some(dest_url.into_string())
            }
            _ => None,
        };
        Parser::new_ext(markdown, events::OPTIONS).filter_map(target).collect()
    }
}
