//! Members of a request: what one that is absent, null or refused says.
//!
//! A change is a JSON merge patch (RFC 7396): an absent member stays as it is, null makes it what leaving it
//! out at creation would have made it, a value replaces it. Money and discounts are replaced whole.

use poem_openapi::types::MaybeUndefined;
use sarai_application::AppError;
use sarai_domain::marketplace::listing::Patch;

use crate::problem::Problem;

/// A member that something always has.
///
/// # Errors
/// `validation_failed` for null.
pub(super) fn always<T>(member: MaybeUndefined<T>, pointer: &str) -> Result<Option<T>, Problem> {
    match member {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Err(Problem::field(pointer, "this cannot be taken away: null is no value")),
        MaybeUndefined::Value(value) => Ok(Some(value)),
    }
}

/// A member that is `initial` unless it was set.
pub(super) fn or_initial<T>(member: MaybeUndefined<T>, initial: T) -> Option<T> {
    match member {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(initial),
        MaybeUndefined::Value(value) => Some(value),
    }
}

/// A member that something may be without.
pub(super) fn optional<T, U>(member: MaybeUndefined<T>, turn: impl FnOnce(T) -> U) -> Patch<U> {
    match member {
        MaybeUndefined::Undefined => Patch::Keep,
        MaybeUndefined::Null => Patch::Clear,
        MaybeUndefined::Value(value) => Patch::Set(turn(value)),
    }
}

/// What the domain says of a member, with the member named.
///
/// # Errors
/// The domain's.
pub(super) fn at<T>(pointer: &str, outcome: Result<T, impl Into<AppError>>) -> Result<T, Problem> {
    outcome.map_err(|error| Problem::from(error.into()).at(pointer))
}

#[cfg(test)]
mod tests {
    use sarai_domain::marketplace::values::Discount;

    use super::*;

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        assert_eq!(always(MaybeUndefined::<u8>::Undefined, "/a"), Ok(None));
        assert_eq!(always(MaybeUndefined::Value(1), "/a"), Ok(Some(1)));
        assert_eq!(always(MaybeUndefined::<u8>::Null, "/a").unwrap_err().code(), "validation_failed");
        assert_eq!(or_initial(MaybeUndefined::Undefined, 1), None);
        assert_eq!(or_initial(MaybeUndefined::Null, 1), Some(1));
        assert_eq!(or_initial(MaybeUndefined::Value(2), 1), Some(2));
        assert_eq!(optional(MaybeUndefined::<u8>::Undefined, u32::from), Patch::Keep);
        assert_eq!(optional(MaybeUndefined::<u8>::Null, u32::from), Patch::Clear);
        assert_eq!(optional(MaybeUndefined::Value(2_u8), u32::from), Patch::Set(2));
    }

    #[test]
    fn a_refusal_of_the_domain_keeps_its_code_and_invariant_and_names_the_member() {
        let document = at("/discount", Discount::percent(0)).unwrap_err().document("", "");
        assert_eq!(document["code"], "coupon.percent_out_of_range");
        assert_eq!(document["invariant"], "C-INV-3");
        assert_eq!(document["errors"][0]["pointer"], "/discount");
    }
}
