//! Many snapshots in one folder: each counts once, damage affects only its own snapshot, and
//! compacting changes no row.
#![cfg(feature = "columnar")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::RowAccessor as _;
use serde_json::Value;
use snapscope_analyze::Jobs;
use snapscope_analyze::series::{Named, find};
use snapscope_archive::OpenOptions;
use snapscope_export::fleet::{Fate, Fleet, Folder, PartitionBy, Place, Told, compact};
use snapscope_export::{ExportOptions, Format};
use snapscope_objects::kinds::by_name;
use snapscope_testkit::ConsulVersion;
use snapscope_testkit::generate::{cluster_id, small_fleet};
use snapscope_testkit::records::{connect, kv};
use snapscope_testkit::snapshot::{Meta, SnapshotSpec};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

const BOTH: [PartitionBy; 2] = [PartitionBy::Cluster, PartitionBy::Date];

fn sources(paths: &[PathBuf]) -> Vec<Named> {
    find(paths).unwrap()
}

fn try_export(sources: &[Named], out: &Path, by: &[PartitionBy]) -> Result<Vec<Told>, String> {
    let folder = Folder::new(out);
    let kinds = ["kv", "policies", "peerings"].map(|name| by_name(name).unwrap());
    let options =
        ExportOptions { kinds: kinds.to_vec(), ..ExportOptions::new(Format::Parquet, out) };
    let fleet = Fleet::open(&folder, &options, by).map_err(|e| e.to_string())?;
    let jobs = Jobs(NonZeroUsize::new(3).unwrap());
    fleet.run(sources, jobs, &OpenOptions::default(), false).map_err(|e| e.to_string())
}

fn export(paths: &[PathBuf], out: &Path) -> Vec<Told> {
    try_export(&sources(paths), out, &BOTH).unwrap()
}

/// All files below a folder, with their paths.
fn files(folder: &Path) -> Vec<String> {
    try_files(folder).unwrap()
}

