//! Runs the binary against `igzip -dc` and `gzip -dc` on the same file, in turn, and writes the
//! table of docs/performance.md.
//!
//!     cargo bench --bench side_by_side -- [--bytes 1GiB] [--rounds 5] [--consul PATH] [--write] [--only WORD]
//!
//! Absolute times say little on a machine shared with others; the ratios, taken round by round
//! against the reference that ran right before, say what one waits for. CPU time and peak memory
//! are the operating system's own accounts of each finished process.

#![allow(clippy::print_stdout)] // the table is what it is run for

mod measuring;

use measuring::{Failure, Run, cpu_model, make, measure, median, parse_bytes, write_to_page};
use snapscope_testkit::generate::{Form, GenerateOptions, write_drift, write_to};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A command that is measured.
struct Contender {
    name: &'static str,
    words: Vec<String>,
    /// What the issue it belongs to asks for, as a multiple of the reference.
    limit: Option<f64>,
    /// Name of the contender it is compared with.
    against: &'static str,
    runs: Vec<Run>,
}

fn main() -> Result<(), Failure> {
    let mut bytes = 1u64 << 30;
    let mut rounds = 5usize;
    let mut consul: Option<String> = None;
    let mut only: Option<String> = None;
    let mut write = false;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--bytes" => bytes = parse_bytes(&value()?).ok_or("--bytes takes 64MiB, 1GiB, ...")?,
            "--rounds" => rounds = value()?.parse()?,
            "--consul" => consul = Some(value()?),
            "--only" => only = Some(value()?),
            "--write" => write = true,
            "--make" => return made(&args.collect::<Vec<_>>()),
            // What cargo bench itself adds.
            "--bench" => {}
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    let folder = tempfile::tempdir()?;
    println!("generating {bytes} bytes of state ...");
    let at = folder.path().display().to_string();
    let records: u64 = make(&["snapshots", &at, &bytes.to_string()])?.parse()?;
    let [snap, state, changed] = FILES.map(|name| folder.path().join(name));

    let mut contenders = contenders(&snap, &state, &changed, consul.as_deref());
    contenders.extend(of_objects(&snap, folder.path())?);
    contenders.extend(of_copies(&snap, folder.path()));
    let is_asked_for = |name: &str| only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    if is_asked_for(HISTORY) {
        println!("generating {SERIES} snapshots of {SERIES_BYTES} bytes of state ...");
        contenders.extend(of_a_series(&folder.path().join("series"))?);
    }
    // References stay: everything is compared with one of them.
    let kept = contenders.iter().filter(|c| is_asked_for(c.name));
    let references: Vec<&str> = kept.map(|c| c.against).chain([IGZIP, INSPECT]).collect();
    contenders.retain(|c| is_asked_for(c.name) || references.contains(&c.name));
    for round in 0..=rounds {
        for contender in &mut contenders {
            // An export is made anew: to free what stood there before would be part of its time.
            for out in EXPORTS.map(out_of).into_iter().chain(COPIES.map(str::to_owned)) {
                let out = folder.path().join(out);
                let _ = fs::remove_file(&out).or_else(|_| fs::remove_dir_all(&out));
            }
            let run = measure(&contender.words)?;
            // The first round only warms up.
            if round > 0 {
                contender.runs.push(run);
            }
        }
    }
    let table = table(&contenders, bytes, records, fs::metadata(&snap)?.len(), rounds);
    println!("{table}");
    if write {
        write_to_page("side_by_side", &table)?;
    }
    Ok(())
}

/// A snapshot, its state.bin, and a snapshot of which 1 % is another.
const FILES: [&str; 3] = ["big.snap", "big.state.bin", "changed.snap"];

/// Makes what is measured, as its own process is asked to: prints how many records a snapshot has, or
/// the key whose history is asked for.
fn made(words: &[String]) -> Result<(), Failure> {
    let [what, folder, bytes] = words else { return Err("--make WHAT FOLDER BYTES".into()) };
    let options = GenerateOptions { bytes: bytes.parse()?, ..GenerateOptions::default() };
    let folder = Path::new(folder);
    if what == "series" {
        let (_, key) = write_drift(&options, SERIES, folder)?;
        println!("{}", String::from_utf8(key)?);
        return Ok(());
    }
    let [snap, state, changed] = FILES.map(|name| folder.join(name));
    let (_, made) = write_to(&options, Form::Snap, &snap)?;
    write_to(&options, Form::State, &state)?;
    write_to(&GenerateOptions { changed: 1, ..options }, Form::Snap, &changed)?;
    println!("{}", made.records);
    Ok(())
}

