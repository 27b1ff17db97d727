//! Names of the document as Rust has them.

/// Words that need `r#` as names.
const KEYWORDS: &[&str] = &[
    "as", "async", "await", "box", "break", "const", "continue", "do", "dyn", "else", "enum", "extern",
    "final", "fn", "for", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut",
    "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "try", "type", "typeof",
    "unsafe", "use", "virtual", "where", "while", "yield",
];

/// Words of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut small = false;
    for one in name.chars() {
        if !one.is_ascii_alphanumeric() {
            small = false;
            words.push(String::new());
            continue;
        }
        if one.is_ascii_uppercase() && small {
            words.push(String::new());
        }
        small = !one.is_ascii_uppercase();
        match words.last_mut() {
            Some(last) => last.push(one.to_ascii_lowercase()),
            None => words.push(one.to_ascii_lowercase().to_string()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `providerTenantId` as `provider_tenant_id`.
pub(crate) fn snake(name: &str) -> String {
    let name = words(name).join("_");
    if KEYWORDS.contains(&name.as_str()) { format!("r#{name}") } else { name }
}

/// `seat_pack`, `SEAT_PACK` and `seat-pack` as `SeatPack`.
pub(crate) fn pascal(name: &str) -> String {
    let word = |word: &String| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    };
    let name: String = words(name).iter().map(word).collect();
    // A name does not begin with a digit.
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("N{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_rust_s() {
        assert_eq!(snake("providerTenantId"), "provider_tenant_id");
        assert_eq!(snake("If-Match"), "if_match");
        assert_eq!(snake("type"), "r#type");
        assert_eq!(snake("sha256"), "sha256");
        assert_eq!(pascal("seat_pack"), "SeatPack");
        assert_eq!(pascal("PLATFORM_ADMIN"), "PlatformAdmin");
        assert_eq!(pascal("Discount_FixedDiscount"), "DiscountFixedDiscount");
        assert_eq!(pascal("NewListing"), "NewListing");
        assert_eq!(pascal("2fa"), "N2fa");
    }
}
