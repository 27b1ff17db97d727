//! What a provider offers: writing a listing, and its way from draft to retirement (marketplace.md 1).

use poem_openapi::{
    Object, OpenApi,
    param::{Header, Path, Query},
    payload::Json,
    types::MaybeUndefined,
};
use sarai_application::marketplace::listings::Listings;
use sarai_domain::{
    kernel::{Aggregate, ListingId, TenantId, external_id::kinds as external, id::kinds},
    marketplace::{
        listing::{Listing, ListingData, ListingEdit, ListingMarketing, ListingState, NewListing},
        values::{RefundPolicy, RevenueShare},
    },
};
use sarai_ports::auth::Role;

use super::{
    Tag,
    dto_listing::{ListingBody, ListingStateBody, RevenueShareBody, VisibilityBody, answer},
    located::Located,
    members::{always, at, optional, or_initial},
};
use crate::{
    answers::{Created, Tagged},
    caller::{Caller, if_match},
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::{ApiExternalId, ApiId},
};

/// Routes of a provider's listings.
pub struct ListingRoutes {
    listings: Listings,
    cursors: Cursors,
}

/// A listing to create; it takes its plans later.
#[derive(Debug, Object)]
#[oai(rename = "NewListing", rename_all = "camelCase")]
pub struct NewListingBody {
    /// The course; it never changes.
    course_id: ApiExternalId<external::Course>,
    /// The version shipped.
    course_version_id: ApiExternalId<external::CourseVersion>,
    /// What a buyer sees.
    marketing: NewMarketingBody,
    /// How a sale can be returned.
    refund_policy: NewRefundPolicyBody,
    /// Who finds it.
    #[oai(default)]
    visibility: VisibilityBody,
    /// The default share, or none: another is the platform's to set.
    revenue_share: Option<RevenueShareBody>,
    /// Where it is filed: one line of at most 80 characters.
    category: Option<String>,
    /// At most 10 different words.
    #[oai(default)]
    tags: Vec<String>,
}

/// What a buyer shall see of a new listing.
#[derive(Debug, Object)]
#[oai(rename = "NewMarketing", rename_all = "camelCase")]
pub struct NewMarketingBody {
    /// One line that sells it, of 1 to 140 characters.
    tagline: String,
    /// The long text, of at most 10,000 characters.
    #[oai(default)]
    description: String,
    /// The large picture, an https URL.
    hero: Option<String>,
    /// At most 10 pictures, https URLs.
    #[oai(default)]
    screenshots: Vec<String>,
    /// A film, an https URL.
    trailer_url: Option<String>,
}

/// How a sale of a new listing can be returned.
#[derive(Debug, Object)]
#[oai(rename = "NewRefundPolicy", rename_all = "camelCase")]
pub struct NewRefundPolicyBody {
    /// Days after payment, 0 to 90; 0 means never.
    refund_days: u32,
    /// The learner's attempts beyond which it cannot be returned.
    attempts_cap: Option<u32>,
}

/// A change of a listing, as a JSON merge patch.
#[derive(Debug, Default, Object)]
#[oai(rename = "ListingPatch", rename_all = "camelCase")]
pub struct ListingPatchBody {
    /// The version shipped.
    pub(super) course_version_id: MaybeUndefined<ApiExternalId<external::CourseVersion>>,
    /// What a buyer sees, itself a merge patch.
    pub(super) marketing: MaybeUndefined<MarketingPatchBody>,
    /// How a sale can be returned, itself a merge patch.
    pub(super) refund_policy: MaybeUndefined<RefundPolicyPatchBody>,
    /// Who finds it.
    pub(super) visibility: MaybeUndefined<VisibilityBody>,
    /// The current share: another is the platform's to set.
    pub(super) revenue_share: MaybeUndefined<RevenueShareBody>,
    /// Where it is filed.
    pub(super) category: MaybeUndefined<String>,
    /// All its tags.
    pub(super) tags: MaybeUndefined<Vec<String>>,
}

/// A change of what a buyer sees.
#[derive(Debug, Default, Object)]
#[oai(rename = "MarketingPatch", rename_all = "camelCase")]
pub struct MarketingPatchBody {
    /// One line that sells it.
    tagline: MaybeUndefined<String>,
    /// The long text.
    description: MaybeUndefined<String>,
    /// The large picture.
    hero: MaybeUndefined<String>,
    /// All its pictures.
    screenshots: MaybeUndefined<Vec<String>>,
    /// A film.
    trailer_url: MaybeUndefined<String>,
}

