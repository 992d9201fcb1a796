//! Snapshots of servers and their logs: rolled forward from one snapshot to the next, the state
//! must be the server's own, record by record.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)] // helpers of tests fail as tests do

use snapscope_archive::{OpenOptions, Source, open};
use snapscope_decode::wire::{Cursor, Value};
use snapscope_decode::{Frame, Kind};
use snapscope_raftlog::RaftLog;
use snapscope_state::{Effect, Loading, Touched, same, same_record};
use std::collections::BTreeMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const SERVERS: [&str; 2] = ["consul-1.8.7", "consul-1.21.4-wal"];

fn folder(server: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/raftlog").join(server)
}

/// The log of a server that was killed after writes.
fn log(server: &str) -> (TempDir, RaftLog) {
    let dir = tempfile::tempdir().unwrap();
    let gzip =
        flate2::read::GzDecoder::new(File::open(folder(server).join("raft.tar.gz")).unwrap());
    tar::Archive::new(gzip).unpack(dir.path()).unwrap();
    let log = RaftLog::find(&dir.path().join("raft")).unwrap().unwrap();
    (dir, log)
}

/// A snapshot's index, header, and records.
struct Snapshot {
    index: u64,
    header: Vec<u8>,
    records: Vec<u8>,
}

impl Snapshot {
    fn read(server: &str, number: usize) -> Self {
        let path = folder(server).join(format!("s{number}.snap"));
        let mut blocks = open(&Source::File(path), &OpenOptions::default()).unwrap();
        let mut records = Vec::new();
        for block in blocks.by_ref() {
            records.extend_from_slice(block.bytes());
        }
        let header = blocks.header().unwrap().bytes.clone();
        let index = blocks.finish().meta.unwrap().index;
        Self { index, header: header.to_vec(), records }
    }

    fn empty() -> Self {
        Self { index: 0, header: Vec::new(), records: Vec::new() }
    }

    fn frames(&self) -> Vec<Frame<'_>> {
        frames(&self.records)
    }
}

fn frames(records: &[u8]) -> Vec<Frame<'_>> {
    // Numbers are those of a stream, which starts with 1.
    snapscope_decode::frames_of(records)
        .zip(1..)
        .map(|(frame, number)| Frame { number, ..frame.unwrap() })
        .collect()
}

/// Rolls a snapshot forward. Returns header and records of the new one.
fn roll(
    log: &RaftLog,
    base: &Snapshot,
    to: u64,
) -> (Vec<u8>, Vec<u8>, BTreeMap<Kind, &'static str>) {
    let each = |take: &mut dyn FnMut(&snapscope_raftlog::Entry<'_>)| {
        log.walk(base.index + 1, &mut |finding| panic!("{finding:?}"), &mut |entry| {
            if entry.index > to {
                return ControlFlow::Break(());
            }
            take(&entry);
            ControlFlow::Continue(())
        })
        .unwrap();
    };
    let mut touched = Touched::new();
    each(&mut |entry| touched.see(entry));
    let mut loading = Loading::new(touched);
    base.frames().iter().for_each(|frame| loading.take(frame));
    let mut loaded = loading.finish();
    let verbose = std::env::var_os("ROLL_VERBOSE").is_some();
    each(&mut |entry| {
        let effect = loaded.machine.apply(entry);
        if verbose && matches!(effect, Effect::Refused(_) | Effect::NotApplied(_)) {
            eprintln!("{} {:?} {effect:?}", entry.index, entry.data.first());
        }
    });
    let mut merge = loaded.merge();
    let header = merge.header();
    let mut out = Vec::new();
    base.frames().iter().for_each(|frame| merge.next(frame, &mut out));
    merge.finish(&mut out);
    (header, out, loaded.machine.inexact().clone())
}

/// The differences between two snapshots, as lines for the message of a failure.
fn differences(ours: &[u8], theirs: &[u8]) -> Vec<String> {
    let (ours, theirs) = (by_kind(ours), by_kind(theirs));
    let mut lines = Vec::new();
    for kind in ours.keys().chain(theirs.keys()).collect::<std::collections::BTreeSet<_>>() {
        let none = Vec::new();
        let (a, b) = (ours.get(kind).unwrap_or(&none), theirs.get(kind).unwrap_or(&none));
        if a.len() != b.len() {
            lines.push(format!("{kind:?}: {} records, the server has {}", a.len(), b.len()));
            for (who, from, other) in [("ours", a, b), ("theirs", b, a)] {
                let only = from
                    .iter()
                    .filter(|x| !other.iter().any(|y| same_record(*kind, x.body(), y.body())));
                lines.extend(only.map(|frame| format!("{kind:?} {who}: {}", show(frame.body()))));
            }
            continue;
        }
        for (a, b) in a.iter().zip(b) {
            if !same_record(*kind, a.body(), b.body()) {
                let first = first_difference(a.body(), b.body());
                lines.push(format!("{kind:?} {}: {first}", show(b.body())));
            }
        }
    }
    lines
}

/// For each record type, the number of records that equal the server's own, and the number of all.
fn figures(ours: &[u8], theirs: &[u8]) -> BTreeMap<Kind, (usize, usize)> {
    let (ours, theirs) = (by_kind(ours), by_kind(theirs));
    let kinds = ours.keys().chain(theirs.keys()).copied();
    kinds
        .map(|kind| {
            let none = Vec::new();
            let (a, b) = (ours.get(&kind).unwrap_or(&none), theirs.get(&kind).unwrap_or(&none));
            let pairs = a.iter().zip(b);
            let same = pairs.filter(|(a, b)| same_record(kind, a.body(), b.body())).count();
            (kind, (same, a.len().max(b.len())))
        })
        .collect()
}

