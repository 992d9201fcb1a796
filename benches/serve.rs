//! A gigabyte in `serve`, the page, `report` and `browse`: when the first answer comes, how long the next ones take.
//!
//!     cargo bench --bench serve -- [--rounds 3] [--bytes 1GiB] [--keys 5000000] [--write]

#![allow(clippy::print_stdout)] // the table is what it is run for
#![allow(clippy::cast_precision_loss)] // of sizes that are printed with few digits

#[allow(dead_code)] // shared with other benches
mod measuring;

use measuring::{Arguments, Failure, make, measure, median, touch_memory, write_to_page};
use serde_json::{Value, json};
use snapscope_testkit::adversarial::Shape;
use snapscope_testkit::browser::Browser;
use snapscope_testkit::generate::{Container, GenerateOptions, write_to};
use snapscope_testkit::http::request;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const SNAPSCOPE: &str = env!("CARGO_BIN_EXE_snapscope");

/// The first answer takes at most this many times as long as `inspect`.
const FIRST: f64 = 1.3;
/// Each next answer, in milliseconds.
const NEXT_MS: f64 = 5.0;
/// The page and the report, in times of `inspect`.
const PAGE: f64 = 2.0;
/// Memory that is not a copy of the file's pages.
const OWN_MIB: f64 = 256.0;
/// Number of keys that are asked for.
const ASKED: usize = 1_000;

/// What was measured, in a unit, and its limit.
struct Row {
    name: String,
    value: f64,
    unit: &'static str,
    limit: Option<f64>,
}

/// A server that runs.
struct Serving {
    child: Child,
    address: SocketAddr,
    page: String,
    started: Instant,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    fn start(file: &Path) -> Result<Self, Failure> {
        let started = Instant::now();
        let mut command = Command::new(SNAPSCOPE);
        command.args(["serve", "--no-acl", "--listen", "127.0.0.1:0"]).arg(file);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let mut line = |start: &str| -> Result<String, Failure> {
            let line = lines.next().ok_or("the server ended")??;
            Ok(line.strip_prefix(start).ok_or("an unexpected line")?.to_owned())
        };
        let address = line("Listening on http://")?.parse()?;
        let page = line("Page: ")?;
        Ok(Self { child, address, page, started })
    }

    fn get(&self, path: &str) -> Result<Vec<u8>, Failure> {
        Ok(request(self.address, "GET", path, "", b"")?.ok()?)
    }

    /// Memory of its own, in MiB: not the pages of the mapped copy, which the system can drop.
    fn own_mib(&self) -> Result<f64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kib: f64 = line.ok_or("no RssAnon")?.trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024.0)
    }
}

/// Makes a file, as its own process is asked to.
fn made(words: &[String]) -> Result<(), Failure> {
    let [what, path, number] = words else { return Err("--make WHAT PATH N".into()) };
    let (path, number) = (Path::new(path), number.parse::<u64>()?);
    match what.as_str() {
        "snapshot" => {
            let options = GenerateOptions { bytes: number, ..GenerateOptions::default() };
            write_to(&options, Container::Snap, path)?;
        }
        "keys" => Shape::named("keys in order").write_to(number, path)?,
        _ => return Err(format!("{what} is nothing to make").into()),
    }
    Ok(())
}

/// Keys from everywhere in a snapshot.
fn keys(file: &Path) -> Result<Vec<String>, Failure> {
    let output =
        Command::new(SNAPSCOPE).args(["list", "keys", "-o", "jsonl"]).arg(file).output()?;
    let text = String::from_utf8(output.stdout)?;
    let all: Vec<&str> = text.lines().collect();
    let step = (all.len() / ASKED).max(1);
    let key = |line: &&str| -> Result<String, Failure> {
        let object: Value = serde_json::from_str(line)?;
        Ok(object["Key"].as_str().ok_or("no key")?.to_owned())
    };
    all.iter().step_by(step).map(key).collect()
}

