//! What is shown of good texts, and that nothing runs of bad ones.

use sarai_ports::devportal::{Heading, Markup as _};

use super::Markdown;

fn html(markdown: &str) -> String {
    Markdown::new().render(markdown).html
}

#[test]
fn a_text_becomes_html_with_ids_and_code_that_runs_left_to_right() {
    let text = "## Get a key\n\nSend `POST /v1/keys`:\n\n```bash\ncurl -s <url> && echo\n```\n\n## Get a key\n\n\
                | a | b |\n|---|---|\n| 1 | 2 |\n";
    let rendered = Markdown::new().render(text);
    for part in [
        "<h2 id=\"get-a-key\">Get a key</h2>",
        "<h2 id=\"get-a-key-2\">Get a key</h2>",
        "<code dir=\"ltr\">POST /v1/keys</code>",
        "<table><thead><tr><th>a</th><th>b</th></tr></thead>",
        "curl -s &lt;url&gt; &amp;&amp; echo\n</code></pre>",
    ] {
        assert!(rendered.html.contains(part), "{part} in {}", rendered.html);
    }
    assert!(rendered.html.contains("<pre dir=\"ltr\"><code "), "{}", rendered.html);
    assert!(rendered.html.contains("class=\"language-bash\""), "{}", rendered.html);
    let heading = |id: &str| Heading { level: 2, id: id.to_owned(), text: "Get a key".to_owned() };
    assert_eq!(rendered.headings, [heading("get-a-key"), heading("get-a-key-2")]);
    assert!(rendered.text.starts_with("Get a key\nSend POST /v1/keys:\n"), "{}", rendered.text);
}

#[test]
fn a_heading_in_any_script_has_an_id() {
    let rendered = Markdown::new().render("# کلی\u{200c}ها او ټوکنونه\n\n# !\n");
    let ids: Vec<_> = rendered.headings.iter().map(|heading| heading.id.as_str()).collect();
    assert_eq!(ids, ["کلیها-او-ټوکنونه", "section"]);
}

#[test]
fn links_are_found_as_they_are_written() {
    let links =
        Markdown::new().links("[a](keys) ![p](/p.png) <https://sarai.example/x> [r]\n\n[r]: javascript:x\n");
    assert_eq!(links, ["keys", "/p.png", "https://sarai.example/x", "javascript:x"]);
}

/// Texts of public collections of attacks on renderers of Markdown, and of our own.
const ATTACKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<style>@import 'javascript:alert(1)'</style>",
    "<base href=\"https://evil.example/\">",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<object data=\"javascript:alert(1)\"></object>",
    "<embed src=\"javascript:alert(1)\">",
    "<form action=\"javascript:alert(1)\"><input type=submit>",
    "<x onclick=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](  javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](javascript&#x3A;alert(1))",
    "[x](java&NewLine;script:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](\u{1}javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](//evil.example/)",
    "[x](\\\\evil.example/)",
    "[x](/\\evil.example/)",
    "[x](blob:https://evil.example/1)",
    "[x](file:///etc/passwd)",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](x\" onerror=\"alert(1))",
    "![x\" onerror=\"alert(1)](https://sarai.example/x.png)",
    "[x](https://sarai.example \"x\\\" onclick=\\\"alert(1)\")",
    "```\"><script>alert(1)</script>\nx\n```",
    "```js\" onload=\"alert(1)\nx\n```",
    "`</code><script>alert(1)</script>`",
    "# <img src=x onerror=alert(1)>",
    "# x {#x\" onclick=\"alert(1)}",
    "| <script>alert(1)</script> | \n|---|\n| <img src=x onerror=alert(1)> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "</div></article><script>alert(1)</script>",
    "<a href=\"x\" style=\"background:url(javascript:alert(1))\">x</a>",
    "**<b onmouseover=alert(1)>x</b>**",
    "<plaintext>",
    "<textarea><script>alert(1)</script>",
    "<template><script>alert(1)</script></template>",
    "<p id=location>x</p>",
];

/// What a browser would make of the answer: its elements and their attributes, or nothing where there is none.
fn elements(html: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let (inside, next) = after.split_once('>').expect("what is opened is closed");
        let inside = inside.trim_start_matches('/').trim_end_matches('/');
        let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
        found.push((name.to_owned(), attributes.to_owned()));
        rest = next;
    }
    found
}

#[test]
fn nothing_of_an_attack_runs() {
    for attack in ATTACKS {
        for text in [
            (*attack).to_owned(),
            format!("> {attack}"),
            format!("* x\n\n  {attack}"),
            format!("a {attack} b"),
        ] {
            let html = html(&text);
            for (name, attributes) in elements(&html) {
                assert!(super::sanitise::TAGS.contains(&name.as_str()), "<{name}> of {text}: {html}");
                let lower = attributes.to_lowercase();
                let outside_quotes: String = lower.split('"').step_by(2).collect::<Vec<_>>().concat();
                assert!(!outside_quotes.contains("on"), "{attributes} of {text}");
                for scheme in ["javascript:", "vbscript:", "data:", "blob:", "file:"] {
                    let led = [format!("href=\"{scheme}"), format!("src=\"{scheme}")];
                    assert!(!led.iter().any(|one| lower.contains(one)), "{attributes} of {text}");
                }
                assert!(!lower.contains("style="), "{attributes} of {text}");
                assert!(!lower.contains("=\"//") && !lower.contains("=\"\\"), "{attributes} of {text}");
            }
        }
    }
}

#[test]
fn good_links_stay_and_lead_nobody_back() {
    let html = html(
        "[a](keys) [b](/docs/v1/verify#x) [c](https://sarai.example) [d](mailto:a@sarai.example) [e](http://x.example)",
    );
    for part in
        ["href=\"keys\"", "href=\"/docs/v1/verify#x\"", "href=\"https://sarai.example\"", "href=\"mailto:"]
    {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("http://x.example\""), "{html}");
    assert!(html.contains("rel=\"noopener noreferrer\""));
}

#[test]
fn any_text_whatever_is_rendered_and_stays_what_it_is_when_it_is_sanitised_again() {
    let alphabet =
        ["<", ">", "`", "*", "[", "]", "(", ")", "|", "\n", "#", "&", "\"", "a", " ", "-", "\u{200c}", "ک"];
    let mut seed = 0x5a72_6169_u64;
    for _ in 0..400 {
        let mut text = String::new();
        for _ in 0..40 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let place = usize::try_from(seed >> 33).unwrap() % alphabet.len();
            text.push_str(alphabet[place]);
        }
        let once = html(&text);
        assert_eq!(super::Sanitiser::new().clean(&once), once, "{text:?}");
    }
}
