//! Coupons of the platform and of providers (marketplace.md 4, ruling R55).

use poem_openapi::{
    Object, OpenApi, Union,
    param::{Header, Path, Query},
    payload::Json,
    types::MaybeUndefined,
};
use sarai_application::{AppError, Loaded, marketplace::coupons::Coupons};
use sarai_domain::{
    kernel::{Aggregate, CouponId, TenantId, Timestamp, external_id::kinds as external, id::kinds},
    marketplace::{
        coupon::{Coupon, CouponData, CouponEdit, NewCoupon},
        listing::Patch,
        values::{CouponCode, Discount, Owner},
    },
};

use super::{
    Tag,
    located::Located,
    members::{always, at, optional},
};
use crate::{
    answers::{Created, Tagged},
    caller::{Caller, if_match},
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::{ApiExternalId, ApiId, ApiMoney, ApiTimestamp},
};

/// Routes of coupons.
pub struct CouponRoutes {
    coupons: Coupons,
    cursors: Cursors,
}

/// What a coupon takes off: `{"kind":"percent","value":10}`, or
/// `{"kind":"fixed","amount":{"amount":"5.00","currency":"USD"}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Union)]
#[oai(rename = "Discount", discriminator_name = "kind", one_of)]
pub enum DiscountBody {
    /// In percent.
    #[oai(mapping = "percent")]
    Percent(PercentBody),
    /// In money.
    #[oai(mapping = "fixed")]
    Fixed(FixedBody),
}

/// A discount in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Object)]
#[oai(rename = "PercentDiscount", rename_all = "camelCase")]
pub struct PercentBody {
    /// 1 to 100.
    value: u32,
}

/// A discount in money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Object)]
#[oai(rename = "FixedDiscount", rename_all = "camelCase")]
pub struct FixedBody {
    /// More than zero.
    amount: ApiMoney,
}

/// A coupon to create.
#[derive(Debug, Object)]
#[oai(rename = "NewCoupon", rename_all = "camelCase")]
pub struct NewCouponBody {
    /// What the buyer types: 3 to 32 letters, digits, `_` and `-`.
    code: String,
    /// What it takes off.
    discount: DiscountBody,
    /// Uses in all; none: unlimited.
    usage_cap: Option<u32>,
    /// Uses per user; none: unlimited.
    per_user_cap: Option<u32>,
    /// The first instant at which it can be redeemed; none: now.
    valid_from: Option<ApiTimestamp>,
    /// The last instant at which it can be redeemed; none: no end.
    valid_until: Option<ApiTimestamp>,
    /// The one buyer tenant it is for; none: every tenant.
    tenant_scope: Option<ApiExternalId<external::Tenant>>,
    /// The provider whose lines it applies to; a provider's own coupon has that provider.
    provider_scope: Option<ApiExternalId<external::Tenant>>,
}

/// A change of a coupon, as a JSON merge patch. Caps and the end can always change, the rest while it is
/// unused.
#[derive(Debug, Default, Object)]
#[oai(rename = "CouponPatch", rename_all = "camelCase")]
pub struct CouponPatchBody {
    /// What the buyer types.
    code: MaybeUndefined<String>,
    /// What it takes off.
    discount: MaybeUndefined<DiscountBody>,
    /// Uses in all.
    usage_cap: MaybeUndefined<u32>,
    /// Uses per user.
    per_user_cap: MaybeUndefined<u32>,
    /// The first instant at which it can be redeemed.
    valid_from: MaybeUndefined<ApiTimestamp>,
    /// The last instant at which it can be redeemed.
    valid_until: MaybeUndefined<ApiTimestamp>,
    /// The one buyer tenant it is for.
    tenant_scope: MaybeUndefined<ApiExternalId<external::Tenant>>,
    /// The provider whose lines it applies to.
    provider_scope: MaybeUndefined<ApiExternalId<external::Tenant>>,
}

