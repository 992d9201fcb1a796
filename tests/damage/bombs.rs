//! Files that claim more than they have, or contain more than anybody needs, are answered with
//! little memory and soon.

use super::is_marked;
use crate::support::{Ran, binary, finish, run, write};
use snapscope_testkit::archive::{gzip, tar_header};
use snapscope_testkit::generate::{self, GenerateOptions};
use snapscope_testkit::records::kv;
use snapscope_testkit::snapshot::header;
use snapscope_testkit::{Archive, SnapshotSpec};
use std::path::Path;
use std::process::Command;

/// Runs the binary with little address space; returns its output.
fn run_in(mebibytes: u64, args: &[&str], path: &Path) -> Ran {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -v {} && exec \"$@\"", mebibytes << 10)).arg("sh");
    command.arg(env!("CARGO_BIN_EXE_snapscope")).args(args).args(["--jobs", "2"]).arg(path);
    let begin = std::time::Instant::now();
    let ran = finish(command.stdin(std::process::Stdio::null()), b"");
    assert!(begin.elapsed().as_secs() < 60, "{args:?} took {:?}", begin.elapsed());
    ran
}

fn bomb(name: &str, bytes: &[u8], said: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), name, bytes);
    for args in [&["inspect"][..], &["decode"], &["decode", "--raw"], &["breakdown"], &["top"]] {
        let ran = run_in(700, args, &path);
        assert_eq!(ran.code(), 3, "{name} {args:?}: {}", ran.stderr);
        assert!(is_marked(args, &ran), "{name} {args:?}");
        assert!(said.iter().any(|s| ran.stderr.contains(s)), "{name} {args:?}: {}", ran.stderr);
    }
}

fn state_of(body: &[u8]) -> Vec<u8> {
    [header(7), kv::entry("first", "v", 0, 5).bytes(), body.to_vec()].concat()
}

/// False lengths, in every form of msgpack, bare and in an archive whose hashes match.
#[test]
fn lengths_that_lie_reserve_nothing() {
    for (name, body) in [
        ("raw32", &b"\x02\xdb\xff\xff\xff\xff"[..]),
        ("bin32", b"\x02\xc6\xff\xff\xff\xff"),
        ("ext32", b"\x02\xc9\xff\xff\xff\xff\x01"),
        ("array32", b"\x02\xdd\xff\xff\xff\xff"),
        ("map32", b"\x02\xdf\xff\xff\xff\xff"),
        (
            "maps of maps",
            b"\x02\xdf\xff\xff\xff\xff\xdf\xff\xff\xff\xff\xdf\xff\xff\xff\xff\xdd\xff\xff\xff\xff",
        ),
        ("nested", b"\x02\x81\xa3Key\xdd\x7f\xff\xff\xff\xc0\xc0"),
    ] {
        let state = state_of(body);
        bomb(name, &state, &["missing", "limit", "ends inside", "bytes are left"]);
        let spec = SnapshotSpec::new(Vec::new());
        bomb(
            name,
            &Archive::new(&spec.meta, &state).snap(),
            &["missing", "limit", "ends inside", "bytes are left"],
        );
    }
}

/// A state whose first record is nested this deep, followed by an ordinary one.
fn deep(kind: u8, level: &[u8], levels: usize) -> Vec<u8> {
    let mut state = header(7);
    state.push(kind);
    state.extend(std::iter::repeat_n(level, levels).flatten());
    state.push(0xc0);
    state.extend(kv::entry("behind", "v", 0, 5).bytes());
    state
}

const DEEP: [(&str, u8, &[u8]); 3] =
    [("lists", 200, b"\x91"), ("maps", 200, b"\x81\xa1k"), ("a register", 0, b"\x81\xa1k")];

/// Nested ten million levels deep, and walked without a stack.
#[test]
fn deep_nesting_needs_no_stack() {
    let dir = tempfile::tempdir().unwrap();
    for (name, kind, level) in DEEP {
        let path = write(dir.path(), "deep", &deep(kind, level, 10_000_000));
        for args in [
            &["inspect"][..],
            &["breakdown", "--by", "service"],
            &["breakdown", "--by", "namespace"],
            &["top"],
        ] {
            let ran = run_in(700, args, &path);
            let code = ran.code();
            assert!(code == 0 || code == 3, "{name} {args:?}: {}", ran.stderr);
            assert!(!ran.stdout.is_empty());
        }
    }
}