/// A change of how a sale can be returned.
#[derive(Debug, Default, Object)]
#[oai(rename = "RefundPolicyPatch", rename_all = "camelCase")]
pub struct RefundPolicyPatchBody {
    /// Days after payment, 0 to 90.
    refund_days: MaybeUndefined<u32>,
    /// The learner's attempts beyond which it cannot be returned.
    attempts_cap: MaybeUndefined<u32>,
}

/// A newer version of the course.
#[derive(Debug, Object)]
#[oai(rename = "ShipVersion", rename_all = "camelCase")]
pub struct ShipVersionBody {
    /// The version shipped from now on.
    course_version_id: ApiExternalId<external::CourseVersion>,
}

impl NewListingBody {
    fn parse(self) -> Result<impl FnOnce(ListingId, TenantId) -> NewListing, Problem> {
        let marketing = self.marketing.parse()?;
        let refund_policy = self.refund_policy.parse()?;
        let revenue_share = self.revenue_share.map(|share| share.parse("/revenueShare")).transpose()?;
        Ok(move |id, provider_tenant_id| NewListing {
            id,
            provider_tenant_id,
            course_id: self.course_id.0,
            course_version_id: self.course_version_id.0,
            visibility: self.visibility.into(),
            marketing,
            refund_policy,
            revenue_share,
            category: self.category,
            tags: self.tags,
        })
    }
}

impl NewMarketingBody {
    fn parse(self) -> Result<ListingMarketing, Problem> {
        let Self { tagline, description, hero, screenshots, trailer_url } = self;
        at("/marketing", ListingMarketing::try_new(&tagline, description, hero, screenshots, trailer_url))
    }
}

impl NewRefundPolicyBody {
    fn parse(self) -> Result<RefundPolicy, Problem> {
        at("/refundPolicy/refundDays", RefundPolicy::try_new(self.refund_days, self.attempts_cap))
    }
}

impl ListingPatchBody {
    /// The change it makes to this listing.
    pub(super) fn parse(self, current: &ListingData) -> Result<ListingEdit, Problem> {
        let marketing = always(self.marketing, "/marketing")?.map(|patch| patch.over(&current.marketing));
        let refund_policy =
            always(self.refund_policy, "/refundPolicy")?.map(|patch| patch.over(&current.refund_policy));
        let revenue_share = or_initial(self.revenue_share, (&RevenueShare::DEFAULT).into());
        Ok(ListingEdit {
            course_version_id: always(self.course_version_id, "/courseVersionId")?.map(|version| version.0),
            visibility: or_initial(self.visibility, VisibilityBody::default()).map(Into::into),
            marketing: marketing.transpose()?,
            refund_policy: refund_policy.transpose()?,
            revenue_share: revenue_share.map(|share| share.parse("/revenueShare")).transpose()?,
            category: optional(self.category, |category| category),
            tags: or_initial(self.tags, Vec::new()),
        })
    }
}

impl MarketingPatchBody {
    fn over(self, current: &ListingMarketing) -> Result<ListingMarketing, Problem> {
        let tagline = always(self.tagline, "/marketing/tagline")?;
        let description = or_initial(self.description, String::new());
        let screenshots = or_initial(self.screenshots, Vec::new());
        let new = NewMarketingBody {
            tagline: tagline.unwrap_or_else(|| current.tagline().to_owned()),
            description: description.unwrap_or_else(|| current.description().to_owned()),
            hero: optional(self.hero, |url| url).over(current.hero().map(str::to_owned)),
            screenshots: screenshots.unwrap_or_else(|| current.screenshots().to_vec()),
            trailer_url: optional(self.trailer_url, |url| url).over(current.trailer_url().map(str::to_owned)),
        };
        new.parse()
    }
}

impl RefundPolicyPatchBody {
    fn over(self, current: &RefundPolicy) -> Result<RefundPolicy, Problem> {
        let refund_days = always(self.refund_days, "/refundPolicy/refundDays")?;
        let new = NewRefundPolicyBody {
            refund_days: refund_days.unwrap_or(current.refund_days()),
            attempts_cap: optional(self.attempts_cap, |cap| cap).over(current.attempts_cap()),
        };
        new.parse()
    }
}