/// New files that are written.
const COPIES: [&str; 4] = ["packed.gz", "packed.snap", "kv.snap", "redacted.snap"];

/// What verifies a snapshot, and what makes others of it. Of these a plan takes about as long as `inspect`; after
/// it the fastest known inflater and a parallel gzip are what writing is compared with.
fn of_copies(snap: &Path, folder: &Path) -> Vec<Contender> {
    let ours = env!("CARGO_BIN_EXE_snapscope");
    let file = snap.display().to_string();
    let out = |name: &str| folder.join(name).display().to_string();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let contender =
        |name, words, limit, against| Contender { name, words, limit, against, runs: Vec::new() };
    let both = r#""$0" inspect "$1" >/dev/null && igzip -dc "$1" | pigz -p2 -6 > "$2""#;
    let [gz, packed, kv, redacted] = COPIES.map(out);
    let writes = |name, args: &[&str], out: &str, limit| {
        let args = [&[ours], args, &[&file, "--out", out]].concat();
        contender(name, words(&args), Some(limit), INSPECT_AND_PACK)
    };
    vec![
        contender("`verify`", words(&[ours, "verify", &file]), Some(1.2), INSPECT),
        contender(
            INSPECT_AND_PACK,
            words(&["sh", "-c", both, ours, &file, &gz]),
            None,
            INSPECT_AND_PACK,
        ),
        writes("`pack`", &["pack"], &packed, 0.9),
        writes("`extract --only kv`", &["extract", "--only", "kv"], &kv, 0.9),
        writes("`redact`", &["redact"], &redacted, 0.9),
    ]
}

/// What everything is compared with, or with something that is compared with it.
const IGZIP: &str = "`igzip -dc`";
const INSPECT: &str = "`inspect` of the .snap";
const TWICE: &str = "two `inspect`s of it at once";
const BOTH: &str = "`inspect` of it and of another at once";
const HISTORY: &str = "`history` of a key over them";
const INSPECT_AND_PACK: &str = "`inspect`, then `igzip -dc` into `pigz -p2 -6`";
const INSPECTS: &str = "100 `inspect`s of 10 MiB in a row";
/// Snapshots of the series that `history` reads, and bytes of state in each.
const SERIES: u64 = 100;
const SERIES_BYTES: u64 = 10 << 20;

/// The history of a key over a series, against looking at the snapshots one after another.
fn of_a_series(folder: &Path) -> Result<[Contender; 2], Failure> {
    fs::create_dir_all(folder)?;
    let ours = env!("CARGO_BIN_EXE_snapscope");
    let folder = folder.display().to_string();
    let key = make(&["series", &folder, &SERIES_BYTES.to_string()])?;
    let each = "for file in \"$1\"/*.snap; do \"$0\" inspect \"$file\" || exit; done";
    let inspects = ["sh", "-c", each, ours, &folder].map(str::to_owned).to_vec();
    let history = [ours, "history", "kv", &key, &folder].map(str::to_owned).to_vec();
    let contender =
        |name, words, limit| Contender { name, words, limit, against: INSPECTS, runs: Vec::new() };
    Ok([contender(INSPECTS, inspects, None), contender(HISTORY, history, Some(0.65))])
}

/// Formats that are measured.
const EXPORTS: [&str; 3] = ["jsonl", "csv", "sqlite"];

fn out_of(format: &str) -> String {
    format!("export-{format}")
}

/// What makes objects of records: lists, exports, the audit.
fn of_objects(snap: &Path, folder: &Path) -> Result<Vec<Contender>, Failure> {
    let ours = env!("CARGO_BIN_EXE_snapscope");
    let file = snap.display().to_string();
    let some = ["list", "keys", &file, "--limit", "1000", "-o", "csv"];
    let listed = std::process::Command::new(ours).args(some).output()?;
    let listed = String::from_utf8(listed.stdout)?;
    let key = listed.lines().last().ok_or("the snapshot has no keys")?;
    let contender = |name, args: &[&str], limit| {
        let words = std::iter::once(ours).chain(args.iter().copied()).map(str::to_owned).collect();
        Contender { name, words, limit: Some(limit), against: INSPECT, runs: Vec::new() }
    };
    let export = |name, to, limit| {
        let out = folder.join(out_of(to)).display().to_string();
        contender(name, &["export", &file, "--to", to, "--out", &out], limit)
    };
    Ok(vec![
        contender("`get kv`", &["get", "kv", &file, key], 1.1),
        contender("`list kv --limit 20`", &["list", "kv", &file, "--limit", "20"], 0.1),
        contender("`audit`", &["audit", &file], 3.0),
        export("`export --to jsonl`", "jsonl", 2.0),
        export("`export --to csv`", "csv", 2.5),
        export("`export --to sqlite`", "sqlite", 8.0),
    ])
}

