//! The Raft log: a million entries listed, and a hundred thousand applied to a large snapshot.
//!
//!     cargo bench --bench raft_log -- [--rounds 3] [--entries 1000000] [--bytes 1GiB] [--write]

#![allow(clippy::print_stdout)] // the table is what it is run for

#[allow(dead_code)] // shared with other benches
mod measuring;

use measuring::{Arguments, Failure, Run, make, measure_with, median, touch_memory, write_to_page};
use snapscope_testkit::ConsulVersion;
use snapscope_testkit::generate::{Container, GenerateOptions, write_to};
use snapscope_testkit::raftlog::{WalOptions, Writes, write_bolt, write_wal};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

const SNAPSCOPE: &str = env!("CARGO_BIN_EXE_snapscope");

/// Entries that are applied to the large snapshot.
const APPLIED: u64 = 100_000;
/// A list of a log takes at most this many times as long as `decode` of as many bytes.
const MOST_OF_DECODE: f64 = 2.0;
const MOST_MIB: u64 = 64;
/// A state in a log takes at most this many times as long as `inspect` of the snapshot before.
const MOST_OF_INSPECT: f64 = 3.0;

/// What is measured against what.
struct Case {
    name: String,
    words: Vec<String>,
    against: (&'static str, Vec<String>),
    limit: Option<f64>,
    most_mib: Option<u64>,
    /// Size of the file that it writes.
    writes: Option<u64>,
}

fn words(text: &str, paths: &[&Path]) -> Vec<String> {
    let mut paths = paths.iter();
    let word = |word: &str| match word {
        "PATH" => paths.next().map_or_else(String::new, |path| path.display().to_string()),
        word => word.to_owned(),
    };
    std::iter::once(SNAPSCOPE.to_owned()).chain(text.split(' ').map(word)).collect()
}

/// Makes a file, as its own process is asked to.
fn made(words: &[String]) -> Result<(), Failure> {
    let [what, path, number, rest @ ..] = words else { return Err("--make WHAT PATH N".into()) };
    let (path, number) = (Path::new(path), number.parse::<u64>()?);
    match (what.as_str(), rest) {
        ("snapshot", []) => {
            let options = GenerateOptions { bytes: number, ..GenerateOptions::default() };
            let (_, made) = write_to(&options, Container::Snap, path)?;
            // What the index in meta.json is.
            println!("{}", made.last_index + 3);
        }
        ("raft.db", []) => {
            let writes = Writes::new(ConsulVersion::V1_8_7, 1, 1);
            write_bolt(path, writes.take(usize::try_from(number)?))?;
        }
        ("wal", []) => {
            let writes = Writes::new(ConsulVersion::V1_21_4, 1, 1);
            write_wal(path, writes.take(usize::try_from(number)?), WalOptions::default())?;
        }
        ("after", [first, keys, nodes]) => {
            let lines = |path: &str| -> Result<Vec<String>, Failure> {
                Ok(fs::read_to_string(path)?.lines().map(str::to_owned).collect())
            };
            let nodes = lines(nodes)?.into_iter().filter_map(|line| {
                line.split_once(' ').map(|(name, id)| (name.to_owned(), id.to_owned()))
            });
            let writes = Writes::new(ConsulVersion::V1_8_7, first.parse()?, 2)
                .to(lines(keys)?, nodes.collect());
            write_bolt(path, writes.take(usize::try_from(number)?))?;
        }
        _ => return Err(format!("{what} is nothing to make").into()),
    }
    Ok(())
}

/// Fields of what a command lists, one line for each object.
fn listed(words: &[String], fields: &[&str], into: &Path) -> Result<(), Failure> {
    let output = Command::new(&words[0]).args(&words[1..]).output()?;
    let mut text = String::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let object: serde_json::Value = serde_json::from_str(line)?;
        let values = fields.iter().map(|field| object[field].as_str().unwrap_or_default());
        let _ = writeln!(text, "{}", values.collect::<Vec<_>>().join(" "));
    }
    Ok(fs::write(into, text)?)
}

