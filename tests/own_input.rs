//! No command replaces its own input, by any name that `--out` may have for it.

use crate::support::{Fixture, run};
use std::fs;
use std::path::{Path, PathBuf};

fn refuses(args: &[&str], file: &Path, before: &[u8]) {
    let ran = run(args);
    assert_eq!(ran.code(), 2, "{args:?}: {}", ran.stderr);
    assert!(ran.stderr.contains("which would be overwritten"), "{args:?}: {}", ran.stderr);
    assert!(fs::read(file).unwrap() == before, "{args:?}: the input changed");
}

/// Each command that writes a file, with `--force`.
fn writers<'a>(input: &'a str, out: &'a str) -> Vec<Vec<&'a str>> {
    let redact = ["redact", input, "--force", "--out", out];
    vec![
        vec!["salvage", input, "--force", "--out", out],
        vec!["extract", input, "--force", "--only", "kv", "--out", out],
        redact.to_vec(),
        vec!["pack", input, "--force", "--out", out],
        vec!["report", input, "--force", "--out", out],
        vec!["export", input, "--to", "kv-json", "--force", "--out", out],
    ]
}

#[cfg(unix)]
#[test]
fn the_input_is_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { dir.path().join(name) };
    let text = |name: &str| at(name).to_str().unwrap().to_owned();
    let good = fs::read(Fixture::snap("consul-1.8.7/small-a").path).unwrap();
    fs::write(at("in.snap"), &good).unwrap();
    fs::create_dir(at("sub")).unwrap();
    fs::hard_link(at("in.snap"), at("hard.snap")).unwrap();
    std::os::unix::fs::symlink(at("in.snap"), at("soft.snap")).unwrap();
    std::os::unix::fs::symlink(dir.path(), at("sub/back")).unwrap();
    for (input, out) in [
        ("in.snap", "in.snap"),
        ("in.snap", "sub/../in.snap"),
        ("in.snap", "sub/back/in.snap"),
        ("in.snap", "hard.snap"),
        ("soft.snap", "in.snap"),
        ("in.snap", "soft.snap"),
    ] {
        for args in writers(&text(input), &text(out)) {
            refuses(&args, &at("in.snap"), &good);
        }
    }
    let (input, other) = (text("in.snap"), text("other.snap"));
    let map = ["redact", &input, "--force", "--out", &other, "--pseudonymise", "--map", &input];
    refuses(&map, &at("in.snap"), &good);

    // The files of a folder, by either name.
    let folder = at("folder");
    fs::create_dir(&folder).unwrap();
    let members = snapscope_testkit::fixtures::unpack(&good).unwrap();
    for (name, bytes) in members.iter().filter(|(name, _)| name.as_str() != "SHA256SUMS") {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let state = fs::read(folder.join("state.bin")).unwrap();
    fs::hard_link(folder.join("state.bin"), at("linked.bin")).unwrap();
    for (input, out) in [
        ("folder", "folder/state.bin"),
        ("folder", "folder/meta.json"),
        ("folder", "linked.bin"),
        ("folder/state.bin", "folder/state.bin"),
        ("folder/state.bin", "folder/meta.json"),
    ] {
        for args in writers(&text(input), &text(out)) {
            refuses(&args, &folder.join("state.bin"), &state);
        }
    }

    // Another file is replaced, and a new one may be next to the others.
    for out in ["other.snap", "folder/new.snap"] {
        for args in writers(&text("folder"), &text(out)) {
            assert_eq!(run(&args).code(), 0, "{args:?}");
            assert!(at(out).exists());
            fs::remove_file(at(out)).unwrap();
        }
    }
}
