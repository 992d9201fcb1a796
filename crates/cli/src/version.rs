//! What `--version` prints: the version, the commit and the features it was built with.

/// `0.1.0`, and on further lines what somebody who looks into a problem needs. `build.rs` finds the commit.
pub(crate) const LONG: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\ncommit: ",
    env!("SNAPSCOPE_COMMIT"),
    "\nfeatures: ",
    env!("SNAPSCOPE_FEATURES"),
    "\ntarget: ",
    env!("SNAPSCOPE_TARGET"),
);
