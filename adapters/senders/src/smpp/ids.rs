//! Ids of messages: an SMS centre may give one in hexadecimal and confirm it in decimal, or the other way round, with
//! zeros in front or without (ruling R19).

/// An id in the spelling that is kept: small letters, no zeros in front of a number.
pub(super) fn kept(id: &str) -> String {
    let id = id.trim().to_ascii_lowercase();
    let number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if number { first_of(id.trim_start_matches('0')) } else { id }
}

fn first_of(number: &str) -> String {
    if number.is_empty() { "0".to_owned() } else { number.to_owned() }
}

/// What an id may have been when it was given: itself first.
pub(super) fn candidates(id: &str) -> Vec<String> {
    let said = kept(id);
    let as_decimal =
        said.bytes().all(|byte| byte.is_ascii_digit()).then(|| said.parse::<u128>().ok()).flatten();
    let as_hexadecimal = u128::from_str_radix(&said, 16).ok();
    let others =
        [as_decimal.map(|number| format!("{number:x}")), as_hexadecimal.map(|number| number.to_string())];
    let mut all = vec![said];
    for other in others.into_iter().flatten() {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_whichever_form_it_was_given() {
        for (given, confirmed) in [
            ("0000001A", "26"),
            ("1a", "0000000026"),
            ("26", "1A"),
            ("26", "26"),
            ("7220bb6bd0be98fa628de66590f80070", "7220BB6BD0BE98FA628DE66590F80070"),
            ("SMSC-17.x", "smsc-17.X"),
            ("0", "00000000"),
        ] {
            assert!(candidates(confirmed).contains(&kept(given)), "{given} {confirmed}");
            assert!(candidates(given).contains(&kept(confirmed)), "{confirmed} {given}");
        }
        assert_eq!(candidates("26"), ["26", "1a", "38"]);
        assert_eq!(candidates("x-1"), ["x-1"]);
        assert!(!candidates("27").contains(&kept("1A")));
    }

    #[test]
    fn what_is_no_number_of_128_bits_is_only_itself() {
        let long = "f".repeat(40);
        assert_eq!(candidates(&long), [long]);
        assert_eq!(candidates(""), [""]);
    }
}
