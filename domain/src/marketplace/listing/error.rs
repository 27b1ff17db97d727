//! Why a listing refuses.

use super::{
    evidence::RetireEvidence,
    status::{ListingAction, ListingState},
};
use crate::{
    kernel::{
        Coded, CourseVersionId, Currency, Detail, IllegalTransition, Invariant,
        Kind::{self, Conflict, Forbidden, Invalid, NotFound, Precondition, Unavailable},
        PricingPlanId, TenantId,
    },
    marketplace::{
        invariants::{
            AC_1, L_INV_1, L_INV_2, L_INV_3, L_INV_4, L_INV_5, L_INV_7, L_INV_8, L_INV_9, L_INV_10,
        },
        values::PlanKind,
    },
};

/// Why a listing, or one of its values, is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// The state table has no such edge.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<ListingState, ListingAction>),
    /// The change is not allowed in this state.
    #[error("a listing cannot {change} while it is {state:?}")]
    NotEditable {
        /// The current state.
        state: ListingState,
        /// What was asked.
        change: &'static str,
    },
    /// The moderator reviewed another version.
    #[error("version {reviewed} was reviewed, but the listing is at version {current}")]
    StaleReview {
        /// The version the moderator saw.
        reviewed: u64,
        /// The version now.
        current: u64,
    },
    /// L-INV-1.
    #[error("the listing has no active pricing plan")]
    NoActivePlan,
    /// L-INV-2.
    #[error("course version {course_version_id}: published {published}, play package built {built}")]
    NotShippable {
        /// The version to ship.
        course_version_id: CourseVersionId,
        /// Whether it is known to be published.
        published: bool,
        /// Whether its play package is known to be built.
        built: bool,
    },
    /// L-INV-3.
    #[error("provider {0} is not KYC-verified")]
    KycMissing(TenantId),
    /// L-INV-4.
    #[error("a subscription plan sets intervalMonths to at least 1")]
    IntervalMissing,
    /// An interval where it has no meaning, or of no months.
    #[error("intervalMonths does not fit a {0:?} plan")]
    IntervalMisplaced(PlanKind),
    /// L-INV-5.
    #[error("a seat-pack plan sets seats to at least 1")]
    SeatsMissing,
    /// A number of seats that this kind of plan cannot have.
    #[error("seats does not fit a {0:?} plan")]
    SeatsMisplaced(PlanKind),
    /// L-INV-7.
    #[error(
        "{} licences are active, {} of them for ever; {} orders are open",
        .0.active, .0.perpetual, .0.open_orders
    )]
    InUse(RetireEvidence),
    /// L-INV-8.
    #[error("the listing is {0:?}, not live")]
    NotLive(ListingState),
    /// L-INV-9.
    #[error("plan {0} is frozen: only `active` changes after approval, a replacement does the rest")]
    PlanFrozen(PricingPlanId),
    /// L-INV-10.
    #[error("the plan is in {plan}, its price in {price}")]
    PlanCurrency {
        /// The currency named.
        plan: Currency,
        /// The price's.
        price: Currency,
    },
    /// AC-1.
    #[error("plan {0} holds money of another currency")]
    ForeignMoney(PricingPlanId),
    /// The listing has no such plan.
    #[error("the listing has no plan {0}")]
    PlanNotFound(PricingPlanId),
    /// The plan is not on sale.
    #[error("plan {0} is not active")]
    PlanInactive(PricingPlanId),
    /// The id is taken.
    #[error("the listing already has a plan {0}")]
    PlanExists(PricingPlanId),
    /// Only the platform sets another revenue share.
    #[error("the revenue share is the platform's to change")]
    RevenueShareForbidden,
    /// Not a tagline.
    #[error("a tagline is one line of 1 to 140 characters")]
    Tagline,
    /// Not a description.
    #[error("a description is at most 10,000 characters of text")]
    Description,
    /// Too many screenshots.
    #[error("a listing has at most 10 screenshots, not {0}")]
    Screenshots(usize),
    /// Not an https URL.
    #[error("{0} is not an https URL of at most 2,048 characters")]
    Url(&'static str),
    /// Not a category.
    #[error("a category is one line of 1 to 80 characters")]
    Category,
    /// Not a list of tags.
    #[error("a listing has at most 10 different tags, each one line of 1 to 40 characters")]
    Tags,
    /// No revision waits.
    #[error("the listing has no revision that waits")]
    NoPendingRevision,
    /// Nothing would change.
    #[error("the revision changes nothing of what is on sale")]
    RevisionEmpty,
    /// Not a reason.
    #[error("a reason is one line of 1 to 1,000 characters")]
    Reason,
    /// Stored data that no command can have written.
    #[error("the stored listing is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl ListingError {
    #[rustfmt::skip]
    fn facts(&self) -> (&'static str, Kind, Option<Invariant>) {
        match self {
            Self::InvalidTransition(_) | Self::NotEditable { .. }
                                            => ("listing.invalid_transition",      Conflict,     None),
            Self::StaleReview { .. }        => ("listing.stale_review",            Precondition, None),
            Self::NoActivePlan              => ("listing.no_active_plan",          Conflict,     Some(L_INV_1)),
            Self::NotShippable { .. }       => ("listing.not_shippable",           Conflict,     Some(L_INV_2)),
            Self::KycMissing(_)             => ("listing.kyc_required",            Conflict,     Some(L_INV_3)),
            Self::IntervalMissing           => ("listing.interval_missing",        Invalid,      Some(L_INV_4)),
            Self::IntervalMisplaced(_)      => ("listing.interval_not_allowed",    Invalid,      None),
            Self::SeatsMissing              => ("listing.seats_missing",           Invalid,      Some(L_INV_5)),
            Self::SeatsMisplaced(_)         => ("listing.seats_not_allowed",       Invalid,      None),
            Self::InUse(_)                  => ("listing.in_use",                  Conflict,     Some(L_INV_7)),
            Self::NotLive(_)                => ("listing.not_live",                Conflict,     Some(L_INV_8)),
            Self::PlanFrozen(_)             => ("listing.plan_frozen",             Conflict,     Some(L_INV_9)),
            Self::PlanCurrency { .. }       => ("listing.plan_currency_mismatch",  Invalid,      Some(L_INV_10)),
            Self::ForeignMoney(_)           => ("listing.foreign_money",           Invalid,      Some(AC_1)),
            Self::PlanNotFound(_)           => ("listing.plan_not_found",          NotFound,     None),
            Self::PlanInactive(_)           => ("order.plan_inactive",             Conflict,     None),
            Self::PlanExists(_)             => ("listing.plan_exists",             Conflict,     None),
            Self::RevenueShareForbidden     => ("listing.revenue_share_forbidden", Forbidden,    None),
            Self::Tagline                   => ("listing.tagline_malformed",       Invalid,      None),
            Self::Description               => ("listing.description_malformed",   Invalid,      None),
            Self::Screenshots(_)            => ("listing.too_many_screenshots",    Invalid,      None),
            Self::Url(_)                    => ("listing.url_malformed",           Invalid,      None),
            Self::Category                  => ("listing.category_malformed",      Invalid,      None),
            Self::Tags                      => ("listing.tags_malformed",          Invalid,      None),
            Self::NoPendingRevision         => ("listing.no_pending_revision",     Conflict,     None),
            Self::RevisionEmpty             => ("listing.revision_empty",          Invalid,      None),
            Self::Reason                    => ("listing.reason_malformed",        Invalid,      None),
            Self::Inconsistent(_)           => ("listing.inconsistent",            Unavailable,  None),
        }
    }
}