/// It is rendered up to a limit, and what follows is rendered too.
#[test]
fn deep_nesting_is_rendered_to_a_limit() {
    let dir = tempfile::tempdir().unwrap();
    for (name, kind, level) in DEEP {
        let path = write(dir.path(), "deep", &deep(kind, level, 500_000));
        for args in [&["decode"][..], &["decode", "--raw"], &["decode", "--max-depth", "1000"]] {
            let ran = run_in(700, args, &path);
            let code = ran.code();
            assert!(code == 0 || code == 3, "{name} {args:?}: {}", ran.stderr);
            assert!(ran.text().contains("behind"), "{name} {args:?}");
        }
    }
}

/// What `--more` shows of records must not take longer for deeper nesting.
#[test]
fn deep_nesting_is_no_work_for_more() {
    let dir = tempfile::tempdir().unwrap();
    for (name, kind, level) in DEEP {
        let path = write(dir.path(), "deep", &deep(kind, level, 150_000));
        let begin = std::time::Instant::now();
        let ran = run_in(700, &["inspect", "--more"], &path);
        assert!(ran.code() == 0 || ran.code() == 3, "{name}: {}", ran.stderr);
        assert!(begin.elapsed().as_secs() < 5, "{name} took {:?}", begin.elapsed());
    }
}

/// A bomb of zeros: only an error is printed.
#[test]
fn a_gzip_bomb_is_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let zeros = vec![0; 16 << 20];
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    let size = 64u64 << 30;
    std::io::Write::write_all(&mut encoder, &tar_header("state.bin", size, 1)).unwrap();
    std::io::Write::write_all(&mut encoder, &header(7)).unwrap();
    for _ in 0..24 {
        std::io::Write::write_all(&mut encoder, &zeros).unwrap();
    }
    let path = write(dir.path(), "zeros.snap", &encoder.finish().unwrap());
    let ran = run_in(700, &["inspect"], &path);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("bomb"), "{}", ran.stderr);
    assert!(is_marked(&["inspect"], &ran));
    // With a higher limit it is truncated, but not a bomb.
    let ran = run_in(700, &["inspect", "--max-ratio", "2000"], &path);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    assert!(!ran.stderr.contains("bomb"), "{}", ran.stderr);
}

/// Sizes and numbers of members that no snapshot has.
#[test]
fn tar_bombs_are_stopped() {
    let huge = |name: &str| [tar_header(name, 1 << 50, 1), vec![0x81; 5000]].concat();
    bomb("huge state", &huge("state.bin"), &["limit"]);
    bomb("huge meta", &huge("meta.json"), &["claims to have"]);
    bomb("huge stranger", &huge("stranger"), &["stranger"]);
    bomb("huge state, compressed", &gzip(&huge("state.bin"), 6), &["limit"]);
    let mut many = Vec::new();
    for number in 0..100_000 {
        many.extend(tar_header(&format!("member-{number}"), 0, 1));
    }
    bomb("many members", &many, &["64 members"]);
    bomb("many members, compressed", &gzip(&many, 6), &["64 members"]);
    let mut long = tar_header("././@LongLink", 1 << 32, 1);
    long[156] = b'L';
    long[148..156].fill(b' ');
    let sum: u32 = long.iter().map(|b| u32::from(*b)).sum();
    long[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    long.resize(1 << 20, b'x');
    bomb("a long name", &long, &["extended tar header"]);
}

/// Peak memory of a run in bytes, as the system counted it shortly before its end.
fn peak(args: &[&str], path: &Path) -> u64 {
    let mut child = binary()
        .args(args)
        .arg(path)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(kibibytes.unwrap_or(0) << 10);
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert_eq!(child.wait().unwrap().code(), Some(0));
    peak
}

/// Memory does not grow with the file: 64 MiB and three times the largest record suffice.
#[test]
fn memory_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let options = GenerateOptions { bytes: 200 << 20, level: 1, ..GenerateOptions::default() };
    for form in [generate::Container::Snap, generate::Container::State] {
        let path = dir.path().join("generated");
        generate::write_to(&options, form, &path).unwrap();
        let top = run(["top", "-n", "1", "-o", "json", path.to_str().unwrap()]);
        let largest = top.json()["records"][0]["bytes"].as_u64().unwrap();
        let bound = (64 << 20) + 3 * largest;
        for args in [
            &["inspect"][..],
            &["inspect", "-kvdetails"],
            &["decode"],
            &["breakdown"],
            &["breakdown", "--by", "prefix"],
            &["top"],
        ] {
            let peak = peak(args, &path);
            assert!(peak > 1 << 20, "nothing was measured");
            assert!(peak <= bound, "{args:?} {form:?}: {} MiB", peak >> 20);
        }
    }
}
