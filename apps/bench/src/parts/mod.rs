//! The parts, one file each.

mod catalogue;
mod cost;
mod entitlement;
mod hot;
mod overload;
mod purchase;
mod relay;
mod verify;

use crate::{Failure, bench::Bench, options::Part};

/// Measures a part.
pub(crate) async fn run(part: Part, bench: &mut Bench) -> Result<(), Failure> {
    match part {
        Part::Purchase => purchase::run(bench).await,
        Part::Cost => cost::run(bench).await,
        Part::Hot => hot::run(bench).await,
        Part::Catalogue => catalogue::run(bench).await,
        Part::Entitlement => entitlement::run(bench).await,
        Part::Overload => overload::run(bench).await,
        Part::Relay => relay::run(bench).await,
        Part::Check => verify::cost(bench).await,
        Part::Verify => verify::run(bench).await,
    }
}