/// A coupon.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Coupon", rename_all = "camelCase")]
pub struct CouponBody {
    /// Its id.
    id: ApiId<kinds::Coupon>,
    /// Who issued it: a provider, or `platform`.
    owner_tenant_id: ApiExternalId<external::Tenant>,
    /// What the buyer types.
    code: String,
    /// The one buyer tenant it is for; null: every tenant.
    tenant_scope: Option<ApiExternalId<external::Tenant>>,
    /// The provider whose lines it applies to; null: all lines.
    provider_scope: Option<ApiExternalId<external::Tenant>>,
    /// What it takes off.
    discount: DiscountBody,
    /// Uses in all; null: unlimited.
    usage_cap: Option<u32>,
    /// Uses that are reserved or confirmed.
    usage_count: u32,
    /// Uses per user; null: unlimited.
    per_user_cap: Option<u32>,
    /// The first instant at which it can be redeemed.
    valid_from: ApiTimestamp,
    /// The last instant at which it can be redeemed; null: no end.
    valid_until: Option<ApiTimestamp>,
    /// Whether it can be redeemed at all.
    active: bool,
    /// When it was created.
    created_at: ApiTimestamp,
    /// Its version, for `If-Match`.
    version: u64,
}

/// What a patch changes, valid by itself.
#[derive(Debug, Clone, PartialEq)]
struct Changes {
    code: Option<CouponCode>,
    discount: Option<Discount>,
    usage_cap: Patch<u32>,
    per_user_cap: Patch<u32>,
    valid_from: Option<Timestamp>,
    valid_until: Patch<Timestamp>,
    tenant_scope: Patch<TenantId>,
    provider_scope: Patch<TenantId>,
}

impl DiscountBody {
    /// The domain's value.
    fn parse(self) -> Result<Discount, Problem> {
        match self {
            Self::Percent(percent) => at("/discount/value", Discount::percent(percent.value)),
            Self::Fixed(fixed) => at("/discount/amount", Discount::fixed(fixed.amount.0)),
        }
    }
}

impl From<Discount> for DiscountBody {
    fn from(discount: Discount) -> Self {
        match discount {
            Discount::Percent { value } => Self::Percent(PercentBody { value }),
            Discount::Fixed { amount } => Self::Fixed(FixedBody { amount: amount.into() }),
        }
    }
}

impl NewCouponBody {
    fn parse(self) -> Result<impl FnOnce(CouponId, Owner) -> NewCoupon, Problem> {
        let code = at("/code", self.code.parse())?;
        let discount = self.discount.parse()?;
        Ok(move |id, owner| NewCoupon {
            id,
            owner,
            code,
            discount,
            usage_cap: self.usage_cap,
            per_user_cap: self.per_user_cap,
            valid_from: self.valid_from.map(|at| at.0),
            valid_until: self.valid_until.map(|at| at.0),
            tenant_scope: self.tenant_scope.map(|tenant| tenant.0),
            provider_scope: self.provider_scope.map(|tenant| tenant.0),
        })
    }
}

impl CouponPatchBody {
    fn parse(self) -> Result<Changes, Problem> {
        let code = always(self.code, "/code")?;
        let discount = always(self.discount, "/discount")?;
        Ok(Changes {
            code: code.map(|code| at("/code", code.parse())).transpose()?,
            discount: discount.map(DiscountBody::parse).transpose()?,
            usage_cap: optional(self.usage_cap, |cap| cap),
            per_user_cap: optional(self.per_user_cap, |cap| cap),
            valid_from: always(self.valid_from, "/validFrom")?.map(|at| at.0),
            valid_until: optional(self.valid_until, |at| at.0),
            tenant_scope: optional(self.tenant_scope, |tenant| tenant.0),
            provider_scope: optional(self.provider_scope, |tenant| tenant.0),
        })
    }
}

impl Changes {
    /// The coupon's fields after the change.
    fn over(self, old: CouponEdit) -> CouponEdit {
        CouponEdit {
            code: self.code.unwrap_or(old.code),
            discount: self.discount.unwrap_or(old.discount),
            tenant_scope: self.tenant_scope.over(old.tenant_scope),
            provider_scope: self.provider_scope.over(old.provider_scope),
            valid_from: self.valid_from.unwrap_or(old.valid_from),
            valid_until: self.valid_until.over(old.valid_until),
            usage_cap: self.usage_cap.over(old.usage_cap),
            per_user_cap: self.per_user_cap.over(old.per_user_cap),
        }
    }
}

