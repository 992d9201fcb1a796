//! A server's log and its snapshots, damaged and incomplete: what is whole is shown, what is missing is
//! said, and the output is marked.

use crate::support::{Ran, data_dir, recorded, run};
use serde_json::Value;
use snapscope_raftlog::wal::Segment;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

const BOLT: &str = "consul-1.8.7";
const WAL: &str = "consul-1.21.4-wal";

fn segment(data: &str) -> PathBuf {
    let mut files =
        fs::read_dir(Path::new(data).join("raft/wal")).unwrap().map(|f| f.unwrap().path());
    files.find(|path| path.extension().is_some_and(|ending| ending == "wal")).unwrap()
}

/// Damages the value of an entry in the segment, whose commit then does not fit.
fn lose(data: &str, index: u64) {
    let path = segment(data);
    let mut at = None;
    Segment::open(File::open(&path).unwrap())
        .unwrap()
        .walk(&mut |_| ControlFlow::Continue(()), &mut |committed| {
            at = at.or((committed.entry.index == index).then_some(committed.offset));
            ControlFlow::Continue(())
        })
        .unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[usize::try_from(at.unwrap()).unwrap() + 24] ^= 0x40;
    fs::write(&path, &bytes).unwrap();
}

/// Cuts off half of the state of a snapshot.
fn cut_snapshot(data: &str, index: u64) {
    let folders = fs::read_dir(Path::new(data).join("raft/snapshots")).unwrap();
    let folder = folders
        .map(|folder| folder.unwrap().path())
        .find(|folder| folder.to_str().unwrap().contains(&format!("-{index}-")));
    let state = folder.unwrap().join("state.bin");
    let bytes = fs::read(&state).unwrap();
    fs::write(&state, &bytes[..bytes.len() / 2]).unwrap();
}

/// The records of a snapshot, without the order of maps, which servers choose at random, and without
/// meta.json, whose ID has the time at which it was written.
fn objects(snapshot: &Path) -> Vec<Value> {
    run(["decode", snapshot.to_str().unwrap()]).lines().split_off(1)
}

fn jsonl(args: &[&str]) -> (Ran, Vec<Value>) {
    let ran = run(args.iter().chain(&["-o", "jsonl"]));
    let lines = ran.lines();
    (ran, lines)
}

fn index(line: &Value) -> u64 {
    line["index"].as_u64().unwrap_or(0)
}

#[test]
fn history_goes_on_after_a_gap() {
    let (_whole, whole) = data_dir(WAL);
    let (_dir, data) = data_dir(WAL);
    lose(&data, 377);
    let events = |data: &str| jsonl(&["history", "kv", "--prefix", "", data]);
    let of_log = |lines: Vec<Value>, range: &dyn Fn(u64) -> bool| -> Vec<Value> {
        let is_one = |line: &Value| line["write"].is_object() && range(index(line));
        lines.into_iter().filter(is_one).collect()
    };
    let known = |index: u64| !(377..=751).contains(&index);
    let (ran, lines) = events(&data);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("damaged: entry 377 is missing"), "{}", ran.stderr);
    assert_eq!(lines.last().unwrap()["incomplete"], true);
    assert_eq!(of_log(lines, &known), of_log(events(&whole).1, &known));
    // A key of the newest snapshot, and what is said of the log.
    let ran = run(["history", "kv", "app/api/8", &data]);
    assert!(ran.code() == 3 && !ran.stderr.contains("not found"), "{}", ran.stderr);
    let text = ran.text().replace('\n', " ");
    assert!(text.contains("up to index 376; and after index 751, up to 959."), "{text}");
    assert!(text.contains("Incomplete: "), "{text}");
}

