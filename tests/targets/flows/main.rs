//! Whole purchases over the use cases, the memory store and the stand-ins, on a clock the test moves.

mod earnings;
mod payments;
mod purchase;
mod refunds;
mod world;