impl CouponBody {
    fn at_version(data: &CouponData, version: u64) -> Self {
        let owner = match &data.owner {
            Owner::Platform => sarai_ports::marketplace::platform(),
            Owner::Provider(provider) => provider.clone(),
        };
        Self {
            id: data.id.into(),
            owner_tenant_id: owner.into(),
            code: data.code.to_string(),
            tenant_scope: data.tenant_scope.clone().map(ApiExternalId),
            provider_scope: data.provider_scope.clone().map(ApiExternalId),
            discount: data.discount.into(),
            usage_cap: data.usage_cap,
            usage_count: data.usage_count,
            per_user_cap: data.per_user_cap,
            valid_from: data.valid_from.into(),
            valid_until: data.valid_until.map(ApiTimestamp),
            active: data.active,
            created_at: data.created_at.into(),
            version,
        }
    }
}

impl From<&Coupon> for CouponBody {
    fn from(coupon: &Coupon) -> Self {
        Self::at_version(coupon.data(), coupon.version())
    }
}

impl From<&Loaded<Coupon>> for CouponBody {
    fn from(saved: &Loaded<Coupon>) -> Self {
        Self::at_version(saved.aggregate.data(), saved.version)
    }
}

/// What a command on a coupon answers.
fn answer(outcome: Result<Loaded<Coupon>, AppError>) -> Result<Tagged<200, CouponBody>, Problem> {
    let saved = outcome?;
    Ok(Tagged { version: saved.version, body: (&saved).into() })
}

