//! One run of a process: time, processor time, memory.

mod arguments;

pub(crate) use arguments::Arguments;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wait4::Wait4 as _;

pub(crate) type Failure = Box<dyn std::error::Error>;

/// One run of a process.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) peak_kib: u64,
}

/// Runs a command.
pub(crate) fn measure(words: &[String]) -> Result<Run, Failure> {
    measure_with(words, &[0])
}

/// Runs a command, which has to end with one of these codes.
pub(crate) fn measure_with(words: &[String], codes: &[i32]) -> Result<Run, Failure> {
    let (program, args) = words.split_first().ok_or("no command")?;
    let start = Instant::now();
    let mut child =
        Command::new(program).args(args).stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let ended = child.wait4()?;
    let wall = start.elapsed();
    if !ended.status.code().is_some_and(|code| codes.contains(&code)) {
        return Err(format!("{} ended with {}", words.join(" "), ended.status).into());
    }
    let usage = ended.rusage;
    Ok(Run { wall, cpu: usage.utime + usage.stime, peak_kib: usage.maxrss / 1024 })
}

/// Runs this bench's own program with `--make` and these words, and gives what it prints. What is
/// generated is so by a process of its own: a process counts the memory of the one that started it as
/// its own peak.
pub(crate) fn make(words: &[&str]) -> Result<String, Failure> {
    let this = std::env::current_exe()?;
    let ended = Command::new(this).arg("--make").args(words).stderr(Stdio::inherit()).output()?;
    if !ended.status.success() {
        return Err(format!("generating ended with {}", ended.status).into());
    }
    Ok(String::from_utf8(ended.stdout)?.trim().to_owned())
}

/// Writes a file as large as one that a command is about to write, and removes it. The host of a virtual
/// machine takes back memory that is free for some seconds. To get a gigabyte of it again took 1.7 s on
/// the machine of the tables, which neither program causes.
pub(crate) fn touch_memory(folder: &Path, bytes: u64) -> Result<(), Failure> {
    let path = folder.join("touched");
    let mut file = fs::File::create(&path)?;
    let block = vec![0; 1 << 20];
    for _ in 0..bytes.div_ceil(1 << 20) {
        file.write_all(&block)?;
    }
    Ok(fs::remove_file(path)?)
}

pub(crate) fn median<T: Copy + PartialOrd>(mut values: Vec<T>) -> Option<T> {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values.get(values.len() / 2).copied()
}

pub(crate) fn cpu_model() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    model.unwrap_or("unknown processor").trim().to_owned()
}

/// A bench's table in docs/performance.md.
pub(crate) fn table_of_page(bench: &str) -> Result<String, Failure> {
    Ok(parts_of_page(bench)?[1].clone())
}

/// Puts a bench's table in its place in docs/performance.md.
pub(crate) fn write_to_page(bench: &str, table: &str) -> Result<(), Failure> {
    let [before, _, after] = parts_of_page(bench)?;
    fs::write(page(), format!("{before}{table}{after}"))?;
    Ok(())
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/performance.md")
}

/// The page: what is before the table, the table, and what follows.
fn parts_of_page(bench: &str) -> Result<[String; 3], Failure> {
    let text = fs::read_to_string(page())?;
    let begin = format!("<!-- table: written by the {bench} bench -->\n");
    let start = text.find(&begin).ok_or("the page has no place for the table")? + begin.len();
    let (before, rest) = text.split_at(start);
    let end = rest.find("<!-- end of table -->").ok_or("the table has no end")?;
    let (table, after) = rest.split_at(end);
    Ok([before, table, after].map(str::to_owned))
}
