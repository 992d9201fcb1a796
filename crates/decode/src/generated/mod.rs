//! Tables made by the programs in `examples/`.

#[allow(unreachable_pub)] // records/ hands on those that are for others
pub(crate) mod resources;
