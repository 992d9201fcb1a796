//! The output of `--version`: the version, and the commit and features of the build.

/// `0.1.0`, and on further lines facts for the investigation of problems. `build.rs` finds the
/// commit.
pub(crate) const LONG: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\ncommit: ",
    env!("SNAPSCOPE_COMMIT"),
    "\nfeatures: ",
    env!("SNAPSCOPE_FEATURES"),
    "\ntarget: ",
    env!("SNAPSCOPE_TARGET"),
);
