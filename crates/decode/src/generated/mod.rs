//! Tables made by the programs in `examples/`.

#[allow(unreachable_pub)] // records/ re-exports the public ones
pub(crate) mod resources;
