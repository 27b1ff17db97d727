//! The repository's Rust files as text and as tokens.
//!
//! Rules read tokens: a word in a comment or a string is then no hit, and a test inside a macro is one.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use proc_macro2::{Delimiter, LexError, TokenStream, TokenTree};

/// One Rust file.
pub(crate) struct Source {
    /// Relative to the workspace's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
}

/// A word, a literal, or one character of punctuation; brackets are tokens of their own.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Result<Self, LexError> {
        let mut tokens = Vec::new();
        flatten(text.parse()?, &mut tokens);
        Ok(Self { path: path.to_owned(), text: text.to_owned(), tokens })
    }

    /// Whether the file lies in `folder`, given from the root.
    pub(crate) fn is_in(&self, folder: &str) -> bool {
        self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Whether the whole file is tests.
    pub(crate) fn is_test_file(&self) -> bool {
        let mut parts = self.path.rsplit('/');
        let file = parts.next().unwrap_or_default();
        file == "tests.rs" || file.ends_with("_tests.rs") || parts.any(|folder| folder == "tests")
    }

    /// The tokens without items that only tests have.
    pub(crate) fn shipped_tokens(&self) -> Vec<Token> {
        let mut kept = Vec::new();
        let mut rest = self.tokens.as_slice();
        while let Some((first, tail)) = rest.split_first() {
            if let Some(item) = after(rest, &["#", "[", "cfg", "(", "test", ")", "]"]) {
                rest = item.get(item_length(item)..).unwrap_or_default();
            } else {
                kept.push(first.clone());
                rest = tail;
            }
        }
        kept
    }
}

/// What follows `words`, when `tokens` starts with them.
pub(crate) fn after<'t>(tokens: &'t [Token], words: &[&str]) -> Option<&'t [Token]> {
    let (head, tail) = tokens.split_at_checked(words.len())?;
    head.iter().map(|token| token.text.as_str()).eq(words.iter().copied()).then_some(tail)
}

/// The line of each place where `words` stand in a row.
pub(crate) fn lines_of(tokens: &[Token], words: &[&str]) -> Vec<usize> {
    tokens
        .windows(words.len())
        .filter(|window| after(window, words).is_some())
        .filter_map(|window| window.first().map(|token| token.line))
        .collect()
}

/// How many tokens an item has: up to its `;`, or to the end of its braces.
pub(crate) fn item_length(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.text == "}" {
                    return index + 1;
                }
            }
            ";" if depth == 0 => return index + 1,
            _ => {}
        }
    }
    tokens.len()
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                tokens.push(Token { text: open.to_owned(), line: group.span_open().start().line });
                flatten(group.stream(), tokens);
                tokens.push(Token { text: close.to_owned(), line: group.span_close().start().line });
            }
            leaf => tokens.push(Token { text: leaf.to_string(), line: leaf.span().start().line }),
        }
    }
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file of the repository.
pub(crate) fn all() -> &'static [Source] {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(read_all);
    &ALL
}

fn read_all() -> Vec<Source> {
    let mut paths = Vec::new();
    find(&root(), &mut paths).expect("the repository is readable");
    paths.sort();
    let sources: Vec<_> = paths
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).expect("a Rust file is UTF-8");
            let relative = path.strip_prefix(root()).expect("found below the root");
            Source::new(&relative.to_string_lossy().replace('\\', "/"), &text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
        .collect();
    assert!(sources.iter().any(|source| source.path == "domain/src/lib.rs"), "no sources found");
    sources
}

fn find(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let hidden = name.to_string_lossy().starts_with('.');
        if path.is_dir() && !hidden && name != "target" {
            find(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}

#[test]
fn words_in_comments_and_strings_are_no_tokens() {
    let source = Source::new("a.rs", "//! now\nfn a() { \"now\"; /* now */ b.now() }").expect("lexes");
    assert_eq!(lines_of(&source.tokens, &["now"]), [2]);
    assert_eq!(lines_of(&source.tokens, &[".", "now", "("]), [2]);
}

#[test]
fn items_of_tests_are_not_shipped() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\n#[cfg(test)]\nmod c;\nfn d() {}";
    let source = Source::new("a.rs", text).expect("lexes");
    let shipped = source.shipped_tokens();
    for (name, expected) in [("a", vec![1]), ("b", vec![]), ("c", vec![]), ("d", vec![6])] {
        assert_eq!(lines_of(&shipped, &[name]), expected, "{name}");
    }
}
