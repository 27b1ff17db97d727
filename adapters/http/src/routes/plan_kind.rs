//! How a plan sells, on the wire.

use poem_openapi::Enum;
use sarai_domain::marketplace::values::PlanKind;

/// How a plan sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "PlanKind", rename_all = "snake_case", remote = "PlanKind")]
pub enum ApiPlanKind {
    /// Once, for one person, for ever.
    OneTime,
    /// For one person, for `intervalMonths` at a time.
    Subscription,
    /// A pack of `seats` for a tenant.
    SeatPack,
    /// For a whole tenant; unlimited unless `seats` is set.
    SiteLicense,
}
