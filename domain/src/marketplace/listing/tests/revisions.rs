//! Proposals for a listing on sale: the table, what a moderator decides, and the diff to decide on.

use super::*;
use crate::{kernel::LastTransition, marketplace::listing::revision::TRANSITIONS as REVISIONS};

fn new_tagline(tagline: &str) -> RevisionProposal {
    RevisionProposal { marketing: Some(marketing(tagline)), ..RevisionProposal::default() }
}

/// A listing on sale, with a revision that waits or without.
fn with(state: ListingState, revision: RevisionState) -> Listing {
    let mut listing = listing_in(state);
    if revision == RevisionState::Pending {
        assert_eq!(listing.propose(new_tagline("Rust in a day"), at(20)), Ok(Outcome::Applied));
        listing = saved(listing);
    }
    let data = ListingData { last_revision: None, ..listing.data().clone() };
    Listing::rehydrate(data, vec![], 9).unwrap()
}

fn act(listing: &mut Listing, action: RevisionAction) -> Result<Outcome, ListingError> {
    match action {
        RevisionAction::Propose => listing.propose(new_tagline("Rust in an hour"), at(30)),
        RevisionAction::Withdraw => listing.withdraw_revision(at(30)),
        RevisionAction::Approve => listing.approve(listing.version(), &shipping("v1"), &kyc(), at(30)),
        RevisionAction::Reject => listing.reject("it promises too much", at(30)),
    }
}

fn state_of(listing: &Listing) -> RevisionState {
    if listing.data().pending_revision.is_some() { RevisionState::Pending } else { RevisionState::None }
}

#[test]
fn every_pair_of_a_revision_and_an_action_agrees_with_the_table() {
    for on_sale in [ListingState::Live, ListingState::Suspended] {
        for from in RevisionState::ALL {
            for action in RevisionAction::ALL {
                let mut listing = with(on_sale, *from);
                let before = listing.data().clone();
                let result = act(&mut listing, *action);
                if let Some(edge) = REVISIONS.iter().find(|edge| (edge.from, edge.action) == (*from, *action))
                {
                    assert_eq!(result, Ok(Outcome::Applied), "{from:?} {action:?}");
                    assert_eq!((state_of(&listing), listing.data().state), (edge.to, on_sale));
                    let topic = listing.root.pending()[0].topic();
                    assert!(topic.starts_with("marketplace.listing.revision_"), "{topic}");
                    let mut listing = saved(listing);
                    let again = if *action == RevisionAction::Approve {
                        listing.approve(9, &shipping("v1"), &kyc(), at(40))
                    } else {
                        act(&mut listing, *action)
                    };
                    assert_eq!(again, Ok(Outcome::AlreadyApplied), "{from:?} {action:?}");
                } else {
                    let code = result.unwrap_err().code();
                    let wanted = if *action == RevisionAction::Withdraw {
                        "listing.no_pending_revision"
                    } else {
                        "listing.invalid_transition"
                    };
                    assert_eq!((code, listing.data()), (wanted, &before), "{from:?} {action:?}");
                }
            }
        }
    }
}

#[test]
fn only_a_listing_on_sale_is_revised_and_others_are_decided_as_ever() {
    for state in [ListingState::Draft, ListingState::Submitted, ListingState::Approved, ListingState::Retired]
    {
        let mut listing = listing_in(state);
        let refused = listing.propose(new_tagline("Rust in a day"), at(20)).unwrap_err();
        assert_eq!(refused.code(), "listing.invalid_transition", "{state:?}");
        assert_eq!(listing.withdraw_revision(at(20)), Err(ListingError::NoPendingRevision));
    }
}

