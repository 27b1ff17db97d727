//! Articles of the documentation as a page holds them: below the page's own heading, with ids of their own, and with
//! tables that scroll by themselves.

use sarai_ports::customer_portal::docs::DocsHeading;

/// What the ids of an article begin with, so that none is one of the page's own.
const MARK: &str = "a-";
/// Pages of the API's own that articles lead to, wherever the API is.
const API_PAGES: &[&str] = &["/docs/api", "/docs/events"];

/// Safe HTML of the API as part of a page. `api` is what an address of the API begins with there; `named` gives what a
/// table is called, by its number.
pub fn article_html(html: &str, api: &str, named: impl Fn(u64) -> String) -> String {
    let api = quoted(api);
    // In safe HTML `<` only ever begins a tag.
    let lower = html.contains("<h1");
    let (mut out, mut rest, mut tables) = (String::with_capacity(html.len()), html, 0_u64);
    while let Some((text, from)) = rest.find('<').and_then(|place| rest.split_at_checked(place)) {
        out.push_str(text);
        let (tag, after) = from.split_at_checked(end_of_tag(from)).unwrap_or((from, ""));
        match tag {
            "<table>" => {
                tables = tables.saturating_add(1);
                let name = quoted(&named(tables));
                out.push_str("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
                out.push_str(&name);
                out.push_str("\"><table>");
            }
            "</table>" => out.push_str("</table></div>"),
            other => out.push_str(&placed(other, &api, lower)),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A text between the quotes of an attribute.
fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;")
}

/// Where a tag ends: after the `>` that is in no quotes.
fn end_of_tag(from: &str) -> usize {
    let mut quoted = false;
    for (place, byte) in from.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return place.saturating_add(1),
            _ => {}
        }
    }
    from.len()
}

/// A tag in its place: headings a level lower where the article has one of the first level, ids and links to them marked,
/// links to the API's pages leading there.
fn placed(tag: &str, api: &str, lower: bool) -> String {
    let marked = tag.replacen(" id=\"", &format!(" id=\"{MARK}"), 1).replacen(
        " href=\"#",
        &format!(" href=\"#{MARK}"),
        1,
    );
    let elsewhere = API_PAGES.iter().find(|page| {
        let rest = tag.split_once(" href=\"").and_then(|(_, to)| to.strip_prefix(**page));
        rest.is_some_and(|rest| rest.starts_with(['"', '#', '?']))
    });
    if elsewhere.is_some() {
        return marked.replacen(" href=\"", &format!(" href=\"{api}"), 1);
    }
    let level = |start: &str| tag.strip_prefix(start)?.chars().next()?.to_digit(10);
    let lowered = ["<h", "</h"].into_iter().find_map(|start| Some((start, level(start)?)));
    match lowered.filter(|_| lower) {
        Some((start, level)) => {
            let next = level.saturating_add(1).min(6);
            marked.replacen(&format!("{start}{level}"), &format!("{start}{next}"), 1)
        }
        None => marked,
    }
}

/// The headings that a reader is led by, with the addresses they have in the page.
pub fn outline(headings: &[DocsHeading]) -> Vec<(String, &str)> {
    let top = headings.iter().map(|heading| heading.level).min().unwrap_or(1);
    let leading = headings.iter().filter(|heading| heading.level == top);
    let all: Vec<_> =
        leading.map(|heading| (format!("#{MARK}{}", heading.id), heading.text.as_str())).collect();
    if all.len() > 1 { all } else { Vec::new() }
}

/// The page of an article that the API says has moved.
pub fn moved_to(location: &str) -> Option<String> {
    let path = location.split(['?', '#']).next()?;
    let (version, slug) = path.strip_prefix("/v1/docs/")?.split_once('/')?;
    let plain = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    (plain(version) && plain(slug)).then(|| format!("/docs/{version}/{slug}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> String {
        article_html(html, "https://api.example", |number| format!("Table {number}"))
    }

    #[test]
    fn a_page_of_the_api_is_where_the_api_is_and_an_article_is_where_it_was() {
        assert_eq!(shown("<a href=\"/docs/api\">a</a>"), "<a href=\"https://api.example/docs/api\">a</a>");
        assert_eq!(
            shown("<a rel=\"x\" href=\"/docs/events#e\">"),
            "<a rel=\"x\" href=\"https://api.example/docs/events#e\">"
        );
        for same in ["<a href=\"/docs/v1/errors\">", "<a href=\"/docs/apis\">", "<p title=\"/docs/api\">"] {
            assert_eq!(shown(same), same);
        }
    }

    #[test]
    fn an_article_stands_below_the_pages_heading_with_ids_of_its_own() {
        assert_eq!(shown("<h1 id=\"main\">A</h1><h2>B</h2>"), "<h2 id=\"a-main\">A</h2><h3>B</h3>");
        assert_eq!(shown("<h2 id=\"x\">B</h2><h6>C</h6>"), "<h2 id=\"a-x\">B</h2><h6>C</h6>");
        assert_eq!(
            shown("<a href=\"#x\">x</a><a href=\"y#x\">y</a>"),
            "<a href=\"#a-x\">x</a><a href=\"y#x\">y</a>"
        );
    }

    #[test]
    fn what_only_looks_like_a_tag_stays_as_it_is() {
        for same in ["<code>&lt;h1 id=\"x\"&gt;</code>", "a > b", "<p title=\"a > b\">t</p>", "<p", ""] {
            assert_eq!(shown(same), same);
        }
    }

    #[test]
    fn a_table_scrolls_by_itself_and_has_a_name() {
        let table = "<table><tr><td>1</td></tr></table>";
        let both = shown(&format!("{table}{table}"));
        assert!(both.starts_with(
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table 1\"><table>"
        ));
        assert!(both.contains("aria-label=\"Table 2\"") && both.ends_with("</table></div>"));
    }

    #[test]
    fn an_outline_leads_to_the_headings_of_the_highest_level() {
        let heading = |level, id: &str| DocsHeading { level, id: id.to_owned(), text: id.to_owned() };
        let headings = [heading(2, "a"), heading(3, "b"), heading(2, "c")];
        assert_eq!(outline(&headings), [("#a-a".to_owned(), "a"), ("#a-c".to_owned(), "c")]);
        assert!(outline(&headings[..1]).is_empty());
    }

    #[test]
    fn a_moved_article_is_followed_to_pages_of_ours_only() {
        assert_eq!(moved_to("/v1/docs/v1/new?locale=ps").unwrap(), "/docs/v1/new");
        for other in ["https://evil.example/v1/docs/v1/x", "/v1/docs/v1", "/v1/docs/v1/../x", "/v1/docs//x"] {
            assert_eq!(moved_to(other), None, "{other}");
        }
    }
}