impl ListingRoutes {
    /// Over these use cases.
    pub fn new(listings: Listings, cursors: Cursors) -> Self {
        Self { listings, cursors }
    }

    /// A listing whose revenue share the caller may see: their own, or any for the platform's staff.
    async fn seen(&self, caller: &Caller, id: ListingId) -> Result<Listing, Problem> {
        let listing = self.listings.get(&caller.0, id).await?;
        let own = listing.data().provider_tenant_id == caller.0.principal.tenant_id;
        if own || caller.0.principal.has(Role::PlatformAdmin) {
            Ok(listing)
        } else {
            Err(Problem::not_found("listing"))
        }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Listings")]
impl ListingRoutes {
    /// Create a draft
    ///
    /// It has no plans yet, and the default revenue share.
    #[oai(path = "/listings", method = "post", operation_id = "listings.create")]
    async fn create(
        &self,
        caller: Caller,
        body: Json<NewListingBody>,
    ) -> Result<Located<Created<ListingBody>>, Problem> {
        let created = self.listings.create(&caller.0, body.0.parse()?).await?;
        let path = format!("/v1/listings/{}", created.aggregate.id());
        Ok(Located { path, version: Some(created.version), answer: Created((&created).into()) })
    }

    /// One listing: the caller's own, or any for the platform's staff
    #[oai(path = "/listings/:id", method = "get", operation_id = "listings.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        let listing = self.seen(&caller, id.0.0).await?;
        Ok(Tagged { version: listing.version(), body: (&listing).into() })
    }

    /// Change a draft or a submitted listing
    ///
    /// A JSON merge patch. A submitted listing stays submitted, and is to be reviewed anew.
    #[oai(path = "/listings/:id", method = "patch", operation_id = "listings.edit")]
    async fn edit(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
        #[oai(name = "If-Match")] version: Header<Option<String>>,
        body: Json<ListingPatchBody>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        let version = if_match(version.0.as_deref())?;
        let current = self.seen(&caller, id.0.0).await?;
        // The patch is laid over what was read here, so that is what has to be at the editor's version.
        if current.version() != version {
            let detail = format!("it is at version {}, not {version}: read it again", current.version());
            return Err(Problem::new("precondition_failed", detail));
        }
        let edit = body.0.parse(current.data())?;
        answer(self.listings.edit(&caller.0, id.0.0, version, edit).await)
    }

    /// The caller's listings, newest first
    #[oai(path = "/provider/listings", method = "get", operation_id = "provider.listings.list")]
    async fn list(
        &self,
        caller: Caller,
        state: Query<Option<ListingStateBody>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<ListingBody>>, Problem> {
        let state = state.0.map(ListingState::from);
        let list = self.cursors.list("provider.listings.list", caller.tenant());
        let list = list.filter("state", state.map(|state| format!("{state:?}")));
        let page = list.request(limit.0, cursor.0.as_deref())?;
        let page = self.listings.mine(&caller.0, state, &page).await?;
        Ok(Json(list.answer(page, |listing| ListingBody::from(&listing))))
    }

    /// Hand a draft in for review
    #[oai(path = "/listings/:id/submit", method = "post", operation_id = "listings.submit")]
    async fn submit(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        answer(self.listings.submit(&caller.0, id.0.0).await)
    }

    /// Take a listing that was never live back to draft
    #[oai(path = "/listings/:id/withdraw", method = "post", operation_id = "listings.withdraw")]
    async fn withdraw(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        answer(self.listings.withdraw(&caller.0, id.0.0).await)
    }

    /// Put an approved listing on sale
    #[oai(path = "/listings/:id/go-live", method = "post", operation_id = "listings.go-live")]
    async fn go_live(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        answer(self.listings.go_live(&caller.0, id.0.0).await)
    }

    /// Take a listing off sale for ever
    ///
    /// Refused while licences of it are valid or orders of it are open; the refusal's `blockers` say which.
    #[oai(path = "/listings/:id/retire", method = "post", operation_id = "listings.retire")]
    async fn retire(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        answer(self.listings.retire(&caller.0, id.0.0).await)
    }

    /// Sell a newer version of the course from now on
    ///
    /// Licences sold before keep theirs.
    #[oai(path = "/listings/:id/ship-version", method = "post", operation_id = "listings.ship-version")]
    async fn ship_version(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Listing>>,
        body: Json<ShipVersionBody>,
    ) -> Result<Tagged<200, ListingBody>, Problem> {
        let version = body.0.course_version_id.0;
        answer(self.listings.ship_version(&caller.0, id.0.0, version).await)
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::{ParseFromJSON, ToJSON};
    use sarai_domain::{
        kernel::Timestamp,
        marketplace::listing::{Patch, Visibility},
    };
    use serde_json::{Value, json};

    use super::*;

    fn listing(over: &Value) -> Listing {
        let mut body = json!({
            "courseId": "rust-101",
            "courseVersionId": "rust-101-v3",
            "marketing": {"tagline": "Rust in a week", "hero": "https://acme.example/hero.png"},
            "refundPolicy": {"refundDays": 30, "attemptsCap": 3},
        });
        body.as_object_mut().unwrap().extend(over.as_object().cloned().unwrap_or_default());
        let new = NewListingBody::parse_from_json(Some(body)).unwrap().parse().unwrap();
        let id = "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        let now: Timestamp = "2026-04-20T09:30:00Z".parse().unwrap();
        Listing::create(new(id, TenantId::from_static("acme")), now).unwrap()
    }

    fn patched(patch: Value) -> Result<ListingEdit, Problem> {
        let listing = listing(&json!({"tags": ["rust"]}));
        ListingPatchBody::parse_from_json(Some(patch)).unwrap().parse(listing.data())
    }

    #[test]
    fn a_new_listing_has_defaults_and_every_member_in_its_answer() {
        let answer = ListingBody::from(&listing(&json!({}))).to_json().unwrap();
        assert_eq!(answer["visibility"], "public");
        assert_eq!(answer["revenueShare"], json!({"platformBps": 1500, "providerBps": 8500}));
        assert_eq!(answer["pricingPlans"], json!([]));
        assert_eq!(answer["tags"], json!([]));
        assert_eq!(answer["marketing"]["description"], "");
        for absent in ["category", "submittedAt", "suspensionReason", "rejectionReason", "retiredAt"] {
            assert_eq!(answer.get(absent), Some(&Value::Null), "{absent}");
        }
    }

    #[test]
    fn an_absent_member_stays_and_null_clears_where_it_may() {
        let nothing = patched(json!({})).unwrap();
        assert!(nothing.marketing.is_none() && nothing.tags.is_none() && nothing.category == Patch::Keep);

        let edit = patched(json!({
            "marketing": {"tagline": "Rust in a day", "hero": null},
            "refundPolicy": {"attemptsCap": null},
            "visibility": "unlisted",
            "category": null,
            "tags": null,
        }))
        .unwrap();
        let marketing = edit.marketing.unwrap();
        assert_eq!((marketing.tagline(), marketing.hero()), ("Rust in a day", None));
        let policy = edit.refund_policy.unwrap();
        assert_eq!((policy.refund_days(), policy.attempts_cap()), (30, None));
        assert_eq!(edit.visibility, Some(Visibility::Unlisted));
        assert_eq!((edit.category, edit.tags), (Patch::Clear, Some(Vec::new())));

        let edit = patched(json!({"marketing": {"description": "Long"}})).unwrap();
        assert_eq!(edit.marketing.unwrap().hero(), Some("https://acme.example/hero.png"));
    }

    #[test]
    fn null_where_a_listing_cannot_be_without_is_refused_by_name() {
        for (patch, pointer) in [
            (json!({"courseVersionId": null}), "/courseVersionId"),
            (json!({"marketing": null}), "/marketing"),
            (json!({"marketing": {"tagline": null}}), "/marketing/tagline"),
            (json!({"refundPolicy": {"refundDays": null}}), "/refundPolicy/refundDays"),
        ] {
            let document = patched(patch).unwrap_err().document("", "");
            assert_eq!(document["code"], "validation_failed", "{pointer}");
            assert_eq!(document["errors"][0]["pointer"], pointer);
        }
    }

    #[test]
    fn a_rule_of_the_domain_keeps_its_code_and_invariant() {
        let share = json!({"revenueShare": {"platformBps": 1500, "providerBps": 8000}});
        let document = patched(share).unwrap_err().document("", "");
        assert_eq!(document["code"], "listing.revenue_share_not_whole");
        assert_eq!(document["invariant"], "L-INV-6");
        let days = patched(json!({"refundPolicy": {"refundDays": 91}})).unwrap_err();
        assert_eq!(days.code(), "listing.refund_days_out_of_range");
    }
}