impl Coded for ListingError {
    fn code(&self) -> &'static str {
        self.facts().0
    }

    fn kind(&self) -> Kind {
        self.facts().1
    }

    fn invariant(&self) -> Option<Invariant> {
        self.facts().2
    }

    /// What a client needs to go on: the version to review, which proof is missing, what blocks retiring.
    fn details(&self) -> Vec<(&'static str, Detail)> {
        if let Self::StaleReview { current, .. } = self {
            return vec![("currentVersion", Detail::Number(*current))];
        }
        if let Self::NotShippable { published, built, .. } = self {
            let proofs = [(published, "published"), (built, "built")];
            let missing = proofs.iter().filter(|(held, _)| !**held);
            return vec![(
                "missing",
                Detail::List(missing.map(|(_, name)| Detail::Text((*name).to_owned())).collect()),
            )];
        }
        if let Self::InUse(blockers) = self {
            let latest = blockers.latest_valid_until.map_or(Detail::Null, |at| Detail::Text(at.to_string()));
            return vec![(
                "blockers",
                Detail::Object(vec![
                    ("active", Detail::Number(blockers.active.into())),
                    ("perpetual", Detail::Number(blockers.perpetual.into())),
                    ("latestValidUntil", latest),
                    ("openOrders", Detail::Number(blockers.open_orders.into())),
                ]),
            )];
        }
        Vec::new()
    }
}