#[test]
fn what_is_on_sale_stays_until_the_revision_is_approved() {
    let mut listing = listing_in(ListingState::Live);
    let proposal = RevisionProposal {
        refund_policy: Some(RefundPolicy::try_new(7, None).unwrap()),
        category: Patch::Clear,
        tags: Some(vec!["rust".to_owned()]),
        visibility: Some(Visibility::Unlisted),
        ..new_tagline("Rust in a day")
    };
    assert_eq!(listing.propose(proposal, at(20)), Ok(Outcome::Applied));
    let mut listing = saved(listing);
    assert_eq!(listing.data().marketing.tagline(), "Rust in a week");
    assert_eq!(listing.offer(PLAN, &kyc()).unwrap().refund_policy.refund_days(), 30);
    let (reviewed, stale) = (listing.version(), listing.version() - 1);

    let refused = listing.approve(stale, &shipping("v1"), &kyc(), at(21)).unwrap_err();
    assert_eq!(refused, ListingError::StaleReview { reviewed: stale, current: reviewed });
    assert_eq!(listing.approve(reviewed, &shipping("v1"), &kyc(), at(22)), Ok(Outcome::Applied));
    let data = listing.data();
    assert_eq!((data.marketing.tagline(), data.visibility), ("Rust in a day", Visibility::Unlisted));
    assert_eq!((&data.category, data.tags.as_slice()), (&None, &["rust".to_owned()][..]));
    assert_eq!((data.approved_at, data.approved_version), (Some(at(22)), Some(reviewed)));
    assert_eq!(data.pending_revision, None);
    assert_eq!(listing.offer(PLAN, &kyc()).unwrap().refund_policy.refund_days(), 7);
    assert_eq!(listing.review().changes, []);
    assert_eq!(saved(listing).data().state, ListingState::Live);
}

#[test]
fn a_proposal_replaces_the_one_before_and_must_change_something() {
    let mut listing = with(ListingState::Live, RevisionState::Pending);
    let same = listing.propose(new_tagline("Rust in a day"), at(25));
    assert_eq!((same, listing.data().updated_at), (Ok(Outcome::AlreadyApplied), at(20)));
    let policy = RefundPolicy::try_new(7, None).unwrap();
    let other = RevisionProposal { refund_policy: Some(policy), ..RevisionProposal::default() };
    assert_eq!(listing.propose(other, at(26)), Ok(Outcome::Applied));
    let pending = listing.data().pending_revision.clone().unwrap();
    assert_eq!(pending.marketing.tagline(), "Rust in a week", "the earlier proposal is gone");
    assert_eq!((pending.refund_policy, pending.proposed_at), (policy, at(26)));
    for nothing in [RevisionProposal::default(), new_tagline("Rust in a week")] {
        assert_eq!(listing.propose(nothing, at(27)), Err(ListingError::RevisionEmpty));
    }
    let tags = RevisionProposal { tags: Some(vec!["same".to_owned(); 2]), ..RevisionProposal::default() };
    assert_eq!(listing.propose(tags, at(27)), Err(ListingError::Tags));
}

#[test]
fn a_decision_on_a_revision_leaves_the_road_to_the_state_alone() {
    let mut listing = with(ListingState::Suspended, RevisionState::Pending);
    let road = listing.data().last_transition.clone();
    assert_eq!(listing.reject("it promises too much", at(30)), Ok(Outcome::Applied));
    assert_eq!(listing.data().last_transition, road);
    let reason = Some("it promises too much".to_owned());
    let last = LastTransition { action: RevisionAction::Reject, argument: reason };
    assert_eq!(listing.data().last_revision, Some(last));
    let mut listing = saved(listing);
    assert_eq!(listing.suspend("kyc_lapsed", at(31)), Ok(Outcome::AlreadyApplied));
    assert_eq!(listing.reject("another reason", at(31)).unwrap_err().code(), "listing.invalid_transition");
}

#[test]
fn retiring_drops_the_revision_that_waits() {
    let mut listing = with(ListingState::Live, RevisionState::Pending);
    assert_eq!(drive(&mut listing, ListingAction::Retire, None), Ok(Outcome::Applied));
    assert_eq!(saved(listing).data().pending_revision, None);
    let mut data = listing_in(ListingState::Retired).data().clone();
    data.pending_revision = with(ListingState::Live, RevisionState::Pending).data().pending_revision.clone();
    assert!(Listing::rehydrate(data, vec![], 3).is_err(), "stored, it would be a contradiction");
}

