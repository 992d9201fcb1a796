//! The programs in `examples`, of this crate and of the one it builds on.

#![allow(clippy::unwrap_used)] // helpers of tests fail as tests do

#[allow(dead_code, reason = "main is for the command line")]
#[path = "../../archive/examples/check.rs"]
mod check;
#[allow(dead_code, reason = "main is for the command line")]
#[path = "../examples/pack.rs"]
mod pack;

use snapscope_testkit::fixtures;

#[test]
fn a_raft_folder_is_packed_as_a_sound_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("packed.snap");
    pack::pack(&fixtures::root().join("consul-1.21.4/raft-dir"), &file).unwrap();
    let mut out = Vec::new();
    check::check(&file, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.ends_with(" records, verified\n"), "{out}");
    assert!(pack::pack(&file, &file).is_err(), "an existing file is not replaced");
}
