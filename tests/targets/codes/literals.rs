//! No code in the sources without a row in the table, and so without a page.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Folders and files where the codes that the API answers with are made. The developer portal's other aggregates get
/// their rows with their routes.
const FOLDERS: &[&str] = &[
    "domain/src/kernel",
    "domain/src/marketplace",
    "domain/src/devportal/account",
    "domain/src/devportal/api_key",
    "domain/src/devportal/policy",
    "domain/src/devportal/verify",
    "domain/src/devportal/values/brand.rs",
    "domain/src/devportal/values/channel.rs",
    "domain/src/devportal/values/code.rs",
    "domain/src/devportal/values/destination.rs",
    "ports/src",
    "application/src",
    "adapters/http/src",
];
/// Functions that give codes: the trait's, and the tables behind it.
const GIVERS: &[&str] = &["code", "facts", "row"];
/// Constructors whose first literal is a code.
const MAKERS: &[(&str, &str)] = &[("AppError", "new"), ("Problem", "new")];

/// The codes that a file's shipped tokens make.
fn codes_in(tokens: &TokenStream) -> BTreeSet<String> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut found = BTreeSet::new();
    let mut skip = false;
    for (index, tree) in trees.iter().enumerate() {
        let before =
            |back: usize| index.checked_sub(back).and_then(|index| trees.get(index)).map(ToString::to_string);
        match tree {
            // An attribute that says "only in tests" takes the next braces with it.
            TokenTree::Group(group) if before(1).as_deref() == Some("#") => {
                skip |= group.to_string().replace(' ', "") == "[cfg(test)]";
            }
            TokenTree::Punct(point) if point.as_char() == ';' => skip = false,
            TokenTree::Group(group) if skip && group.delimiter() == Delimiter::Brace => skip = false,
            TokenTree::Group(_) if skip => {}
            TokenTree::Group(group) => {
                let maker = MAKERS.iter().any(|(kind, new)| {
                    before(1).as_deref() == Some(new) && before(4).as_deref() == Some(kind)
                });
                if maker {
                    found.extend(literals(&group.stream()).into_iter().find(|text| is_code(text)));
                }
                if group.delimiter() == Delimiter::Brace && gives_codes(&trees, index) {
                    found.extend(literals(&group.stream()).into_iter().filter(|text| is_dotted(text)));
                } else {
                    found.extend(codes_in(&group.stream()));
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether the braces at `index` are the body of one of the functions that give codes.
fn gives_codes(trees: &[TokenTree], index: usize) -> bool {
    let head = trees[..index]
        .iter()
        .rev()
        .take_while(|tree| !matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace));
    let words: Vec<String> = head.map(ToString::to_string).collect();
    words.windows(2).any(|pair| pair[1] == "fn" && GIVERS.contains(&pair[0].as_str()))
}

fn literals(tokens: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for tree in tokens.clone() {
        match tree {
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                found.extend(
                    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map(str::to_owned),
                );
            }
            TokenTree::Group(group) => found.extend(literals(&group.stream())),
            _ => {}
        }
    }
    found
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn is_dotted(text: &str) -> bool {
    text.split_once('.').is_some_and(|(left, right)| is_word(left) && is_word(right))
}

fn is_code(text: &str) -> bool {
    is_dotted(text) || is_word(text)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_test =
            name == "tests" || name == "tests.rs" || name.ends_with("_tests.rs") || name == "testing.rs";
        if path.is_dir() && !is_test {
            files(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "rs") && !is_test {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn every_code_of_the_sources_has_a_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut paths = Vec::new();
    for folder in FOLDERS {
        let path = root.join(folder);
        if path.is_file() {
            paths.push(path);
        } else {
            files(&path, &mut paths).expect("readable");
        }
    }
    let (mut missing, mut count) = (Vec::new(), BTreeSet::new());
    for path in paths {
        let text = fs::read_to_string(&path).expect("UTF-8");
        for code in codes_in(&text.parse().expect("lexes")) {
            if sarai_http::codes::find(&code).is_none() {
                missing.push(format!("{}: {code}", path.strip_prefix(&root).unwrap_or(&path).display()));
            }
            count.insert(code);
        }
    }
    assert!(missing.is_empty(), "codes without a row:\n{}", missing.join("\n"));
    assert!(count.len() > 100, "{} codes found", count.len());
}

#[test]
fn codes_are_found_where_they_are_made_and_nowhere_else() {
    let text = r#"
        impl Coded for E {
            fn code(&self) -> &'static str { match self { Self::A => "a.one", Self::B => other() } }
            fn kind(&self) -> Kind { note("a.topic") }
        }
        impl E { fn row(&self) -> (&'static str, Kind) { ("a.two", Kind::Invalid) } }
        fn act() -> Result<(), AppError> {
            let context = call.context("a.action", 1);
            Err(AppError::new(Kind::Conflict, "a.three", "a sentence."))
        }
        fn read() -> Problem { Problem::new("bare_word", format!("b.not")) }
        #[cfg(test)]
        mod tests { fn code() -> &'static str { "a.test" } }
    "#;
    let found = codes_in(&text.parse().expect("lexes"));
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a.one", "a.three", "a.two", "bare_word"]);
}
