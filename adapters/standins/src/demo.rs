//! The demo world as tables: accounts, courses (platform.md 8, rulings R4 and R64).

use sarai_ports::auth::Role;

/// The password of every demo account.
pub const PASSWORD: &str = "sarai-demo";

/// How many demo courses there are.
pub const COURSES: u32 = 20;

/// A demo account, which is its own tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoAccount {
    /// The address it signs in with.
    pub email: &'static str,
    /// Its account, tenant and user id.
    pub id: &'static str,
    /// What it may act as.
    pub roles: &'static [Role],
    /// Whether its tenant is verified as a seller.
    pub kyc_verified: bool,
}

const fn account(
    email: &'static str,
    id: &'static str,
    roles: &'static [Role],
    kyc_verified: bool,
) -> DemoAccount {
    DemoAccount { email, id, roles, kyc_verified }
}

/// Every demo account.
#[rustfmt::skip]
pub const ACCOUNTS: &[DemoAccount] = {
    use Role::{Customer, Developer, PlatformAdmin, Provider, TenantAdmin};
    &[
        account("provider@demo.test",  "acc_demo_provider",  &[Provider],              true),
        account("buyer@demo.test",     "acc_demo_buyer",     &[Customer, TenantAdmin], false),
        account("admin@demo.test",     "acc_demo_admin",     &[PlatformAdmin],         false),
        account("developer@demo.test", "acc_demo_developer", &[Developer, Customer],   false),
        account("customer@demo.test",  "acc_demo_customer",  &[Customer],              false),
        account("other@demo.test",     "acc_demo_other",
                                       &[Customer, Provider, Developer, TenantAdmin],  false),
    ]
};

/// A demo course version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoVersion {
    /// Its course.
    pub course: String,
    /// Its id.
    pub version: String,
    /// Whether its play package is built; published it is in any case.
    pub built: bool,
}

/// Every demo course version: the buildable ones, and one that is published only.
pub fn versions() -> impl Iterator<Item = DemoVersion> {
    let version = |name: String, built| DemoVersion {
        course: format!("crs_{name}"),
        version: format!("cv_{name}"),
        built,
    };
    let built = (1..=COURSES).map(move |number| version(format!("demo_{number}"), true));
    built.chain([version("unbuilt_1".to_owned(), false)])
}