fn try_files(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut due = vec![folder.to_owned()];
    while let Some(at) = due.pop() {
        for entry in fs::read_dir(at)? {
            let path = entry?.path();
            match path.is_dir() {
                true => due.push(path),
                false => {
                    found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The keys of a file with their snapshots.
fn keys(path: &Path) -> io::Result<Vec<(String, String)>> {
    let reader = SerializedFileReader::new(File::open(path)?).map_err(io::Error::other)?;
    let rows = reader.get_row_iter(None).map_err(io::Error::other)?;
    let name = |row: &parquet::record::Row, column| {
        let at = row.get_column_iter().position(|(name, _)| name == column).unwrap();
        row.get_string(at).cloned().unwrap_or_default()
    };
    rows.map(|row| {
        let row = row.map_err(io::Error::other)?;
        Ok((name(&row, "snapshot"), name(&row, "key")))
    })
    .collect()
}

/// The keys of all files with their snapshots, sorted.
fn all_keys(out: &Path) -> io::Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    for file in try_files(&out.join("kv"))? {
        all.extend(keys(&out.join("kv").join(file))?);
    }
    all.sort();
    Ok(all)
}

/// All snapshots of the manifest.
fn entries(out: &Path) -> Vec<Value> {
    let mut all = Vec::new();
    for file in files(&out.join("_snapscope/snapshots")) {
        let text = fs::read(out.join("_snapscope/snapshots").join(file)).unwrap();
        let day: Value = serde_json::from_slice(&text).unwrap();
        all.extend(day["snapshots"].as_array().unwrap().iter().cloned());
    }
    all
}

/// The manifest's content: rows by file.
fn noted(out: &Path) -> BTreeMap<String, u64> {
    let mut files = BTreeMap::new();
    for entry in entries(out) {
        for rows in entry["kinds"].as_object().unwrap().values() {
            let file = rows["file"].as_str().unwrap().to_owned();
            *files.entry(file).or_default() += rows["rows"].as_u64().unwrap();
        }
    }
    files
}

/// The manifest names each file with its rows. All other files have no
/// rows.
fn is_consistent(out: &Path) {
    let noted = noted(out);
    let mut there = files(out);
    there.retain(|file| !file.starts_with("_snapscope/") && !file.ends_with("/schema.parquet"));
    assert_eq!(noted.keys().cloned().collect::<Vec<_>>(), there);
    for (file, rows) in noted {
        let reader = SerializedFileReader::new(File::open(out.join(&file)).unwrap()).unwrap();
        assert_eq!(
            reader.metadata().file_metadata().num_rows(),
            i64::try_from(rows).unwrap(),
            "{file}"
        );
    }
    let own = files(&out.join("_snapscope"));
    // Replaced folders stay for a while under hidden names.
    let is_known = |file: &String| {
        ["manifest.json", "lock"].contains(&&**file)
            || file.starts_with("snapshots/")
            || file.starts_with('.')
    };
    assert!(own.iter().all(is_known), "{own:?}");
}

fn written(told: &[Told]) -> usize {
    told.iter().filter(|told| matches!(told.fate, Fate::Written(_))).count()
}

#[test]
fn every_snapshot_counts_once_and_compacting_changes_no_row() {
    let dir = tempfile::tempdir().unwrap();
    let mut paths = small_fleet(&dir.path().join("in"), 3, 12).unwrap();
    // A copy under another name, and a truncated file whose original is missing.
    let copy = dir.path().join("in/copy.snap");
    fs::copy(&paths[1], &copy).unwrap();
    paths.push(copy);
    let bytes = fs::read(&paths[5]).unwrap();
    fs::write(&paths[5], &bytes[..bytes.len() / 2]).unwrap();
    let out = dir.path().join("out");
    let told = export(&paths, &out);
    assert_eq!(written(&told), 12);
    assert!(matches!(told[12].fate, Fate::Copy(1)), "{:?}", told[12].fate);
    let damaged = told[5].closing.as_ref().expect("it is described");
    assert!(damaged.is_damaged());
    is_consistent(&out);
    let entries_before = entries(&out);
    assert_eq!(entries_before.len(), 12);
    assert_eq!(entries_before.iter().filter(|e| e["problems"] != serde_json::json!([])).count(), 1);
    let id = cluster_id(1);
    let day = format!("kv/cluster={id}/date=2026-11-23/");
    assert!(files(&out).iter().any(|file| file.starts_with(&day)), "{:?}", files(&out));
    // Every kind has a file, and so its columns are known.
    assert!(files(&out).iter().any(|file| file.starts_with("peerings/")));
    let rows = all_keys(&out).unwrap();
    let before = files(&out);

    // A second run reads only what was damaged, and changes nothing.
    let again = export(&paths, &out);
    assert_eq!(written(&again), 0);
    assert!(again[5].closing.as_ref().unwrap().is_damaged());
    assert_eq!((files(&out), all_keys(&out).unwrap()), (before, rows.clone()));

    // The intact file replaces the damaged one.
    let whole = dir.path().join("whole.snap");
    fs::write(&whole, &bytes).unwrap();
    let told = export(&[whole], &out);
    assert_eq!(written(&told), 1);
    is_consistent(&out);
    let rows = all_keys(&out).unwrap();
    assert!(entries(&out).iter().all(|entry| entry["problems"] == serde_json::json!([])));

    let folder = Folder::new(&out);
    let report = compact(&folder, Jobs::default()).unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert!(report.made >= 3 && report.merged > report.made, "{report:?}");
    is_consistent(&out);
    assert_eq!(all_keys(&out).unwrap(), rows);
    let kv: Vec<String> = files(&out.join("kv"));
    assert_eq!(kv.iter().filter(|file| file.contains("/compacted-")).count(), kv.len());
    drop(folder);
    let folder = Folder::new(&out);
    let after = files(&out);
    let again = compact(&folder, Jobs::default()).unwrap();
    assert_eq!((again.made, files(&out)), (0, after));

    // Compacted snapshots exist.
    let told = export(&paths, &out);
    assert_eq!(written(&told), 0, "{told:?}");
    assert_eq!(all_keys(&out).unwrap(), rows);

    // New ones are added, and compacted with the others.
    let more = small_fleet(&dir.path().join("more"), 3, 15).unwrap();
    assert_eq!(written(&export(&more, &out)), 3);
    assert!(compact(&folder, Jobs::default()).unwrap().made > 0);
    is_consistent(&out);
    assert!(all_keys(&out).unwrap().len() > rows.len());
}

/// A snapshot of a cluster.
fn spec(id: &str, cluster: Option<&str>, key: &str) -> Vec<u8> {
    let mut records = vec![kv::entry(key, b"value", 0, 5)];
    if let Some(cluster) = cluster {
        let mut config = connect::ca_config(ConsulVersion::V1_21_4, 8);
        *config.body.get_mut("ClusterID").unwrap() = cluster.into();
        records.push(config);
    }
    let mut spec = SnapshotSpec::new(records).in_section_order();
    spec.meta = Meta { id: id.to_owned(), ..spec.meta };
    spec.snap()
}

#[test]
fn hostile_names_stay_in_the_folder_and_apart() {
    let dir = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    let mut add = |id: &str, cluster: Option<&str>, key: &str| {
        let path = dir.path().join(format!("{}.snap", paths.len()));
        fs::write(&path, spec(id, cluster, key)).unwrap();
        paths.push(path);
    };
    add("../../up", Some("../../elsewhere"), "a");
    add("2-9-1795403400000", Some("a/b=c"), "b");
    add("2-9-1795403400000", Some("a/b=c"), "another state of the same ID");
    add("_hidden", None, "c");
    add("compacted-0000", None, "d");
    add("schema", None, "e");
    add("", None, "f");
    add("\u{1b}[2J\n<b>", Some("<script>"), "g");
    let out = dir.path().join("out");
    let told = export(&paths, &out);
    assert_eq!(written(&told), paths.len(), "{told:?}");
    is_consistent(&out);
    let there = fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(there, paths.len() + 1);
    let mut keys: Vec<String> = all_keys(&out).unwrap().into_iter().map(|(_, key)| key).collect();
    keys.sort();
    assert_eq!(keys, ["a", "another state of the same ID", "b", "c", "d", "e", "f", "g"]);
    for file in files(&out.join("kv")) {
        assert!(file.is_ascii() && !file.split('/').any(|part| part.starts_with('.')), "{file}");
    }
    compact(&Folder::new(&out), Jobs::default()).unwrap();
    is_consistent(&out);
    assert_eq!(all_keys(&out).unwrap().len(), keys.len());
}

#[test]
fn other_options_and_other_folders_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let paths = small_fleet(&dir.path().join("in"), 1, 1).unwrap();
    let out = dir.path().join("out");
    export(&paths, &out);
    let error = try_export(&sources(&paths), &out, &[PartitionBy::Date]).unwrap_err();
    assert!(error.contains("--partition cluster,date, not with date"), "{error}");
    let error = try_export(&sources(&paths), &dir.path().join("in"), &BOTH).unwrap_err();
    assert!(error.contains("other files"), "{error}");
    let _lock = Folder::new(&out).lock().unwrap();
    let error = try_export(&sources(&paths), &out, &BOTH).unwrap_err();
    assert!(error.contains("another export or compact"), "{error}");
    let error = compact(&Folder::new(dir.path().join("none")), Jobs::default()).unwrap_err();
    assert!(error.to_string().contains("no export of many snapshots"), "{error}");
}

/// If a compaction is killed anywhere, the next run completes or reverts it.
#[test]
fn a_killed_compaction_is_ended_or_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let paths = small_fleet(&dir.path().join("in"), 1, 4).unwrap();
    let start = dir.path().join("start");
    export(&paths, &start);
    let rows = all_keys(&start).unwrap();
    for left in 0..40 {
        let out = dir.path().join(format!("out-{left}"));
        copy_folder(&start, &out);
        let place = Failing { folder: Folder::new(&out), left: left.into() };
        let ended = compact(&place, Jobs(NonZeroUsize::MIN)).is_ok();
        if ended {
            assert!(left > 4);
            return;
        }
        // Even before the next run, no row is missing or repeated.
        assert_eq!(all_keys(&out).unwrap(), rows, "{left}");
        assert_eq!(written(&export(&paths, &out)), 0, "{left}");
        compact(&Folder::new(&out), Jobs::default()).unwrap();
        is_consistent(&out);
        assert_eq!(all_keys(&out).unwrap(), rows, "{left}");
    }
    panic!("it never ended");
}

fn copy_folder(from: &Path, to: &Path) {
    for file in files(from) {
        let path = to.join(&file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(from.join(file), path).unwrap();
    }
}

/// A folder in which all changes fail after some.
struct Failing {
    folder: Folder,
    left: std::sync::atomic::AtomicUsize,
}

impl Failing {
    fn step(&self) -> io::Result<()> {
        let left = |n: usize| n.checked_sub(1);
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        left.map(drop).map_err(|_| io::Error::other("killed"))
    }
}

impl Place for Failing {
    fn name(&self) -> String {
        self.folder.name()
    }
    fn lock(&self) -> io::Result<snapscope_export::fleet::Lock> {
        self.folder.lock()
    }
    fn staging(&self) -> io::Result<snapscope_staged::StagedFolder> {
        self.folder.staging()
    }
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.folder.read(path)
    }
    fn open(&self, path: &str) -> io::Result<File> {
        self.folder.open(path)
    }
    fn exists(&self, path: &str) -> io::Result<bool> {
        self.folder.exists(path)
    }
    fn gone(&self, paths: &[&str]) -> io::Result<Vec<String>> {
        self.folder.gone(paths)
    }
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.folder.list(folder)
    }
    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.step()?;
        self.folder.write(path, content)
    }
    fn put(&self, files: &[snapscope_export::fleet::Ready]) -> io::Result<()> {
        self.step()?;
        self.folder.put(files)
    }
    fn remove(&self, paths: &[String]) -> io::Result<()> {
        self.step()?;
        self.folder.remove(paths)
    }
    fn replace(&self, all: &[snapscope_export::fleet::Replacement]) -> io::Result<()> {
        for one in all {
            self.step()?;
            self.folder.replace(std::slice::from_ref(one))?;
        }
        Ok(())
    }
}

/// While a folder is compacted, a reader that lists it and reads its files sees each row once, or
/// finds that a file is gone.
#[test]
fn readers_see_each_row_once_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let paths = small_fleet(&dir.path().join("in"), 2, 8).unwrap();
    let out = dir.path().join("out");
    export(&paths, &out);
    let rows = all_keys(&out).unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut whole = 0;
            while !is_over.load(Ordering::Relaxed) || whole == 0 {
                match all_keys(&out) {
                    Ok(seen) => {
                        assert_eq!(seen, rows);
                        whole += 1;
                    }
                    Err(e) => assert!(e.kind() == io::ErrorKind::NotFound, "{e}"),
                }
            }
        });
        compact(&Folder::new(&out), Jobs::default()).unwrap();
        is_over.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
    assert_eq!(all_keys(&out).unwrap(), rows);
}