impl CouponRoutes {
    /// Over these use cases.
    pub fn new(coupons: Coupons, cursors: Cursors) -> Self {
        Self { coupons, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Coupons")]
impl CouponRoutes {
    /// Create a coupon
    ///
    /// Of the platform when its staff ask, else of the calling provider and for its own listings.
    #[oai(path = "/coupons", method = "post", operation_id = "coupons.create")]
    async fn create(
        &self,
        caller: Caller,
        body: Json<NewCouponBody>,
    ) -> Result<Located<Created<CouponBody>>, Problem> {
        let created = self.coupons.create(&caller.0, body.0.parse()?).await?;
        let path = format!("/v1/coupons/{}", created.aggregate.id());
        Ok(Located { path, version: Some(created.version), answer: Created((&created).into()) })
    }

    /// The caller's coupons, newest first
    #[oai(path = "/coupons", method = "get", operation_id = "coupons.list")]
    async fn list(
        &self,
        caller: Caller,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<CouponBody>>, Problem> {
        let list = self.cursors.list("coupons.list", caller.tenant());
        let page = list.request(limit.0, cursor.0.as_deref())?;
        let page = self.coupons.list(&caller.0, &page).await?;
        Ok(Json(list.answer(page, |coupon| CouponBody::from(&coupon))))
    }

    /// One coupon
    #[oai(path = "/coupons/:id", method = "get", operation_id = "coupons.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Coupon>>,
    ) -> Result<Tagged<200, CouponBody>, Problem> {
        let coupon = self.coupons.get(&caller.0, id.0.0).await?;
        Ok(Tagged { version: coupon.version(), body: (&coupon).into() })
    }

    /// Change a coupon
    ///
    /// A JSON merge patch.
    #[oai(path = "/coupons/:id", method = "patch", operation_id = "coupons.edit")]
    async fn edit(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Coupon>>,
        #[oai(name = "If-Match")] version: Header<Option<String>>,
        body: Json<CouponPatchBody>,
    ) -> Result<Tagged<200, CouponBody>, Problem> {
        let version = if_match(version.0.as_deref())?;
        let changes = body.0.parse()?;
        let edit = |coupon: &Coupon| Ok(changes.clone().over(CouponEdit::from(coupon.data())));
        answer(self.coupons.edit(&caller.0, id.0.0, version, edit).await)
    }

    /// Stop a coupon for good
    ///
    /// Orders that hold a use keep it.
    #[oai(path = "/coupons/:id/deactivate", method = "post", operation_id = "coupons.deactivate")]
    async fn deactivate(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Coupon>>,
    ) -> Result<Tagged<200, CouponBody>, Problem> {
        answer(self.coupons.deactivate(&caller.0, id.0.0).await)
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::{ParseFromJSON, ToJSON};
    use serde_json::{Value, json};

    use super::*;

    fn coupon(over: &Value) -> Coupon {
        let mut body = json!({"code": " spring-26", "discount": {"kind": "percent", "value": 10}});
        body.as_object_mut().unwrap().extend(over.as_object().cloned().unwrap_or_default());
        let new = NewCouponBody::parse_from_json(Some(body)).unwrap().parse().unwrap();
        let id = "cpn_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        Coupon::create(new(id, Owner::Platform), "2026-04-20T09:30:00Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_discount_is_one_of_two_shapes() {
        let fixed = json!({"kind": "fixed", "amount": {"amount": "5.00", "currency": "USD"}});
        for shape in [json!({"kind": "percent", "value": 10}), fixed] {
            let body = DiscountBody::parse_from_json(Some(shape.clone())).unwrap();
            assert_eq!(DiscountBody::from(body.parse().unwrap()).to_json(), Some(shape));
        }
        for shape in [json!({"kind": "percent"}), json!({"kind": "fixed", "value": 10}), json!({"value": 10})]
        {
            assert!(DiscountBody::parse_from_json(Some(shape.clone())).is_err(), "{shape}");
        }
        let nothing = json!({"kind": "fixed", "amount": {"amount": "0", "currency": "USD"}});
        for (shape, code) in [
            (json!({"kind": "percent", "value": 0}), "coupon.percent_out_of_range"),
            (json!({"kind": "percent", "value": 101}), "coupon.percent_out_of_range"),
            (nothing, "coupon.zero_discount"),
        ] {
            let body = DiscountBody::parse_from_json(Some(shape.clone())).unwrap();
            assert_eq!(body.parse().unwrap_err().code(), code, "{shape}");
        }
    }

    #[test]
    fn a_coupon_s_answer_has_every_member() {
        let answer = CouponBody::from(&coupon(&json!({"usageCap": 5}))).to_json().unwrap();
        assert_eq!(answer["code"], "SPRING-26");
        assert_eq!(answer["ownerTenantId"], "platform");
        assert_eq!(answer["discount"], json!({"kind": "percent", "value": 10}));
        assert_eq!(answer["validFrom"], "2026-04-20T09:30:00Z");
        assert_eq!(
            (&answer["usageCap"], &answer["usageCount"], &answer["active"]),
            (&json!(5), &json!(0), &json!(true))
        );
        for absent in ["perUserCap", "validUntil", "tenantScope", "providerScope"] {
            assert_eq!(answer.get(absent), Some(&Value::Null), "{absent}");
        }
    }

    #[test]
    fn a_patch_keeps_clears_and_sets() {
        let old = CouponEdit::from(coupon(&json!({"usageCap": 5, "perUserCap": 1})).data());
        let parse = |patch| CouponPatchBody::parse_from_json(Some(patch)).unwrap().parse();
        assert_eq!(parse(json!({})).unwrap().over(old.clone()), old);
        let new = parse(json!({"usageCap": null, "perUserCap": 2, "code": "summer"})).unwrap().over(old);
        assert_eq!((new.usage_cap, new.per_user_cap, new.code.as_str()), (None, Some(2), "SUMMER"));
        for (patch, code) in [
            (json!({"validFrom": null}), "validation_failed"),
            (json!({"discount": null}), "validation_failed"),
            (json!({"code": "a b"}), "coupon.code_malformed"),
        ] {
            assert_eq!(parse(patch.clone()).unwrap_err().code(), code, "{patch}");
        }
    }
}
