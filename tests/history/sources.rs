//! The sources of snapshots: order, duplicates, other clusters, damage, other files.

use super::{history, shorts, write_all};
use crate::support::{run, run_with, taken_on, write};
use snapscope_testkit::Record;
use snapscope_testkit::records::{catalog, cluster, connect, kv};
use snapscope_testkit::{ConsulVersion, SnapshotSpec};
use std::fs;

const V: ConsulVersion = ConsulVersion::V1_21_4;

fn of(cluster_id: &str, day: u64, index: u64, value: &str, modify: u64) -> SnapshotSpec {
    let record: Record = kv::entry("a", value, 0, modify).with("CreateIndex", 10u64);
    taken_on(
        day,
        index,
        vec![
            catalog::Node::new("a", "aaaaaaaa-0000-4000-8000-000000000001", 5).record(V),
            record,
            connect::ca_config(V, 6).with("ClusterID", cluster_id),
            cluster::index("kvs", index - 1),
        ],
    )
}

#[test]
fn clusters_are_told_apart_and_duplicates_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let files = write_all(
        dir.path(),
        &[
            ("b1", of("beta", 0, 100, "x", 10).snap()),
            ("a1", of("alpha", 0, 100, "x", 10).snap()),
            ("a2", of("alpha", 1, 200, "y", 150).snap()),
            ("a2-copy", of("alpha", 1, 200, "y", 150).snap()),
            ("b2", of("beta", 1, 90, "y", 50).snap()),
        ],
    );
    // The same in two other containers.
    write(dir.path(), "state.of.a2", &of("alpha", 1, 200, "y", 150).state());
    of("alpha", 1, 200, "y", 150).write_raft_dir(dir.path()).unwrap();
    let ran = run(["history", "-o", "json", "kv", "a", dir.path().to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let json = ran.json();
    let clusters = json["clusters"].as_array().unwrap();
    let ids: Vec<&str> = clusters.iter().map(|c| c["cluster_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["alpha", "beta"]);
    let told = |at: usize| -> Vec<String> {
        clusters[at]["events"].as_array().unwrap().iter().map(super::short).collect()
    };
    assert_eq!(told(0), ["first-seen 10 ?..100", "changed 150 100..200"]);
    // By index, although it was taken later.
    assert_eq!(told(1), ["first-seen 10 ?..90", "changed ? 90..100"]);
    assert!(ran.stderr.contains("lower raft index"), "{}", ran.stderr);
    assert_eq!(json["duplicates"].as_array().unwrap().len(), 3, "{json}");
    assert_eq!(ran.stderr.matches(", skipped").count(), 3, "{}", ran.stderr);
    let only = history(&["kv", "a"], &files[1..3]);
    assert_eq!(shorts(&only).len(), 2);
}

/// The rest is answered, absence from a damaged file does not count as deletion, and all forms mark it.
#[test]
fn a_damaged_file_is_named_and_tells_no_deletion() {
    let dir = tempfile::tempdir().unwrap();
    let cut = of("alpha", 1, 200, "x", 10);
    // Truncated before the key, and before what names the cluster.
    let end = cut.offsets()[1] + 3;
    let mut archive = cut.archive();
    archive.members[1].1.truncate(end);
    let files = write_all(
        dir.path(),
        &[
            ("a", of("alpha", 0, 100, "x", 10).snap()),
            ("cut", archive.snap()),
            ("c", of("alpha", 2, 300, "y", 250).snap()),
            ("empty", Vec::new()),
        ],
    );
    for form in ["json", "jsonl", "table"] {
        let ran = run(["history", "-o", form, "kv", "a", dir.path().to_str().unwrap()]);
        assert_eq!(ran.code(), 3, "{}", ran.stderr);
        assert!(ran.text().to_lowercase().contains("incomplete"), "{form}: {}", ran.text());
        for name in ["cut.snap: damaged", "empty.snap: damaged"] {
            assert!(ran.stderr.contains(name), "{name}: {}", ran.stderr);
        }
    }
    let ran = history(&["kv", "a"], &files);
    assert_eq!(shorts(&ran), ["first-seen 10 ?..100", "changed 250 100..300"]);
    assert_eq!(ran.json()["incomplete"], true);
    // The content of a damaged file is used, with a warning.
    let mut wrong = of("alpha", 1, 200, "z", 150).archive();
    wrong = wrong.wrong_hash("state.bin");
    fs::write(&files[1], wrong.snap()).unwrap();
    let ran = history(&["kv", "a"], &files[..3]);
    assert_eq!((ran.code(), shorts(&ran).len()), (3, 3));
    assert_eq!(super::events(&ran)[1]["damaged"], true);
}

#[test]
fn folders_patterns_and_pipes_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let files = write_all(
        dir.path(),
        &[("a", of("alpha", 0, 100, "x", 10).snap()), ("b", of("alpha", 1, 200, "y", 150).snap())],
    );
    write(dir.path(), "README", b"what lies here");
    write(dir.path(), "old.tar", b"");
    let expected = ["first-seen 10 ?..100", "changed 150 100..200"];
    let pattern = dir.path().join("*.snap");
    for name in [dir.path(), pattern.as_path()] {
        let ran = history(&["kv", "a"], &[name.to_owned()]);
        assert_eq!((ran.code(), shorts(&ran)), (0, expected.map(str::to_owned).to_vec()));
    }
    let ran = history(&["kv", "a"], &[dir.path().to_owned()]);
    assert!(ran.stderr.contains("README"), "{}", ran.stderr);
    let second = fs::read(&files[1]).unwrap();
    let args = ["history", "-o", "json", "kv", "a", "-", files[0].to_str().unwrap()];
    assert_eq!(shorts(&run_with(args, &second)), expected);
    for (names, says) in [
        (vec![dir.path().join("none*.snap")], "no file matches"),
        (vec![files[0].clone(), dir.path().join("none.snap")], "none.snap"),
        (vec!["-".into(), "-".into()], "only once"),
        (vec![dir.path().join("README")], "README"),
    ] {
        let ran = history(&["kv", "a"], &names);
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
        assert!(matches!(ran.code(), 2 | 3), "{says}");
    }
    for args in [&["history", "kv", "a"][..], &["history", "nothing", "a", "x.snap"], &["history"]]
    {
        assert_eq!(run(args).code(), 2);
    }
}