fn contenders(snap: &Path, state: &Path, changed: &Path, consul: Option<&str>) -> Vec<Contender> {
    let ours = env!("CARGO_BIN_EXE_snapscope");
    let words = |program: &str, args: &[&str], file: &Path| -> Vec<String> {
        let mut words = vec![program.to_owned()];
        words.extend(args.iter().map(|arg| (*arg).to_owned()));
        words.push(file.display().to_string());
        words
    };
    let contender =
        |name, words, limit, against| Contender { name, words, limit, against, runs: Vec::new() };
    let shell = |script: &str, other: &Path| -> Vec<String> {
        let files = [snap, other].map(|path| path.display().to_string());
        let words = ["sh", "-c", script, ours].map(str::to_owned);
        words.into_iter().chain(files).collect()
    };
    let both = r#""$0" inspect "$1" & "$0" inspect "$2"; wait"#;
    // Differences are no failure.
    let diff = r#""$0" diff --stat "$1" "$2" || [ $? = 1 ]"#;
    let mut all = vec![
        contender(IGZIP, words("igzip", &["-dc"], snap), None, IGZIP),
        contender(INSPECT, words(ours, &["inspect"], snap), Some(1.3), IGZIP),
        contender(TWICE, shell(both, snap), None, INSPECT),
        contender(BOTH, shell(both, changed), None, INSPECT),
        contender("`diff` with itself", shell(diff, snap), Some(1.1), TWICE),
        contender("`diff` with 1 % changed", shell(diff, changed), Some(1.3), BOTH),
        contender(
            "`inspect` of its state.bin",
            words(ours, &["inspect"], state),
            Some(0.15),
            IGZIP,
        ),
        contender(
            "`breakdown --by prefix`",
            words(ours, &["breakdown", "--by", "prefix"], snap),
            Some(1.2),
            INSPECT,
        ),
        contender("`top`", words(ours, &["top"], snap), None, INSPECT),
        contender("`inspect --more`", words(ours, &["inspect", "--more"], snap), None, INSPECT),
        contender("`decode`", words(ours, &["decode"], snap), Some(2.0), INSPECT),
        contender("`gzip -dc`", words("gzip", &["-dc"], snap), None, IGZIP),
    ];
    if let Some(consul) = consul {
        let args = ["snapshot", "inspect"];
        all.push(contender("`consul snapshot inspect`", words(consul, &args, snap), None, IGZIP));
    }
    all
}

fn table(contenders: &[Contender], bytes: u64, records: u64, packed: u64, rounds: usize) -> String {
    let mut out = String::new();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let _ = writeln!(
        out,
        "{} with {cores} cores; state.bin {bytes} bytes, {records} records, .snap {packed} bytes; \
         {rounds} rounds in turn after one to warm up, medians.\n",
        cpu_model()
    );
    out.push_str("| command | wall s | CPU s | peak MiB | ratio of wall | lowest, highest | limit | against |\n");
    out.push_str("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n");
    for contender in contenders {
        let Some(reference) = contenders.iter().find(|c| c.name == contender.against) else {
            continue;
        };
        let mut ratios: Vec<f64> = contender
            .runs
            .iter()
            .zip(&reference.runs)
            .map(|(ours, theirs)| ours.wall.as_secs_f64() / theirs.wall.as_secs_f64())
            .collect();
        ratios.sort_by(f64::total_cmp);
        let figure =
            |of: fn(&Run) -> f64| median(contender.runs.iter().map(of).collect()).unwrap_or(0.0);
        let _ = writeln!(
            out,
            "| {} | {:.2} | {:.2} | {:.0} | {:.2} | {:.2}, {:.2} | {} | {} |",
            contender.name,
            figure(|run| run.wall.as_secs_f64()),
            figure(|run| run.cpu.as_secs_f64()),
            figure(|run| {
                #[allow(clippy::cast_precision_loss)]
                let kib = run.peak_kib as f64;
                kib / 1024.0
            }),
            median(ratios.clone()).unwrap_or(0.0),
            ratios.first().unwrap_or(&0.0),
            ratios.last().unwrap_or(&0.0),
            contender.limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string()),
            reference.name,
        );
    }
    out
}