fn pointers(review: &ListingReview) -> Vec<&str> {
    review.changes.iter().map(|change| change.field.as_str()).collect()
}

#[test]
fn of_a_listing_that_was_never_approved_everything_is_new() {
    let review = listing_in(ListingState::Submitted).review();
    assert_eq!(review.reviewed_against, None);
    assert!(review.changes.iter().all(|change| change.before.is_none() && change.after.is_some()));
    let pointers = pointers(&review);
    assert!(pointers.is_sorted(), "{pointers:?}");
    for field in ["/category", "/marketing/tagline", "/refundPolicy/attemptsCap", "/tags", "/visibility"] {
        assert!(pointers.contains(&field), "{field}");
    }
    let price = format!("/pricingPlans/{PLAN}/price");
    let price = review.changes.iter().find(|change| change.field == price).unwrap();
    assert_eq!(price.after, Some(FieldValue::Money(money("49.00", "USD"))));
    assert!(!pointers.contains(&"/marketing/hero"), "none before and none after is no change");
}

#[test]
fn a_listing_submitted_again_is_held_against_what_was_approved() {
    let mut listing = listing_in(ListingState::Approved);
    let approved = listing.data().approved_version.unwrap();
    assert_eq!(listing.review(), ListingReview { reviewed_against: Some(approved), changes: vec![] });
    assert_eq!(listing.withdraw(at(11)), Ok(Outcome::Applied));
    let edit = ListingEdit {
        marketing: Some(marketing("Rust in a day")),
        category: Patch::Clear,
        ..ListingEdit::default()
    };
    assert_eq!(listing.edit(edit, at(12)), Ok(Outcome::Applied));
    assert_eq!(listing.replace_plan(PLAN, plan_id(2), one_time(), at(13)), Ok(Outcome::Applied));
    assert_eq!(listing.submit(at(14)), Ok(Outcome::Applied));
    let review = saved(listing).review();
    assert_eq!(review.reviewed_against, Some(approved));
    let text = |text: &str| Some(FieldValue::Text(text.to_owned()));
    let change = |field: &str, before, after| FieldChange { field: field.to_owned(), before, after };
    let (old, new) = (format!("/pricingPlans/{PLAN}"), format!("/pricingPlans/{}", plan_id(2)));
    let flag = |flag| Some(FieldValue::Flag(flag));
    assert_eq!(
        review.changes,
        [
            change("/category", text("Programming"), None),
            change("/marketing/tagline", text("Rust in a week"), text("Rust in a day")),
            change(&format!("{old}/active"), flag(true), flag(false)),
            change(&format!("{new}/active"), None, flag(true)),
            change(&format!("{new}/kind"), None, text("one_time")),
            change(&format!("{new}/perpetualOfflineAccess"), None, flag(false)),
            change(&format!("{new}/price"), None, Some(FieldValue::Money(money("49.00", "USD")))),
        ]
    );
}

#[test]
fn a_revision_that_waits_is_held_against_what_is_on_sale() {
    let mut listing = with(ListingState::Live, RevisionState::None);
    // A plan added since the approval is on sale already: nothing to decide.
    assert_eq!(listing.add_plan(plan_id(2), one_time(), at(15)), Ok(Outcome::Applied));
    let mut listing = saved(listing);
    assert!(!listing.review().changes.is_empty(), "without a revision it is shown all the same");
    assert_eq!(listing.propose(new_tagline("Rust in a day"), at(20)), Ok(Outcome::Applied));
    let listing = saved(listing);
    let review = listing.review();
    assert_eq!(review.reviewed_against, Some(listing.version()));
    assert_eq!(pointers(&review), ["/marketing/tagline"]);
}

#[test]
fn a_document_stored_before_revisions_were_known_is_read() {
    let mut json = serde_json::to_value(listing_in(ListingState::Live).data()).unwrap();
    for field in ["lastApproved", "pendingRevision", "lastRevision"] {
        assert!(json.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    let listing = Listing::rehydrate(serde_json::from_value(json).unwrap(), vec![], 5).unwrap();
    assert_eq!(listing.review().reviewed_against, None);
}
