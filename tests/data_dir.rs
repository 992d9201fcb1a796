//! A server's data directory: its log is ahead of its newest snapshot, or the newest one is broken.

use crate::support::{data_dir, recorded, run};
use snapscope_testkit::ConsulVersion;
use snapscope_testkit::raftlog::{WalOptions, Writes, write_wal};
use std::fs;
use std::path::{Path, PathBuf};

/// Its snapshots, newest first.
fn snapshots(data: &Path) -> Vec<PathBuf> {
    let folder = data.join("raft/snapshots");
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    all.reverse();
    all
}

fn inspect(path: &Path) -> (i32, String) {
    let ran = run(["inspect", path.to_str().unwrap()]);
    (ran.code(), ran.stderr)
}

#[test]
fn writes_after_the_newest_snapshot_are_counted() {
    for (server, index, last) in [("consul-1.8.7", 704, 920), ("consul-1.21.4-wal", 751, 959)] {
        let (_dir, data) = data_dir(server);
        let data = Path::new(&data);
        assert_eq!(inspect(data), (0, String::new()), "{server}: the snapshot is at the log's end");
        // The newest one was never written.
        fs::remove_dir_all(&snapshots(data)[0]).unwrap();
        for file in [data.to_owned(), snapshots(data)[0].clone()] {
            let (code, said) = inspect(&file);
            let ahead =
                format!("writes that are not in this snapshot (after index {index}, up to {last})");
            let how = format!("{}@{last} includes them", data.display());
            assert!(code == 0 && said.contains(&ahead) && said.contains(&how), "{server}: {said}");
        }
        let ran = run(["list", "kv", data.to_str().unwrap()]);
        assert!(ran.stderr.contains("the Raft log holds"), "{}", ran.stderr);
    }
}

#[test]
fn a_damaged_log_is_named() {
    let (_dir, data) = data_dir("consul-1.8.7");
    let data = Path::new(&data);
    fs::write(data.join("raft/raft.db"), b"no bbolt file").unwrap();
    let (code, said) = inspect(data);
    assert!(code == 0 && said.contains("raft.db: neither meta page is valid"), "{said}");
}

/// The newest snapshot is empty, truncated or incomplete; an older one is intact.
#[test]
fn an_older_snapshot_is_offered_for_a_broken_one() {
    for damage in ["empty", "cut", "no meta.json"] {
        let (_dir, data) = data_dir("consul-1.8.7");
        let data = Path::new(&data);
        let [newest, older] = &snapshots(data)[..] else { panic!("two snapshots") };
        let state = newest.join("state.bin");
        match damage {
            "empty" => fs::write(&state, b"").unwrap(),
            "cut" => {
                let bytes = fs::read(&state).unwrap();
                fs::write(&state, &bytes[..bytes.len() / 2]).unwrap();
            }
            _ => fs::remove_file(newest.join("meta.json")).unwrap(),
        }
        let (code, said) = inspect(data);
        if damage == "no meta.json" {
            // Servers skip such a snapshot, too.
            let passed_over =
                format!("skipped the newer snapshot {}: it is incomplete", newest.display());
            assert!(code == 0 && said.contains(&passed_over), "{said}");
            continue;
        }
        let offer =
            format!("an older snapshot is intact: {} (index 704); pass that", older.display());
        assert!(code == 3 && said.contains(&offer), "{damage}: {said}");
        assert_eq!(inspect(older).0, 0);
    }
}

/// The log itself is not a snapshot, and the error says what it is.
#[test]
fn files_of_the_log_say_what_they_are() {
    let (_dir, data) = data_dir("consul-1.8.7");
    let data = Path::new(&data);
    let (code, said) = inspect(&data.join("raft/raft.db"));
    assert!(code == 3 && said.contains("a server's Raft log, not a snapshot"), "{said}");
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let data = Path::new(&data);
    let wal = fs::read_dir(data.join("raft/wal")).unwrap().map(|e| e.unwrap().path());
    let segment =
        wal.into_iter().find(|path| path.extension().is_some_and(|e| e == "wal")).unwrap();
    let (code, said) = inspect(&segment);
    assert!(code == 3 && said.contains("a segment of a server's Raft log"), "{said}");
}

/// Often only the log of a server is left.
#[test]
fn a_data_directory_with_only_a_log_says_how_to_use_it() {
    let (_dir, data) = data_dir("consul-1.8.7");
    fs::remove_dir_all(Path::new(&data).join("raft/snapshots")).unwrap();
    let snapshot = recorded("consul-1.8.7").join("s4.snap");
    let snapshot = snapshot.to_str().unwrap();
    let at = format!("{data}@920");
    for words in [
        &["inspect", &data][..],
        &["list", "kv", &data],
        &["get", "kv", "app/web/5", &data],
        &["verify", &data],
        &["trend", &data],
        &["audit", &data],
        &["diff", &data, snapshot],
        &["pack", &data, "--out", "x.snap"],
    ] {
        let ran = run(words);
        let says = format!("has all entries up to 920, so use {at} for the state after them");
        assert!(ran.code() == 2 && ran.stderr.contains(&says), "{words:?}: {}", ran.stderr);
    }
    let ran = run(["diff", &at, snapshot]);
    assert_eq!(
        (ran.code(), ran.text()),
        (0, run(["diff", snapshot, snapshot]).text()),
        "{}",
        ran.stderr
    );
    // A log without its beginning needs a snapshot.
    let dir = tempfile::tempdir().unwrap();
    let entries = Writes::new(ConsulVersion::V1_21_4, 1, 5).skip(99).take(20);
    write_wal(&dir.path().join("raft/wal"), entries, WalOptions::default()).unwrap();
    let ran = run(["inspect", dir.path().to_str().unwrap()]);
    let says = "has the entries 100 to 119, and `snapscope at --index 119 OLDER.snap --log ";
    assert!(ran.code() == 2 && ran.stderr.contains(says), "{}", ran.stderr);
}
