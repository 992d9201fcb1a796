//! No damaged file is accepted as whole. What precedes the damage is returned. Nothing panics,
//! hangs, or uses memory out of proportion to the file.

// The memory of a process is limited in the way of Linux.
#[cfg(target_os = "linux")]
mod bombs;
mod raft_dir;

use crate::support::{Fixture, Ran, in_parallel, run, split, write};
use flate2::read::MultiGzDecoder;
use serde_json::Value;
use snapscope_archive::{Closing, OpenOptions, Source, Verdict, open};
use snapscope_testkit::archive::gzip;
use snapscope_testkit::damage::{bit_flips, deletions, insertions, substitutions, truncations};
use snapscope_testkit::random::SplitMix64;
use snapscope_testkit::records::kv;
use snapscope_testkit::{Archive, SnapshotSpec, fixtures};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::Mutex;

/// The snapshot of a new server: small enough to damage every byte.
fn small() -> Fixture {
    Fixture::snap("consul-1.21.4/empty")
}

/// The content of a source, read in process.
fn read(source: &Source) -> (Vec<Vec<u8>>, Closing) {
    read_by(1, source)
}

fn read_by(threads: usize, source: &Source) -> (Vec<Vec<u8>>, Closing) {
    let options = OpenOptions { threads, ..OpenOptions::default() };
    let mut blocks = open(source, &options).expect("it can be opened");
    let mut records = Vec::new();
    for block in blocks.by_ref() {
        records.extend(block.frames().map(|frame| frame.bytes.to_vec()));
    }
    let closing = blocks.finish();
    assert_eq!(closing.records, records.len() as u64);
    let damaged = closing.integrity.damage().next().is_some();
    assert_eq!(damaged, closing.is_damaged());
    (records, closing)
}

fn memory(bytes: &[u8]) -> Source {
    Source::Memory(bytes.into())
}

/// What an independent reader inflates before an error, and whether there was one.
fn inflate(bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut from = MultiGzDecoder::new(bytes);
    let mut buffer = [0; 512];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return (out, true),
            Ok(n) => out.extend_from_slice(&buffer[..n]),
            Err(_) => return (out, false),
        }
    }
}

/// An archive, and the offset in its tar at which each record ends.
struct Whole {
    snap: Vec<u8>,
    tar: Vec<u8>,
    records: Vec<Vec<u8>>,
    ends: Vec<usize>,
}

impl Whole {
    fn of(snap: Vec<u8>) -> Self {
        let (tar, good) = inflate(&snap);
        assert!(good);
        let state = fixtures::state_of(&snap);
        let start = tar.windows(state.len()).position(|w| w == state).expect("it is in there");
        let records: Vec<Vec<u8>> = split(&state).iter().map(|(_, b)| b.to_vec()).collect();
        let mut at = start + state.len() - records.iter().map(Vec::len).sum::<usize>();
        let ends = records.iter().map(|r| {
            at += r.len();
            at
        });
        let ends = ends.collect();
        Self { snap, tar, records, ends }
    }

    /// Number of complete records in the part of the tar that inflates unchanged.
    fn surviving(&self, inflated: &[u8]) -> usize {
        let same = self.tar.iter().zip(inflated).take_while(|(a, b)| a == b).count();
        self.ends.iter().take_while(|end| **end <= same).count()
    }

