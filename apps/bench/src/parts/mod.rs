//! The parts, one file each.

mod hot;
mod purchase;

use crate::{Failure, bench::Bench, options::Part};

/// Measures a part.
pub(crate) async fn run(part: Part, bench: &mut Bench) -> Result<(), Failure> {
    match part {
        Part::Purchase => purchase::run(bench).await,
        Part::Hot => hot::run(bench).await,
        _ => Err("not there yet".into()),
    }
}
