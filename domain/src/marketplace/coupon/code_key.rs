//! What a code means: under which keys coupons are unique and which of them a buyer's code names (R55).

use std::{collections::BTreeMap, fmt};

use super::CouponData;
use crate::{
    kernel::TenantId,
    marketplace::values::{CouponCode, Owner},
};

/// The key that is unique over all coupons, inactive ones included (C-INV-1).
///
/// Its text is `owner scope code`, such as `platform * SPRING` or `provider:acme tenant:t1 SPRING`; no id
/// has a space, so one text has one meaning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeKey {
    /// Whose code it is: providers neither take nor see one another's.
    pub owner: Owner,
    /// The one buyer tenant it is for; none is a scope of its own, equal to itself.
    pub tenant_scope: Option<TenantId>,
    /// The normalised code.
    pub code: CouponCode,
}

impl From<&CouponData> for CodeKey {
    fn from(data: &CouponData) -> Self {
        Self { owner: data.owner.clone(), tenant_scope: data.tenant_scope.clone(), code: data.code.clone() }
    }
}

impl fmt::Display for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.owner {
            Owner::Platform => f.write_str("platform ")?,
            Owner::Provider(provider) => write!(f, "provider:{provider} ")?,
        }
        match &self.tenant_scope {
            None => f.write_str("* ")?,
            Some(tenant) => write!(f, "tenant:{tenant} ")?,
        }
        self.code.fmt(f)
    }
}

/// Every key under which a buyer's code may stand: the platform's and those of the lines' providers, each
/// for this buyer and for all.
pub fn code_keys<'a>(
    code: &CouponCode,
    buyer: &TenantId,
    providers: impl IntoIterator<Item = &'a TenantId>,
) -> Vec<CodeKey> {
    let owners = providers.into_iter().cloned().map(Owner::Provider);
    std::iter::once(Owner::Platform)
        .chain(owners)
        .flat_map(|owner| {
            [None, Some(buyer.clone())].map(|tenant_scope| CodeKey {
                owner: owner.clone(),
                tenant_scope,
                code: code.clone(),
            })
        })
        .collect()
}

/// Which of the coupons found under [`code_keys`] of one code it means: the platform's, else one of each
/// provider; the one for this buyer before the one for all. Nothing found means `coupon.not_found`.
pub fn resolve_code<T>(found: BTreeMap<CodeKey, T>) -> Vec<T> {
    // Keys sort by owner, then scope: the buyer's own comes after the one for all and replaces it.
    let mut by_owner: BTreeMap<Owner, T> =
        found.into_iter().map(|(key, coupon)| (key.owner, coupon)).collect();
    match by_owner.remove(&Owner::Platform) {
        Some(platform) => vec![platform],
        None => by_owner.into_values().collect(),
    }
}