    /// Checks a damaged copy; returns whether the damage was found.
    fn check(&self, bytes: &[u8], what: &str) -> bool {
        let (records, closing) = read(&memory(bytes));
        let (inflated, readable) = inflate(bytes);
        let surviving = self.surviving(&inflated);
        // More threads inflate differently; starting them each time would take too long.
        if bytes.len().is_multiple_of(4)
            || bytes.iter().map(|b| usize::from(*b)).sum::<usize>() % 8 == 0
        {
            let (theirs, other) = read_by(3, &memory(bytes));
            assert_eq!(other.is_damaged(), closing.is_damaged(), "{what}: by more threads");
            assert!(theirs.len() >= surviving, "{what}: {} of {surviving} records", theirs.len());
            assert!(theirs == records, "{what}: other records by more threads");
        }
        assert!(records.len() >= surviving, "{what}: {} of {surviving} records", records.len());
        assert!(records[..surviving] == self.records[..surviving], "{what}: records changed");
        if !closing.is_damaged() {
            assert!(readable && inflated == self.tar, "{what}: damage that nobody noticed");
            assert!(records == self.records, "{what}: other records");
            assert_eq!(closing.integrity.verdict, Verdict::Verified, "{what}");
        }
        closing.is_damaged()
    }
}

#[test]
fn an_archive_cut_off_anywhere_is_damaged() {
    let forms = [
        std::fs::read(small().path).unwrap(),
        Archive { gzip_members: 3, ..Archive::of_files(&small().meta(), &small().state()) }.snap(),
    ];
    for snap in forms {
        let whole = Whole::of(snap);
        let (records, closing) = read(&memory(&whole.snap));
        assert!(records == whole.records && !closing.is_damaged());
        in_parallel(truncations(&whole.snap).collect(), |cut| {
            let what = format!("cut off at {}", cut.len());
            assert!(whole.check(cut, &what), "{what}: not noticed");
            // The result is the beginning of the whole, and nothing else.
            assert!(whole.records.starts_with(&read(&memory(cut)).0), "{what}");
        });
    }
}

/// 20,000 changes: each is found, or is in bits without a meaning.
#[test]
fn every_change_of_an_archive_is_found() {
    let whole = Whole::of(std::fs::read(small().path).unwrap());
    let changed = bit_flips(&whole.snap, 10_000, 1)
        .chain(substitutions(&whole.snap, 10_000, 2))
        .chain(insertions(&whole.snap, 500, 3))
        .chain(deletions(&whole.snap, 500, 4))
        .collect();
    let silent = Mutex::new(BTreeMap::<usize, Vec<u8>>::new());
    in_parallel(changed, |damaged| {
        if !whole.check(&damaged.bytes, &damaged.what) {
            let byte = damaged.bytes[damaged.offset];
            silent.lock().unwrap().entry(damaged.offset).or_default().push(byte);
        }
    });
    let silent = silent.into_inner().unwrap();
    // MTIME, XFL and OS of the gzip header, and FTEXT, the lowest bit of its flags, have no effect.
    // Elsewhere `check` has proved it: the same bytes, with the same checksum. These are bits after
    // the last block, and codes that no symbol uses.
    for (offset, bytes) in silent.iter().filter(|(offset, _)| **offset < 4) {
        assert!(*offset == 3 && bytes.iter().all(|b| *b == 1), "byte {offset}: {bytes:02x?}");
    }
    let in_the_data = silent.keys().filter(|offset| **offset > 9).count();
    assert!(in_the_data <= 8, "too many bytes say nothing: {silent:?}");
}

/// Damage to the uncompressed tar is found, or is in padding outside of all members.
#[test]
fn every_change_of_a_tar_is_found() {
    let tar = Archive::of_files(&small().meta(), &small().state()).tar();
    let members = fixtures::unpack(&gzip(&tar, 1)).unwrap();
    let (expected, _) = read(&memory(&tar));
    let changed = bit_flips(&tar, 4000, 5).chain(substitutions(&tar, 4000, 6)).collect();
    in_parallel(changed, |damaged| {
        let (records, closing) = read(&memory(&damaged.bytes));
        if !closing.is_damaged() {
            let theirs = fixtures::unpack(&gzip(&damaged.bytes, 0)).unwrap();
            assert!(theirs[..2] == members[..2] && records == expected, "{}", damaged.what);
            // A hash may be in capitals, and another space before a name is allowed.
            let (ours, theirs) = (sums(&members[2].1), sums(&theirs[2].1));
            assert_eq!(ours, theirs, "{}", damaged.what);
        }
    });
    in_parallel(truncations(&tar).collect(), |cut| {
        let (records, closing) = read(&memory(cut));
        assert!(expected.starts_with(&records), "cut off at {}", cut.len());
        // Consul also accepts a tar without zero blocks.
        if cut.len() < tar.len() - 1024 {
            assert!(closing.is_damaged(), "cut off at {}", cut.len());
        }
    });
}

