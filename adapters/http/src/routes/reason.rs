//! The reasons people give.

use crate::problem::Problem;

/// The most characters a reason has.
const MAX_LEN: usize = 1_000;

/// A reason that says something, for a member `/reason`.
///
/// # Errors
/// `validation_failed` when it is blank or longer than 1,000 characters.
pub fn given(reason: &str) -> Result<&str, Problem> {
    if reason.trim().is_empty() || reason.chars().count() > MAX_LEN {
        return Err(Problem::field("/reason", "a reason is 1 to 1,000 characters"));
    }
    Ok(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something() {
        assert_eq!(given("too hard"), Ok("too hard"));
        assert!(given(" \n").is_err());
        assert!(given(&"é".repeat(1_000)).is_ok());
        assert!(given(&"é".repeat(1_001)).is_err());
    }
}