/// A table of these numbers, with a column for each pair of snapshots.
#[derive(Default)]
struct Figures {
    columns: Vec<String>,
    rows: BTreeMap<Kind, BTreeMap<usize, (usize, usize)>>,
}

impl Figures {
    fn add(&mut self, name: String, figures: BTreeMap<Kind, (usize, usize)>) {
        for (kind, figure) in figures {
            self.rows.entry(kind).or_default().insert(self.columns.len(), figure);
        }
        self.columns.push(name);
    }

    fn print(&self, server: &str) {
        eprintln!("\n{server}\n{:26}{}", "", self.columns.join("  "));
        for (kind, row) in &self.rows {
            let name = kind.consul_name().unwrap_or("other");
            let cells = self.columns.iter().enumerate().map(|(at, column)| {
                let text = row.get(&at).map_or("-".to_owned(), |(same, of)| format!("{same}/{of}"));
                format!("{text:>width$}", width = column.chars().count())
            });
            eprintln!("{name:26}{}", cells.collect::<Vec<_>>().join("  "));
        }
    }
}

/// Record types that are in the snapshots of both servers.
const TYPES: [u8; 19] = [0, 2, 3, 5, 6, 7, 9, 13, 14, 15, 16, 17, 19, 22, 23, 25, 27, 29, 30];

/// Record types that only one of them has: intentions became config entries; metadata and virtual
/// IPs are newer.
fn own_types(server: &str) -> &'static [u8] {
    if server == "consul-1.8.7" { &[12] } else { &[31, 32, 33] }
}

fn by_kind(records: &[u8]) -> BTreeMap<Kind, Vec<Frame<'_>>> {
    let mut kinds = BTreeMap::<Kind, Vec<Frame<'_>>>::new();
    for frame in frames(records) {
        kinds.entry(frame.kind).or_default().push(frame);
    }
    kinds
}

/// The paths at which two values differ.
fn first_difference(a: &[u8], b: &[u8]) -> String {
    let (Ok(Value::Map(x)), Ok(Value::Map(y))) = (Value::read(a), Value::read(b)) else {
        if let (Ok(Value::Raw(x)), Ok(Value::Raw(y))) = (Value::read(a), Value::read(b))
            && x.len() > 100
        {
            let at = x.iter().zip(y).position(|(x, y)| x != y).unwrap_or(x.len().min(y.len()));
            let near = |text: &[u8]| {
                text[at.saturating_sub(40)..(at + 40).min(text.len())].escape_ascii().to_string()
            };
            return format!("at {at}: {} -- {}", near(x), near(y));
        }
        return format!("{} -- {}", show(a), show(b));
    };
    let bytes = |map: &[u8], name: &[u8]| {
        let Ok(Value::Map(entries)) = Value::read(map) else { return vec![0xc0] };
        let mut cursor = Cursor::starting_at(map, entries.at());
        for _ in 0..entries.len() {
            let key = cursor.value().unwrap();
            let value = cursor.take_bytes().unwrap();
            if matches!(key, Value::Raw(key) if key == name) {
                return value.to_vec();
            }
        }
        vec![0xc0]
    };
    for pair in x.chain(y) {
        if let (Value::Raw(name), _) = pair.unwrap() {
            let (x, y) = (bytes(a, name), bytes(b, name));
            if !same(&x, &y) {
                return format!("{}: {}", name.escape_ascii(), first_difference(&x, &y));
            }
        }
    }
    "fields are missing".to_owned()
}

fn show(bytes: &[u8]) -> String {
    let text = Value::read(bytes).map_or(String::new(), show_value);
    text.chars().take(300).collect()
}

fn show_value(value: Value<'_>) -> String {
    match value {
        Value::Raw(bytes) => format!("\"{}\"", bytes.get(..60).unwrap_or(bytes).escape_ascii()),
        Value::Array(items) => {
            format!(
                "[{}]",
                items.map(|item| show_value(item.unwrap())).collect::<Vec<_>>().join(", ")
            )
        }
        Value::Map(entries) => {
            let pairs = entries.map(|pair| {
                let (key, value) = pair.unwrap();
                format!("{}: {}", show_value(key), show_value(value))
            });
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn rolled_forward_a_snapshot_is_the_servers_own() {
    let mut failures = Vec::new();
    for server in SERVERS {
        let (_dir, log) = log(server);
        let snapshots: Vec<Snapshot> =
            (0..5).map(|number| Snapshot::read(server, number)).collect();
        let empty = Snapshot::empty();
        let mut pairs: Vec<(&Snapshot, &Snapshot)> = Vec::new();
        for target in &snapshots {
            pairs.push((&empty, target));
            pairs.extend(
                snapshots
                    .iter()
                    .filter(|base| base.index <= target.index)
                    .map(|base| (base, target)),
            );
        }
        let mut table = Figures::default();
        for (base, target) in pairs {
            let (header, records, inexact) = roll(&log, base, target.index);
            let number =
                |of: &Snapshot| match snapshots.iter().position(|own| own.index == of.index) {
                    Some(number) => format!("s{number}"),
                    None => "empty".to_owned(),
                };
            table.add(
                format!("{:>5}->{}", number(base), number(target)),
                figures(&records, &target.records),
            );
            let lines = differences(&records, &target.records);
            let place = format!("{server} {} -> {}", base.index, target.index);
            if header != target.header {
                failures.push(format!("{place}: header {header:x?} {:x?}", target.header));
            }
            failures.extend(lines.into_iter().map(|line| format!("{place}: {line}")));
            if !inexact.is_empty() {
                failures.push(format!("{place}: {inexact:?}"));
            }
        }
        table.print(server);
        for kind in TYPES.iter().chain(own_types(server)) {
            if !table.rows.contains_key(&Kind(*kind)) {
                failures.push(format!("{server}: no record of type {kind} was compared"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