/// The words of SHA256SUMS.
fn sums(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text).to_lowercase();
    text.split_whitespace().map(str::to_owned).collect()
}

/// Whether an independent reader finds records up to the end.
fn walks(state: &[u8]) -> bool {
    let mut rest = state;
    let Ok(header) = rmpv::decode::read_value(&mut rest) else { return false };
    let has_index = header.as_map().is_some_and(|m| {
        m.iter().any(|(k, v)| k.as_str() == Some("LastIndex") && v.as_u64().is_some())
    });
    while let [_, value @ ..] = rest {
        rest = value;
        if rmpv::decode::read_value(&mut rest).is_err() {
            return false;
        }
    }
    has_index
}

/// A bare state.bin: broken framing is found; otherwise the state is never called verified.
#[test]
fn a_bare_state_is_damaged_or_unverified() {
    let state = small().state();
    let (expected, closing) = read(&memory(&state));
    assert_eq!(closing.integrity.verdict, Verdict::Unverified);
    let changed = bit_flips(&state, 10_000, 9).chain(substitutions(&state, 10_000, 10)).collect();
    let counts = Mutex::new((0, 0));
    in_parallel(changed, |damaged| {
        let (_, closing) = read(&memory(&damaged.bytes));
        let verdict = closing.integrity.verdict;
        if walks(&damaged.bytes) {
            // The other reader accepts the one byte that msgpack never uses, as nil.
            let reserved = damaged.bytes.contains(&0xc1);
            assert!(verdict == Verdict::Unverified || reserved, "{}: {verdict:?}", damaged.what);
            counts.lock().unwrap().0 += 1;
        } else {
            assert_eq!(verdict, Verdict::Damaged, "{}", damaged.what);
            counts.lock().unwrap().1 += 1;
        }
    });
    let (unverified, found) = counts.into_inner().unwrap();
    assert!(unverified > 1000 && found > 1000, "{unverified} {found}");
    in_parallel(truncations(&state).collect(), |cut| {
        let (records, closing) = read(&memory(cut));
        assert!(expected.starts_with(&records));
        let expected = if walks(cut) { Verdict::Unverified } else { Verdict::Damaged };
        assert_eq!(closing.integrity.verdict, expected, "cut off at {}", cut.len());
    });
}

/// A meta.json next to it has the size, so every cut is found.
#[test]
fn a_state_shorter_than_its_meta_says_is_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let state = small().state();
    write(dir.path(), "meta.json", &small().meta());
    let path = dir.path().join("state.bin");
    for cut in truncations(&state) {
        std::fs::write(&path, cut).unwrap();
        for source in [Source::File(path.clone()), Source::Directory(dir.path().to_owned())] {
            let (_, closing) = read(&source);
            assert!(closing.is_damaged(), "cut off at {}", cut.len());
        }
    }
    std::fs::write(&path, [state.as_slice(), b"\x10\xc0"].concat()).unwrap();
    assert!(read(&Source::File(path.clone())).1.is_damaged());
    std::fs::write(&path, &state).unwrap();
    assert_eq!(read(&Source::File(path)).1.integrity.verdict, Verdict::Unverified);
}

/// Reported offsets, including those of records, are inside the file.
#[test]
fn damage_says_where() {
    let state = small().state();
    for damaged in bit_flips(&state, 2000, 11) {
        let (_, closing) = read(&memory(&damaged.bytes));
        if let Some(damage) = &closing.damage {
            assert!(damage.offset <= damaged.bytes.len() as u64, "{}: {damage}", damaged.what);
            assert!(damage.record_offset <= damage.offset, "{}: {damage}", damaged.what);
            let text = closing.integrity.damage().next().unwrap().to_string();
            assert!(text.contains("byte"), "{text}");
        }
    }
}