fn lists(folder: &Path, entries: u64) -> Result<Vec<Case>, Failure> {
    let mut cases = Vec::new();
    for store in ["raft.db", "wal"] {
        let path = folder.join(store);
        make(&[store, &path.display().to_string(), &entries.to_string()])?;
        let size = |path: &Path| fs::metadata(path).map(|file| file.len());
        let bytes = match path.is_dir() {
            false => size(&path)?,
            true => fs::read_dir(&path)?.map(|file| size(&file?.path())).sum::<Result<u64, _>>()?,
        };
        let snapshot = folder.join(format!("{store}.snap"));
        make(&["snapshot", &snapshot.display().to_string(), &bytes.to_string()])?;
        for flags in [" --no-effects", ""] {
            cases.push(Case {
                name: format!(
                    "`log -o jsonl{flags}` of {entries} entries, {store}, {} MiB",
                    bytes >> 20
                ),
                words: words(&format!("log -o jsonl{flags} PATH"), &[&path]),
                against: ("`decode` of as many bytes", words("decode PATH", &[&snapshot])),
                limit: Some(MOST_OF_DECODE),
                most_mib: Some(MOST_MIB),
                writes: None,
            });
        }
    }
    Ok(cases)
}

fn states(folder: &Path, bytes: u64) -> Result<Vec<Case>, Failure> {
    let snapshot = folder.join("large.snap");
    let name = snapshot.display().to_string();
    let index: u64 = make(&["snapshot", &name, &bytes.to_string()])?.parse()?;
    let (keys, nodes) = (folder.join("keys"), folder.join("nodes"));
    listed(&words("list kv -o jsonl --limit 20000 PATH", &[&snapshot]), &["Key"], &keys)?;
    listed(&words("list nodes -o jsonl --limit 50 PATH", &[&snapshot]), &["Node", "ID"], &nodes)?;
    let log = folder.join("raft").join("raft.db");
    fs::create_dir_all(folder.join("raft"))?;
    let text = |path: &Path| path.display().to_string();
    make(&[
        "after",
        &text(&log),
        &APPLIED.to_string(),
        &(index + 1).to_string(),
        &text(&keys),
        &text(&nodes),
    ])?;
    let out = folder.join("out.snap");
    let case = |level: u8, limit| Case {
        name: format!("`at --level {level}` of {APPLIED} entries over {} MiB", bytes >> 20),
        words: words(
            &format!(
                "at --index {} --log PATH --level {level} --force --out PATH PATH",
                index + APPLIED
            ),
            &[&log, &out, &snapshot],
        ),
        against: ("`inspect` of the snapshot", words("inspect PATH", &[&snapshot])),
        limit,
        most_mib: None,
        writes: Some(bytes),
    };
    Ok(vec![case(0, Some(MOST_OF_INSPECT)), case(1, None), case(6, None)])
}

fn main() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if let Some(words) = arguments.to_make() {
        return made(words);
    }
    let rounds = arguments.number("--rounds", 3usize)?;
    let entries = arguments.number("--entries", 1_000_000u64)?;
    let bytes = arguments.bytes("--bytes", 1 << 30)?;
    let write = arguments.flag("--write");
    arguments.end()?;
    let folder = tempfile::tempdir()?;
    let mut table = String::from(
        "| command | wall s | CPU s | peak MiB | ratio of wall | limit | against |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | --- |\n",
    );
    let mut failed = Vec::new();
    for case in lists(folder.path(), entries)?.into_iter().chain(states(folder.path(), bytes)?) {
        let (mut runs, mut ratios): (Vec<Run>, Vec<f64>) = (Vec::new(), Vec::new());
        for round in 0..=rounds {
            // An index table of a version that was not compared is said not to be exact.
            if let Some(bytes) = case.writes {
                touch_memory(folder.path(), bytes)?;
            }
            let own = measure_with(&case.words, &[0, 3])?;
            let other = measure_with(&case.against.1, &[0])?;
            if round > 0 {
                ratios.push(own.wall.as_secs_f64() / other.wall.as_secs_f64());
                runs.push(own);
            }
        }
        let wall = median(runs.iter().map(|run| run.wall.as_secs_f64()).collect()).unwrap_or(0.0);
        let cpu = median(runs.iter().map(|run| run.cpu.as_secs_f64()).collect()).unwrap_or(0.0);
        let peak = runs.iter().map(|run| run.peak_kib >> 10).max().unwrap_or(0);
        let ratio = median(ratios).unwrap_or(0.0);
        let limit = case.limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
        let line = format!(
            "| {} | {wall:.2} | {cpu:.2} | {peak} | {ratio:.2} | {limit} | {} |",
            case.name, case.against.0
        );
        println!("{line}");
        let _ = writeln!(table, "{line}");
        let is_over = case.limit.is_some_and(|limit| ratio > limit);
        if is_over || case.most_mib.is_some_and(|most| peak > most) {
            failed.push(line);
        }
    }
    if write {
        write_to_page("raft_log", &table)?;
    }
    match failed.as_slice() {
        [] => Ok(()),
        lines => Err(format!("over a limit:\n{}", lines.join("\n")).into()),
    }
}