/// Asks for keys; how long each answer took, in milliseconds.
fn times_of(server: &Serving, keys: &[String]) -> Result<Vec<f64>, Failure> {
    let mut times = Vec::with_capacity(keys.len());
    for key in keys {
        let begun = Instant::now();
        server.get(&format!("/v1/kv/{key}"))?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// How long the page takes in a browser from the address until it shows the numbers, in seconds.
fn page(browser: &Browser, server: &Serving) -> f64 {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/page/drive.cjs");
    let steps =
        json!([["goto", server.page], ["wait", ".view .cards"], ["eval", "performance.now()"]]);
    let seen = browser.run(&script, &steps);
    seen["results"][2].as_f64().unwrap_or(f64::NAN) / 1e3
}

/// How long `browse` takes until it lists the types of records. `script` gives it a terminal.
fn browse(file: &Path) -> Result<f64, Failure> {
    let begun = Instant::now();
    let words = format!("stty cols 100 rows 30; {SNAPSCOPE} browse '{}'", file.display());
    let mut command = Command::new("script");
    command.args(["-qec", &words, "/dev/null"]).env("TERM", "xterm-256color");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut out = child.stdout.take().ok_or("no output")?;
    let (mut all, mut buf) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&all).contains("KVS") {
        match out.read(&mut buf)? {
            0 => return Err("browse ended".into()),
            n => all.extend_from_slice(&buf[..n]),
        }
    }
    let took = begun.elapsed().as_secs_f64();
    child.stdin.take().ok_or("no input")?.write_all(b"q")?;
    // The rest of its output would block its end.
    thread::spawn(move || out.read_to_end(&mut Vec::new()));
    child.wait()?;
    Ok(took)
}

fn of_inspect(name: &str, value: f64, limit: Option<f64>) -> Row {
    Row { name: name.to_owned(), value, unit: "x `inspect`", limit }
}

fn rows(folder: &Path, rounds: usize, bytes: u64, count: u64) -> Result<Vec<Row>, Failure> {
    let file = folder.join("large.snap");
    make(&["snapshot", &file.display().to_string(), &bytes.to_string()])?;
    let words = |words: &[&str]| -> Vec<String> {
        let file = file.display().to_string();
        [SNAPSCOPE].iter().chain(words).map(|word| (*word).to_owned()).chain([file]).collect()
    };
    let keys = keys(&file)?;
    let browser = Browser::find();
    let report = folder.join("report.html").display().to_string();
    let [mut first, mut median_ms, mut slow_ms, mut shown, mut reports, mut opened] =
        [const { Vec::new() }; 6];
    let mut own: f64 = 0.0;
    for round in 0..=rounds {
        let inspect = measure(&words(&["inspect"]))?.wall.as_secs_f64();
        touch_memory(folder, bytes)?;
        let server = Serving::start(&file)?;
        server.get(&format!("/v1/kv/{}", keys[keys.len() / 2]))?;
        let ready = server.started.elapsed().as_secs_f64();
        let times = times_of(&server, &keys)?;
        own = own.max(server.own_mib()?);
        let page = browser.as_ref().map(|browser| page(browser, &server));
        drop(server);
        let inspect_again = measure(&words(&["inspect"]))?.wall.as_secs_f64();
        let inspect = inspect.min(inspect_again);
        let written = measure(&words(&["report", "--force", "--out", &report]))?.wall;
        touch_memory(folder, bytes)?;
        let browsed = browse(&file)?;
        if round > 0 {
            first.push(ready / inspect);
            median_ms.push(times[times.len() / 2]);
            slow_ms.push(times[times.len() * 99 / 100]);
            shown.extend(page.map(|page| (ready + page) / inspect));
            reports.push(written.as_secs_f64() / inspect);
            opened.push(browsed / inspect);
        }
    }
    let mid = |values: Vec<f64>| median(values).unwrap_or(f64::NAN);
    let mut rows = vec![
        of_inspect("`serve`: the first answer of `/v1/kv/KEY`", mid(first), Some(FIRST)),
        Row {
            name: format!("the next {} keys: median", keys.len()),
            value: mid(median_ms),
            unit: "ms",
            limit: None,
        },
        Row {
            name: "the slowest of a hundred".to_owned(),
            value: mid(slow_ms),
            unit: "ms",
            limit: Some(NEXT_MS),
        },
        Row {
            name: "memory without the mapped copy".to_owned(),
            value: own,
            unit: "MiB",
            limit: Some(OWN_MIB),
        },
    ];
    if !shown.is_empty() {
        let name = "the page: from the start until the overview is shown in Chromium";
        rows.push(of_inspect(name, mid(shown), Some(PAGE)));
    }
    rows.push(of_inspect("`report`", mid(reports), Some(PAGE)));
    let kb = fs::metadata(&report)?.len() as f64 / 1e3;
    rows.push(Row {
        name: "the report's size".to_owned(),
        value: kb,
        unit: "KB",
        limit: Some(1e3),
    });
    rows.push(of_inspect("`browse`: until the types of records are listed", mid(opened), None));
    fs::remove_file(&file)?;

    let file = folder.join("keys.snap");
    make(&["keys", &file.display().to_string(), &count.to_string()])?;
    let server = Serving::start(&file)?;
    let found: Value = serde_json::from_slice(&server.get("/v1/kv/?keys&separator=/")?)?;
    thread::sleep(Duration::from_millis(200));
    let name = format!(
        "memory with {count} keys, {} of them at the top",
        found.as_array().map_or(0, Vec::len)
    );
    rows.push(Row { name, value: server.own_mib()?, unit: "MiB", limit: Some(OWN_MIB) });
    Ok(rows)
}

fn main() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if let Some(words) = arguments.to_make() {
        return made(words);
    }
    let rounds = arguments.number("--rounds", 3usize)?;
    let count = arguments.number("--keys", 5_000_000u64)?;
    let bytes = arguments.bytes("--bytes", 1 << 30)?;
    let write = arguments.flag("--write");
    arguments.end()?;
    let folder = tempfile::tempdir()?;
    let mut table =
        String::from("| what | measured | unit | limit |\n| --- | ---: | --- | ---: |\n");
    let mut failed = Vec::new();
    for Row { name, value, unit, limit } in rows(folder.path(), rounds, bytes, count)? {
        let limited = limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
        let line = format!("| {name} | {value:.2} | {unit} | {limited} |");
        println!("{line}");
        let _ = writeln!(table, "{line}");
        if limit.is_some_and(|limit| value > limit) {
            failed.push(line);
        }
    }
    if write {
        write_to_page("serve", &table)?;
    }
    match failed.as_slice() {
        [] => Ok(()),
        lines => Err(format!("over a limit:\n{}", lines.join("\n")).into()),
    }
}