/// The forms of output, and how each marks incomplete output.
const FORMS: [&[&str]; 13] = [
    &["inspect"],
    &["inspect", "-kvdetails"],
    &["inspect", "-format=json"],
    &["inspect", "--more"],
    &["decode"],
    &["decode", "--raw"],
    &["decode", "--type", "KVS"],
    &["breakdown"],
    &["breakdown", "--by", "prefix", "-o", "json"],
    &["breakdown", "-o", "jsonl"],
    &["top"],
    &["top", "-o", "json"],
    &["top", "-o", "jsonl"],
];

fn is_marked(args: &[&str], ran: &Ran) -> bool {
    let text = String::from_utf8_lossy(&ran.stdout);
    let last = text.lines().last().unwrap_or_default();
    // Consul's objects and commands have Consul's names; our own reports have ours.
    let is_consuls = matches!(args[0], "inspect" | "decode");
    let has_mark =
        |json: &Value| json[if is_consuls { "Incomplete" } else { "incomplete" }] == true;
    if args[0] == "decode" || args.contains(&"jsonl") {
        serde_json::from_str(last).is_ok_and(|line| has_mark(&line))
    } else if args.iter().any(|a| a.contains("json")) {
        serde_json::from_str(&text).is_ok_and(|whole| has_mark(&whole))
    } else {
        last.starts_with("Incomplete")
    }
}

fn check_run(args: &[&str], path: &Path, expected: i32, what: &str) {
    let ran = run(args.iter().map(AsRef::as_ref).chain([path.as_os_str()]));
    assert_eq!(ran.code(), expected, "{args:?} {what}: {}", ran.stderr);
    if expected == 3 {
        assert!(is_marked(args, &ran), "{args:?} {what}: {}", String::from_utf8_lossy(&ran.stdout));
        assert!(ran.stderr.contains("damaged"), "{args:?} {what}: {}", ran.stderr);
    } else {
        assert!(!is_marked(args, &ran), "{args:?} {what}");
    }
}

/// Some hundreds of damaged files through the binary, of a small and a medium snapshot.
#[test]
fn the_binary_ends_with_3_and_marks_its_answer() {
    let large = std::fs::read(Fixture::snap("consul-1.14.7/small-a").path).unwrap();
    let small = std::fs::read(small().path).unwrap();
    let state = Fixture::snap("consul-1.21.4/small-a").state();
    let mut cases = Vec::new();
    for (bytes, count, seed) in [(&small, 60, 20), (&large, 40, 30), (&state, 40, 40)] {
        let all = bit_flips(bytes, count, seed)
            .chain(substitutions(bytes, count, seed + 1))
            .chain(insertions(bytes, count / 2, seed + 2))
            .chain(deletions(bytes, count / 2, seed + 3));
        cases.extend(all.map(|d| (d.what, d.bytes)));
        let mut random = SplitMix64::new(seed + 4);
        cases.extend((0..count).map(|_| {
            let end = random.index(bytes.len());
            (format!("cut off at {end}"), bytes[..end].to_vec())
        }));
    }
    let dir = tempfile::tempdir().unwrap();
    in_parallel(cases.into_iter().enumerate().collect(), |(number, (what, bytes))| {
        let path = write(dir.path(), &number.to_string(), bytes);
        let (_, closing) = read(&Source::File(path.clone()));
        let args = FORMS[number % FORMS.len()];
        if closing.is_damaged() {
            check_run(args, &path, 3, what);
        } else {
            // A change that leaves the framing intact may still give a field an invalid value.
            let ran = run(args.iter().map(AsRef::as_ref).chain([path.as_os_str()]));
            let code = ran.code();
            assert!(code == 0 || code == 3, "{args:?} {what}: {}", ran.stderr);
            assert_eq!(is_marked(args, &ran), code == 3, "{args:?} {what}");
        }
        std::fs::remove_file(path).unwrap();
    });
}