#[test]
fn a_state_starts_from_a_whole_snapshot() {
    let ((_dir, data), dir) = (data_dir(WAL), tempfile::tempdir().unwrap());
    let out = dir.path().join("out.snap");
    let name = out.to_str().unwrap();
    let at = |index: &str| run(["at", "--index", index, &data, "--out", name, "--force"]);
    let whole = |index: &str| {
        assert_eq!(at(index).code(), 0);
        objects(&out)
    };
    let at_800 = whole("800");
    cut_snapshot(&data, 959);
    let ran = at("959");
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(objects(&out), objects(&recorded(WAL).join("s4.snap")));
    assert!(ran.stderr.contains("snapshots/2-959-1795987061802: damaged: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("208 log entries after it"), "{}", ran.stderr);
    cut_snapshot(&data, 751);
    let ran = at("800");
    assert!(ran.code() == 0 && ran.stderr.contains("from index 1 on"), "{}", ran.stderr);
    assert_eq!(objects(&out), at_800);
    for words in [&["list", "kv", &format!("{data}@958")][..], &["inspect", &format!("{data}@900")]]
    {
        let ran = run(words);
        assert!(ran.code() == 0 && !ran.text().contains("ncomplete"), "{}", ran.stderr);
    }
    let ran = run(["diff", &format!("{data}@950"), &format!("{data}@958")]);
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    // The log names all tokens itself.
    for words in [&["log", &data][..], &["log", "stats", &data], &["log", &data, "--no-effects"]] {
        let ran = run(words);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("the log does not need this snapshot"), "{}", ran.stderr);
        assert!(!ran.text().contains("Incomplete"), "{}", ran.text());
    }
    // With a gap between, what is left of the snapshot is used, and marked.
    lose(&data, 377);
    let ran = run(["list", "kv", "-o", "json", &format!("{data}@800")]);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    assert_eq!(ran.json().as_array().unwrap().last().unwrap()["Incomplete"], true);
    assert!(ran.stderr.contains("snapshots/2-751-1795987054229: damaged: "), "{}", ran.stderr);
    for words in [&["log", &data][..], &["log", "stats", &data]] {
        let ran = run(words);
        assert!(ran.code() == 3 && ran.stderr.contains("2-751-"), "{}", ran.stderr);
        assert!(ran.text().contains("Incomplete: "), "{}", ran.text());
    }
}

#[test]
fn damage_that_an_answer_does_not_need_is_none() {
    let ((_dir, data), dir) = (data_dir(WAL), tempfile::tempdir().unwrap());
    lose(&data, 377);
    let out = dir.path().join("out.snap");
    for index in ["300", "900"] {
        let ran = run(["at", "--index", index, &data, "--out", out.to_str().unwrap(), "--force"]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        let ran = run(["list", "sessions", &format!("{data}@{index}")]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
    }
    let ran = run(["diff", &format!("{data}@900"), &format!("{data}@950")]);
    assert!(ran.code() == 1 && !ran.stderr.contains("damaged"), "{}", ran.stderr);
    let ran = run(["diff", &format!("{data}@300"), &format!("{data}@900")]);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("entry 377 is missing").count(), 1, "{}", ran.stderr);
    let ran = run(["at", "--index", "400", &data, "--dry-run"]);
    assert!(ran.code() == 2 && ran.stderr.contains("does not have entry 377"), "{}", ran.stderr);
    for index in ["377", "400"] {
        let ran = run(["at", "--index", index, &data, "--dry-run"]);
        let nearest = "the nearest states that can be computed are at 376 and 751";
        assert!(ran.code() == 2 && ran.stderr.contains(nearest), "{}", ran.stderr);
    }
    let ran = run(["list", "kv", &format!("{data}@100000")]);
    let nearest = "the nearest state that can be computed is at ";
    assert!(ran.code() == 2 && ran.stderr.contains(nearest), "{}", ran.stderr);
    let ran = run(["log", "show", "800", &data]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
}

#[test]
fn incomplete_lists_are_marked_in_every_form() {
    let (_dir, data) = data_dir(WAL);
    lose(&data, 377);
    for words in [&["log", &data][..], &["log", "stats", &data], &["timeline", &data]] {
        let in_form = |form: &str| {
            let ran = run(words.iter().chain(&["-o", form]));
            assert_eq!(ran.code(), 3, "{}", ran.stderr);
            assert!(ran.stderr.contains("entry 377 is missing"), "{}", ran.stderr);
            ran
        };
        let starts = |form: &str| {
            let output = in_form(form);
            let text = output.text();
            assert!(text.lines().last().unwrap().starts_with("Incomplete: "), "{text}");
        };
        starts("table");
        starts("csv");
        assert_eq!(in_form("jsonl").lines().last().unwrap()["incomplete"], true);
        let json = in_form("json").json();
        let marked = json.as_array().map_or(&json, |list| list.last().unwrap());
        assert_eq!(marked["incomplete"], true);
        // Without a line, too.
        let none = run(["log", &data, "--object", "kv/nothing", "-o", "json"]);
        assert_eq!(none.json().as_array().unwrap().len(), 1);
    }
    let gap = run(["timeline", "--filter", "type == Gap", "-o", "jsonl", &data]).lines();
    assert_eq!(
        (&gap[0]["index"], &gap[0]["reason"]),
        (&377.into(), &"entry 377 is missing".into())
    );
}

/// What a damaged raft.db shows, compared with the whole one.
fn bolt_lines(damage: &dyn Fn(&mut Vec<u8>)) -> (String, Ran, Vec<Value>, tempfile::TempDir) {
    let (dir, data) = data_dir(BOLT);
    let path = Path::new(&data).join("raft/raft.db");
    let all: BTreeMap<(u64, String), Value> = jsonl(&["log", &data, "--no-effects"])
        .1
        .into_iter()
        .map(|line| ((index(&line), line["object"].to_string()), line["bytes"].clone()))
        .collect();
    let mut bytes = fs::read(&path).unwrap();
    damage(&mut bytes);
    fs::write(&path, &bytes).unwrap();
    let (ran, mut lines) = jsonl(&["log", &data, "--no-effects"]);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    assert_eq!(lines.pop().unwrap()["incomplete"], true);
    for line in &lines {
        let key = (index(line), line["object"].to_string());
        assert_eq!(all.get(&key), Some(&line["bytes"]), "{line}");
    }
    (data, ran, lines, dir)
}

fn recovered(lines: &[Value]) -> Vec<u64> {
    lines.iter().filter(|line| line["effect"] == "unvouched").map(index).collect()
}

#[test]
fn entries_of_a_lost_transaction_are_found_in_their_pages() {
    // The whole page, or a bit of its magic or of its checksum's range.
    for (bytes, mask) in [(0..4096, 0xff), (20..21, 1), (60..61, 1)] {
        let (data, ran, lines, _dir) = bolt_lines(&|file| {
            file[bytes.clone()].iter_mut().for_each(|byte| *byte ^= mask);
        });
        assert!(ran.stderr.contains("a meta page is not valid"), "{}", ran.stderr);
        assert_eq!(lines.last().map(index), Some(920));
        assert_eq!(recovered(&lines), [920], "only the last transaction");
        let ran = run(["at", "--index", "919", &data, "--dry-run"]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        let ran = run(["log", "--deep", &data]);
        assert_eq!(ran.code(), 3, "{}", ran.stderr);
    }
}

#[test]
fn a_raft_db_without_its_tree_is_read_page_by_page() {
    for size in [4_000_000, 6_000_000] {
        let (data, ran, lines, _dir) = bolt_lines(&|bytes| bytes.truncate(size));
        let cut = format!("the file is cut off; it has {size} of 9138176 bytes");
        assert_eq!(ran.stderr.matches(&cut).count(), 1, "{}", ran.stderr);
        assert!(lines.len() > 200, "{size}: {}", lines.len());
        assert!(!recovered(&lines).is_empty());
        for words in [
            &["log", "--deep", &data][..],
            &["log", "stats", &data],
            &["timeline", &data],
            &["audit", &data],
            &["history", "kv", "app/web/5", &data],
        ] {
            let ran = run(words);
            assert_eq!(ran.code(), 3, "{words:?}: {}", ran.stderr);
            assert!(!ran.stdout.is_empty(), "{words:?}");
        }
    }
    // Both meta pages are lost, and the page from which all others are reached.
    let (_, _, lines, _dir) = bolt_lines(&|bytes| bytes[..8192].fill(0));
    assert!(lines.len() > 900 && recovered(&lines).len() == lines.len(), "{}", lines.len());
    let (_, _, lines, _dir) = bolt_lines(&|bytes| {
        let root = |meta: usize| {
            let number = bytes[meta + 32..meta + 40].try_into().unwrap();
            usize::try_from(u64::from_le_bytes(number)).unwrap() * 4096
        };
        let roots = [root(0), root(4096)];
        for root in roots {
            bytes[root..root + 4096].fill(0);
        }
    });
    assert!(lines.len() > 900, "{}", lines.len());
}

#[test]
fn a_log_that_cannot_be_read_leaves_the_snapshots() {
    let (_dir, data) = data_dir(BOLT);
    fs::write(Path::new(&data).join("raft/raft.db"), b"").unwrap();
    let ran = run(["audit", &data]);
    assert!(ran.code() == 3 && ran.text().contains("Incomplete: "), "{}", ran.stderr);
    let ran = run(["history", "kv", "app/web/5", &data]);
    assert!(ran.code() == 3 && ran.text().contains("app/web/5"), "{}", ran.stderr);
    // The end of a file in which no entry was.
    let (_dir, data) = data_dir(BOLT);
    let file = File::options().write(true).open(Path::new(&data).join("raft/raft.db")).unwrap();
    file.set_len(8_900_000).unwrap();
    let (ran, lines) = jsonl(&["log", &data]);
    assert!(ran.stderr.contains("it has 8900000 of 9138176 bytes"), "{}", ran.stderr);
    assert_eq!(ran.code() == 0, lines.last().map(index) == Some(920), "{}", ran.stderr);
}

#[test]
fn a_wal_without_its_list_or_its_segment() {
    let mut said = Vec::new();
    for is_missing in [true, false] {
        let (_dir, data) = data_dir(WAL);
        let list = Path::new(&data).join("raft/wal/wal-meta.db");
        if is_missing {
            fs::remove_file(&list).unwrap();
        } else {
            fs::write(&list, b"").unwrap();
        }
        for place in [data.clone(), format!("{data}/raft"), format!("{data}/raft/wal")] {
            let (ran, lines) = jsonl(&["log", &place, "--no-effects"]);
            assert_eq!((ran.code(), lines.last().map(index)), (0, Some(959)), "{}", ran.stderr);
            assert!(ran.stderr.contains("found by the names of their files"), "{}", ran.stderr);
            said.push(ran.stderr.matches("note: ").count());
        }
    }
    assert!(said.iter().all(|count| *count == 1), "{said:?}");
    let (_dir, data) = data_dir(WAL);
    let segment = segment(&data);
    fs::remove_file(&segment).unwrap();
    for words in [&["log", &data][..], &["timeline", &data]] {
        let ran = run(words);
        let says = format!("{}: damaged: the segment is missing", segment.display());
        assert!(ran.code() == 3 && ran.stderr.contains(&says), "{words:?}: {}", ran.stderr);
    }
}

/// A folder that exists, but cannot be listed.
#[cfg(unix)]
#[test]
fn unreadable_folders_are_not_missing() {
    let (_dir, data) = data_dir(BOLT);
    let folder = Path::new(&data).join("raft/snapshots");
    fs::remove_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(&folder, &folder).unwrap();
    let name = format!("{}: ", folder.display());
    for words in [&["list", "kv", &data][..], &["audit", &data]] {
        let ran = run(words);
        assert!(ran.code() == 2 && ran.stderr.contains(&name), "{words:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("without snapshots"), "{}", ran.stderr);
    }
    let ran = run(["log", &data]);
    assert!(ran.code() == 0 && ran.stderr.contains(&name), "{}", ran.stderr);
    let ran = run(["at", "--index", "900", &data, "--dry-run"]);
    assert!(ran.code() == 0 && ran.stderr.contains(&name), "{}", ran.stderr);

    let (dir, data) = data_dir(BOLT);
    let raft = dir.path().join("raft");
    fs::remove_dir_all(&raft).unwrap();
    std::os::unix::fs::symlink(&raft, &raft).unwrap();
    for words in [&["list", "kv", &data][..], &["log", &data]] {
        let ran = run(words);
        let says = ran.stderr.contains(&format!("{}/", raft.display()));
        assert!(ran.code() == 2 && says, "{words:?}: {}", ran.stderr);
    }
}
