//! May this user take this course, now? The OR over a tenant's licences, with the best reason.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{Aggregate as _, CourseId, LicenseId, Timestamp, UserId},
    marketplace::license::{Entitlement, License},
};

/// The answer to an entitlement check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntitlementAnswer {
    /// Yes or no.
    pub entitled: bool,
    /// Why: of all licences' answers the best.
    pub reason: Entitlement,
    /// The licence that gave it; of several the one that lasts longest.
    pub license_id: Option<LicenseId>,
    /// When that licence ends or ended.
    pub valid_until: Option<Timestamp>,
}

/// Computes entitlement at the moment it is asked for. Nothing is stored, so taking back one licence never
/// ends what another still gives.
#[derive(Debug, Clone, Copy)]
pub struct EntitlementPolicy;

impl EntitlementPolicy {
    /// Asks every licence of the course that is given: one tenant's, each with the rows of this user. The
    /// answer depends on the set of licences only, not on their order.
    pub fn check<'a>(
        licenses: impl IntoIterator<Item = &'a License>,
        course: &CourseId,
        user: &UserId,
        now: Timestamp,
    ) -> EntitlementAnswer {
        let best = licenses
            .into_iter()
            .filter(|license| license.data().course_id == *course)
            .map(|license| (license, license.entitles(user, now)))
            .filter(|(_, reason)| *reason != Entitlement::NoLicence)
            .min_by_key(|(license, reason)| {
                let until = license.data().validity.valid_until();
                (*reason, until.is_some(), Reverse(until), license.data().id)
            });
        EntitlementAnswer {
            entitled: best.is_some_and(|(_, reason)| reason == Entitlement::Entitled),
            reason: best.map_or(Entitlement::NoLicence, |(_, reason)| reason),
            license_id: best.map(|(license, _)| license.data().id),
            valid_until: best.and_then(|(license, _)| license.data().validity.valid_until()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::marketplace::license::{RevokeReason, tests::fixtures::*};

    fn course() -> CourseId {
        "welding".parse().unwrap()
    }

    fn check(licenses: &[License], name: &str) -> EntitlementAnswer {
        EntitlementPolicy::check(licenses, &course(), &user(name), start())
    }

    /// Ann's subscription taken back.
    fn revoked() -> License {
        let mut license = subscription(2);
        applied(license.revoke(RevokeReason::Refund, &users(&[]), false, start()));
        license
    }

    #[test]
    fn taking_back_one_licence_does_not_end_what_another_gives() {
        let answer = check(&[revoked(), subscription(3)], "ann");
        assert_eq!((answer.entitled, answer.license_id), (true, Some(id(3))));
        assert_eq!(answer.valid_until, subscription(3).ends_at());
    }

    #[test]
    fn the_best_reason_wins() {
        let cases = [
            (vec![], Entitlement::NoLicence),
            (vec![revoked()], Entitlement::Revoked),
            (vec![revoked(), pack(1)], Entitlement::NoSeat),
            (vec![revoked(), pack_with(1, &["ann"])], Entitlement::Entitled),
        ];
        for (licenses, reason) in cases {
            let answer = check(&licenses, "ann");
            assert_eq!((answer.reason, answer.entitled), (reason, reason == Entitlement::Entitled));
            assert_eq!(answer.license_id.is_none(), reason == Entitlement::NoLicence);
        }
        assert!(Entitlement::ALL.is_sorted());
        let words = serde_json::to_string(Entitlement::ALL).unwrap();
        assert_eq!(words, r#"["entitled","no_seat","not_started","expired","revoked","no_licence"]"#);
    }

    #[test]
    fn of_several_licences_the_one_that_lasts_longest_is_named() {
        assert_eq!(check(&[subscription(2), pack_with(1, &["ann"])], "ann").valid_until, None);
        assert_eq!(check(&[subscription(4), subscription(3)], "ann").license_id, Some(id(3)));
    }

    #[test]
    fn a_licence_of_another_course_or_person_is_none() {
        let other = "baking".parse().unwrap();
        let answer = EntitlementPolicy::check(&[subscription(1)], &other, &user("ann"), start());
        assert_eq!(answer.reason, Entitlement::NoLicence);
        assert_eq!(check(&[subscription(1)], "eve").license_id, None);
    }

    proptest! {
        #[test]
        fn the_answer_does_not_depend_on_the_order(
            licenses in Just(vec![subscription(5), subscription(4), revoked(), pack(3), pack_with(2, &["bob"])])
                .prop_shuffle(),
            take in 0_usize..=5,
            name in prop_oneof![Just("ann"), Just("bob"), Just("eve")],
        ) {
            let mut licenses: Vec<License> = licenses.into_iter().take(take).collect();
            let answer = check(&licenses, name);
            licenses.reverse();
            prop_assert_eq!(check(&licenses, name), answer);
            let user = user(name);
            let any = licenses.iter().any(|license| license.entitles(&user, start()) == Entitlement::Entitled);
            prop_assert_eq!(answer.entitled, any);
        }
    }
}