/// Each form of output marks incomplete output, and each kind of damage is reported.
#[test]
fn every_form_of_output_is_marked() {
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read(small().path).unwrap();
    let archive = Archive::of_files(&small().meta(), &small().state());
    let cases = [
        write(dir.path(), "cut", &whole[..whole.len() / 2]),
        write(dir.path(), "tail", &[&whole[..], b"garbage"].concat()),
        write(dir.path(), "hash", &archive.clone().wrong_hash("state.bin").snap()),
        write(dir.path(), "sums", &archive.clone().without("SHA256SUMS").snap()),
        write(dir.path(), "state", &small().state()[..1000]),
        write(dir.path(), "empty", b""),
    ];
    for path in cases {
        for args in FORMS {
            check_run(args, &path, 3, &path.display().to_string());
            check_run(&[args, &["--jobs", "1"]].concat(), &path, 3, &path.display().to_string());
        }
    }
    let good = write(dir.path(), "good", &whole);
    FORMS.iter().for_each(|args| check_run(args, &good, 0, "whole"));
}

/// A table in CSV must not look complete either.
#[test]
fn csv_is_marked_too() {
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read(small().path).unwrap();
    let path = write(dir.path(), "cut", &whole[..whole.len() - 4]);
    for command in ["breakdown", "top"] {
        let ran = run([command, "-o", "csv", path.to_str().unwrap()]);
        assert_eq!(ran.code(), 3);
        let last = ran.text().lines().last().unwrap().to_lowercase();
        assert!(last.contains("incomplete"), "{command}: {}", ran.text());
    }
}

/// Random bytes, with and without a valid beginning.
#[test]
fn random_bytes_are_damage() {
    let mut random = SplitMix64::new(50);
    let mut cases = Vec::new();
    for number in 0..3000 {
        let mut bytes = vec![0; random.index(3000)];
        random.fill(&mut bytes);
        let start: &[u8] = match number % 6 {
            0 => b"",
            1 => b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff",
            2 => b"\x81\xa9LastIndex\x07",
            3 => b"\x81\xa9LastIndex\x07\x02\x87",
            4 => b"\x81",
            _ => b"\x1f\x8b",
        };
        cases.push([start, &bytes].concat());
    }
    in_parallel(cases, |bytes| {
        let (_, closing) = read(&memory(bytes));
        if !walks(bytes) || bytes.starts_with(b"\x1f\x8b") {
            assert!(closing.is_damaged(), "{}", bytes.escape_ascii());
        }
        // The same for a raw stream in gzip and in tar.
        let _ = read(&memory(&gzip(bytes, 1)));
        let tar = Archive::of_files(bytes, bytes).snap();
        assert!(read(&memory(&tar)).1.is_damaged());
    });
}

/// Reading ends at a record beyond the limit; a higher limit reads it.
#[test]
fn the_limit_for_records_can_be_moved() {
    let spec = SnapshotSpec::new(vec![
        kv::entry("small", "v", 0, 5),
        kv::entry("large", "v".repeat(100_000), 0, 6),
        kv::entry("small too", "v", 0, 7),
    ]);
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &spec.snap());
    let path = path.to_str().unwrap();
    let ran = run(["decode", "--max-record-size", "50000", path]);
    assert_eq!(ran.code(), 3);
    assert_eq!(ran.lines().len(), 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("50000"), "{}", ran.stderr);
    assert_eq!(run(["decode", "--max-record-size", "200000", path]).code(), 0);
    let ran = run(["decode", "--max-state-size", "50000", path]);
    assert_eq!(ran.code(), 3);
    assert!(ran.stderr.contains("--max-state-size"), "{}", ran.stderr);
}
