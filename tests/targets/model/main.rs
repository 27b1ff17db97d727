//! Model checking.

mod commands;
mod kept;
mod model;
mod large;
mod properties;
mod small;
mod soak;
mod step;
mod world;
