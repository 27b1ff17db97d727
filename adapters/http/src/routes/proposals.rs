//! Proposals: what a listing on sale is to look like, once a moderator agrees (ruling R57).

use poem_openapi::{Object, OpenApi, param::Path, payload::Json, types::MaybeUndefined};
use sarai_application::marketplace::listings::Listings;
use sarai_domain::{
    kernel::{Aggregate, id::kinds},
    marketplace::listing::{ListingData, RevisionProposal},
};

use super::{
    Tag,
    dto_listing::{ListingBody, VisibilityBody, answer},
    listings::{ListingPatchBody, MarketingPatchBody, RefundPolicyPatchBody},
};
use crate::{answers::Tagged, caller::Caller, problem::Problem, scalars::ApiId};

/// Routes of proposals.
pub struct ProposalRoutes {
    listings: Listings,
}

/// A change of a listing on sale: a JSON merge patch over what is on sale. Plans and the course's version
/// have ways of their own and need no proposal.
#[derive(Debug, Object)]
#[oai(rename = "ListingProposal", rename_all = "camelCase")]
pub struct ProposalBody {
    /// What a buyer sees, itself a merge patch.
    marketing: MaybeUndefined<MarketingPatchBody>,
    /// How a sale can be returned, itself a merge patch. Orders placed before keep theirs.
    refund_policy: MaybeUndefined<RefundPolicyPatchBody>,
    /// Who finds it.
    visibility: MaybeUndefined<VisibilityBody>,
    /// Where it is filed.
    category: MaybeUndefined<String>,
    /// All its tags.
    tags: MaybeUndefined<Vec<String>>,
}

impl ProposalBody {
    /// The change it proposes for this listing.
    fn parse(self, current: &ListingData) -> Result<RevisionProposal, Problem> {
        let patch = ListingPatchBody {
            marketing: self.marketing,
            refund_policy: self.refund_policy,
            visibility: self.visibility,
            category: self.category,
            tags: self.tags,
            ..ListingPatchBody::default()
        };
        let edit = patch.parse(current)?;
        Ok(RevisionProposal {
            marketing: edit.marketing,
            refund_policy: edit.refund_policy,
            visibility: edit.visibility,
            category: edit.category,
            tags: edit.tags,
        })
    }
}

impl ProposalRoutes {
    /// Over these use cases.
    pub fn new(listings: Listings) -> Self {
        Self { listings }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Listings")]
impl ProposalRoutes {
    /// Propose what a listing on sale is to look like
    ///
    /// It takes the place of an earlier proposal that waits. Buyers see what is on sale until a moderator
    /// approves.
    #[oai(path = "/listings/:id/proposals", method = "post", operation_id = "listings.propose")]
    async fn propose(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
        body: Json<ProposalBody>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        let current = self.listings.get(&caller.0, id.0.0).await?;
        let proposal = body.0.parse(current.data())?;
        answer(self.listings.propose(&caller.0, id.0.0, &proposal).await)
    }

    /// Take a proposal back that waits
    #[oai(path = "/listings/:id/proposals", method = "delete", operation_id = "listings.withdraw-proposal")]
    async fn withdraw(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        answer(self.listings.withdraw_revision(&caller.0, id.0.0).await)
    }
}
